"""The processes of the checks: started, told to make room, and their folders cleared away.

at most MOST_RUNNING work at once, whoever started them; the newest KEPT checks are kept
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from studio.check.state import CheckDir, CheckState, read_standing, write_state
from studio.durable import remove_folder
from studio.errors import WorkspaceError
from studio.worker import (
    NETWORK_VARIABLES,
    SYSTEM_VARIABLES,
    hold_lock,
    is_held,
    pass_environment,
    signal_worker,
    spawn_worker,
)
from studio.workspace import Workspace

WORKER = (sys.executable, "-m", "studio.check")
MOST_RUNNING = 2
KEPT = 20
PATIENCE = 3.0  # seconds in which a worker that is told to end has ended

_ENVIRONMENT = (*SYSTEM_VARIABLES, *NETWORK_VARIABLES, "LD_LIBRARY_PATH")
_PACKAGES = str(Path(__file__).resolve().parents[2])


def spawn_check(check: CheckDir, state: CheckState) -> CheckState | None:
    """Start the worker of a check from the beginning; None when someone else was quicker."""
    try:
        lock = hold_lock(check.lock)
    except BlockingIOError:
        return None
    write_state(check, state)
    check.stop.unlink(missing_ok=True)
    check.records.unlink(missing_ok=True)
    environment = pass_environment(os.environ, _ENVIRONMENT, ("HF_", "SSL_"))
    environment |= {"PYTHONPATH": _PACKAGES, "PYTHONUTF8": "1"}
    spawn_worker(check.path, WORKER, lock, log=check.log, environment=environment)
    return state


def stop_check(check: CheckDir) -> None:
    """End the worker of a check, if there is one; returns when it has ended."""
    check.stop.touch()
    for number in (signal.SIGTERM, signal.SIGKILL):
        signal_worker(check.lock, number)
        end = time.monotonic() + PATIENCE
        while is_held(check.lock):
            if time.monotonic() > end:
                break
            time.sleep(0.01)
        else:
            return


def make_room(workspace: Workspace, table: str, check_id: str) -> None:
    """End the oldest checks of a table that go on while as many do as may: a newer one takes their place."""
    going = [check for check in list_checks(workspace) if check.id != check_id and is_held(check.lock)]
    own = [check for check in going if _table_of(check) == table]
    for check in own[::-1][: max(0, len(going) + 1 - MOST_RUNNING)]:
        stop_check(check)


def prune_checks(workspace: Workspace) -> None:
    """Remove the folders of all but the newest checks and those that go on."""
    for check in list_checks(workspace)[KEPT:]:
        if not is_held(check.lock):
            remove_folder(check.path)


def list_checks(workspace: Workspace) -> list[CheckDir]:
    """Every check of the workspace, the one asked for last first."""
    found = []
    for path in workspace.checks.iterdir():
        with suppress(FileNotFoundError):
            if path.is_dir() and not path.name.startswith("."):
                request = CheckDir(path).request
                found.append(((request if request.exists() else path).stat().st_mtime_ns, path))
    return [CheckDir(path) for _, path in sorted(found, reverse=True)]


@contextmanager
def working_slot(workspace: Workspace) -> Iterator[None]:
    """One of the places at work; waits until one is free."""
    while (lock := _take_slot(workspace)) is None:
        time.sleep(0.1)
    try:
        yield
    finally:
        os.close(lock)


def _take_slot(workspace: Workspace) -> int | None:
    for number in range(MOST_RUNNING):
        with suppress(BlockingIOError):
            return hold_lock(workspace.checks / f".slot-{number}")
    return None


def _table_of(check: CheckDir) -> str:
    try:
        return read_standing(check).state.table
    except WorkspaceError:
        return ""
