"""One JSON object, strictly: the bytes of a record in, the JSON spelling of each of its values out.

    {"question": "What is LoRA?", "score": 2.50}   →   {"question": '"What is LoRA?"', "score": '2.50'}

A fast decoder (msgspec) takes nearly every record. It changes nothing that it accepts, except that it keeps
the last of two equal keys and does not look at UTF-8 inside values; both are checked here. What it refuses
is read again, character by character with the standard library, which accepts it after all or says in words
what is wrong with it.

Knows nothing of lines, files or tables.
"""

import json
import re
from collections.abc import Mapping, Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa

from studio.reader.lines import Positions

_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_decode_fields, _decode_lines = _decoder.decode, _decoder.decode_lines
_decode_whole = msgspec.json.Decoder().decode_lines
_encode_lines = msgspec.json.Encoder().encode_lines

_SPACE = " \t\n\r"
_ESCAPED_COLON = re.compile(rb"\\u003[aA]")
_STRING_OR_BRACKET = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_KINDS = {"[": "a JSON array", '"': "a JSON string", "t": "true", "f": "false", "n": "null"}


class Fault(ValueError):  # noqa: N818 - a finding about a line, not an error of the program
    """Why bytes are not a record, in words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RecordDecoder:
    """Decodes records up to a nesting of `depth`; the record itself is depth 1."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._plain_keys: set[str] = set()

    def decode(self, line: bytes) -> Mapping[str, bytes]:
        """Name → JSON spelling, in the order of the record; a spelling is bytes or a view of them.

        Raises Fault.
        """
        try:
            line.decode("utf-8")
            fields = _decode_fields(line)
        except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
            return self._decode_exactly(line)
        return fields if self._are_sound(line, [fields]) else self._decode_exactly(line)

    def decode_lines(self, text: bytes, count: int) -> Sequence[Mapping[str, bytes]] | None:
        """What `decode` gives for each of `count` lines that are braced; None when one is not plain."""
        records = decode_spellings(text) if is_utf_8(text) else None
        return records if records and len(records) == count and self._are_sound(text, records) else None

    def _are_sound(self, text: bytes, records: Sequence[Mapping[str, bytes]]) -> bool:
        """Whether no key was dropped as the first of two equal ones, and nothing is too deep for sure.

        Each field has one colon of its own, so that what is written again after a duplicate was dropped has
        a colon less; an escaped colon would make up for it.
        """
        names = set().union(*records)
        if not self._plain_keys.issuperset(names):
            if any(":" in name or "\0" in name for name in names):
                return False
            if len(self._plain_keys) < 10_000:
                self._plain_keys |= names
        colons = count_colons(text)
        spelled = _encode_lines(records)
        if colons != count_colons(spelled):
            return False
        if b'":{' not in spelled and b'":[' not in spelled:
            return True
        if _ESCAPED_COLON.search(text) or not self._is_shallow(text):
            return False
        try:
            return count_colons(_encode_lines(_decode_whole(text))) == colons
        except (msgspec.DecodeError, RecursionError):
            return False

    def _is_shallow(self, text: bytes) -> bool:
        letters = np.frombuffer(text, np.uint8)
        openers = np.flatnonzero((letters | 32) == ord("{"))  # [ is { without this bit
        newlines = np.flatnonzero(letters == ord("\n"))
        last = np.searchsorted(openers, np.append(newlines, len(letters)))
        return bool(np.diff(last, prepend=0).max() <= self._depth)

    def _decode_exactly(self, line: bytes) -> Mapping[str, bytes]:
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Fault(f"not UTF-8 at byte {error.start + 1}") from None
        if text.startswith("\ufeff"):
            raise Fault("a byte order mark (U+FEFF) stands before the object")
        _refuse_depth(text, self._depth)
        try:
            fields = _scan_object(text)
        except json.JSONDecodeError as error:
            raise Fault(_explain(text, error)) from None
        _refuse_lone_surrogate(text)
        return {name: spelling.encode() for name, spelling in fields.items()}


def decode_spellings(text: bytes) -> Sequence[Mapping[str, bytes]] | None:
    """Name → spelling for each object in a text in UTF-8, the last of equal keys; None when it is no JSON."""
    try:
        return _decode_lines(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def count_colons(text: bytes | pa.Buffer) -> int:
    """How many there are: each field of an object has one of its own."""
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == ord(":")))


def is_utf_8(text: bytes) -> bool:
    """Whether the bytes are UTF-8, found without a copy of them."""
    bounds = pa.py_buffer(np.array([0, len(text)], np.int64))
    try:
        pl.Series(
            values=pa.LargeBinaryArray.from_buffers(pa.large_binary(), 1, [None, bounds, pa.py_buffer(text)])
        ).cast(pl.String)
    except pl.exceptions.ComputeError:
        return False
    return True


