"""The worker: `python -I -m studio.train runs/<id> [descriptor of the held lock]`.

Holds the lock, waits for its turn, beats the heart, keeps the log clean, and turns whatever goes wrong into a
state. What is trained, and how, is the flow's affair.
"""

import contextlib
import fcntl
import io
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TextIO

from studio.run import RunDir, RunSpec, clean_log, hold_run, read_spec
from studio.run.checkpoints import take_up
from studio.run.faults import name_failure
from studio.run.queue import find_devices, wait_turn
from studio.train.pulse import Pulse
from studio.train.report import Report, Stopped

Train = Callable[[RunDir, RunSpec, Report], None]

IMPORT_SECONDS = 120.0  # that the libraries may take from a cold disk


def main(arguments: list[str], train: Train | None = None) -> int:
    """Work on one run until it is over; the exit status is 0 unless it failed. `train` does the work."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout = sys.stderr = CleanLog(sys.__stdout__)
    run_dir = RunDir(Path(arguments[0]).absolute())
    _take_lock(run_dir, arguments[1:])
    _hear_signals(run_dir)
    pulse = Pulse(run_dir)
    pulse.start()
    try:
        device = _wait_turn(run_dir, pulse)
    except Stopped:
        Report(run_dir, pulse).enter("cancelled", reason="stopped while it waited in the queue")
        return 0
    report = Report(run_dir, pulse)
    report.enter("starting", device=device)
    return _work(run_dir, report, train or _fine_tune)


class CleanLog(io.TextIOBase):
    """A text stream in front of the log: control characters spelled out, tokens hidden, each line at once."""

    def __init__(self, log: TextIO | None) -> None:
        self._log = log

    def write(self, text: str) -> int:
        if self._log is not None:
            # A log that a full disk does not take must not end a run that the disk would still take.
            with contextlib.suppress(OSError):
                self._log.write(clean_log(text))
                self._log.flush()
        return len(text)

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"


def _take_lock(run_dir: RunDir, inherited: list[str]) -> None:
    if not inherited:
        hold_run(run_dir)
        return
    lock = int(inherited[0])
    # The same open file as the parent's, so this only checks that the lock is really ours.
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.set_inheritable(lock, False)


def _wait_turn(run_dir: RunDir, pulse: Pulse) -> str:
    """The device that the run has got; of several GPUs the libraries then see this one alone."""

    def check() -> None:
        pulse.mark()
        if run_dir.stop.exists():
            raise Stopped

    device = wait_turn(run_dir, find_devices(os.environ), check)
    if device != "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = device
    return device


def _hear_signals(run_dir: RunDir) -> None:
    """A termination signal asks for a stop; where a stop was asked for and not heard, it ends the work."""

    def stop(number: int, frame: FrameType | None) -> None:
        if run_dir.stop.exists():
            raise Stopped("stopped before it could save a checkpoint")
        run_dir.stop.touch()

    signal.signal(signal.SIGTERM, stop)


def _work(run_dir: RunDir, report: Report, train: Train) -> int:
    os.environ |= {
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # TRL refuses several GPUs without a launcher.
        "CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0],
    }
    try:
        train(run_dir, read_spec(run_dir), report)
    except Stopped as stopped:
        report.enter("cancelled", reason=str(stopped) or "stopped on request")
    except BaseException as error:
        traceback.print_exc()
        _fail(run_dir, report, error)
        return 1
    return 0


def _fail(run_dir: RunDir, report: Report, error: BaseException) -> None:
    """Leave the reason; where the disk is full, in the room of the checkpoint that it has torn."""
    kind, reason = name_failure(error)
    if kind == "disk":
        take_up(run_dir.checkpoints)
    report.enter("failed", kind=kind, reason=reason)


def _fine_tune(run_dir: RunDir, spec: RunSpec, report: Report) -> None:
    with report.pulse.quiet(IMPORT_SECONDS):
        # Imported here: torch takes seconds, and a worker has to be heard at once.
        from studio.train.flow import fine_tune

    fine_tune(run_dir, spec, report)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
