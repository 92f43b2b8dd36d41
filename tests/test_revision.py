"""A person's changes in a workspace: kept by line and hash, undone, found again after a new reading."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from studio.errors import TableError
from studio.ingest.repair import save_repairs, undo_repair
from studio.pipeline import load_table
from studio.record import Json, Repair
from studio.source import parse_source
from studio.table import Changes
from studio.workspace import Workspace

LINES = b'{"q":"a","n":1}\n{"q":"b"\n{"q":"c","n":3}\n{"q":"d","n":null}\n{"q":"e"}\n'


@pytest.fixture
def workspace(settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "data.jsonl"
    path.write_bytes(LINES)
    return path


@pytest.fixture
def table_id(workspace, path) -> str:
    return read(workspace, path, workspace.new_id())


def read(workspace, path, table_id) -> str:
    load_table(parse_source(str(path)), workspace.table_folder(table_id), workspace.settings)
    return table_id


def parts(workspace, table_id):
    return workspace.revision(table_id), workspace.table(table_id)


def mend(workspace, table_id, raw):
    line = next(workspace.table(table_id).quarantine())
    save_repairs(workspace, table_id, [Repair(file=line.file, line=line.line, hash=line.hash, raw=raw)])


def test_changes_are_in_the_result_and_in_the_draft_and_survive_a_restart(workspace, table_id, path):
    revision, table = parts(workspace, table_id)
    assert revision.exclude(table, [3, 0, 3]).changed == 2
    assert revision.edit(table, 1, "q", "C").undo == "edit q"
    again = Workspace(workspace.settings)
    for work in (workspace, again):
        result, draft = work.result(table_id), work.draft(table_id)
        assert result.changes == Changes(edits={1: {"q": "C"}}, excluded=(0, 3))
        assert [record["q"] for record in result.iter_records()] == ["a", "C", "d", "e"]
        assert [spec.line for spec in draft.overlay.exclude] == [1, 5]
        assert [(spec.line, spec.column, spec.value) for spec in draft.overlay.edit] == [(3, "q", "C")]
    assert workspace.table(table_id).changes == Changes()
    assert path.read_bytes() == LINES


def test_the_kept_draft_has_no_changes_of_its_own(workspace, table_id):
    revision, table = parts(workspace, table_id)
    revision.exclude(table, [0])
    workspace.save_draft(table_id, workspace.draft(table_id))
    revision.journal.undo()
    assert workspace.draft(table_id).overlay.exclude == []
    [draft] = (workspace.root / "drafts").iterdir()
    assert "exclude" not in draft.read_text()


def test_undo_and_redo_have_no_limit_and_survive_a_restart(workspace, table_id):
    revision, table = parts(workspace, table_id)
    for number in range(200):
        revision.edit(table, 0, "q", f"v{number}")
    for number in range(198, -1, -1):
        if number % 50 == 0:
            revision = Workspace(workspace.settings).revision(table_id)
        revision.journal.undo()
        assert revision.apply(table).record(0)["q"] == f"v{number}"
    assert revision.journal.undo().undo is None
    assert revision.apply(table).record(0)["q"] == "a"
    for _ in range(200):
        standing = revision.journal.redo()
    assert (standing.redo, revision.apply(table).record(0)["q"]) == (None, "v199")


def test_what_changes_nothing_is_no_action(workspace, table_id):
    revision, table = parts(workspace, table_id)
    revision.exclude(table, [0])
    revision.edit(table, 1, "n", "7")
    size = revision.journal.size
    assert revision.exclude(table, [0]).changed == 0
    assert revision.restore(table, [1, 2]).changed == 0
    assert revision.edit(table, 1, "n", " 7 ").changed == 0
    assert revision.edit(table, 0, "n", "1").changed == 0
    assert revision.revert(table, 0, "n").changed == 0
    assert revision.journal.size == size


def test_the_value_of_the_source_reverts_an_edit_and_a_missing_value_is_no_null(workspace, table_id):
    revision, table = parts(workspace, table_id)
    revision.edit(table, 1, "n", "7")
    assert revision.edit(table, 1, "n", "3").undo == "revert n"
    assert revision.edit(table, 2, "n", None).changed == 0
    assert revision.edit(table, 3, "n", None).changed == 1
    assert dict(revision.apply(table).record(3)) == {"q": "e", "n": None}
    assert revision.apply(table).changes.cells == 1


def test_all_excluded_records_are_restored_at_once(workspace, table_id):
    revision, table = parts(workspace, table_id)
    revision.exclude(table, [0, 1])
    revision.exclude(table, [3])
    assert revision.restore_all().undo == "restore 3 records"
    assert revision.apply(table).kept is None
    assert revision.journal.undo().changed == 3
    assert revision.apply(table).kept.tolist() == [2]


@pytest.mark.parametrize(("row", "column"), [(4, "q"), (-1, "q"), (0, "x")])
def test_what_is_not_there_is_not_changed(workspace, table_id, row, column):
    revision, table = parts(workspace, table_id)
    with pytest.raises(TableError, match=r"has no (row|column)"):
        revision.edit(table, row, column, "x")
    if column == "q":
        with pytest.raises(TableError, match="has no row"):
            revision.exclude(table, [0, row])
    assert revision.journal.size == 0


def test_more_records_than_the_limit_are_not_changed_one_by_one(settings, path):
    limits = replace(settings.limits, changed_records=2)
    workspace = Workspace(replace(settings, limits=limits))
    revision, table = parts(workspace, read(workspace, path, workspace.new_id()))
    revision.exclude(table, [0])
    revision.edit(table, 0, "q", "x")
    revision.edit(table, 1, "q", "x")
    for act in (lambda: revision.exclude(table, [2]), lambda: revision.edit(table, 2, "q", "x")):
        with pytest.raises(TableError, match="3 records would be changed") as caught:
            act()
        assert "filter in the recipe" in caught.value.hint
    revision.edit(table, 1, "n", "9")
    assert revision.apply(table).changes.words == "1 excluded, 3 edited"


def test_a_repair_moves_the_rows_and_keeps_the_changes(workspace, table_id):
    revision, table = parts(workspace, table_id)
    revision.exclude(table, [1])
    revision.edit(table, 2, "q", "D")
    mend(workspace, table_id, '{"q":"b","n":2}')
    result = workspace.result(table_id)
    assert len(result) == 5
    assert result.changes == Changes(edits={3: {"q": "D"}}, excluded=(2,))
    revision.exclude(workspace.table(table_id), [1])
    assert [spec.line for spec in workspace.draft(table_id).overlay.exclude] == [2, 3]
    undo_repair(workspace, table_id, "data.jsonl", 2)
    assert workspace.result(table_id).changes == Changes(edits={2: {"q": "D"}}, excluded=(1,))
    assert [spec.line for spec in workspace.draft(table_id).overlay.exclude] == [3]
    mend(workspace, table_id, '{"q":"B","n":2}')
    assert workspace.result(table_id).changes.excluded == (1, 2)


def test_a_text_stays_a_text_when_a_repair_makes_its_column_json(workspace, table_id):
    revision, table = parts(workspace, table_id)
    revision.edit(table, 0, "q", '5 "x"')
    mend(workspace, table_id, '{"q":["b"],"n":2}')
    result = workspace.result(table_id)
    assert [result.record(row)["q"] for row in (0, 1)] == ['5 "x"', Json('["b"]')]
    assert workspace.draft(table_id).overlay.edit[0].value == '"5 \\"x\\""'
    revision.edit(workspace.table(table_id), 0, "q", "[2]")
    undo_repair(workspace, table_id, "data.jsonl", 2)
    assert workspace.result(table_id).record(0)["q"] == "[2]"


def test_another_record_at_the_line_is_left_alone(workspace, table_id, path):
    revision, table = parts(workspace, table_id)
    revision.exclude(table, [0, 3])
    revision.edit(table, 1, "q", "C")
    path.write_bytes(LINES.replace(b'"a"', b'"z"').replace(b'"c"', b'"z"'))
    shutil.rmtree(workspace.table_folder(table_id))
    read(workspace, path, table_id)
    assert workspace.result(table_id).changes == Changes(excluded=(3,))
    assert workspace.draft(table_id).overlay.edit == []
    path.write_bytes(LINES)
    shutil.rmtree(workspace.table_folder(table_id))
    read(workspace, path, table_id)
    assert workspace.result(table_id).changes == Changes(edits={1: {"q": "C"}}, excluded=(0, 3))
