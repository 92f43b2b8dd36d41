"""Rows over HTTP: a page of the records that a search and conditions want, in the order asked for.

    GET /tables/{id}/rows?search=LoRA&filter={"column":"answer","is":"length","value":[20,null]}&sort=score

A request that would take longer than a second answers what is known; asked again it knows more, until `done`.
"""

import json
from dataclasses import dataclass, replace
from typing import Annotated

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Request, Response
from fastapi import Query as Parameter

from studio.errors import TableError
from studio.record import Column, FeatureType, Record
from studio.table import Table
from studio.table.query import Query, Search, parse_condition
from studio.web.api.among import AmongOf
from studio.web.api.answers import answer
from studio.web.api.cells import Cell, Shown, describe_cells
from studio.web.api.context import Id, Limit, Offset, SearchesOf, WorkspaceOf, check_limit
from studio.web.searches import Found, Searches
from studio.workspace import Workspace

PAGE_CHARACTERS = 600
# Pages are made in the order in which they were asked for: many at once take several times as long, since
# they pass the interpreter's lock to and fro.
_TURNS = CapacityLimiter(1)

router = APIRouter(tags=["rows"], prefix="/tables/{table_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedColumn:
    """A column, which of the table's it is, and how often it has nothing to show."""

    index: int
    name: str
    type: FeatureType
    source_type: str
    missing: int
    null: int
    empty: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowBody:
    """A record on a page; its cells stand in the order of the page's columns."""

    row: int
    line: int
    file: str
    excluded: bool
    cells: list[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBody:
    """One page: `total` of the `searched` records match so far, `all` are in the table.

    With `done` all have been looked at. In the whole table `excluded` records were taken out, and `edited`
    values put right.
    """

    columns: list[IndexedColumn]
    rows: list[RowBody]
    offset: int
    total: int
    all: int
    searched: int
    done: bool
    excluded: int
    edited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBody:
    """The numbers of the rows that match, and how many there are so far."""

    rows: list[int]
    total: int
    searched: int
    done: bool


def read_search(search: str = "", case: bool = False, word: bool = False, regex: bool = False) -> Search:
    """The search of an address."""
    return Search(text=search, case=case, word=word, regex=regex) if search else Search()


def read_query(
    search: Annotated[Search, Depends(read_search)],
    filter: Annotated[list[str] | None, Parameter()] = None,  # noqa: A002 -- the name in the address
    sort: str | None = None,
    descending: bool = False,
    among: AmongOf = None,
) -> Query:
    """The query of an address. Raises TableError for a condition that is none."""
    conditions = tuple(parse_condition(_read_json(text)) for text in filter or ())
    return Query(search, conditions, sort, descending and sort is not None, among)


SearchOf = Annotated[Search, Depends(read_search)]
QueryOf = Annotated[Query, Depends(read_query)]
Indexes = Annotated[str, Parameter(pattern=r"^(\d{1,9}(,\d{1,9})*)?$", description="0,2,5; all when empty.")]


@router.get("/rows", response_model=PageBody)
async def show_rows(
    request: Request,
    table_id: Id,
    workspace: WorkspaceOf,
    searches: SearchesOf,
    query: QueryOf,
    offset: Offset = 0,
    limit: Limit = 50,
    columns: Indexes = "",
) -> Response:
    """A page of records."""
    check_limit(limit, workspace.settings.limits.page_rows)
    table, found = await run_sync(_find_page, workspace, searches, table_id, query, offset, limit)
    page = await run_sync(_describe_page, table, found, offset, columns, query.search, limiter=_TURNS)
    return answer(request, page)


def _find_page(
    workspace: Workspace, searches: Searches, table_id: str, query: Query, offset: int, limit: int
) -> tuple[Table, Found]:
    table = workspace.result(table_id)
    return table, searches.find(table_id, table, query, offset, limit)


def _describe_page(table: Table, found: Found, offset: int, columns: str, search: Search) -> PageBody:
    shown = [(index, table.columns[index]) for index in choose_columns(table, columns)]
    records = table.take(found.rows.tolist())
    return PageBody(
        columns=[_describe_column(index, column) for index, column in shown],
        rows=_describe_rows(table, records, [column for _, column in shown], search),
        offset=offset,
        total=found.total,
        all=len(table),
        searched=found.searched,
        done=found.done,
        excluded=len(table.changes.excluded),
        edited=table.changes.cells,
    )


@router.get("/search", response_model=FoundBody)
def search_rows(
    request: Request,
    table_id: Id,
    workspace: WorkspaceOf,
    searches: SearchesOf,
    query: QueryOf,
    offset: Offset = 0,
    limit: Limit = 50,
) -> Response:
    """The numbers of the rows that match."""
    check_limit(limit, workspace.settings.limits.page_rows)
    found = searches.find(table_id, workspace.result(table_id), query, offset, limit)
    rows = found.rows.tolist()
    return answer(request, FoundBody(rows=rows, total=found.total, searched=found.searched, done=found.done))


def choose_columns(table: Table, indexes: str) -> list[int]:
    """The asked columns, "0,2,5", in that order; all when none is. Raises TableError for one too many."""
    chosen = [int(index) for index in indexes.split(",")] if indexes else list(range(len(table.columns)))
    for index in chosen:
        if index >= len(table.columns):
            raise TableError(f"There is no column {index}.", f"Columns are 0 to {len(table.columns) - 1}.")
    return chosen


def _describe_column(index: int, column: Column) -> IndexedColumn:
    return IndexedColumn(
        index=index,
        name=column.name,
        type=column.type,
        source_type=column.source_type,
        missing=column.missing,
        null=column.null,
        empty=column.empty,
    )


def _describe_rows(
    table: Table, records: tuple[Record, ...], columns: list[Column], search: Search
) -> list[RowBody]:
    names = [column.name for column in columns]
    shown = Shown(most=PAGE_CHARACTERS, search=search, leading=True)
    lines = []
    for record, cells in zip(records, describe_cells(records, names, shown), strict=True):
        edited = table.edited(record.row)
        if edited:
            pairs = zip(names, cells, strict=True)
            cells = [replace(cell, edited=True) if name in edited else cell for name, cell in pairs]
        lines.append(
            RowBody(
                row=record.row,
                line=record.line,
                file=record.file,
                excluded=table.is_excluded(record.row),
                cells=cells,
            )
        )
    return lines


def _read_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TableError(
            f"The filter {text!r:.60} is not JSON.", 'Write {"column": "answer", "is": "empty"}.'
        ) from error
