"""A Journal: what a person did to the records of one table, action by action, in a file that only grows.

    {"do": "exclude", "of": "9f86…", "lines": [["", 17, "fcde2b2edba56bf4"], ["", 18, "0e5a…"]]}
    {"do": "edit", "of": "9f86…", "lines": [["", 90, "2c26…"]], "column": "a", "value": "…", "text": true}
    {"do": "adopt", "of": "9f86…", "lines": […], "cells": [["", 90, "2c26…", "a", "…", true]]}
    {"do": "undo"}

Undoing is an action too, so that it is without limit and survives a restart. A line that was torn when the
machine stopped is as if it had not been written. `of` is the fingerprint of the source as it was then. Knows
nothing of tables, rows or columns.
"""

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from studio.durable import sync_path
from studio.errors import TableError, WorkspaceError
from studio.record import Edit, Exclusion


class Slot(NamedTuple):
    """What can be changed: a record by its file and line, or the value in one column of it."""

    file: str
    line: int
    column: str | None = None


class Mark(NamedTuple):
    """What stands in a slot: the record's hash, and for a column the value.

    `of` says of which reading of the source. `text` says how the value was meant: as it is, or as a spelling.
    """

    hash: str
    of: str
    value: str | None = None
    text: bool = True


Puts = Mapping[Slot, Mark | None]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the changes stand: every slot that is not as in the source, and what could be undone or redone.

    `undo` and `redo` are words such as "exclude 3 records", None where there is nothing. `changed` and
    `touched` are of the last action: how many slots it changed, and which was the first of them.
    """

    marks: Mapping[Slot, Mark] = field(default_factory=dict)
    undo: str | None = None
    redo: str | None = None
    changed: int = 0
    touched: Slot | None = None


class _Done(NamedTuple):
    words: str
    puts: Puts
    before: Puts


class Journal:
    """The journal at a path, which need not be there yet. Any thread and any process may write to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._standing: Standing | None = None
        self._forget()

    @property
    def size(self) -> int:
        """Its bytes: another number whenever something was written."""
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    def read(self) -> Standing:
        """Where the changes stand now. Raises WorkspaceError when the file is damaged."""
        with self._guard:
            if self.size:
                with self._path.open("rb") as file:
                    self._catch_up(file)
            elif self._read:  # it was taken away
                self._forget()
            return self._stand()

    def exclude(self, records: Sequence[Exclusion], of: str) -> Standing:
        """Take out records that are not out yet."""
        return self._write({"do": "exclude", "of": of, "lines": _list_lines(records)})

    def restore(self, records: Sequence[Exclusion]) -> Standing:
        """Put records back."""
        return self._write({"do": "restore", "lines": _list_lines(records)})

    def edit(self, record: Exclusion, column: str, value: str | None, *, text: bool, of: str) -> Standing:
        """Put a value in the place of another."""
        edit = {"do": "edit", "of": of, "lines": _list_lines([record]), "column": column, "value": value}
        return self._write({**edit, "text": text})

    def adopt(self, edits: Sequence[tuple[Edit, bool]], exclusions: Sequence[Exclusion], of: str) -> Standing:
        """Take over what a recipe changes, as one action; a true beside an edit says that it is of text."""
        cells = [[one.file, one.line, one.hash, one.column, one.value, text] for one, text in edits]
        return self._write({"do": "adopt", "of": of, "lines": _list_lines(exclusions), "cells": cells})

    def revert(self, record: Exclusion, column: str) -> Standing:
        """Put the value of the source back."""
        return self._write({"do": "revert", "lines": _list_lines([record]), "column": column})

    def undo(self) -> Standing:
        """Take the last action back that is not taken back yet. Raises TableError when there is none."""
        return self._write({"do": "undo"})

    def redo(self) -> Standing:
        """Do again what was undone last. Raises TableError when there is nothing."""
        return self._write({"do": "redo"})

    def _write(self, action: Mapping[str, Any]) -> Standing:
        line = json.dumps(action, ensure_ascii=False).encode() + b"\n"
        with self._guard, self._opened() as file:
            self._catch_up(file)
            way = action["do"]
            if way in ("undo", "redo") and not (self._done if way == "undo" else self._undone):
                raise TableError(f"There is nothing to {way}.", "Nothing was changed since.")
            file.truncate(self._read)  # what was torn
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
            self._read += len(line)
            changed = self._apply(action)
            return self._stand(changed)

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        new = not self._path.exists()
        with self._path.open("ab+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # released with the file
            if new:
                sync_path(self._path.parent)
            yield file

    def _catch_up(self, file: BinaryIO) -> None:
        """Read the lines that were written since; one that is not whole at the end is left."""
        size = os.fstat(file.fileno()).st_size
        if size < self._read:  # another file stands here now
            self._forget()
        file.seek(self._read)
        lines = file.read(size - self._read).split(b"\n")[:-1]
        for number, line in enumerate(lines):
            try:
                action = json.loads(line)
                self._apply(action)
            except (ValueError, LookupError, TypeError) as error:
                if number == len(lines) - 1:  # torn, with an end by chance
                    return
                raise WorkspaceError(
                    f"The changes in {self._path.name} are damaged {self._read} bytes into the file.",
                    "Move the file away; the source and the table are as they were.",
                ) from error
            self._read += len(line) + 1

    def _apply(self, action: Mapping[str, Any]) -> Puts:
        way = action["do"]
        if way == "undo":
            done = self._done.pop()
            self._undone.append(done)
            self._put(done.before)
            return done.before
        if way == "redo":
            done = self._undone.pop()
            self._done.append(done)
            self._put(done.puts)
            return done.puts
        puts = _read_puts(action)
        self._done.append(_Done(_name_action(action), puts, self._put(puts)))
        self._undone.clear()
        return puts

    def _put(self, puts: Puts) -> Puts:
        before = {slot: self._marks.get(slot) for slot in puts}
        for slot, mark in puts.items():
            if mark is None:
                self._marks.pop(slot, None)
            else:
                self._marks[slot] = mark
        self._standing = None
        return before

    def _stand(self, changed: Puts | None = None) -> Standing:
        if self._standing is None:
            undo, redo = (actions[-1].words if actions else None for actions in (self._done, self._undone))
            self._standing = Standing(marks=dict(self._marks), undo=undo, redo=redo)
        if not changed:
            return self._standing
        standing = self._standing
        return Standing(standing.marks, standing.undo, standing.redo, len(changed), min(changed, key=_order))

    def _forget(self) -> None:
        self._read = 0
        self._marks: dict[Slot, Mark] = {}
        self._done: list[_Done] = []
        self._undone: list[_Done] = []
        self._standing = None


def _list_lines(records: Sequence[Exclusion]) -> list[list[str | int]]:
    return [[record.file, record.line, record.hash] for record in records]


def _read_puts(action: Mapping[str, Any]) -> Puts:
    column, of = action.get("column"), action.get("of", "")
    if action["do"] == "adopt":
        puts: dict[Slot, Mark | None] = {
            Slot(file, line, name): Mark(known, of, value, text)
            for file, line, known, name, value, text in action["cells"]
        }
        return puts | {Slot(file, line): Mark(known, of) for file, line, known in action["lines"]}
    value, text = action.get("value"), action.get("text", True)
    sets = {"exclude": True, "edit": True, "restore": False, "revert": False}[action["do"]]
    return {
        Slot(file, line, column): Mark(known, of, value, text) if sets else None
        for file, line, known in action["lines"]
    }


def _name_action(action: Mapping[str, Any]) -> str:
    if action["do"] == "adopt":
        return "the changes of the recipe"
    if "column" in action:
        return f"{action['do']} {action['column']}"
    count = len(action["lines"])
    return f"{action['do']} {count:,} {'record' if count == 1 else 'records'}"


def _order(slot: Slot) -> tuple[str, int]:
    return slot.file, slot.line
