"""Columns from spellings: which feature type a column has, and its values in a polars series.

A block is a run of records in memory, each a mapping of name to the JSON spelling of its value:

    {"question": b'"What is LoRA?"', "score": b"2.50"}   →   question: text, score: json (2.50 is not 2.5)

The type is never guessed from text: `"02139"` is a string because the source says so. Knows nothing of files.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from studio.record import Column, FeatureType

Numbers = NDArray[np.unsignedinteger[Any]]

Values: TypeAlias = "pl.Series | pa.LargeStringArray"
"""The values of a column; those of a text column may be in Arrow already, whole and from the beginning."""

BlockType = FeatureType | Literal["null"]
"""A feature type, or "null" while no record has shown a value."""

DTYPES: dict[BlockType, pl.DataType] = {
    "text": pl.String(),
    "json": pl.String(),
    "integer": pl.Int64(),
    "float": pl.Float64(),
    "boolean": pl.Boolean(),
    "null": pl.String(),
}
EMPTY_JSON = r'^(?:""|\[[ \t\n\r]*\]|\{[ \t\n\r]*\})$'

_decode_texts = msgspec.json.Decoder(list[str | None]).decode


class Bookkeeping(msgspec.Struct, frozen=True):
    """The names of the columns that say where a record stands.

    file: index in the table's files. line: one-based line in it. offset, length: its bytes in the decoded
    text of that file. missing: indexes of the columns that the record lacks.
    """

    file: str
    line: str
    offset: str
    length: str
    missing: str

    @classmethod
    def beside(cls, names: Iterable[str]) -> "Bookkeeping":
        """Names that clash with none of `names`: `_line`, or with more underscores in front."""
        taken = set(names)
        found = []
        for field in cls.__struct_fields__:
            name = "_" + field
            while name in taken:
                name = "_" + name
            found.append(name)
        return cls(*found)

    @property
    def names(self) -> tuple[str, str, str, str, str]:
        """In the order in which they stand in the file."""
        return (self.file, self.line, self.offset, self.length, self.missing)


@dataclass(slots=True)
class ColumnCount:
    """How often a column was there, was null, was empty; summed over blocks."""

    present: int = 0
    null: int = 0
    empty: int = 0

    def as_column(self, name: str, kind: FeatureType, records: int) -> Column:
        """The column of a table of `records`."""
        missing = records - self.present
        return Column(name=name, type=kind, missing=missing, null=self.null, empty=self.empty)


def build_series(spellings: Sequence[bytes]) -> tuple[BlockType, pl.Series]:
    """One column of a block from the JSON spelling of each of its values (`null` for null and missing).

    The series has no name: polars takes a name such as `^x$` for a pattern in the middle of its own methods.
    """
    try:
        texts = _decode_texts(b"[" + b",".join(spellings) + b"]")
    except msgspec.DecodeError:
        # No JSON holds the separator: in strings it would be escaped.
        joined = pl.Series(values=[b"\0".join(spellings)], dtype=pl.Binary).cast(pl.String)
        return _build_spelled(joined.str.split("\0").explode().replace("null", None))
    series = pl.Series(values=texts, dtype=pl.String)
    return ("null" if series.null_count() == len(series) else "text"), series


def _build_spelled(spelled: pl.Series) -> tuple[BlockType, pl.Series]:
    first = spelled.drop_nulls()[0]
    if first in ("true", "false"):
        if spelled.drop_nulls().is_in(["true", "false"]).all():
            return "boolean", spelled == "true"
    elif first[0] not in '"[{':
        for kind in ("integer", "float"):
            native = spelled.cast(DTYPES[kind], strict=False)
            if native.cast(pl.String).eq_missing(spelled).all():
                return kind, native
    odd = (spelled.str.starts_with('"') & spelled.str.contains("\\", literal=True)).arg_true()
    return "json", spelled.scatter(odd, [_plain_string(text) for text in spelled.gather(odd)])


def _plain_string(spelling: str) -> str:
    # Escapes that need not be there would hide the text from a search.
    return json.dumps(json.loads(spelling), ensure_ascii=False)


def fit_type(found: BlockType, current: BlockType) -> BlockType:
    """The type in which values of a type go on a column of another; a column only ever widens."""
    if "null" in (found, current):
        return current if found == "null" else found
    return found if found == current else "json"


def widen_values(values: Values, found: BlockType, wanted: BlockType) -> Values:
    """The same values in the type that the whole table needs; nothing is lost on the way to json."""
    return values if found == wanted else widen_series(pl.Series(values=values), found, wanted)


def widen_series(series: pl.Series, found: BlockType, wanted: BlockType) -> pl.Series:
    """`widen_values` for polars."""
    if found == wanted:
        return series
    if found == "null":
        return series.cast(DTYPES[wanted])
    if found == "text":
        quoted = [None if text is None else json.dumps(text, ensure_ascii=False) for text in series]
        return pl.Series(values=quoted, dtype=pl.String)
    return series.cast(pl.String)


def unify_types(found: Iterable[BlockType]) -> FeatureType:
    """The type of a column over all blocks: their common one, else json; a column of nulls is text."""
    kinds: set[FeatureType] = {kind for kind in found if kind != "null"}
    if len(kinds) > 1:
        return "json"
    return kinds.pop() if kinds else "text"


def count_nulls(values: Values) -> int:
    """How many values are null."""
    return int(values.null_count()) if isinstance(values, pl.Series) else int(values.null_count)


def count_empty(kind: BlockType, values: Values) -> int:
    """How many values are `""`, `[]` or `{}`."""
    if not isinstance(values, pl.Series):
        offsets = np.frombuffer(values.buffers()[1], np.int64, len(values) + 1)
        return int((offsets[1:] == offsets[:-1]).sum()) - count_nulls(values)
    if kind == "text":
        return int((values == "").sum())
    return int(values.str.contains(EMPTY_JSON).sum()) if kind == "json" else 0


def frame_from_arrow(rows: pa.Table | pa.RecordBatch) -> pl.DataFrame:
    """The same rows as a polars frame, under the same names: polars alone renames a column called ""."""
    names = rows.schema.names
    frame = pl.DataFrame(pl.from_arrow(rows.rename_columns([str(index) for index in range(len(names))])))
    frame.columns = names
    return frame


def values_to_arrow(values: Values) -> pa.Array:
    """With plain large strings, not views: every Arrow reader, `datasets` too, takes them as they are."""
    if isinstance(values, pl.Series):
        return values.to_arrow(compat_level=pl.CompatLevel.oldest())
    return values


def numbers_to_arrow(numbers: Numbers) -> pa.Array:
    """The same memory. `pa.array` would import pandas, and polars `numpy.ma`: longer than a page may take."""
    kind = pa.from_numpy_dtype(numbers.dtype)
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])


def list_missing(shapes: Sequence[tuple[str, ...]], names: Sequence[str]) -> pl.Series:
    """For each record the indexes of `names` that its keys lack."""
    kinds = {shape: number for number, shape in enumerate(dict.fromkeys(shapes))}
    lacks = [[index for index, name in enumerate(names) if name not in keys] for keys in map(set, kinds)]
    distinct = pl.Series(values=lacks, dtype=pl.List(pl.UInt32))
    return distinct.gather([kinds[shape] for shape in shapes])


def count_present(shapes: Sequence[tuple[str, ...]]) -> Counter[str]:
    """For each column how many records have its key."""
    present: Counter[str] = Counter()
    for shape, times in Counter(shapes).items():
        for name in shape:
            present[name] += times
    return present