def are_braced(text: bytes, starts: Positions, ends: Positions) -> bool:
    """Whether each line of the text begins with { and ends with }.

    No JSON goes on with { on a new line after a }, so that a record cannot run over such lines, and as many
    records as lines means one each.
    """
    letters = np.frombuffer(text, np.uint8)
    if not len(letters) or (starts == ends).any():
        return False
    last = letters[ends - 1]
    last = np.where(last == ord("\r"), letters[ends - 2], last)
    return bool((letters[starts] == ord("{")).all() and (last == ord("}")).all())


def _scan_object(text: str) -> dict[str, str]:
    at = _skip_space(text, 0)
    if text[at : at + 1] != "{":
        _refuse_other(text, at)
    fields: dict[str, str] = {}
    at = _skip_space(text, at + 1)
    if text[at : at + 1] == "}":
        at += 1
    else:
        at = _scan_fields(text, at, fields)
    at = _skip_space(text, at)
    if at < len(text):
        raise Fault(f"more text after the object, at character {at + 1}")
    return fields


def _scan_fields(text: str, at: int, fields: dict[str, str]) -> int:
    while True:
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
        name, at = scanstring(text, at + 1, True)
        if "\0" in name:
            raise Fault("a key with a NUL character (U+0000)")
        if name in fields:
            raise Fault(f"duplicate key {json.dumps(name, ensure_ascii=True)}")
        at = _skip_space(text, at)
        if text[at : at + 1] != ":":
            raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
        start = _skip_space(text, at + 1)
        _, end = _load_strictly(text, start)
        fields[name] = text[start:end]
        at = _skip_space(text, end)
        if text[at : at + 1] == "}":
            return at + 1
        if text[at : at + 1] != ",":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
        at = _skip_space(text, at + 1)


def _load_strictly(text: str, at: int) -> tuple[Any, int]:
    return _STRICT.raw_decode(text, at)


def _unique(pairs: list[tuple[str, Any]]) -> None:
    seen = set()
    for name, _ in pairs:
        if name in seen:
            raise Fault(f"duplicate key {json.dumps(name, ensure_ascii=True)}")
        seen.add(name)


def _refuse_constant(name: str) -> NoReturn:
    raise Fault(f"{name} is not JSON")


# Numbers are not converted: Python limits the digits of an integer, JSON does not.
_STRICT = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_int=lambda digits: None,
    parse_float=lambda digits: None,
    parse_constant=_refuse_constant,
)


def _refuse_other(text: str, at: int) -> NoReturn:
    if at == len(text):
        raise Fault("nothing but whitespace")
    _, end = _load_strictly(text, at)
    if _skip_space(text, end) < len(text):
        raise Fault(f"not JSON: more text after a value, at character {_skip_space(text, end) + 1}")
    raise Fault(f"{_KINDS.get(text[at], 'a number')}, not an object")


def _explain(text: str, error: json.JSONDecodeError) -> str:
    if error.pos >= len(text.rstrip(_SPACE)) or error.msg.startswith("Unterminated string"):
        return "ends in the middle of a value"
    what = error.msg.replace(
        "Expecting property name enclosed in double quotes", "expecting a key in double quotes"
    )
    what = what.replace("Expecting ", "expecting ").replace(" delimiter", "")
    if what.startswith("Invalid control character"):
        code = ord(text[error.pos])
        what = f"a raw control character (U+{code:04X}) inside a string"
    return f"not JSON: {what.removesuffix(' at')} at character {error.pos + 1}"


def _refuse_depth(text: str, limit: int) -> None:
    if text.count("[") + text.count("{") <= limit:
        return
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        letter = text[token.start()]
        if letter in "[{":
            depth += 1
            if depth > limit:
                raise Fault(f"nested deeper than {limit}")
        elif letter in "]}":
            depth -= 1


def _refuse_lone_surrogate(text: str) -> None:
    high_end = -1
    for escape in _ESCAPE.finditer(text):
        code = int(escape[1], 16) if escape[1] else 0
        if high_end >= 0 and not (0xDC00 <= code <= 0xDFFF and escape.start() == high_end):
            break
        if 0xDC00 <= code <= 0xDFFF and high_end < 0:
            raise Fault(f"a lone surrogate {escape[0]} at character {escape.start() + 1}")
        high_end = escape.end() if 0xD800 <= code <= 0xDBFF else -1
    if high_end >= 0:
        raise Fault(f"a lone surrogate {text[high_end - 6 : high_end]} at character {high_end - 5}")


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
