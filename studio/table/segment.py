"""Segment: accepted records on their way into a stretch, gathered as they come and written as columns.

Columns are the union of the keys seen so far: a key that appears later widens what is written from then on.

Knows nothing of files or of lines that were not accepted.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from studio.errors import ReadError
from studio.record import Column
from studio.table import columns as cols
from studio.table.columns import BlockType, Bookkeeping, ColumnCount, Numbers, Values
from studio.table.stretches import Schema, Stretches

Fields = Mapping[str, bytes]
"""Name → JSON spelling of the value."""

Typed = Mapping[str, tuple[BlockType, Values]]
"""Name → the values of several records as a table keeps them: text as it is, json as its spelling."""

_RECORDS = 65_536
_BYTES = 16 << 20
_VALUES = 1_000_000
_BLOCK_CELLS = 4_000_000


class Places(NamedTuple):
    """Where several records of one file stand: line, byte offset and length of each."""

    lines: Numbers
    offsets: Numbers
    lengths: Numbers


@dataclass(slots=True)
class _Held:
    """Records in memory, with where each stands."""

    records: list[Fields] = field(default_factory=list)
    files: "array[int]" = field(default_factory=lambda: array("I"))
    lines: "array[int]" = field(default_factory=lambda: array("Q"))
    offsets: "array[int]" = field(default_factory=lambda: array("Q"))
    lengths: "array[int]" = field(default_factory=lambda: array("Q"))
    bytes: int = 0
    values: int = 0

    def places(self) -> list[Numbers]:
        """The four arrays as they are written."""
        return [
            np.frombuffer(self.files, np.uint32),
            *(np.frombuffer(numbers, np.uint64) for numbers in (self.lines, self.offsets, self.lengths)),
        ]


class Segment:
    """Takes records one by one, many at once, or as columns; `flush` writes what it holds.

    `name` is what a person calls the source; `most` how many columns it may have. The `file` of a record is
    the index of its file.
    """

    def __init__(self, stretches: Stretches, name: str, most: int) -> None:
        self._stretches, self._name, self._most = stretches, name, most
        self._counts: dict[str, ColumnCount] = {}
        self._held = _Held()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in order of first appearance."""
        return tuple(self._counts)

    def add(self, fields: Fields, file: int, line: int, offset: int, length: int) -> None:
        """Take a record."""
        held = self._held
        held.records.append(fields)
        held.files.append(file)
        held.lines.append(line)
        held.offsets.append(offset)
        held.lengths.append(length)
        held.bytes += length
        held.values += len(fields)
        self._flush_full()

    def extend(self, records: Sequence[Fields], file: int, places: Places) -> None:
        """Take many records of one file."""
        held = self._held
        held.records += records
        held.files.extend([file] * len(records))
        held.lines.frombytes(places.lines.tobytes())
        held.offsets.frombytes(places.offsets.tobytes())
        held.lengths.frombytes(places.lengths.tobytes())
        held.bytes += int(places.lengths.sum())
        held.values += sum(map(len, records))
        self._flush_full()

    def add_columns(self, columns: Typed, file: int, places: Places) -> None:
        """Take records of one file that have all of these columns, a null being one; they are written now."""
        self.flush()
        rows = len(places.lines)
        self._note_names(dict.fromkeys(columns, rows))
        for name, (_, values) in columns.items():
            self._counts[name].null += cols.count_nulls(values)
        lacks = [index for index, name in enumerate(self._counts) if name not in columns]
        missing = pl.Series(values=[lacks], dtype=pl.List(pl.UInt32)).new_from_index(0, rows)
        self._write(columns, [np.full(rows, file, np.uint32), *places], missing)

    def flush(self) -> None:
        """Write the records that are held."""
        held, self._held = self._held, _Held()
        shapes = [tuple(fields) for fields in held.records]
        self._note_names(cols.count_present(shapes))
        places, rows = held.places(), max(1, _BLOCK_CELLS // max(1, len(self._counts)))
        for start in range(0, len(shapes), rows):
            part = slice(start, start + rows)
            self._write_records(held.records[part], shapes[part], [place[part] for place in places])

    def describe(self, records: int, source_types: Mapping[str, str]) -> list[Column]:
        """The columns of a table of so many records."""
        types = self._stretches.unify_types(self.names)
        return [
            replace(count.as_column(name, kind, records), source_type=source_types.get(name, ""))
            for (name, count), kind in zip(self._counts.items(), types, strict=True)
        ]

    def _flush_full(self) -> None:
        held = self._held
        if len(held.records) >= _RECORDS or held.bytes >= _BYTES or held.values >= _VALUES:
            self.flush()

    def _note_names(self, present: Mapping[str, int]) -> None:
        for name, times in present.items():
            self._counts.setdefault(name, ColumnCount()).present += times
        if len(self._counts) > self._most:
            raise ReadError(
                f"{self._name} has more than {self._most:,} columns.",
                "Columns are the keys of its records; keys that are really values belong inside a value.",
            )

    def _write_records(
        self, records: Sequence[Fields], shapes: list[tuple[str, ...]], places: Sequence[Numbers]
    ) -> None:
        present = cols.count_present(shapes)
        columns = {}
        for name in present:
            kind, values = cols.build_series([fields.get(name, b"null") for fields in records])
            self._counts[name].null += values.null_count() - len(records) + present[name]
            columns[name] = kind, values
        self._write(columns, places, cols.list_missing(shapes, self.names))

    def _write(self, columns: Typed, places: Sequence[Numbers], missing: pl.Series) -> None:
        current = self._stretches.current_types
        absent: tuple[BlockType, Values] = (
            "null",
            pl.repeat(None, len(missing), dtype=pl.String, eager=True),
        )
        types: list[BlockType] = []
        arrays: dict[str, Any] = {}
        for name, count in self._counts.items():
            kind, values = columns.get(name, absent)
            count.empty += cols.count_empty(kind, values)
            types.append(cols.fit_type(kind, current.get(name, kind)))
            arrays[name] = cols.values_to_arrow(cols.widen_values(values, kind, types[-1]))
        bookkeeping = Bookkeeping.beside(self.names)
        found = [*map(cols.numbers_to_arrow, places), cols.values_to_arrow(missing)]
        arrays.update(zip(bookkeeping.names, found, strict=True))
        self._stretches.append(Schema(self.names, tuple(types), bookkeeping), pa.table(arrays))
