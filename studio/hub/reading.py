"""A Hub dataset into a table: its files one after another into one writer, split by split.

Knows nothing of the child's process, and nothing of formats.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from studio.errors import HubError, StudioError
from studio.hub.child import Child, HubFile, HubStream, ask_child
from studio.hub.typed import read_typed
from studio.reader import Progress, Stopped, read_opened, refuse_without_record
from studio.reader.opening import Opened
from studio.record import Repair
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table, TableWriter


def read_hub(
    source: Source,
    folder: Path,
    settings: Settings,
    *,
    repairs: Sequence[Repair] = (),
    live: bool = False,
    progress: Progress | None = None,
) -> Table:
    """Store the first records of a Hub dataset in `folder`, which must not exist.

    The table's source carries the commit, config and split that were opened, so that it can be opened
    again. With `split` "all" the source splits follow one another, each a `split` of the table's files, and
    `first` is how many records of each are kept: the first 1,000 of a dataset would have no test records.
    A table that is `live` can be opened while it grows, and keeps what was read when the reading breaks off.
    Raises HubError with what to choose from when a config or split must be named, with what the Hub
    answered, or where the connection broke off.
    """
    first = source.limit(settings.limits.stream_records)
    with ask_child("read", source, settings) as child:
        child.on_wait = lambda: progress(0, None, 0) if progress is not None else None
        stream = _open_stream(child, source)
        split = source.split if len(stream.splits) > 1 else stream.splits[0]
        with TableWriter(
            folder, source=source, kind="", limits=settings.limits, first=first, repairs=repairs, live=live
        ) as writer:
            writer.source = replace(source, first=first or "all", split=split, **stream.opened)
            reading = _Reading(stream, writer, settings.limits, first, progress)
            child.on_wait = reading.report
            try:
                return reading.run()
            except Stopped:
                return reading.keep()
            except StudioError:
                if live and writer.outgrown:
                    reading.keep()
                raise


def _open_stream(child: Child, source: Source) -> HubStream:
    try:
        return HubStream(child)
    except Stopped as stop:
        raise _stopped_early(source.name) from stop


def _stopped_early(name: str) -> HubError:
    return HubError(f"The reading of {name} was stopped before a record had come.", "Load it again.")


class _Reading:
    """The files of one dataset while they are read."""

    def __init__(
        self,
        stream: HubStream,
        writer: TableWriter,
        limits: Limits,
        first: int | None,
        progress: Progress | None,
    ) -> None:
        self._stream, self._writer, self._limits, self._first = stream, writer, limits, first
        self._progress = progress
        self._split = ""

    def run(self) -> Table:
        complete = True
        for file in self._stream:
            new = file.split != self._split
            if not new and self._writer.full:
                complete = False
                self._stream.end_split()
                continue
            self._split = file.split
            self._writer.begin_file(file.name, split=file.split, room=self._first if new else None)
            if not self._read_file(file):
                complete = False
                self._stream.end_split()
        refuse_without_record(self._writer)
        return self._writer.finish(complete=complete, sha256=None, size=self._stream.bytes_read)

    def keep(self) -> Table:
        """End the table with what was read. Its source says what that was, if it can be said."""
        writer = self._writer
        if not writer.accepted:
            raise _stopped_early(writer.name)
        if self._split == self._stream.splits[0]:
            writer.source = replace(writer.source, split=self._split, first=writer.accepted)
        return writer.finish(complete=False, partial=True, sha256=None, size=self._stream.bytes_read)

    def report(self) -> None:
        """Let the table be looked at, and say how far the reading is."""
        self._writer.checkpoint()
        if self._progress is not None:
            total = self._stream.total if self._first is None else None
            self._progress(self._stream.bytes_read, total, self._writer.accepted)

    def _read_file(self, file: HubFile) -> bool:
        """Whether the file held no more than was taken."""
        writer = self._writer
        writer.source = replace(writer.source, **file.options)
        if file.format == "typed":
            kind = "arrow" if file.name.lower().endswith(".arrow") else "parquet"
            writer.kind = kind if writer.kind in ("", kind) else "mixed"
            return read_typed(file, writer, self._limits, self.report)
        name = "files.jsonl" if file.format == "media" else file.name
        opened = Opened(file, None, name, self._limits, encoding=file.options.get("encoding"))
        opened.on_read = self.report
        complete = read_opened(opened, writer, writer.source, self._limits)
        if complete and not file.format:
            writer.end_file(sha256=opened.hash_whole(), size=opened.bytes_read)
        return complete
