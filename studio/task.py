"""A Task: long work in a process of its own, which outlives the server and is asked of the disk.

    start_task   →  FOLDER/request.json, and a worker: python -m MODULE FOLDER LOCK
    read_task    →  {"state": "running", "done": 20000, "total": 1000000, …}
    stop_task    →  the worker ends its work, or is ended, and the state says so
    run_task     →  what MODULE calls: the request's work, its progress, its last word

The folder holds `request.json state.json lock stop log.txt`. The worker holds `lock` as long as it lives, so
that one which is gone without a last word is told from one at work. Knows nothing of what is done.
"""

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from studio.durable import write_file
from studio.errors import StudioError, WorkspaceError
from studio.worker import (
    NETWORK_VARIABLES,
    SYSTEM_VARIABLES,
    hold_lock,
    is_held,
    pass_environment,
    signal_worker,
    spawn_worker,
)

Phase = Literal["running", "done", "failed", "stopped"]
Progress = Callable[[int, int], None]
Work = Callable[[Path, dict[str, Any], Progress], Any]

PATIENCE = 3.0  # seconds in which a worker that is told to stop has stopped
_PAUSE = 0.2  # seconds between two writings of the state
_ENVIRONMENT = (
    *(*SYSTEM_VARIABLES, *NETWORK_VARIABLES, "LD_LIBRARY_PATH"),
    *("HF_ENDPOINT", "HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE"),
)
_PACKAGES = str(Path(__file__).resolve().parents[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """Where a task stands: `done` of `total` in the unit of its work, 0 where the total is unknown.

    `answer` is what the work gave, once it is done; `message` and `hint` say why it failed.
    """

    id: str
    state: Phase
    done: int = 0
    total: int = 0
    answer: Any = None
    message: str = ""
    hint: str = ""
    seconds: float = 0.0

    @property
    def goes_on(self) -> bool:
        return self.state == "running"

    @property
    def left(self) -> float | None:
        """Seconds left at the speed so far; None while nothing can be said."""
        if not self.goes_on or not self.done or not self.total or self.seconds < 0.5:
            return None
        return max(0.0, self.seconds * (self.total - self.done) / self.done)


class Stopped(BaseException):
    """Raised inside the work when the task is told to stop; no error, so that nothing takes it for one."""


def start_task(
    folder: Path, module: str, request: Mapping[str, Any], *, secrets: Mapping[str, str] | None = None
) -> TaskState:
    """Begin the work of a module on a request of JSON values, or join it while it goes on.

    `secrets` reach the worker as variables of its environment, and are written nowhere.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / "state.json").exists() and not read_task(folder).goes_on:
        _has_ended(folder)  # one that has said its last word still holds the lock for a moment
    try:
        lock = hold_lock(folder / "lock")
    except BlockingIOError:
        return read_task(folder)
    write_file(folder / "request.json", json.dumps(request, ensure_ascii=False))
    (folder / "stop").unlink(missing_ok=True)
    state = TaskState(id=folder.name, state="running")
    _write_state(folder, state)
    environment = pass_environment(os.environ, _ENVIRONMENT, ("SSL_",)) | dict(secrets or {})
    environment |= {"PYTHONPATH": _PACKAGES, "PYTHONUTF8": "1"}
    command = (sys.executable, "-m", module)
    spawn_worker(folder, command, lock, log=folder / "log.txt", environment=environment)
    return state


def read_task(folder: Path) -> TaskState:
    """Where a task stands; one whose worker is gone without a last word was stopped or has failed.

    Raises WorkspaceError when there is none in the folder.
    """
    alive = is_held(folder / "lock")
    state = _stored_state(folder)
    if not state.goes_on or alive:
        return state
    state = _stored_state(folder)  # its last word may have come after the first look
    if not state.goes_on:
        return state
    if (folder / "stop").exists():
        return replace(state, state="stopped")
    return replace(
        state,
        state="failed",
        message="It was interrupted: its process is gone.",
        hint=f"Begin again. There may be too little memory; see {folder.name}/log.txt in the workspace.",
    )


def stop_task(folder: Path) -> TaskState:
    """End a task; returns when it has ended. One that is over, or is begun again, stays as it is."""
    if read_task(folder).goes_on:
        (folder / "stop").touch()
        worker = (folder / "lock").read_bytes()
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal_worker(folder / "lock", number)
            if _has_ended(folder, worker):
                break
    return read_task(folder)


def wait_task(folder: Path, *, progress: Progress | None = None, pause: float = 0.05) -> TaskState:
    """The state once the task is over; `progress` is called with (done, total) until then."""
    while (state := read_task(folder)).goes_on:
        if progress:
            progress(state.done, state.total)
        time.sleep(pause)
    return state


def run_task(work: Work) -> None:
    """Do the work that the folder named on the command line asks for, and leave the last word in its state.

    The work gets the folder, the request and a function to call with (done, total); what it returns, JSON
    values, is the answer. The worker ends itself when its folder is cleared away.
    """
    os.umask(0o077)
    folder = Path(sys.argv[1])
    threading.Thread(target=_end_with, args=(folder,), daemon=True).start()
    report = _Report(folder)
    try:
        signal.signal(signal.SIGTERM, _stop)
        if (folder / "stop").exists():
            raise Stopped
        answer = work(folder, json.loads((folder / "request.json").read_bytes()), report.progress)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # what is done is done
        report.end(state="done", answer=answer)
    except Stopped:
        report.end(state="stopped")
    except StudioError as error:
        report.end(state="failed", message=error.message, hint=error.hint)
    except Exception as error:
        traceback.print_exc()
        hint = f"This is a bug. Its traceback is in {folder.name}/log.txt of the workspace."
        report.end(state="failed", message=f"It failed: {type(error).__name__}.", hint=hint)


class _Report:
    """Writes the state as the work goes on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started = self._written = time.monotonic()
        self._state = TaskState(id=folder.name, state="running")

    def progress(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._written < _PAUSE:
            return
        self._written = now
        self._state = replace(self._state, done=done, total=total, seconds=round(now - self._started, 2))
        _write_state(self._folder, self._state)

    def end(self, **changes: Any) -> None:
        seconds = round(time.monotonic() - self._started, 2)
        _write_state(self._folder, replace(self._state, seconds=seconds, **changes))


def _stop(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not interrupt the clearing up
    raise Stopped


def _end_with(folder: Path) -> None:
    while (folder / "request.json").exists():
        time.sleep(1)
    os._exit(1)


def _has_ended(folder: Path, worker: bytes | None = None) -> bool:
    """Whether the lock is free in time, or held by another than `worker`, as the lock names it."""
    end = time.monotonic() + PATIENCE
    while is_held(folder / "lock") and (worker is None or (folder / "lock").read_bytes() == worker):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def _write_state(folder: Path, state: TaskState) -> None:
    write_file(folder / "state.json", json.dumps(asdict(state), ensure_ascii=False))


def _stored_state(folder: Path) -> TaskState:
    try:
        values: dict[str, Any] = json.loads((folder / "state.json").read_bytes())
        return TaskState(**values)
    except (OSError, ValueError, TypeError) as error:
        raise WorkspaceError(f"There is no work {folder.name}.", "Begin it again.") from error
