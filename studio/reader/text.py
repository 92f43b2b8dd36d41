"""Plain text: a record for each line, or for each block of lines between blank ones; one column, `text`.

    What is LoRA?   →   {"text": "What is LoRA?"}

Only `\\n` ends a line; it, and a carriage return right before it, are not of the text where a record ends.
Everything else is kept as it stands, the line ends inside of a block included. A line of nothing but
whitespace is blank, and of no record. A line that is not UTF-8 goes to the quarantine, with its whole block.

Knows nothing of where the bytes come from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec
import numpy as np
import polars as pl

from studio.reader.batch import Batch, describe_long, iter_within, make_lone
from studio.reader.lines import HEAD_BYTES, Block, ByteStream, Line, iter_lines
from studio.reader.strict import Fault
from studio.settings import Limits
from studio.source import Source
from studio.table import TableWriter

_COLUMN = "text"
_MANY_ROWS = 1_000  # fewer are not worth a block of columns of their own

_encode = msgspec.json.encode


def read_text(stream: ByteStream, writer: TableWriter, source: Source, limits: Limits) -> bool:
    """Feed the writer until it is full; whether the stream held no more than that."""
    writer.reread = decode_text
    if source.hub is None:
        writer.source = replace(writer.source, records=source.records or "line")
    if source.records == "block":
        return _BlockReader(writer, limits.line_bytes).read(stream)
    blocks = iter_within(stream, limits.line_bytes, together=writer.room is None)
    return all(_feed_lines(block, writer, limits.line_bytes) for block in blocks)


def decode_text(line: bytes) -> Mapping[str, bytes]:
    """The record of the raw text of one line or block; raises Fault when it is none."""
    if not line.strip():
        raise Fault("nothing but whitespace")
    try:
        return {_COLUMN: _encode(line.removesuffix(b"\r").decode("utf-8"))}
    except UnicodeDecodeError as error:
        raise Fault(f"not UTF-8 at byte {error.start + 1}") from None


def _feed_lines(block: Block, writer: TableWriter, limit: int) -> bool:
    if block.cut:
        return make_lone(block, describe_long("line", limit)).feed(writer, lambda rows: None)
    raws = block.text.split(b"\n")
    texts, odd = _decode_lines(block, raws)
    odd |= {row: "" for row, raw in enumerate(raws) if not raw.strip()}
    starts, ends = block.find_lines()
    batch = Batch(block=block, lines=np.arange(len(raws)), starts=starts, ends=ends, odd=odd)

    def add(rows: Sequence[int]) -> None:
        kept = [texts[row].removesuffix("\r") for row in rows]
        if len(kept) < _MANY_ROWS:
            writer.add_records([{_COLUMN: _encode(text)} for text in kept], batch.place(rows))
        else:
            series = pl.Series(values=kept, dtype=pl.String)
            writer.add_columns({_COLUMN: ("text", series)}, batch.place(rows))

    return batch.feed(writer, add)


def _decode_lines(block: Block, raws: Sequence[bytes]) -> tuple[list[str], dict[int, str]]:
    """The text of each line, and the reason of each (by index) that has none."""
    try:
        return block.text.decode("utf-8").split("\n"), {}
    except UnicodeDecodeError:
        pass
    texts, odd = [], {}
    for row, raw in enumerate(raws):
        try:
            texts.append(raw.decode("utf-8"))
        except UnicodeDecodeError as error:
            texts.append("")
            odd[row] = f"not UTF-8 at byte {error.start + 1}"
    return texts, odd


class _BlockReader:
    """Gathers lines up to the next blank one; of a block over the limit only the start."""

    def __init__(self, writer: TableWriter, limit: int) -> None:
        self._writer, self._limit = writer, limit
        self._lines: list[Line] = []
        self._held = self._length = 0

    def read(self, stream: ByteStream) -> bool:
        """Feed the writer until it is full; whether the stream held no more than that."""
        for line in iter_lines(stream, self._limit):
            if line.length == len(line.raw) and not line.raw.strip():
                self._end_block()
                self._writer.count_blank()
            elif not self._lines and self._writer.full:
                return False
            else:
                self._take(line)
        self._end_block()
        return True

    def _take(self, line: Line) -> None:
        self._length += line.length + bool(self._lines)
        if not self._lines or self._held <= self._limit:
            self._lines.append(line)
            self._held += len(line.raw) + 1

    def _end_block(self) -> None:
        if not self._lines:
            return
        first, length = self._lines[0], self._length
        raw = b"\n".join(line.raw for line in self._lines)
        fault = self._find_fault() if length <= self._limit else describe_long("block", self._limit)
        if fault:
            kept = raw if length <= self._limit else raw[: min(HEAD_BYTES, self._limit)]
            self._writer.quarantine(kept, fault, line=first.number, offset=first.offset, length=length)
        else:
            self._writer.add(decode_text(raw), line=first.number, offset=first.offset, length=length)
        self._lines, self._held, self._length = [], 0, 0

    def _find_fault(self) -> str:
        for line in self._lines:
            try:
                line.raw.decode("utf-8")
            except UnicodeDecodeError as error:
                return f"not UTF-8 at byte {error.start + 1} of line {line.number}"
        return ""
