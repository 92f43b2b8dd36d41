"""The work of the tasks in test_task.py: python -m tests.task_work FOLDER LOCK"""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.errors import SourceError
from studio.task import run_task


def _work(folder: Path, request: dict[str, Any], progress: Callable[[int, int], None]) -> Any:
    match request["do"]:
        case "answer":
            return {
                "given": request["value"],
                "secret": os.environ.get("CANARY"),
                "mode": folder.stat().st_mode & 0o777,
            }
        case "refuse":
            raise SourceError("There is no file a.jsonl.", "Give another.")
        case "break":
            return 1 // 0
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "go on":
            if request["deaf"]:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            try:
                _count(progress)
            finally:
                (folder / "cleared").touch()
    return None


def _count(progress: Callable[[int, int], None]) -> None:
    for done in range(1_000):
        progress(done, 1_000)
        time.sleep(0.05)


if __name__ == "__main__":
    run_task(_work)
