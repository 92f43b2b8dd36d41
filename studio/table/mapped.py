"""Mapped: the Arrow files of a table, mapped while they are read from, with the edited values in place.

Rows come as polars frames, a piece at a time: the table's columns in its types, then the bookkeeping; or only
where they stand in their source, which touches nothing else of the files.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

import polars as pl
import pyarrow as pa
from polars import selectors as cs

from studio.table.changes import apply_edits
from studio.table.columns import Bookkeeping, frame_from_arrow
from studio.table.stretches import Rows, widen_rows

if TYPE_CHECKING:
    from studio.table.stored import Table

PLACE = ("file", "line", "offset", "length")


class Mapped:
    """The files of a table; FileNotFoundError when its reading has ended, and they have other names."""

    def __init__(self, table: "Table") -> None:
        self._table = table
        self._types = tuple(column.type for column in table.columns)
        self._stretches = [Rows(stretch, table.folder) for stretch in table.records]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for rows in self._stretches:
            rows.close()

    def slice(self, start: int, count: int | None, names: Sequence[str] | None = None) -> pl.DataFrame:
        """Rows from `start` on, at most `count`, in the table's columns and types; or only `names`."""
        table = self._table
        if names is not None:
            return self._slice_columns(start, count, names)
        stop = len(table) if count is None else min(start + count, len(table))
        found = [self._widen(*piece) for piece in self._find(start, stop)]
        frame = pl.concat(found) if found else self._widen(self._stretches[0], 0, 0)
        return apply_edits(frame, start, stop, table.changes, table.columns, table.bookkeeping)

    def _slice_columns(self, start: int, count: int | None, names: Sequence[str]) -> pl.DataFrame:
        stop = len(self._table) if count is None else min(start + count, len(self._table))
        edited = any(start <= row < stop for row in self._table.changes.edits)
        if edited or self._stretches[0].stretch.bytes is not None:
            return self.slice(start, count).select(cs.by_name(*names))
        # A column that is not read costs nothing.
        return frame_from_arrow(self._stretches[0].slice(start, stop - start).select(list(names)))

    def take(self, rows: Sequence[int]) -> pl.DataFrame:
        """The rows at these positions, of which there is at least one."""
        table, runs = self._table, _runs(rows)
        if table.records[0].bytes is not None or any(row in table.changes.edits for row in rows):
            return pl.concat([self.slice(start, count) for start, count in runs])
        [stored] = self._stretches
        return frame_from_arrow(pa.concat_tables([stored.slice(start, count) for start, count in runs]))

    def places(self, start: int, count: int) -> pl.DataFrame:
        """Where so many rows from `start` on stand: file, line, offset and length, under these names."""
        found = [self._place(*piece) for piece in self._find(start, min(start + count, len(self._table)))]
        return pl.concat(found) if found else self._place(self._stretches[0], 0, 0)

    def take_places(self, rows: Sequence[int], size: int = 65_536) -> Iterator[tuple[Any, ...]]:
        """Where the rows at these positions, which ascend, stand."""
        for start in range(0, len(self._table), size):
            inside = rows[bisect_left(rows, start) : bisect_left(rows, start + size)]
            if inside:
                yield from self.places(start, size)[[row - start for row in inside]].iter_rows()

    def _find(self, start: int, stop: int) -> list[tuple[Rows, int, int]]:
        found = []
        for rows in self._stretches:
            if start < len(rows) and stop > 0:
                found.append((rows, max(0, start), stop - max(0, start)))
            start, stop = start - len(rows), stop - len(rows)
        return found

    def _widen(self, stored: Rows, start: int, count: int) -> pl.DataFrame:
        rows, stretch = stored.slice(start, count), stored.stretch
        if stretch.bytes is None:
            return frame_from_arrow(rows)
        return widen_rows(rows, stretch.names, stretch.types, self._table.names, self._types)

    def _place(self, stored: Rows, start: int, count: int) -> pl.DataFrame:
        stretch = stored.stretch
        own = self._table.bookkeeping if stretch.bytes is None else Bookkeeping.beside(stretch.names)
        frame = frame_from_arrow(stored.slice(start, count).select(list(own.names[: len(PLACE)])))
        frame.columns = list(PLACE)
        return frame


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and row == sum(runs[-1]):
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((row, 1))
    return runs
