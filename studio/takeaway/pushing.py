"""The push of a model or an adapter onto the Hub: the files of its bundle, in one commit.

pushes/RUN_ID/        the task's folder; none of its files holds the token
pushes/RUN_ID/made/   the card and the Modelfile, as they are sent
"""

from pathlib import Path
from typing import Any

from studio.durable import write_file
from studio.errors import HubError
from studio.publish import Asked
from studio.publish.sending import Push, begin_push, look_at_push, refuse_push, send_files
from studio.run import RunDir
from studio.settings import Settings
from studio.takeaway.bundle import Bundle, What, open_bundle
from studio.task import Progress
from studio.workspace import Workspace


def start_model_push(workspace: Workspace, run_id: str, asked: Asked, token: str = "") -> Push:
    """Begin to push what `asked.kind` names of a run, or join the push that was asked in the same words.

    Raises RunError for a run that has nothing to give, HubError as `refuse_push` does.
    """
    folder = workspace.push_folder(run_id)
    bundle = open_bundle(workspace.run(run_id), _which(asked))
    refuse_push(folder, asked, token, workspace.settings, "run")
    known = look_at_push(folder)
    if known is not None and known.task.goes_on:
        return known
    files = _lay_out(bundle, folder / "made")
    return Push(asked=asked, task=begin_push(folder, files, asked, token, workspace.settings))


def push_bundle(
    run_dir: RunDir,
    asked: Asked,
    token: str,
    settings: Settings,
    aside: Path,
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Push what `asked.kind` names of a run and wait for the end, as `send_files` does."""
    files = _lay_out(open_bundle(run_dir, _which(asked)), aside / "made")
    return send_files(files, asked, token, settings, aside, progress=progress)


def _which(asked: Asked) -> What:
    if asked.kind == "dataset":
        raise HubError("A run is no dataset.", "Push its model, or its adapter.")
    return asked.kind


def _lay_out(bundle: Bundle, made: Path) -> dict[str, Path]:
    """The files of a bundle as files: what is made for it is written into the folder `made`."""
    made.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = {}
    for name, content in bundle.files.items():
        if isinstance(content, bytes):
            write_file(made / name, content)
            content = made / name
        files[name] = content
    return files
