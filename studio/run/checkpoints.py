"""Checkpoints that are whole or not there: `checkpoints/step-N/{…, COMPLETE}`.

transformers writes `checkpoint-N` file by file, and takes up again whatever has the highest number. Here such
a folder gets its name `step-N` in one step, once every file is on the disk and COMPLETE holds their sizes:

    {"model.safetensors": 4313456, "optimizer.pt": 8627011, "trainer_state.json": 2210, …}

Knows files, not what is in them; loads no torch.
"""

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from studio.durable import publish_folder, remove_folder, write_file

COMPLETE = "COMPLETE"
STATE = "trainer_state.json"
# Without one of these a run would go on, in silence, with a fresh optimizer or another order of the rows.
REQUIRED = (STATE, "optimizer.pt", "scheduler.pt", "rng_state.pth")
KEPT = 2

_STEP = re.compile(r"step-(\d+)")


def step_folder(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step lies."""
    return folder / f"step-{step}"


def complete_checkpoint(folder: Path, step: int) -> Path:
    """Name what transformers has written for a step `step-N`, in one step; then clear older ones away.

    The newest KEPT and the best one stay. Raises OSError when the disk does not take it; nothing complete is
    lost then.
    """
    written, path = folder / f"checkpoint-{step}", step_folder(folder, step)
    state = _read_object(written / STATE)
    if best := state.get("best_global_step"):
        state["best_model_checkpoint"] = str(step_folder(folder, best))
        write_file(written / STATE, json.dumps(state, indent=2) + "\n")
    files = sorted(file for file in written.rglob("*") if file.is_file() and file.name != COMPLETE)
    sizes = {file.relative_to(written).as_posix(): file.stat().st_size for file in files}
    write_file(written / COMPLETE, json.dumps(sizes, indent=2) + "\n")
    remove_folder(path)
    publish_folder(written, path)
    _prune(folder, keep={*list_steps(folder)[-KEPT:], best or step})
    return path


def is_complete(checkpoint: Path) -> bool:
    """Whether every file that was written is there with its size, and with them all that a resume needs."""
    sizes = _read_object(checkpoint / COMPLETE)
    if not sizes or any(name not in sizes for name in REQUIRED):
        return False
    if not any(name.endswith(".safetensors") for name in sizes):
        return False
    return all(_has_size(checkpoint / name, size) for name, size in sizes.items())


def newest_complete(folder: Path) -> Path | None:
    """The complete checkpoint of the highest step whose best one is complete too; None when there is none."""
    for step in reversed(list_steps(folder)):
        checkpoint = step_folder(folder, step)
        if is_complete(checkpoint):
            best = read_trainer_state(checkpoint).get("best_global_step")
            if not best or is_complete(step_folder(folder, best)):
                return checkpoint
    return None


def take_up(folder: Path) -> Path | None:
    """The checkpoint to go on from, None for the beginning; what is torn or later is cleared away."""
    chosen = newest_complete(folder)
    until = int(chosen.name.removeprefix("step-")) if chosen else -1
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = _STEP.fullmatch(path.name)
        if path.is_dir() and not (name and int(name[1]) <= until and is_complete(path)):
            remove_folder(path)
    return chosen


def read_trainer_state(checkpoint: Path) -> dict[str, Any]:
    """The trainer's own account in a checkpoint; empty when it cannot be read."""
    return _read_object(checkpoint / STATE)


def is_last(checkpoint: Path) -> bool:
    """Whether the training was over at this checkpoint: all steps done, or nothing better for too long."""
    state = read_trainer_state(checkpoint)
    if state.get("global_step", 0) >= state.get("max_steps", 1):
        return True
    stopping = state.get("stateful_callbacks", {}).get("EarlyStoppingCallback")
    if not isinstance(stopping, dict):
        return False
    waited = stopping["attributes"]["early_stopping_patience_counter"]
    return bool(waited >= stopping["args"]["early_stopping_patience"])


def list_steps(folder: Path) -> list[int]:
    """The steps that have a checkpoint by name, in order."""
    names = (_STEP.fullmatch(path.name) for path in (folder.iterdir() if folder.is_dir() else ()))
    return sorted(int(name[1]) for name in names if name)


def _prune(folder: Path, keep: Collection[int]) -> None:
    for step in list_steps(folder):
        if step not in keep:
            remove_folder(step_folder(folder, step))


def _has_size(path: Path, size: Any) -> bool:
    return path.is_file() and path.stat().st_size == size


def _read_object(path: Path) -> dict[str, Any]:
    """The JSON object of a file; empty when it is not there or torn."""
    try:
        values = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}
