"""The parts of an export while they are made: batches of the table rendered, encoded, and put in their files.

The next batches are rendered and encoded in threads while those before are framed, written and hashed; what
is held is a few batches, however long the table is.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
import polars as pl
from polars import selectors as cs

from studio.ahead import map_ahead
from studio.errors import ExportError, TemplateError
from studio.formats import FORMATS, Batch, Encoding, PartWriter, Sink, express_fields, misfit_words
from studio.split import RowIds
from studio.table import Table
from studio.template import Template

Progress = Callable[[int, int], None]
_COPIED_AT_ONCE = 10_000
_RENDERED_AT_ONCE = 32_768
_WORTH_A_THREAD = 1 << 20


class HashedFile:
    """A file that is written once, from its beginning: its bytes are counted and hashed on the way.

    What comes after it is closed is passed over: a writer that is given up still writes its end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes = 0
        self.closed = False
        self._hash = hashlib.sha256()
        self._file: BinaryIO = path.open("xb")
        self._thread = ThreadPoolExecutor(1)

    def write(self, data: Any, /) -> int:
        """Write all of the bytes."""
        if self.closed:
            return len(data)
        self.bytes += len(data)
        if len(data) < _WORTH_A_THREAD:
            self._hash.update(data)
            return self._file.write(data)
        hashed = self._thread.submit(self._hash.update, data)
        self._file.write(data)
        hashed.result()
        return len(data)

    def flush(self) -> None:
        """What is held goes to the system."""
        self._file.flush()

    def close(self) -> None:
        """End the file; it can be called again."""
        self.closed = True
        self._thread.shutdown()
        self._file.close()

    @property
    def sha256(self) -> str:
        """The hash of what was written, in hex."""
        return self._hash.hexdigest()


class PartFile:
    """One part while it is written: what it holds of the batches, and how many records.

    Batches are gathered as its file wants them, and written in a thread while the next are made. What goes
    wrong is raised by the next call.
    """

    def __init__(self, encoding: Encoding, sink: Sink) -> None:
        self.records = 0
        self.guarded = 0
        self._writer: PartWriter = encoding.open(sink)
        self._thread = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None
        self._held: list[Batch] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._thread.shutdown()
        if kind is not None:
            with suppress(Exception):  # there is a reason already why it is given up
                self._writer.close()

    def add(self, batch: Batch) -> None:
        """Take the next records of the part."""
        self.records += batch.records
        self.guarded += batch.guarded
        if batch.records:
            self._held.append(batch)
        enough = sum(held.bytes for held in self._held) >= self._writer.bytes_at_once
        if enough or sum(held.records for held in self._held) >= self._writer.records_at_once:
            self.pass_on()

    def pass_on(self) -> None:
        """Begin to write what is held, once what was passed on before is written."""
        self.settle()
        pieces = [held.piece for held in self._held]
        self._held = []
        self._writing = self._thread.submit(self._writer.write, pieces)

    def settle(self) -> None:
        """Wait for what is being written."""
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()

    def end(self) -> None:
        """Write the rest of the file."""
        if self._held:
            self.pass_on()
        self.settle()
        self._writer.close()


def write_parts(
    batches: Iterator[dict[str, Batch]],
    encoding: Encoding,
    files: Mapping[str, Path],
    total: int,
    progress: Progress | None,
) -> dict[str, dict[str, Any]]:
    """Write batches by part into their files, and say of each part: bytes, sha256, records.

    `progress` is called with (records written, `total`) after each batch.
    """
    with ExitStack() as stack:
        sinks: dict[str, HashedFile] = {}
        parts: dict[str, PartFile] = {}
        for name, path in files.items():
            sinks[name] = HashedFile(path)
            stack.callback(sinks[name].close)
            parts[name] = stack.enter_context(PartFile(encoding, sinks[name]))
        for found in batches:
            for name, batch in found.items():
                parts[name].add(batch)
            if progress:
                progress(sum(part.records for part in parts.values()), total)
        for part in parts.values():
            part.end()
    return {name: _describe_part(parts[name], sinks[name]) for name in files}


def _describe_part(part: PartFile, sink: HashedFile) -> dict[str, Any]:
    guarded = {"guarded": part.guarded} if part.guarded else {}
    return {"records": part.records, "bytes": sink.bytes, "sha256": sink.sha256, **guarded}


