"""CSV: a header and rows of text; every cell is text, an empty one the empty string.

A row with another number of cells than the header has goes to the quarantine. `line` is the physical line
where the row starts. Nothing is guessed: the separator is a comma, the quote a double quote, the encoding
UTF-8.
"""

import csv
from collections.abc import Iterator

import msgspec

from studio.errors import ReadError
from studio.reader.lines import ByteStream, Line, describe_size, iter_lines
from studio.settings import Limits
from studio.source import Source
from studio.table import TableWriter

_encode = msgspec.json.encode


def read_csv(stream: ByteStream, writer: TableWriter, source: Source, limits: Limits) -> bool:
    """Feed the writer until it is full; whether the stream held no more than that.

    Raises ReadError for a header that cannot name columns.
    """
    csv.field_size_limit(limits.line_bytes)
    rows = _Rows(stream, limits.line_bytes)
    header = rows.read_header(writer.name)
    for cells in rows:
        if not b"".join(line.raw for line in rows.lines).strip() and len(cells) != len(header):
            writer.count_blank()
            continue
        if writer.full:
            return False
        place = {"line": rows.lines[0].number, "offset": rows.lines[0].offset, "length": rows.length}
        reason = rows.fault or _ragged(cells, header)
        if reason:
            writer.quarantine(b"\n".join(line.raw for line in rows.lines), reason, **place)
        else:
            writer.add(dict(zip(header, map(_encode, cells), strict=True)), **place)
    return True


def _ragged(cells: list[str], header: list[str]) -> str:
    if len(cells) == len(header):
        return ""
    count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    return f"{count}, but the header has {len(header)}"


class _Rows:
    """Rows of cells; `lines` are the physical lines of the last one, `fault` what is wrong with it."""

    def __init__(self, stream: ByteStream, limit: int) -> None:
        self._source = iter_lines(stream, limit)
        self._limit = limit
        self._parsed = csv.reader(self._feed(), strict=True)
        self.lines: list[Line] = []
        self.fault = ""

    def _feed(self) -> Iterator[str]:
        for line in self._source:
            self.lines.append(line)
            if line.length > len(line.raw):
                self.fault = f"line over {describe_size(self._limit)}; only its start is kept here"
            try:
                text = line.raw.decode("utf-8")
            except UnicodeDecodeError as error:
                self.fault = f"not UTF-8 at byte {error.start + 1} of line {line.number}"
                text = line.raw.decode("utf-8", "replace")
            yield text + "\n"

    def __iter__(self) -> Iterator[list[str]]:
        while True:
            self.lines, self.fault = [], ""
            try:
                yield next(self._parsed)
            except StopIteration:
                return
            except csv.Error as error:
                self.fault = f"not CSV: {error}"
                yield []

    @property
    def length(self) -> int:
        """Bytes from the start of the row to the end of its last line."""
        last = self.lines[-1]
        return last.offset + last.length - self.lines[0].offset

    def read_header(self, name: str) -> list[str]:
        for cells in self:
            if cells or self.fault:
                self._check_header(cells, name)
                return cells
        raise ReadError(f"{name} has no header.", "The first line of a CSV names its columns.")

    def _check_header(self, cells: list[str], name: str) -> None:
        if self.fault:
            raise ReadError(
                f"The header of {name} cannot be read: {self.fault}.", "Save the file as UTF-8 CSV."
            )
        if any("\0" in cell for cell in cells):
            raise ReadError(f"{name} has a NUL character in its header.", "Give its columns plain names.")
        twice = sorted({cell for cell in cells if cells.count(cell) > 1})
        if twice:
            raise ReadError(
                f"{name} has two columns named {twice[0]!r}.", "Give each column a name of its own."
            )
        for separator, word in ((";", "semicolons"), ("\t", "tabs")):
            if len(cells) == 1 and separator in cells[0]:
                raise ReadError(
                    f"{name} is separated by {word}, not commas.", "Save it with commas between the columns."
                )
