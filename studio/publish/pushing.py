"""The push of an export.

pushes/EXPORT_ID/   the task's folder
"""

from pathlib import Path
from typing import Any

from studio.errors import ExportError
from studio.export import Export
from studio.publish import Asked
from studio.publish.sending import Push, begin_push, end_push, look_at_push, refuse_push, send_files
from studio.settings import Settings
from studio.task import Progress
from studio.workspace import Workspace


def start_push(workspace: Workspace, export_id: str, asked: Asked, token: str = "") -> Push:
    """Begin to push an export of the workspace, or join the push that was asked in the same words.

    Raises HubError as `refuse_push` does.
    """
    folder = workspace.push_folder(export_id)
    refuse_push(folder, asked, token, workspace.settings, "export")
    files = list_files(workspace.export(export_id))
    return Push(asked=asked, task=begin_push(folder, files, asked, token, workspace.settings))


def read_push(workspace: Workspace, pushed: str) -> Push | None:
    """The last push of an export, or of a run, by its id; None before the first."""
    return look_at_push(workspace.push_folder(pushed))


def stop_push(workspace: Workspace, pushed: str) -> Push | None:
    """End a push; what was not committed by then is not on the Hub."""
    return end_push(workspace.push_folder(pushed))


def push_folder(
    export: Export,
    asked: Asked,
    token: str,
    settings: Settings,
    aside: Path,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Push an export and wait for the end, as `send_files` does."""
    return send_files(list_files(export), asked, token, settings, aside, progress=progress)


def list_files(export: Export) -> dict[str, Path]:
    """Every file of an export by its path inside of it; links are left out.

    Raises ExportError when the manifest names a file that is not there, or that lies elsewhere.
    """
    whole = export.folder.resolve()
    found: dict[str, Path] = {}
    for path in export.files:
        if not path.exists() or not path.resolve().is_relative_to(whole):
            raise ExportError(
                f"{export.folder.name} names {path.name!r:.80}, which is no file of it.", "Write it again."
            )
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            inside = file.resolve()
            if file.is_file() and not file.is_symlink() and inside.is_relative_to(whole):
                found[inside.relative_to(whole).as_posix()] = inside
    return found
