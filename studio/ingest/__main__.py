"""The worker: reads one source into its table, and says how far it is.

    python -m studio.ingest INGEST_FOLDER LOCK

A live table shows what was read; the state file holds the progress and the last word.
"""

import os
import signal
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path
from types import FrameType

from studio.durable import remove_folder
from studio.errors import ReadError, StudioError
from studio.ingest.state import IngestDir, IngestState, read_request, write_state
from studio.pipeline import load_table
from studio.reader import Stopped
from studio.workspace import Workspace

_PAUSE = 0.2
_WHERE = "This is a bug. Its traceback is in ingests/{id}/log.txt of the workspace."


class _Report:
    """Writes the state as the reading goes on; `progress` is what the reader calls."""

    def __init__(self, ingest: IngestDir, name: str) -> None:
        self._ingest = ingest
        self._started = self._written = time.monotonic()
        self.state = IngestState(id=ingest.id, name=name, state="reading")
        write_state(ingest, self.state)

    def progress(self, done: int, total: int | None, records: int) -> None:
        now = time.monotonic()
        if now - self._written < _PAUSE:
            return
        self._written = now
        if self._ingest.stop.exists():
            raise Stopped
        self.state = replace(
            self.state, bytes=done, total=total, records=records, seconds=round(now - self._started, 2)
        )
        write_state(self._ingest, self.state)

    def end(self, **changes: object) -> None:
        seconds = round(time.monotonic() - self._started, 2)
        self.state = replace(self.state, seconds=seconds, **changes)  # type: ignore[arg-type]
        write_state(self._ingest, self.state)


def main(folder: Path) -> None:
    """Read what the folder's request asks for; the folder is gone when the table is whole."""
    ingest = IngestDir(folder)
    request = read_request(ingest)
    workspace = Workspace(request.settings)
    report = _Report(ingest, request.source.name)
    signal.signal(signal.SIGTERM, _stop)
    try:
        table = load_table(
            request.source,
            workspace.table_folder(ingest.id),
            request.settings,
            repairs=request.repairs,
            live=True,
            progress=report.progress,
        )
    except Stopped:
        report.end(state="stopped")
    except StudioError as error:
        proposal = dict(error.proposal) if isinstance(error, ReadError) else {}
        report.end(state="failed", message=error.message, hint=error.hint, proposal=proposal)
    except Exception as error:
        traceback.print_exc()
        words = f"Reading {request.source.name} failed: {type(error).__name__}."
        report.end(state="failed", message=words, hint=_WHERE.format(id=ingest.id))
    else:
        report.end(state="stopped" if table.partial else "done", records=len(table), bytes=table.bytes)
        if not table.partial:
            remove_folder(folder)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


if __name__ == "__main__":
    os.umask(0o077)
    main(Path(sys.argv[1]))
