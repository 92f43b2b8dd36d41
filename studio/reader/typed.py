"""Batches of typed rows into a table: their columns as they are, their odd rows to the quarantine.

`line` is the one-based number of the row, `offset` the zero-based one; its `length` is 0, since a row of a
typed file has no bytes of its own. A quarantined row is told as the JSON object that it almost is:

    {"text":"What is LoRA?","score":NaN}      score is NaN, which JSON cannot spell

Knows nothing of files.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from studio.errors import ReadError
from studio.reader.lines import HEAD_BYTES, describe_size
from studio.reader.spelling import Faults, inner_types, is_worded, to_series, unwrap, word
from studio.reader.strict import RecordDecoder
from studio.settings import Limits
from studio.table import Places, TableWriter, Typed
from studio.table.columns import BlockType

MOST_ROWS = 65_536
"""How many rows are taken together at most."""

MOST_DECODED_BYTES = 64 << 20
"""How much the texts of a dictionary, each in many rows, may come to in rows that are taken together."""

TEXT_TYPES = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())

_BATCH_BYTES = 16 << 20
_VALUES = 500_000
_LARGEST_INTEGER = (1 << 63) - 1


def check_schema(schema: pa.Schema, name: str, limits: Limits) -> None:
    """Raise ReadError for columns that a table cannot have."""
    try:
        _check_columns(schema, name, limits)
        [str(field.type) for field in schema]  # names inside of columns too
    except UnicodeDecodeError as error:
        raise ReadError(f"{name} names a column in no UTF-8.", "Give it a plain name.") from error


def fit_rows(row_bytes: int, row_values: int, room: int | None) -> int:
    """How many rows of a size are taken together: no more than there is room for, in little memory."""
    most = min(_BATCH_BYTES // max(1, row_bytes), _VALUES // max(1, row_values), MOST_ROWS)
    return max(1, most if room is None else min(most, room))


def feed_batches(
    batches: Iterable[pa.RecordBatch], writer: TableWriter, limits: Limits, on_batch: Callable[[], None]
) -> bool:
    """Feed the writer until it is full; whether there was no row more than that.

    The batches have one schema, which was checked, and are valid but for their UTF-8.
    """
    writer.reread = RecordDecoder(limits.depth).decode
    first = size = 0
    for part in chain.from_iterable(map(_split, batches)):
        rows = _Rows(part, first, limits)
        first, size = first + part.num_rows, size + int(rows.sizes.sum())
        if size > limits.decoded_bytes:
            raise ReadError(
                f"{writer.name} holds more than {describe_size(limits.decoded_bytes)} of text.",
                "Split it into smaller files, or raise STUDIO_LIMIT_DECODED_BYTES.",
            )
        if not rows.feed(writer):
            return False
        on_batch()
    return True


def _split(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Parts of a batch that fit into memory although texts of a dictionary stand in many of their rows."""
    dictionaries = [c.dictionary for c in batch.columns if pa.types.is_dictionary(c.type)]
    texts = [values for values in dictionaries if values.type in TEXT_TYPES]
    longest = sum(pc.max(pc.binary_length(values)).as_py() or 0 for values in texts)
    rows = max(1, MOST_DECODED_BYTES // max(1, longest))
    return (batch.slice(start, rows) for start in range(0, batch.num_rows, rows))


class _Column(NamedTuple):
    """A column of a batch as a table keeps it; `verb` goes before what is at fault."""

    kind: BlockType
    values: pl.Series
    faults: Faults
    verb: str = "is"


class _Rows:
    """The rows of a batch; `first` rows of the file came before, and `sizes` are the bytes of their texts."""

    def __init__(self, batch: pa.RecordBatch, first: int, limits: Limits) -> None:
        self._batch, self._first, self._limits = batch, first, limits
        self._columns = {
            name: _build_column(values)
            for name, values in zip(batch.schema.names, batch.columns, strict=True)
        }
        self.sizes = self._measure()
        self._odd = self._find_long() | self._find_faults()

    def feed(self, writer: TableWriter) -> bool:
        """Give the writer the rows until it is full; whether it took them all."""
        # A repair stands between the rows around it; without one all that are sound go together.
        ends = [row + 1 for row in sorted(self._odd)] if writer.mending else []
        parts = zip([0, *ends], [*ends, self._batch.num_rows], strict=True)
        return all(self._feed_part(writer, begin, end) for begin, end in parts)

    def _feed_part(self, writer: TableWriter, begin: int, end: int) -> bool:
        odd = sorted(row for row in self._odd if begin <= row < end)
        sound = np.delete(np.arange(begin, end), [row - begin for row in odd])
        stop, room = end, writer.room
        if room is not None and len(sound) >= room:
            sound = sound[:room]
            stop = int(sound[-1]) + 1 if room else begin
        if len(sound):
            self._add(writer, sound)
        for row in odd:
            if row < stop:
                self._quarantine(writer, row)
        return stop == end

    def _add(self, writer: TableWriter, rows: NDArray[np.int64]) -> None:
        whole = len(rows) == self._batch.num_rows
        columns: Typed = {
            name: (column.kind, column.values if whole else column.values.gather(rows))
            for name, column in self._columns.items()
        }
        offsets = (rows + self._first).astype(np.uint64)
        writer.add_columns(columns, Places(offsets + np.uint64(1), offsets, np.zeros_like(offsets)))

    def _quarantine(self, writer: TableWriter, row: int) -> None:
        raw, place = self._spell_row(row), self._first + row
        kept = raw if len(raw) <= self._limits.line_bytes else raw[:HEAD_BYTES]
        writer.quarantine(kept, self._odd[row], line=place + 1, offset=place, length=len(raw))

    def _spell_row(self, row: int) -> bytes:
        names = [json.dumps(name, ensure_ascii=False).encode() for name in self._columns]
        values = [word(values.slice(row, 1)).spell()[0] for values in self._batch.columns]
        return b"{%b}" % b",".join(b"%b:%b" % pair for pair in zip(names, values, strict=True))

    def _find_faults(self) -> Faults:
        found: Faults = {}
        for name, column in self._columns.items():
            for row, what in column.faults.items():
                found.setdefault(row, f"{name} {column.verb} {what}")
        return found

    def _find_long(self) -> Faults:
        limit = self._limits.line_bytes
        reason = f"row over {describe_size(limit)}; only its start is kept here"
        return {int(row): reason for row in np.flatnonzero(self.sizes > limit)}

    def _measure(self) -> NDArray[np.int64]:
        sizes = np.zeros(self._batch.num_rows, np.int64)
        for column in self._columns.values():
            if column.values.dtype == pl.String:
                sizes += column.values.str.len_bytes().fill_null(0).to_numpy()
        return sizes


def _build_column(values: pa.Array) -> _Column:
    plain = unwrap(values)
    kind = plain.type
    if pa.types.is_boolean(kind):
        return _Column("boolean", to_series(plain), {})
    if pa.types.is_integer(kind) and not _is_beyond(plain):
        return _Column("integer", to_series(plain.cast(pa.int64())), {})
    words = word(plain)
    if pa.types.is_floating(kind):
        return _Column("float", to_series(plain.cast(pa.float64())), words.faults)
    if pa.types.is_null(kind):
        return _Column("null", words.to_series(), {})
    verb = "holds" if pa.types.is_nested(kind) else "is"
    return _Column("text" if words.quoted else "json", words.to_series(), words.faults, verb)


def _is_beyond(integers: pa.Array) -> bool:
    """Whether one of them is over the 64 bits of a table's integers."""
    largest = pc.max(integers).as_py() if pa.types.is_uint64(integers.type) else None
    return largest is not None and largest > _LARGEST_INTEGER


def _check_columns(schema: pa.Schema, name: str, limits: Limits) -> None:
    names = schema.names
    if not names:
        raise ReadError(f"{name} has no columns, and so holds no record.", "Check how it was written.")
    if len(names) > limits.columns:
        raise ReadError(
            f"{name} has more than {limits.columns:,} columns.", "Choose those that you need, and save them."
        )
    if any("\0" in column for column in names):
        raise ReadError(f"{name} has a NUL character in the name of a column.", "Give it a plain name.")
    twice = _find_twice(names)
    if twice is not None:
        raise ReadError(f"{name} has two columns named {twice!r}.", "Give each column a name of its own.")
    for field in schema:
        if reason := _find_unread(field.type, limits.depth - 1):
            raise ReadError(f"The column {field.name} of {name} {reason}.", "Save the file without it.")


def _find_twice(names: Sequence[str]) -> str | None:
    return next((name for name, times in Counter(names).items() if times > 1), None)


def _find_unread(kind: pa.DataType, depth: int) -> str:
    """Why values of this type cannot be read; "" when they can."""
    if depth < 0:
        return "is nested too deeply"
    if not is_worded(kind):
        return f"is of type {kind}, which is not read"
    if pa.types.is_struct(kind) and (twice := _find_twice([field.name for field in kind.fields])) is not None:
        return f"has two fields named {twice!r}"
    return next(filter(None, (_find_unread(inner, depth - 1) for inner in inner_types(kind))), "")
