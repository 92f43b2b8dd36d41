"""Templates kept in the workspace under a name, each in a file of its own.

    templates/9f2c….yaml:   name: My prompt
                            template: {type: text, text: "{body}"}

The file is named by a hash, so that any name can be kept exactly and none can lead elsewhere.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from studio.durable import write_file
from studio.errors import StudioError, TemplateError, WorkspaceError
from studio.library.written import to_whole
from studio.recipe.text import dump_yaml, load_yaml
from studio.template import Template, parse_template
from studio.workspace import Workspace

NAME_CHARACTERS = 80
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A template under the name that a person gave it."""

    name: str
    template: Template


def saved_templates(workspace: Workspace) -> list[Saved]:
    """Every template that can be read, by name."""
    found = (_open(path) for path in workspace.templates.glob("*.yaml"))
    return sorted((one for one in found if one), key=lambda one: (one.name.casefold(), one.name))


def has_template(workspace: Workspace, name: str) -> bool:
    """Whether a template is kept under this name. Raises TemplateError for a name that none can have."""
    return _path(workspace, name).is_file()


def read_template(workspace: Workspace, name: str) -> Template:
    """The template of this name. Raises WorkspaceError when there is none, or its file is damaged."""
    path = _path(workspace, name)
    saved = _open(path)
    if saved is None:
        what = f"The file of the template {name!r} is damaged." if path.is_file() else _no_template(name)
        names = ", ".join(one.name for one in saved_templates(workspace))
        raise WorkspaceError(what, f"Templates are: {names}." if names else "No template is kept yet.")
    return saved.template


def save_template(workspace: Workspace, name: str, template: Template, *, replace: bool = False) -> str:
    """Keep a template, without its column map; returns the name that it has, which is stripped of spaces.

    Raises TemplateError for a name that cannot be one, and for one that is taken unless `replace` is True.
    """
    path, name = _path(workspace, name), name.strip()
    if path.is_file() and not replace:
        raise TemplateError(
            f"There is a template named {name} already.", "Choose another name, or say that it be replaced."
        )
    write_file(path, dump_yaml({"name": name, "template": to_whole(template)}))
    return name


def remove_template(workspace: Workspace, name: str) -> None:
    """Delete the template of this name. Raises WorkspaceError when there is none."""
    try:
        _path(workspace, name).unlink()
    except FileNotFoundError as error:
        raise WorkspaceError(_no_template(name), "It may be removed already.") from error


def _path(workspace: Workspace, name: str) -> Path:
    _check_name(name.strip())
    digest = hashlib.sha256(name.strip().encode()).hexdigest()
    return workspace.templates / f"{digest[:32]}.yaml"


def _check_name(name: str) -> None:
    if not name.strip("."):  # an address cannot end in . or ..
        raise TemplateError("The template has no name.", "Give it one.")
    if len(name) > NAME_CHARACTERS:
        raise TemplateError(
            f"The name has {len(name)} characters.", f"Give one of at most {NAME_CHARACTERS}."
        )
    unseen = next((sign for sign in name if unicodedata.category(sign) in _UNSEEN), None)
    if unseen is not None:
        raise TemplateError(
            f"The name holds U+{ord(unseen):04X}, which cannot be seen.", "Take it out of the name."
        )


def _open(path: Path) -> Saved | None:
    try:
        values: Any = load_yaml(path.read_text(encoding="utf-8"))
        return Saved(name=values["name"], template=parse_template(values["template"]))
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError, StudioError):
        return None  # one that cannot be read must not hide the others


def _no_template(name: str) -> str:
    return f"There is no template named {name.strip()}."
