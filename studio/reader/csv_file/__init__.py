"""CSV and TSV: a header, and rows of cells under it, read strictly; every cell is text as it stands.

    dialect    what parts and what quotes cells: asked for, or decided by name and header line
    rows       rows of cells with their place; a row that breaks costs its first line
    columns    the names, and the types that a person gave

A row of another width than the header, a cell that is not of the type asked for, and bytes that are not UTF-8
go to the quarantine with the row's whole text. Nothing but whitespace is a blank line, unless it has as many
cells as the header. `line` is the physical line where the row starts.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from studio.errors import ReadError
from studio.reader.csv_file.columns import Columns
from studio.reader.csv_file.dialect import Dialect, decide_dialect, describe_fault
from studio.reader.csv_file.rows import Rows, iter_rows
from studio.reader.opening import Opened
from studio.reader.strict import Fault, RecordDecoder
from studio.settings import Limits
from studio.source import Source
from studio.table import TableWriter

_MANY_CELLS = 4_000  # fewer are not worth a block of columns of their own


def read_csv(opened: Opened, writer: TableWriter, source: Source, limits: Limits) -> bool:
    """Feed the writer until it is full; whether the stream held no more than that.

    What was decided is put into the writer's source. Raises ReadError for a header that cannot name columns,
    and for a type of a column that is not there.
    """
    dialect = decide_dialect(opened, source)
    _note_dialect(writer, source, dialect)
    source = dialect.apply(source)
    columns = None
    for rows in iter_rows(opened, dialect, limits.line_bytes, together=writer.room is None):
        if columns is None:
            begin = _count_blank(rows)
            writer.count_blank(begin)
            if begin == len(rows.lines):
                continue
            columns = Columns(_check_header(rows, begin, opened.title), source.types, opened.title)
            writer.reread = partial(decode_row, header=columns.names, source=source, limits=limits)
            rows = rows.drop_first(begin + 1)
        if not _feed(rows, columns, writer):
            return False
    if columns is None:
        raise _headless(opened)
    return True


def read_header(opened: Opened, source: Source, limits: Limits) -> tuple[list[str], Source]:
    """The names in the header of a file, and the source with what was decided for it; both for `decode_row`.

    Raises ReadError for a header that cannot be read.
    """
    dialect = decide_dialect(opened, source)
    for rows in iter_rows(opened, dialect, limits.line_bytes, together=False):
        begin = _count_blank(rows)
        if begin < len(rows.lines):
            return _check_header(rows, begin, opened.title), dialect.apply(source)
    raise _headless(opened)


def decode_row(line: bytes, header: Sequence[str], source: Source, limits: Limits) -> Mapping[str, bytes]:
    """Name → JSON spelling for the raw text of one row; raises Fault when it is none.

    A text that is one JSON object is taken as that object, with whatever names it has.
    """
    if line.lstrip().startswith(b"{"):
        try:
            return RecordDecoder(limits.depth).decode(line)
        except Fault:
            pass  # a row may begin like this as well
    try:
        lines = line.decode("utf-8").removesuffix("\n").split("\n")
        rows = list(Dialect.of(source).parse(text + "\n" for text in lines))
    except UnicodeDecodeError as error:
        raise Fault(f"not UTF-8 at byte {error.start + 1}") from None
    except csv.Error as error:
        raise Fault(describe_fault(error)) from None
    if len(rows) != 1:
        raise Fault(f"{len(rows)} rows, where one stood")
    columns = Columns(header, source.types, source.name)
    if reason := columns.find_fault(rows[0]):
        raise Fault(reason)
    return columns.spell_row(rows[0])


def _note_dialect(writer: TableWriter, source: Source, dialect: Dialect) -> None:
    """Show what was decided, unless the files of one source differ: each decides for itself again then."""
    if source.hub is not None:  # it takes no such option: what its README says is applied file by file
        return
    fresh = not (writer.accepted or writer.quarantined or writer.blank)
    noted: dict[str, Any] = {}
    for name, decided in dialect._asdict().items():
        known = getattr(writer.source, name)
        if getattr(source, name) is None and known != decided and (fresh or known is not None):
            noted[name] = decided if known is None else None
    writer.source = replace(writer.source, **noted)


def _is_blank(rows: Rows, row: int) -> bool:
    return row not in rows.odd and not rows.raw(row).strip()


def _count_blank(rows: Rows) -> int:
    return next((row for row in range(len(rows.lines)) if not _is_blank(rows, row)), len(rows.lines))


def _check_header(rows: Rows, row: int, title: str) -> list[str]:
    if row in rows.odd:
        raise ReadError(
            f"The header of {title} cannot be read: {rows.odd[row]}.", "Save the file as UTF-8 CSV."
        )
    return rows.row(row)


def _headless(opened: Opened) -> ReadError:
    return ReadError(f"{opened.title} has no header.", "The first line of a CSV names its columns.")


def _feed(rows: Rows, columns: Columns, writer: TableWriter) -> bool:
    odd = dict(rows.odd)
    for row in columns.find_odd(rows):
        if row not in odd:
            odd[row] = "" if _is_blank(rows, row) else columns.find_fault(rows.row(row))

    def add(kept: Sequence[int]) -> None:
        if len(kept) * len(columns.names) < _MANY_CELLS:
            writer.add_records([columns.spell_row(rows.row(row)) for row in kept], rows.place(kept))
        else:
            whole = len(kept) == len(rows.lines)
            cells = rows.cells if whole else [cell for row in kept for cell in rows.row(row)]
            writer.add_columns(columns.build(cells), rows.place(kept))

    return replace(rows, odd=odd).feed(writer, add)
