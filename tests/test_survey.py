"""A survey: joined, asked again, of other records after a change, stopped, failed, cleared away."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio import survey
from studio.catalog import delete_dataset, remove_dataset
from studio.errors import SourceError, StudioError, TableError, TemplateError, WorkspaceError
from studio.survey import (
    Survey,
    find_rows,
    find_survey,
    open_finding,
    open_survey,
    start_survey,
    stop_survey,
    survey_table,
)
from studio.survey.__main__ import survey_records
from studio.task import TaskState
from studio.workspace import Workspace
from tests.web.boundary import store_table

LINES: list[dict[str, object] | str] = [
    *({"question": f"What is {n}?", "answer": f"It is the number {n}."} for n in range(20)),
    {"question": "What is 3?", "answer": "It is the number 3."},
    {"question": "Who?", "answer": ""},
]


@pytest.fixture
def workspace(settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture
def started(monkeypatch) -> list[str]:
    """The ids of the surveys that were begun; the work is done at once, in this process."""
    begun: list[str] = []

    def work(folder: Path, module: str, request: Mapping[str, Any]) -> TaskState:
        begun.append(folder.name)
        folder.mkdir(exist_ok=True)
        (folder / "request.json").write_text(json.dumps(request))
        answer = survey_records(folder, {}, lambda done, total: None)
        state = {"id": folder.name, "state": "done", "done": 22, "total": 22, "answer": answer}
        (folder / "state.json").write_text(json.dumps(state))
        return TaskState(**state)

    monkeypatch.setattr(survey, "start_task", work)
    return begun


def begin(workspace: Workspace, table_id: str, *also: str) -> Survey:
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    return start_survey(recipe, table, workspace, also)


def known(workspace: Workspace, table_id: str) -> Survey | None:
    return find_survey(workspace.draft(table_id), workspace.result(table_id), workspace)


def test_a_survey_in_a_process_of_its_own_gives_its_findings_and_their_rows(workspace):
    table_id = store_table(workspace, LINES)
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    done = survey_table(recipe, table, workspace, ["emails"])
    assert (done.task.state, done.records, done.also) == ("done", 22, ("emails",))
    assert {one.code: one.count for one in done.findings if one.count} == {
        "exact-duplicates": 1,
        "empty-answer": 1,
    }
    assert find_rows(workspace, done, "exact-duplicates").tolist() == [20]
    assert open_finding(workspace, done, "exact-duplicates")["twin"].tolist() == [3]
    assert len(open_finding(workspace, done, "refusal")) == 0
    assert workspace.survey_folder(done.id).stat().st_mode & 0o077 == 0
    with pytest.raises(TableError, match="no finding 'secrets'"):
        open_finding(workspace, done, "secrets")


def test_the_same_question_is_answered_from_what_is_known(workspace, started):
    table_id = store_table(workspace, LINES)
    assert known(workspace, table_id) is None
    first = begin(workspace, table_id)
    more = begin(workspace, table_id, "emails")
    assert begin(workspace, table_id).id == begin(workspace, table_id, "emails").id == more.id
    assert started == [first.id, more.id]
    assert first.id[:24] == more.id[:24]
    found = known(workspace, table_id)
    assert found is not None
    assert found.id == more.id


def test_after_a_change_it_is_of_other_records_and_back_again_when_that_is_undone(workspace, started):
    table_id = store_table(workspace, LINES)
    first = begin(workspace, table_id)
    revision, table = workspace.revision(table_id), workspace.table(table_id)
    revision.exclude(table, [20])
    assert known(workspace, table_id) is None
    assert open_survey(workspace, first.id).is_of(workspace.result(table_id))
    second = begin(workspace, table_id)
    assert second.finding("exact-duplicates").count == 0
    revision.edit(table, 21, "answer", "I.")
    assert begin(workspace, table_id).finding("empty-answer").count == 0
    revision.journal.undo()
    revision.journal.undo()
    assert begin(workspace, table_id).id == first.id
    assert len(started) == 3


def test_another_template_or_filter_is_another_survey(workspace, started):
    table_id = store_table(workspace, LINES)
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    one = start_survey(recipe, table, workspace)
    other = recipe.model_copy(update={"columns": {"question": "answer"}})
    filtered = type(recipe).model_validate(
        recipe.to_mapping() | {"filter": [{"column": "answer", "is": "empty"}]}
    )
    split = recipe.model_copy(update={"split": recipe.split.model_copy(update={"seed": 7})})
    ids = [start_survey(changed, table, workspace).id for changed in (other, filtered, split)]
    assert (len({one.id, *ids}), ids[2]) == (3, one.id)
    assert open_survey(workspace, ids[1]).records == 1


def test_what_does_not_fit_is_refused_before_anything_is_begun(workspace, started):
    table_id = store_table(workspace, LINES)
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    with pytest.raises(TableError, match="Nothing is called 'magic'"):
        start_survey(recipe, table, workspace, ["magic"])
    with pytest.raises(TemplateError):
        start_survey(recipe.model_copy(update={"columns": {"question": "gone"}}), table, workspace)
    wrong = type(recipe).model_validate(recipe.to_mapping() | {"filter": [{"column": "gone", "is": "empty"}]})
    with pytest.raises(TableError, match="gone"):
        start_survey(wrong, table, workspace)
    with pytest.raises(SourceError, match="still being read"):
        start_survey(recipe, replace(table, reading=True), workspace)
    assert started == []


def test_one_that_goes_on_can_be_stopped_and_begun_again(workspace):
    lines = [{"question": f"What is {n}?", "answer": f"It is the number {n}. " * 200} for n in range(4_000)]
    table_id = store_table(workspace, lines)
    survey = begin(workspace, table_id, "languages", "near-duplicates", "secrets")
    assert begin(workspace, table_id).id == survey.id
    stop_survey(workspace, survey)
    stopped = known(workspace, table_id)
    assert stopped is not None
    assert (stopped.task.state, stopped.findings) == ("stopped", ())
    assert begin(workspace, table_id).task.state in ("running", "done")


def test_one_that_fails_says_why(workspace, started, monkeypatch):
    table_id = store_table(workspace, LINES)
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    failed = TaskState(id="0" * 32, state="failed", message="The disk is full.", hint="Make room.")
    monkeypatch.setattr(survey, "wait_task", lambda folder, progress: failed)
    with pytest.raises(StudioError, match="The disk is full"):
        survey_table(recipe, table, workspace)


def test_the_oldest_are_cleared_away_and_all_of_a_table_with_it(workspace, started):
    table_id = store_table(workspace, LINES)
    revision, table = workspace.revision(table_id), workspace.table(table_id)
    ids = []
    for row in range(survey.KEPT + 2):
        ids.append(begin(workspace, table_id).id)
        revision.exclude(table, [row])
        time.sleep(0.01)
    assert {path.name for path in workspace.surveys.iterdir()} == set(ids[2:])
    with pytest.raises(WorkspaceError, match="not there any more"):
        open_survey(workspace, ids[0])
    remove_dataset(workspace, table_id)
    assert list(workspace.surveys.iterdir())
    delete_dataset(workspace, table_id)
    assert list(workspace.surveys.iterdir()) == []
