"""A push seen from outside of its worker: begun, looked at, ended, waited for.

pushes/EXPORT_ID/   the task's folder: its request, its state, its log; none holds the token
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.errors import ExportError, HubError
from studio.export import Export
from studio.hub.child import pass_hub_environment
from studio.hub.push import check_repo_name, check_token
from studio.publish import Asked
from studio.settings import Settings
from studio.task import Progress, TaskState, read_task, start_task, stop_task, wait_task
from studio.workspace import Workspace

_TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
_MODULE = "studio.publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What was asked, and where it stands; the answer of the task is the plan, with `url` once it is sent."""

    asked: Asked
    task: TaskState


def start_push(workspace: Workspace, export_id: str, asked: Asked, token: str = "") -> Push:
    """Begin to push an export of the workspace, or join the push that was asked in the same words.

    Without a token the worker takes the one of the machine, unless others than its owner reach the studio.
    Raises HubError for a name or a token that is none, and while another push of this export goes on.
    """
    check_repo_name(asked.repo)
    export, folder = workspace.export(export_id), workspace.push_folder(export_id)
    if not token and not workspace.settings.local_paths:
        raise HubError("The Hub needs a token to push.", "Give your own, with the role write.")
    known = read_push(workspace, export_id)
    if known is not None and known.task.goes_on and known.asked != asked:
        raise HubError(
            f"This export is being pushed to {known.asked.repo}.", "Wait for its end, or stop it first."
        )
    return Push(asked=asked, task=_start(folder, export, asked, token, workspace.settings))


def read_push(workspace: Workspace, export_id: str) -> Push | None:
    """The last push of an export; None before the first."""
    folder = workspace.push_folder(export_id)
    if not (folder / "state.json").exists():
        return None
    request: dict[str, Any] = json.loads((folder / "request.json").read_bytes())
    return Push(asked=Asked(**request["asked"]), task=read_task(folder))


def stop_push(workspace: Workspace, export_id: str) -> Push | None:
    """End a push; what was not committed by then is not on the Hub."""
    if read_push(workspace, export_id) is not None:
        stop_task(workspace.push_folder(export_id))
    return read_push(workspace, export_id)


def push_folder(
    export: Export,
    asked: Asked,
    token: str,
    settings: Settings,
    aside: Path,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Push an export and wait for the end; `aside` is a folder for the work, which is not kept.

    The plan, with `url` and `commit` unless it was a dry run. Raises HubError for what went wrong.
    """
    check_repo_name(asked.repo)
    _start(aside, export, asked, token, settings)
    try:
        state = wait_task(aside, progress=progress)
    except BaseException:
        stop_task(aside)
        raise
    if state.state != "done":
        raise HubError(state.message or "The push was stopped.", state.hint or "Push again.")
    answer: dict[str, Any] = state.answer
    return answer


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


def _start(folder: Path, export: Export, asked: Asked, token: str, settings: Settings) -> TaskState:
    files = {name: str(path) for name, path in list_files(export).items()}
    request = {"asked": asdict(asked), "files": files}
    return start_task(folder, _MODULE, request, secrets=_environment(token, os.environ, settings))


def _environment(token: str, current: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """What the worker is given besides: how the Hub is reached, and the token."""
    passed = pass_hub_environment(current, settings)
    if not token:
        return passed
    others = {name: value for name, value in passed.items() if name not in _TOKENS}
    return others | {"HF_TOKEN": check_token(token)}
