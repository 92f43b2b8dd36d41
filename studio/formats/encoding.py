"""The bytes of a file of lines: records spelled as JSON or CSV, framed as an array, packed.

    [{"text": "What is LoRA?"},           json: an array, a record a line
    {"text": "What is an epoch?"}]

    "question","answer"                   csv, as RFC 4180 has it, but for its line ends, which are \\n
    "'=1+1","2"                           what a spreadsheet would run begins with an apostrophe

Packed files hold no time and no name, so that they repeat. What is packed depends on the library's version.
"""

import gzip
import io
from typing import Any, Protocol

import polars as pl
import pyarrow as pa
from polars import selectors as cs

FORMULA = r"^[\s\x00]*[=+\-@＝＋－＠]"
"""What a spreadsheet takes for a formula, whatever blank stands before it (OWASP, CSV Injection)."""

_GZIP_LEVEL = 4  # four times as fast as the usual 6, for a twentieth more bytes


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> int:
        """Take all of the bytes."""
        ...


class LineWriter:
    """One file of lines, written piece by piece: whole lines in, the bytes of the file out."""

    bytes_at_once = 8 << 20
    records_at_once = 1 << 40

    def __init__(self, sink: Sink, framing: "Framing") -> None:
        self._sink, self._framing = sink, framing
        sink.write(framing.begin())

    def write(self, pieces: list[bytes]) -> None:
        """Write these lines after those before."""
        self._sink.write(self._framing.frame(pieces[0] if len(pieces) == 1 else b"".join(pieces)))

    def close(self) -> None:
        """Write what comes after the last line."""
        self._sink.write(self._framing.end())


class Framing(Protocol):
    """What stands around the lines of a file, or becomes of them."""

    def begin(self) -> bytes:
        """What comes before the first line."""
        ...

    def frame(self, lines: bytes) -> bytes:
        """What whole lines are in the file."""
        ...

    def end(self) -> bytes:
        """What comes after the last line."""
        ...


class _Bare:
    """The lines as they are, below a head."""

    def __init__(self, head: bytes = b"") -> None:
        self._head = head

    def begin(self) -> bytes:
        return self._head

    def frame(self, lines: bytes) -> bytes:
        return lines

    def end(self) -> bytes:
        return b""


class _Array:
    """Lines of JSON as the elements of an array; a line end in JSON is never inside a value."""

    def __init__(self) -> None:
        self._before = b"[\n"

    def begin(self) -> bytes:
        return b""

    def frame(self, lines: bytes) -> bytes:
        if not lines:
            return b""
        before, self._before = self._before, b",\n"
        return before + lines[:-1].replace(b"\n", b",\n")

    def end(self) -> bytes:
        return b"[]\n" if self._before == b"[\n" else b"\n]\n"


class _Packed:
    """Lines packed by a file object that writes into another."""

    def __init__(self, kind: str) -> None:
        self._taken = _Taken()
        self._file: Any = (
            gzip.GzipFile(filename="", mode="wb", fileobj=self._taken, mtime=0, compresslevel=_GZIP_LEVEL)
            if kind == "gz"
            else pa.CompressedOutputStream(pa.PythonFile(self._taken, mode="w"), "zstd")
        )

    def begin(self) -> bytes:
        return b""

    def frame(self, lines: bytes) -> bytes:
        self._file.write(lines)
        return self._taken.take()

    def end(self) -> bytes:
        self._file.close()
        return self._taken.take()


class _Taken(io.RawIOBase):
    """A file whose bytes are taken out again as they come."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._held.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        held, self._held = self._held, []
        return b"".join(held)

    def close(self) -> None:
        """What is held can still be taken."""


def frame_file(file: str, names: list[str]) -> Framing:
    """The framing of a file of lines; `names` are those of its columns."""
    if file == "csv":
        return _Bare(_encode_cells(pl.DataFrame(schema=dict.fromkeys(names, pl.String)), header=True))
    if file == "json":
        return _Array()
    return _Bare() if file == "jsonl" else _Packed(file.rpartition(".")[2])


def encode_lines(frame: pl.DataFrame) -> bytes:
    """The frame as JSON Lines: UTF-8, one compact object a row, `\\n` after each; no rows give no bytes."""
    lines = io.BytesIO()
    frame.write_ndjson(lines)
    return lines.getvalue()


def encode_cells(frame: pl.DataFrame) -> tuple[bytes, int]:
    """Texts as rows of CSV without a head, and how many of them got an apostrophe in front.

    They are those that a spreadsheet would run: https://owasp.org/www-community/attacks/CSV_Injection.
    """
    risky = frame.select(cs.string().str.contains(FORMULA))
    guarded = sum(int(column.sum()) for column in risky)
    if guarded:
        formula = cs.string().str.contains(FORMULA)
        frame = frame.with_columns(
            pl.when(formula).then("'" + cs.string()).otherwise(cs.string()).name.keep()
        )
    return _encode_cells(frame, header=False), guarded


def _encode_cells(frame: pl.DataFrame, *, header: bool) -> bytes:
    rows = io.BytesIO()
    frame.write_csv(rows, include_header=header)
    return rows.getvalue()
