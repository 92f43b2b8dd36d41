"""A Choice of a tokenizer, as a person writes it, and those that were used before.

    tiny     /models/pythia     ./pythia     EleutherAI/pythia-70m     EleutherAI/pythia-70m@step3000

What was used is kept in `tokenizers/used/`, a small file each, so that a Hub id stays at the commit at which
it was made ready.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.durable import write_file
from studio.errors import TokenizerError
from studio.workspace import Workspace

TINY = "tiny"
_HUB_ID = re.compile(r"([A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95})(?:@([\w./-]{1,200}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`text` is its one spelling, `name` a folder's name or a Hub id. `folder` is absolute; `revision` may
    be empty.
    """

    kind: Literal["tiny", "folder", "hub"]
    text: str
    name: str
    folder: Path = Path()
    revision: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A choice that was made ready before, and the key of what it became."""

    choice: str
    key: str


def parse_choice(text: str) -> Choice:
    """The choice that a text means; a folder of that name comes before the Hub.

    Raises TokenizerError when it means none.
    """
    text = text.strip()
    if text == TINY:
        return Choice(kind="tiny", text=TINY, name=TINY)
    folder = _find_folder(text)
    if folder is not None:
        return Choice(kind="folder", text=str(folder), name=folder.name, folder=folder)
    found = _HUB_ID.fullmatch(text)
    if found is None:
        raise TokenizerError(
            f"{text[:100]!r} names no tokenizer.",
            "Write tiny, the path of a folder, or a Hub id such as org/name.",
        )
    return Choice(kind="hub", text=text, name=found[1], revision=found[2] or "")


def list_choices(workspace: Workspace) -> list[Choice]:
    """tiny, then the folders and Hub ids that were used before, the last first."""
    files = sorted(_used_folder(workspace).glob("*.json"), key=lambda path: -path.stat().st_mtime_ns)
    found = []
    for path in files:
        used = _read(path)
        if used is not None and (workspace.tokenizers / used.key).is_dir():
            found.append(parse_choice(used.choice))
    return [parse_choice(TINY), *(choice for choice in found if choice.kind != "tiny")]


def find_used(workspace: Workspace, choice: Choice) -> str | None:
    """The key of what a choice became when it was last used."""
    used = _read(_used_path(workspace, choice))
    return used.key if used is not None else None


def note_used(workspace: Workspace, choice: Choice, key: str) -> None:
    """Keep what a choice has become."""
    path = _used_path(workspace, choice)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    write_file(path, json.dumps({"choice": choice.text, "key": key}, ensure_ascii=False))


def _find_folder(text: str) -> Path | None:
    """The folder that a text names by its form, or that is there; absolute."""
    try:
        folder = Path(text).expanduser()
        meant = text[:1] in ("/", ".", "~") or (text != "" and folder.is_dir())
    except (OSError, ValueError, RuntimeError):  # too long, a zero character, or a person unknown here
        return None
    return folder.absolute() if meant and "\0" not in text else None


def _used_folder(workspace: Workspace) -> Path:
    return workspace.tokenizers / "used"


def _used_path(workspace: Workspace, choice: Choice) -> Path:
    return _used_folder(workspace) / f"{hashlib.sha256(choice.text.encode()).hexdigest()[:32]}.json"


def _read(path: Path) -> Used | None:
    try:
        return Used(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
