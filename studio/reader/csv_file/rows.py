"""Rows of cells from a stream of bytes, with the place of each, and flat memory.

A row may go over several lines inside of quotes. Where it breaks (text after a closing quote, a quote that is
not closed before the end or within the limit) its first line alone is no row, and the next line begins a row
again: one quote too many costs a line, and not the rest of the file.

Knows nothing of headers and types.
"""

import csv
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from studio.reader.batch import Batch, describe_long, iter_within, make_lone
from studio.reader.csv_file.dialect import Dialect, describe_fault, is_open
from studio.reader.lines import Block, ByteStream, Positions, describe_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Batch):
    """The cells of all rows in one list, and where in it those of each row begin; the end comes last.

    What a row that `odd` names has for cells is not to be used.
    """

    cells: list[str]
    firsts: Positions

    def row(self, row: int) -> list[str]:
        """The cells of one row."""
        return self.cells[self.firsts[row] : self.firsts[row + 1]]

    def drop_first(self, count: int) -> "Rows":
        """The rows that follow the first `count`."""
        return replace(
            self,
            lines=self.lines[count:],
            starts=self.starts[count:],
            ends=self.ends[count:],
            odd={row - count: reason for row, reason in self.odd.items() if row >= count},
            cells=self.cells[self.firsts[count] :],
            firsts=self.firsts[count:] - self.firsts[count],
        )


def iter_rows(stream: ByteStream, dialect: Dialect, limit: int, *, together: bool) -> Iterator[Rows]:
    """All rows of the stream in batches; one over `limit` bytes is odd."""
    return iter(_RowReader(iter_within(stream, limit, together=together), dialect, limit))


class _RowReader:
    """Parses a block at a time; `_tail` is a row that is open at the end of its first block."""

    def __init__(self, blocks: Iterator[Block], dialect: Dialect, limit: int) -> None:
        self._blocks, self._waiting = blocks, deque[Block]()
        self._dialect, self._limit = dialect, limit
        # Two quotes are one inside of quotes, so that only an odd run of them closes a cell.
        q = re.escape(dialect.quote.encode())
        self._closing = re.compile(rb"(?<!%b)%b(?:%b%b)*(?!%b)" % (q, q, q, q, q))
        self._tail: list[Block] = []
        self._may_close = False

    def __iter__(self) -> Iterator[Rows]:
        while True:
            block = self._waiting.popleft() if self._waiting else next(self._blocks, None)
            if self._tail:
                if block is None or block.cut or self._tail_bytes > self._limit:
                    self._waiting.extendleft([block] if block else [])
                    if not self._may_close:
                        yield self._give_up(at_end=block is None)
                        continue
                else:
                    self._extend(block)
                    if not self._may_close or 2 * len(self._tail[0].text) > self._tail_bytes:
                        continue
                block = self._join()
            if block is None:
                return
            yield self._parse(block)

    @property
    def _tail_bytes(self) -> int:
        return sum(len(block.text) + 1 for block in self._tail)

    def _extend(self, block: Block) -> None:
        self._tail.append(block)
        self._may_close = self._may_close or self._closing.search(block.text) is not None

    def _join(self) -> Block:
        text = b"\n".join(block.text for block in self._tail)
        first, self._tail, self._may_close = self._tail[0], [], False
        return Block(first.number, first.offset, text)

    def _give_up(self, *, at_end: bool) -> Rows:
        """The first line of the tail is no row; its other lines are read again."""
        within = "never closed"
        if self._tail_bytes > self._limit or not at_end:
            within = f"not closed within {describe_size(self._limit)}"
        first, *others = self._tail
        line, end, rest = first.text.partition(b"\n")
        if end:
            others.insert(0, Block(first.number + 1, first.offset + len(line) + 1, rest))
        self._waiting.extendleft(reversed(others))
        self._tail = []
        return _make_lone(Block(first.number, first.offset, line), f"not CSV: a quote that is {within}")

    def _parse(self, block: Block) -> Rows:
        if block.cut:
            return _make_lone(block, describe_long("line", self._limit))
        parsing = _Parsing(block)
        while not parsing.done:
            parsing.run(self._dialect, self._limit)
        self._tail = parsing.list_open()
        return parsing.place_rows()


class _Parsing:
    """The lines of a block, and the rows found in them: `_ends` are the lines before which each ends."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._undecodable: dict[int, int] = {}
        try:
            texts = block.text.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            texts = [self._decode(line, raw) for line, raw in enumerate(block.text.split(b"\n"))]
        self._lines = [text + "\n" for text in texts]
        self._starts, self._line_ends = block.find_lines()
        # One list of cells: a list for each row would keep the garbage collector busy.
        self._cells: list[str] = []
        self._firsts = [0]
        self._ends: list[int] = []
        self._odd: dict[int, str] = {}
        self._open = False

    def _decode(self, line: int, raw: bytes) -> str:
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            self._undecodable[line] = error.start + 1
            return raw.decode("utf-8", "surrogateescape")

    @property
    def done(self) -> bool:
        """Whether every line is of a row, or of one that is open."""
        return self._open or self._next == len(self._lines)

    @property
    def _next(self) -> int:
        return self._ends[-1] if self._ends else 0

    def run(self, dialect: Dialect, limit: int) -> None:
        """Find the next rows, up to one that breaks."""
        begin, known, reason = self._next, len(self._ends), ""
        cells, firsts, ends = self._cells, self._firsts, self._ends
        reader = dialect.parse(map(self._lines.__getitem__, range(begin, len(self._lines))))
        try:
            for row in reader:
                cells += row
                firsts.append(len(cells))
                ends.append(begin + reader.line_num)
        except csv.Error as error:
            self._open = is_open(error)
            reason = describe_fault(error)
        if len(self._block.text) > limit and self._drop_long(known, limit):
            self._open, reason = False, f"not CSV: a quote that is not closed within {describe_size(limit)}"
        if reason and not self._open:
            self._odd[len(ends)] = reason
            firsts.append(len(cells))
            ends.append(self._next + 1)

    def _drop_long(self, known: int, limit: int) -> bool:
        """Forget the first row over the limit after the `known` ones, and all that follow it."""
        for row in range(known, len(self._ends)):
            begin = self._ends[row - 1] if row else 0
            if self._line_ends[self._ends[row] - 1] - self._starts[begin] > limit:
                del self._cells[self._firsts[row] :], self._firsts[row + 1 :], self._ends[row:]
                return True
        return False

    def list_open(self) -> list[Block]:
        """The lines of a row that is open at the end, as one block."""
        if not self._open:
            return []
        at = int(self._starts[self._next])
        return [Block(self._block.number + self._next, self._block.offset + at, self._block.text[at:])]

    def place_rows(self) -> Rows:
        """The rows that were found, each with its place."""
        ends = np.array(self._ends, np.int64)
        for line, byte in self._undecodable.items():
            row = int(np.searchsorted(ends, line, "right"))
            if row < len(ends):
                self._odd[row] = f"not UTF-8 at byte {byte} of line {self._block.number + line}"
        lines = np.append(0, ends)[:-1]
        return Rows(
            block=self._block,
            lines=lines,
            starts=self._starts[lines],
            ends=self._line_ends[ends - 1],
            odd=self._odd,
            cells=self._cells,
            firsts=np.array(self._firsts, np.int64),
        )


def _make_lone(block: Block, reason: str) -> Rows:
    lone = make_lone(block, reason)
    return Rows(
        block=block,
        lines=lone.lines,
        starts=lone.starts,
        ends=lone.ends,
        odd=lone.odd,
        cells=[],
        firsts=np.zeros(2, np.int64),
    )
