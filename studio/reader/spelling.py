"""Typed values in the words of JSON, a column at a time: what Parquet and Arrow hold, told without a loss.

    text, dictionary           "02139"                     decimal            2.50, with all of its digits
    integer, boolean           9007199254740993, true      list, struct       ["a",null], {"role":"user"}
    float                      0.1, the shortest that      map                [["key",1],…]
                               reads back as the same      bytes              "<12,345 bytes, PNG>"
    date, time, timestamp      "2024-02-29", "12:00:00.250", "2021-03-04T12:00:00.000000001Z"
    duration                   "PT93784.500S"

A timestamp with a zone is told in UTC; its zone is in the column's type. Nothing goes through Python's own
dates, which know no nanoseconds and no year 10000. What JSON cannot spell (NaN, text that is not UTF-8) is a
fault of its row. Knows nothing of files or tables.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate, pairwise
from uuid import UUID

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from studio.reader.media import HEAD_BYTES, describe_bytes

_encode_lines = msgspec.json.Encoder().encode_lines
_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_INFINITE = float("inf")

Faults = dict[int, str]
"""By index, what a value is that JSON cannot spell; in its place stand words that are no JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words for each value, null for a null; those of a text are JSON only once they are `quoted`.

    What is nested has been spelled already: its values are a list of JSON.
    """

    values: pa.Array | list[bytes]
    quoted: bool
    faults: Faults = field(default_factory=dict)

    def spell(self) -> list[bytes]:
        """The JSON spelling of each value."""
        if isinstance(self.values, list):
            return self.values
        if self.quoted:
            # JSON escapes every control character, so that a line end can only be one between two spellings.
            return _encode_lines(to_series(self.values).to_list()).split(b"\n")[:-1]
        return list(self.values.fill_null("null").cast(pa.large_binary()).to_pylist())

    def to_series(self) -> pl.Series:
        """The words as they are, a null for a null."""
        if isinstance(self.values, list):
            texts = [None if text == b"null" else text for text in self.values]
            return pl.Series(values=texts, dtype=pl.Binary).cast(pl.String)
        return to_series(self.values)


def to_series(values: pa.Array) -> pl.Series:
    """The same values in polars, without a name that Arrow may have kept: there `^x$` is a pattern."""
    return pl.Series(pl.from_arrow(values)).alias("")


def word(array: pa.Array) -> Words:
    """The words for values, valid but for their UTF-8, of a type that `is_worded` throughout."""
    plain = unwrap(array)
    wording = _find_wording(plain.type)
    if wording is None:
        raise TypeError(f"no words for {plain.type}")
    return wording(plain)


def is_worded(kind: pa.DataType) -> bool:
    """Whether there are words for values of this type, if there are for those of its `inner_types`."""
    stored = isinstance(kind, pa.BaseExtensionType) or pa.types.is_dictionary(kind)
    return stored or pa.types.is_run_end_encoded(kind) or _find_wording(kind) is not None


def inner_types(kind: pa.DataType) -> Sequence[pa.DataType]:
    """The types of what values of this type are made of."""
    if isinstance(kind, pa.BaseExtensionType):
        return [kind.storage_type]
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        return [kind.value_type]
    return [kind.field(index).type for index in range(kind.num_fields)]


def unwrap(array: pa.Array) -> pa.Array:
    """The same values without what only says how they are stored: dictionaries, runs, marks on a type."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType) and kind.extension_name != "arrow.uuid":
        return unwrap(array.storage)
    if pa.types.is_dictionary(kind):
        return unwrap(array.dictionary_decode())
    return unwrap(pc.run_end_decode(array)) if pa.types.is_run_end_encoded(kind) else array


def _word_text(array: pa.Array) -> Words:
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return _word_broken_text(array)
    return Words(values=array, quoted=True)


def _word_broken_text(array: pa.Array) -> Words:
    texts: list[str | None] = []
    faults: Faults = {}
    for index, value in enumerate(array.cast(pa.large_binary()).to_pylist()):
        try:
            texts.append(None if value is None else value.decode("utf-8"))
        except UnicodeDecodeError as error:
            faults[index] = f"text that is not UTF-8 (at byte {error.start + 1})"
            texts.append(value.decode("utf-8", "backslashreplace"))
    return Words(values=pa.array(texts, pa.large_string()), quoted=True, faults=faults)


def _word_plain(array: pa.Array) -> Words:
    return Words(values=array.cast(pa.string()), quoted=False)


def _word_null(array: pa.Array) -> Words:
    return Words(values=pa.nulls(len(array), pa.string()), quoted=False)


def _word_float(array: pa.Array) -> Words:
    doubles = array.cast(pa.float64())
    # As the table spells its floats, so that a column of them stays one.
    values = to_series(doubles).cast(pl.String).to_arrow(compat_level=pl.CompatLevel.oldest())
    if pc.all(pc.is_finite(doubles)).as_py() is not False:
        return Words(values=values, quoted=False)
    numbers = enumerate(doubles.to_pylist())
    names = {index: _name_constant(n) for index, n in numbers if n is not None and not abs(n) < _INFINITE}
    texts = [names.get(index, text) for index, text in enumerate(values.to_pylist())]
    faults = {index: f"{name}, which JSON cannot spell" for index, name in names.items()}
    return Words(values=pa.array(texts, pa.string()), quoted=False, faults=faults)


def _name_constant(number: float) -> str:
    if number == _INFINITE:
        return "Infinity"
    return "-Infinity" if number == -_INFINITE else "NaN"


def _word_decimal(array: pa.Array) -> Words:
    values = array.cast(pa.string())
    if pc.any(pc.match_substring(values, "E")).as_py():
        plain = [None if text is None else format(Decimal(text), "f") for text in values.to_pylist()]
        values = pa.array(plain, pa.string())
    return Words(values=values, quoted=False)


