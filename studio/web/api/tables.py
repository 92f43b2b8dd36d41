"""Tables, their rows, one record, and the recipe being put together for a table.

    {"row": 3, "line": 4, "cells": [{"kind": "text", "text": "Does …", "truncated": false, "characters": 86}]}

Texts leave here as data; whoever shows them must never treat them as markup.
"""

import logging
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from studio.errors import SourceError, StudioError
from studio.reader.raw import read_raw
from studio.recipe import dump_recipe
from studio.record import Column, FeatureType, Json, Record
from studio.table import Table
from studio.web.api.context import Id, Limit, Offset, WorkspaceOf, check_limit, name_download

PAGE_CHARACTERS = 600

log = logging.getLogger("studio.web")
router = APIRouter(tags=["tables"])

CellKind = Literal["text", "json", "number", "boolean", "null", "missing"]


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


class Cell(BaseModel):
    """One value: its text or JSON spelling, cut if `truncated`; `characters` is the whole length."""

    kind: CellKind
    text: str
    truncated: bool
    characters: int


class NamedCell(Cell):
    """A cell that says whose column it is."""

    name: str


class RowBody(BaseModel):
    """A record on a page; its cells stand in the order of the columns."""

    row: int
    line: int
    cells: list[Cell]


class PageBody(BaseModel):
    """One page: `total` records match the search, `all` are in the table."""

    columns: list[ColumnBody]
    rows: list[RowBody]
    offset: int
    total: int
    all: int


class RecordBody(BaseModel):
    """One record, with its texts as long as a cell may be shown."""

    row: int
    file: str
    line: int
    cells: list[NamedCell]


class RawBody(BaseModel):
    """The raw line of a record, or the reason why it cannot be shown."""

    file: str
    line: int
    raw: str | None
    reason: str


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
        columns=_describe_columns(table),
        bytes=table.bytes,
    )


@router.get("/tables/{table_id}/rows")
def show_rows(
    table_id: Id, workspace: WorkspaceOf, offset: Offset = 0, limit: Limit = 50, search: str = ""
) -> PageBody:
    """A page of records, all or those in which a text column contains `search`."""
    table = workspace.table(table_id)
    page = table.page(offset, check_limit(limit, workspace.settings.limits.page_rows), search)
    return PageBody(
        columns=_describe_columns(table),
        rows=[_describe_row(record, table.columns) for record in page.rows],
        offset=page.offset,
        total=page.total,
        all=len(table),
    )


@router.get("/tables/{table_id}/records/{row}")
def show_record(table_id: Id, row: int, workspace: WorkspaceOf) -> RecordBody:
    """One record in full, but for cells longer than the limit of the settings."""
    table = workspace.table(table_id)
    record = table.record(row)
    most = workspace.settings.limits.cell_characters
    cells = [
        NamedCell(name=column.name, **_describe_cell(record, column.name, most).model_dump())
        for column in table.columns
    ]
    return RecordBody(row=record.row, file=record.file, line=record.line, cells=cells)


@router.get("/tables/{table_id}/records/{row}/raw")
def show_raw(table_id: Id, row: int, workspace: WorkspaceOf) -> RawBody:
    """The bytes of one record as they stand in its source; `reason` says why there are none."""
    table = workspace.table(table_id)
    place = table.place(row)
    try:
        raw = read_raw(table, row, workspace.settings).decode("utf-8", "backslashreplace")
    except SourceError as problem:
        return RawBody(file=table.files[place.file].name, line=place.line, raw=None, reason=problem.message)
    return RawBody(
        file=table.files[place.file].name,
        line=place.line,
        raw=raw[: workspace.settings.limits.line_bytes],
        reason="",
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


def _describe_columns(table: Table) -> list[ColumnBody]:
    return [ColumnBody.model_validate(column, from_attributes=True) for column in table.columns]


def _describe_row(record: Record, columns: tuple[Column, ...]) -> RowBody:
    cells = [_describe_cell(record, column.name, PAGE_CHARACTERS) for column in columns]
    return RowBody(row=record.row, line=record.line, cells=cells)


def _describe_cell(record: Record, name: str, most: int) -> Cell:
    if name not in record:
        return Cell(kind="missing", text="", truncated=False, characters=0)
    value = record[name]
    if value is None:
        return Cell(kind="null", text="", truncated=False, characters=0)
    text = value.spelling if isinstance(value, Json) else value
    kind = name_kind(value.spelling) if isinstance(value, Json) else "text"
    return Cell(kind=kind, text=text[:most], truncated=len(text) > most, characters=len(text))


def name_kind(spelling: str) -> CellKind:
    """What a JSON spelling that is no string is shown as."""
    if spelling in ("true", "false"):
        return "boolean"
    return "json" if spelling[:1] in ("{", "[", '"') else "number"
