"""The end of a run that is asked for: by a file, then by a signal, then by force."""

import signal
import threading

from studio.errors import RunError
from studio.job.follow import wait_job
from studio.run import RunDir, RunState, read_state
from studio.worker import signal_worker

KILL_AFTER = 5.0  # seconds between the terminate and the kill of a worker that does not stop


def cancel_job(run_dir: RunDir, *, patience: float = 30.0, wait: bool = False) -> RunState:
    """Ask the worker to save a checkpoint and stop; after `patience` seconds terminate it, then kill it.

    Returns the state at once (`cancelling`), or the final one with `wait`. RunError when the run is over.
    """
    state = read_state(run_dir)
    if state.finished:
        raise RunError(f"Run {run_dir.run} is already over: {state.state}.", "There is nothing to cancel.")
    run_dir.stop.touch()
    enforcer = threading.Thread(target=_enforce_stop, args=(run_dir, patience), daemon=True)
    enforcer.start()
    if wait:
        enforcer.join()
    return read_state(run_dir)


def _enforce_stop(run_dir: RunDir, patience: float) -> None:
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, KILL_AFTER)):
        if wait_job(run_dir, seconds).finished:
            return
        signal_worker(run_dir.lock, number)
    wait_job(run_dir, KILL_AFTER)
