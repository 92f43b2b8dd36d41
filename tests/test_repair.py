"""Repairs: mended lines in their places, in the recipe, replayed, undone; the source never changed."""

import json
from pathlib import Path

import pytest

from studio.errors import ReadError, SourceError, WorkspaceError
from studio.ingest import start_ingest, wait_ingest
from studio.ingest.repair import accept_lines, check_repair, list_repairs, save_repairs, undo_repair
from studio.pipeline import build, build_table
from studio.recipe import load_recipe
from studio.record import Quarantined, Repair
from studio.source import parse_source
from studio.table import Table
from studio.workspace import Workspace

LINES = b'{"q":"a"}\n{"q":"b"\n{"q":"c"}\n[4]\n'


@pytest.fixture
def workspace(settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture
def path(tmp_path) -> Path:
    path = tmp_path / "faults.jsonl"
    path.write_bytes(LINES)
    return path


def repair_of(line: Quarantined, raw: str) -> Repair:
    return Repair(file=line.file, line=line.line, hash=line.hash, raw=raw)


def values(table: Table) -> list[object]:
    return [record.get("q") for record in table.page(0, 50).rows]


def test_a_repaired_line_stands_in_its_place_and_the_counts_add_up(workspace, path):
    table_id = start_ingest(parse_source(str(path)), workspace).id
    cut, array = workspace.table(table_id).quarantine()
    save_repairs(workspace, table_id, [repair_of(cut, '{"q":"b"}')])
    table = workspace.table(table_id)
    assert values(table) == ["a", "b", "c"]
    assert [record.line for record in table.page(0, 50).rows] == [1, 2, 3]
    assert (table.counts.read, table.counts.accepted, table.counts.quarantined, table.repaired) == (
        4,
        3,
        1,
        1,
    )
    assert [line.line for line in table.quarantine()] == [array.line]
    assert path.read_bytes() == LINES


def test_a_repair_is_kept_in_the_recipe_and_replayed_to_the_same_bytes(workspace, path, tmp_path):
    table_id = start_ingest(parse_source(str(path)), workspace).id
    cut, array = workspace.table(table_id).quarantine()
    save_repairs(workspace, table_id, [repair_of(cut, '{"q":"b"}')])
    save_repairs(workspace, table_id, [repair_of(array, '{"q":"d"}')])
    export = build_table(workspace.draft(table_id), workspace.table(table_id), tmp_path / "first")
    recipe = load_recipe(export.folder / "recipe.yaml")
    assert [spec.line for spec in recipe.overlay.repair] == [2, 4]
    replayed = build(recipe, tmp_path / "second", settings=workspace.settings, recipe_folder=path.parent)
    for file, again in zip(export.files, replayed.files, strict=True):
        assert file.read_bytes() == again.read_bytes()


def test_a_repair_that_does_not_parse_is_refused_and_nothing_is_kept(workspace, path):
    table_id = start_ingest(parse_source(str(path)), workspace).id
    cut, _ = workspace.table(table_id).quarantine()
    with pytest.raises(ReadError, match="duplicate key"):
        save_repairs(workspace, table_id, [repair_of(cut, '{"q":1,"q":2}')])
    assert list_repairs(workspace, table_id) == []
    assert values(workspace.table(table_id)) == ["a", "c"]


def test_a_repair_shows_what_it_would_become(workspace, path):
    table_id = start_ingest(parse_source(str(path)), workspace).id
    cut, _ = workspace.table(table_id).quarantine()
    fields = check_repair(workspace.table(table_id), repair_of(cut, '{"q": 2.50}'), workspace.settings.limits)
    assert {name: bytes(spelling) for name, spelling in fields.items()} == {"q": b"2.50"}


def test_a_line_accepted_as_text_is_a_record_with_that_text(workspace, path):
    table_id = start_ingest(parse_source(str(path)), workspace).id
    accept_lines(workspace, table_id, [("faults.jsonl", 2), ("faults.jsonl", 4)], "q")
    assert values(workspace.table(table_id)) == ["a", '{"q":"b"', "c", "[4]"]


def test_an_undone_repair_puts_its_line_back_into_the_quarantine(workspace, path):
    table_id = start_ingest(parse_source(str(path)), workspace).id
    accept_lines(workspace, table_id, [("faults.jsonl", 2), ("faults.jsonl", 4)], "q")
    undo_repair(workspace, table_id, "faults.jsonl", 2)
    table = workspace.table(table_id)
    assert values(table) == ["a", "c", "[4]"]
    assert [line.line for line in table.quarantine()] == [2]
    with pytest.raises(ReadError, match="has no repair"):
        undo_repair(workspace, table_id, "faults.jsonl", 2)


def test_a_repair_of_another_line_is_refused(workspace, path):
    table_id = start_ingest(parse_source(str(path)), workspace).id
    cut, _ = workspace.table(table_id).quarantine()
    with pytest.raises(ReadError, match="not in quarantine"):
        save_repairs(workspace, table_id, [Repair(file=cut.file, line=1, hash=cut.hash, raw='{"q":1}')])
    with pytest.raises(ReadError, match="not the line"):
        save_repairs(workspace, table_id, [Repair(file=cut.file, line=2, hash="0" * 16, raw='{"q":1}')])


def test_a_repair_after_the_source_has_changed_is_refused(workspace, path):
    table_id = start_ingest(parse_source(str(path)), workspace).id
    cut, _ = workspace.table(table_id).quarantine()
    path.write_bytes(LINES.replace(b'"a"', b'"z"'))
    with pytest.raises(SourceError, match="has changed"):
        save_repairs(workspace, table_id, [repair_of(cut, '{"q":"b"}')])


def test_a_recipe_whose_repair_is_of_another_line_is_refused(workspace, path, tmp_path):
    table_id = start_ingest(parse_source(str(path)), workspace).id
    cut, _ = workspace.table(table_id).quarantine()
    save_repairs(workspace, table_id, [repair_of(cut, '{"q":"b"}')])
    recipe = workspace.draft(table_id)
    recipe = recipe.model_copy(update={"source": recipe.source.model_copy(update={"sha256": None})})
    path.write_bytes(LINES.replace(b'{"q":"b"\n', b'{"q":"other"\n'))
    with pytest.raises(ReadError, match="not the line that was repaired"):
        build(recipe, tmp_path / "out", settings=workspace.settings, recipe_folder=path.parent)
    path.write_bytes(LINES.replace(b'{"q":"b"\n', b'{"q":"b"}\n'))
    with pytest.raises(ReadError, match="no line that is refused"):
        build(recipe, tmp_path / "out", settings=workspace.settings, recipe_folder=path.parent)


def test_lines_of_several_files_are_repaired_by_file(workspace, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(LINES)
    (folder / "b.jsonl").write_bytes(LINES)
    table_id = start_ingest(parse_source(str(folder)), workspace).id
    line = workspace.table(table_id).quarantined_line("b.jsonl", 2)
    save_repairs(workspace, table_id, [repair_of(line, '{"q":"B"}')])
    table = workspace.table(table_id)
    assert [(record.file, record["q"]) for record in table.page(0, 9).rows] == [
        ("a.jsonl", "a"),
        ("a.jsonl", "c"),
        ("b.jsonl", "a"),
        ("b.jsonl", "B"),
        ("b.jsonl", "c"),
    ]
    assert workspace.draft(table_id).overlay.repair[0].file == "b.jsonl"


def test_a_large_source_is_read_anew_in_the_background_and_stays_whole_meanwhile(workspace, tmp_path):
    path = tmp_path / "large.jsonl"
    rows = "".join(json.dumps({"q": f"{number} " + "word " * 20}) + "\n" for number in range(60_000))
    path.write_text(rows + '{"q": \n')
    table_id = start_ingest(parse_source(str(path)), workspace).id
    wait_ingest(workspace, table_id)
    (cut,) = workspace.table(table_id).quarantine()
    state = save_repairs(workspace, table_id, [repair_of(cut, '{"q": "mended"}')])
    while state.state == "reading":
        assert len(workspace.table(table_id)) >= 60_000
        state = wait_ingest(workspace, table_id)
    table = workspace.table(table_id)
    assert (len(table), table.repaired, table.record(60_000)["q"]) == (60_001, 1, "mended")


def test_after_a_line_was_accepted_as_text_others_are_still_read_by_the_header(workspace, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\nnote\n3\n")
    table_id = start_ingest(parse_source(str(path)), workspace).id
    accept_lines(workspace, table_id, [("rows.csv", 3)], "text")
    (short,) = workspace.table(table_id).quarantine()
    save_repairs(workspace, table_id, [repair_of(short, "3,4")])
    rows = workspace.table(table_id).page(0, 9).rows
    assert [dict(row) for row in rows] == [{"a": "1", "b": "2"}, {"text": "note"}, {"a": "3", "b": "4"}]


def test_a_reading_anew_that_is_stopped_leaves_the_table_as_it_was(settings, path, tmp_path):
    from studio.reader import Stopped, read_source

    table = read_source(parse_source(str(path)), tmp_path / "table", settings)

    def stop(*_: object) -> None:
        raise Stopped

    kept = read_source(parse_source(str(path)), table.folder, settings, live=True, progress=stop)
    assert (len(kept), kept.partial) == (len(table), False)
    assert values(kept) == values(table)


def test_a_table_that_is_being_read_takes_no_repair(workspace, tmp_path):
    path = tmp_path / "large.jsonl"
    path.write_text('{"q": \n' + "".join('{"q": "' + "word " * 40 + '"}\n' for _ in range(400_000)))
    table_id = start_ingest(parse_source(str(path)), workspace).id
    (cut,) = workspace.table(table_id).quarantine()
    with pytest.raises(WorkspaceError, match="is being read"):
        save_repairs(workspace, table_id, [repair_of(cut, '{"q": "mended"}')])
    assert wait_ingest(workspace, table_id).state == "done"
