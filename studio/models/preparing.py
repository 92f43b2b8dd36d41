"""A base model looked at, or made ready for a run.

    models/hub-07d3…/    config.json  tokenizer.json  …  model.safetensors → the Hub's cache  about.json
    models/looked/hub-07d3….json    what was seen of a model at a commit, which never changes

The weights of the Hub lie in its own cache, so that they are not there twice; a folder of this machine is
used where it is. A Hub id stays at the commit at which it was first made ready.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.durable import name_aside, remove_folder, write_file
from studio.errors import ModelError, TokenizerError
from studio.hub.child import pass_hub_environment
from studio.tokenizing.asking import ask_child
from studio.tokenizing.choice import TINY, Choice, parse_choice
from studio.weights import Description, describe_folder
from studio.workspace import Workspace

FETCHER = (sys.executable, "-I", "-m", "studio.models")
ABOUT = "about.json"
_COMMIT = re.compile(r"[0-9a-f]{40}")
TINY_MODEL = Description(
    name=TINY,
    kind="tiny",
    architecture="GPTNeoXForCausalLM",
    model_type="gpt_neox",
    parameters=1_317_632,
    bytes=4 * 1_317_632,
    dtype="float32",
    context=2_048,
    vocabulary=2_048,
    width=128,
    layers=4,
    heads=2,
    licence="made here, from the train part",
)

Progress = Callable[[str], None]
"""Is told in words what is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseModel:
    """A model that a run can open: `choice` as a recipe writes it, pinned; `folder` None for tiny."""

    choice: str
    folder: Path | None
    description: Description


def look_at_model(workspace: Workspace, text: str, progress: Progress | None = None) -> Description:
    """What a base model is; of the Hub only small files and the heads of its weights are read.

    Raises ModelError in words for what is none, or may not be opened.
    """
    choice = _parse(text)
    if choice.kind == "tiny":
        return TINY_MODEL
    if choice.kind == "folder":
        return _describe_folder(workspace, choice)
    found = _find(workspace, choice)
    if found is not None:
        return found.description
    looked = workspace.models / "looked" / f"{_name_folder(choice.text)}.json"
    if _COMMIT.fullmatch(choice.revision) and (known := _read_look(looked)):
        return known
    with workspace.scratch() as scratch:
        seen = Description(**_ask(workspace, choice, scratch, "look", progress)["description"])
    _keep_look(workspace, seen)
    return seen


def find_model(workspace: Workspace, text: str) -> BaseModel | None:
    """The model if a run can open it as it is; None when it must be fetched first. Raises ModelError."""
    choice = _parse(text)
    return _find(workspace, choice) if choice.kind == "hub" else prepare_model(workspace, text)


def pin_choice(text: str, described: Description) -> str:
    """How a recipe writes a model that was looked at: an id of the Hub with its commit."""
    return _pin(described) if described.kind == "hub" else _parse(text).text


def prepare_model(workspace: Workspace, text: str, progress: Progress | None = None) -> BaseModel:
    """The model ready to be opened; of the Hub it is fetched when it was not before.

    Raises ModelError in words, with nothing left half-made.
    """
    choice = _parse(text)
    if choice.kind == "tiny":
        return BaseModel(choice=TINY, folder=None, description=TINY_MODEL)
    if choice.kind == "folder":
        described = _describe_folder(workspace, choice)
        return BaseModel(choice=choice.text, folder=choice.folder, description=described)
    return _find(workspace, choice) or _fetch(workspace, choice, progress)


def _parse(text: str) -> Choice:
    try:
        return parse_choice(text)
    except TokenizerError as error:
        raise ModelError(
            f"{text[:100]!r} names no base model.",
            "Write tiny, the path of a folder, or a Hub id such as org/name.",
        ) from error


def _describe_folder(workspace: Workspace, choice: Choice) -> Description:
    if not workspace.settings.local_paths:
        raise ModelError(
            "Folders of this machine are not read, since others can reach this page.",
            "Choose tiny or a Hub id.",
        )
    if not os.path.isdir(choice.folder):  # noqa: PTH112 -- unlike Path's, it raises nothing
        raise ModelError(f"There is no folder {choice.folder}.", "Check the path.")
    return describe_folder(choice.folder, choice.name)


def _keep_look(workspace: Workspace, seen: Description) -> None:
    folder = workspace.models / "looked"
    folder.mkdir(mode=0o700, exist_ok=True)
    write_file(folder / f"{_name_folder(_pin(seen))}.json", json.dumps(seen.to_dict(), ensure_ascii=False))


def _read_look(path: Path) -> Description | None:
    try:
        return Description(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _find(workspace: Workspace, choice: Choice) -> BaseModel | None:
    """The model of a choice that was fetched before, if it is still whole."""
    # Both the id and the id at its commit lead to one folder.
    folder = _folder_of(workspace, choice).resolve()
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        whole = all((folder / name).stat().st_size == size for name, size in about["weights"].items())
        described = Description(**about["description"])
    except (OSError, ValueError, TypeError, KeyError):  # the Hub's cache may have been emptied
        return None
    if not whole:
        return None
    return BaseModel(choice=_pin(described), folder=folder, description=described)


def _fetch(workspace: Workspace, choice: Choice, progress: Progress | None) -> BaseModel:
    folder = _folder_of(workspace, choice)
    with workspace.scratch() as scratch:
        made = _ask(workspace, choice, scratch, "fetch", progress)
        described = Description(**made["description"])
        target = workspace.models / _name_folder(_pin(described))
        for place in (folder, target):
            _clear(place)
        write_file(scratch / "given" / ABOUT, json.dumps(made, ensure_ascii=False))
        (scratch / "given").rename(target)
    if folder != target:
        # The id without its commit means this commit from now on.
        aside = name_aside(folder)
        aside.symlink_to(target.name)
        aside.rename(folder)
    return BaseModel(choice=_pin(described), folder=target, description=described)


def _clear(place: Path) -> None:
    if place.is_symlink():
        place.unlink()
    elif place.is_dir():
        remove_folder(place)


def _pin(described: Description) -> str:
    return f"{described.name}@{described.revision}"


def _folder_of(workspace: Workspace, choice: Choice) -> Path:
    return workspace.models / _name_folder(choice.text)


def _name_folder(text: str) -> str:
    return f"hub-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _ask(
    workspace: Workspace, choice: Choice, scratch: Path, ask: str, progress: Progress | None
) -> dict[str, Any]:
    (scratch / "given").mkdir()
    asked = {"ask": ask, "name": choice.name, "revision": choice.revision, "folder": str(scratch)}
    environment = pass_hub_environment(os.environ, workspace.settings)
    say = progress or (lambda words: None)
    return ask_child(FETCHER, asked, environment, f"the model {choice.name}", ModelError, say)
