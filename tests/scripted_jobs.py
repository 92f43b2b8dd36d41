"""Jobs whose worker is a few lines of Python, so that every fault of a trainer can be played without one."""

import json
import sys
import time
from pathlib import Path

from studio.job import start_job
from studio.run import RunDir

WORKER = """
import json, os, sys, time
from pathlib import Path
from studio.run import *
run_dir = RunDir(Path(sys.argv[1]))
def say(state, **more):
    write_state(run_dir, RunState(run=run_dir.run, state=state, started="2026-01-01T00:00:00Z", **more))
"""


def start_scripted(folder: Path, script: str, *, run_id: str = "r1", **more: object) -> RunDir:
    """A job whose worker runs `script` after WORKER's lines."""
    data = folder / "train.jsonl"
    data.write_text('{"prompt": "a", "completion": "b"}\n')
    more.setdefault("data", {"train": data})
    more.setdefault("example_type", "prompt-completion")
    command = (sys.executable, "-c", WORKER + script)
    return start_job(folder / "runs", run_id=run_id, command=command, **more)  # type: ignore[arg-type]


def wait_for(claim: object, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not claim() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.02)
    assert claim()  # type: ignore[operator]


def read_pid(run_dir: RunDir) -> int:
    return int(json.loads(run_dir.lock.read_text())["pid"])
