"""Quality over HTTP: what may be wrong with the records of a table under its draft.

    POST /tables/{id}/quality {"also": ["emails"]}   →   {"state": "running", "done": 32768, "total": 1000000}
    GET  /tables/{id}/quality                        →   {"state": "done", "findings": [{"code": …}]}
    GET  /tables/{id}/quality/refusal                →   {"count": 12, "records": [{"row": 17, "why": …}]}

A survey is of the records as they are now: after a change there is none, until it is begun again.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from msgspec import Struct
from pydantic import BaseModel, ConfigDict, Field

from studio.errors import WorkspaceError
from studio.pipeline import resolve_template
from studio.quality import KINDS, OPTIONAL, Described, Sides, explain_record, find_skipped
from studio.recipe import Recipe
from studio.survey import Finding, Survey, find_survey, open_finding, start_survey, stop_survey
from studio.table import Table
from studio.task import Phase
from studio.web.api.answers import answer
from studio.web.api.context import Id, Limit, Offset, WorkspaceOf, check_limit

router = APIRouter(tags=["quality"], prefix="/tables/{table_id}/quality")

_LEAST_SECONDS = 1

Code = Annotated[str, InPath(max_length=64)]


class SurveyRequest(BaseModel):
    """What to look for besides what always is."""

    model_config = ConfigDict(extra="forbid")

    also: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=20)] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemBody:
    """Why a survey failed, and what to do."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingBody:
    """`count` records, `share` of all, may have this wrong; `exclude` says what would be taken out."""

    code: str
    title: str
    explanation: str
    count: int
    share: float
    optional: bool
    exclude: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedBody:
    """What can be looked for besides, by its name in `also`, and about how many seconds it takes."""

    code: str
    also: str
    title: str
    explanation: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedBody:
    """What is not looked for under this template, and why."""

    code: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityBody:
    """Where the survey of the records as they are now stands; findings come once it is done.

    `asked` and `answered` are the columns of the question and of the answer.
    """

    state: Literal[Phase, "none"]
    id: str | None
    problem: ProblemBody | None
    done: int
    total: int
    also: tuple[str, ...]
    asked: tuple[str, ...]
    answered: tuple[str, ...]
    records: int
    findings: list[FindingBody]
    offered: list[OfferedBody]
    skipped: list[SkippedBody]


class TwinBody(Struct, frozen=True, kw_only=True):
    """The record that another is compared with."""

    row: int
    line: int
    text: str


class RecordBody(Struct, frozen=True, kw_only=True, rename={"twin": "with"}):
    """A record of a finding: the text that shows it, cut, and why it is there."""

    row: int
    line: int
    text: str
    why: str
    twin: TwinBody | None
    similarity: float | None


class RecordsBody(Struct, frozen=True, kw_only=True):
    """Some of the `count` records of a finding, in table order."""

    count: int
    records: list[RecordBody]


@router.post("", response_model=QualityBody)
def begin(request: Request, table_id: Id, asked: SurveyRequest, workspace: WorkspaceOf) -> Response:
    """Begin to look at the records under the draft, join the survey that goes on, or answer what it found."""
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    return answer(request, _describe(recipe, table, start_survey(recipe, table, workspace, asked.also)))


@router.get("", response_model=QualityBody)
def show(request: Request, table_id: Id, workspace: WorkspaceOf) -> Response:
    """What is known of the records as they are now."""
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    return answer(request, _describe(recipe, table, find_survey(recipe, table, workspace)))


@router.delete("", response_model=QualityBody)
def stop(request: Request, table_id: Id, workspace: WorkspaceOf) -> Response:
    """Stop the survey that goes on."""
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    survey = find_survey(recipe, table, workspace)
    if survey is not None:
        stop_survey(workspace, survey)
    return answer(request, _describe(recipe, table, find_survey(recipe, table, workspace)))


@router.get("/{code}")
def show_finding(
    request: Request,
    table_id: Id,
    code: Code,
    workspace: WorkspaceOf,
    offset: Offset = 0,
    limit: Limit = 20,
) -> Response:
    """Some records of a finding, with why they are there."""
    check_limit(limit, workspace.settings.limits.page_rows)
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    survey = find_survey(recipe, table, workspace)
    if survey is None:
        raise WorkspaceError("These records were not looked at yet.", "Look for what may be wrong first.")
    found = open_finding(workspace, survey, code)
    template = resolve_template(recipe, table)
    shown = explain_record(table, template, code, found[offset : offset + limit])
    return answer(request, RecordsBody(count=len(found), records=_describe_records(table, shown)))


def _describe_records(table: Table, shown: list[Described]) -> list[RecordBody]:
    rows = sorted({row for one in shown for row in (one.row, one.twin) if row is not None})
    lines = {record.row: record.line for record in table.take(rows)}
    return [
        RecordBody(
            row=one.row,
            line=lines[one.row],
            text=one.text,
            why=one.why,
            twin=None
            if one.twin is None
            else TwinBody(row=one.twin, line=lines[one.twin], text=one.twin_text),
            similarity=one.similarity,
        )
        for one in shown
    ]


def _describe(recipe: Recipe, table: Table, survey: Survey | None) -> QualityBody:
    template = resolve_template(recipe, table)
    sides, skipped = Sides.of(template), find_skipped(template)
    task = None if survey is None else survey.task
    also = () if survey is None else survey.also
    failed = task is not None and task.state == "failed"
    return QualityBody(
        state="none" if task is None else task.state,
        id=None if task is None else task.id,
        problem=ProblemBody(message=task.message, hint=task.hint) if task is not None and failed else None,
        done=0 if task is None else task.done,
        total=0 if task is None else task.total,
        also=also,
        asked=sides.asked,
        answered=sides.answered,
        records=0 if survey is None else survey.records,
        findings=[] if survey is None else [_describe_finding(one) for one in survey.findings],
        offered=[
            _describe_offered(name, code, len(table))
            for name, code in OPTIONAL.items()
            if name not in also and code not in skipped
        ],
        skipped=[
            SkippedBody(code=code, title=KINDS[code].title, reason=why) for code, why in skipped.items()
        ],
    )


def _describe_finding(finding: Finding) -> FindingBody:
    return FindingBody(
        code=finding.code,
        title=finding.title,
        explanation=finding.explanation,
        count=finding.count,
        share=finding.share,
        optional=finding.optional,
        exclude=f"{finding.count:,} {'record' if finding.count == 1 else 'records'}",
    )


def _describe_offered(name: str, code: str, records: int) -> OfferedBody:
    kind = KINDS[code]
    seconds = max(_LEAST_SECONDS, round(kind.seconds * records / 1e6))
    return OfferedBody(code=code, also=name, title=kind.title, explanation=kind.explanation, seconds=seconds)
