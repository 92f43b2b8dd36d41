"""Columns of a CSV: the names in its header, and the type of each; a row's cells become JSON spellings.

    id,question,score      types: {score: integer}      7,What is LoRA?,5   →   "7", "What is LoRA?", 5

Every column is text, unless the person says otherwise. Nothing is converted: a cell of another type is the
spelling that it has already, or its row is no record; an empty one is null. Knows nothing of lines.
"""

import re
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import polars as pl

from studio.errors import ReadError
from studio.reader.csv_file.rows import Rows
from studio.table import Typed
from studio.table.columns import build_series

_encode = msgspec.json.encode
_SPELLINGS: Mapping[str, tuple[str, re.Pattern[str]]] = {
    "integer": ("an integer", re.compile("-?(?:0|[1-9][0-9]*)")),
    "float": ("a number", re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")),
    "boolean": ("true or false", re.compile("true|false")),
}
_SHOWN_CHARACTERS = 40
_SHOWN_NAMES = 20


class Columns:
    """The columns of one file. Raises ReadError for names or types that cannot be, which `title` begins."""

    def __init__(self, names: Sequence[str], types: Mapping[str, str], title: str) -> None:
        _check_names(names, title)
        _check_types(names, types, title)
        self.names = list(names)
        self._typed = {names.index(name): kind for name, kind in types.items()}

    def find_fault(self, cells: Sequence[str]) -> str:
        """Why a row is no record; "" when it is one."""
        if len(cells) != len(self.names):
            count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            return f"{count}, but the header has {len(self.names)}"
        for index, kind in self._typed.items():
            what, spelling = _SPELLINGS[kind]
            cell = cells[index]
            if cell and not spelling.fullmatch(cell):
                shown = cell if len(cell) <= _SHOWN_CHARACTERS else cell[:_SHOWN_CHARACTERS] + "…"
                return f"{self.names[index]} is {shown!r}, not {what}"
        return ""

    def find_odd(self, rows: Rows) -> list[int]:
        """The rows that are no records."""
        if self._typed:
            return [row for row in range(len(rows.lines)) if self.find_fault(rows.row(row))]
        found: list[int] = np.flatnonzero(np.diff(rows.firsts) != len(self.names)).tolist()
        return found

    def spell_row(self, cells: Sequence[str]) -> dict[str, bytes]:
        """Name → JSON spelling of a row that is a record."""
        return {
            name: _spell_typed(cell) if index in self._typed else _encode(cell)
            for index, (name, cell) in enumerate(zip(self.names, cells, strict=True))
        }

    def build(self, cells: Sequence[str]) -> Typed:
        """The same for many rows that are records, as columns; `cells` are those of all of them."""
        step = len(self.names)
        return {
            name: build_series([_spell_typed(cell) for cell in cells[index::step]])
            if index in self._typed
            else ("text", pl.Series(values=cells[index::step], dtype=pl.String))
            for index, name in enumerate(self.names)
        }


def _spell_typed(cell: str) -> bytes:
    return cell.encode() or b"null"


def _check_names(names: Sequence[str], title: str) -> None:
    if any("\0" in name for name in names):
        raise ReadError(f"{title} has a NUL character in its header.", "Give its columns plain names.")
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ReadError(f"{title} has two columns named {name!r}.", "Give each column a name of its own.")
        seen.add(name)


def _check_types(names: Sequence[str], types: Mapping[str, str], title: str) -> None:
    for name, kind in types.items():
        if name not in names:
            shown = ", ".join(names[:_SHOWN_NAMES]) + (", …" if len(names) > _SHOWN_NAMES else "")
            raise ReadError(
                f"{title} has no column {name} that could be of type {kind}.", f"Columns are: {shown}."
            )
