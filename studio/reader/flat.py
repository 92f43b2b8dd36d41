"""Flat records under the same keys, as most files hold them, decoded to columns: strings, numbers, booleans.

    {"question": "What is LoRA?", "score": 2.50}   →   question: ["What is LoRA?", …], score: ["2.50", …]

Arrow's JSON reader decodes the strings, on all cores. It refuses what is not JSON, duplicate keys and values
of another type, which it is asked to show before it is trusted; a missing key it gives as a null, and at
UTF-8 it does not look. Other values are taken in their spelling from the strict decoder, and so is whatever
is not plain.
"""

from collections.abc import Iterable, Mapping
from functools import cache

import pyarrow as pa
from pyarrow import json as arrow_json

from studio.reader.strict import Fault, RecordDecoder, count_colons, decode_spellings, is_utf_8
from studio.table import Typed
from studio.table.columns import BlockType, build_series

_ENOUGH_BYTES = 1 << 20  # fewer are not worth a block of columns of their own
_PIECE_BYTES = 1 << 20  # what one core takes at a time; longer lines are not taken
_TEXT = pa.large_string()
_TYPES = {b'"': _TEXT, b"n": _TEXT, b"t": pa.bool_(), b"f": pa.bool_()}
_REFUSED = (
    b'{"a": "x", "a": "y", "b": 1}',
    b'{"a": null, "a": "x", "b": 1}',
    b'{"a": "x", "b": 1, "b": null}',
    b'{"a": "x", "b": 1, "\\u0061": "y"}',
    b'{"a": "x", "b": 1, "c": "y"}',
    b'{"a": 1, "b": 1}',
    b'{"a": "x", "b": "1"}',
    b'{"a": NaN, "b": 1}',
    b'{"a": [], "b": 1}',
    b'{"a": "x", "b": {}}',
    b'{"a": "\\ud800", "b": 1}',
    b'{"a": "\\udc00", "b": 1}',
    b'{"a": "\x01", "b": 1}',
    b'{"a": "\\x41", "b": 1}',
    b'{"a": "x", "b": 1,}',
    b'{"a": "x", /**/ "b": 1}',
)


class FlatDecoder:
    """Decodes lines while they are such records, and gives up on a source where they often are not."""

    def __init__(self, decoder: RecordDecoder) -> None:
        self._decoder = decoder
        self._taken = self._refused = 0

    def decode(self, text: bytes, count: int) -> Typed | None:
        """The columns of `count` lines that are braced; None when one of them is no such record."""
        if len(text) < _ENOUGH_BYTES or self._refused > 2 + self._taken // 4 or not _is_strict():
            return None
        columns = decode_flat(text, count, self._guess_types(text))
        self._taken += columns is not None
        self._refused += columns is None
        return columns

    def _guess_types(self, text: bytes) -> Mapping[str, pa.DataType]:
        """What the values of the first line tell; none when they cannot be taken."""
        try:
            end = text.find(b"\n")
            fields = self._decoder.decode(text[:end] if end >= 0 else text)
        except Fault:
            return {}
        firsts = {name: bytes(value)[:1] for name, value in fields.items()}
        if b"{" in firsts.values() or b"[" in firsts.values():
            return {}
        return {name: _TYPES.get(first, pa.float64()) for name, first in firsts.items()}


def decode_flat(text: bytes, count: int, types: Mapping[str, pa.DataType]) -> Typed | None:
    """The columns of `count` lines that are braced; None when one is not a record of just these types."""
    if not types or any("\0" in name or ":" in name for name in types) or not is_utf_8(text):
        return None
    table = _parse(text, pa.schema(list(types.items())))
    if table is None or len(table) != count:
        return None
    texts = {name: table.column(name).chunk(0) for name, kind in types.items() if kind == _TEXT}
    if any(column.null_count for column in table.columns) and _may_miss(
        text, count * len(types), texts.values()
    ):
        return None
    others = [name for name in types if name not in texts]
    records = decode_spellings(text) if others else ()
    if records is None:
        return None
    spelled = {name: build_series([fields[name] for fields in records]) for name in others}
    return {name: spelled[name] if name in spelled else _as_typed(texts[name]) for name in types}


def _parse(text: bytes, schema: pa.Schema) -> pa.Table | None:
    parse = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    try:
        found = arrow_json.read_json(
            pa.BufferReader(text), arrow_json.ReadOptions(block_size=_PIECE_BYTES), parse
        )
    except pa.ArrowInvalid:
        return None
    return found.combine_chunks()


def _may_miss(text: bytes, fields: int, texts: Iterable[pa.LargeStringArray]) -> bool:
    """Whether a null may be a key that is missing: of so many fields, each has one colon of its own."""
    values = sum(count_colons(array.buffers()[2] or b"") for array in texts)
    return count_colons(text) != fields + values


def _as_typed(texts: pa.LargeStringArray) -> tuple[BlockType, pa.LargeStringArray]:
    return "null" if texts.null_count == len(texts) else "text", texts


@cache
def _is_strict() -> bool:
    """Whether the Arrow that is installed refuses what no part of a record may be."""
    types = {"a": _TEXT, "b": pa.float64()}
    return not any(decode_flat(line, 1, types) for line in _REFUSED)
