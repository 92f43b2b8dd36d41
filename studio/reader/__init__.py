"""Bytes to records: the only code that parses a person's files.

    opening, remote    a file or URL as decoded bytes, counted, hashed and guarded
    sniffing           what the bytes really are
    jsonl, json_array, csv_file    one format each: records to the TableWriter, the rest to the quarantine
    strict, lines      one JSON object; lines with their place

A line that does not parse is quarantined and the others load; a source without a single record is refused.
Knows nothing of the workspace or of the Hub.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from studio.errors import ReadError
from studio.reader.csv_file import read_csv
from studio.reader.json_array import read_json_array
from studio.reader.jsonl import read_jsonl
from studio.reader.lines import ByteStream
from studio.reader.opening import Opened, open_source
from studio.reader.sniffing import Format, detect_format, format_of_name
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table, TableWriter

Progress = Callable[[int, int | None, int], None]
"""Called now and then with bytes read, bytes in all if known, and records accepted so far."""

__all__ = ["Format", "Progress", "format_of_name", "read_jsonl", "read_source", "refuse_without_record"]


class _Read(Protocol):
    def __call__(
        self, stream: ByteStream, writer: TableWriter, limits: Limits, first: int | None
    ) -> bool: ...


_READERS: dict[Format, _Read] = {"jsonl": read_jsonl, "json": read_json_array, "csv": read_csv}


def read_source(
    source: Source, folder: Path, settings: Settings, *, progress: Progress | None = None
) -> Table:
    """Store the records of a path or URL as a table in `folder`, which must not exist.

    All records of a path, unless `source.first` is set; of a URL the first `source.first`, or as many as a
    stream keeps. Raises SourceError when the source cannot be opened, ReadError when it is not what its
    name says or holds no record; then nothing is left of the folder.
    """
    first = source.first or (settings.limits.stream_records if source.streamed else None)
    source = replace(source, first=first)
    if source.streamed:  # said before anything is fetched
        format_of_name(source.name)
    with open_source(source, settings) as opened:
        kind = detect_format(opened, source.name, settings.limits)
        _refuse_misnamed(opened, source.name)
        with TableWriter(folder, source=source, kind=kind, limits=settings.limits) as writer:
            if progress is not None:
                opened.on_read = lambda: progress(opened.bytes_read, opened.total, writer.accepted)
            complete = _READERS[kind](opened, writer, settings.limits, first)
            refuse_without_record(writer)
            size = opened.bytes_read if opened.total is None or source.streamed else opened.total
            sha256 = opened.hash_whole() if complete or not source.streamed else None
            return writer.finish(complete=complete, sha256=sha256, size=size)


_HINTS = {
    "jsonl": "A .jsonl file holds one JSON object per line.",
    "json": "A .json file holds an array of JSON objects.",
    "csv": "Each row needs as many cells as the header has.",
}


def refuse_without_record(writer: TableWriter) -> None:
    """Raise ReadError when no record was accepted, with the first reason."""
    if writer.accepted:
        return
    refused = writer.first_refused
    if refused is None:
        raise ReadError(f"{writer.name} holds no record.", "Check that its download or export has finished.")
    hint = _HINTS.get(writer.kind, "Look at its rows on the Hub, or choose another dataset.")
    if writer.kind == "jsonl" and refused.raw.lstrip().startswith("["):
        hint += " This one looks like a JSON array: name it .json."
    raise ReadError(f"{writer.name} holds no record. Line {refused.line}: {refused.reason}.", hint)


def _refuse_misnamed(opened: Opened, name: str) -> None:
    if name.lower().endswith(".gz") and not opened.compressed:
        raise ReadError(f"{name} is not gzip.", f"If it is plain text, name it {name[:-3]}.")
