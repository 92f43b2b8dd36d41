"""Show the command: the lines that do on a command line what a stage of the page does now.

    GET /tables/{id}/command?stage=browse&search=LoRA&sort=score&offset=50&limit=50

Each stage asks with what it shows; the rest is the draft's. A file of the studio's own machine is named by
its path only where the page may read files by path; an uploaded one always by its name alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi import Query as Parameter

from studio.command import (
    Command,
    Subject,
    describe_build,
    describe_check,
    describe_compare,
    describe_load,
    describe_quality,
    describe_render,
    describe_rows,
    describe_split,
    describe_train,
)
from studio.job import list_runs
from studio.quality import KINDS, OPTIONAL
from studio.settings import Settings
from studio.source import Source
from studio.web.api.answers import answer
from studio.web.api.context import Id, Offset, WorkspaceOf
from studio.web.api.rows import SearchOf, read_query
from studio.workspace import Workspace

Stage = Literal["load", "browse", "prompt", "split", "export", "finetune", "compare"]
Text = Annotated[str, Parameter(max_length=1_000)]

router = APIRouter(tags=["command"], prefix="/tables/{table_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What Prompt shows: a row, and how its tokens are counted; what Compare shows: a run."""

    row: int
    tokenizer: str
    max_length: int | None
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsBody:
    """The lines of a stage, the first the one that does the same; none where there is nothing to do yet."""

    stage: Stage
    commands: list[Command]


@router.get("/command", response_model=CommandsBody)
def show_command(
    request: Request,
    table_id: Id,
    workspace: WorkspaceOf,
    stage: Stage,
    search: SearchOf,
    filter: Annotated[list[str] | None, Parameter()] = None,  # noqa: A002 -- the name in the address
    sort: str | None = None,
    descending: bool = False,
    offset: Offset = 0,
    limit: Annotated[int, Parameter(ge=0)] = 50,
    row: Offset = 0,
    tokenizer: Text = "",
    max_length: Annotated[int | None, Parameter(ge=1, le=10**9)] = None,
    finding: Text = "",
    tokens: Text = "",
    run: Text = "",
    quality: bool = False,
    also: Text = "",
) -> Response:
    """The lines of one stage of a table; of Browse with `quality` the one of the Quality panel too, which
    looks `also` for what is named.
    """
    subject = describe_subject(workspace, table_id)
    shown = Shown(row=row, tokenizer=tokenizer, max_length=max_length, run=run)
    if stage == "browse":
        query = read_query(search, filter, sort, descending)
        found = finding or (tokens and f"{tokens} tokens")
        commands = [describe_rows(subject, query, offset, limit, found)]
        if quality:
            commands.append(describe_quality(subject, _read_also(also, finding), finding))
        elif found:
            commands.append(describe_check(subject, tokenizer or None, max_length))
    else:
        commands = list(_describe(workspace, table_id, subject, stage, shown))
    return answer(request, CommandsBody(stage=stage, commands=commands))


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


def _describe(
    workspace: Workspace, table_id: str, subject: Subject, stage: Stage, shown: Shown
) -> Iterator[Command]:
    if stage == "prompt":
        yield describe_render(subject, shown.row, shown.tokenizer or None, shown.max_length)
        yield describe_check(subject, shown.tokenizer or None, shown.max_length)
    elif stage == "compare":
        run = shown.run or _newest_run(workspace, table_id)
        yield from [describe_compare(run, subject.workspace)] if run else []
    else:
        yield _OF_STAGE[stage](subject)


_OF_STAGE = {
    "load": describe_load,
    "split": describe_split,
    "export": describe_build,
    "finetune": describe_train,
}


def _newest_run(workspace: Workspace, table_id: str) -> str:
    """The newest run of the table that ended well, which Compare shows; "" where there is none."""
    made = set(workspace.runs_of(table_id))
    ended = (state.run for state in list_runs(workspace.runs) if state.state == "succeeded")
    return next((run for run in ended if run in made), "")
