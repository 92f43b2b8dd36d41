"""What a person took out of a table or put right in it: made, taken back, listed.

    POST {"exclude": {"rows": [15, 16]}}   →   {"excluded": 2, "left": 1398, "undo": "exclude 2 records", …}

The source and the stored table are never changed; the later stages work on the result.
"""

from collections.abc import Iterable
from heapq import merge
from itertools import islice
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from studio.journal import Standing
from studio.record import Edit, Exclusion, Json, Record
from studio.revision import Revision
from studio.table import Table
from studio.table.matching import iter_matches
from studio.table.query import Query, Search, parse_condition
from studio.web.api.among import find_among
from studio.web.api.context import Id, Limit, Offset, WorkspaceOf, check_limit
from studio.workspace import Workspace

SHOWN_CHARACTERS = 200
MOST_ROWS = 100_000
MOST_FILTERS = 100

router = APIRouter(tags=["changes"], prefix="/tables/{table_id}/changes")


class StandingBody(BaseModel):
    """How many records are excluded and left, how many values are edited; what can be undone and redone."""

    excluded: int
    edited: int
    left: int
    undo: str | None
    redo: str | None


class ChangedBody(StandingBody):
    """The same after a change: how many records or values it changed, and the first row that it touched."""

    changed: int
    row: int | None


class ChangeBody(BaseModel):
    """A record that is excluded, or a value that is edited, its texts cut; null stands for missing, too."""

    kind: Literal["exclude", "edit"]
    row: int
    file: str
    line: int
    column: str | None
    before: str | None
    after: str | None


class ChangesBody(StandingBody):
    """Some of the `total` changes, in table order."""

    total: int
    rows: list[ChangeBody]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AmongRequest(_Asked):
    """Records by what a check or a survey found of them: a finding, or a range of tokens such as 120-139."""

    check: Annotated[str, Field(max_length=64)] = ""
    survey: Annotated[str, Field(max_length=64)] = ""
    finding: Annotated[str, Field(max_length=64)] = ""
    tokens: Annotated[str, Field(max_length=64)] = ""
    max_length: Annotated[int, Field(ge=1, le=10**9)] | None = None


class QueryRequest(_Asked):
    """What a page of rows is asked for with: a search, filters that are ANDed, and what a check found."""

    search: Annotated[str, Field(max_length=10_000)] = ""
    case: bool = False
    word: bool = False
    regex: bool = False
    filters: Annotated[list[dict[str, Any]], Field(max_length=MOST_FILTERS)] = []
    among: AmongRequest | None = None


class ExcludeRequest(_Asked):
    """Records to take out: these rows, or all that a query finds."""

    rows: Annotated[list[int], Field(max_length=MOST_ROWS)] | None = None
    query: QueryRequest | None = None

    @model_validator(mode="after")
    def _names_one(self) -> "ExcludeRequest":
        if (self.rows is None) == (self.query is None):
            raise ValueError("give either rows or a query")
        return self


class RestoreRequest(_Asked):
    """Records to put back: these rows, or all that are excluded."""

    rows: Annotated[list[int], Field(max_length=MOST_ROWS)] | None = None
    all: bool = False

    @model_validator(mode="after")
    def _names_one(self) -> "RestoreRequest":
        if (self.rows is None) != self.all:
            raise ValueError("give either rows or all: true")
        return self


class EditRequest(_Asked):
    """A value for one cell: the text of a text column, the JSON spelling of any other, or null."""

    row: int
    column: str
    value: str | None


class RevertRequest(_Asked):
    """A cell whose value is to be that of the source again."""

    row: int
    column: str


class ChangeRequest(_Asked):
    """Exactly one change."""

    exclude: ExcludeRequest | None = None
    restore: RestoreRequest | None = None
    edit: EditRequest | None = None
    revert: RevertRequest | None = None

    @model_validator(mode="after")
    def _names_one(self) -> "ChangeRequest":
        if sum(asked is not None for asked in (self.exclude, self.restore, self.edit, self.revert)) != 1:
            raise ValueError("give one of exclude, restore, edit and revert")
        return self


