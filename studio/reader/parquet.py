"""Parquet: row group after row group with flat memory; `line` is the one-based number of the row.

What becomes of each type typed.py says; the type that a column has in the file is noted beside it, such as
timestamp[us, tz=UTC]. Pages are decoded as they are needed, so that the first rows come at once.

Knows nothing of where the bytes come from.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from studio.errors import ReadError
from studio.reader.lines import describe_size
from studio.reader.opening import Opened
from studio.reader.typed import (
    MOST_DECODED_BYTES,
    MOST_ROWS,
    TEXT_TYPES,
    check_schema,
    feed_batches,
    fit_rows,
)
from studio.settings import Limits
from studio.source import Source
from studio.table import TableWriter

_FEW_ROWS = 256
_RATIO_FROM_BYTES = 16 << 20
_MOST_MICROSECONDS = 9 * 10**15  # beyond which nanoseconds do not fit into 64 bits

_open_parquet = partial(
    pq.ParquetFile,
    buffer_size=1 << 20,
    pre_buffer=False,  # which would read a whole row group for the sake of its first rows
    page_checksum_verification=True,
)


def read_parquet(opened: Opened, writer: TableWriter, source: Source, limits: Limits) -> bool:
    """Feed the writer until it is full; whether the file held no more than that.

    Raises ReadError for a file that is cut, damaged, encrypted, or has columns that a table cannot have.
    """
    with opened.as_file() as path, _Parquet(path, opened.title) as file:
        check_schema(file.schema, opened.title, limits)
        file.refuse_bomb(limits)
        writer.note_types({field.name: str(field.type) for field in file.schema})
        before = writer.accepted + writer.quarantined

        def tell_share() -> None:
            done = writer.accepted + writer.quarantined - before
            opened.pass_over(done / max(1, file.rows))

        return feed_batches(file.iter_batches(writer.room), writer, limits, tell_share)


class _Parquet:
    """One file and its batches; what goes wrong in it is told in words."""

    def __init__(self, path: Path, title: str) -> None:
        self._path, self._title = path, title
        with self._explained():
            # In nanoseconds the year 9999, of the kind INT96, would silently become another.
            self._file = _open_parquet(path, coerce_int96_timestamp_unit="us")
            self._metadata = self._file.metadata
            self.schema: pa.Schema = self._file.schema_arrow
            self.rows: int = self._metadata.num_rows
            columns = (self._file.schema.column(index) for index in range(len(self._file.schema)))
            self._old_times = [column.path for column in columns if column.physical_type == "INT96"]

    def __enter__(self) -> "_Parquet":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def refuse_bomb(self, limits: Limits) -> None:
        """Raise ReadError for a file that grows too much when it is read, by what it says itself."""
        decoded, stored = sum(g.total_byte_size for g in self._groups()), self._path.stat().st_size
        grows = decoded > _RATIO_FROM_BYTES and decoded > limits.decoded_ratio * stored
        if decoded > limits.decoded_bytes or grows:
            raise ReadError(
                f"{self._title} grows from {describe_size(stored)} to {describe_size(decoded)} when read.",
                f"At most {describe_size(limits.decoded_bytes)}, and {limits.decoded_ratio} times, are read.",
            )

    def iter_batches(self, room: int | None) -> Iterator[pa.RecordBatch]:
        """All rows; a batch has no more of them than there is `room`."""
        with self._explained():
            for groups in self._gather():
                rows = self._fit_rows(groups, room)
                exact = self._iter_nanoseconds(rows, groups)
                for batch in self._file.iter_batches(rows, groups):
                    if self._old_times:
                        self._refuse_nanoseconds(batch, next(exact))
                    yield batch

    def _groups(self, indexes: Iterable[int] | None = None) -> list[pq.RowGroupMetaData]:
        chosen = range(self._metadata.num_row_groups) if indexes is None else indexes
        return [self._metadata.row_group(index) for index in chosen]

    def _gather(self) -> Iterator[list[int]]:
        """The row groups in their order, small ones together."""
        gathered: list[int] = []
        rows = 0
        for index, group in enumerate(self._groups()):
            gathered.append(index)
            rows += group.num_rows
            if rows >= MOST_ROWS:
                yield gathered
                gathered, rows = [], 0
        if gathered:
            yield gathered

    def _fit_rows(self, groups: Sequence[int], room: int | None) -> int:
        repeated = sum(map(self._measure_repeated, groups))
        most = max(1, MOST_DECODED_BYTES // max(1, repeated))
        few = min(most, _FEW_ROWS)
        if room is not None and room <= few:
            return max(1, room)
        # Columns are measured by reading some: pyarrow ends the whole process when a program asks for what a
        # damaged file says of them.
        rows = next(self._file.iter_batches(few, groups), None)
        if rows is None:
            return few
        sizes = [group.total_byte_size // max(1, group.num_rows) for group in self._groups(groups)]
        return min(most, fit_rows(max(*sizes, rows.nbytes // rows.num_rows), rows.num_columns, room))

    def _measure_repeated(self, index: int) -> int:
        """The bytes of the longest texts that the dictionaries of a row group hold, if they can matter."""
        texts = [field.name for field in self.schema if field.type in TEXT_TYPES]
        [group] = self._groups([index])
        if not texts or group.total_byte_size * min(group.num_rows, MOST_ROWS) < MOST_DECODED_BYTES:
            return 0
        with _open_parquet(self._path, metadata=self._metadata, read_dictionary=texts) as file:
            first = next(file.iter_batches(1, [index], texts))
        return sum(pc.max(pc.binary_length(column.dictionary)).as_py() or 0 for column in first.columns)

    def _iter_nanoseconds(self, rows: int, groups: Sequence[int]) -> Iterator[pa.RecordBatch]:
        with _open_parquet(self._path, metadata=self._metadata) as file:
            yield from file.iter_batches(rows, groups, self._old_times)

    def _refuse_nanoseconds(self, batch: pa.RecordBatch, exact: pa.RecordBatch) -> None:
        for name in self._old_times:
            if name not in batch.schema.names or _has_nanoseconds(batch.column(name), exact.column(name)):
                raise ReadError(
                    f"{self._title} has times of an old kind (INT96) with nanoseconds, in {name}.",
                    "Write it again with timestamps of today's kind.",
                )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except UnicodeDecodeError as error:
            raise ReadError(f"{self._title} names a column in no UTF-8.", "Give it a plain name.") from error
        except (pa.ArrowException, OSError) as error:
            said = str(error).partition("\n")[0].rstrip(".")
            if "crypt" in said.lower():
                raise ReadError(
                    f"{self._title} is encrypted Parquet.", "Save it without encryption."
                ) from error
            raise ReadError(
                f"{self._title} is cut off, or damaged Parquet: {said}.", "Download or copy it again."
            ) from error


def _has_nanoseconds(times: pa.Array, exact: pa.Array) -> bool:
    """Whether times in microseconds are not what they are in nanoseconds, as far as those reach."""
    counts = times.view(pa.int64())
    differ = pc.not_equal(pc.multiply(counts, 1000), exact.view(pa.int64()))
    return bool(pc.any(pc.and_(differ, pc.less(pc.abs(counts), _MOST_MICROSECONDS))).as_py())
