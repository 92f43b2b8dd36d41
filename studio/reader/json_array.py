"""A JSON array of objects, element by element with flat memory; `line` is its one-based number.

A broken element that still ends at a comma goes to the quarantine alone. Where the array itself breaks (it
is never closed, or text follows it) the rest goes to the quarantine as one entry, so that nothing is passed
over.

Knows nothing of where the bytes come from.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from typing import NamedTuple

from studio.reader.lines import CHUNK_BYTES, HEAD_BYTES, ByteStream, describe_size
from studio.reader.strict import Fault, RecordDecoder
from studio.settings import Limits
from studio.source import Source
from studio.table import TableWriter

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)|[\[\]{},]', re.DOTALL)
_INSIDE = re.compile(rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)  # up to the next bracket
_STRING_END = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*(")', re.DOTALL)
_SPACE = b" \t\n\r"


class Element(NamedTuple):
    """The bytes between two commas, whitespace around them left out; cut to its start when over the limit.

    `fault` is set when the structure breaks here; no element follows.
    """

    offset: int
    raw: bytes
    length: int
    fault: str = ""


def read_json_array(stream: ByteStream, writer: TableWriter, source: Source, limits: Limits) -> bool:
    """Feed the writer until it is full; whether the stream held no more than that."""
    return feed_elements(iter_elements(stream, limits.line_bytes), writer, limits) is not None


def feed_elements(elements: Iterable[Element], writer: TableWriter, limits: Limits) -> int | None:
    """Feed the writer; how many elements there were, or None when it was full before the last of them."""
    decode = RecordDecoder(limits.depth).decode
    writer.reread = decode
    number = 0
    for number, element in enumerate(elements, 1):
        offset, raw, length, reason = element
        if writer.full:
            return None
        if length > len(raw):
            reason = reason or f"element over {describe_size(limits.line_bytes)}"
            reason += "; only its start is kept here"
        fields = None
        if not reason:
            try:
                fields = decode(raw)
            except Fault as fault:
                reason = fault.reason if raw else "an empty element: a comma too many"
        if fields is None:
            writer.quarantine(raw, reason, line=number, offset=offset, length=length)
        else:
            writer.add(fields, line=number, offset=offset, length=length)
    return number


def iter_elements(stream: ByteStream, limit: int) -> Iterator[Element]:
    """The elements of the array that the stream holds; `[` is the first thing in it, but for whitespace."""
    return ArrayScanner(stream, limit).scan()


class ArrayScanner:
    """Splits at the commas of depth 1, a chunk at a time; a string may run over into the next.

    `start` is the offset of the stream's first byte in what it is a part of.
    """

    def __init__(self, stream: ByteStream, limit: int, start: int = 0) -> None:
        self._stream, self._limit = stream, limit
        self._depth = 0
        self._in_string = False
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._start = 0
        self._base = start
        self._elements = 0
        self.rest: tuple[bytes, int] | None = None

    def scan(self) -> Iterator[Element]:
        """The elements, the last of them with a fault when the array breaks or text follows it."""
        yield from self.scan_array()
        if self.rest is not None:
            yield from self._scan_rest(*self.rest)

    def scan_array(self) -> Iterator[Element]:
        """The elements; then `rest` is what was read of the stream beyond the array, and where that begins.

        When the array is not closed the last element has a fault, and there is no `rest`.
        """
        carried = b""
        while chunk := self._stream.read(CHUNK_BYTES):
            chunk = carried + chunk
            # A backslash at the very end would be parted from the letter that it escapes.
            escapes = len(chunk) - len(chunk.rstrip(b"\\"))
            carried = b"\\" * (escapes % 2)
            chunk = chunk[: len(chunk) - len(carried)]
            end = yield from self._scan_chunk(chunk)
            if end is not None:
                self.rest = (chunk[end:] + carried, self._base + end)
                return
            self._base += len(chunk)
        self._hold(carried)
        if self._depth == 1 and not self._in_string and not self._is_blank():
            yield self._take()
            self._start = self._base
        yield self._take("the file ends before the array is closed: ] is missing")

    def _scan_chunk(self, chunk: bytes) -> Generator[Element, None, int | None]:
        """Yield the elements that end in this chunk; return where the array is closed, if it is here."""
        at = begin = 0
        while token := self._find_token(chunk, at):
            at = token.end()
            letter = chunk[token.start() : token.start() + 1]
            if self._in_string or letter == b'"':
                self._in_string = not token[1]
            elif letter in b"[{":
                self._depth += 1
                if self._depth == 1:
                    begin, self._start = at, self._base + at
            elif letter in b"]}":
                self._depth -= 1
                if self._depth == 0:
                    yield from self._close(chunk[begin : at - 1], letter)
                    return at
            elif self._depth == 1:
                self._hold(chunk[begin : at - 1])
                yield self._take()
                begin, self._start = at, self._base + at
        self._hold(chunk[begin:])
        return None

    def _find_token(self, chunk: bytes, at: int) -> re.Match[bytes] | None:
        if self._in_string:
            return _STRING_END.match(chunk, at)
        if self._depth > 1 and (inside := _INSIDE.match(chunk, at)):
            at = inside.end()
        return _TOKEN.search(chunk, at)

    def _close(self, piece: bytes, letter: bytes) -> Iterator[Element]:
        self._hold(piece)
        if self._elements or not self._is_blank():
            yield self._take("" if letter == b"]" else "the array is closed by } instead of ]")

    def _scan_rest(self, rest: bytes, start: int) -> Iterator[Element]:
        self._held, self._held_bytes, self._start = [], 0, start
        self._hold(rest)
        while chunk := self._stream.read(CHUNK_BYTES):
            self._hold(chunk)
        if not self._is_blank():
            yield self._take("more text after the end of the array")

    def _hold(self, piece: bytes) -> None:
        if self._held_bytes <= self._limit:
            self._held.append(piece)
        self._held_bytes += len(piece)

    def _is_blank(self) -> bool:
        return not b"".join(self._held).strip(_SPACE)

    def _take(self, fault: str = "") -> Element:
        held = b"".join(self._held)
        dropped = self._held_bytes - len(held)
        raw = held.lstrip(_SPACE)
        offset = self._start + len(held) - len(raw)
        raw = raw if dropped else raw.rstrip(_SPACE)
        length = len(raw) + dropped
        self._held, self._held_bytes = [], 0
        self._elements += 1
        return Element(
            offset, raw if length <= self._limit else raw[: min(HEAD_BYTES, self._limit)], length, fault
        )
