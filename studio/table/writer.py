"""TableWriter: records in, a table's folder out; with flat memory.

Records are gathered into segments, which are written as columns. A writer is `live` or not:

    not live    the folder appears at the end, whole or not at all
    live        the folder can be opened while it grows: `checkpoint` makes table.json say what is there, and
                an error leaves what the last checkpoint said. It may hold a table already, which is shown
                until there is more

Knows nothing of where records come from.
"""

import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from studio.durable import name_aside, publish_folder, sync_path, write_file
from studio.errors import ReadError, TableError
from studio.record import Counts, Quarantined, Repair
from studio.settings import Limits
from studio.source import Source
from studio.table.columns import Bookkeeping
from studio.table.quarantined import QuarantineFile, hash_line
from studio.table.repairs import Repairs
from studio.table.segment import Fields, Places, Segment, Typed
from studio.table.stored import QUARANTINE_FILE, TABLE_FILE, TABLE_VERSION, StoredFile, Table
from studio.table.stretches import RECORDS_FILE, Stretch, Stretches

_PAUSE = 0.4  # seconds between checkpoints at least, and
_SHARE = 0.05  # of the time that has passed, so that a long reading is not spent on them


class TableWriter:
    """Takes records and quarantined lines in source order, file after file; `finish` ends it.

    `first` is how many records are taken at most. `repairs` stand in for lines that do not parse. A reader
    sets `reread`, which decodes one mended line of its format or raises ValueError with the reason.
    """

    def __init__(
        self,
        folder: Path,
        *,
        source: Source,
        kind: str,
        limits: Limits,
        first: int | None = None,
        repairs: Sequence[Repair] = (),
        live: bool = False,
    ) -> None:
        if os.path.lexists(folder) and not live:
            raise TableError(
                f"{folder.name} exists already.", "A table is never written over; choose another folder."
            )
        self._folder, self._live = folder, live
        self._part = folder if live else name_aside(folder)
        self._asked = source
        self.source, self.kind, self._limits, self._first = source, kind, limits, first
        self._source_types: dict[str, str] = {}
        self._files: list[StoredFile] = []
        self._repairs = Repairs(repairs, source.name)
        self._token = f"{secrets.token_hex(4)}-" if live else ""
        self._stretches = Stretches(self._part, self._token)
        self._segment = Segment(self._stretches, source.name, limits.columns)
        self._started = self._noted = time.monotonic()
        self._shown = _count_shown(folder) if live else 0
        self.reread: Callable[[bytes], Fields] = _refuse_repair
        self.accepted = self.blank = self.repaired = 0

    def __enter__(self) -> Self:
        self._part.mkdir(parents=True, exist_ok=self._live)
        try:
            self._quarantine = QuarantineFile(self._part / self._quarantine_name)
        except OSError:
            self._discard()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._quarantine.close()
        try:
            self._stretches.close()
        finally:
            self._discard()

    @property
    def name(self) -> str:
        """What a person calls the source."""
        return self.source.name

    @property
    def quarantined(self) -> int:
        """How many lines were kept that did not parse."""
        return self._quarantine.lines

    @property
    def first_refused(self) -> Quarantined | None:
        """The first line that did not parse."""
        return self._quarantine.first

    @property
    def shown(self) -> int:
        """How many records the folder showed when the writer began."""
        return self._shown

    @property
    def outgrown(self) -> bool:
        """Whether more records were taken than the folder has shown so far."""
        return self.accepted > self._shown

    @property
    def full(self) -> bool:
        """Whether as many records were taken as were asked for."""
        return self._first is not None and self.accepted >= self._first

    @property
    def room(self) -> int | None:
        """How many records are still taken; None for all."""
        return None if self._first is None else max(0, self._first - self.accepted)

    @property
    def mending(self) -> bool:
        """Whether there are lines still to come that a repair stands in for."""
        return bool(self._repairs)

    def begin_file(self, name: str, *, split: str | None = None, room: int | None = None) -> None:
        """What follows is of the source's file `name`, or of its source split; lines begin at 1 again.

        `room` is how many more records are taken from here on, when each file has a number of its own.
        """
        self._files.append(StoredFile(name=name, split=split))
        if room is not None:
            self._first = self.accepted + room

    def end_file(self, *, sha256: str | None, size: int, path: str | None = None) -> None:
        """Note what the file that was begun last is on disk."""
        self._files[-1] = msgspec.structs.replace(self._files[-1], sha256=sha256, bytes=size, path=path)

    def note_types(self, types: Mapping[str, str]) -> None:
        """Keep the types that a typed source gives its columns."""
        self._source_types |= types

    def add(self, fields: Fields, *, line: int, offset: int, length: int) -> None:
        """Accept a record: name → JSON spelling of its value. `offset` is in the decoded source."""
        self._segment.add(fields, self._file_index, line, offset, length)
        self.accepted += 1

    def add_records(self, records: Sequence[Fields], places: Places) -> None:
        """Accept many records, as `add` does each."""
        self._segment.extend(records, self._file_index, places)
        self.accepted += len(records)

    def add_columns(self, columns: Typed, places: Places) -> None:
        """Accept many records as columns that each of them has, a null being a value."""
        self._segment.add_columns(columns, self._file_index, places)
        self.accepted += len(places.lines)

    def quarantine(
        self, raw: bytes, reason: str, *, line: int, offset: int, length: int | None = None
    ) -> None:
        """Keep a line that did not parse, or take its repair; `length`: if `raw` is only its start."""
        size = len(raw) if length is None else length
        digest = hash_line(raw) if size <= len(raw) else ""
        if self._take_repair(line, digest, offset, size):
            return
        file = self._files[-1].name if self._files else self.source.name
        self._quarantine.add(raw, reason, file=file, line=line, offset=offset, length=size)

    def count_blank(self, lines: int = 1) -> None:
        """Count lines of nothing but whitespace."""
        self.blank += lines

    def checkpoint(self) -> None:
        """Make what was taken so far readable, if the writer is live and it is time."""
        now = time.monotonic()
        if not self._live or now - self._noted < max(_PAUSE, (now - self._started) * _SHARE):
            return
        self._noted = now
        if self.outgrown:
            self._segment.flush()
            self._quarantine.flush()
            self._note_growing()

    def finish(
        self, *, complete: bool, sha256: str | None, size: int, partial: bool = False, fingerprint: str = ""
    ) -> Table:
        """Write what is left and put the table in place. `size` is the bytes read from the source.

        `partial` says that the reading was stopped before it was done. Raises ReadError for a repair whose
        line was not there.
        """
        if complete:
            self._repairs.refuse_unused()
        self._segment.flush()
        if self._live:  # what is there until now has names that the joining does not touch
            self._note_growing()
        names = self._segment.names
        records = [self._stretches.join(names, self._stretches.unify_types(names))]
        self._quarantine.close()
        stored = {"complete": complete, "partial": partial, "sha256": sha256, "bytes": size}
        if not self._live:
            self._note(records, **stored, fingerprint=fingerprint)
            self._stretches.remove()
            publish_folder(self._part, self._folder)
            return Table.open(self._folder)
        sync_path(self._part / RECORDS_FILE)
        sync_path(self._part / self._quarantine_name)
        self._note(records, **stored, fingerprint=fingerprint)
        self._stretches.remove()
        for old in self._part.glob("quarantine*.jsonl"):
            if old.name != self._quarantine_name:
                old.unlink()
        return Table.open(self._folder)

    @property
    def _file_index(self) -> int:
        return max(0, len(self._files) - 1)

    @property
    def _quarantine_name(self) -> str:
        return f"quarantine-{self._token}.jsonl".replace("-.", ".") if self._live else QUARANTINE_FILE

    def _discard(self) -> None:
        if not self._live:
            shutil.rmtree(self._part, ignore_errors=True)

    def _take_repair(self, line: int, digest: str, offset: int, length: int) -> bool:
        name = self._files[-1].name if self._files else ""
        repair = self._repairs.take(name, line, digest, alone=len(self._files) < 2)
        if repair is None:
            return False
        try:
            fields = self.reread(repair.raw.encode("utf-8", "surrogatepass"))
        except ValueError as error:
            raise ReadError(
                f"The repair of line {line} of {repair.file or self.name} does not parse: {error}.",
                "Mend its raw text.",
            ) from error
        self.repaired += 1
        self.add(fields, line=line, offset=offset, length=length)
        return True

    def _note_growing(self) -> None:
        self._note(self._stretches.list_growing(), complete=False, partial=True, reading=True)

    def _note(self, records: Sequence[Stretch], **stored: Any) -> None:
        text = json.dumps(self._describe(records, stored), ensure_ascii=False, indent=1) + "\n"
        write_file(self._part / TABLE_FILE, text)

    def _describe(self, records: Sequence[Stretch], stored: Mapping[str, Any]) -> dict[str, Any]:
        read = self.accepted + self.quarantined + self.blank
        counts = Counts(read=read, accepted=self.accepted, quarantined=self.quarantined, blank=self.blank)
        sha256 = stored.get("sha256")
        return {
            "version": TABLE_VERSION,
            "name": self.source.name,
            "format": self.kind,
            "source": asdict(replace(self.source, sha256=sha256)),
            "asked": asdict(self._asked),
            "sha256": sha256,
            "bytes": stored.get("bytes", 0),
            "fingerprint": stored.get("fingerprint", ""),
            "complete": stored["complete"],
            "partial": stored["partial"],
            "reading": stored.get("reading", False),
            "repaired": self.repaired,
            "counts": asdict(counts),
            "columns": [
                asdict(column) for column in self._segment.describe(self.accepted, self._source_types)
            ],
            "bookkeeping": msgspec.to_builtins(Bookkeeping.beside(self._segment.names)),
            "files": msgspec.to_builtins(self._files or [StoredFile(name=self.source.name)]),
            "records": msgspec.to_builtins(list(records)),
            "quarantine": self._quarantine_name,
            "kinds": dict(self._quarantine.kinds.most_common()),
        }


def _count_shown(folder: Path) -> int:
    """How many records the table in the folder shows by now: a checkpoint never shows fewer."""
    try:
        return len(Table.open(folder))
    except TableError:
        return 0


def _refuse_repair(raw: bytes) -> Fields:
    raise ValueError("this format has no lines to repair")
