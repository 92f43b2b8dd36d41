"""What can be seen of runs: events as they come, states, sums. Reads the disk alone."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.errors import RunError
from studio.run import Event, RunDir, RunState, read_events, read_log, read_spec, read_state
from studio.run.checkpoints import newest_complete
from studio.run.label import read_label
from studio.run.queue import list_queue

LAST_LINES = 10


def watch_job(run_dir: RunDir, *, offset: int = 0, pause: float = 0.25) -> Iterator[Event]:
    """Every event from byte `offset` on, as they are written, until the run is over."""
    while True:
        finished = read_state(run_dir).finished
        events, offset = read_events(run_dir, offset)
        yield from events
        if finished:
            return
        time.sleep(pause)


def wait_job(run_dir: RunDir, timeout: float | None = None, *, pause: float = 0.1) -> RunState:
    """The state once the run is over, or as it stands after `timeout` seconds."""
    end = None if timeout is None else time.monotonic() + timeout
    while not (state := read_state(run_dir)).finished:
        if end is not None and time.monotonic() >= end:
            break
        time.sleep(pause)
    return state


def list_runs(runs_folder: Path) -> list[RunState]:
    """The states of all runs in a folder, the last started first; what is not a run is passed over."""
    states = []
    for path in runs_folder.iterdir() if runs_folder.is_dir() else ():
        if path.name.startswith(".") or not path.is_dir():
            continue
        try:
            states.append(read_state(RunDir(path)))
        except RunError:
            continue
    # A run that has not begun yet is the newest of all.
    return sorted(states, key=lambda state: (state.started or "9", state.run), reverse=True)


def describe_run(run_dir: RunDir) -> dict[str, Any]:
    """`run state step steps attempt reason started seconds recipe metrics`, and with them

    `kind` of a failure, `log`: its last lines, `device`, `hardware`, `place` in the queue from 1 on or null,
    `checkpoint`: the step from which a resume goes on or null, `resumable`, `name`, `notes`.
    """
    state = read_state(run_dir)
    values = state.to_dict()
    names = ("run", "state", "step", "steps", "attempt", "reason", "started", "seconds")
    return {name: values[name] for name in names} | {
        "recipe": dict(read_spec(run_dir).recipe),
        "metrics": values["metrics"],
        "kind": state.kind,
        "log": read_log(run_dir, LAST_LINES) if state.state == "failed" else "",
        "device": state.device,
        "hardware": state.hardware,
        "place": _find_place(run_dir) if state.state == "queued" else None,
        "checkpoint": _find_checkpoint(run_dir),
        "resumable": state.state in ("failed", "cancelled"),
        **read_label(run_dir),
    }


def _find_place(run_dir: RunDir) -> int | None:
    queue = list_queue(run_dir.path.parent)
    return queue.index(run_dir.run) + 1 if run_dir.run in queue else None


def _find_checkpoint(run_dir: RunDir) -> int | None:
    found = newest_complete(run_dir.checkpoints)
    return int(found.name.removeprefix("step-")) if found else None


def summarize_run(run_dir: RunDir) -> dict[str, Any]:
    """`run state steps seconds base_test_loss test_loss bits_per_byte folder`; null where not measured."""
    state = read_state(run_dir)
    base, tuned = state.metrics.get("base") or {}, state.metrics.get("tuned") or {}
    return {
        "run": state.run,
        "state": state.state,
        "steps": state.steps,
        "seconds": state.seconds,
        "base_test_loss": base.get("loss"),
        "test_loss": tuned.get("loss"),
        "bits_per_byte": tuned.get("bits_per_byte"),
        "folder": str(run_dir.path),
    }
