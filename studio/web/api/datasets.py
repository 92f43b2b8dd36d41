"""The datasets of the workspace: their names, and taking them away so that they can be restored.

{"id": "3f…", "name": "lamini_docs.jsonl", "records": 1400, "disk_bytes": 2831155}
"""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from studio.catalog import (
    Dataset,
    delete_dataset,
    list_datasets,
    list_removed,
    remove_dataset,
    rename_dataset,
    restore_dataset,
)
from studio.web.api.context import Id, WorkspaceOf

router = APIRouter(tags=["datasets"])


class DatasetBody(BaseModel):
    """A dataset in a list; `bytes` is the size of its source, `disk_bytes` what it takes up here."""

    id: str
    name: str
    format: str
    records: int
    complete: bool
    partial: bool
    bytes: int
    disk_bytes: int


class DatasetsBody(BaseModel):
    """The datasets of the workspace and those that were removed, each the newest first."""

    datasets: list[DatasetBody]
    removed: list[DatasetBody]


class RenameRequest(BaseModel):
    """A name; an empty one gives the dataset the name of its source again."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=1_000)]


class NameBody(BaseModel):
    """The name that a dataset has now."""

    name: str


@router.get("/datasets")
def show_datasets(workspace: WorkspaceOf) -> DatasetsBody:
    """Every dataset with what it takes up on disk, and what was removed."""
    return DatasetsBody(
        datasets=[_describe(dataset) for dataset in list_datasets(workspace)],
        removed=[_describe(dataset) for dataset in list_removed(workspace)],
    )


@router.patch("/datasets/{table_id}")
def rename(table_id: Id, workspace: WorkspaceOf, asked: RenameRequest) -> NameBody:
    """Give a dataset a name of one's own; its source keeps its own."""
    return NameBody(name=rename_dataset(workspace, table_id, asked.name))


@router.delete("/datasets/{table_id}", status_code=204)
def remove(table_id: Id, workspace: WorkspaceOf) -> None:
    """Take a dataset away; it can be restored."""
    remove_dataset(workspace, table_id)


@router.post("/datasets/{table_id}/restore", status_code=204)
def restore(table_id: Id, workspace: WorkspaceOf) -> None:
    """Put a removed dataset back."""
    restore_dataset(workspace, table_id)


@router.delete("/datasets/{table_id}/removed", status_code=204)
def delete(table_id: Id, workspace: WorkspaceOf) -> None:
    """Delete a removed dataset for good."""
    delete_dataset(workspace, table_id)


def _describe(dataset: Dataset) -> DatasetBody:
    table = dataset.table
    return DatasetBody(
        id=dataset.id,
        name=dataset.name,
        format=table.format,
        records=len(table),
        complete=table.complete,
        partial=table.partial,
        bytes=table.bytes,
        disk_bytes=dataset.disk_bytes,
    )
