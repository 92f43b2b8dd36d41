"""Show the command: the lines that do on a command line what a stage of the page does now.

    GET /tables/{id}/command?stage=browse&search=LoRA&sort=score&offset=50&limit=50

Each stage asks with what it shows; the rest is the draft's. A file of the studio's own machine is named by
its path only where the page may read files by path; an uploaded one always by its name alone.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi import Query as Parameter
from pydantic import BaseModel, Field

from studio.answers import list_fields
from studio.command import (
    Command,
    Compared,
    Subject,
    describe_build,
    describe_check,
    describe_compare,
    describe_load,
    describe_pairs,
    describe_plan,
    describe_quality,
    describe_render,
    describe_rows,
    describe_split,
    describe_train,
    describe_try,
)
from studio.errors import StudioError
from studio.job import list_runs
from studio.near import NEAR
from studio.quality import KINDS, OPTIONAL
from studio.settings import Settings
from studio.source import Source
from studio.web.api.answers import answer
from studio.web.api.context import Id, WorkspaceOf
from studio.web.api.rows import read_query, read_search
from studio.workspace import Workspace

Stage = Literal["load", "browse", "prompt", "split", "export", "finetune", "compare"]
Text = Annotated[str, Field(max_length=1_000)]

router = APIRouter(tags=["command"], prefix="/tables/{table_id}")


class Asked(BaseModel):
    """What a stage shows: Browse its query and page, and with `quality` its panel, which looks `also` for
    what is named; Prompt a row, and how its tokens are counted; Compare a run, two sides of it, and what is
    asked of its test records.
    """

    stage: Stage
    search: str = ""
    case: bool = False
    word: bool = False
    regex: bool = False
    filter: list[str] = []
    sort: str | None = None
    descending: bool = False
    finding: Text = ""
    tokens: Text = ""
    offset: Annotated[int, Field(ge=0, le=10**15)] = 0
    limit: Annotated[int, Field(ge=0)] = 50
    quality: bool = False
    also: Text = ""
    row: Annotated[int, Field(ge=0, le=10**15)] = 0
    tokenizer: Text = ""
    max_length: Annotated[int | None, Field(ge=1, le=10**9)] = None
    run: Text = ""
    left: Text = "base"
    right: Text = "tuned"
    by: Text = ""
    only: Text = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsBody:
    """The lines of a stage, the first the one that does the same; none where there is nothing to do yet."""

    stage: Stage
    commands: list[Command]


@router.get("/command", response_model=CommandsBody)
def show_command(
    request: Request, table_id: Id, workspace: WorkspaceOf, asked: Annotated[Asked, Parameter()]
) -> Response:
    """The lines of one stage of a table."""
    subject = describe_subject(workspace, table_id)
    commands = list(_describe(workspace, table_id, subject, asked))
    return answer(request, CommandsBody(stage=asked.stage, commands=commands))


def _read_also(names: str, finding: str) -> list[str]:
    """What is looked for on demand: what is named, and the finding itself where it is not looked for else."""
    wanted = {*names.split(","), KINDS[finding].optional if finding in KINDS else ""}
    return [name for name in OPTIONAL if name in wanted]


def describe_subject(workspace: Workspace, table_id: str) -> Subject:
    """The table and its draft, with the names by which they may be called on the page."""
    table, settings = workspace.result(table_id), workspace.settings
    source = table.source
    beside = source.path is not None and not _may_show(Path(source.path), workspace)
    own = settings.local_paths and settings.workspace != Settings.from_env(env={}).workspace
    return Subject(
        table=table,
        recipe=workspace.draft(table_id),
        address=table.source.name if beside else _spell_address(source),
        beside=beside,
        workspace=str(settings.workspace) if own else None,
    )


def _may_show(path: Path, workspace: Workspace) -> bool:
    return workspace.settings.local_paths and not path.is_relative_to(workspace.uploads)


def _spell_address(source: Source) -> str:
    """A Hub dataset with its prefix, since a folder of that name would come before it."""
    return source.path or source.url or f"hf://datasets/{source.hub}"


def _describe(workspace: Workspace, table_id: str, subject: Subject, asked: Asked) -> Iterator[Command]:
    if asked.stage == "browse":
        yield from _describe_browse(subject, asked)
    elif asked.stage == "prompt":
        yield describe_render(subject, asked.row, asked.tokenizer or None, asked.max_length)
        yield describe_check(subject, asked.tokenizer or None, asked.max_length)
    elif asked.stage == "split":
        yield describe_split(subject)
        yield describe_split(subject, NEAR)
    elif asked.stage == "finetune":
        yield describe_train(subject)
        yield describe_plan(subject)
    elif asked.stage == "compare":
        run = asked.run or _newest_run(workspace, table_id)
        yield from _describe_compare(run, asked, subject.workspace) if run else ()
        yield from _describe_try(workspace, subject, run) if run else ()
    else:
        yield _OF_STAGE[asked.stage](subject)


def _describe_compare(run: str, asked: Asked, workspace: str | None) -> Iterator[Command]:
    compared = Compared(
        run=run,
        left=asked.left,
        right=asked.right,
        by=asked.by,
        sort=asked.sort or "order",
        only=asked.only,
        search=asked.search,
        offset=asked.offset,
    )
    yield describe_compare(compared, workspace)
    yield describe_pairs(compared, workspace)


def _describe_try(workspace: Workspace, subject: Subject, run: str) -> Iterator[Command]:
    with suppress(StudioError):  # of a run that is not there nothing can be asked
        fields = list_fields(workspace.run(run))
        yield describe_try(run, [field.name for field in fields], subject.workspace)


def _describe_browse(subject: Subject, asked: Asked) -> Iterator[Command]:
    search = read_search(asked.search, asked.case, asked.word, asked.regex)
    query = read_query(search, asked.filter, asked.sort, asked.descending)
    found = asked.finding or (asked.tokens and f"{asked.tokens} tokens")
    yield describe_rows(subject, query, asked.offset, asked.limit, found)
    if asked.quality:
        yield describe_quality(subject, _read_also(asked.also, asked.finding), asked.finding)
    elif found:
        yield describe_check(subject, asked.tokenizer or None, asked.max_length)


_OF_STAGE = {
    "load": describe_load,
    "export": describe_build,
}


def _newest_run(workspace: Workspace, table_id: str) -> str:
    """The newest run of the table that ended well, which Compare shows; "" where there is none."""
    made = set(workspace.runs_of(table_id))
    ended = (state.run for state in list_runs(workspace.runs) if state.state == "succeeded")
    return next((run for run in ended if run in made), "")
