"""The end of a run that is asked for: by a file, then by a signal, then by force."""

import signal
import threading
from pathlib import Path

from studio.errors import RunError
from studio.job.follow import list_runs, wait_job
from studio.run import RunDir, RunState, read_state
from studio.worker import signal_worker

PATIENCE = 30.0  # seconds in which a worker that was asked to has saved a checkpoint
KILL_AFTER = 5.0  # seconds between the terminate and the kill of a worker that does not stop


def cancel_job(run_dir: RunDir, *, patience: float = PATIENCE, wait: bool = False) -> RunState:
    """Ask the worker to save a checkpoint and stop; after `patience` seconds terminate it, then kill it.

    Returns the state at once (`cancelling`), or the final one with `wait`. RunError when the run is over.
    """
    state = read_state(run_dir)
    if state.finished:
        raise RunError(f"Run {run_dir.run} is already over: {state.state}.", "There is nothing to cancel.")
    run_dir.stop.touch()
    enforcer = _begin_enforcing(run_dir, patience)
    if wait:
        enforcer.join()
    return read_state(run_dir)


def enforce_stops(runs_folder: Path, *, patience: float = PATIENCE) -> list[str]:
    """Go on ending the runs whose stop was asked for by a process that is gone; their ids."""
    pending = [state.run for state in list_runs(runs_folder) if state.state == "cancelling"]
    for run in pending:
        _begin_enforcing(RunDir(runs_folder / run), patience)
    return pending


def _begin_enforcing(run_dir: RunDir, patience: float) -> threading.Thread:
    enforcer = threading.Thread(target=_enforce_stop, args=(run_dir, patience), daemon=True)
    enforcer.start()
    return enforcer


def _enforce_stop(run_dir: RunDir, patience: float) -> None:
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, KILL_AFTER)):
        if wait_job(run_dir, seconds).finished:
            return
        signal_worker(run_dir.lock, number)
    wait_job(run_dir, KILL_AFTER)
