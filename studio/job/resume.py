"""A run that ended before its time goes on: the same folder, the same frozen data, one more attempt."""

import hashlib
import os
import time
from collections.abc import Sequence
from dataclasses import replace

from studio.errors import RunError
from studio.job.start import require_training, spawn_run
from studio.run import (
    RunDir,
    RunState,
    hold_run,
    read_events,
    read_spec,
    read_state,
    read_stored_state,
    write_state,
)
from studio.run.queue import join_queue

PATIENCE = 15.0  # seconds in which a worker that has said its last word has let go of its memory and its lock


def resume_job(run_dir: RunDir, *, command: Sequence[str] | None = None) -> RunState:
    """Go on with a failed or cancelled run from its last complete checkpoint, or from the beginning.

    The step count, the seed and the data are those of the first attempt. Returns the state at once. RunError
    when the run is at work, has succeeded, or its data is not what was frozen; it stays as it was then.
    """
    if command is None:
        require_training()
    _refuse_wrong_state(read_state(run_dir))
    lock = take_lock(run_dir)
    try:
        stored = read_stored_state(run_dir)
        # Another resume may have come to its end between the look and the lock.
        if stored.state == "succeeded":
            _refuse_wrong_state(stored)
        _check_data(run_dir)
        for path in (run_dir.stop, run_dir.heartbeat):
            path.unlink(missing_ok=True)
        join_queue(run_dir, run_dir.path.parent)
        state = _begin_attempt(run_dir, stored)
        write_state(run_dir, state)
    except BaseException:
        os.close(lock)
        raise
    spawn_run(run_dir, lock, command)
    return state


def _refuse_wrong_state(state: RunState) -> None:
    if state.state == "succeeded":
        raise RunError(f"Run {state.run} has succeeded.", "There is nothing left to do; start a new one.")
    if not state.finished:
        raise RunError(
            f"Run {state.run} is not over: {state.state}.", "Cancel it first, or wait until it ends."
        )


def take_lock(run_dir: RunDir) -> int:
    """The run's lock, which a worker at its end, and whoever looks at the run, still hold for a moment."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return hold_run(run_dir)
        except RunError:
            if time.monotonic() > end or not read_state(run_dir).finished:
                raise
            time.sleep(0.02)


def _begin_attempt(run_dir: RunDir, stored: RunState) -> RunState:
    spent = max((event.seconds or 0.0 for event in read_events(run_dir)[0]), default=0.0)
    return replace(
        stored,
        state="queued",
        attempt=stored.attempt + 1,
        seconds=max(stored.seconds, spent),
        device="",
        kind="",
        reason="",
    )


def _check_data(run_dir: RunDir) -> None:
    for part, frozen in read_spec(run_dir).data.items():
        try:
            with (run_dir.path / frozen.file).open("rb") as file:
                same = hashlib.file_digest(file, "sha256").hexdigest() == frozen.sha256
        except OSError:
            same = False
        if not same:
            raise RunError(
                f"The {part} data of run {run_dir.run} is not what was frozen at its launch.",
                "Start a new run.",
            )
