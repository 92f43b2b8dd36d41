"""JSON Lines: one record a line, decoded strictly; a line that is none goes to the quarantine.

Knows nothing of where the bytes come from.
"""

from collections.abc import Sequence

from studio.reader.lines import ByteStream, Line, describe_size, iter_blocks
from studio.reader.strict import Fault, RecordDecoder
from studio.settings import Limits
from studio.source import Source
from studio.table import TableWriter


def read_jsonl(stream: ByteStream, writer: TableWriter, source: Source, limits: Limits) -> bool:
    """Feed the writer until it is full; whether the stream held no more than that."""
    decoder = RecordDecoder(limits.depth)
    writer.reread = decoder.decode
    for block in iter_blocks(stream, limits.line_bytes):
        if writer.room is None and _add_plain(block, decoder, writer):
            continue
        for line in block:
            if line.length == len(line.raw) and not line.raw.strip():
                writer.count_blank()
            elif writer.full:
                return False
            else:
                _add_line(line, decoder, writer, limits)
    return True


def _add_plain(block: Sequence[Line], decoder: RecordDecoder, writer: TableWriter) -> bool:
    """Add all lines at once, if each of them is a record without peculiarities."""
    if any(line.length > len(line.raw) for line in block):
        return False
    records = decoder.decode_lines([line.raw for line in block])
    for line, fields in zip(block, records or (), strict=records is not None):
        writer.add(fields, line=line.number, offset=line.offset, length=line.length)
    return records is not None


def _add_line(line: Line, decoder: RecordDecoder, writer: TableWriter, limits: Limits) -> None:
    number, offset, raw, length = line
    if length > len(raw):
        reason = f"line over {describe_size(limits.line_bytes)}; only its start is kept here"
        writer.quarantine(raw, reason, line=number, offset=offset, length=length)
        return
    try:
        fields = decoder.decode(raw)
    except Fault as fault:
        writer.quarantine(raw, fault.reason, line=number, offset=offset)
    else:
        writer.add(fields, line=number, offset=offset, length=length)
