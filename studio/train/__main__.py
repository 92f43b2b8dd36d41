"""The worker: `python -I -m studio.train runs/<id> [descriptor of the held lock]`.

Holds the lock, beats the heart, keeps the log clean, and turns whatever goes wrong into a state. What is
trained, and how, is the flow's affair.
"""

import errno
import fcntl
import io
import os
import resource
import sys
import traceback
from pathlib import Path
from typing import TextIO

from studio.errors import StudioError
from studio.run import RunDir, clean_log, hold_run, read_spec
from studio.train.report import Report, Stopped

_MEMORY_WORDS = ("can't allocate memory", "not enough memory", "out of memory")
_DISK_WORDS = ("os error 28", "no space left", "disk quota")


def main(arguments: list[str]) -> int:
    """Work on one run until it is over; the exit status is 0 unless it failed."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout = sys.stderr = CleanLog(sys.__stdout__)
    run_dir = RunDir(Path(arguments[0]).absolute())
    _take_lock(run_dir, arguments[1:])
    report = Report(run_dir)
    report.enter("starting")
    report.beat()
    return _work(run_dir, report)


class CleanLog(io.TextIOBase):
    """A text stream in front of the log: control characters spelled out, tokens hidden, each line at once."""

    def __init__(self, log: TextIO | None) -> None:
        self._log = log

    def write(self, text: str) -> int:
        if self._log is not None:
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


def _work(run_dir: RunDir, report: Report) -> int:
    os.environ |= {
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # TRL refuses several GPUs without a launcher.
        "CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0],
    }
    try:
        # Imported here: torch takes seconds, and a worker has to be heard at once.
        from studio.train.flow import fine_tune

        fine_tune(run_dir, read_spec(run_dir), report)
    except Stopped:
        report.enter("cancelled", reason="stopped on request")
    except BaseException as error:
        traceback.print_exc()
        kind, reason = name_failure(error)
        report.enter("failed", kind=kind, reason=reason)
        return 1
    return 0


def name_failure(error: BaseException) -> tuple[str, str]:
    """The kind of a failure, and one line for the person."""
    text = str(error)
    low = f"{type(error).__name__}: {text}".lower()
    if isinstance(error, StudioError):
        return "data", f"{error.message} {error.hint}"
    if isinstance(error, MemoryError) or "outofmemory" in low or any(word in low for word in _MEMORY_WORDS):
        return "memory", "The memory is used up. Use a smaller batch or a smaller max_length."
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if full or any(word in low for word in _DISK_WORDS):
        return "disk", "The disk is full. Free some space and start the run again."
    if isinstance(error, FloatingPointError):
        return "loss", text
    first = text.strip().splitlines()[0] if text.strip() else "no message"
    return "bug", f"{type(error).__name__}: {first}. The log holds the traceback."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
