"""Stretches: the Arrow files of a table while it is written, and their joining into one.

Blocks of one schema are appended to one file (a stretch); a new column or a widened type begins the next.
At the end a single stretch is the table's file as it stands; several are copied, batch by batch, into one of
the common schema. A file that still grows is readable as a stream, up to the bytes that were noted.

Knows nothing of records or of where they come from.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import polars as pl
import pyarrow as pa

from studio.record import FeatureType
from studio.table import columns as cols
from studio.table.columns import BlockType, Bookkeeping

RECORDS_FILE = "records.arrow"
_BATCH_ROWS = 8_192  # a page is read from one batch: small ones make it quick
_MAGIC_BYTES = 8  # of an Arrow file; what follows is an Arrow stream


class Schema(NamedTuple):
    """The columns of one stretch."""

    names: tuple[str, ...]
    types: tuple[BlockType, ...]
    bookkeeping: Bookkeeping


class Stretch(msgspec.Struct, frozen=True):
    """One Arrow file of a table; `bytes` is None when it is whole, else how much of it may be read."""

    file: str
    names: tuple[str, ...] = ()
    types: tuple[BlockType, ...] = ()
    bytes: int | None = None

    def open(self, folder: Path) -> tuple[pa.MemoryMappedFile, pa.Table]:
        """The mapped file and its rows, which are valid while it is open."""
        mapped = pa.memory_map(str(folder / self.file))
        if self.bytes is None:
            return mapped, pa.ipc.open_file(mapped).read_all()
        mapped.seek(_MAGIC_BYTES)
        stream = mapped.read_buffer(self.bytes - _MAGIC_BYTES)
        return mapped, pa.ipc.open_stream(stream).read_all()


class Stretches:
    """The files `stretch-0.arrow`, … of a folder while blocks are appended to them."""

    def __init__(self, folder: Path, token: str = "") -> None:
        self._folder, self._token = folder, token
        self._written: list[tuple[Schema, str]] = []
        self._ends: list[int] = []
        self._sink: pa.OSFile | None = None
        self._arrow: pa.ipc.RecordBatchFileWriter | None = None

    @property
    def current_types(self) -> dict[str, BlockType]:
        """The types of the stretch that is open, by name."""
        if not self._written:
            return {}
        schema = self._written[-1][0]
        return dict(zip(schema.names, schema.types, strict=True))

    def append(self, schema: Schema, frame: pl.DataFrame) -> None:
        """Write a block to the open stretch, or to a new one if its schema is another."""
        if not self._written or self._written[-1][0] != schema:
            self.close()
            self._written.append((schema, f"stretch-{self._token}{len(self._written)}.arrow"))
            self._ends.append(0)
        self._write(frame, self._folder / self._written[-1][1])
        assert self._sink is not None
        self._ends[-1] = self._sink.tell()

    def close(self) -> None:
        """Finish the open file."""
        if self._arrow is not None:
            self._arrow.close()
        if self._sink is not None:
            self._sink.close()
        self._arrow = self._sink = None

    def unify_types(self, names: Sequence[str]) -> tuple[FeatureType, ...]:
        """The type that each column needs over all stretches."""
        found: dict[str, list[BlockType]] = {name: [] for name in names}
        for schema, _ in self._written:
            for name, kind in zip(schema.names, schema.types, strict=True):
                found[name].append(kind)
        return tuple(cols.unify_types(kinds) for kinds in found.values())

    def list_growing(self) -> list[Stretch]:
        """What may be read now."""
        return [
            Stretch(file=file, names=schema.names, types=schema.types, bytes=end)
            for (schema, file), end in zip(self._written, self._ends, strict=True)
        ]

    def join(self, names: tuple[str, ...], types: tuple[FeatureType, ...]) -> None:
        """Put all rows into RECORDS_FILE; the stretches stay until `remove`."""
        self.close()
        aside = self._folder / f"{RECORDS_FILE}.part"
        aside.unlink(missing_ok=True)
        if len(self._written) == 1:
            os.link(self._folder / self._written[0][1], aside)
        else:
            for frame in self._iter_widened(names, types):
                self._write(frame, aside)
            self.close()
        aside.replace(self._folder / RECORDS_FILE)

    def remove(self) -> None:
        """Remove the files of the stretches."""
        self.close()
        for _, file in self._written:
            (self._folder / file).unlink(missing_ok=True)

    def _iter_widened(self, names: tuple[str, ...], types: tuple[FeatureType, ...]) -> Iterator[pl.DataFrame]:
        for schema, file in self._written:
            with pa.memory_map(str(self._folder / file)) as mapped:
                reader = pa.ipc.open_file(mapped)
                for number in range(reader.num_record_batches):
                    yield widen_rows(reader.get_batch(number), schema.names, schema.types, names, types)

    def _write(self, frame: pl.DataFrame, path: Path) -> None:
        # Plain large strings rather than views: every Arrow reader, `datasets` too, takes them as they are.
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._arrow is None:
            self._sink = pa.OSFile(str(path), "wb")
            self._arrow = pa.ipc.new_file(self._sink, table.schema)
        self._arrow.write_table(table, max_chunksize=_BATCH_ROWS)


def widen_rows(
    rows: pa.Table | pa.RecordBatch,
    found_names: Sequence[str],
    found_types: Sequence[BlockType],
    names: Sequence[str],
    types: Sequence[FeatureType],
) -> pl.DataFrame:
    """Rows of one stretch in the columns and types of the whole table, the bookkeeping after them."""
    frame = cols.frame_from_arrow(rows)
    found = dict(zip(found_names, found_types, strict=True))
    series: dict[str, Any] = {
        name: cols.widen_series(frame.get_column(name).alias(""), found[name], kind)
        if name in found
        else pl.Series(values=[None] * len(frame), dtype=cols.DTYPES[kind])
        for name, kind in zip(names, types, strict=True)
    }
    places = [frame.get_column(name) for name in Bookkeeping.beside(found_names).names]
    # Columns are only ever added at the end, so that what an older stretch lacks is the tail.
    later = list(range(len(found_names), len(names)))
    if later:
        tail = pl.Series(values=[later], dtype=pl.List(pl.UInt32))
        places[-1] = places[-1].list.concat(tail.new_from_index(0, len(frame)))
    return pl.DataFrame(series | dict(zip(Bookkeeping.beside(names).names, places, strict=True)))
