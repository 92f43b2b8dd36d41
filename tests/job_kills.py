"""Kill what launches, cancels, resumes, removes or orders runs, at every line, and say what became of them.

    python -m tests.job_kills FOLDER STRIDE   →   {"launch": {"points": 160, "before": 90, "after": 70, …}, …}

`before` and `after` count the kills after which the runs stood as if nothing had been asked, or as asked;
`wrong` names every other outcome. Each kill is followed by what a server does when it starts. The worker is a
few lines that train nothing; every one that begins leaves a line, so that a run with two is seen.
"""

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import studio
from studio.durable import sweep_parts
from studio.job import (
    cancel_job,
    describe_run,
    enforce_stops,
    label_run,
    list_removed,
    list_runs,
    remove_run,
    restore_run,
    resume_job,
    revive_queue,
    start_job,
)
from studio.run import RunDir, RunState, hold_run, read_state, write_json, write_state
from studio.run.queue import list_queue, order_queue
from tests.killing import fork, kill_at

WATCHED = tuple(
    str(Path(studio.__file__).parent / name) for name in ("job", "run", "worker.py", "durable.py")
)
WORKER = """
import json, os, sys, time
run = sys.argv[1]
def say(state):
    path = os.path.join(run, "state.json")
    values = json.load(open(path)) | {"state": state, "started": "2026-01-01T00:00:00Z"}
    with open(path + ".new", "w") as file:
        json.dump(values, file)
    os.replace(path + ".new", path)
with open(os.path.join(run, "begun"), "a") as file:
    file.write("one\\n")
if os.path.exists(os.path.join(run, "place")):
    os.remove(os.path.join(run, "place"))
say("running")
end = time.time() + 60
while not os.path.exists(os.path.join(run, "stop")) and os.path.exists(run) and time.time() < end:
    time.sleep(0.005)
if os.path.exists(run):
    say("cancelled")
"""
COMMAND = (sys.executable, "-I", "-S", "-c", WORKER)
WAITS = (sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)")


def launch(folder: Path, run: str = "r1", command: tuple[str, ...] = COMMAND) -> RunDir:
    data = folder / "train.jsonl"
    data.write_text('{"prompt": "a", "completion": "b"}\n')
    given: dict[str, Any] = {"run_id": run, "data": {"train": data}, "example_type": "prompt-completion"}
    return start_job(folder / "runs", command=command, **given)


def store(folder: Path, state: str, run: str = "r1") -> RunDir:
    """A run as its launch leaves it, whose worker is not there."""
    fork(lambda: launch(folder, run, ("true",)) and None)
    run_dir = RunDir(folder / "runs" / run)
    wait(lambda: read_state(run_dir).state == "failed")
    run_dir.place.unlink(missing_ok=True)
    write_state(run_dir, RunState(run=run, state=state))  # type: ignore[arg-type]
    return run_dir


