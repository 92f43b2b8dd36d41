"""The queue: one run at work on each device, the others wait in an order that can be changed.

    runs/<id>/place          its place in the order, while it waits
    runs/.devices/<device>   held by the worker that has the device

Each waiting run has its own worker, which holds the run's lock, loads no torch, and looks whether it is next.
So the queue needs no server: the kernel frees a device at any death. Knows nothing of what runs do.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from studio.durable import write_file
from studio.errors import RunError
from studio.run.folder import RunDir, read_json
from studio.worker import hold_lock, is_held

PAUSE = 0.3  # seconds between two looks of a waiting worker


def find_devices(environment: Mapping[str, str], dev: Path = Path("/dev")) -> tuple[str, ...]:
    """The GPUs by the name that CUDA_VISIBLE_DEVICES has for them; `cpu` alone where there is none."""
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        numbers = (path.name.removeprefix("nvidia") for path in dev.glob("nvidia*"))
        names = sorted((number for number in numbers if number.isdecimal()), key=int)
    else:
        names = [name for part in visible.split(",") if (name := part.strip()) not in ("", "-1")]
    return tuple(names) or ("cpu",)


def join_queue(run_dir: RunDir, runs_folder: Path) -> None:
    """Give a run the last place."""
    places = [_read_place(path) for path in runs_folder.glob("*/place")]
    write_file(run_dir.place, f"{max(places, default=0) + 1}\n")


def list_queue(runs_folder: Path) -> list[str]:
    """The runs that wait and whose workers live, the next one first."""
    waiting = []
    for path in runs_folder.glob("*/place"):
        run_dir = RunDir(path.parent)
        if not run_dir.run.startswith(".") and is_held(run_dir.lock) and is_waiting(run_dir):
            waiting.append((_read_place(path), run_dir.run))
    return [run for _, run in sorted(waiting)]


def is_waiting(run_dir: RunDir) -> bool:
    """Whether the run has a place, and has not begun; its worker may be dead."""
    try:
        return run_dir.place.exists() and read_json(run_dir, run_dir.state_file).get("state") == "queued"
    except RunError:
        return False


def order_queue(runs_folder: Path, first: Sequence[str]) -> list[str]:
    """Put these runs first, in this order; returns the new queue. RunError for one that does not wait."""
    queue = list_queue(runs_folder)
    for run in first:
        if run not in queue:
            raise RunError(
                f"Run {run!r:.40} does not wait.", "`studio runs list` shows which runs are queued."
            )
    asked = list(dict.fromkeys(first))
    ordered = asked + [run for run in queue if run not in asked]
    for place, run in enumerate(ordered, start=1):
        run_dir = RunDir(runs_folder / run)
        if run_dir.place.exists():  # it may have begun meanwhile
            write_file(run_dir.place, f"{place}\n")
    return list_queue(runs_folder)


def wait_turn(run_dir: RunDir, devices: Sequence[str], check: Callable[[], None]) -> str:
    """Wait until the run is next and a device is free; the device is held until this process ends.

    `check` is called at every look; what it raises ends the waiting.
    """
    folder = run_dir.path.parent / ".devices"
    folder.mkdir(mode=0o700, exist_ok=True)
    while True:
        check()
        if list_queue(run_dir.path.parent)[:1] in ([], [run_dir.run]):
            for device in devices:
                if _take_device(folder / quote(device, safe="")):
                    run_dir.place.unlink(missing_ok=True)
                    return device
        time.sleep(PAUSE)


def _take_device(lock: Path) -> bool:
    try:
        os.set_inheritable(hold_lock(lock), False)
    except BlockingIOError:
        return False
    return True


def _read_place(path: Path) -> int:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return 0
