"""What one record becomes with a template that need not be kept: pieces, each with the column it came from.

    POST /tables/{id}/prompt/preview {"template": {"text": "Q: {question}"}, "row": 3}
    → {"row": 3, "parts": [{"name": "text", "pieces": [{"text": "Q: ", "column": null}, …]}], …}

Nothing is written: the same question has the same answer. A template that cannot be used is no refusal but an
answer with the problem and its place, for half a template is what an editor asks about most of the time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from studio.errors import TemplateError
from studio.pipeline import resolve_template
from studio.record import ExampleType, Record
from studio.styles import style_template
from studio.table import Table
from studio.template import Piece, RenderedPart, Template, parse_template
from studio.template.values import is_empty
from studio.web.api.answers import answer
from studio.web.api.context import Id, WorkspaceOf
from studio.workspace import Workspace

MOST_MESSAGES = 100
PartKind = Literal["prompt", "completion", "text", "message"]

router = APIRouter(tags=["prompt"], prefix="/tables/{table_id}/prompt")


class PreviewAsked(BaseModel):
    """The template {"style": …} or that of a recipe, None for the draft's; its column map; the row."""

    template: dict[str, Any] | None = None
    columns: dict[str, str] = {}
    row: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceProblem:
    """Why a template cannot be used; `position` is the zero-based character of the part that is to blame."""

    message: str
    hint: str
    part: str = ""
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceBody:
    """A text, and the column that it came from; None for the template's own."""

    text: str
    column: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBody:
    """One text of the example in its pieces, cut after as many characters as a cell; `role` of a message."""

    name: str
    kind: PartKind
    role: str | None
    pieces: list[PieceBody]
    characters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedPlaceholder:
    """A name that the template writes, and the column that fills it; "" where the table has none."""

    name: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRemark:
    """A column that gave nothing, and how many records have no text there."""

    column: str
    kind: Literal["missing", "null", "empty"]
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewBody:
    """The example of one row, or the problem. With `cut` it has more text or messages than stand here."""

    row: int
    line: int
    total: int
    type: ExampleType | None = None
    parts: Sequence[PartBody] = ()
    placeholders: Sequence[MappedPlaceholder] = ()
    remarks: Sequence[ColumnRemark] = ()
    excluded: bool = False
    changes: str = ""
    cut: bool = False
    problem: PlaceProblem | None = None


@router.post("/preview", response_model=PreviewBody)
def show_preview(request: Request, table_id: Id, asked: PreviewAsked, workspace: WorkspaceOf) -> Response:
    """What the record at the row, or at the nearest there is, becomes with this template."""
    table = workspace.result(table_id)
    row = min(max(0, asked.row), max(0, len(table) - 1))
    return answer(request, _describe(workspace, table_id, table, table.record(row), asked))


def choose_template(template: Mapping[str, Any], columns: Mapping[str, str], table: Table) -> Template:
    """The template of a mapping for a table, {"style": NAME} or an own one, checked against its columns.

    Raises TemplateError.
    """
    if "style" in template:
        return style_template(str(template["style"]), table.names, columns)
    own = parse_template(template).mapped(columns)
    own.check(table.names)
    return own


def describe_placeholders(
    template: Template, columns: Mapping[str, str], table: Table
) -> list[MappedPlaceholder]:
    """Every placeholder, in written order, with the column that fills it."""
    mapped = {name: columns.get(name, name) for name in template.placeholders}
    return [
        MappedPlaceholder(name=name, column=column if column in table.names else "")
        for name, column in mapped.items()
    ]


def describe_problem(error: TemplateError) -> PlaceProblem:
    """The error as it is told."""
    return PlaceProblem(message=error.message, hint=error.hint, part=error.part, position=error.position)


def _describe(
    workspace: Workspace, table_id: str, table: Table, record: Record, asked: PreviewAsked
) -> PreviewBody:
    where: dict[str, Any] = {
        "row": record.row,
        "line": record.line,
        "total": len(table),
        "changes": table.changes.words,
        "excluded": table.is_excluded(record.row),
        "placeholders": _read_placeholders(asked, table),
    }
    try:
        template = _find_template(workspace, table_id, table, asked)
        where["placeholders"] = describe_placeholders(template, template.column_map, table)
        rendered = template.render_pieces(record)
    except TemplateError as error:
        return PreviewBody(**where, problem=describe_problem(error))
    parts = describe_parts(template, rendered, workspace.settings.limits.cell_characters)
    cut = len(rendered) > len(parts) or any(_count(part.pieces) < part.characters for part in parts)
    remarks = [remark for name in template.columns if (remark := _remark_on(record, name, table))]
    return PreviewBody(**where, type=template.type, parts=parts, remarks=remarks, cut=cut)


def _find_template(workspace: Workspace, table_id: str, table: Table, asked: PreviewAsked) -> Template:
    if asked.template is None:
        return resolve_template(workspace.draft(table_id), table)
    return choose_template(asked.template, asked.columns, table)


def _read_placeholders(asked: PreviewAsked, table: Table) -> list[MappedPlaceholder]:
    """The placeholders of an own template that parses but does not fit; none where it does not parse."""
    try:
        template = parse_template(asked.template or {})
    except TemplateError:
        return []
    return describe_placeholders(template, asked.columns, table)


def describe_parts(template: Template, rendered: Sequence[RenderedPart], most: int) -> list[PartBody]:
    """The first parts of an example in their pieces, each with at most so many characters."""
    return [
        PartBody(
            name=part.name,
            kind="message" if template.type == "messages" else part.name,  # type: ignore[arg-type]
            role=part.name if template.type == "messages" else None,
            pieces=cut_pieces(part.pieces, most),
            characters=_count(part.pieces),
        )
        for part in rendered[:MOST_MESSAGES]
    ]


def cut_pieces(pieces: Iterable[Piece], most: int) -> list[PieceBody]:
    """The pieces up to so many characters of all of them together; empty ones are left out."""
    kept = []
    for piece in pieces:
        text = piece.text[:most]
        most -= len(text)
        if text:
            kept.append(PieceBody(text=text, column=piece.column))
    return kept


def _count(pieces: Iterable[Piece | PieceBody]) -> int:
    return sum(len(piece.text) for piece in pieces)


def _remark_on(record: Record, name: str, table: Table) -> ColumnRemark | None:
    if name in record and not is_empty(record[name]):
        return None
    kind: Literal["missing", "null", "empty"] = "empty"
    if name not in record:
        kind = "missing"
    elif record[name] is None:
        kind = "null"
    column = next(column for column in table.columns if column.name == name)
    return ColumnRemark(column=name, kind=kind, records=column.missing + column.null + column.empty)
