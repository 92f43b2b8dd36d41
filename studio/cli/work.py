"""The workspace of a command, and the id in it that a person means."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.workspace import Workspace

_FEWEST = 4


def open_workspace(folder: str | None) -> "Workspace":
    """The workspace that --workspace names, or else the person's own."""
    from studio.settings import Settings
    from studio.workspace import Workspace

    return Workspace(Settings.from_env(folder))


def list_fitting(ids: Sequence[str], given: str) -> list[str]:
    """The ids that begin with `given`; none when it is too short to mean one."""
    return [one for one in ids if one.startswith(given)] if len(given) >= _FEWEST else []
