"""What can be seen of runs: events as they come, states, sums. Reads the disk alone."""

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from studio.errors import RunError
from studio.run import (
    Event,
    RunDir,
    RunState,
    read_events,
    read_log,
    read_spec,
    read_state,
    read_stored_state,
)
from studio.run.checkpoints import newest_complete
from studio.run.label import read_label
from studio.run.queue import list_queue
from studio.worker import is_held

LAST_LINES = 10
_ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    # One that has not begun is the newest of all; those that wait, in the order of the queue.
    "started": lambda run: run["started"] or f"9{10_000 - (run['place'] or 0)}",
    "name": lambda run: (run["name"] or run["run"]).casefold(),
    "state": lambda run: run["state"],
    "steps": lambda run: run["step"],
    "loss": lambda run: (run["metrics"].get("tuned") or {}).get("loss"),
    "seconds": lambda run: run["seconds"] or None,
}
SORTS = tuple(name for order in _ORDERS for name in (order, f"-{order}"))

log = logging.getLogger("studio.job")


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


def describe_runs(runs_folder: Path, *, sort: str = "-started", active: bool = False) -> list[dict[str, Any]]:
    """Every run of a folder as `describe_run` gives it; `active` those alone that are not over.

    `sort` is one of SORTS, with a minus the other way round; what has no value comes last either way. One
    that is damaged does not hide the others: it is passed over, and the studio's log says so.
    """
    if sort not in SORTS:
        raise RunError(f"Runs cannot be sorted by {sort!r:.40}.", f"Sort by one of: {', '.join(_ORDERS)}.")
    found = []
    for state in list_runs(runs_folder):
        if active and state.finished:
            continue
        try:
            found.append(describe_run(RunDir(runs_folder / state.run)))
        except RunError as error:
            log.warning("run %s: %s", state.run, error)
    order = _ORDERS[sort.removeprefix("-")]
    valued = [run for run in found if order(run) is not None]
    valued.sort(key=order, reverse=sort.startswith("-"))
    return valued + [run for run in found if order(run) is None]


def describe_run(run_dir: RunDir) -> dict[str, Any]:
    """`run state step steps attempt reason started seconds recipe metrics`, and with them

    `kind` of a failure, `log`: its last lines, `device`, `hardware`, `place` in the queue from 1 on or null,
    `waits_for`: the runs that it waits for, those at work first, `checkpoint`: the step from which a resume
    goes on or null, `resumable`, `name`, `notes`.
    """
    state = read_state(run_dir)
    values = state.to_dict()
    names = ("run", "state", "step", "steps", "attempt", "reason", "started", "seconds")
    queue = list_queue(run_dir.path.parent) if state.state == "queued" else []
    place = queue.index(run_dir.run) + 1 if run_dir.run in queue else None
    return {name: values[name] for name in names} | {
        "recipe": dict(read_spec(run_dir).recipe),
        "metrics": values["metrics"],
        "kind": state.kind,
        "log": read_log(run_dir, LAST_LINES) if state.state == "failed" else "",
        "device": state.device,
        "hardware": state.hardware,
        "place": place,
        "waits_for": [*_list_working(run_dir.path.parent), *queue[: place - 1]] if place else [],
        "checkpoint": _find_checkpoint(run_dir),
        "resumable": state.state in ("failed", "cancelled"),
        **read_label(run_dir),
    }


def _list_working(runs_folder: Path) -> list[str]:
    """The runs that have a device now."""
    working = []
    for path in sorted(runs_folder.glob("*/lock")):
        run_dir = RunDir(path.parent)
        if run_dir.run.startswith(".") or not is_held(path):
            continue
        try:
            stored = read_stored_state(run_dir)
        except RunError:
            continue
        if stored.device and not stored.finished:
            working.append(run_dir.run)
    return working


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
