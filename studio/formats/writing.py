"""How one format goes into one file: batches of records encoded one by one, and written in their order.

    Encoding("text", {"text": "text"}, "jsonl").encode(frame)   →   Batch(b'{"text":"…"}\\n…', 32 records)

Encoding knows nothing of what came before, so that several batches can be encoded at the same time; what
frames or packs them is the writer's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl
import pyarrow as pa

from studio.formats.encoding import LineWriter, Sink, encode_cells, encode_lines, frame_file
from studio.formats.file import FILES
from studio.formats.format import FORMATS
from studio.formats.typed import ArrowFile, ParquetFile, encode_table, make_schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some records encoded: lines as bytes, or an Arrow table; `guarded` counts texts that were guarded."""

    piece: Any
    bytes: int
    records: int
    guarded: int = 0


class PartWriter(Protocol):
    """One file of a part while it is written; it wants up to so many bytes, or records, at once."""

    @property
    def bytes_at_once(self) -> int: ...

    @property
    def records_at_once(self) -> int: ...

    def write(self, pieces: list[Any]) -> None:
        """Write what `Encoding.encode` gave, in order, after what was written before."""
        ...

    def close(self) -> None:
        """Write what comes last."""
        ...


@dataclass(frozen=True, slots=True)
class Encoding:
    """A format, every field of it with its name in the file, and the type of the file."""

    kind: str
    names: Mapping[str, str]
    file: str
    schema: pa.Schema = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", make_schema(self.kind, self.names))

    def encode(self, frame: pl.DataFrame) -> Batch:
        """The columns of the format as the file has them."""
        if FILES[self.file].lines:
            return self.take_lines(encode_lines(frame), len(frame))
        if self.file == "csv":
            rows, guarded = encode_cells(frame)
            return Batch(piece=rows, bytes=len(rows), records=len(frame), guarded=guarded)
        table = encode_table(frame, self.schema)
        return Batch(piece=table, bytes=table.nbytes, records=len(frame))

    def take_lines(self, lines: bytes, records: int) -> Batch:
        """Lines of JSON that are there already."""
        return Batch(piece=lines, bytes=len(lines), records=records)

    def open(self, sink: Sink) -> PartWriter:
        """The writer of one file, whose bytes go to the sink."""
        if self.file == "parquet":
            return ParquetFile(sink, self.schema)
        if self.file == "dataset":
            return ArrowFile(sink, self.schema)
        columns = [self.names[name] for name in FORMATS[self.kind].fields]
        return LineWriter(sink, frame_file(self.file, columns))
