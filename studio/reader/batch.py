"""Batch: the rows of one block of lines, in order, with those among them that are no records.

Knows nothing of formats.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from studio.reader.lines import HEAD_BYTES, Block, ByteStream, Positions, describe_size, iter_blocks
from studio.table import Places, TableWriter

_BLOCK_BYTES = 8 << 20
_BLOCK_LINES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Where each row begins and ends in the block's text, and on which of its lines (zero-based) it begins.

    `odd` has the reason of each row (by index) that is no record; "" for a blank one.
    """

    block: Block
    lines: Positions
    starts: Positions
    ends: Positions
    odd: Mapping[int, str]

    def raw(self, row: int) -> bytes:
        """The bytes of a row, without the end of its last line; of a line over the limit its start."""
        return self.block.text[self.starts[row] : self.ends[row]]

    def place(self, rows: Sequence[int]) -> Places:
        """Where rows stand in the source."""
        index = slice(rows.start, rows.stop) if isinstance(rows, range) else rows
        starts, ends = self.starts[index], self.ends[index]
        numbers = (self.lines[index] + self.block.number, starts + self.block.offset, ends - starts)
        return Places(*(values.astype(np.uint64) for values in numbers))

    def feed(self, writer: TableWriter, add: Callable[[Sequence[int]], None]) -> bool:
        """Give the writer all rows, or as many as it takes; whether it took them all.

        `add` adds rows that are records, in order.
        """
        rows = range(len(self.lines))
        if writer.room is None and not writer.mending:
            add([row for row in rows if row not in self.odd] if self.odd else rows)
            for row in sorted(self.odd):
                self._feed_odd(writer, row)
            return True
        begin = 0
        for row in chain(sorted(self.odd), [len(rows)]):
            end = row if writer.room is None else min(row, begin + writer.room)
            add(rows[begin:end])
            if end < row or (row < len(rows) and not self._feed_odd(writer, row)):
                return False
            begin = row + 1
        return True

    def _feed_odd(self, writer: TableWriter, row: int) -> bool:
        reason, start = self.odd[row], int(self.starts[row])
        if not reason:
            writer.count_blank()
        elif writer.full:
            return False
        else:
            writer.quarantine(
                self.raw(row),
                reason,
                line=self.block.number + int(self.lines[row]),
                offset=self.block.offset + start,
                length=int(self.ends[row]) - start + self.block.cut,
            )
        return True


def make_lone(block: Block, reason: str) -> Batch:
    """A batch of one row that is no record: all of the block."""
    zero = np.zeros(1, np.int64)
    return Batch(block=block, lines=zero, starts=zero, ends=zero + len(block.text), odd={0: reason})


def describe_long(what: str, limit: int) -> str:
    """The reason of a line that was cut."""
    return f"{what} over {describe_size(limit)}; only its start is kept here"


def iter_within(stream: ByteStream, limit: int, *, together: bool) -> Iterator[Block]:
    """Blocks of lines of at most `limit` bytes; a line over it is a block of its own, which is cut.

    Large blocks when lines are to come `together`, else as they are read.
    """
    for read in iter_blocks(stream, limit, _BLOCK_BYTES if together else 0):
        for block in [read] if read.cut else read.split(_BLOCK_LINES):
            if block.cut or len(block.text) <= limit:
                yield block
            else:
                yield from _part_long(block, limit)


def _part_long(block: Block, limit: int) -> Iterator[Block]:
    starts, ends = block.find_lines()
    first, head = 0, min(HEAD_BYTES, limit)
    for long in [*np.flatnonzero(ends - starts > limit).tolist(), len(starts)]:
        if long > first:
            text = block.text[starts[first] : ends[long - 1]]
            yield Block(block.number + first, block.offset + int(starts[first]), text)
        if long < len(starts):
            start, length = int(starts[long]), int(ends[long] - starts[long])
            text = block.text[start : start + head]
            yield Block(block.number + long, block.offset + start, text, length - head)
        first = long + 1