def stream_part(batches: Iterator[dict[str, Batch]], encoding: Encoding, name: str) -> Iterator[bytes]:
    """The bytes of one part's file as they are made."""
    taken = _Taken()
    with PartFile(encoding, taken) as part:
        for found in batches:
            part.add(found[name])
            yield from taken.take()
        part.end()
    yield from taken.take()


class _Taken:
    """A sink whose bytes are taken out as they come."""

    closed = False

    def __init__(self) -> None:
        self._held: deque[bytes] = deque()

    def write(self, data: Any, /) -> int:
        self._held.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do: what is written waits to be taken."""

    def take(self) -> Iterator[bytes]:
        while self._held:
            if data := self._held.popleft():
                yield data


def render_batches(
    table: Table, template: Template, encoding: Encoding, parts: Mapping[str, RowIds]
) -> Iterator[dict[str, Batch]]:
    """The records of the parts in table order, a batch of each at a time, possibly an empty one.

    Raises TemplateError or ExportError, with the line of the first record, when any cannot be written; at the
    end, so that it can say how many.
    """
    fields = express_fields(template, table.columns, encoding.kind, encoding.names)
    names = cs.by_name(*(field.meta.output_name() for field in fields))
    # A template may read no column at all; the bookkeeping's says how many records there are.
    reads = [*template.columns, table.bookkeeping.missing]
    checked = bool(FORMATS[encoding.kind].turns)
    unfit: list[int] = []

    def encode(piece: tuple[int, pl.DataFrame]) -> dict[str, Batch]:
        start, batch = piece
        rendered = batch.lazy().with_columns(fields).select(names).collect()
        found = {}
        for name, rows in parts.items():
            inside = rows[slice(*np.searchsorted(rows, (start, start + batch.height)))] - start
            chosen = rendered if len(inside) == batch.height else rendered[inside]
            found[name] = encoding.encode(chosen)
            if checked:
                unfit.extend((inside + start)[chosen.to_series().is_null().to_numpy()].tolist())
        return found

    yield from map_ahead(encode, _number_batches(table.iter_batches(_RENDERED_AT_ONCE, reads)))
    if unfit:
        refuse_unfit(table, template, encoding.kind, unfit, sum(map(len, parts.values())))


def _number_batches(batches: Iterator[pl.DataFrame]) -> Iterator[tuple[int, pl.DataFrame]]:
    """Each batch with the row that it begins with."""
    start = 0
    for batch in batches:
        yield start, batch
        start += batch.height


def refuse_unfit(table: Table, template: Template, kind: str, rows: Sequence[int], total: int) -> None:
    """Raise, with the line of the first of these rows, none of which can be written in the format."""
    record = table.record(min(rows))
    count = f"{len(rows):,} of {total:,} records cannot be {{}}; nothing was written."
    try:
        template.render(record)
    except TemplateError as error:
        words = f"{error.message} {count.format('rendered')}"
        raise TemplateError(words, error.hint, part=error.part) from error
    place = f"Line {record.line} of {record.file or table.name}"
    raise ExportError(
        f"{place} {misfit_words(kind)}. {count.format(f'written as {kind}')}",
        "Put the records right or exclude them, or choose another format such as messages.",
    )


def copy_batches(
    lines: Iterator[bytes], encoding: Encoding, parts: Mapping[str, RowIds]
) -> Iterator[dict[str, Batch]]:
    """The lines of the parts' records, of all in table order, some at a time."""
    places = {name: iter([*rows.tolist(), -1]) for name, rows in parts.items()}
    wanted = {name: next(rows) for name, rows in places.items()}
    held: dict[str, list[bytes]] = {name: [] for name in parts}
    for number, line in enumerate(lines):
        for name, row in wanted.items():
            if row == number:
                held[name].append(line)
                wanted[name] = next(places[name])
                break
        if (number + 1) % _COPIED_AT_ONCE == 0:
            yield _join_lines(encoding, held)
    yield _join_lines(encoding, held)


def _join_lines(encoding: Encoding, held: dict[str, list[bytes]]) -> dict[str, Batch]:
    found = {}
    for name, lines in held.items():
        found[name] = encoding.take_lines(b"".join(line + b"\n" for line in lines), len(lines))
        held[name] = []
    return found
