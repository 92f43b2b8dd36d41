"""Table: a stored folder, opened. Pages, one record, and a lazy frame for everything columnar."""

import json
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import jsonlines
import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars import selectors as cs

from studio.errors import TableError
from studio.record import Column, Counts, Json, Quarantined, Record
from studio.source import Source
from studio.table.changes import NO_CHANGES, Changes, apply_edits, fit_changes
from studio.table.columns import Bookkeeping
from studio.table.mapped import Mapped
from studio.table.matching import find_rows
from studio.table.query import Query, Search
from studio.table.stretches import Stretch

if TYPE_CHECKING:
    import pandas as pd

QUARANTINE_FILE = "quarantine.jsonl"
TABLE_FILE = "table.json"
TABLE_VERSION = 2


class StoredFile(msgspec.Struct, frozen=True):
    """One file of the source, or one source split of a Hub dataset; `sha256` and `bytes` are as stored."""

    name: str
    split: str | None = None
    path: str | None = None
    sha256: str | None = None
    bytes: int | None = None


class Place(NamedTuple):
    """Where a record stands: its file by index, its line, its bytes in the decoded text of that file."""

    file: int
    line: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some records in table order; `total` is how many match in all, of which these begin at `offset`."""

    rows: tuple[Record, ...]
    offset: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The stored records of one source; `len` is how many were accepted.

    `asked` is the source as it was given, `source` with everything that was decided while it was read.
    `bytes` is the size of the source as stored or sent, `sha256` of those bytes when they were read to the
    end. `complete` is False when only the first records were kept; `partial` is True when the reading still
    goes on (then it is `reading` too), or was stopped before it was done. `repaired` of the accepted records
    stand for lines that did not parse. `bookkeeping` names the columns of `frame` that are not the person's.
    `fingerprint` tells whether the source's files have changed. `kinds` counts the quarantined lines by the
    kind of their reason, the most first. `changes` are what a person took out or put right: edited values are
    those that every reading gives, excluded records are still here, and left out by the later stages.
    """

    folder: Path
    name: str
    format: str
    source: Source
    asked: Source
    sha256: str | None
    bytes: int
    counts: Counts
    complete: bool
    partial: bool
    reading: bool
    repaired: int
    fingerprint: str
    columns: tuple[Column, ...]
    bookkeeping: Bookkeeping
    files: tuple[StoredFile, ...]
    records: tuple[Stretch, ...]
    quarantine_file: str
    kinds: Mapping[str, int]
    changes: Changes = NO_CHANGES

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a folder that a TableWriter put in place. Raises TableError when there is none."""
        try:
            stored = json.loads((folder / TABLE_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise TableError(f"There is no table in {folder.name}.", "Load the source again.") from error
        if stored["version"] != TABLE_VERSION:
            raise TableError(
                f"{folder.name} was stored by another version of the studio.", "Load the source again."
            )
        return cls(
            folder=folder,
            name=stored["name"],
            format=stored["format"],
            source=Source(**stored["source"]),
            asked=Source(**stored["asked"]),
            sha256=stored["sha256"],
            bytes=stored["bytes"],
            counts=Counts(**stored["counts"]),
            complete=stored["complete"],
            partial=stored["partial"],
            reading=stored["reading"],
            repaired=stored["repaired"],
            fingerprint=stored["fingerprint"],
            columns=tuple(Column(**column) for column in stored["columns"]),
            bookkeeping=Bookkeeping(**stored["bookkeeping"]),
            files=msgspec.convert(stored["files"], tuple[StoredFile, ...]),
            records=msgspec.convert(stored["records"], tuple[Stretch, ...]),
            quarantine_file=stored["quarantine"],
            kinds=stored["kinds"],
        )

    def __len__(self) -> int:
        return self.counts.accepted

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order of first appearance."""
        return tuple(column.name for column in self.columns)

    @property
    def frame(self) -> pl.LazyFrame:
        """All records, unread. Select with `polars.selectors.by_name`: `pl.col` takes `*` for a pattern."""
        if self.records[0].bytes is not None:
            return pl.concat(self.iter_batches()).lazy()
        stored = pl.scan_ipc(self.folder / self.records[0].file)
        return apply_edits(stored, 0, len(self), self.changes, self.columns, self.bookkeeping)

    @property
    def splits(self) -> tuple[str, ...]:
        """The source splits, in order; empty when the source has none."""
        return tuple(dict.fromkeys(file.split for file in self.files if file.split is not None))

    def page(self, offset: int = 0, limit: int = 50, query: Query | str = "") -> Page:
        """Up to `limit` of the records that a query wants, in its order, from the `offset`-th on.

        A text is looked for in every column, whatever its case.
        """
        start, stop = max(0, offset), max(0, offset) + max(0, limit)
        wanted = Query(search=Search(query)) if isinstance(query, str) else query
        if wanted.is_everything:
            shown = range(min(start, len(self)), min(stop, len(self)))
            return Page(rows=self._records(shown), offset=start, total=len(self))
        wanted.check(self)
        matches = find_rows(self, wanted)
        return Page(rows=self._records(matches[start:stop].tolist()), offset=start, total=len(matches))

    def record(self, row: int) -> Record:
        """The record at a zero-based position. Raises TableError out of range."""
        self._check_row(row)
        return self._records([row])[0]

    def take(self, rows: Sequence[int]) -> tuple[Record, ...]:
        """The records at these positions, which must be there."""
        return self._records(rows)

    def quarantine(self) -> Iterator[Quarantined]:
        """The lines that did not parse, in source order."""
        with (self.folder / self.quarantine_file).open(encoding="utf-8", newline="\n") as file:
            # A reading that goes on may be writing the next one.
            for entry in islice(jsonlines.Reader(file, loads=json.loads), self.counts.quarantined):
                yield Quarantined(**{name: entry[name] for name in Quarantined.__dataclass_fields__})

    def quarantined_line(self, file: str, line: int) -> Quarantined:
        """The line of this number in this file. Raises TableError when it is not in quarantine."""
        for refused in self.quarantine():
            if (refused.file, refused.line) == (file, line):
                return refused
        raise TableError(f"Line {line} of {file} is not in quarantine.", "Reload the page.")

    def count_files(self) -> list[int]:
        """How many records are of each of the files."""
        if len(self.files) == 1:
            return [len(self)]
        counts = np.zeros(len(self.files), np.int64)
        for places in self.iter_places():
            counts += np.bincount(places["file"].to_numpy(), minlength=len(counts))
        return [int(count) for count in counts]

    @property
    def published(self) -> list[tuple[str | None, int]]:
        """The source split of each file and its records, in table order."""
        return list(zip((file.split for file in self.files), self.count_files(), strict=True))

    def place(self, row: int) -> Place:
        """Where the record at a zero-based position stands in its source. Raises TableError out of range."""
        self._check_row(row)
        with self._open_arrow() as stored:
            return Place(*stored.places(row, 1).row(0))

    def places(self, rows: Sequence[int]) -> list[Place]:
        """Where records stand, by ascending row."""
        with self._open_arrow() as stored:
            return [Place(*place) for place in stored.take_places(rows)]

    def iter_places(self, size: int = 65_536) -> Iterator[pl.DataFrame]:
        """Where all records stand, in table order, `size` at a time: file, line, offset and length."""
        with self._open_arrow() as stored:
            for start in range(0, len(self), size):
                yield stored.places(start, size)

    def iter_batches(self, size: int = 65_536, names: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """All records in table order, `size` at a time, with the bookkeeping columns; or only `names`."""
        with self._open_arrow() as stored:
            for start in range(0, len(self), size):
                yield stored.slice(start, size, names)

    def iter_records(self, size: int = 4_096) -> Iterator[Record]:
        """Every record in table order, read `size` at a time."""
        for start in range(0, len(self), size):
            yield from self._records(range(start, min(start + size, len(self))))

    def to_pandas(self, offset: int = 0, limit: int | None = None) -> "pd.DataFrame":
        """Records as pandas: text as str, numbers and booleans native, json columns as JSON text."""
        with self._open_arrow() as stored:
            return stored.slice(offset, limit).select(cs.by_name(*self.names)).to_pandas()

    def with_changes(self, changes: Changes) -> Self:
        """The table with these changes in the place of its own. Raises TableError where they do not fit."""
        return replace(self, changes=fit_changes(changes, self.columns, len(self), self.name))

    def is_excluded(self, row: int) -> bool:
        """Whether the later stages leave a record out."""
        excluded = self.changes.excluded
        index = bisect_left(excluded, row)
        return index < len(excluded) and excluded[index] == row

    def edited(self, row: int) -> Mapping[str, str | None]:
        """The edited values of a record by column; none for most."""
        return self.changes.edits.get(row, {})

    @property
    def kept(self) -> NDArray[np.uint32] | None:
        """The rows that are left, in table order; None when nothing is excluded."""
        if not self.changes.excluded:
            return None
        return np.delete(np.arange(len(self), dtype=np.uint32), list(self.changes.excluded))

    def _check_row(self, row: int) -> None:
        if not 0 <= row < len(self):
            raise TableError(f"{self.name} has no row {row}.", f"Rows are 0 to {len(self) - 1}.")

    def _open_arrow(self) -> Mapped:
        try:
            return Mapped(self)
        except FileNotFoundError:  # the reading has ended meanwhile, and its files have other names
            return Mapped(replace(self, records=Table.open(self.folder).records))

    def _records(self, rows: Sequence[int]) -> tuple[Record, ...]:
        if not rows:
            return ()
        with self._open_arrow() as stored:
            found = stored.take(rows)
        native = [column.name for column in self.columns if column.type not in ("text", "json")]
        if native:
            found = found.with_columns(cs.by_name(*native).cast(pl.String))
        return tuple(self._record(row, values) for row, values in zip(rows, found.rows(), strict=True))

    def _record(self, row: int, values: tuple[Any, ...]) -> Record:
        *cells, file, line, _, _, missing = values
        absent = set(missing)
        named = {
            column.name: _value(column, cell)
            for index, (column, cell) in enumerate(zip(self.columns, cells, strict=True))
            if index not in absent
        }
        return Record(row, line, named, self.files[file].name)


def _value(column: Column, cell: str | None) -> str | Json | None:
    if cell is None or column.type == "text":
        return cell
    if column.type == "json" and cell.startswith('"'):
        return str(json.loads(cell))
    return Json(cell)
