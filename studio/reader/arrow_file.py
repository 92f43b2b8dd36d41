"""Arrow files and streams; Feather (version 2) and the caches of `datasets` are such.

`line` is the one-based number of the row. What becomes of each type typed.py says. The file is mapped into
memory, so that a batch of any size is taken a piece at a time; nothing in it is used before it was checked.

Knows nothing of where the bytes come from.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from studio.errors import ReadError
from studio.reader.opening import Opened
from studio.reader.typed import check_schema, feed_batches, fit_rows
from studio.settings import Limits
from studio.source import Source
from studio.table import TableWriter

_FILE_MAGIC = b"ARROW1"


def read_arrow(opened: Opened, writer: TableWriter, source: Source, limits: Limits) -> bool:
    """Feed the writer until it is full; whether the file held no more than that.

    Raises ReadError for a file that is cut or damaged, or has columns that a table cannot have.
    """
    title = opened.title
    with opened.as_file() as path, pa.memory_map(str(path)) as mapped:
        with _explained(title):
            is_file = mapped.read(len(_FILE_MAGIC)) == _FILE_MAGIC
            mapped.seek(0)
            reader = pa.ipc.open_file(mapped) if is_file else pa.ipc.open_stream(mapped)
        check_schema(reader.schema, title, limits)
        writer.note_types({field.name: str(field.type) for field in reader.schema})
        parts = _iter_parts(_iter_batches(reader), title, writer.room)
        return feed_batches(parts, writer, limits, opened.on_read)


def _iter_batches(
    reader: "pa.ipc.RecordBatchFileReader | pa.ipc.RecordBatchStreamReader",
) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, pa.ipc.RecordBatchFileReader):
        return (reader.get_batch(index) for index in range(reader.num_record_batches))
    return iter(reader)


def _iter_parts(batches: Iterator[pa.RecordBatch], title: str, room: int | None) -> Iterator[pa.RecordBatch]:
    """Some rows after others, valid but for their UTF-8."""
    with _explained(title):
        for batch in batches:
            batch.validate()
            nested = [column for column in batch.columns if pa.types.is_nested(column.type)]
            _validate(nested)  # at once: of a part of them all that they hold would be checked again
            count = batch.num_rows
            rows = fit_rows(batch.nbytes // max(1, count), batch.num_columns, room)
            for part in (batch.slice(start, rows) for start in range(0, count, rows)):
                _validate([column for column in part.columns if not pa.types.is_nested(column.type)])
                yield part


def _validate(columns: list[pa.Array]) -> None:
    """Raise ArrowInvalid for values that reach beyond their bytes. Text that is not UTF-8 is let through."""
    for column in columns:
        _loosen(column).validate(full=True)


def _loosen(array: pa.Array) -> pa.Array:
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return _loosen(array.storage)
    if pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(array.indices, _loosen(array.dictionary))
    try:
        return array.view(_as_bytes(kind))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return array


def _as_bytes(kind: pa.DataType) -> pa.DataType:
    """The same type with bytes in the place of texts."""
    if kind in _BYTES:
        return _BYTES[kind]
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_as_bytes(field.type)) for field in kind.fields])
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_as_bytes(kind.value_type)))
    if pa.types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_as_bytes(kind.value_type)))
    return kind


_BYTES = {
    pa.string(): pa.binary(),
    pa.large_string(): pa.large_binary(),
    pa.string_view(): pa.binary_view(),
}


@contextmanager
def _explained(title: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        said = str(error).partition("\n")[0].rstrip(".")
        raise ReadError(
            f"{title} is cut off, or damaged Arrow: {said}.", "Download or copy it again."
        ) from error
