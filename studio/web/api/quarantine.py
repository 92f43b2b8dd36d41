"""The lines of a table that did not parse, and the repairs that stand in for some of them.

{"file": "faq.jsonl", "line": 17, "reason": "duplicate key \"a\"", "raw": "{…", "hash": "9f86d081884c7d65"}
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import StreamingResponse

from studio.errors import TableError
from studio.ingest.repair import accept_lines, check_repair, list_repairs, save_repairs, undo_repair
from studio.record import Quarantined, Repair
from studio.table import Table
from studio.web.api.cells import CellKind, name_kind
from studio.web.api.context import Id, Limit, Offset, WorkspaceOf, check_limit, name_download
from studio.web.api.ingests import IngestBody, describe_ingest

RAW_CHARACTERS = 200
MOST_REPAIRS = 10_000

router = APIRouter(tags=["quarantine"], prefix="/tables/{table_id}")


class QuarantinedBody(BaseModel):
    """A line that did not parse; `hash` names its bytes, and is empty when only its start was kept."""

    file: str
    line: int
    reason: str
    raw: str
    hash: str


class ReasonBody(BaseModel):
    """A kind of reason, and how many lines have it."""

    reason: str
    count: int


class QuarantineBody(BaseModel):
    """Some of the quarantined lines, with `raw` cut, of the `total` that have the asked reason."""

    total: int
    reasons: list[ReasonBody]
    rows: list[QuarantinedBody]


class RepairBody(BaseModel):
    """Mended text for one line; `hash` is that of the line in quarantine."""

    model_config = ConfigDict(extra="forbid")

    file: str
    line: int
    hash: str
    raw: Annotated[str, Field(max_length=2 << 20)]


class LineName(BaseModel):
    """A line in quarantine by its file and number."""

    file: str
    line: int


class RepairsRequest(BaseModel):
    """Repairs to keep, or lines to accept as text in `column`; `reason` accepts all lines of that kind."""

    model_config = ConfigDict(extra="forbid")

    repairs: Annotated[list[RepairBody], Field(max_length=MOST_REPAIRS)] = []
    accept: Annotated[list[LineName], Field(max_length=MOST_REPAIRS)] = []
    reason: str | None = None
    column: Annotated[str, Field(min_length=1, max_length=1_000)] = "text"


class FieldBody(BaseModel):
    """A field of the record that mended text would become."""

    name: str
    kind: CellKind
    text: str


class CheckBody(BaseModel):
    """What mended text would become."""

    fields: list[FieldBody]


@router.get("/quarantine")
def show_quarantine(
    table_id: Id, workspace: WorkspaceOf, offset: Offset = 0, limit: Limit = 50, reason: str = ""
) -> QuarantineBody:
    """The lines that did not parse, each with its place and reason; all, or those of one kind of reason."""
    table = workspace.table(table_id)
    check_limit(limit, workspace.settings.limits.page_rows)
    kinds = table.kinds
    lines = (line for line in table.quarantine() if not reason or line.kind == reason)
    return QuarantineBody(
        total=kinds.get(reason, 0) if reason else table.counts.quarantined,
        reasons=[ReasonBody(reason=kind, count=count) for kind, count in kinds.items()],
        rows=[_describe(line, RAW_CHARACTERS) for line in islice(lines, offset, offset + limit)],
    )


@router.get("/quarantine.jsonl")
def download_quarantine(table_id: Id, workspace: WorkspaceOf) -> StreamingResponse:
    """Every quarantined line in full, as JSON Lines."""
    table = workspace.table(table_id)
    headers = name_download(f"{table.name}.quarantine.jsonl")
    return StreamingResponse(_stream_lines(table), media_type="application/jsonl", headers=headers)


@router.get("/quarantine/line")
def show_line(table_id: Id, workspace: WorkspaceOf, file: str, line: int) -> QuarantinedBody:
    """One quarantined line in full."""
    return _describe(workspace.table(table_id).quarantined_line(file, line), None)


@router.get("/repairs")
def show_repairs(table_id: Id, workspace: WorkspaceOf) -> list[RepairBody]:
    """The repairs of the table's recipe."""
    table = workspace.table(table_id)
    return [
        RepairBody(
            file=repair.file or table.files[0].name, line=repair.line, hash=repair.hash, raw=repair.raw
        )
        for repair in list_repairs(workspace, table_id)
    ]


@router.post("/repairs/check")
def check(table_id: Id, workspace: WorkspaceOf, asked: RepairBody) -> CheckBody:
    """What mended text would become; a problem in words when it is no record."""
    repair = Repair(**asked.model_dump())
    fields = check_repair(workspace.table(table_id), repair, workspace.settings.limits)
    return CheckBody(fields=[_describe_field(name, spelling) for name, spelling in fields.items()])


@router.post("/repairs")
def save(table_id: Id, workspace: WorkspaceOf, asked: RepairsRequest) -> IngestBody:
    """Keep repairs in the recipe and read the source anew with them; a small one is done at once."""
    if asked.repairs:
        repairs = [Repair(**repair.model_dump()) for repair in asked.repairs]
        return describe_ingest(workspace, save_repairs(workspace, table_id, repairs))
    lines = [(line.file, line.line) for line in asked.accept]
    if asked.reason is not None:
        found = workspace.table(table_id).quarantine()
        lines = [(line.file, line.line) for line in found if line.kind == asked.reason and line.hash]
    if not lines:
        raise TableError("No line was named to repair or to accept.", "Choose a line in quarantine.")
    return describe_ingest(workspace, accept_lines(workspace, table_id, lines[:MOST_REPAIRS], asked.column))


@router.delete("/repairs")
def undo(table_id: Id, workspace: WorkspaceOf, file: str, line: int) -> IngestBody:
    """Put a repaired line back into the quarantine."""
    return describe_ingest(workspace, undo_repair(workspace, table_id, file, line))


def _stream_lines(table: Table) -> Iterator[str]:
    for line in table.quarantine():
        yield json.dumps(asdict(line), ensure_ascii=False) + "\n"


def _describe(line: Quarantined, most: int | None) -> QuarantinedBody:
    return QuarantinedBody(**asdict(line) | {"raw": line.raw[:most]})


def _describe_field(name: str, spelling: bytes) -> FieldBody:
    text = bytes(spelling).decode("utf-8", "replace")
    if text.startswith('"'):
        value: Any = json.loads(text)
        return FieldBody(name=name, kind="text", text=str(value)[:10_000])
    kind: CellKind = "null" if text == "null" else name_kind(text)
    return FieldBody(name=name, kind=kind, text="" if kind == "null" else text[:10_000])
