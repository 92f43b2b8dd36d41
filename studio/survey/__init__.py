"""The survey of a table's quality: the pass over all records in a process of its own.

    start_survey   →  joins the survey of the same records, or begins it: python -m studio.survey
    find_survey    →  the newest of the records as they are now; None when they were never looked at
    open_finding   →  the rows of a finding, from a file of its own

A survey belongs to a table with its changes, a template and a filter: after a change it is of other records,
and another is begun. Knows nothing of screens.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.check.key import read_stamp
from studio.durable import remove_folder
from studio.errors import SourceError, StudioError, TableError, WorkspaceError
from studio.handover import spell_request
from studio.pipeline import resolve_template
from studio.quality import KINDS, OPTIONAL, RECORD, Found, describe_finding
from studio.recipe import Recipe
from studio.survey.key import name_subject, name_survey
from studio.survey.request import Request
from studio.table import Table
from studio.task import TaskState, read_task, start_task, stop_task, wait_task
from studio.worker import is_held
from studio.workspace import Workspace

MODULE = "studio.survey"
KEPT = 10
MOST_RUNNING = 2

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A kind of finding in words, with how many records are of it; `share` is their part of all."""

    code: str
    title: str
    explanation: str
    count: int
    share: float
    optional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Where a survey stands, and what it found, once it is done.

    `request` says of which records it is, and what it looks for besides; `records` were looked at.
    """

    task: TaskState
    request: Request
    records: int
    findings: tuple[Finding, ...]

    @property
    def id(self) -> str:
        return self.task.id

    @property
    def also(self) -> tuple[str, ...]:
        return self.request.also

    def is_of(self, table: Table) -> bool:
        """Whether its rows are those of a table, whatever was changed in it since."""
        return self.request.given.table == table.folder.absolute() and self.request.stamp == read_stamp(table)

    def finding(self, code: str) -> Finding:
        """The finding of a code. Raises TableError for one that there is not."""
        for finding in self.findings:
            if finding.code == code:
                return finding
        known = ", ".join(finding.code for finding in self.findings) or "none yet"
        raise TableError(f"There is no finding {code!r:.60}.", f"Findings are: {known}.")


def start_survey(recipe: Recipe, table: Table, workspace: Workspace, also: Iterable[str] = ()) -> Survey:
    """Begin to look at the records, join who does, or answer what was found of at least as much.

    Raises SourceError while the table is being read, TemplateError or TableError for a template or a filter
    that does not fit it, and TableError for something in `also` that there is not.
    """
    if table.reading:
        raise SourceError(
            f"{table.name} is still being read.", "Wait until it is done, or stop it and take what is there."
        )
    wanted = check_also(also)
    for condition in recipe.conditions():
        condition.check(table)
    known = find_survey(recipe, table, workspace)
    if known is not None and set(wanted) <= set(known.also) and known.task.state in ("running", "done"):
        return known
    template = resolve_template(recipe, table)
    folder = workspace.surveys / name_survey(name_subject(recipe, table, template), wanted)
    if not _is_good(folder):
        _make_room(workspace, table)
        request = Request.of(recipe, table, workspace.settings, wanted)
        start_task(folder, MODULE, spell_request(request))
    os.utime(folder / "request.json")
    _prune(workspace)
    return open_survey(workspace, folder.name)


def check_also(also: Iterable[str]) -> tuple[str, ...]:
    """The names of what is looked for on demand, in one order. Raises TableError for an unknown one."""
    asked = set(also)
    for name in sorted(asked - set(OPTIONAL)):
        raise TableError(f"Nothing is called {name!r:.60}.", f"Look also for: {', '.join(OPTIONAL)}.")
    return tuple(name for name in OPTIONAL if name in asked)


def find_survey(recipe: Recipe, table: Table, workspace: Workspace) -> Survey | None:
    """The survey of the records as they are now that was asked for last; None when there is none."""
    subject = name_subject(recipe, table, resolve_template(recipe, table))
    for folder in _list_folders(workspace):
        if folder.name.startswith(subject):
            with suppress(WorkspaceError):
                return open_survey(workspace, folder.name)
    return None


def open_survey(workspace: Workspace, survey_id: str) -> Survey:
    """The survey of this id. Raises WorkspaceError when it is not there any more."""
    folder = workspace.survey_folder(survey_id)
    request, task = Request.read(folder), read_task(folder)
    answer: Mapping[str, Any] = task.answer if task.state == "done" else {}
    records = answer.get("records", 0)
    counts = answer.get("counts", {})
    findings = [_describe(code, count, records, answer["facts"]) for code, count in counts.items()]
    return Survey(task=task, request=request, records=records, findings=tuple(findings))


def open_finding(workspace: Workspace, survey: Survey, code: str) -> Found:
    """The records of a finding, in table order, unread. Raises TableError for a code that there is not."""
    finding = survey.finding(code)
    if not finding.count:
        return np.empty(0, RECORD)
    try:
        return np.memmap(finding_file(workspace.survey_folder(survey.id), code), RECORD, mode="r")
    except OSError as error:
        raise WorkspaceError("These findings are not there any more.", "Look again.") from error


def find_rows(workspace: Workspace, survey: Survey, code: str) -> NDArray[np.uint32]:
    """The rows of a finding, in table order."""
    return np.ascontiguousarray(open_finding(workspace, survey, code)["row"])


def finding_file(folder: Path, code: str) -> Path:
    """Where the records of a finding are kept."""
    return folder / f"{code}.bin"


def stop_survey(workspace: Workspace, survey: Survey) -> None:
    """End a survey that goes on."""
    stop_task(workspace.survey_folder(survey.id))


def survey_table(
    recipe: Recipe,
    table: Table,
    workspace: Workspace,
    also: Iterable[str] = (),
    progress: Progress | None = None,
) -> Survey:
    """The survey of all records that are left, once it is done; an interrupt ends it.

    Raises StudioError in the survey's words when it fails.
    """
    survey = start_survey(recipe, table, workspace, also)
    folder = workspace.survey_folder(survey.id)
    try:
        state = wait_task(folder, progress=progress)
    except KeyboardInterrupt:
        stop_task(folder)
        raise
    if state.state == "stopped":
        raise StudioError("The survey was stopped.", "Begin it again.")
    if state.state == "failed":
        raise StudioError(state.message, state.hint)
    return open_survey(workspace, survey.id)


def remove_surveys(workspace: Workspace, folder: Path) -> None:
    """Forget every survey of the table in a folder."""
    for survey in _list_folders(workspace):
        if _table_of(survey) == folder.absolute():
            with suppress(WorkspaceError):
                stop_task(survey)
            remove_folder(survey)


def _is_good(folder: Path) -> bool:
    """Whether there is a survey that goes on or is done."""
    try:
        return read_task(folder).state in ("running", "done")
    except WorkspaceError:
        return False


def _describe(code: str, count: int, records: int, facts: Mapping[str, Any]) -> Finding:
    return Finding(
        code=code,
        title=KINDS[code].title,
        explanation=describe_finding(code, facts),
        count=count,
        share=round(count / records, 4) if records else 0.0,
        optional=bool(KINDS[code].optional),
    )


def _list_folders(workspace: Workspace) -> list[Path]:
    """Every survey of the workspace, the one asked for last first."""
    found = []
    for path in workspace.surveys.iterdir():
        with suppress(FileNotFoundError):
            if path.is_dir() and not path.name.startswith("."):
                request = path / "request.json"
                found.append(((request if request.exists() else path).stat().st_mtime_ns, path))
    return [path for _, path in sorted(found, reverse=True)]


def _make_room(workspace: Workspace, table: Table) -> None:
    """End the oldest surveys of a table that go on while as many do as may."""
    going = [path for path in _list_folders(workspace) if is_held(path / "lock")]
    own = [path for path in going if _table_of(path) == table.folder.absolute()]
    for path in own[::-1][: max(0, len(going) + 1 - MOST_RUNNING)]:
        stop_task(path)


def _prune(workspace: Workspace) -> None:
    for path in _list_folders(workspace)[KEPT:]:
        if not is_held(path / "lock"):
            remove_folder(path)


def _table_of(folder: Path) -> Path | None:
    try:
        return Request.read(folder).given.table
    except WorkspaceError:
        return None
