"""The report over a whole table: what would go wrong, before anything is trained.

    start_check    →  a process of its own renders and encodes every record: python -m studio.check
    read_check     →  how far it is; it is asked of the disk, so that a reload or a restart loses nothing
    open_report    →  lengths, fates and findings of what was looked at so far, for any max length

The same table, changes, template, filter and tokenizer are one check: it is joined while it goes on, and
answers again when it is done. Knows nothing of screens.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.check.arrays import read_records
from studio.check.findings import Finding, Report, build_report, find_lengths, find_records
from studio.check.key import name_check, read_stamp
from studio.check.lengths import Bar, Lengths
from studio.check.state import (
    CheckDir,
    CheckState,
    Request,
    first_state,
    read_request,
    read_standing,
    write_request,
)
from studio.check.workers import list_checks, make_room, prune_checks, spawn_check, stop_check
from studio.durable import remove_folder
from studio.errors import SourceError, StudioError, WorkspaceError
from studio.handover import Handover
from studio.pipeline import resolve_template
from studio.recipe import OverlaySpec, Recipe
from studio.run import MAX_LENGTH
from studio.table import Table
from studio.tokenizing import find_tokenizer, parse_choice
from studio.workspace import Workspace

__all__ = [
    "Bar",
    "CheckState",
    "Finding",
    "Lengths",
    "Report",
    "check_table",
    "choose_length",
    "find_rows",
    "open_report",
    "read_check",
    "remove_checks",
    "start_check",
    "wait_check",
]

MOST_ATTEMPTS = 3

Progress = Callable[[int, int], None]


def start_check(recipe: Recipe, table: Table, workspace: Workspace, tokenizer: str) -> CheckState:
    """Begin to check a stored table, join who does, or take what was found; returns at once.

    Raises TemplateError or TableError for a template or a filter that does not fit the table, TokenizerError
    for what names no tokenizer, and SourceError while the table is being read.
    """
    if table.reading:
        raise SourceError(
            f"{table.name} is still being read.", "Wait until it is done, or stop it and take what is there."
        )
    tokenizer = parse_choice(tokenizer).text
    template = resolve_template(recipe, table)
    for condition in recipe.conditions():
        condition.check(table)
    check = CheckDir(workspace.checks / name_check(recipe, table, template, tokenizer))
    if check.request.exists():
        state = read_check(workspace, check.id)
        os.utime(check.request)
        if state.goes_on or (state.state == "done" and _is_prepared(state, recipe, table, workspace)):
            return state
    check.path.mkdir(mode=0o700, exist_ok=True)
    write_request(check, _describe_request(recipe, table, workspace, tokenizer))
    make_room(workspace, str(table.folder.absolute()), check.id)
    state = _begin(check, 1)
    prune_checks(workspace)
    return state


def read_check(workspace: Workspace, check_id: str) -> CheckState:
    """Where a check stands. One whose worker has died is begun again, a few times.

    Raises WorkspaceError when there is none of this id.
    """
    check = CheckDir(workspace.check_folder(check_id))
    standing = read_standing(check)
    if not standing.died:
        return standing.state
    if standing.state.attempt < MOST_ATTEMPTS:
        return _begin(check, standing.state.attempt + 1)
    return replace(
        standing.state,
        state="failed",
        message=f"The check ended {MOST_ATTEMPTS} times before it was done.",
        hint=f"There may be too little memory. See checks/{check_id}/log.txt in the workspace.",
    )


def wait_check(
    workspace: Workspace,
    check_id: str,
    *,
    seconds: float | None = None,
    progress: Progress | None = None,
    pause: float = 0.05,
) -> CheckState:
    """The state once the check is over, or as it stands after so many seconds."""
    end = None if seconds is None else time.monotonic() + seconds
    while (state := read_check(workspace, check_id)).goes_on:
        if progress:
            progress(state.done, state.total)
        if end is not None and time.monotonic() >= end:
            break
        time.sleep(pause)
    return state


def check_table(
    recipe: Recipe,
    table: Table,
    workspace: Workspace,
    tokenizer: str,
    max_length: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """The report over all records that are left, once it is whole; `max_length` None is the recipe's.

    Raises StudioError, in the words of the check, when it fails. An interrupt ends the check too. Nothing is
    kept of a check of a table that is no table of the workspace.
    """
    check_id = start_check(recipe, table, workspace, tokenizer).id
    try:
        state = wait_check(workspace, check_id, progress=progress)
        if state.state == "failed":
            raise StudioError(state.message, state.hint)
        return open_report(workspace, state, choose_length(recipe, max_length))
    except KeyboardInterrupt:
        stop_check(CheckDir(workspace.check_folder(check_id)))
        raise
    finally:
        if table.folder.name not in workspace.table_ids():
            remove_checks(workspace, table.folder)


def choose_length(recipe: Recipe, max_length: int | None = None) -> int:
    """The max length that is asked for, else the recipe's, else that of a run that names none."""
    return max_length or recipe.train.max_length or MAX_LENGTH


def open_report(workspace: Workspace, state: CheckState, max_length: int | None = None) -> Report:
    """What was found of the records that were looked at when `state` was read."""
    scanned = read_records(CheckDir(workspace.checks / state.id).records, state.done)
    return build_report(scanned, max_length or state.max_length, state.total, state.first_problem)


def find_rows(
    workspace: Workspace, state: CheckState, wanted: str | tuple[int, int], max_length: int | None = None
) -> NDArray[np.uint32]:
    """The rows of a finding by its code, or of so many tokens, both bounds included; in table order.

    Raises TableError for a finding that there is not.
    """
    scanned = read_records(CheckDir(workspace.checks / state.id).records, state.done)
    if isinstance(wanted, tuple):
        return find_lengths(scanned, *wanted)
    return find_records(scanned, wanted, max_length or state.max_length)


def remove_checks(workspace: Workspace, folder: Path) -> None:
    """Forget every check of the table in a folder."""
    for check in list_checks(workspace):
        with suppress(WorkspaceError):
            if read_request(check).given.table == folder.absolute():
                stop_check(check)
                remove_folder(check.path)


def _begin(check: CheckDir, attempt: int) -> CheckState:
    state = first_state(check, read_request(check), attempt)
    return spawn_check(check, state) or read_standing(check).state


def _is_prepared(state: CheckState, recipe: Recipe, table: Table, workspace: Workspace) -> bool:
    """Whether the tokenizer of now is still the one that the check was made with."""
    found = find_tokenizer(workspace, recipe, table, state.tokenizer)
    return found is not None and found.name == state.prepared


def _describe_request(recipe: Recipe, table: Table, workspace: Workspace, tokenizer: str) -> Request:
    plain = recipe.model_copy(update={"overlay": OverlaySpec()})
    return Request(
        given=Handover.of(plain, table),
        tokenizer=tokenizer,
        max_length=choose_length(recipe),
        settings=workspace.settings,
        stamp=read_stamp(table),
    )
