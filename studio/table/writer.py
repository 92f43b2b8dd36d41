"""TableWriter: records in, a table's folder out; whole or not at all, with flat memory.

Records are gathered into segments. Segments of one schema are appended to one Arrow file (a stretch); a new
column or a widened type begins the next stretch. When the source ends, a single stretch is the table's file
as it stands; several are copied, batch by batch, into one of the common schema.

Knows nothing of where records come from.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import jsonlines
import polars as pl
import pyarrow as pa

from studio.durable import name_aside, publish_folder
from studio.errors import ReadError, TableError
from studio.record import Counts, FeatureType, Quarantined
from studio.settings import Limits
from studio.source import Source
from studio.table import columns as cols
from studio.table.columns import BlockType, Bookkeeping, ColumnCount, Placed
from studio.table.stored import QUARANTINE_FILE, RECORDS_FILE, TABLE_FILE, TABLE_VERSION, Table

_SEGMENT_RECORDS = 65_536
_SEGMENT_BYTES = 32 << 20
_SEGMENT_VALUES = 1_000_000
_BLOCK_CELLS = 4_000_000
_BATCH_ROWS = 8_192  # a page is read from one batch: small ones make it quick
_RAW_CHARACTERS = 1 << 20


class _Schema(NamedTuple):
    names: tuple[str, ...]
    types: tuple[BlockType, ...]
    bookkeeping: Bookkeeping


class TableWriter:
    """Takes records and quarantined lines in source order; `finish` puts the folder in place.

    A context manager: without `finish`, leaving it removes everything that was written.
    """

    def __init__(self, folder: Path, *, source: Source, kind: str, limits: Limits) -> None:
        if os.path.lexists(folder):
            raise TableError(
                f"{folder.name} exists already.", "A table is never written over; choose another folder."
            )
        self._folder = folder
        self._part = name_aside(folder)
        self._source, self._limits = source, limits
        self.kind = kind
        self._segment: list[Placed] = []
        self._segment_bytes = self._segment_values = 0
        self._names: dict[str, ColumnCount] = {}
        self._stretches: list[tuple[_Schema, Path]] = []
        self._arrow: pa.ipc.RecordBatchFileWriter | None = None
        self.accepted = self.quarantined = self.blank = 0
        self.first_refused: Quarantined | None = None

    def __enter__(self) -> Self:
        self._part.mkdir(parents=True)
        try:
            self._quarantine_file = (self._part / QUARANTINE_FILE).open("w", encoding="utf-8", newline="\n")
        except OSError:
            shutil.rmtree(self._part, ignore_errors=True)
            raise
        self._quarantine = jsonlines.Writer(self._quarantine_file, dumps=_dump_line)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._quarantine_file.close()
        if self._arrow is not None:
            self._arrow.close()
        shutil.rmtree(self._part, ignore_errors=True)

    @property
    def name(self) -> str:
        """What a person calls the source."""
        return self._source.name

    def add(self, fields: Mapping[str, bytes], *, line: int, offset: int, length: int) -> None:
        """Accept a record: name → JSON spelling of its value. `offset` is in the decoded source."""
        self._segment.append(Placed(fields=fields, line=line, offset=offset, length=length))
        self.accepted += 1
        self._segment_bytes += length
        self._segment_values += len(fields)
        if (
            len(self._segment) >= _SEGMENT_RECORDS
            or self._segment_bytes >= _SEGMENT_BYTES
            or self._segment_values >= _SEGMENT_VALUES
        ):
            self._write_segment()

    def quarantine(
        self, raw: bytes, reason: str, *, line: int, offset: int, length: int | None = None
    ) -> None:
        """Keep a line that did not parse. `length` is given when `raw` is only its start."""
        text = raw.decode("utf-8", "backslashreplace")
        if len(text) > _RAW_CHARACTERS:
            text = text[:_RAW_CHARACTERS]
        refused = Quarantined(file=self._source.name, line=line, reason=reason, raw=text)
        size = len(raw) if length is None else length
        self._quarantine.write(asdict(refused) | {"offset": offset, "length": size})
        self.quarantined += 1
        self.first_refused = self.first_refused or refused

    def count_blank(self) -> None:
        """Count a line of nothing but whitespace."""
        self.blank += 1

    def finish(self, *, complete: bool, sha256: str | None, size: int) -> Table:
        """Write what is left and put the folder in place. `size` is the bytes read from the source."""
        self._write_segment()
        self._close_stretch()
        types = self._join_stretches()
        self._quarantine.close()
        self._quarantine_file.flush()
        self._quarantine_file.close()
        (self._part / TABLE_FILE).write_text(
            json.dumps(self._describe(types, complete, sha256, size), ensure_ascii=False, indent=1) + "\n",
            encoding="utf-8",
        )
        publish_folder(self._part, self._folder)
        return Table.open(self._folder)

    def _describe(
        self, types: Sequence[FeatureType], complete: bool, sha256: str | None, size: int
    ) -> dict[str, Any]:
        read = self.accepted + self.quarantined + self.blank
        counts = Counts(read=read, accepted=self.accepted, quarantined=self.quarantined, blank=self.blank)
        counted = [
            count.as_column(name, kind, self.accepted)
            for (name, count), kind in zip(self._names.items(), types, strict=True)
        ]
        return {
            "version": TABLE_VERSION,
            "name": self._source.name,
            "format": self.kind,
            "source": asdict(replace(self._source, sha256=sha256)),
            "sha256": sha256,
            "bytes": size,
            "complete": complete,
            "counts": asdict(counts),
            "columns": [asdict(column) for column in counted],
            "bookkeeping": {
                field: getattr(self._bookkeeping, field) for field in Bookkeeping.__struct_fields__
            },
        }

    @property
    def _bookkeeping(self) -> Bookkeeping:
        return Bookkeeping.beside(self._names)

    def _write_segment(self) -> None:
        segment, self._segment = self._segment, []
        self._segment_bytes = self._segment_values = 0
        shapes = [tuple(record.fields) for record in segment]
        for name in cols.count_present(shapes):
            self._names.setdefault(name, ColumnCount())
        if len(self._names) > self._limits.columns:
            raise ReadError(
                f"{self._source.name} has more than {self._limits.columns:,} columns.",
                "Columns are the keys of its records; keys that are really values belong inside a value.",
            )
        rows = max(1, _BLOCK_CELLS // max(1, len(self._names)))
        for start in range(0, len(segment), rows):
            self._write_block(segment[start : start + rows], shapes[start : start + rows])

    def _write_block(self, block: list[Placed], shapes: list[tuple[str, ...]]) -> None:
        types: list[BlockType] = []
        series: dict[str, pl.Series] = {}
        current = self._current_types()
        present = cols.count_present(shapes)
        for name, count in self._names.items():
            kind, values = cols.build_series([r.fields.get(name, b"null") for r in block])
            count.present += present[name]
            count.null += values.null_count() - len(block) + present[name]
            count.empty += cols.count_empty(kind, values)
            if kind == "null" and name in current:
                kind, values = current[name], values.cast(cols.DTYPES[current[name]])
            types.append(kind)
            series[name] = values
        places = [
            pl.Series(values=[r.line for r in block], dtype=pl.UInt64),
            pl.Series(values=[r.offset for r in block], dtype=pl.UInt64),
            pl.Series(values=[r.length for r in block], dtype=pl.UInt64),
            cols.list_missing(shapes, tuple(self._names)),
        ]
        series.update(zip(self._bookkeeping.names, places, strict=True))
        self._append(_Schema(tuple(self._names), tuple(types), self._bookkeeping), pl.DataFrame(series))

    def _current_types(self) -> dict[str, BlockType]:
        if not self._stretches:
            return {}
        schema = self._stretches[-1][0]
        return dict(zip(schema.names, schema.types, strict=True))

    def _append(self, schema: _Schema, frame: pl.DataFrame) -> None:
        if not self._stretches or self._stretches[-1][0] != schema:
            self._close_stretch()
            self._stretches.append((schema, self._part / f"stretch-{len(self._stretches)}.arrow"))
        self._arrow = _write_frame(self._arrow, self._stretches[-1][1], frame)

    def _close_stretch(self) -> None:
        if self._arrow is not None:
            self._arrow.close()
        self._arrow = None

    def _join_stretches(self) -> tuple[FeatureType, ...]:
        found: dict[str, list[BlockType]] = {name: [] for name in self._names}
        for schema, _ in self._stretches:
            for name, kind in zip(schema.names, schema.types, strict=True):
                found[name].append(kind)
        types = tuple(cols.unify_types(kinds) for kinds in found.values())
        if len(self._stretches) == 1:
            self._stretches[0][1].rename(self._part / RECORDS_FILE)
            return types
        for schema, path in self._stretches:
            with pa.memory_map(str(path)) as mapped:
                reader = pa.ipc.open_file(mapped)
                for number in range(reader.num_record_batches):
                    frame = _widen(reader.get_batch(number), schema, tuple(self._names), types)
                    self._arrow = _write_frame(self._arrow, self._part / RECORDS_FILE, frame)
            path.unlink()
        self._close_stretch()
        return types


def _widen(
    batch: pa.RecordBatch, schema: _Schema, names: tuple[str, ...], types: tuple[FeatureType, ...]
) -> pl.DataFrame:
    frame = cols.frame_from_arrow(batch)
    found = dict(zip(schema.names, schema.types, strict=True))
    series = {
        name: cols.widen_series(frame.get_column(name).alias(""), found[name], kind)
        if name in found
        else pl.Series(values=[None] * len(frame), dtype=cols.DTYPES[kind])
        for name, kind in zip(names, types, strict=True)
    }
    places = [frame.get_column(name) for name in schema.bookkeeping.names]
    # Columns are only ever added at the end, so that what an older stretch lacks is the tail.
    later = list(range(len(schema.names), len(names)))
    if later:
        tail = pl.Series(values=[later], dtype=pl.List(pl.UInt32))
        places[3] = places[3].list.concat(tail.new_from_index(0, len(frame)))
    return pl.DataFrame(series | dict(zip(Bookkeeping.beside(names).names, places, strict=True)))


def _write_frame(
    writer: pa.ipc.RecordBatchFileWriter | None, path: Path, frame: pl.DataFrame
) -> pa.ipc.RecordBatchFileWriter:
    # Plain large strings rather than views: every Arrow reader, `datasets` too, takes them as they are.
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    writer = writer or pa.ipc.new_file(str(path), table.schema)
    writer.write_table(table, max_chunksize=_BATCH_ROWS)
    return writer


def _dump_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
