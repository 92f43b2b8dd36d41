"""JSON Lines: one record a line, decoded strictly; a line that is none goes to the quarantine.

Lines are taken many at once where that is as exact as one by one:

    each line is a flat record under the same keys      decoded to columns      (flat)
    each line is a record without peculiarities         decoded together        (strict)
    anything else                                       a few together, or one by one

Knows nothing of where the bytes come from.
"""

import numpy as np

from studio.reader.flat import FlatDecoder
from studio.reader.lines import Block, ByteStream, Line, describe_size, iter_blocks
from studio.reader.strict import Fault, RecordDecoder, are_braced
from studio.settings import Limits
from studio.source import Source
from studio.table import Places, TableWriter

_BLOCK_BYTES = 4 << 20
_FEW_LINES = 256


def read_jsonl(stream: ByteStream, writer: TableWriter, source: Source, limits: Limits) -> bool:
    """Feed the writer until it is full; whether the stream held no more than that."""
    reading = _Reading(writer, limits)
    blocks = iter_blocks(stream, limits.line_bytes, _BLOCK_BYTES if writer.room is None else 0)
    return all(reading.add(block) for block in blocks)


class _Reading:
    """Lines on their way to the writer; to add them says whether there was room for all."""

    def __init__(self, writer: TableWriter, limits: Limits) -> None:
        self._writer, self._limits = writer, limits
        self._decoder = RecordDecoder(limits.depth)
        self._flat = FlatDecoder(self._decoder)
        writer.reread = self._decoder.decode

    def add(self, block: Block) -> bool:
        if self._add_together(block):
            return True
        if block.text.count(b"\n") >= _FEW_LINES:
            return all(self.add(few) for few in block.split(_FEW_LINES))
        return all(self._add_line(line) for line in block.iter_lines(self._limits.line_bytes))

    def _add_together(self, block: Block) -> bool:
        """Add all lines, if they can be decoded together; else none."""
        starts, ends = block.find_lines()
        count, lengths, room = len(starts), ends - starts, self._writer.room
        if block.cut or lengths.max() > self._limits.line_bytes or (room is not None and room < count):
            return False
        if not are_braced(block.text, starts, ends):
            return False
        places = Places(
            np.arange(block.number, block.number + count, dtype=np.uint64),
            (starts + block.offset).astype(np.uint64),
            lengths.astype(np.uint64),
        )
        if columns := self._flat.decode(block.text, count):
            self._writer.add_columns(columns, places)
        elif records := self._decoder.decode_lines(block.text, count):
            self._writer.add_records(records, places)
        else:
            return False
        return True

    def _add_line(self, line: Line) -> bool:
        number, offset, raw, length = line
        if length == len(raw) and not raw.strip():
            self._writer.count_blank()
        elif self._writer.full:
            return False
        elif length > len(raw):
            reason = f"line over {describe_size(self._limits.line_bytes)}; only its start is kept here"
            self._writer.quarantine(raw, reason, line=number, offset=offset, length=length)
        else:
            self._add_record(line)
        return True

    def _add_record(self, line: Line) -> None:
        try:
            fields = self._decoder.decode(line.raw)
        except Fault as fault:
            self._writer.quarantine(line.raw, fault.reason, line=line.number, offset=line.offset)
        else:
            self._writer.add(fields, line=line.number, offset=line.offset, length=line.length)
