"""Arrow types by their printed names, and columns given them again.

    timestamp[us, tz=UTC]    decimal128(20, 2)    list<item: struct<role: string, content: string>>

Knows nothing of tables or of `datasets`.
"""

import json
import re
from datetime import time
from typing import Any

import pyarrow as pa

_PARAMETERS = re.compile(r"timestamp\[(s|ms|us|ns), tz=([^\]]+)\]|(decimal\d+)\((\d+), (-?\d+)\)")
_WORD = re.compile(r"[a-z_]+\d*(?:\[[^\]]*\]|\([^)]*\))?")
_TEXTS = (pa.string(), pa.large_string(), pa.string_view())
_NESTED = ("list<", "large_list<", "fixed_size_list<", "struct<")


def restore_column(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    """The same values in the Arrow type that prints as `name`; as they are when that is not possible.

    Nested values stand as JSON text until then. Texts keep the type in which they are stored.
    """
    kind = parse_type(name)
    if kind is None or kind in (column.type, *_TEXTS):
        return column
    try:
        if pa.types.is_nested(kind):
            return _restore_nested(column, kind)
        if pa.types.is_time(kind) or pa.types.is_duration(kind):  # which Arrow does not read from text
            read = _count_duration if pa.types.is_duration(kind) else time.fromisoformat
            values = [None if text is None else read(text) for text in column.to_pylist()]
            return pa.chunked_array([pa.array(values, kind)])
        return column.cast(kind)
    except (pa.ArrowException, ValueError, TypeError, AttributeError):
        return column


def _count_duration(text: str) -> int:
    """In units of its digits: 93784500 for PT93784.500S."""
    sign, digits = re.fullmatch(r"(-?)PT([\d.]+)S", text).groups()  # type: ignore[union-attr]
    return int(sign + digits.replace(".", ""))


def _restore_nested(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    values = [None if text is None else json.loads(text) for text in column.to_pylist()]
    restored = pa.chunked_array([pa.array(values, kind)])
    # A field's name with a colon in it can be taken for two: nothing is lost only if the same comes back.
    return restored if json.dumps(restored.to_pylist()) == json.dumps(values) else column


def parse_type(name: str) -> pa.DataType | None:
    """The type that prints as `name`; None for one that a text cannot be cast to, such as binary."""
    try:
        kind, rest = _parse(name)
    except ValueError:
        return None
    return kind if not rest else None


def _parse(text: str) -> tuple[pa.DataType, str]:
    """The type at the start of `text`, and what follows it. Raises ValueError."""
    opening = next((word for word in _NESTED if text.startswith(word)), None)
    if opening is not None:
        return _parse_nested(opening, text.removeprefix(opening))
    word = _WORD.match(text)
    if word is None:
        raise ValueError(text)
    return _parse_plain(word[0]), text[word.end() :]


def _parse_plain(word: str) -> pa.DataType:
    found = _PARAMETERS.fullmatch(word)
    if found is None:
        kind = pa.type_for_alias(word)
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_null(kind):
            raise ValueError(word)
        return kind
    if found[1]:
        return pa.timestamp(found[1], tz=found[2])
    return getattr(pa, found[3])(int(found[4]), int(found[5]))


def _parse_nested(opening: str, rest: str) -> tuple[pa.DataType, str]:
    fields: list[pa.Field] = []
    while not rest.startswith(">"):
        field, rest = _parse_field(_expect(rest, ", ") if fields else rest)
        fields.append(field)
    rest = rest[1:]
    if opening == "struct<":
        return pa.struct(fields), rest
    if opening == "fixed_size_list<":
        size = re.match(r"\[(\d+)\]", rest)
        if size is None:
            raise ValueError(rest)
        return pa.list_(fields[0], int(size[1])), rest[size.end() :]
    make: Any = pa.list_ if opening == "list<" else pa.large_list
    return make(fields[0]), rest


def _parse_field(text: str) -> tuple[pa.Field, str]:
    name, colon, rest = text.partition(": ")
    if not colon:
        raise ValueError(text)
    kind, rest = _parse(rest)
    nullable = not rest.startswith(" not null")
    return pa.field(name, kind, nullable=nullable), rest.removeprefix(" not null")


def _expect(text: str, mark: str) -> str:
    if not text.startswith(mark):
        raise ValueError(text)
    return text[len(mark) :]
