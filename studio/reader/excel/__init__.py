"""An Excel sheet: the first row that is not empty names the columns, the rows below are the records.

    A: question       B: asked          →   {"question": "What is LoRA?", "asked": "2024-02-29"}
    What is LoRA?     29/02/2024

`line` is the number of the row in the sheet, and a row has no bytes of its own: its length is 0. An empty
cell is null; a row of empty cells is blank, and those below the last record are no rows. Of merged cells the
first holds the value. An error such as #N/A, or a value where the header names no column, sends its row to
the quarantine. One column may lack a name, as the index that pandas writes does: it is called "", and missing
where it is empty.

Knows nothing of how a workbook is stored.
"""

import json
from collections import Counter
from dataclasses import replace

import msgspec

from studio.errors import ReadError
from studio.reader.excel.workbook import Cells, Workbook, name_column
from studio.reader.opening import Opened
from studio.reader.strict import RecordDecoder
from studio.settings import Limits
from studio.source import Source
from studio.table import TableWriter

_TIMES = {"date", "time", "datetime", "duration"}
_ROWS_BETWEEN = 1_000
_NAMES_TOLD = 10


def read_excel(opened: Opened, writer: TableWriter, source: Source, limits: Limits) -> bool:
    """Feed the writer until it is full; whether the sheet held no more than that.

    Raises ReadError for a damaged workbook, for one of several sheets (its proposal lists them), and for a
    header that cannot name columns.
    """
    writer.reread = RecordDecoder(limits.depth).decode
    with opened.as_file() as path:
        book = Workbook(path, opened.title, limits)
        sheet = _choose_sheet(book, source.sheet, opened.title)
        if source.sheet is None and len(book.sheets) > 1:
            writer.source = replace(writer.source, sheet=sheet)
        rows = _Rows(writer, f"The sheet {sheet} of {opened.title}", limits)
        complete = True
        for number, cells in book.iter_rows(sheet):
            complete = rows.take(number, cells)
            if not complete:
                break
            if number % _ROWS_BETWEEN == 0:
                opened.on_read()
        rows.end()
        return complete


def _choose_sheet(book: Workbook, asked: str | None, title: str) -> str:
    """The sheet asked for, or the only one that is shown."""
    shown = [sheet for sheet in book.sheets if sheet not in book.hidden]
    proposal = {"sheet": [*shown, *book.hidden]}
    if asked is not None:
        if asked in book.sheets:
            return asked
        raise ReadError(f"{title} has no sheet {asked}.", f"It has: {_tell(book.sheets)}.", proposal=proposal)
    if len(shown) == 1:
        return shown[0]
    if not book.sheets:
        raise ReadError(f"{title} has no sheet of cells.", "Save the data as a sheet, or as CSV.")
    raise ReadError(
        f"{title} has {len(shown) or len(book.sheets)} sheets: {_tell(shown or book.sheets)}.",
        "Name one of them with --sheet.",
        proposal=proposal,
    )


class _Rows:
    """Rows on their way to the writer; `name` is what a person calls the sheet."""

    def __init__(self, writer: TableWriter, name: str, limits: Limits) -> None:
        self._writer, self._name, self._limits = writer, name, limits
        self._header: dict[int, str] = {}
        self._columns: dict[int, str] = {}
        self._row = self._blank = 0
        self._kinds: dict[str, set[str]] = {}

    def take(self, number: int, cells: Cells) -> bool:
        """Take a row, and the empty ones before it; False when there was no room for it."""
        self._blank += number - self._row - 1 + (not cells)
        self._row = number
        if not cells:
            return True
        if self._header and self._writer.full:
            return False
        self._writer.count_blank(self._blank)
        self._blank = 0
        if self._header:
            self._add(number, cells)
        else:
            self._read_header(cells)
        return True

    def end(self) -> None:
        """Note the columns that hold nothing but times. Raises ReadError when there was no header."""
        if not self._header:
            raise ReadError(
                f"{self._name} is empty.", "Name another sheet with --sheet, or check its export."
            )
        for name, kinds in self._kinds.items():
            if kinds <= {"date", "datetime"} or (len(kinds) == 1 and kinds <= _TIMES):
                self._writer.note_types({name: max(kinds)})

    def _read_header(self, cells: Cells) -> None:
        names = {column: _name(value.spelling) for column, value in cells.items()}
        self._header = {column: name for column, name in names.items() if name}
        for column, value in cells.items():
            if value.fault:
                raise ReadError(
                    f"{self._name} has no header: column {name_column(column)} is {value.fault}.",
                    "The first row that is not empty names the columns.",
                )
        twice = [name for name, times in Counter(self._header.values()).items() if times > 1]
        if twice:
            raise ReadError(
                f"{self._name} has two columns named {twice[0]!r}.", "Give each column a name of its own."
            )
        if len(self._header) > self._limits.columns:
            raise ReadError(
                f"{self._name} has more than {self._limits.columns:,} columns.", "Leave some out."
            )
        last = max(self._header, default=0)
        nameless = next((column for column in range(1, last) if column not in self._header), None)
        self._columns = {
            c: self._header.get(c, "") for c in range(1, last + 1) if c in self._header or c == nameless
        }

    def _add(self, number: int, cells: Cells) -> None:
        reason = self._find_fault(cells)
        if reason:
            named = {
                self._header.get(column) or f"column {name_column(column)}": c for column, c in cells.items()
            }
            raw = b", ".join(b"%b: %b" % (_spell(name), value.spelling) for name, value in named.items())
            self._writer.quarantine(b"{%b}" % raw, reason, line=number, offset=number - 1)
            return
        fields = {
            name: cells[column].spelling if column in cells else b"null"
            for column, name in self._columns.items()
            if name or column in cells
        }
        for column, value in cells.items():
            self._kinds.setdefault(self._columns[column], set()).add(value.kind)
        self._writer.add(fields, line=number, offset=number - 1, length=0)

    def _find_fault(self, cells: Cells) -> str:
        last = max(self._header)
        for column, value in cells.items():
            letters = name_column(column)
            if value.fault:
                return f"{self._header.get(column) or f'column {letters}'} is {value.fault}"
            if column > last:
                return f"a value in column {letters}, but the header ends at column {name_column(last)}"
            if column not in self._columns:
                return f"a value in column {letters}, which the header does not name"
        return ""


def _name(spelling: bytes) -> str:
    """A cell of the header as a name: a text as it is, a number as it is spelled."""
    return str(msgspec.json.decode(spelling)) if spelling.startswith(b'"') else spelling.decode()


def _spell(name: str) -> bytes:
    return json.dumps(name, ensure_ascii=False).encode()


def _tell(names: "list[str] | tuple[str, ...]") -> str:
    more = f" and {len(names) - _NAMES_TOLD:,} more" if len(names) > _NAMES_TOLD else ""
    return ", ".join(names[:_NAMES_TOLD]) + more
