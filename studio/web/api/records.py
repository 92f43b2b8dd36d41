"""One record over HTTP: its values in full, the line it came from, and what the template makes of it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from fastapi import APIRouter, Request, Response

from studio.errors import SourceError, StudioError, TableError
from studio.pipeline import resolve_template
from studio.reader.raw import read_raw
from studio.recipe import Recipe, StyleSpec
from studio.record import Example, ExampleType, FeatureType, Message, Record
from studio.table import Table
from studio.template import Template
from studio.template.values import is_empty
from studio.web.api.answers import answer
from studio.web.api.cells import Cell, Shown, describe_cells, text_of
from studio.web.api.context import Id, WorkspaceOf
from studio.web.api.rows import SearchOf, choose_columns

router = APIRouter(tags=["records"], prefix="/tables/{table_id}/records/{row}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCell(Cell):
    """A cell that says whose column it is, and what stood there before it was edited."""

    name: str
    index: int
    type: FeatureType
    original: Cell | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBody:
    """One record, with its texts as long as a cell may be shown."""

    row: int
    file: str
    line: int
    excluded: bool
    cells: list[NamedCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBody:
    """The raw line of a record, or the reason why it cannot be shown."""

    file: str
    line: int
    raw: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkBody:
    """A column that the template reads and that has nothing in this record."""

    column: str
    kind: Literal["missing", "null", "empty"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemBody:
    """Why there is no example."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleBody:
    """What the record becomes with the template of the table's draft: the fields of its type, or the problem.

    `style` is the name of the prompt style, None for an own template. With `cut` a text is longer than shown.
    """

    type: ExampleType | None = None
    prompt: str = ""
    completion: str = ""
    text: str = ""
    messages: Sequence[Message] = ()
    cut: bool = False
    style: str | None = None
    remarks: Sequence[RemarkBody] = ()
    problem: ProblemBody | None = None


@router.get("", response_model=RecordBody)
def show_record(
    request: Request, table_id: Id, row: int, workspace: WorkspaceOf, search: SearchOf
) -> Response:
    """One record in full, but for cells longer than the limit of the settings."""
    table = workspace.result(table_id)
    search.check()
    record = table.record(row)
    shown = Shown(most=workspace.settings.limits.cell_characters, search=search)
    originals = _describe_originals(workspace.table(table_id), table, row, shown)
    [cells] = describe_cells([record], table.names, shown)
    body = RecordBody(
        row=record.row,
        file=record.file,
        line=record.line,
        excluded=table.is_excluded(row),
        cells=[
            NamedCell(
                **asdict(cell) | {"edited": column.name in originals},
                name=column.name,
                index=index,
                type=column.type,
                original=originals.get(column.name),
            )
            for index, (column, cell) in enumerate(zip(table.columns, cells, strict=True))
        ],
    )
    return answer(request, body)


@router.get("/cells/{index}", response_class=Response)
def show_cell(table_id: Id, row: int, index: int, workspace: WorkspaceOf) -> Response:
    """The whole value of one cell: a text as it is, anything else in its JSON spelling."""
    table = workspace.result(table_id)
    record = table.record(row)
    [index] = choose_columns(table, str(index)) if index >= 0 else choose_columns(table, "999999999")
    value = record.get(table.names[index])
    if value is None:
        raise TableError(f"There is no value in this column of row {row}.", "It is missing or null.")
    return Response(text_of(value).encode(), media_type="text/plain", headers={"cache-control": "no-cache"})


@router.get("/raw")
def show_raw(table_id: Id, row: int, workspace: WorkspaceOf) -> RawBody:
    """The bytes of one record as they stand in its source; `reason` says why there are none."""
    table = workspace.table(table_id)
    place = table.place(row)
    file = table.files[place.file].name
    try:
        raw = read_raw(table, row, workspace.settings).decode("utf-8", "backslashreplace")
    except SourceError as problem:
        return RawBody(file=file, line=place.line, raw=None, reason=problem.message)
    return RawBody(file=file, line=place.line, raw=raw[: workspace.settings.limits.line_bytes], reason="")


@router.get("/example", response_model=ExampleBody)
def show_example(request: Request, table_id: Id, row: int, workspace: WorkspaceOf) -> Response:
    """What the record becomes in an export and in training."""
    table = workspace.result(table_id)
    record = table.record(row)
    most = workspace.settings.limits.cell_characters
    try:
        recipe = workspace.draft(table_id)
        template = resolve_template(recipe, table)
        body = _describe_example(template, recipe, record, most)
    except StudioError as error:
        body = ExampleBody(problem=ProblemBody(message=error.message, hint=error.hint))
    return answer(request, body)


def _describe_originals(stored: Table, table: Table, row: int, shown: Shown) -> dict[str, Cell]:
    """The cells as they are stored of the columns that are edited in this row."""
    edited = list(table.edited(row))
    if not edited:
        return {}
    [cells] = describe_cells([stored.record(row)], edited, Shown(most=shown.most))
    return dict(zip(edited, cells, strict=True))


def _describe_example(template: Template, recipe: Recipe, record: Record, most: int) -> ExampleBody:
    example = template.render(record)
    style = recipe.template.style if isinstance(recipe.template, StyleSpec) else None
    fields, cut = _cut_fields(example, most)
    remarks = [
        RemarkBody(column=name, kind=kind) for name in template.columns if (kind := _lack(record, name))
    ]
    return ExampleBody(type=example.type, cut=cut, style=style, remarks=remarks, **fields)


def _cut_fields(example: Example, most: int) -> tuple[dict[str, Any], bool]:
    """The texts of the example, each of at most so many characters, and whether any is longer."""
    fields: dict[str, Any] = example.to_dict()
    if example.type == "messages":
        cut = any(len(turn["content"]) > most for turn in fields["messages"])
        turns = [turn | {"content": turn["content"][:most]} for turn in fields["messages"]]
        return {"messages": turns}, cut
    cut = any(len(text) > most for text in fields.values())
    return {name: text[:most] for name, text in fields.items()}, cut


def _lack(record: Record, name: str) -> Literal["missing", "null", "empty"] | None:
    if name not in record:
        return "missing"
    if record[name] is None:
        return "null"
    return "empty" if is_empty(record[name]) else None
