"""Checks: what would go wrong with the records of a table under the recipe being put together.

    {"id": "9c…", "state": "running", "done": 10000, "total": 120000, "lengths": {"median": 141, …},
     "findings": [{"code": "answer-cut", "count": 22, "blocks": false, …}, …]}

Asked again, a check that goes on knows more; asked with another max length it counts anew what it has found.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Query as Parameter
from pydantic import BaseModel, ConfigDict, Field

from studio.check import CheckState, choose_length, find_rows, open_report, read_check, start_check
from studio.check.findings import Finding
from studio.check.key import read_stamp
from studio.check.lengths import Lengths
from studio.check.state import Phase
from studio.errors import TokenizerError, WorkspaceError
from studio.tokenizing import parse_choice
from studio.web.api.answers import answer
from studio.web.api.context import Id, WorkspaceOf
from studio.workspace import Workspace

router = APIRouter(tags=["checks"], prefix="/tables/{table_id}/checks")

MaxLength = Annotated[int | None, Parameter(ge=1, le=10**9)]


class CheckRequest(BaseModel):
    """The tokenizer to encode with, and the max length to count for; None is the recipe's."""

    model_config = ConfigDict(extra="forbid")

    tokenizer: Annotated[str, Field(min_length=1, max_length=1_000)] = "tiny"
    max_length: Annotated[int, Field(ge=1, le=10**9)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemBody:
    """Why a check failed, and what to do."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckBody:
    """Where a check stands, and what was found of `done` of the `total` records; nothing before that."""

    id: str
    state: Phase
    problem: ProblemBody | None
    done: int
    total: int
    tokenizer: str
    max_length: int
    lengths: Lengths
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextBody:
    """The next row with a finding; None when there is none."""

    row: int | None


@router.post("")
def begin(request: Request, table_id: Id, asked: CheckRequest, workspace: WorkspaceOf) -> Response:
    """Begin to check the table under its draft, join the check that goes on, or answer what it found."""
    refuse_local_folder(asked.tokenizer, workspace)
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    state = start_check(recipe, table, workspace, asked.tokenizer)
    return answer(request, _describe(workspace, state, choose_length(recipe, asked.max_length)))


@router.get("/{check_id}")
def show(
    request: Request, table_id: Id, check_id: Id, workspace: WorkspaceOf, max_length: MaxLength = None
) -> Response:
    """Where a check stands."""
    state = find_check(workspace, table_id, check_id)
    length = max_length or choose_length(workspace.draft(table_id))
    return answer(request, _describe(workspace, state, length))


@router.get("/{check_id}/next")
def show_next(
    request: Request,
    table_id: Id,
    check_id: Id,
    workspace: WorkspaceOf,
    code: str = "any",
    after: Annotated[int, Parameter(ge=-1, le=10**15)] = -1,
    max_length: MaxLength = None,
) -> Response:
    """The first row after another that has a finding, or `any` problem."""
    rows = find_rows(workspace, find_check(workspace, table_id, check_id), code, max_length)
    place = int(rows.searchsorted(after, "right"))
    return answer(request, NextBody(row=int(rows[place]) if place < len(rows) else None))


def refuse_local_folder(tokenizer: str, workspace: Workspace) -> None:
    """TokenizerError for a folder, when the page may not read files of its machine."""
    if not workspace.settings.local_paths and parse_choice(tokenizer).kind == "folder":
        raise TokenizerError(
            "Folders of the studio's own machine are not read from here, because others can reach this page.",
            "Choose tiny, or a Hub id such as org/name.",
        )


def find_check(workspace: Workspace, table_id: str, check_id: str) -> CheckState:
    """Where the check of this table stands. Raises WorkspaceError when it is not there any more."""
    state = read_check(workspace, check_id)
    folder = str(workspace.table_folder(table_id).absolute())
    if state.table != folder or state.stamp != read_stamp(workspace.table(table_id)):
        raise WorkspaceError(
            "This check is of other records than these.", "Clear the filter, or check again in Prompt."
        )
    return state


def _describe(workspace: Workspace, state: CheckState, max_length: int) -> CheckBody:
    report = open_report(workspace, state, max_length)
    failed = state.state == "failed"
    return CheckBody(
        id=state.id,
        state=state.state,
        problem=ProblemBody(message=state.message, hint=state.hint) if failed else None,
        done=state.done,
        total=state.total,
        tokenizer=state.tokenizer,
        max_length=report.max_length,
        lengths=report.lengths,
        findings=report.findings if state.done or state.state == "done" else (),
    )
