"""The waiting runs of a workspace, as a server or a command sees them."""

import os
from collections.abc import Sequence
from pathlib import Path

from studio.errors import RunError
from studio.job.start import spawn_run, training_available
from studio.run import RunDir, hold_run
from studio.run.queue import is_waiting


def revive_queue(runs_folder: Path, *, command: Sequence[str] | None = None) -> list[str]:
    """Give every waiting run whose worker is gone, as after a restart of the machine, a new one; their ids.

    Their places stay. A run that was asked to stop stays stopped.
    """
    if command is None and not training_available():
        return []
    revived = []
    for path in sorted(runs_folder.glob("*/place")):
        run_dir = RunDir(path.parent)
        if run_dir.run.startswith(".") or run_dir.stop.exists() or not is_waiting(run_dir):
            continue
        try:
            lock = hold_run(run_dir)
        except RunError:  # its worker lives
            continue
        if not is_waiting(run_dir):
            os.close(lock)
            continue
        run_dir.heartbeat.unlink(missing_ok=True)
        spawn_run(run_dir, lock, command)
        revived.append(run_dir.run)
    return revived
