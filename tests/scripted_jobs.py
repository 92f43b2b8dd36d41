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


TRAINER = """
import errno, json, os, resource, signal, sys, time
from studio.train.__main__ import main
def train(run_dir, spec, report):
    report.enter("running", steps=9)
    report.step(3, 9)
    print("step 3 of 9")
    (run_dir.path / "fault").write_text(str(time.time()))
    WORK
sys.exit(main(sys.argv[1:], train))
"""
GOES_ON = """
    while True:
        time.sleep(0.02)
        report.step(5, 9)
        report.check_stop()
"""


def start_scripted(folder: Path, script: str, *, run_id: str = "r1", **more: object) -> RunDir:
    """A job whose worker runs `script` after WORKER's lines."""
    if "data" not in more:
        data = folder / "train.jsonl"
        data.write_text('{"prompt": "a", "completion": "b"}\n')
        more["data"] = {"train": data}
    more.setdefault("example_type", "prompt-completion")
    more.setdefault("command", (sys.executable, "-c", WORKER + script))
    return start_job(folder / "runs", run_id=run_id, **more)  # type: ignore[arg-type]


def command_trainer(work: str) -> tuple[str, ...]:
    """The real worker, in which a few lines stand in for the training."""
    return (sys.executable, "-c", TRAINER.replace("WORK", work))


def start_trainer(folder: Path, work: str, **more: object) -> RunDir:
    """A job whose worker is the real one, with `work` in the place of the training."""
    folder.mkdir(exist_ok=True)
    return start_scripted(folder, "", command=command_trainer(work), **more)


def wait_for(claim: object, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not claim() and time.monotonic() < end:  # type: ignore[operator]
        time.sleep(0.02)
    assert claim()  # type: ignore[operator]


def read_pid(run_dir: RunDir) -> int:
    return int(json.loads(run_dir.lock.read_text())["pid"])
