"""The bytes of records as they stand in the source: of one, for a person to see, and of all, to be copied.

Only text that lies in files of this machine is there to be read again: JSON Lines, JSON arrays, CSV and plain
text. What came over the network, or from a typed file, has no line of its own.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from studio.errors import SourceError
from studio.reader.fingerprint import refuse_edited
from studio.reader.lines import CHUNK_BYTES
from studio.reader.opening import Opened, open_source
from studio.reader.sniffing import format_of_name
from studio.record import Json, Record, Repair
from studio.settings import Settings
from studio.table import Table

_LINED = ("jsonl", "json", "csv", "text")
_SOON_BYTES = 256 << 20  # of a compressed file that are decoded for the sake of one line
_EDITED_AT_ONCE = 256


def read_raw(table: Table, row: int, settings: Settings) -> bytes:
    """The bytes of one record, as they stand in the decoded source, without the end of its line.

    Raises SourceError with the reason when they cannot be had.
    """
    place = table.place(row)
    if place.length == 0 and _format(table, place.file) == "json":
        raise SourceError(
            f"{table.name} holds whole columns: a record of it has no line.", "Its values are exact."
        )
    _refuse_lineless(table, place.file)
    with _open_file(table, place.file, settings) as opened:
        if _is_plain(opened):
            return _read_at(Path(str(table.files[place.file].path)), place.offset, place.length)
        if place.offset > _SOON_BYTES:
            raise SourceError(
                f"The line is too far into {table.name} to be decoded for one look.",
                "Decompress the file to see raw lines in it at once.",
            )
        return _Cursor(opened).take(place.offset, place.length)


def read_lines(table: Table, rows: Sequence[int], settings: Settings) -> Iterator[bytes | None]:
    """The bytes of records, as `read_raw` gives them, by ascending row; None where no plain file holds them.

    Raises SourceError when the files have changed since they were read.
    """
    refuse_edited(table)
    current, file = -1, None
    with ExitStack() as opened:
        for place in table.places(rows):
            if place.file != current:
                opened.close()
                current, file = place.file, _open_plain(table, place.file, settings)
                if file is not None:
                    opened.enter_context(file)
            if file is None or place.length == 0:
                yield None
                continue
            file.seek(place.offset)
            yield file.read(place.length)


def iter_record_lines(
    table: Table, repairs: Sequence[Repair] = (), settings: Settings | None = None
) -> Iterator[bytes]:
    """Every record in table order as one line of JSON, without its end.

    A record that is JSON in its source is copied byte by byte, or taken from its repair; an element of an
    array that goes over several lines is put on one. Other records, and edited ones, are spelled from their
    values.
    """
    if not copies_lines(table):
        yield from map(spell_record, table.iter_records())
        return
    mended = {(repair.file or table.files[0].name, repair.line): repair.raw for repair in repairs}
    edited = _iter_edited(table)
    for row, (raw, file, line) in enumerate(iter_raw(table, settings or Settings.from_env())):
        own = mended.get((table.files[file].name, line)) if mended else None
        text = raw if own is None else own.encode("utf-8", "surrogatepass")
        if row in table.changes.edits:
            yield spell_record(next(edited))
            continue
        # In JSON line ends are space between values, never in them; what is a line holds none.
        yield text.replace(b"\r", b" ").replace(b"\n", b" ") if own or table.format == "json" else text


def copies_lines(table: Table) -> bool:
    """Whether `iter_record_lines` copies the source's own bytes, of all records that are not edited."""
    return table.format in ("jsonl", "json") and bool(table.source.path) and keeps_lines(table)


def _iter_edited(table: Table) -> Iterator[Record]:
    """The edited records in table order, some at a time."""
    rows = list(table.changes.edits)
    for start in range(0, len(rows), _EDITED_AT_ONCE):
        yield from table.take(rows[start : start + _EDITED_AT_ONCE])


def spell_record(record: Record) -> bytes:
    """The record as a JSON object: its values in their own spelling, what is missing left out."""
    fields = (f"{_dump(name)}: {_spell(value)}" for name, value in record.items())
    return f"{{{', '.join(fields)}}}".encode("utf-8", "surrogatepass")


def keeps_lines(table: Table) -> bool:
    """Whether every record has bytes of its own in a file that is still there, and none is whole columns."""
    lined = all(
        file.path is not None and Path(file.path).is_file() and _format(table, index) in _LINED
        for index, file in enumerate(table.files)
    )
    return lined and not _holds_columns(table)


def _holds_columns(table: Table) -> bool:
    """Whether records stand in whole columns, and so have no bytes of their own."""
    if not any(_format(table, index) == "json" for index in range(len(table.files))):
        return False
    return any((places["length"] == 0).any() for places in table.iter_places())


def iter_raw(table: Table, settings: Settings) -> Iterator[tuple[bytes, int, int]]:
    """The bytes of every record in table order, with file and line, from one pass over the files.

    Raises SourceError when the files have changed since they were read.
    """
    refuse_edited(table)
    current, cursor = -1, None
    with ExitStack() as opened:
        for places in table.iter_places():
            for file, line, offset, length in places.iter_rows():
                if file != current or cursor is None:
                    opened.close()
                    current = file
                    cursor = _Cursor(opened.enter_context(_open_file(table, file, settings)))
                yield cursor.take(offset, length), file, line


class _Cursor:
    """Pieces of a stream in the order in which they stand there, with flat memory."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._held, self._start = b"", 0

    def take(self, offset: int, length: int) -> bytes:
        while self._start + len(self._held) < offset + length:
            chunk = self._opened.read(CHUNK_BYTES)
            if not chunk:
                raise SourceError("The source is shorter than when it was read.", "Load it again.")
            passed = min(len(self._held), max(0, offset - self._start))
            self._held = self._held[passed:] + chunk
            self._start += passed
        begin = offset - self._start
        return self._held[begin : begin + length]


def _format(table: Table, file: int) -> str:
    return table.format if table.format != "mixed" else format_of_name(table.files[file].name)


def _refuse_lineless(table: Table, file: int) -> None:
    if table.files[file].path is None:
        raise SourceError(
            f"{table.name} came over the network; its lines were not kept.", "Its values are exact."
        )
    kind = _format(table, file)
    if kind not in _LINED:
        raise SourceError(f"A record of a file of this format ({kind}) has no line.", "Its values are exact.")
    refuse_edited(table)


@contextmanager
def _open_file(table: Table, file: int, settings: Settings) -> Iterator[Opened]:
    with open_source(replace(table.source, path=table.files[file].path), settings) as opened:
        yield opened


def _open_plain(table: Table, file: int, settings: Settings) -> BinaryIO | None:
    """The file that holds the records as they were read; None when there is none, or only a packed one."""
    path = table.files[file].path
    if path is None or not Path(path).is_file() or _format(table, file) not in _LINED:
        return None
    with _open_file(table, file, settings) as opened:
        plain = _is_plain(opened)
    return Path(path).open("rb") if plain else None


def _is_plain(opened: Opened) -> bool:
    return not opened.compressed and opened.member is None and opened.encoding in (None, "utf-8")


def _read_at(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def _spell(value: str | Json | None) -> str:
    if value is None:
        return "null"
    return value.spelling if isinstance(value, Json) else _dump(value)


def _dump(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
