"""Ids: 32 hex digits that name a folder and never a path."""

import os
import re
from pathlib import Path

from studio.errors import WorkspaceError

_ID = re.compile(r"[0-9a-f]{32}")


def list_newest(folder: Path) -> list[str]:
    """The ids of the folders in a folder, the newest first."""
    found = [entry for entry in os.scandir(folder) if entry.is_dir() and _ID.fullmatch(entry.name)]
    return [entry.name for entry in sorted(found, key=lambda e: (e.stat().st_mtime_ns, e.name), reverse=True)]


def require_id(given: str, kind: str) -> str:
    """The id as it is. Raises WorkspaceError for what is none; `kind` says of what."""
    if not _ID.fullmatch(given):
        raise WorkspaceError(f"{given!r:.60} is no {kind} id.", f"A {kind} id is 32 hex digits.")
    return given


def find_existing(path: Path, kind: str, given: str) -> Path:
    """The folder as it is. Raises WorkspaceError when it is not there."""
    if not path.is_dir():
        raise WorkspaceError(f"There is no {kind} {given}.", f"Choose one of the workspace's {kind}s.")
    return path
