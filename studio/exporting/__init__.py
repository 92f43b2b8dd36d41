"""Exports of a table of the workspace: written at once where that is quick, else in a process of its own.

    start_export   →  a finished export, or one that is under way: python -m studio.exporting
    list_exports   →  what is there, what is being written, and what could not be, the newest first
    stop_export    →  nothing is left of it
    remove_export  →  it is gone, and one that it took the place of is back

The recipe and the changes of a person are those of the moment at which it was asked for. Knows nothing of
screens.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.durable import remove_folder
from studio.errors import ExportError, WorkspaceError
from studio.export import MANIFEST
from studio.handover import Handover, parse_request, spell_request
from studio.pipeline import build_table, refuse_unsettled, resolve_recipe
from studio.recipe import Recipe
from studio.table import Table
from studio.task import Phase, TaskState, read_task, start_task, stop_task
from studio.worker import is_held
from studio.workspace import Workspace

MODULE = "studio.exporting"
MOST_RUNNING = 2
QUICK_RECORDS = 20_000  # written in well under a second
QUICK_BYTES = 64 << 20
_SLOW_FILES = ("dataset",)  # written by a library that a server does not load


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """Where an export stands: `done` of `total` records are written, 0 where the total is unknown.

    `left` is in seconds; `message` and `hint` say why it failed; `previous` that it took the place of
    another, which is kept.
    """

    id: str
    state: Phase
    done: int = 0
    total: int = 0
    seconds: float = 0.0
    left: float | None = None
    message: str = ""
    hint: str = ""
    previous: bool = False

    @property
    def goes_on(self) -> bool:
        return self.state == "running"


def start_export(workspace: Workspace, table_id: str, *, replace: str | None = None) -> Exporting:
    """Write the export of a table's draft; returns at once where that takes long.

    With `replace`, the id of another export of the table, the new one takes its place, and the other is kept
    as NAME.previous. Raises StudioError for what the draft has wrong, and when too many are being written.
    """
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    refuse_unsettled(recipe, table)
    resolve_recipe(recipe, table)
    if replace is not None and workspace.table_of(workspace.export(replace).folder.name) != table_id:
        raise WorkspaceError("The export to be replaced is of another table.", "Write it as a new one.")
    export_id = workspace.new_id()
    if is_quick(recipe, table):
        workspace.note_table(export_id, table_id)
        try:
            write_into(recipe, table, workspace.export_folder(export_id), replace)
        except BaseException:
            workspace.forget_export(export_id)
            raise
        return read_export(workspace, export_id)
    _refuse_crowd(workspace)
    workspace.note_table(export_id, table_id)
    request = describe_request(recipe, table, workspace.export_folder(export_id), replace)
    return _describe(workspace, export_id, start_task(workspace.exporting / export_id, MODULE, request))


def is_quick(recipe: Recipe, table: Table) -> bool:
    """Whether an export is written before anyone waits."""
    slow = recipe.export.file in _SLOW_FILES
    return not slow and len(table) <= QUICK_RECORDS and table.bytes <= QUICK_BYTES


def write_into(recipe: Recipe, table: Table, folder: Path, replace: str | None, progress: Any = None) -> None:
    """Write the export into its folder, then put aside the one that it replaces."""
    build_table(recipe, table, folder, progress=progress)
    if replace is not None:
        put_aside(folder.with_name(replace), folder)


def put_aside(old: Path, new: Path) -> None:
    """Keep an export as the previous one of another; what that was the previous one of is gone."""
    with suppress(FileNotFoundError):  # it was removed meanwhile
        old.rename(_previous_of(new))
        remove_folder(_previous_of(old))


def describe_request(recipe: Recipe, table: Table, folder: Path, replace: str | None) -> dict[str, Any]:
    """All that the process needs, as it is now."""
    return {
        "given": spell_request(Handover.of(recipe, table)),
        "folder": str(folder.absolute()),
        "replace": replace,
    }


def open_request(request: dict[str, Any]) -> tuple[Recipe, Table]:
    """The recipe, and the table with the changes. Raises TableError when it is gone or has changed."""
    given = parse_request(request["given"], Handover)
    return given.open_recipe(), given.open_table()


def read_export(workspace: Workspace, export_id: str) -> Exporting:
    """Where an export stands. Raises WorkspaceError for an unknown id."""
    folder, task = workspace.export_folder(export_id), workspace.exporting / export_id
    if (folder / MANIFEST).is_file():
        if task.is_dir() and not is_held(task / "lock"):
            remove_folder(task)
        return Exporting(id=export_id, state="done", previous=_previous_of(folder).is_dir())
    try:
        return _describe(workspace, export_id, read_task(task))
    except WorkspaceError as error:
        raise WorkspaceError("There is no such export.", "Choose one of the exports of a table.") from error


def list_exports(workspace: Workspace, table_id: str) -> list[Exporting]:
    """The exports of a table, those that are being written first, then the newest."""
    found: list[Exporting] = []
    for _, export_id in sorted(_find_exports(workspace), reverse=True):
        with suppress(WorkspaceError):  # one that is not there any more, or a folder of another name
            if workspace.table_of(export_id) == table_id:
                found.append(read_export(workspace, export_id))
    return sorted(found, key=lambda one: not one.goes_on)


def stop_export(workspace: Workspace, export_id: str) -> Exporting:
    """End an export that is being written, so that nothing is left of it; one that is done stays."""
    if not read_export(workspace, export_id).goes_on:
        return read_export(workspace, export_id)
    state = stop_task(workspace.exporting / export_id)
    if (workspace.export_folder(export_id) / MANIFEST).is_file():
        return read_export(workspace, export_id)
    _forget(workspace, export_id)
    return Exporting(id=export_id, state="stopped", done=state.done, total=state.total)


def remove_export(workspace: Workspace, export_id: str) -> None:
    """Take an export away, or one that failed; it is stopped first. The one that it replaced comes back."""
    if stop_export(workspace, export_id).state == "stopped":
        return
    restore_previous(workspace, export_id)
    remove_folder(workspace.export_folder(export_id))
    _forget(workspace, export_id)


def restore_previous(workspace: Workspace, export_id: str) -> str | None:
    """Put the export that another took the place of beside it again; its id, or None where there is none."""
    previous, table_id = _previous_of(workspace.export_folder(export_id)), workspace.table_of(export_id)
    if table_id is None or not previous.is_dir():
        return None
    restored = workspace.new_id()
    workspace.note_table(restored, table_id)
    previous.rename(workspace.export_folder(restored))
    return restored


def _describe(workspace: Workspace, export_id: str, task: TaskState) -> Exporting:
    if task.state == "done":  # its folder was taken away since
        raise WorkspaceError("This export is not there any more.", "Write it again.")
    return Exporting(
        id=export_id,
        state=task.state,
        done=task.done,
        total=task.total,
        seconds=task.seconds,
        left=task.left,
        message=task.message,
        hint=task.hint,
    )


def _find_exports(workspace: Workspace) -> Iterator[tuple[int, str]]:
    """Every export, written or being written: when, and its id."""
    seen: set[str] = set()
    for folder in (workspace.exports, workspace.exporting):
        for entry in os.scandir(folder):
            if "." not in entry.name and entry.name not in seen:
                seen.add(entry.name)
                yield entry.stat().st_mtime_ns, entry.name


def _refuse_crowd(workspace: Workspace) -> None:
    going = sum(is_held(Path(entry.path) / "lock") for entry in os.scandir(workspace.exporting))
    if going >= MOST_RUNNING:
        raise ExportError(
            f"No more than {going} exports are written at a time.", "Wait until one is done, or cancel one."
        )


def _forget(workspace: Workspace, export_id: str) -> None:
    for folder in (workspace.exporting / export_id, workspace.push_folder(export_id)):
        remove_folder(folder)
    workspace.forget_export(export_id)


def _previous_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.previous")
