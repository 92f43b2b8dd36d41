"""Kill the writing of an export at a line, again and again, and say what was left each time.

    python -m tests.killing FOLDER STRIDE FILE      →   {"points": 81, "partial": 0, "lost": 0, …}

FOLDER holds `table`, a stored table. Tried are every STRIDE-th line, of the main thread and then of the
others, and each of the last, which put the folder in its place. The process that is killed is a fork of this
one, which has imported everything and computed nothing: polars starts its threads in the fork.
"""

import json
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from types import FrameType
from typing import Any

import pyarrow.parquet

import studio
from studio.pipeline import build_table
from studio.recipe import Recipe
from studio.table import Table

WATCHED = tuple(str(Path(studio.__file__).parent / name) for name in ("export", "formats", "durable.py"))
LAST = 30
RECIPE = {"source": {"path": "data.jsonl"}, "template": {"style": "question-answer"}}


def recipe_of(file: str, seed: int) -> Recipe:
    split = {"train": 0.6, "test": 0.4, "seed": seed}
    return Recipe.model_validate(RECIPE | {"split": split, "export": {"file": file}})


def write(folder: Path, file: str, seed: int) -> None:
    build_table(recipe_of(file, seed), Table.open(folder / "table"), folder / "out", replace=True)


def fork(work: Callable[[], None]) -> int:
    """What became of the work in a process of its own: its exit status, as `os.waitpid` has it."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    return os.waitpid(child, 0)[1]


def kill_at(
    number: int,
    main: bool,
    work: Callable[[], None],
    count: Path | None = None,
    watched: tuple[str, ...] = WATCHED,
) -> None:
    """Do the work, and die at the line of this number that the main thread, or any other, comes to.

    With `count`, keep there how many lines there were instead. Lines are those of the `watched` files.
    """
    seen = 0

    def trace(frame: FrameType, event: str, found: Any) -> Any:
        nonlocal seen
        if not frame.f_code.co_filename.startswith(watched):
            return None
        if event == "line":
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
                signal.pause() if main else time.sleep(60)  # some systems take a moment
        return trace

    if main:
        sys.settrace(trace)
    else:
        threading.settrace(trace)
    work()
    if count:
        count.write_text(str(seen))


def tell(folder: Path) -> str:
    """Which export is there: the hash of its manifest, or "partial" where a file is not what it says."""
    try:
        text = (folder / "manifest.json").read_bytes()
        for name, entry in json.loads(text)["files"].items():
            if sha256((folder / name).read_bytes()).hexdigest() != entry["sha256"]:
                return "partial"
    except (OSError, ValueError, KeyError):
        return "partial"
    return sha256(text).hexdigest()


def list_points(folder: Path, stride: int, work: Callable[[], None]) -> list[tuple[bool, int]]:
    """Whether of the main thread, and the number of the line."""
    points = []
    for main_thread in (True, False):
        assert fork(lambda: kill_at(0, main_thread, work, folder / "count")) == 0  # noqa: B023
        lines = int((folder / "count").read_text())
        last = range(max(1, lines - LAST), lines + 1) if main_thread else ()
        points += [(main_thread, number) for number in sorted({*range(1, lines + 1, stride), *last})]
    return points


def main(folder: Path, stride: int, file: str) -> dict[str, Any]:
    """Write one export, and kill the writing of another in its place at every `stride`-th line."""
    os.fsync = lambda descriptor: None  # the system lives on, and with it what it was given
    out, previous = folder / "out", folder / "out.previous"
    known = {}
    for seed, name in ((2, "new"), (1, "old")):
        assert fork(lambda: write(folder, file, seed)) == 0  # noqa: B023 -- called at once
        known[tell(out)] = name
    kept = folder / "kept"
    shutil.copytree(out, kept)
    found = {"points": 0, "partial": 0, "lost": 0, "old": 0, "new": 0}
    for main_thread, number in list_points(folder, stride, lambda: write(folder, file, 1)):
        for path in (out, previous, *folder.glob(".out.part-*")):
            shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(kept, out)
        shutil.copytree(kept, previous)
        status = fork(lambda: kill_at(number, main_thread, lambda: write(folder, file, 2)))  # noqa: B023
        if status == 0:  # how many lines the other threads take differs from time to time
            continue
        assert os.WTERMSIG(status) == signal.SIGKILL, status
        found["points"] += 1
        found[known.get(tell(out), "partial") if out.exists() else "lost"] += 1
        found["partial"] += previous.exists() and tell(previous) not in known
        if "old" not in {known.get(tell(path)) for path in (out, previous)}:
            found["lost"] += 1
    assert fork(lambda: write(folder, file, 2)) == 0
    left = [entry.name for entry in folder.iterdir() if ".part-" in entry.name]
    return found | {"left": len(left)}


if __name__ == "__main__":
    assert pyarrow.parquet
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))
