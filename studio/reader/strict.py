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
from itertools import chain
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

import msgspec

_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_decode_fields, _decode_lines = _decoder.decode, _decoder.decode_lines

_SPACE = " \t\n\r"
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

    def decode_lines(self, lines: Sequence[bytes]) -> Sequence[Mapping[str, bytes]] | None:
        """What `decode` gives for each of the lines, many times faster; None when one of them is not plain.

        Plain lines begin with { and end with }. No JSON goes on with { on a new line after a }, so that a
        record cannot run over lines, and as many records as lines means one record each.
        """
        text = b"\n".join(lines)
        if not all(line[:1] == b"{" and line.endswith((b"}", b"}\r")) for line in lines):
            return None
        try:
            text.decode("utf-8")
            records = _decode_lines(text)
        except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
            return None
        return records if len(records) == len(lines) and self._are_sound(text, records) else None

    def _are_sound(self, text: bytes, records: Sequence[Mapping[str, bytes]]) -> bool:
        names = set().union(*records)
        if not self._plain_keys.issuperset(names):
            if any(":" in name or "\0" in name for name in names):
                return False
            if len(self._plain_keys) < 10_000:
                self._plain_keys |= names
        values = b"".join(chain.from_iterable(record.values() for record in records))
        # Each field has one colon of its own, so that a dropped duplicate leaves a colon too many.
        if text.count(b":") != sum(map(len, records)) + values.count(b":"):
            return False
        if b"{" not in values and b"[" not in values:
            return True
        return all(self._is_sound(bytes(value)) for record in records for value in record.values())

    def _is_sound(self, value: bytes) -> bool:
        """Whether a valid JSON value is not too deep for sure, and no object in it has two equal keys."""
        if value[:1] not in (b"{", b"["):
            return True
        opened = value.count(b"{")
        if opened + value.count(b"[") >= self._depth:
            return False
        return not opened or _has_unique_keys(value)

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


def _has_unique_keys(value: bytes) -> bool:
    """Whether no object inside a valid JSON value has two equal keys."""
    if value.count(b":") < 2:
        return True
    try:
        _load_strictly(value.decode("utf-8"), 0)
    except (Fault, json.JSONDecodeError):
        return False
    return True


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