def _word_timestamp(array: pa.Array) -> Words:
    # Without its zone the same count is a time in UTC.
    values = array.view(pa.timestamp(array.type.unit)).cast(pa.string())
    values = pc.replace_substring_regex(values, "^([-0-9]+) ", r"\1T")
    return _mark_unknown(values if array.type.tz is None else pc.binary_join_element_wise(values, "Z", ""))


def _word_time(array: pa.Array) -> Words:
    return _mark_unknown(array.cast(pa.string()))


def _mark_unknown(values: pa.Array) -> Words:
    """Arrow tells a time of another calendar as "<value out of range: 9223372036854775807>"."""
    if not pc.any(pc.starts_with(values, "<")).as_py():
        return Words(values=values, quoted=True)
    outside = pc.indices_nonzero(pc.starts_with(values, "<").fill_null(False)).to_pylist()
    return Words(values=values, quoted=True, faults=dict.fromkeys(outside, "a time outside the calendar"))


def _word_duration(array: pa.Array) -> Words:
    digits = _DIGITS[array.type.unit]
    counts = array.view(pa.int64()).to_pylist()
    texts = [None if count is None else _word_count(count, digits) for count in counts]
    return Words(values=pa.array(texts, pa.string()), quoted=True)


def _word_count(count: int, digits: int) -> str:
    whole, part = divmod(abs(count), 10**digits)
    return f"{'-' if count < 0 else ''}PT{whole}{f'.{part:0{digits}}' if digits else ''}S"


def _word_bytes(array: pa.Array) -> Words:
    data = array.cast(pa.large_binary())
    heads, sizes = pc.binary_slice(data, 0, HEAD_BYTES).to_pylist(), pc.binary_length(data).to_pylist()
    pairs = zip(heads, sizes, strict=True)
    texts = [None if head is None else describe_bytes(head, size) for head, size in pairs]
    return Words(values=pa.array(texts, pa.string()), quoted=True)


def _word_uuid(array: pa.Array) -> Words:
    texts = [None if data is None else str(UUID(bytes=data)) for data in array.storage.to_pylist()]
    return Words(values=pa.array(texts, pa.string()), quoted=True)


def _word_list(array: pa.Array) -> Words:
    return _join_items(array, word(array.flatten()))


def _word_map(array: pa.Array) -> Words:
    kind = array.type
    entry = pa.struct([pa.field("key", kind.key_type, nullable=False), pa.field("value", kind.item_type)])
    entries = array.view(pa.list_(entry))
    return _join_items(entries, _join_fields(entries.flatten(), b"[%b,%b]"))


def _word_struct(array: pa.Array) -> Words:
    names = [json.dumps(field.name, ensure_ascii=False).encode() for field in array.type.fields]
    return _join_fields(array, b"{" + b",".join(name.replace(b"%", b"%%") + b":%b" for name in names) + b"}")


def _join_items(array: pa.Array, items: Words) -> Words:
    lengths = pc.list_value_length(array).fill_null(0).to_pylist()
    spelled, ends = items.spell(), [0, *accumulate(lengths)]
    texts = [b"[%b]" % b",".join(spelled[start:end]) for start, end in pairwise(ends)]
    faults = {bisect_right(ends, index) - 1: what for index, what in items.faults.items()}
    return Words(values=_blank_nulls(texts, array), quoted=False, faults=faults)


def _join_fields(array: pa.Array, template: bytes) -> Words:
    fields = [word(child) for child in array.flatten()]
    rows = zip(*(field.spell() for field in fields), strict=True) if fields else [()] * len(array)
    texts = [template % row for row in rows]
    faults = {index: what for field in reversed(fields) for index, what in field.faults.items()}
    return Words(values=_blank_nulls(texts, array), quoted=False, faults=faults)


def _blank_nulls(texts: list[bytes], array: pa.Array) -> list[bytes]:
    if not array.null_count:
        return texts
    return [
        text if there else b"null" for text, there in zip(texts, array.is_valid().to_pylist(), strict=True)
    ]


_Wording = Callable[[pa.Array], Words]
_WORDINGS: tuple[tuple[Callable[[pa.DataType], bool], _Wording], ...] = (
    (lambda kind: getattr(kind, "extension_name", "") == "arrow.uuid", _word_uuid),
    (pa.types.is_string, _word_text),
    (pa.types.is_large_string, _word_text),
    (pa.types.is_string_view, lambda array: _word_text(array.cast(pa.large_string()))),
    (pa.types.is_integer, _word_plain),
    (pa.types.is_boolean, _word_plain),
    (pa.types.is_floating, _word_float),
    (pa.types.is_decimal, _word_decimal),
    (pa.types.is_timestamp, _word_timestamp),
    (pa.types.is_date, _word_time),
    (pa.types.is_time, _word_time),
    (pa.types.is_duration, _word_duration),
    (pa.types.is_struct, _word_struct),
    (pa.types.is_map, _word_map),
    (pa.types.is_list, _word_list),
    (pa.types.is_large_list, _word_list),
    (pa.types.is_fixed_size_list, _word_list),
    (pa.types.is_list_view, _word_list),
    (pa.types.is_large_list_view, _word_list),
    (pa.types.is_binary, _word_bytes),
    (pa.types.is_large_binary, _word_bytes),
    (pa.types.is_binary_view, _word_bytes),
    (pa.types.is_fixed_size_binary, _word_bytes),
    (pa.types.is_null, _word_null),
)


def _find_wording(kind: pa.DataType) -> _Wording | None:
    """How values are told; None for those that are not, and for types that only say how values are stored."""
    return next((wording for is_kind, wording in _WORDINGS if is_kind(kind)), None)
