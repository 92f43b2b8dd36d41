"""`studio datasets`: what the workspace holds, its names, and removing what can be restored."""

from typing import TYPE_CHECKING, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.work import list_fitting, open_workspace
from studio.errors import WorkspaceError

if TYPE_CHECKING:
    from studio.catalog import Dataset

datasets = typer.Typer(
    help="The datasets of the workspace: list, rename, remove, restore, delete.",
    short_help="The datasets of the workspace.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@datasets.command("list")
def list_all(workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Every dataset with its size on disk, and those that were removed."""
    from studio.catalog import list_datasets, list_removed

    work = open_workspace(workspace)
    answer = {
        "datasets": [_describe(dataset) for dataset in list_datasets(work)],
        "removed": [_describe(dataset) for dataset in list_removed(work)],
    }
    lines = [_line(dataset) for dataset in answer["datasets"]]
    lines += [f"{_line(dataset)}  (removed)" for dataset in answer["removed"]]
    say(answer, lines or ["There is no dataset yet."], as_json=as_json)


@datasets.command("rename")
def rename(dataset: str, name: str, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Give a dataset a name of your own; an empty one takes it back."""
    from studio.catalog import rename_dataset

    work = open_workspace(workspace)
    found = _find(work.table_ids(), dataset)
    now = rename_dataset(work, found, name)
    say({"id": found, "name": now}, [f"{found[:8]} is now {now}"], as_json=as_json)


@datasets.command("remove")
def remove(dataset: str, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Take a dataset away; `restore` puts it back."""
    from studio.catalog import remove_dataset

    work = open_workspace(workspace)
    found = _find(work.table_ids(), dataset)
    remove_dataset(work, found)
    say({"id": found}, [f"Removed. `studio datasets restore {found[:8]}` puts it back."], as_json=as_json)


@datasets.command("restore")
def restore(dataset: str, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Put a removed dataset back."""
    from studio.catalog import restore_dataset

    work = open_workspace(workspace)
    found = _find(work.removed_ids(), dataset)
    restore_dataset(work, found)
    say({"id": found}, [f"{found[:8]} is back."], as_json=as_json)


@datasets.command("delete")
def delete(dataset: str, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Delete a removed dataset for good."""
    from studio.catalog import delete_dataset

    work = open_workspace(workspace)
    found = _find(work.removed_ids(), dataset)
    delete_dataset(work, found)
    say({"id": found}, [f"{found[:8]} is deleted."], as_json=as_json)


def _find(ids: list[str], given: str) -> str:
    """The id that begins with `given`; raises WorkspaceError when none does, or several."""
    found = list_fitting(ids, given)
    if len(found) != 1:
        raise WorkspaceError(
            f"{given!r:.60} names {len(found) or 'none'} of the datasets here.",
            "`studio datasets list` shows the ids; give at least the first four characters.",
        )
    return found[0]


def _describe(dataset: "Dataset") -> dict[str, Any]:
    return {
        "id": dataset.id,
        "name": dataset.name,
        "format": dataset.table.format,
        "records": len(dataset.table),
        "disk_bytes": dataset.disk_bytes,
    }


def _line(dataset: dict[str, Any]) -> str:
    size = f"{dataset['disk_bytes'] / 1e6:,.1f} MB on disk"
    return (
        f"{dataset['id'][:8]}  {dataset['name']}  {dataset['records']:,} records  {dataset['format']}  {size}"
    )
