"""Reading in the background: the first page at once, progress, stopping, going on, what a crash leaves."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from studio import ingest
from studio.errors import ReadError, SourceError, WorkspaceError
from studio.ingest import (
    IngestState,
    dismiss_ingest,
    list_ingests,
    read_ingest,
    resume_ingest,
    start_ingest,
    stop_ingest,
    wait_ingest,
)
from studio.ingest import state as ingest_state
from studio.overlay import resolve_overlay
from studio.pipeline import build_table, refuse_unsettled
from studio.proposal import propose_recipe
from studio.source import parse_source
from studio.table import Changes
from studio.workspace import Workspace

RECORDS = 120_000


@pytest.fixture
def workspace(settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture(scope="module")
def large_file(tmp_path_factory) -> Path:
    """Some 12 MB, so that reading it takes a process of its own, and a moment."""
    path = tmp_path_factory.mktemp("large") / "large.jsonl"
    with path.open("w") as file:
        for number in range(RECORDS):
            file.write(json.dumps({"number": number, "text": f"Record {number} " + "of words " * 8}) + "\n")
        file.write("no record\n\n")
    return path


@pytest.fixture
def slow_file(tmp_path, large_file) -> Path:
    """Some 90 MB: long enough to be caught in the middle."""
    path = tmp_path / "slow.jsonl"
    piece = large_file.read_bytes().removesuffix(b"no record\n\n")
    with path.open("wb") as file:
        for _ in range(8):
            file.write(piece)
    return path


def wait_for_middle(workspace: Workspace, table_id: str) -> IngestState:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        state = read_ingest(workspace, table_id)
        assert state.state == "reading", "the reading ended before it could be caught in the middle"
        if state.records > 0 and len(workspace.table(table_id)) > 50:
            return state
        time.sleep(0.02)
    raise AssertionError("nothing was read in a minute")


def test_a_small_file_is_whole_when_the_call_returns(workspace, write_jsonl, question_rows):
    state = start_ingest(parse_source(str(write_jsonl(question_rows))), workspace)
    assert (state.state, state.records) == ("done", len(question_rows))
    assert not workspace.table(state.id).partial
    assert list_ingests(workspace) == []


def test_the_first_page_of_a_large_file_is_there_when_the_call_returns(workspace, large_file, monkeypatch):
    monkeypatch.setattr(ingest, "LOOK_SECONDS", 20.0)  # a busy machine is no failure
    state = start_ingest(parse_source(str(large_file)), workspace)
    first = workspace.table(state.id)
    assert state.state == "reading"
    assert first.partial
    assert [record["number"].spelling for record in first.page(0, 50).rows] == [str(n) for n in range(50)]
    whole = wait_ingest(workspace, state.id)
    table = workspace.table(state.id)
    assert (whole.state, whole.records) == ("done", RECORDS)
    assert not table.partial
    assert (table.counts.read, table.counts.quarantined, table.counts.blank) == (RECORDS + 2, 1, 1)
    assert table.record(RECORDS - 1)["text"].startswith(f"Record {RECORDS - 1} ")
    assert not workspace.ingest_folder(state.id).exists()
    assert sorted(path.name.split("-")[0] for path in table.folder.iterdir()) == [
        "quarantine",
        "records.arrow",
        "table.json",
    ]


def test_a_table_grows_while_it_is_read_and_its_rows_stay_where_they_are(workspace, slow_file):
    table_id = start_ingest(parse_source(str(slow_file)), workspace).id
    state = wait_for_middle(workspace, table_id)
    growing = workspace.table(table_id)
    last = len(growing) - 1
    assert growing.reading
    assert state.total == slow_file.stat().st_size
    assert growing.record(last)["number"].spelling == str(last % RECORDS)
    assert growing.frame.select("number").collect().height == len(growing)
    assert len(growing.to_pandas(last, 1)) == 1
    assert wait_ingest(workspace, table_id).state == "done"
    assert growing.record(last)["number"].spelling == str(last % RECORDS), "its files went away meanwhile"
    assert len(workspace.table(table_id)) == 8 * RECORDS


def test_a_table_is_changed_while_it_grows_and_the_changes_stay(workspace, slow_file):
    table_id = start_ingest(parse_source(str(slow_file)), workspace).id
    wait_for_middle(workspace, table_id)
    growing, revision = workspace.table(table_id), workspace.revision(table_id)
    last = len(growing) - 1
    assert growing.place(last).line == last + 1
    revision.exclude(growing, [0, last])
    revision.edit(growing, 1, "number", "77")
    assert workspace.result(table_id).record(1)["number"].spelling == "77"
    assert workspace.result(table_id).frame.select("number").collect()["number"][1] == 77
    assert wait_ingest(workspace, table_id).state == "done"
    changes = Changes(edits={1: {"number": "77"}}, excluded=(0, last))
    assert Workspace(workspace.settings).result(table_id).changes == changes
    draft = workspace.draft(table_id)
    whole = resolve_overlay(
        workspace.table(table_id),
        draft.overlay.to_edits(),
        draft.overlay.to_exclusions(),
        workspace.settings,
    )
    assert whole == changes


def test_what_is_still_being_read_is_not_exported(workspace, slow_file, tmp_path):
    table_id = start_ingest(parse_source(str(slow_file)), workspace).id
    wait_for_middle(workspace, table_id)
    table = workspace.table(table_id)
    with pytest.raises(SourceError, match="still being read"):
        build_table(propose_recipe(table), table, tmp_path / "out")
    stop_ingest(workspace, table_id)


def test_a_stopped_reading_keeps_what_was_read_and_goes_on_to_the_end(workspace, slow_file, tmp_path):
    table_id = start_ingest(parse_source(str(slow_file)), workspace).id
    wait_for_middle(workspace, table_id)
    stopped = stop_ingest(workspace, table_id)
    table = workspace.table(table_id)
    assert stopped.state == "stopped"
    assert table.partial
    assert not table.reading
    assert 0 < len(table) < 8 * RECORDS
    recipe = propose_recipe(table)
    assert recipe.source.first == len(table), "the recipe of a part replays that part"
    refuse_unsettled(recipe, table)
    assert [state.state for state in list_ingests(workspace)] == ["stopped"]
    resume_ingest(workspace, table_id)
    assert wait_ingest(workspace, table_id).state == "done"
    assert len(workspace.table(table_id)) == 8 * RECORDS


def test_a_killed_reading_is_interrupted_and_goes_on(workspace, slow_file):
    table_id = start_ingest(parse_source(str(slow_file)), workspace).id
    wait_for_middle(workspace, table_id)
    ingest = ingest_state.IngestDir(workspace.ingest_folder(table_id))
    os.killpg(json.loads(ingest.lock.read_text())["pid"], signal.SIGKILL)
    state = wait_ingest(workspace, table_id)
    assert state.state == "interrupted"
    assert "interrupted" in state.message
    assert len(workspace.table(table_id)) > 50
    resume_ingest(workspace, table_id)
    assert wait_ingest(workspace, table_id).state == "done"
    assert len(workspace.table(table_id)) == 8 * RECORDS


def test_an_unchanged_source_is_not_read_twice(workspace, large_file):
    first = start_ingest(parse_source(str(large_file)), workspace)
    wait_ingest(workspace, first.id)
    again = start_ingest(parse_source(str(large_file)), workspace)
    assert (again.id, again.state, again.reused) == (first.id, "done", True)
    other = start_ingest(parse_source(str(large_file), first=10), workspace)
    assert other.id != first.id


def test_a_source_that_has_changed_is_read_again_and_its_old_table_is_not_exported(
    workspace, write_jsonl, question_rows, tmp_path
):
    path = write_jsonl(question_rows)
    old = start_ingest(parse_source(str(path)), workspace)
    path.write_text(path.read_text().replace("What is 3?", "What is 4?"))
    table = workspace.table(old.id)
    with pytest.raises(SourceError, match="has changed since it was read"):
        build_table(propose_recipe(table), table, tmp_path / "out")
    new = start_ingest(parse_source(str(path)), workspace)
    assert new.id != old.id
    assert workspace.table(new.id).record(3)["question"] == "What is 4?"


def test_a_reading_that_fails_in_the_middle_says_why_and_keeps_what_was_read(workspace, large_file, tmp_path):
    import gzip

    path = tmp_path / "cut.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=0) as file:
        file.write(large_file.read_bytes())
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    table_id = start_ingest(parse_source(str(path)), workspace).id
    state = wait_ingest(workspace, table_id)
    assert state.state == "failed"
    assert "cut off" in state.message
    assert workspace.table(table_id).partial
    assert len(workspace.table(table_id)) > 50
    dismiss_ingest(workspace, table_id)
    assert list_ingests(workspace) == []


def test_a_source_that_holds_no_record_is_refused_before_a_process_is_started(workspace, tmp_path):
    path = tmp_path / "page.jsonl"
    path.write_bytes(b"<!doctype html>" + b"x" * (6 << 20))
    with pytest.raises(ReadError, match="web page"):
        start_ingest(parse_source(str(path)), workspace)
    assert workspace.table_ids() == []
    assert list_ingests(workspace) == []


@pytest.mark.parametrize("change", [stop_ingest, resume_ingest, dismiss_ingest])
def test_a_reading_that_is_over_cannot_be_changed(workspace, write_jsonl, question_rows, change):
    state = start_ingest(parse_source(str(write_jsonl(question_rows))), workspace)
    with pytest.raises(WorkspaceError, match="not being read"):
        change(workspace, state.id)


def test_an_unknown_reading_is_an_unknown_table(workspace):
    with pytest.raises(WorkspaceError, match="no table"):
        read_ingest(workspace, "0" * 32)
