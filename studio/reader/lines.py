"""Lines of a byte stream, with flat memory: only `\\n` ends a line, and each knows its number and its offset.

Lines come in blocks, each one piece of memory, for whoever can take many at once.

Knows nothing of what a line holds.
"""

import time
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

CHUNK_BYTES = 1 << 20
HEAD_BYTES = 10_000
BOM = b"\xef\xbb\xbf"
_NEWLINE = 10
_PATIENCE = 0.5  # seconds that a block waits for its bytes, so that a slow stream is seen to go on

Positions = NDArray[np.int64]


class ByteStream(Protocol):
    """Anything that gives its next bytes, and b"" at its end."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; b"" only at the end."""
        ...


class Line(NamedTuple):
    """A line without its `\\n`; one over the limit is cut to its start, while `length` stays true."""

    number: int
    offset: int
    raw: bytes
    length: int


class Block(NamedTuple):
    """Whole lines with `\\n` between them, as `text`; or one line of which `cut` bytes were left out."""

    number: int
    offset: int
    text: bytes
    cut: int = 0
    newlines: Positions | None = None

    def iter_lines(self, limit: int) -> Iterator[Line]:
        """Each line, cut to its start when it is over `limit` bytes."""
        head = min(HEAD_BYTES, limit)
        number, offset = self.number, self.offset
        for piece in self.text.split(b"\n"):
            length = len(piece) + self.cut
            yield Line(number, offset, piece if length <= limit else piece[:head], length)
            number, offset = number + 1, offset + length + 1

    def split(self, lines: int) -> Iterator["Block"]:
        """The same lines, so many in a block."""
        starts, ends = self.find_lines()
        for first in range(0, len(starts), lines):
            last = min(first + lines, len(starts)) - 1
            text = self.text[starts[first] : ends[last]]
            yield Block(self.number + first, self.offset + int(starts[first]), text, self.cut)

    def find_lines(self) -> tuple[Positions, Positions]:
        """Where in `text` each line begins and ends."""
        newlines = _find_newlines(self.text) if self.newlines is None else self.newlines
        return np.append(0, newlines + 1), np.append(newlines, len(self.text))


def iter_lines(stream: ByteStream, limit: int) -> Iterator[Line]:
    """Every line of the stream, the last with or without `\n`; a byte order mark at the start is left out.

    `raw` is the start of the line only, and shorter than `length`, when the line is over `limit` bytes.
    """
    for block in iter_blocks(stream, limit):
        yield from block.iter_lines(limit)


def iter_blocks(stream: ByteStream, limit: int, wanted: int = 0) -> Iterator[Block]:
    """The same lines in blocks: those that end in one read, or in reads of about `wanted` bytes together."""
    number, offset, head = 1, 0, min(HEAD_BYTES, limit)
    held, cut = b"", 0
    for chunk in _iter_chunks(stream, wanted):
        if number == 1 and not offset and not held and chunk.startswith(BOM):
            chunk, offset = chunk[len(BOM) :], len(BOM)
        if cut and (end := chunk.find(b"\n")) >= 0:
            yield Block(number, offset, held, cut + end)
            number, offset = number + 1, offset + len(held) + cut + end + 1
            held, cut, chunk = b"", 0, chunk[end + 1 :]
        end = -1 if cut else chunk.rfind(b"\n")
        if end >= 0:
            text, held = b"".join((held, memoryview(chunk)[:end])), b""
            newlines = _find_newlines(text)
            yield Block(number, offset, text, newlines=newlines)
            number, offset = number + len(newlines) + 1, offset + len(text) + 1
        held += chunk[end + 1 :]
        if len(held) + cut > limit:
            cut += max(0, len(held) - head)
            held = held[:head]
    if held or cut:
        yield Block(number, offset, held, cut)


def _find_newlines(text: bytes) -> Positions:
    return np.flatnonzero(np.frombuffer(text, np.uint8) == _NEWLINE)


def _iter_chunks(stream: ByteStream, wanted: int) -> Iterator[bytes]:
    """What the stream gives, about `wanted` bytes at a time; what came before an error comes before it."""
    failed: Exception | None = None
    while failed is None and (chunk := stream.read(max(wanted, CHUNK_BYTES))):
        pieces, size, started = [chunk], len(chunk), time.monotonic()
        while chunk and size < wanted and time.monotonic() - started < _PATIENCE:
            try:
                chunk = stream.read(wanted - size)
            except Exception as error:
                failed, chunk = error, b""
            pieces.append(chunk)
            size += len(chunk)
        yield b"".join(pieces)
    if failed is not None:
        raise failed


def describe_size(size: int) -> str:
    """A size in the unit that a person would choose: 64 MB, 1.5 GB."""
    for unit, scale in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size >= scale:
            return f"{size / scale:.3g} {unit}"
    return f"{size} bytes"
