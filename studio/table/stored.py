"""Table: a stored folder, opened. Pages, search, one record, and a lazy frame for everything columnar.

A search is Unicode and ignores case; its text is taken literally, and never evaluated.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import jsonlines
import msgspec
import polars as pl
from polars import selectors as cs

from studio.errors import TableError
from studio.record import Column, Counts, Json, Quarantined, Record
from studio.source import Source
from studio.table.columns import Bookkeeping, frame_from_arrow
from studio.table.stretches import Rows, Stretch, widen_rows

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
    kind of their reason, the most first.
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
        if self.records[0].bytes is None:
            return pl.scan_ipc(self.folder / self.records[0].file)
        return pl.concat(self.iter_batches()).lazy()

    @property
    def splits(self) -> tuple[str, ...]:
        """The source splits, in order; empty when the source has none."""
        return tuple(dict.fromkeys(file.split for file in self.files if file.split is not None))

    def page(self, offset: int = 0, limit: int = 50, search: str = "") -> Page:
        """Up to `limit` of the records that contain `search` in any column, from the `offset`-th match on."""
        start = max(0, offset)
        if not search:
            shown = range(min(start, len(self)), min(start + max(0, limit), len(self)))
            return Page(rows=self._records(shown), offset=start, total=len(self))
        matches = self._find(search)
        rows = matches[start : start + max(0, limit)].to_list()
        return Page(rows=self._records(rows), offset=start, total=len(matches))

    def record(self, row: int) -> Record:
        """The record at a zero-based position. Raises TableError out of range."""
        if not 0 <= row < len(self):
            raise TableError(f"{self.name} has no row {row}.", f"Rows are 0 to {len(self) - 1}.")
        return self._records([row])[0]

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
        index = cs.by_name(self.bookkeeping.file)
        found = dict(self.frame.select(index).collect().to_series().value_counts().rows())
        return [found.get(number, 0) for number in range(len(self.files))]

    @property
    def published(self) -> list[tuple[str | None, int]]:
        """The source split of each file and its records, in table order."""
        return list(zip((file.split for file in self.files), self.count_files(), strict=True))

    def place(self, row: int) -> Place:
        """Where the record at a zero-based position stands in its source. Raises TableError out of range."""
        self.record(row)
        with self._open_arrow() as stored:
            file, line, offset, length, _ = (
                stored.slice(row, 1).select(cs.by_name(*self.bookkeeping.names)).row(0)
            )
        return Place(file=file, line=line, offset=offset, length=length)

    def iter_batches(self, size: int = 65_536) -> Iterator[pl.DataFrame]:
        """All records in table order, `size` at a time, with the bookkeeping columns."""
        with self._open_arrow() as stored:
            for start in range(0, len(self), size):
                yield stored.slice(start, size)

    def iter_records(self, size: int = 4_096) -> Iterator[Record]:
        """Every record in table order, read `size` at a time."""
        for start in range(0, len(self), size):
            yield from self._records(range(start, min(start + size, len(self))))

    def to_pandas(self, offset: int = 0, limit: int | None = None) -> "pd.DataFrame":
        """Records as pandas: text as str, numbers and booleans native, json columns as JSON text."""
        with self._open_arrow() as stored:
            return stored.slice(offset, limit).select(cs.by_name(*self.names)).to_pandas()

    def _open_arrow(self) -> "_Stored":
        try:
            return _Stored(self)
        except FileNotFoundError:  # the reading has ended meanwhile, and its files have other names
            return _Stored(replace(self, records=Table.open(self.folder).records))

    def _find(self, search: str) -> pl.Series:
        if not self.columns:
            return pl.Series(dtype=pl.UInt32)
        patterns = {kind: _literal_pattern(search, escaped=kind == "json") for kind in ("text", "json")}
        matches = pl.any_horizontal(
            cs.by_name(column.name)
            .as_expr()
            .cast(pl.String)
            .str.contains(patterns["json" if column.type == "json" else "text"])
            .fill_null(False)
            for column in self.columns
        )
        return self.frame.select(matches.arg_true()).collect().to_series()

    def _records(self, rows: Sequence[int]) -> tuple[Record, ...]:
        if not rows:
            return ()
        with self._open_arrow() as stored:
            runs = [stored.slice(start, count) for start, count in _runs(rows)]
        texts = pl.concat(runs).with_columns(cs.by_name(*self.names).cast(pl.String))
        return tuple(self._record(row, values) for row, values in zip(rows, texts.rows(), strict=True))

    def _record(self, row: int, values: tuple[Any, ...]) -> Record:
        *cells, file, line, _, _, missing = values
        absent = set(missing)
        named = {
            column.name: _value(column, cell)
            for index, (column, cell) in enumerate(zip(self.columns, cells, strict=True))
            if index not in absent
        }
        return Record(row, line, named, self.files[file].name)


class _Stored:
    """The Arrow files, mapped while they are read from."""

    def __init__(self, table: Table) -> None:
        self._names = table.names
        self._types = tuple(column.type for column in table.columns)
        self._total = len(table)
        self._stretches = [Rows(stretch, table.folder) for stretch in table.records]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for rows in self._stretches:
            rows.close()

    def slice(self, start: int, count: int | None) -> pl.DataFrame:
        """Rows from `start` on, at most `count`, in the table's columns and types."""
        stop = self._total if count is None else min(start + count, self._total)
        found = []
        for rows in self._stretches:
            if start < len(rows) and stop > 0:
                found.append(self._widen(rows, max(0, start), stop - max(0, start)))
            start, stop = start - len(rows), stop - len(rows)
        return pl.concat(found) if found else self._widen(self._stretches[0], 0, 0)

    def _widen(self, stored: Rows, start: int, count: int) -> pl.DataFrame:
        rows, stretch = stored.slice(start, count), stored.stretch
        if stretch.bytes is None:
            return frame_from_arrow(rows)
        return widen_rows(rows, stretch.names, stretch.types, self._names, self._types)


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and row == sum(runs[-1]):
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((row, 1))
    return runs


def _value(column: Column, cell: str | None) -> str | Json | None:
    if cell is None or column.type == "text":
        return cell
    if column.type == "json" and cell.startswith('"'):
        return str(json.loads(cell))
    return Json(cell)


def _literal_pattern(search: str, *, escaped: bool) -> str:
    """A pattern for the text itself, whatever its case; `escaped` also takes each letter's JSON escapes."""
    return "(?i)" + "".join(_letter_pattern(letter, escaped) for letter in search)


def _letter_pattern(letter: str, escaped: bool) -> str:
    # Case-folding knows i and I only; a Turkish reader looks for İ and ı with the same key.
    literal = "[iıİ]\u0307?" if letter in "iIıİ" else pl.escape_regex(letter)
    if not escaped or (letter.isascii() and letter.isalnum()):
        return literal
    spelled = {json.dumps(cased)[1:-1] for cased in (letter, letter.lower(), letter.upper())} - {letter}
    return f"(?:{'|'.join([literal, *map(pl.escape_regex, sorted(spelled))])})"
