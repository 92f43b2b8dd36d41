from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.errors import WorkspaceError
from studio.pipeline import load_table
from studio.source import parse_source
from studio.workspace import Workspace


@pytest.fixture
def workspace(settings):
    return Workspace(settings)


def store(workspace, path):
    table_id = workspace.new_id()
    load_table(parse_source(str(path)), workspace.table_folder(table_id), workspace.settings)
    return table_id


def test_tables_are_listed_newest_first(workspace, write_jsonl, question_rows):
    first = store(workspace, write_jsonl(question_rows, "a.jsonl"))
    second = store(workspace, write_jsonl(question_rows, "b.jsonl"))
    assert workspace.table_ids() == [second, first]
    assert workspace.table(second).name == "b.jsonl"


def test_first_draft_proposes_the_style_that_fits(workspace, write_jsonl, question_rows):
    draft = workspace.draft(store(workspace, write_jsonl(question_rows)))
    assert draft.template.style == "question-answer"
    assert draft.split.sizes == {"train": 0.9, "test": 0.1}
    assert draft.source.path == "data.jsonl"
    assert len(draft.source.sha256) == 64


def test_first_draft_of_unknown_columns_shows_the_first(workspace, write_jsonl):
    draft = workspace.draft(store(workspace, write_jsonl([{"my column": "x"}])))
    assert (draft.template.style, draft.columns) == ("text", {"text": "my column"})
    assert draft.split.sizes == {"train": 1.0}


def test_draft_is_kept(workspace, write_jsonl, question_rows):
    table_id = store(workspace, write_jsonl(question_rows))
    draft = workspace.draft(table_id)
    changed = draft.model_copy(update={"columns": {"question": "answer"}})
    workspace.save_draft(table_id, changed)
    assert Workspace(workspace.settings).draft(table_id) == changed


def test_changes_of_a_draft_at_the_same_time_are_all_kept(workspace, write_jsonl, question_rows):
    table_id = store(workspace, write_jsonl(question_rows))

    def count(draft):
        train = draft.train.model_copy(update={"seed": draft.train.seed + 1})
        return draft.model_copy(update={"train": train})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: workspace.change_draft(table_id, count), range(24)))
    assert workspace.draft(table_id).train.seed == 42 + 24


def test_a_change_that_fails_leaves_the_draft_and_lets_the_next_in(workspace, write_jsonl, question_rows):
    table_id = store(workspace, write_jsonl(question_rows))
    before = workspace.draft(table_id)
    with pytest.raises(ZeroDivisionError):
        workspace.change_draft(table_id, lambda _: 1 // 0)
    assert workspace.change_draft(table_id, lambda draft: draft) == before


def test_what_was_made_from_a_table_is_found_again(workspace, write_jsonl, question_rows):
    table_id = store(workspace, write_jsonl(question_rows))
    export_id = workspace.new_id()
    workspace.export_folder(export_id).mkdir()
    workspace.note_table(export_id, table_id)
    assert workspace.exports_of(table_id) == [export_id]
    assert workspace.exports_of(workspace.new_id()) == []


@pytest.mark.parametrize("given", ["", "..", "../../etc", "a" * 31, "A" * 32, "a" * 32 + "\n", "/" * 32])
def test_what_is_no_id_names_no_path(workspace, given):
    for find in (workspace.table, workspace.draft, workspace.upload_path, workspace.export, workspace.run):
        with pytest.raises(WorkspaceError):
            find(given)


def test_unknown_id_is_an_error_in_words(workspace):
    with pytest.raises(WorkspaceError, match="There is no table"):
        workspace.table("0" * 32)


def test_workspace_that_cannot_be_made_is_named(settings, tmp_path):
    (tmp_path / "workspace").write_text("a file")
    with pytest.raises(WorkspaceError, match="Cannot use the workspace"):
        Workspace(settings)