def wait(claim: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not claim() and time.monotonic() < end:
        time.sleep(0.002)
    return claim()


def states(folder: Path) -> dict[str, str]:
    return {state.run: state.state for state in list_runs(folder / "runs")}


def settle(folder: Path) -> dict[str, str]:
    """The states once none of them is on its way to another."""
    wait(lambda: not {"queued", "starting", "cancelling"} & set(states(folder).values()))
    return states(folder)


class Launch:
    """A run is there and at work, or there is none, and nothing that takes room."""

    @staticmethod
    def prepare(folder: Path) -> None: ...

    @staticmethod
    def act(folder: Path) -> None:
        launch(folder)

    @staticmethod
    def tell(folder: Path) -> str:
        found = settle(folder)
        left = [path.name for path in (folder / "runs").glob(".*")] if (folder / "runs").exists() else []
        if left:
            return f"left {left}"
        return {"{}": "before", "{'r1': 'running'}": "after"}.get(str(found), str(found))


class Cancel:
    """A run that works goes on, or is cancelled."""

    @staticmethod
    def prepare(folder: Path) -> None:
        fork(lambda: launch(folder) and None)
        wait(lambda: states(folder) == {"r1": "running"})

    @staticmethod
    def act(folder: Path) -> None:
        cancel_job(RunDir(folder / "runs" / "r1"))

    @staticmethod
    def tell(folder: Path) -> str:
        return {"running": "before", "cancelled": "after"}.get(settle(folder)["r1"], "another state")


class Resume:
    """A run that was cancelled is as it was, or at work as one more attempt."""

    @staticmethod
    def prepare(folder: Path) -> None:
        store(folder, "cancelled").stop.touch()

    @staticmethod
    def act(folder: Path) -> None:
        resume_job(RunDir(folder / "runs" / "r1"), command=COMMAND)

    @staticmethod
    def tell(folder: Path) -> str:
        settle(folder)
        found = describe_run(RunDir(folder / "runs" / "r1"))
        known = {("cancelled", 1): "before", ("running", 2): "after"}
        return known.get((found["state"], found["attempt"]), f"{found['state']} {found['attempt']}")


class Revive:
    """A run that waited when the machine went down has a worker in the end: the next start gives it one."""

    @staticmethod
    def prepare(folder: Path) -> None:
        store(folder, "queued").place.write_text("1\n")

    @staticmethod
    def act(folder: Path) -> None:
        revive_queue(folder / "runs", command=COMMAND)

    @staticmethod
    def tell(folder: Path) -> str:
        return "after" if settle(folder) == {"r1": "running"} else str(states(folder))


class Remove:
    """A run is where it was or put away, and whole."""

    @staticmethod
    def prepare(folder: Path) -> None:
        store(folder, "succeeded")

    @staticmethod
    def act(folder: Path) -> None:
        remove_run(RunDir(folder / "runs" / "r1"))

    @staticmethod
    def tell(folder: Path) -> str:
        there = states(folder), {state.run: state.state for state in list_removed(folder / "runs")}
        whole = {"r1": "succeeded"}
        return {str((whole, {})): "before", str(({}, whole)): "after"}.get(str(there), str(there))


class Restore:
    """The same on the way back."""

    @staticmethod
    def prepare(folder: Path) -> None:
        remove_run(store(folder, "succeeded"))

    @staticmethod
    def act(folder: Path) -> None:
        restore_run(folder / "runs", "r1")

    @staticmethod
    def tell(folder: Path) -> str:
        found = Remove.tell(folder)
        return {"before": "after", "after": "before"}.get(found, found)


class Label:
    """The name is the old one or the new."""

    @staticmethod
    def prepare(folder: Path) -> None:
        write_json(store(folder, "succeeded").label, {"name": "old", "notes": "kept"})

    @staticmethod
    def act(folder: Path) -> None:
        label_run(RunDir(folder / "runs" / "r1"), name="new")

    @staticmethod
    def tell(folder: Path) -> str:
        found = describe_run(RunDir(folder / "runs" / "r1"))
        known = {("old", "kept"): "before", ("new", "kept"): "after"}
        return known.get((found["name"], found["notes"]), "another")


class Order:
    """Both runs wait, in the old order or the new."""

    @staticmethod
    def prepare(folder: Path) -> None:
        for place, run in enumerate(("r1", "r2"), start=1):
            run_dir = store(folder, "queued", run)
            run_dir.place.write_text(f"{place}\n")
            os.set_inheritable(hold_run(run_dir), False)

    @staticmethod
    def act(folder: Path) -> None:
        order_queue(folder / "runs", ["r2"])

    @staticmethod
    def tell(folder: Path) -> str:
        queue = list_queue(folder / "runs")
        return {"r1 r2": "before", "r2 r1": "after"}.get(" ".join(queue), f"queue {queue}")


KINDS = {
    kind.__name__.lower(): kind for kind in (Launch, Cancel, Resume, Revive, Remove, Restore, Label, Order)
}


def start_again(folder: Path) -> None:
    """What a server does with its runs when it starts."""
    if (folder / "runs").exists():
        sweep_parts(folder / "runs")
        enforce_stops(folder / "runs", patience=0.1)
        revive_queue(folder / "runs", command=COMMAND)


def end_all(folder: Path) -> None:
    for run in states(folder):
        RunDir(folder / "runs" / run).stop.touch()


def count_lines(kind: Any, folder: Path) -> int:
    kind.prepare(folder)
    status = fork(lambda: kill_at(0, True, lambda: kind.act(folder), folder / "count", WATCHED))
    assert status == 0, status
    end_all(folder)
    return int((folder / "count").read_text())


def try_kind(kind: Any, folder: Path, stride: int) -> dict[str, Any]:
    found: dict[str, Any] = {"points": 0, "before": 0, "after": 0, "wrong": []}
    lines = count_lines(kind, make(folder / "count"))
    for number in range(lines % stride or 1, lines + 1, stride):
        room = make(folder / str(number))
        kind.prepare(room)
        status = fork(lambda: kill_at(number, True, lambda: kind.act(room), None, WATCHED))  # noqa: B023
        if status == 0:  # a line more or less: the folder of another time
            continue
        assert os.WTERMSIG(status) == signal.SIGKILL, status
        fork(lambda: start_again(room))  # noqa: B023
        outcome = kind.tell(room)
        begun = [path.parent.name for path in room.glob("runs/*/begun") if path.read_text().count("one") > 1]
        found["points"] += 1
        if outcome in ("before", "after") and not begun:
            found[outcome] += 1
        else:
            found["wrong"].append(f"line {number}: {outcome}, begun twice: {begun}")
        end_all(room)
        shutil.rmtree(room, ignore_errors=True)
    return found


def make(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def main(folder: Path, stride: int) -> dict[str, Any]:
    os.fsync = lambda descriptor: None  # the system lives on, and with it what it was given
    return {name: try_kind(kind, folder / name, stride) for name, kind in KINDS.items()}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
