"""The worker: looks at every record of one check, and says how far it is.

    python -m studio.check CHECK_FOLDER LOCK

The state file is written after the records that it counts, so that whoever reads it finds them all.
"""

import os
import sys
import threading
import time
import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.check.arrays import Scanned, append_records
from studio.check.scan import scan_table
from studio.check.state import CheckDir, CheckState, Request, read_request, read_standing, write_state
from studio.check.workers import working_slot
from studio.errors import StudioError
from studio.pipeline import resolve_template, select_left
from studio.tokenizing import prepare_tokenizer
from studio.tokens import open_tokenizer
from studio.workspace import Workspace

FIRST = 10_000  # records that are looked at before anything is said of them
_PAUSE = 0.5
_LOOK = 1.0
_WHERE = "This is a bug. Its traceback is in checks/{id}/log.txt of the workspace."


class _Report:
    """Keeps what was found, and writes it and the state as the pass goes on."""

    def __init__(self, check: CheckDir, state: CheckState) -> None:
        self._check, self.state = check, state
        self._held: list[Scanned] = []
        self._done = 0
        self._written = 0.0

    def add(self, found: Scanned, problem: str) -> None:
        self._held.append(found)
        self._done += len(found)
        self.state = replace(self.state, first_problem=self.state.first_problem or problem)
        enough = self._done >= min(FIRST, self.state.total)
        if enough and time.monotonic() - self._written >= _PAUSE:
            self.write()

    def write(self, **changes: object) -> None:
        if self._held:
            append_records(self._check.records, _join(self._held))
            self._held = []
        self.state = replace(self.state, done=self._done, **changes)  # type: ignore[arg-type]
        write_state(self._check, self.state)
        self._written = time.monotonic()


def main(folder: Path) -> None:
    """Check what the folder's request asks for, and leave the last word in its state."""
    check = CheckDir(folder)
    threading.Thread(target=_end_with, args=(check,), daemon=True).start()
    report = _Report(check, read_standing(check).state)
    try:
        _scan(read_request(check), report)
    except StudioError as error:
        report.write(state="failed", message=error.message, hint=error.hint)
    except Exception as error:
        traceback.print_exc()
        words = f"The check failed: {type(error).__name__}."
        report.write(state="failed", message=words, hint=_WHERE.format(id=check.id))
    else:
        report.write(state="done")


def _end_with(check: CheckDir) -> None:
    """End this process when its folder was cleared away: nobody will read what it finds."""
    while check.request.exists():
        time.sleep(_LOOK)
    os._exit(1)


def _scan(request: Request, report: _Report) -> None:
    workspace, recipe, table = (
        Workspace(request.settings),
        request.given.open_recipe(),
        request.given.open_table(),
    )
    template, left = resolve_template(recipe, table), select_left(recipe, table)
    report.write(total=left.records)
    prepared = prepare_tokenizer(workspace, recipe, table, request.tokenizer)
    with working_slot(workspace), open_tokenizer(prepared) as tokenizer:
        report.write(state="running", prepared=prepared.name)
        for found, problem in scan_table(table, template, left.rows, tokenizer):
            report.add(found, problem)


def _join(parts: list[Scanned]) -> Scanned:
    return Scanned(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Scanned.__dataclass_fields__
        }
    )


if __name__ == "__main__":
    os.umask(0o077)
    main(Path(sys.argv[1]))
