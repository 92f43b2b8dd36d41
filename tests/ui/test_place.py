import os
from pathlib import Path
from typing import Any

import pytest

from studio.ingest import start_ingest, stop_ingest
from studio.recipe import SplitSpec
from studio.run import RunDir, RunSpec, RunState, hold_run, write_json, write_state
from studio.source import parse_source
from studio.ui.place import Place, describe_place, read_place, settle_place
from studio.workspace import Workspace
from tests.conftest import Rows
from tests.ui.conftest import LoadRows

UNKNOWN = "0" * 32


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    """A file that is read for a while: more than is read at once."""
    path = tmp_path / "large.jsonl"
    with path.open("w") as file:
        for _ in range(60):
            file.write('{"question": "What is it?", "answer": "It is a number."}\n' * 10_000)
    return path


def make_run(workspace: Workspace, table_id: str, **state: Any) -> str:
    run = workspace.new_id()
    run_dir = RunDir(workspace.runs / run)
    run_dir.path.mkdir()
    spec = RunSpec(
        run=run,
        recipe={},
        template={},
        example_type="prompt-completion",
        base_model="tiny",
        train={},
        data={},
    )
    write_json(run_dir.spec_file, spec.to_dict())
    write_state(run_dir, RunState(run=run, **{"state": "succeeded", **state}))
    workspace.note_table(run, table_id)
    return run


@pytest.mark.parametrize("values", [None, [], "x", {"table": 3, "run": ["a"], "row": "7"}, {"row": -1}])
def test_what_is_no_place_is_the_first(values: object) -> None:
    assert read_place(values) == Place()


@pytest.mark.parametrize("row", [True, float("nan"), float("inf"), 1e300, -5, None])
def test_what_is_no_row_is_row_0(row: object) -> None:
    assert read_place({"row": row}).row == 0


def test_a_path_is_no_id() -> None:
    assert read_place({"table": "../../etc", "run": "A" * 32}) == Place()


def test_a_place_keeps_ids_and_row() -> None:
    place = read_place({"table": UNKNOWN, "run": "f" * 32, "row": 5})
    assert place == Place(table=UNKNOWN, run="f" * 32, row=5)


def test_an_empty_workspace_holds_nothing(workspace: Workspace) -> None:
    place = settle_place(workspace, Place())
    shown = describe_place(workspace, Place(), place)
    assert place == Place()
    assert shown == {
        "table": None,
        "asked": "",
        "lost": False,
        "tables": [],
        "stages": {},
        "running": None,
    }


def test_an_unknown_table_is_the_newest_and_said(workspace: Workspace, table_id: str) -> None:
    asked = Place(table=UNKNOWN)
    place = settle_place(workspace, asked)
    assert place.table == table_id
    assert describe_place(workspace, asked, place)["lost"] is True


def test_each_stage_says_what_it_holds(workspace: Workspace, table_id: str) -> None:
    place = Place(table=table_id)
    shown = describe_place(workspace, place, place)
    assert shown["table"]["records"] == 20
    assert shown["stages"] == {
        "load": "✓",
        "browse": "20",
        "prompt": "question-answer",
        "split": "18/2",
        "export": "",
        "finetune": "",
        "compare": "",
    }


def test_the_stages_count_the_records_left(workspace: Workspace, table_id: str) -> None:
    workspace.revision(table_id).exclude(workspace.table(table_id), range(10))
    place = Place(table=table_id)
    stages = describe_place(workspace, place, place)["stages"]
    assert (stages["browse"], stages["split"]) == ("10", "9/1")


def test_a_table_that_was_read_in_part_says_so(workspace: Workspace, large_file: Path) -> None:
    state = start_ingest(parse_source(str(large_file)), workspace)
    shown = describe_place(workspace, Place(), Place(table=state.id))
    assert (shown["table"]["partial"], shown["table"]["reading"]) == (True, True)
    stop_ingest(workspace, state.id)
    shown = describe_place(workspace, Place(), Place(table=state.id))
    assert (shown["table"]["partial"], shown["table"]["reading"]) == (True, False)
    assert shown["stages"]["load"] == "partial"


def test_a_whole_table_is_not_partial(workspace: Workspace, table_id: str) -> None:
    shown = describe_place(workspace, Place(), Place(table=table_id))
    assert (shown["table"]["partial"], shown["table"]["reading"]) == (False, False)


def test_bad_lines_are_counted_at_load(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"a": 1}\nnot json\n')
    state = start_ingest(parse_source(str(path)), workspace)
    assert describe_place(workspace, Place(), Place(table=state.id))["stages"]["load"] == "1 bad"


def test_a_split_that_cannot_be_is_marked(workspace: Workspace, table_id: str) -> None:
    split = SplitSpec.model_validate({"train": 0.9, "validation": 0.01})
    workspace.save_draft(table_id, workspace.draft(table_id).model_copy(update={"split": split}))
    place = Place(table=table_id)
    assert describe_place(workspace, place, place)["stages"]["split"] == "!"


def test_the_newest_run_of_a_table_is_found_again(
    workspace: Workspace, load_rows: LoadRows, question_rows: Rows
) -> None:
    ours, other = load_rows(question_rows), load_rows(question_rows[:10])
    older = make_run(workspace, ours, started="2026-01-01T00:00:00Z")
    newer = make_run(workspace, ours, started="2026-01-02T00:00:00Z", state="cancelled")
    make_run(workspace, other, started="2026-01-03T00:00:00Z")
    assert settle_place(workspace, Place(table=ours)).run == newer
    assert settle_place(workspace, Place(table=ours, run=older)).run == older
    assert settle_place(workspace, Place(table=ours, run=UNKNOWN)).run == newer


def test_scores_before_and_after_stand_at_compare(workspace: Workspace, table_id: str) -> None:
    make_run(workspace, table_id, metrics={"base": {"loss": 7.648}, "tuned": {"loss": 3.31}})
    place = Place(table=table_id)
    assert describe_place(workspace, place, place)["stages"]["compare"] == "7.65 → 3.31"


def test_the_run_at_work_is_told_before_those_that_wait(workspace: Workspace, table_id: str) -> None:
    make_run(workspace, table_id, state="succeeded", started="2026-01-01T00:00:00Z")
    make_run(workspace, table_id, state="cancelled", started="2026-01-02T00:00:00Z")
    place = Place(table=table_id)
    assert describe_place(workspace, place, place)["stages"]["finetune"] == "cancelled"
    begun = make_run(workspace, table_id, state="running", started="2026-01-01T12:00:00Z")
    lock = hold_run(workspace.run(begun))
    assert describe_place(workspace, place, place)["stages"]["finetune"] == "running"
    os.close(lock)
