"""Tables as a whole, and the recipe being put together for each; `rows` and `records` say what is in them."""

import logging
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from studio.errors import StudioError
from studio.recipe import dump_recipe
from studio.record import Column, FeatureType
from studio.table import Table
from studio.web.api.context import Id, WorkspaceOf, name_download

log = logging.getLogger("studio.web")
router = APIRouter(tags=["tables"])


class TableLine(BaseModel):
    """A table in the list of tables."""

    id: str
    name: str
    format: str
    records: int
    complete: bool
    partial: bool
    reading: bool
    bytes: int


class SourceBody(BaseModel):
    """Where the records came from; an uploaded file by its name alone."""

    name: str
    streamed: bool
    config: str | None
    split: str | None
    revision: str | None
    first: int | Literal["all"] | None
    sha256: str | None
    member: str | None
    sheet: str | None
    field: str | None
    encoding: str | None
    delimiter: str | None
    quote: str | None
    types: dict[str, str]
    records: str | None


class FileBody(BaseModel):
    """A file of the source, or a source split; `records` are those that were accepted."""

    name: str
    split: str | None
    bytes: int | None
    records: int


class CountsBody(BaseModel):
    """`read = accepted + quarantined + blank`."""

    read: int
    accepted: int
    quarantined: int
    blank: int


class ColumnBody(BaseModel):
    """A column and how often it has nothing to show."""

    name: str
    type: FeatureType
    source_type: str
    missing: int
    null: int
    empty: int


class SplitBody(BaseModel):
    """A source split that was kept, and how many records it has."""

    name: str
    records: int


class TableBody(BaseModel):
    """All that is known of a table without its rows."""

    id: str
    name: str
    format: str
    source: SourceBody
    counts: CountsBody
    repaired: int
    complete: bool
    partial: bool
    reading: bool
    files: list[FileBody]
    splits: list[SplitBody]
    columns: list[ColumnBody]
    bytes: int


@router.get("/tables")
def list_tables(workspace: WorkspaceOf) -> list[TableLine]:
    """The stored tables, the newest first."""
    lines = []
    for table_id in workspace.table_ids():
        try:
            lines.append(_describe_line(table_id, workspace.table(table_id)))
        except StudioError as error:
            # One damaged table must not hide the others.
            log.warning("table %s: %s", table_id, error)
    return lines


@router.get("/tables/{table_id}")
def show_table(table_id: Id, workspace: WorkspaceOf) -> TableBody:
    """What is known of a table without its rows."""
    table = workspace.table(table_id)
    files = _describe_files(table)
    return TableBody(
        id=table_id,
        name=table.name,
        format=table.format,
        source=_describe_source(table),
        counts=CountsBody.model_validate(table.counts, from_attributes=True),
        repaired=table.repaired,
        complete=table.complete,
        partial=table.partial,
        reading=table.reading,
        files=files,
        splits=[SplitBody(name=name, records=count) for name, count in _count_splits(table, files).items()],
        columns=[describe_column(column) for column in table.columns],
        bytes=table.bytes,
    )


@router.get("/tables/{table_id}/recipe.yaml")
def show_recipe(table_id: Id, workspace: WorkspaceOf) -> Response:
    """The recipe being put together for the table, as the file that `studio build` takes."""
    text = dump_recipe(workspace.draft(table_id))
    return Response(text, media_type="application/yaml", headers=name_download("recipe.yaml"))


def _describe_line(table_id: str, table: Table) -> TableLine:
    return TableLine(
        id=table_id,
        name=table.name,
        format=table.format,
        records=len(table),
        complete=table.complete,
        partial=table.partial,
        reading=table.reading,
        bytes=table.bytes,
    )


def _describe_files(table: Table) -> list[FileBody]:
    counts = table.count_files()
    return [
        FileBody(name=file.name, split=file.split, bytes=file.bytes, records=count)
        for file, count in zip(table.files, counts, strict=True)
    ]


def _count_splits(table: Table, files: list[FileBody]) -> dict[str, int]:
    return {split: sum(file.records for file in files if file.split == split) for split in table.splits}


def _describe_source(table: Table) -> SourceBody:
    source = table.source
    values = {name: getattr(source, name) for name in SourceBody.model_fields}
    return SourceBody(**values | {"sha256": table.sha256})


def describe_column(column: Column) -> ColumnBody:
    """A column as it is told."""
    return ColumnBody.model_validate(column, from_attributes=True)
