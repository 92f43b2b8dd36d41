"""A push seen from outside of its worker, whatever its files are: begun, looked at, ended, waited for.

FOLDER/   the task's folder: its request, its state, its log; none holds the token
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.errors import HubError
from studio.hub.child import pass_hub_environment
from studio.hub.push import check_repo_name, check_token
from studio.publish import Asked
from studio.settings import Settings
from studio.task import Progress, TaskState, read_task, start_task, stop_task, wait_task

_TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
_MODULE = "studio.publish"


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What was asked, and where it stands; the answer of the task is the plan, with `url` once it is sent."""

    asked: Asked
    task: TaskState


def refuse_push(folder: Path, asked: Asked, token: str, settings: Settings, what: str) -> None:
    """Raise HubError for a name or a token that is none, and while another push of `what` goes on.

    Without a token the worker takes the one of the machine, unless others than its owner reach the studio.
    """
    check_repo_name(asked.repo, asked.repo_kind)
    if not token and not settings.local_paths:
        raise HubError("The Hub needs a token to push.", "Give your own, with the role write.")
    known = look_at_push(folder)
    if known is not None and known.task.goes_on and known.asked != asked:
        raise HubError(
            f"This {what} is being pushed to {known.asked.repo}.", "Wait for its end, or stop it first."
        )


def begin_push(
    folder: Path, files: Mapping[str, Path], asked: Asked, token: str, settings: Settings
) -> TaskState:
    """Begin to push files, path in the repository → file, or join the push that goes on in this folder."""
    request = {"asked": asdict(asked), "files": {name: str(path) for name, path in files.items()}}
    return start_task(folder, _MODULE, request, secrets=_environment(token, os.environ, settings))


def look_at_push(folder: Path) -> Push | None:
    """The last push in a folder; None before the first."""
    if not (folder / "state.json").exists():
        return None
    request: dict[str, Any] = json.loads((folder / "request.json").read_bytes())
    return Push(asked=Asked(**request["asked"]), task=read_task(folder))


def end_push(folder: Path) -> Push | None:
    """End a push; what was not committed by then is not on the Hub."""
    if look_at_push(folder) is not None:
        stop_task(folder)
    return look_at_push(folder)


def send_files(
    files: Mapping[str, Path],
    asked: Asked,
    token: str,
    settings: Settings,
    aside: Path,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Push files and wait for the end; `aside` is a folder for the work, which is not kept.

    The plan, with `url` and `commit` unless it was a dry run. Raises HubError for what went wrong.
    """
    check_repo_name(asked.repo, asked.repo_kind)
    begin_push(aside, files, asked, token, settings)
    try:
        state = wait_task(aside, progress=progress)
    except BaseException:
        stop_task(aside)
        raise
    if state.state != "done":
        raise HubError(state.message or "The push was stopped.", state.hint or "Push again.")
    answer: dict[str, Any] = state.answer
    return answer


def _environment(token: str, current: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """What the worker is given besides: how the Hub is reached, and the token."""
    passed = pass_hub_environment(current, settings)
    if not token:
        return passed
    others = {name: value for name, value in passed.items() if name not in _TOKENS}
    return others | {"HF_TOKEN": check_token(token)}
