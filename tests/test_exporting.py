"""Exports of the workspace: at once or in a process, found again, cancelled, replaced, taken away."""

import signal
import time

import pytest

from studio import exporting
from studio.errors import ExportError, TemplateError, WorkspaceError
from studio.exporting import (
    list_exports,
    read_export,
    remove_export,
    restore_previous,
    start_export,
    stop_export,
)
from studio.pipeline import load_table
from studio.recipe import TextSpec
from studio.source import parse_source
from studio.task import wait_task
from studio.worker import signal_worker
from studio.workspace import Workspace


@pytest.fixture
def workspace(settings):
    return Workspace(settings)


@pytest.fixture
def table_id(workspace, write_jsonl, question_rows):
    table_id = workspace.new_id()
    source = parse_source(str(write_jsonl(question_rows)))
    load_table(source, workspace.table_folder(table_id), workspace.settings)
    return table_id


def ids(workspace, table_id):
    return [one.id for one in list_exports(workspace, table_id)]


def settle(workspace, export_id):
    wait_task(workspace.exporting / export_id)
    return read_export(workspace, export_id)


def wait_progress(workspace, export_id):
    while not (state := read_export(workspace, export_id)).done:
        assert state.goes_on, state
        time.sleep(0.02)
    return state


def test_a_small_table_is_written_at_once(workspace, table_id):
    made = start_export(workspace, table_id)
    assert (made.state, made.previous) == ("done", False)
    assert ids(workspace, table_id) == [made.id]
    assert workspace.export(made.id).manifest["parts"]["train"]["records"] == 18


def test_a_process_writes_the_same_bytes_with_the_changes_of_then(workspace, table_id, monkeypatch):
    workspace.revision(table_id).exclude(workspace.table(table_id), range(10))
    workspace.revision(table_id).edit(workspace.table(table_id), 10, "answer", "New.")
    at_once = workspace.export(start_export(workspace, table_id).id)
    monkeypatch.setattr(exporting, "QUICK_RECORDS", 0)
    begun = start_export(workspace, table_id)
    workspace.revision(table_id).restore_all()
    assert begun.goes_on
    assert settle(workspace, begun.id).state == "done"
    later = workspace.export(begun.id)
    assert [path.read_bytes() for path in later.files] == [path.read_bytes() for path in at_once.files]
    while list(workspace.exporting.iterdir()):  # the worker goes a moment after its last word
        read_export(workspace, begun.id)


def test_one_that_is_cancelled_leaves_nothing(workspace, table_id, monkeypatch):
    monkeypatch.setattr(exporting, "QUICK_RECORDS", 0)
    monkeypatch.setattr(exporting, "MODULE", "tests.halted_export")
    begun = start_export(workspace, table_id)
    found = wait_progress(Workspace(workspace.settings), begun.id)  # as a server does that was started again
    assert (found.done, found.total) == (20, 20)
    monkeypatch.setattr(exporting, "MOST_RUNNING", 1)
    with pytest.raises(ExportError, match="No more than 1 exports"):
        start_export(workspace, table_id)
    assert ids(workspace, table_id) == [begun.id]
    assert stop_export(workspace, begun.id).state == "stopped"
    assert ids(workspace, table_id) == []
    assert [list(folder.iterdir()) for folder in (workspace.exports, workspace.exporting)] == [[], []]
    assert workspace.table_of(begun.id) is None


def test_one_that_fails_says_why_and_can_be_dismissed(workspace, table_id, monkeypatch):
    monkeypatch.setattr(exporting, "QUICK_RECORDS", 0)
    monkeypatch.setattr(exporting, "MODULE", "tests.halted_export")
    begun = start_export(workspace, table_id)
    wait_progress(workspace, begun.id)
    signal_worker(workspace.exporting / begun.id / "lock", signal.SIGKILL)
    assert settle(workspace, begun.id).state == "failed"
    [failed] = list_exports(workspace, table_id)
    assert "interrupted" in failed.message
    remove_export(workspace, begun.id)
    assert ids(workspace, table_id) == []


def test_what_the_draft_has_wrong_is_said_before_anything_is_written(workspace, table_id):
    recipe = workspace.draft(table_id).model_copy(update={"template": TextSpec(text="{nothing}")})
    workspace.save_draft(table_id, recipe)
    with pytest.raises(TemplateError, match="nothing"):
        start_export(workspace, table_id)
    assert ids(workspace, table_id) == []


def test_one_that_is_replaced_is_kept_and_comes_back(workspace, table_id):
    first = start_export(workspace, table_id).id
    second = start_export(workspace, table_id, replace=first)
    assert second.previous
    assert ids(workspace, table_id) == [second.id]
    third = start_export(workspace, table_id, replace=second.id).id
    restored = restore_previous(workspace, third)
    assert set(ids(workspace, table_id)) == {third, restored}
    assert workspace.export(restored).manifest["parts"]["train"]["records"] == 18
    assert restore_previous(workspace, third) is None
    assert sorted(path.name for path in workspace.exports.iterdir()) == sorted([third, restored])


def test_taking_one_away_brings_back_what_it_replaced(workspace, table_id):
    first = start_export(workspace, table_id).id
    second = start_export(workspace, table_id, replace=first).id
    remove_export(workspace, second)
    [back] = ids(workspace, table_id)
    remove_export(workspace, back)
    assert ids(workspace, table_id) == []
    with pytest.raises(WorkspaceError, match="no such export"):
        read_export(workspace, second)


def test_an_export_of_another_table_is_not_replaced(workspace, table_id, write_jsonl, question_rows):
    other = workspace.new_id()
    source = parse_source(str(write_jsonl(question_rows, "other.jsonl")))
    load_table(source, workspace.table_folder(other), workspace.settings)
    made = start_export(workspace, other).id
    with pytest.raises(WorkspaceError, match="another table"):
        start_export(workspace, table_id, replace=made)
    assert ids(workspace, other) == [made]
