"""The datasets of a workspace as a person sees them: their names, their sizes on disk, and those taken away.

A name is a person's own and changes nothing that is made from the table. A removed table is kept aside until
it is restored or deleted for good; its recipe, exports and runs stay where they are.
"""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from studio.check import remove_checks
from studio.durable import remove_folder, write_file
from studio.errors import StudioError, WorkspaceError
from studio.ingest import dismiss_ingest, read_ingest
from studio.survey import remove_surveys
from studio.table import Table
from studio.workspace import Workspace

NAME_CHARACTERS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A stored table under its name; `disk_bytes` is what it takes up, with an uploaded source."""

    id: str
    name: str
    table: Table
    disk_bytes: int


def list_datasets(workspace: Workspace) -> list[Dataset]:
    """Every dataset that can be opened, the newest first."""
    found = (_open(workspace, table_id) for table_id in workspace.table_ids())
    return [dataset for dataset in found if dataset is not None]


def list_removed(workspace: Workspace) -> list[Dataset]:
    """What was removed and can be restored, the newest first."""
    found = (_open(workspace, table_id, removed=True) for table_id in workspace.removed_ids())
    return [dataset for dataset in found if dataset is not None]


def name_dataset(workspace: Workspace, table_id: str, table: Table) -> str:
    """The name that a person gave, or else that of the source."""
    note = _name_file(workspace, table_id)
    return note.read_text(encoding="utf-8") if note.is_file() else table.name


def rename_dataset(workspace: Workspace, table_id: str, name: str) -> str:
    """Give a dataset a name of one's own; an empty one takes it back. Returns the name that it has now.

    Raises WorkspaceError for a name that is too long, or that holds characters which cannot be seen.
    """
    table, name = workspace.table(table_id), name.strip()
    if len(name) > NAME_CHARACTERS:
        raise WorkspaceError(
            f"The name has {len(name)} characters.", f"Give one of at most {NAME_CHARACTERS}."
        )
    unseen = next((sign for sign in name if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp")), None)
    if unseen is not None:
        raise WorkspaceError(
            f"The name holds U+{ord(unseen):04X}, which cannot be seen.", "Take it out of the name."
        )
    if name in ("", table.name):
        _name_file(workspace, table_id).unlink(missing_ok=True)
    else:
        write_file(_name_file(workspace, table_id), name)
    return name or table.name


def remove_dataset(workspace: Workspace, table_id: str) -> None:
    """Take a table away so that it can be restored. Raises WorkspaceError while it is being read."""
    folder = workspace.table_folder(table_id)
    table = workspace.table(table_id)
    if read_ingest(workspace, table_id).state == "reading":
        raise WorkspaceError(f"{table.name} is being read.", "Stop the reading first, then remove it.")
    if workspace.ingest_folder(table_id).is_dir():
        dismiss_ingest(workspace, table_id)
    folder.rename(workspace.removed_folder(table_id))


def restore_dataset(workspace: Workspace, table_id: str) -> None:
    """Put a removed table back where it was. Raises WorkspaceError when it is not there."""
    _removed(workspace, table_id).rename(workspace.table_folder(table_id))


def delete_dataset(workspace: Workspace, table_id: str) -> None:
    """Delete a removed table for good, with its recipe, its changes and its name.

    Its uploaded source goes too when no other table is read from it.
    """
    folder = _removed(workspace, table_id)
    dataset = _open(workspace, table_id, removed=True)
    upload = _upload_of(workspace, dataset.table) if dataset else None
    remove_folder(folder)
    workspace.forget_table(table_id)
    remove_checks(workspace, workspace.table_folder(table_id))
    remove_surveys(workspace, workspace.table_folder(table_id))
    if upload is not None and not _is_used(workspace, upload):
        remove_folder(upload)


def _open(workspace: Workspace, table_id: str, *, removed: bool = False) -> Dataset | None:
    folder = workspace.removed_folder(table_id) if removed else workspace.table_folder(table_id)
    try:
        table = Table.open(folder)
    except StudioError:  # one that cannot be opened must not hide the others
        return None
    upload = _upload_of(workspace, table)
    size = sum(map(_measure, (folder, upload) if upload else (folder,)))
    name = name_dataset(workspace, table_id, table)
    return Dataset(id=table_id, name=name, table=table, disk_bytes=size)


def _measure(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
    except FileNotFoundError:  # it was put in place anew at this very moment
        return 0


def _name_file(workspace: Workspace, table_id: str) -> Path:
    return workspace.names / workspace.table_folder(table_id).name


def _removed(workspace: Workspace, table_id: str) -> Path:
    folder = workspace.removed_folder(table_id)
    if not folder.is_dir():
        raise WorkspaceError("This dataset is not among the removed.", "Reload the page.")
    return folder


def _upload_of(workspace: Workspace, table: Table) -> Path | None:
    """The folder of the upload that a table was read from."""
    path = Path(table.source.path) if table.source.path else None
    if path is None or path.parent.parent != workspace.uploads.absolute():
        return None
    return path.parent


def _is_used(workspace: Workspace, upload: Path) -> bool:
    datasets = [*list_datasets(workspace), *list_removed(workspace)]
    return any(_upload_of(workspace, dataset.table) == upload for dataset in datasets)
