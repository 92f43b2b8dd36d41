"""Stretches: the Arrow files of a table while it is written, and their joining into one.

Blocks of one schema are appended to one file (a stretch); a new column or a widened type begins the next.
At the end a single stretch is the table's file as it stands; several are copied, batch by batch, into one of
the common schema. A file that still grows is readable as a stream, up to the bytes that were noted.

Knows nothing of records or of where they come from.
"""

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import polars as pl
import pyarrow as pa

from studio.record import FeatureType
from studio.table import columns as cols
from studio.table.columns import BlockType, Bookkeeping

RECORDS_FILE = "records.arrow"
_BATCH_ROWS = 8_192
_MAGIC_BYTES = 8  # of an Arrow file; what follows is an Arrow stream


class Schema(NamedTuple):
    """The columns of one stretch."""

    names: tuple[str, ...]
    types: tuple[BlockType, ...]
    bookkeeping: Bookkeeping


Batch = tuple[int, int]
"""A batch of an Arrow file: where it ends in the file, and how many rows it has."""


class Stretch(msgspec.Struct, frozen=True):
    """One Arrow file of a table; `bytes` is None when it is whole, else how much of it may be read."""

    file: str
    batches: tuple[Batch, ...]
    names: tuple[str, ...] = ()
    types: tuple[BlockType, ...] = ()
    bytes: int | None = None


class Rows:
    """The rows of a stretch, mapped until they are closed; only the batches asked for are looked at.

    So that a page takes no longer in a large table, and a file that grows can be read like one that is whole.
    """

    def __init__(self, stretch: Stretch, folder: Path) -> None:
        self.stretch = stretch
        self._mapped = pa.memory_map(str(folder / stretch.file))
        self._mapped.seek(_MAGIC_BYTES)
        self._schema = pa.ipc.read_schema(pa.ipc.read_message(self._mapped))
        self._starts = [self._mapped.tell(), *(end for end, _ in stretch.batches)]
        self._ends = [*accumulate(rows for _, rows in stretch.batches)]

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def close(self) -> None:
        """Unmap the file, once nothing that was read refers to it."""
        self._mapped.close()

    def slice(self, start: int, count: int) -> pa.Table:
        """At most `count` rows from `start` on."""
        first, last = bisect_right(self._ends, start), bisect_left(self._ends, start + count)
        batches = [self._read_batch(index) for index in range(first, min(last + 1, len(self._ends)))]
        before = self._ends[first - 1] if first else 0
        return pa.Table.from_batches(batches, self._schema).slice(start - before, count)

    def _read_batch(self, index: int) -> pa.RecordBatch:
        self._mapped.seek(self._starts[index])
        return pa.ipc.read_record_batch(pa.ipc.read_message(self._mapped), self._schema)


class Stretches:
    """The files `stretch-0.arrow`, … of a folder while blocks are appended to them."""

    def __init__(self, folder: Path, token: str = "") -> None:
        self._folder, self._token = folder, token
        self._written: list[tuple[Schema, str]] = []
        self._batches: list[list[Batch]] = []
        self._worker = ThreadPoolExecutor(max_workers=1)
        self._pending: Future[None] | None = None
        self._sink: pa.OSFile | None = None
        self._arrow: pa.ipc.RecordBatchFileWriter | None = None

    @property
    def current_types(self) -> dict[str, BlockType]:
        """The types of the stretch that is open, by name."""
        if not self._written:
            return {}
        schema = self._written[-1][0]
        return dict(zip(schema.names, schema.types, strict=True))

    def append(self, schema: Schema, rows: pa.Table) -> None:
        """Write a block to the open stretch, or to a new one if its schema is another.

        It is written while the caller goes on; what goes wrong is raised by the next call.
        """
        self._settle()
        if not self._written or self._written[-1][0] != schema:
            self.close()
            self._written.append((schema, f"stretch-{self._token}{len(self._written)}.arrow"))
            self._batches.append([])
        self._pending = self._worker.submit(self._write_next, rows, self._folder / self._written[-1][1])

    def close(self) -> None:
        """Finish the open file."""
        self._settle()
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
        self._settle()
        return [
            Stretch(
                file=file,
                batches=tuple(batches),
                names=schema.names,
                types=schema.types,
                bytes=batches[-1][0],
            )
            for (schema, file), batches in zip(self._written, self._batches, strict=True)
        ]

    def join(self, names: tuple[str, ...], types: tuple[FeatureType, ...]) -> Stretch:
        """Put all rows into RECORDS_FILE; the stretches stay until `remove`."""
        self.close()
        aside = self._folder / f"{RECORDS_FILE}.part"
        aside.unlink(missing_ok=True)
        if len(self._written) == 1:
            [batches] = self._batches
            os.link(self._folder / self._written[0][1], aside)
        else:
            batches = [
                batch for rows in self._iter_widened(names, types) for batch in self._write(rows, aside)
            ]
            self.close()
        aside.replace(self._folder / RECORDS_FILE)
        return Stretch(file=RECORDS_FILE, batches=tuple(batches))

    def remove(self) -> None:
        """Remove the files of the stretches."""
        self.close()
        for _, file in self._written:
            (self._folder / file).unlink(missing_ok=True)

    def _iter_widened(self, names: tuple[str, ...], types: tuple[FeatureType, ...]) -> Iterator[pa.Table]:
        for schema, file in self._written:
            with pa.memory_map(str(self._folder / file)) as mapped:
                reader = pa.ipc.open_file(mapped)
                for number in range(reader.num_record_batches):
                    frame = widen_rows(reader.get_batch(number), schema.names, schema.types, names, types)
                    yield frame.to_arrow(compat_level=pl.CompatLevel.oldest())

    def _settle(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()

    def _write_next(self, rows: pa.Table, path: Path) -> None:
        self._batches[-1] += self._write(rows, path)

    def _write(self, rows: pa.Table, path: Path) -> list[Batch]:
        if self._arrow is None or self._sink is None:
            self._sink = pa.OSFile(str(path), "wb")
            self._arrow = pa.ipc.new_file(self._sink, rows.schema)
        written = []
        for batch in rows.to_batches(max_chunksize=_BATCH_ROWS):
            self._arrow.write_batch(batch)
            written.append((self._sink.tell(), batch.num_rows))
        return written


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
