"""A check in its own process: begun once, joined, found again, begun again, told to make room, forgotten."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio import check
from studio.catalog import delete_dataset, remove_dataset
from studio.check import (
    CheckState,
    check_table,
    find_rows,
    open_report,
    read_check,
    remove_checks,
    start_check,
    wait_check,
)
from studio.check import workers as check_workers
from studio.check.state import CheckDir
from studio.check.workers import WORKER, list_checks, prune_checks, stop_check, working_slot
from studio.errors import SourceError, StudioError, TableError, TemplateError, TokenizerError, WorkspaceError
from studio.pipeline import load_table
from studio.proposal import propose_recipe
from studio.recipe import Recipe, StyleSpec
from studio.recipe.overlay import FilterSpec
from studio.source import Source
from studio.worker import is_held
from studio.workspace import Workspace

# It says that it works, with half of its records looked at, and never ends.
STUCK = """
import signal, sys
from pathlib import Path
from studio.check.state import CheckDir, first_state, read_request, write_state
from dataclasses import replace
folder = CheckDir(Path(sys.argv[1]))
write_state(folder, replace(first_state(folder, read_request(folder)), state="running", done=0, total=9))
signal.pause()
"""


@pytest.fixture
def workspace(settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture
def store(workspace, write_jsonl) -> Callable[..., str]:
    """Loads records into the workspace; returns the id of their table."""

    def load(rows: list[dict[str, Any]], name: str = "data.jsonl") -> str:
        table_id = workspace.new_id()
        path = write_jsonl(rows, name)
        load_table(Source(path=str(path)), workspace.table_folder(table_id), workspace.settings)
        return table_id

    return load


@pytest.fixture
def stuck(monkeypatch, workspace):
    """Every check that is begun goes on until it is ended."""
    monkeypatch.setattr(check_workers, "WORKER", (*WORKER[:1], "-c", STUCK))
    yield
    for one in list_checks(workspace):
        stop_check(one)


def begin(workspace: Workspace, table_id: str, **changes: Any) -> CheckState:
    recipe = workspace.draft(table_id).model_copy(update=changes)
    return start_check(recipe, workspace.result(table_id), workspace, "tiny")


def test_a_check_looks_at_every_record_and_says_how_far_it_is(workspace, store, question_rows):
    table_id = store([*question_rows, {"question": "Why?"}])
    seen: list[tuple[int, int]] = []
    report = check_table(
        workspace.draft(table_id),
        workspace.result(table_id),
        workspace,
        "tiny",
        progress=lambda done, total: seen.append((done, total)),
    )
    assert (report.done, report.total, report.max_length, report.blocking) == (21, 21, 512, ())
    assert {one.code: one.rows for one in report.warnings} == {
        "blank-completion": (20,),
        "missing-value": (20,),
    }
    assert seen


def test_the_same_question_is_one_check_and_another_is_another(workspace, store, question_rows):
    table_id = store(question_rows)
    first = begin(workspace, table_id)
    done = wait_check(workspace, first.id)
    assert done.state == "done"
    records = CheckDir(workspace.check_folder(first.id)).records.stat().st_mtime_ns
    assert begin(workspace, table_id) == done
    train = workspace.draft(table_id).train.model_copy(update={"max_length": 99})
    assert begin(workspace, table_id, train=train).id == first.id
    assert CheckDir(workspace.check_folder(first.id)).records.stat().st_mtime_ns == records
    workspace.revision(table_id).exclude(workspace.table(table_id), [3])
    assert begin(workspace, table_id).id != first.id
    assert (
        begin(
            workspace,
            table_id,
            template=StyleSpec(style="alpaca-short"),
            columns={"instruction": "question", "output": "answer"},
        ).id
        != first.id
    )


def test_excluded_and_filtered_records_are_not_looked_at(workspace, store, question_rows):
    table_id = store(question_rows)
    workspace.revision(table_id).exclude(workspace.table(table_id), [0, 5])
    workspace.revision(table_id).edit(workspace.table(table_id), 6, "answer", "")
    keep = FilterSpec.model_validate({"column": "question", "is": "contains", "value": "1"})
    state = begin(workspace, table_id, filter=[keep])
    state = wait_check(workspace, state.id)
    assert find_rows(workspace, state, "rendered").tolist() == [1, *range(10, 20)]
    whole = wait_check(workspace, begin(workspace, table_id).id)
    assert find_rows(workspace, whole, "blank-completion").tolist() == [6]
    assert whole.total == 18


def test_rows_are_found_by_their_tokens(workspace, store, question_rows):
    state = wait_check(workspace, begin(workspace, store(question_rows)).id)
    bars = open_report(workspace, state).lengths.bars
    found = [find_rows(workspace, state, (bar.low, bar.high - 1)).tolist() for bar in bars]
    assert [len(rows) for rows in found] == [bar.count for bar in bars]
    assert sorted(row for rows in found for row in rows) == list(range(20))


def test_another_max_length_is_counted_from_what_was_found(workspace, store, question_rows):
    state = wait_check(workspace, begin(workspace, store(question_rows)).id)
    assert open_report(workspace, state, 2).lengths.lost == 20
    assert [one.code for one in open_report(workspace, state, 2).blocking] == ["nothing-trained"]
    assert open_report(workspace, state, 512).lengths.fit == 20


def test_a_check_that_goes_on_is_joined(workspace, store, question_rows, stuck):
    table_id = store(question_rows)
    first = begin(workspace, table_id)
    lock = CheckDir(workspace.check_folder(first.id)).lock.read_text()
    again = begin(Workspace(workspace.settings), table_id)
    assert again.id == first.id
    assert again.goes_on
    assert CheckDir(workspace.check_folder(first.id)).lock.read_text() == lock


def test_a_killed_check_is_begun_again_by_who_asks_for_it(workspace, store, question_rows, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(check_workers, "WORKER", (*WORKER[:1], "-c", STUCK))
        state = begin(workspace, store(question_rows))
        kill(workspace, state.id)
    done = wait_check(workspace, state.id)
    assert (done.state, done.done, done.attempt) == ("done", 20, 2)


def test_a_check_that_is_killed_each_time_is_not_begun_for_ever(workspace, store, question_rows, stuck):
    state = begin(workspace, store(question_rows))
    for _ in range(check.MOST_ATTEMPTS):
        assert read_check(workspace, state.id).goes_on
        kill(workspace, state.id)
    failed = read_check(workspace, state.id)
    assert (failed.state, failed.attempt) == ("failed", check.MOST_ATTEMPTS)
    assert "ended 3 times" in failed.message


def kill(workspace: Workspace, check_id: str) -> None:
    lock = CheckDir(workspace.check_folder(check_id)).lock
    os.killpg(json.loads(lock.read_text())["pid"], signal.SIGKILL)
    while is_held(lock):
        pass


def test_a_third_check_of_a_table_takes_the_place_of_the_oldest(workspace, store, question_rows, stuck):
    table_id, other = store(question_rows), store(question_rows, "other.jsonl")
    seeds = [workspace.draft(table_id).train.model_copy(update={"seed": seed}) for seed in (1, 2)]
    first = begin(workspace, table_id, train=seeds[0])
    begin(workspace, other)
    second = begin(workspace, table_id, train=seeds[1])
    ended = read_check(workspace, first.id)
    assert (ended.state, ended.message) == ("failed", "This check made room for a newer one.")
    assert read_check(workspace, second.id).goes_on
    assert begin(workspace, table_id, train=seeds[0]).goes_on


def test_no_more_checks_work_at_once_than_may(workspace, store, question_rows):
    with working_slot(workspace), working_slot(workspace):
        state = begin(workspace, store(question_rows))
        waiting = wait_check(workspace, state.id, seconds=1.5)
        assert waiting.state == "preparing"
    assert wait_check(workspace, state.id).state == "done"


def test_old_checks_are_cleared_away_and_those_that_go_on_stay(
    workspace, store, question_rows, stuck, monkeypatch
):
    monkeypatch.setattr(check_workers, "KEPT", 1)
    old = begin(workspace, store(question_rows, "old.jsonl"))
    new = begin(workspace, store(question_rows, "new.jsonl"))
    assert [one.id for one in list_checks(workspace)] == [new.id, old.id]
    stop_check(CheckDir(workspace.check_folder(old.id)))
    prune_checks(workspace)
    assert [one.id for one in list_checks(workspace)] == [new.id]
    with pytest.raises(WorkspaceError, match="not there any more"):
        read_check(workspace, old.id)


def test_a_check_ends_when_its_folder_is_gone(workspace, store, question_rows):
    with working_slot(workspace), working_slot(workspace):
        state = begin(workspace, store(question_rows))
        pid = json.loads(CheckDir(workspace.check_folder(state.id)).lock.read_text())["pid"]
        shutil.rmtree(workspace.check_folder(state.id))
        end = time.monotonic() + 30
        while is_running(pid) and time.monotonic() < end:
            time.sleep(0.02)
        assert not is_running(pid)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_checks_go_with_their_table(workspace, store, question_rows, stuck):
    table_id, other = store(question_rows), store(question_rows, "other.jsonl")
    gone, kept = begin(workspace, table_id), begin(workspace, other)
    remove_dataset(workspace, table_id)
    delete_dataset(workspace, table_id)
    assert [one.id for one in list_checks(workspace)] == [kept.id]
    assert not is_held(workspace.check_folder(gone.id) / "lock")
    remove_checks(workspace, workspace.table_folder(other))
    assert list_checks(workspace) == []


def test_nothing_is_kept_of_a_check_of_a_table_outside_the_workspace(
    workspace, write_jsonl, question_rows, tmp_path
):
    table = load_table(Source(path=str(write_jsonl(question_rows))), tmp_path / "table", workspace.settings)
    assert check_table(propose_recipe(table), table, workspace, "tiny").done == 20
    assert list_checks(workspace) == []


def test_a_check_that_fails_says_why_in_the_words_of_the_stage(workspace, store, question_rows):
    table_id = store(question_rows)
    no_train = Recipe.model_validate(workspace.draft(table_id).to_mapping() | {"split": {"test": 1.0}})
    with pytest.raises(StudioError, match="the split has none"):
        check_table(no_train, workspace.result(table_id), workspace, "tiny")


def test_a_bug_in_a_check_is_a_failure_that_says_where_its_traceback_is(
    workspace, store, question_rows, monkeypatch
):
    monkeypatch.setattr(check_workers, "WORKER", (*WORKER[:1], "-c", BUG))
    state = wait_check(workspace, begin(workspace, store(question_rows)).id)
    assert (state.state, state.message) == ("failed", "The check failed: ZeroDivisionError.")
    assert f"checks/{state.id}/log.txt" in state.hint
    assert "Traceback" in CheckDir(workspace.check_folder(state.id)).log.read_text()


BUG = """
import sys
from pathlib import Path
from studio.check import __main__ as worker
worker.prepare_tokenizer = lambda *_: 1 / 0
worker.main(Path(sys.argv[1]))
"""


def test_what_does_not_fit_the_table_is_refused_before_a_process_is_started(workspace, store, question_rows):
    table_id = store(question_rows)
    with pytest.raises(TemplateError, match="needs the column nothing"):
        begin(workspace, table_id, columns={"question": "nothing"})
    with pytest.raises(TableError, match="No column"):
        lacking = FilterSpec.model_validate({"column": "nothing", "is": "empty"})
        begin(workspace, table_id, filter=[lacking])
    with pytest.raises(TokenizerError, match="names no tokenizer"):
        start_check(workspace.draft(table_id), workspace.result(table_id), workspace, "what is this?")
    assert list_checks(workspace) == []


def test_a_table_that_is_still_read_is_not_checked(workspace, store, question_rows, tmp_path):
    from dataclasses import replace

    table = replace(workspace.result(store(question_rows)), reading=True)
    with pytest.raises(SourceError, match="still being read"):
        start_check(propose_recipe(table), table, workspace, "tiny")


@pytest.mark.parametrize("given", ["0" * 32, "../x", ""])
def test_an_unknown_check_is_unknown(workspace, given):
    with pytest.raises(WorkspaceError):
        read_check(workspace, given)


def test_a_damaged_state_is_begun_again(workspace, store, question_rows):
    state = wait_check(workspace, begin(workspace, store(question_rows)).id)
    Path(workspace.check_folder(state.id) / "state.json").write_text("{")
    assert wait_check(workspace, state.id).state == "done"
