"""What a person does with runs that are there: name them, note what they were for, put them away and back.

runs/<id>/label.json     {"name": "Shorter answers", "notes": "max_length 256"}
runs/.removed/<id>/      a run that was put away, and can be restored or deleted for good
"""

import os
from pathlib import Path
from typing import Any

from studio.durable import remove_folder, sync_path
from studio.errors import RunError
from studio.job.follow import describe_runs, list_runs
from studio.job.resume import take_lock
from studio.run import RunDir, RunState, read_state, write_json
from studio.run.label import read_label

MOST_NAME = 80
MOST_NOTES = 10_000


def label_run(run_dir: RunDir, *, name: str | None = None, notes: str | None = None) -> dict[str, str]:
    """Keep a name or notes, or both; None leaves what is there. Returns both. RunError when too long."""
    label = read_label(run_dir)
    for field, text, most in (("name", name, MOST_NAME), ("notes", notes, MOST_NOTES)):
        if text is None:
            continue
        if len(text) > most:
            raise RunError(f"The {field} has {len(text):,} characters.", f"Give {most:,} characters at most.")
        label[field] = " ".join(text.split()) if field == "name" else text
    write_json(run_dir.label, label)
    return label


def remove_run(run_dir: RunDir) -> None:
    """Put a run away; RunError while it is at work."""
    state = read_state(run_dir)
    if not state.finished:
        raise RunError(f"Run {run_dir.run} is not over: {state.state}.", "Cancel it first.")
    lock = take_lock(run_dir)
    try:
        _move(run_dir.path, _removed_folder(run_dir.path.parent) / run_dir.run)
    finally:
        os.close(lock)


def restore_run(runs_folder: Path, run: str) -> RunDir:
    """Put a removed run back, with all that it had."""
    _move(_find_removed(runs_folder, run), runs_folder / run)
    return RunDir(runs_folder / run)


def delete_run(runs_folder: Path, run: str) -> None:
    """Delete a removed run for good: its weights, its checkpoints, all that it said."""
    remove_folder(_find_removed(runs_folder, run))


def list_removed(runs_folder: Path) -> list[RunState]:
    """The states of the runs that were put away, the last started first."""
    return list_runs(_removed_folder(runs_folder))


def describe_removed(runs_folder: Path) -> list[dict[str, Any]]:
    """The runs that were put away, as `describe_runs` gives those that were not, with `disk_bytes`."""
    removed = _removed_folder(runs_folder)
    return [run | {"disk_bytes": _measure(removed / run["run"])} for run in describe_runs(removed)]


def _find_removed(runs_folder: Path, run: str) -> Path:
    path = _removed_folder(runs_folder) / run
    if Path(run).name != run or not (path / "state.json").exists():
        raise RunError(f"No run {run!r:.40} was removed.", "`studio runs list --removed` names them.")
    return path


def _measure(folder: Path) -> int:
    found = (path.lstat() for path in folder.rglob("*") if path.is_file())
    # The weights of a base model may be shared with the store that they came from.
    return sum(file.st_size for file in found if file.st_nlink == 1)


def _removed_folder(runs_folder: Path) -> Path:
    return runs_folder / ".removed"


def _move(path: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    path.rename(target)
    sync_path(target.parent)
    sync_path(path.parent)