@router.get("")
def show_changes(table_id: Id, workspace: WorkspaceOf, offset: Offset = 0, limit: Limit = 50) -> ChangesBody:
    """Where the changes of a table stand, and some of them in table order."""
    check_limit(limit, workspace.settings.limits.page_rows)
    table, revision = workspace.table(table_id), workspace.revision(table_id)
    placed = revision.placed(table)
    found: list[Iterable[tuple[int, Edit | Exclusion]]] = [placed.exclusions, placed.edits]
    ordered = merge(*found, key=lambda change: change[0])
    shown = list(islice(ordered, offset, offset + limit))
    rows = sorted({row for row, change in shown if isinstance(change, Edit)})
    records = dict(zip(rows, table.take(rows), strict=True))
    return ChangesBody(
        **_count(table, revision, revision.journal.read()),
        total=len(placed.edits) + len(placed.exclusions),
        rows=[_describe(table, row, change, records) for row, change in shown],
    )


@router.post("")
def make_change(table_id: Id, asked: ChangeRequest, workspace: WorkspaceOf) -> ChangedBody:
    """Take records out or put them back, edit a value or revert it; and say where the changes stand then."""
    table, revision = workspace.table(table_id), workspace.revision(table_id)
    standing = _change(asked, workspace, table_id, table, revision)
    return _answer(table, revision, standing)


@router.post("/undo")
def undo(table_id: Id, workspace: WorkspaceOf) -> ChangedBody:
    """Take the last change back that is not taken back yet."""
    table, revision = workspace.table(table_id), workspace.revision(table_id)
    return _answer(table, revision, revision.journal.undo())


@router.post("/redo")
def redo(table_id: Id, workspace: WorkspaceOf) -> ChangedBody:
    """Make the change again that was undone last."""
    table, revision = workspace.table(table_id), workspace.revision(table_id)
    return _answer(table, revision, revision.journal.redo())


def _change(
    asked: ChangeRequest, workspace: Workspace, table_id: str, table: Table, revision: Revision
) -> Standing:
    if asked.exclude is not None:
        if asked.exclude.rows is not None:
            return revision.exclude(table, asked.exclude.rows)
        assert asked.exclude.query is not None
        matches = iter_matches(
            workspace.result(table_id), _read_query(workspace, table_id, asked.exclude.query)
        )
        return revision.exclude_found(table, (rows for _, rows in matches))
    if asked.restore is not None:
        rows = asked.restore.rows
        return revision.restore_all() if rows is None else revision.restore(table, rows)
    if asked.edit is not None:
        return revision.edit(table, asked.edit.row, asked.edit.column, asked.edit.value)
    assert asked.revert is not None
    return revision.revert(table, asked.revert.row, asked.revert.column)


def _read_query(workspace: Workspace, table_id: str, asked: QueryRequest) -> Query:
    search = Search(text=asked.search, case=asked.case, word=asked.word, regex=asked.regex)
    among = find_among(workspace, table_id, **asked.among.model_dump()) if asked.among else None
    return Query(search, tuple(map(parse_condition, asked.filters)), among=among)


def _answer(table: Table, revision: Revision, standing: Standing) -> ChangedBody:
    counts = _count(table, revision, standing)
    return ChangedBody(**counts, changed=standing.changed, row=revision.find_touched(table, standing))


def _count(table: Table, revision: Revision, standing: Standing) -> dict[str, Any]:
    placed = revision.placed(table)
    excluded = len(placed.exclusions)
    return {
        "excluded": excluded,
        "edited": len(placed.edits),
        "left": len(table) - excluded,
        "undo": standing.undo,
        "redo": standing.redo,
    }


def _describe(table: Table, row: int, change: Edit | Exclusion, records: dict[int, Record]) -> ChangeBody:
    file = change.file or table.files[0].name
    if isinstance(change, Exclusion):
        return ChangeBody(
            kind="exclude", row=row, file=file, line=change.line, column=None, before=None, after=None
        )
    value = records[row].get(change.column)
    before = value.spelling if isinstance(value, Json) else value
    return ChangeBody(
        kind="edit",
        row=row,
        file=file,
        line=change.line,
        column=change.column,
        before=_cut(before),
        after=_cut(change.value),
    )


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:SHOWN_CHARACTERS]
