"""A Revision: one table of the workspace as a person has revised it, record by record.

    revision.exclude(table, [15, 16])   →   the journal has an action more
    revision.apply(table)               →   the table without them

The journal is the one truth; which rows it means is found anew when the table is another, by file, line and
hash. What finds no record, or no column that takes it, waits in the journal and counts for nothing.
"""

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.errors import SourceError, TableError
from studio.journal import Journal, Mark, Slot, Standing
from studio.overlay import Placed, find_rows, find_same, name_rows, place_overlay, resolve_overlay
from studio.recipe import OverlaySpec, Recipe
from studio.record import Column, Edit, Exclusion, Json
from studio.settings import Settings
from studio.table import NO_CHANGES, Changes, Table
from studio.table.changes import fit_value


@dataclass(frozen=True, slots=True)
class _Settled:
    """What the journal means for one state of the table."""

    marks: Mapping[Slot, Mark]
    key: Any
    placed: Placed
    changes: Changes
    overlay: OverlaySpec


class Revision:
    """The changes kept in the journal at `path`; every method takes the table as it is stored now."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.journal = Journal(path)
        self._settings = settings
        self._guard = threading.Lock()
        self._settled: _Settled | None = None

    def apply(self, table: Table) -> Table:
        """The table with the changes."""
        return replace(table, changes=self._settle(table).changes)

    def put_into(self, recipe: Recipe, table: Table) -> Recipe:
        """The recipe with the changes in its overlay, by line and hash."""
        own = self._settle(table).overlay
        overlay = recipe.overlay.model_copy(update={"edit": own.edit, "exclude": own.exclude})
        return recipe.model_copy(update={"overlay": overlay})

    def placed(self, table: Table) -> Placed:
        """Every edit and exclusion with its row, in table order."""
        return self._settle(table).placed

    def exclude(self, table: Table, rows: Iterable[int]) -> Standing:
        """Take records out; those that are out already stay so. Raises TableError for a row out of range,
        and when more records would be changed one by one than the limit of the settings.
        """
        wanted = sorted(set(rows))
        _refuse_outside(table, wanted)
        out = set(self._settle(table).changes.excluded)
        new = [row for row in wanted if row not in out]
        if not new:
            return self.journal.read()
        self._refuse_many(table, new)
        return self.journal.exclude(name_rows(table, new, self._settings), _origin(table))

    def exclude_found(self, table: Table, found: Iterable[NDArray[np.uint32]]) -> Standing:
        """Take out what a search finds, some rows at a time; `exclude` says what it raises."""
        rows: list[int] = []
        count = 0
        most = 2 * self._settings.limits.changed_records  # as many may be out already
        for some in found:
            count += len(some)
            if count <= most:
                rows += map(int, some)
        if count > most:
            self._refuse(count)
        return self.exclude(table, rows)

    def restore(self, table: Table, rows: Iterable[int]) -> Standing:
        """Put excluded records back; the others are passed over."""
        wanted = set(rows)
        _refuse_outside(table, wanted)
        found = [one for row, one in self.placed(table).exclusions if row in wanted]
        return self.journal.restore(found) if found else self.journal.read()

    def restore_all(self) -> Standing:
        """Put every excluded record back."""
        standing = self.journal.read()
        found = [_as_exclusion(slot, mark) for slot, mark in standing.marks.items() if slot.column is None]
        return self.journal.restore(found) if found else standing

    def edit(self, table: Table, row: int, column: str, value: str | None) -> Standing:
        """Put a value in the place of another; that of the source reverts the edit. Raises TableError."""
        own = _find_column(table, column)
        _refuse_outside(table, [row])
        fitted = fit_value(own, value)
        edited = self._settle(table).changes.edits.get(row, {})
        if column in edited and edited[column] == fitted:
            return self.journal.read()
        record = replace(table, changes=NO_CHANGES).record(row)
        if column in record and _spell(record[column], own) == fitted:
            return self.revert(table, row, column)
        self._refuse_many(table, [row])
        named = self._name_edited(table, row, column) or name_rows(table, [row], self._settings)[0]
        return self.journal.edit(named, column, fitted, text=own.type == "text", of=_origin(table))

    def revert(self, table: Table, row: int, column: str) -> Standing:
        """Put the value of the source back; nothing happens where it stands already."""
        _find_column(table, column)
        _refuse_outside(table, [row])
        named = self._name_edited(table, row, column)
        return self.journal.revert(named, column) if named else self.journal.read()

    def adopt(self, table: Table, edits: Sequence[Edit], exclusions: Sequence[Exclusion]) -> Standing:
        """Take over the changes of a recipe, as one action that can be undone.

        Raises RecipeError that names the lines where no record is, or another, or whose edit does not fit.
        """
        resolve_overlay(table, edits, exclusions, self._settings)
        if not edits and not exclusions:
            return self.journal.read()
        texts = {column.name for column in table.columns if column.type == "text"}
        cells = [(edit, edit.column in texts) for edit in edits]
        return self.journal.adopt(cells, exclusions, _origin(table))

    def _refuse_many(self, table: Table, rows: Iterable[int]) -> None:
        """Raise TableError when, with these, more records were changed by line than the settings allow."""
        changes = self._settle(table).changes
        self._refuse(len({*changes.excluded, *changes.edits, *rows}))

    def _refuse(self, count: int) -> None:
        most = self._settings.limits.changed_records
        if count > most:
            raise TableError(
                f"{count:,} records would be changed one by one; at most {most:,} can be.",
                "Write it as a filter in the recipe: it says which records to keep, however many they are.",
            )

    def find_touched(self, table: Table, standing: Standing) -> int | None:
        """The first row that the last action changed."""
        if standing.touched is None:
            return None
        address = (standing.touched.file, standing.touched.line)
        return find_rows(table, [address]).get(address)

    def _name_edited(self, table: Table, row: int, column: str) -> Exclusion | None:
        for at, edit in self.placed(table).edits:
            if (at, edit.column) == (row, column):
                return Exclusion(line=edit.line, hash=edit.hash, file=edit.file)
        return None

    def _settle(self, table: Table) -> _Settled:
        marks = self.journal.read().marks
        key = (_origin(table), table.counts, table.columns, table.files, table.records)
        with self._guard:
            settled = self._settled
            if settled is None or settled.marks is not marks or settled.key != key:
                settled = self._settled = self._place(marks, key, table)
            return settled

    def _place(self, every: Mapping[Slot, Mark], key: Any, table: Table) -> _Settled:
        columns = {column.name: column for column in table.columns}
        marks = {slot: mark for slot, mark in every.items() if slot.column is None or slot.column in columns}
        edits: list[Edit] = [
            _as_edit(slot, mark, columns[slot.column])
            for slot, mark in marks.items()
            if slot.column is not None
        ]
        exclusions = [_as_exclusion(slot, mark) for slot, mark in marks.items() if slot.column is None]
        moved = {(slot.file, slot.line) for slot, mark in marks.items() if mark.of != _origin(table)}
        named: list[Edit | Exclusion] = [*edits, *exclusions]
        same = self._find_same(table, [one for one in named if (one.file, one.line) in moved])
        placed = place_overlay(
            table,
            [one for one in edits if _is_same(one, moved, same)],
            [one for one in exclusions if _is_same(one, moved, same)],
        )
        overlay = OverlaySpec().with_changes(
            [edit for _, edit in placed.edits], [exclusion for _, exclusion in placed.exclusions]
        )
        changes = table.with_changes(placed.to_changes()).changes
        return _Settled(every, key, placed, changes, overlay)

    def _find_same(self, table: Table, named: Sequence[Edit | Exclusion]) -> set[tuple[tuple[str, int], str]]:
        """Which of those that were noted for another reading name the very records that are here."""
        try:
            return find_same(table, named, self._settings) if named else set()
        except SourceError:
            return set()


def _origin(table: Table) -> str:
    """What tells one reading of a source from that of another; empty where nothing does."""
    return table.fingerprint or table.sha256 or ""


def _is_same(
    one: Edit | Exclusion, moved: set[tuple[str, int]], same: set[tuple[tuple[str, int], str]]
) -> bool:
    address = (one.file, one.line)
    return address not in moved or (address, one.hash) in same


def _as_exclusion(slot: Slot, mark: Mark) -> Exclusion:
    return Exclusion(line=slot.line, hash=mark.hash, file=slot.file)


def _as_edit(slot: Slot, mark: Mark, column: Column) -> Edit:
    """The edit as its column takes it now: a repair elsewhere may have made a text column one of JSON."""
    value = mark.value
    if value is not None and mark.text and column.type != "text":
        value = json.dumps(value, ensure_ascii=False)
    elif value is not None and not mark.text and column.type == "text":
        value = json.loads(value) if value.startswith('"') else None if value == "null" else value
    return Edit(line=slot.line, hash=mark.hash, column=column.name, value=value, file=slot.file)


def _find_column(table: Table, name: str) -> Column:
    for column in table.columns:
        if column.name == name:
            return column
    known = ", ".join(table.names)
    raise TableError(f"{table.name} has no column {name}.", f"Columns are: {known:.200}.")


def _refuse_outside(table: Table, rows: Iterable[int]) -> None:
    for row in rows:
        if not 0 <= row < len(table):
            raise TableError(f"{table.name} has no row {row}.", f"Rows are 0 to {len(table) - 1}.")


def _spell(value: str | Json | None, column: Column) -> str | None:
    """The value as an edit of its column writes it."""
    if isinstance(value, Json):
        return value.spelling
    return json.dumps(value, ensure_ascii=False) if value is not None and column.type != "text" else value
