"""Bytes to records: the only code that parses a person's files.

    listing            the files of a source: one, or those of a folder or a pattern
    opening            one of them as decoded bytes, counted, hashed and guarded, by way of
    remote, streams, compression, archive, encoding
    sniffing           what the bytes really are
    jsonl, json_object, csv_file, text, parquet, arrow_file, excel
                       one format each: records to the TableWriter, the rest to the quarantine
    strict, flat, json_array, json_keys, lines, batch
                       one JSON object, many at once; elements of an array; lines and rows with their place
    typed, spelling, media
                       the values of typed files, as JSON spells them
    reread, raw        one mended line; the bytes of a record as they stand in the source
    fingerprint        whether files are still the ones that were read

A line that does not parse is quarantined and the others load; a source without a single record is refused.
Knows nothing of the workspace or of the Hub.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from studio.errors import ReadError, SourceError, StudioError
from studio.reader.arrow_file import read_arrow
from studio.reader.compression import split_compression
from studio.reader.csv_file import read_csv
from studio.reader.excel import read_excel
from studio.reader.fingerprint import fingerprint_files, is_unchanged, refuse_edited
from studio.reader.json_object import read_json
from studio.reader.jsonl import read_jsonl
from studio.reader.listing import list_files
from studio.reader.opening import Opened, open_source
from studio.reader.parquet import read_parquet
from studio.reader.reread import reread_line
from studio.reader.sniffing import Format, detect_format, format_of_name
from studio.reader.text import read_text
from studio.record import Repair
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table, TableWriter

Progress = Callable[[int, int | None, int], None]
"""Called now and then with bytes read, bytes in all if known, records accepted so far; may raise Stopped."""

__all__ = [
    "Format",
    "Progress",
    "Stopped",
    "format_of_name",
    "is_unchanged",
    "list_files",
    "read_jsonl",
    "read_opened",
    "read_source",
    "refuse_edited",
    "refuse_without_record",
    "reread_line",
]


class Stopped(Exception):  # noqa: N818 - a wish of the person's, not an error
    """Raised out of a progress callback: the reading ends, and what was read is kept as a partial table."""


class _Read(Protocol):
    def __call__(self, opened: Opened, writer: TableWriter, source: Source, limits: Limits, /) -> bool: ...


_READERS: dict[Format, _Read] = {
    "jsonl": read_jsonl,
    "json": read_json,
    "csv": read_csv,
    "parquet": read_parquet,
    "arrow": read_arrow,
    "excel": read_excel,
    "text": read_text,
}


def read_source(
    source: Source,
    folder: Path,
    settings: Settings,
    *,
    repairs: Sequence[Repair] = (),
    live: bool = False,
    look: int | None = None,
    progress: Progress | None = None,
) -> Table:
    """Store the records of a path or URL as a table in `folder`, which must not exist.

    All records of a path, unless `source.first` is set; of a URL the first `source.first`, or as many as a
    stream keeps. A table that is `live` can be opened while it grows, and keeps what was read when the
    reading breaks off. A `look` is partial on purpose: that many records are read, and no more of the source
    is touched than they need; it is not hashed. Raises SourceError when the source cannot be opened,
    ReadError when it is not what its name says or holds no record; then nothing is left of the folder,
    unless it is live.
    """
    files = _list_sources(source)
    if source.path is not None:
        source = replace(source, path=str(Path(source.path).absolute()))
    first = source.limit(settings.limits.stream_records)
    most = first if look is None else min(look, first or look)
    source = replace(source, first=first) if source.streamed and source.first is None else source
    with TableWriter(
        folder, source=source, kind="", limits=settings.limits, first=most, repairs=repairs, live=live
    ) as writer:
        reading = _Reading(files, writer, settings, progress or _say_nothing, look is not None)
        try:
            return reading.run()
        except Stopped:
            if live and not writer.outgrown and writer.shown:
                return Table.open(folder)  # read anew, and what it held is more than what was read by now
            return reading.stop()
        except StudioError:
            if live and writer.outgrown:
                reading.stop()
            raise


def read_opened(opened: Opened, writer: TableWriter, source: Source, limits: Limits) -> bool:
    """Feed the writer, until it is full, with the records of one file in the format that its bytes have.

    Whether the file held no more than that. Raises ReadError when it is not what its name says.
    """
    kind = detect_format(opened, format_of_name(opened.name), opened.title, limits)
    opened.refuse_misnamed()
    writer.kind = kind if writer.kind in ("", kind) else "mixed"
    return _READERS[kind](opened, writer, source, limits)


class _Reading:
    """The files of one source, read one after another into one writer."""

    def __init__(
        self,
        files: Sequence[tuple[str, Source]],
        writer: TableWriter,
        settings: Settings,
        progress: Progress,
        look: bool,
    ) -> None:
        self._files, self._writer, self._settings = files, writer, settings
        self._progress, self._look = progress, look
        paths = [Path(file.path) for _, file in files if file.path is not None]
        self._fingerprint = fingerprint_files(paths) if paths else ""
        self._paths = paths
        self._total = sum(path.stat().st_size for path in paths if path.is_file()) or None
        self._done = 0
        self._hashes: list[str | None] = []

    def run(self) -> Table:
        complete = True
        for name, file in self._files:
            complete = complete and not self._writer.full and self._read_file(name, file)
            if not complete and (self._look or self._writer.source.streamed):
                break
        refuse_without_record(self._writer)
        if self._paths and not self._look and fingerprint_files(self._paths) != self._fingerprint:
            raise ReadError(f"{self._writer.name} changed while it was read.", "Load it again.")
        return self._finish(complete=complete, partial=self._look and not complete)

    def stop(self) -> Table:
        """Keep what was read; the source says how many that were, so that it can be read again."""
        refuse_without_record(self._writer)
        self._writer.source = replace(self._writer.source, first=self._writer.accepted)
        self._hashes = [None]
        return self._finish(complete=False, partial=True)

    def _finish(self, *, complete: bool, partial: bool) -> Table:
        return self._writer.finish(
            complete=complete,
            partial=partial,
            sha256=_hash_all([name for name, _ in self._files], self._hashes),
            size=self._done if partial or self._total is None else self._total,
            fingerprint=self._fingerprint,
        )

    def _read_file(self, name: str, file: Source) -> bool:
        writer, before = self._writer, self._done

        def report(done: int, total: int | None) -> None:
            self._done = before + done
            writer.checkpoint()
            self._progress(self._done, self._total or total, writer.accepted)

        with open_source(file, self._settings, on_fetch=report) as opened:
            writer.begin_file(name)
            opened.on_read = lambda: report(opened.bytes_read, opened.total)
            complete = read_opened(opened, writer, file, self._settings.limits)
            if len(self._files) == 1:
                _refuse_idle_options(file, self._writer.kind, opened.title)
                self._keep_decided(opened)
            streamed_head = file.streamed and not complete
            sha256 = None if self._look or streamed_head else opened.hash_whole()
            self._done = before + opened.bytes_read
            self._hashes.append(sha256)
            writer.end_file(sha256=sha256, size=opened.bytes_read, path=file.path)
            return complete

    def _keep_decided(self, opened: Opened) -> None:
        source = self._writer.source
        encoding = None if opened.encoding == "utf-8" else opened.encoding
        self._writer.source = replace(
            source, member=opened.member or source.member, encoding=source.encoding or encoding
        )


_OPTION_OF = {"delimiter": "csv", "quote": "csv", "types": "csv", "sheet": "excel", "records": "text"}


def _refuse_idle_options(source: Source, kind: str, title: str) -> None:
    """Raise SourceError for an option that was given and means nothing for this format."""
    for option, format_of_option in _OPTION_OF.items():
        if getattr(source, option) and kind != format_of_option:
            raise SourceError(
                f"{title} has no {option}: it is read as {kind}.",
                f"That is for {format_of_option}; leave it empty.",
            )


_HINTS = {
    "jsonl": "A .jsonl file holds one JSON object per line.",
    "json": "A .json file holds an array of JSON objects.",
    "csv": "Each row needs as many cells as the header has.",
    "parquet": "Look at the file with pyarrow.parquet.read_table, and write it again without such values.",
    "arrow": "Look at the file with pyarrow, and write it again without such values.",
    "excel": "The first row that is not empty names the columns; the rows below are the records.",
    "text": "Give a text file in UTF-8, or name its encoding.",
}


def refuse_without_record(writer: TableWriter) -> None:
    """Raise ReadError when no record was accepted, with the first reason."""
    if writer.accepted:
        return
    refused = writer.first_refused
    if refused is None:
        raise ReadError(f"{writer.name} holds no record.", "Check that its download or export has finished.")
    hint = _HINTS.get(writer.kind, "Look at its rows on the Hub, or choose another dataset.")
    if refused.reason.startswith("not UTF-8"):
        hint = "Its text may be in another encoding: name it, for example with --encoding windows-1252."
    if writer.kind == "jsonl" and refused.raw.lstrip().startswith("["):
        hint += " This one looks like a JSON array: name it .json."
    raise ReadError(f"{writer.name} holds no record. Line {refused.line}: {refused.reason}.", hint)


def _list_sources(source: Source) -> list[tuple[str, Source]]:
    """Each file of the source by the name that its records carry, as a source of its own."""
    if source.path is None:
        if not source.name.lower().endswith(".zip"):
            format_of_name(split_compression(source.name)[0])  # said before anything is fetched
        return [(source.name, source)]
    files = list_files(source.path)
    if len(files) == 1 and not Path(source.path).is_dir():
        return [(files[0].name, replace(source, path=str(files[0])))]
    base = source.path if Path(source.path).is_dir() else os.path.commonpath([f.parent for f in files])
    return [(Path(os.path.relpath(file, base)).as_posix(), replace(source, path=str(file))) for file in files]


def _hash_all(names: Sequence[str], hashes: Sequence[str | None]) -> str | None:
    """The hash of a single file; of several that of the lines that `sha256sum` would print for them."""
    known = [sha256 for sha256 in hashes if sha256 is not None]
    if len(known) < len(names):
        return None
    if len(names) == 1:
        return known[0]
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in zip(names, known, strict=True))
    return hashlib.sha256(lines.encode()).hexdigest()


def _say_nothing(done: int, total: int | None, records: int) -> None:
    """Nobody listens."""
