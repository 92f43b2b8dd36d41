"""Data files as the child passes them on: as stored, or typed ones as an Arrow stream of their batches.

Part of the child process. What a record is, the parent decides.
"""

import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from studio.errors import HubError
from studio.hub.download import iter_chunks
from studio.hub.repository import DataFile, Repository

Piece = tuple[bytes, int]
"""Bytes to pass on, and how much of the stored file has been passed on with them."""

_ARROW_FILE = b"ARROW1\0\0"
_PIECE_BYTES = 128 << 10
_BATCH_BYTES, _BATCH_ROWS, _FIRST_ROWS = 8 << 20, 65_536, 1024
_SPAN_BYTES = 16 << 20
_RATIO = 200  # of a zip's member to what is stored of it
_MEDIA_KINDS = {"JPG": "JPEG", "TIF": "TIFF", "OGA": "OGG"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """One file under the name that its records carry; `format` as in a message F."""

    name: str
    format: str
    pieces: Iterator[Piece]


def iter_passed(repository: Repository, kind: str, files: Sequence[DataFile]) -> Iterator[Passed]:
    """The files of a split in their order; empty ones have nothing to pass on."""
    if kind == "media":
        tables = [file for file in files if file.path.rpartition("/")[2].startswith("metadata.")]
        if not tables:
            yield Passed(name="media", format="media", pieces=_list_media(files))
            return
        files = tables
    for file in files:
        if file.size:
            with _naming(file):
                yield from _pass_file(repository, file)


@contextmanager
def _naming(file: DataFile) -> Iterator[None]:
    """Name the file in what is raised about its bytes."""
    import pyarrow as pa

    try:
        yield
    except MemoryError:
        raise
    except (pa.ArrowException, zipfile.BadZipFile, zlib.error, UnicodeDecodeError) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise HubError(
            f"{file.path} is damaged, or not what its name says: {said}", "Tell the dataset's authors."
        ) from error


def _pass_file(repository: Repository, file: DataFile) -> Iterator[Passed]:
    suffix = file.path.lower().rpartition(".")[2]
    if suffix in ("parquet", "geoparquet", "gpq"):
        yield from _pass_parquet(repository, file)
    elif suffix == "arrow":
        yield from _pass_arrow(repository, file)
    elif suffix == "zip":
        yield from _open_members(file)
    else:
        yield _pass_stored(repository, file)


def _pass_stored(repository: Repository, file: DataFile) -> Passed:
    return Passed(name=file.path, format="", pieces=_iter_stored(repository, file))


def _iter_stored(repository: Repository, file: DataFile) -> Iterator[Piece]:
    done = 0
    for chunk in iter_chunks(repository.name, repository.commit, file.path, file.size):
        done += len(chunk)
        yield chunk, done


def _pass_parquet(repository: Repository, file: DataFile) -> Iterator[Passed]:
    import pyarrow.parquet as pq
    from huggingface_hub import HfFileSystem

    with HfFileSystem().open(file.url, "rb", cache_type="none") as stored:
        # One request for a span of row groups that fits in memory; a larger group comes column by column.
        whole = pq.ParquetFile(stored, pre_buffer=True, page_checksum_verification=True)
        if any(
            column.physical_type == "INT96" for column in map(whole.schema.column, range(len(whole.schema)))
        ):
            yield _pass_stored(
                repository, file
            )  # times of a kind that takes a second look, at the whole file
            return
        metadata = whole.metadata
        large = pq.ParquetFile(
            stored,
            metadata=metadata,
            pre_buffer=False,
            buffer_size=_SPAN_BYTES // 4,
            page_checksum_verification=True,
        )

        def batches() -> Iterator[tuple[Any, int]]:
            done = row_bytes = 0
            for span, size in _iter_spans(metadata):
                reader = whole if size <= 2 * _SPAN_BYTES else large
                rows = _fit_rows(metadata, span, row_bytes)
                for batch in reader.iter_batches(batch_size=rows, row_groups=span):
                    done += batch.num_rows
                    row_bytes = max(row_bytes, batch.nbytes // max(1, batch.num_rows))
                    yield batch, file.size * done // metadata.num_rows

        yield _pass_typed(file, whole.schema_arrow, batches())


def _iter_spans(metadata: Any) -> Iterator[tuple[list[int], int]]:
    """Row groups that are fetched together, and their stored bytes: no more than went before them."""
    span: list[int] = []
    held, most = 0, _SPAN_BYTES // 64
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        size = sum(group.column(index).total_compressed_size for index in range(group.num_columns))
        if span and held + size > most:
            yield span, held
            span, held, most = [], 0, min(_SPAN_BYTES, most + held)
        span.append(number)
        held += size
    if span:
        yield span, held


def _pass_arrow(repository: Repository, file: DataFile) -> Iterator[Passed]:
    """An Arrow stream, or a file, which is a stream between a mark and an index; each batch is checked."""
    import pyarrow as pa

    stored = _Stored(_iter_stored(repository, file))
    stored.skip(_ARROW_FILE)
    stream = pa.ipc.open_stream(io.BufferedReader(stored))

    def batches() -> Iterator[tuple[Any, int]]:
        for batch in stream:
            batch.validate(full=True)
            yield batch, stored.at

    yield _pass_typed(file, stream.schema, batches())


def _pass_typed(file: DataFile, schema: Any, batches: Iterator[tuple[Any, int]]) -> Passed:
    return Passed(name=file.path, format="typed", pieces=_write_stream(file, schema, batches))


def _write_stream(file: DataFile, schema: Any, batches: Iterator[tuple[Any, int]]) -> Iterator[Piece]:
    """Batches as an Arrow stream, each as soon as it is there, in parts that fit in the parent's memory."""
    import pyarrow as pa

    sink, at = _Sink(), 0
    with _naming(file), pa.ipc.new_stream(sink, _decode_schema(schema)) as stream:
        for batch, at in batches:
            whole = _decode_batch(batch)
            rows = max(1, whole.num_rows * _BATCH_BYTES // max(_BATCH_BYTES, whole.nbytes))
            for start in range(0, whole.num_rows, rows):
                stream.write_batch(whole.slice(start, rows))
                yield from _cut(sink.take(), at)
    yield sink.take(), at


def _decode_schema(schema: Any) -> Any:
    import pyarrow as pa

    plain = [f.with_type(f.type.value_type) if pa.types.is_dictionary(f.type) else f for f in schema]
    return pa.schema(plain)


def _decode_batch(batch: Any) -> Any:
    """Values in the place of their indexes: a text that many rows share grows here, not in the parent."""
    import pyarrow as pa

    columns = [c.dictionary_decode() if pa.types.is_dictionary(c.type) else c for c in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=_decode_schema(batch.schema))


def _cut(data: bytes, at: int) -> Iterator[Piece]:
    return ((data[start : start + _PIECE_BYTES], at) for start in range(0, len(data), _PIECE_BYTES))


class _Sink(io.RawIOBase):
    """Keeps what is written until it is taken."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._held.append(bytes(data))
        return len(self._held[-1])

    def take(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return held


class _Stored(io.RawIOBase):
    """Pieces as a file to read from; `at` is how much of it has come."""

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._pieces = pieces
        self._held = b""
        self.at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        if not self._held:
            self._held, self.at = next(self._pieces, (b"", self.at))
        size = min(len(buffer), len(self._held))
        buffer[:size], self._held = self._held[:size], self._held[size:]
        return size

    def skip(self, mark: bytes) -> None:
        while len(self._held) < len(mark) and (piece := next(self._pieces, None)):
            self._held, self.at = self._held + piece[0], piece[1]
        self._held = self._held.removeprefix(mark)


def _fit_rows(metadata: Any, span: Sequence[int], row_bytes: int) -> int:
    """How many rows make a batch that fits in memory; few at the start of a file, to come at once.

    `row_bytes` is what a row has taken so far: more than the file says where texts repeat.
    """
    groups = [metadata.row_group(number) for number in span]
    sizes: list[int] = [group.total_byte_size // max(1, group.num_rows) for group in groups]
    most = _FIRST_ROWS if span[0] == 0 else _BATCH_ROWS
    return max(1, min(most, _BATCH_BYTES // max(1, row_bytes, *sizes)))


def _open_members(file: DataFile) -> Iterator[Passed]:
    from huggingface_hub import HfFileSystem

    with HfFileSystem().open(file.url, "rb") as stored, zipfile.ZipFile(stored) as archive:
        for member in sorted(archive.infolist(), key=lambda member: member.filename):
            hidden = member.filename.rpartition("/")[2].startswith(".") or "__MACOSX" in member.filename
            if member.is_dir() or hidden or not member.file_size:
                continue
            if member.file_size > _RATIO * max(1, member.compress_size):
                raise HubError(
                    f"{member.filename} in {file.path} grows more than {_RATIO} times when it is unpacked.",
                    "Such a file is often made to fill a disk. If you trust it, unpack it yourself.",
                )
            name = f"{file.path}/{member.filename}"
            yield Passed(name=name, format="member", pieces=_read_member(archive, member, file))


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: DataFile) -> Iterator[Piece]:
    with _naming(file), archive.open(member) as stream:
        while chunk := stream.read(_PIECE_BYTES):
            yield chunk, min(file.size, member.header_offset + member.compress_size)


def _list_media(files: Sequence[DataFile]) -> Iterator[Piece]:
    for file in files:
        kind = file.path.rpartition(".")[2].upper()
        said = f"<{file.size:,} bytes, {_MEDIA_KINDS.get(kind, kind)}>"
        line = json.dumps({"file_name": file.path, "media": said}, ensure_ascii=False)
        yield line.encode() + b"\n", 0
