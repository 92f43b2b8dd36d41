"""Lines of a byte stream, with flat memory: only `\\n` ends a line, and each knows its number and its offset.

Knows nothing of what a line holds.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple, Protocol

CHUNK_BYTES = 1 << 20
HEAD_BYTES = 10_000
BOM = b"\xef\xbb\xbf"


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


def iter_lines(stream: ByteStream, limit: int) -> Iterator[Line]:
    """Every line of the stream, the last with or without `\n`; a byte order mark at the start is left out.

    `raw` is the start of the line only, and shorter than `length`, when the line is over `limit` bytes.
    """
    return chain.from_iterable(iter_blocks(stream, limit))


def iter_blocks(stream: ByteStream, limit: int) -> Iterator[list[Line]]:
    """The same lines, those that end in one read together."""
    number, offset, head = 1, 0, min(HEAD_BYTES, limit)
    held, dropped = b"", 0
    while chunk := stream.read(CHUNK_BYTES):
        if number == 1 and not offset and not held and chunk.startswith(BOM):
            chunk, offset = chunk[len(BOM) :], len(BOM)
        pieces = chunk.split(b"\n")
        pieces[0] = held + pieces[0]
        held = pieces.pop()
        block = []
        for piece in pieces:
            length = len(piece) + dropped
            block.append(Line(number, offset, piece if length <= limit else piece[:head], length))
            number, offset, dropped = number + 1, offset + length + 1, 0
        yield block
        if len(held) + dropped > limit:
            dropped += max(0, len(held) - head)
            held = held[:head]
    if held or dropped:
        length = len(held) + dropped
        yield [Line(number, offset, held if length <= limit else held[:head], length)]


def describe_size(size: int) -> str:
    """A size in the unit that a person would choose: 64 MB, 1.5 GB."""
    for unit, scale in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size >= scale:
            return f"{size / scale:.3g} {unit}"
    return f"{size} bytes"
