"""From a changed table to an export: the stages' order, counts that add up, the same bytes from anywhere."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from studio.errors import RecipeError, SourceError, TableError
from studio.export import Export
from studio.pipeline import build, build_table, load_table, plan_splits, preview_example, select_left
from studio.recipe import ExportSpec, SplitSpec, parse_recipe
from studio.record import Exclusion
from studio.source import parse_source
from studio.table import Changes
from studio.workspace import Workspace
from tests.rows import rows_by_part

ROWS = [{"question": f"What is {n}?", "answer": f"It is {n}.", "n": n} for n in range(20)]


def as_jsonl(rows: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(row).encode().replace(b'": ', b'" :  ') + b"\n" for row in rows)


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    return b"question,answer,n\n" + b"".join(
        f'"{row["question"]}",{row["answer"]},{row["n"]}\n'.encode() for row in rows
    )


def as_parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue().to_pybytes()


SOURCES: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "data.jsonl": as_jsonl,
    "data.jsonl.gz": lambda rows: gzip.compress(as_jsonl(rows), mtime=0),
    "data.json": lambda rows: json.dumps(rows, indent=1).encode(),
    "data.csv": as_csv,
    "data.parquet": as_parquet,
}


@pytest.fixture
def workspace(settings) -> Workspace:
    return Workspace(settings)


def store(workspace: Workspace, path: Path, data: bytes) -> str:
    path.write_bytes(data)
    table_id = workspace.new_id()
    load_table(parse_source(str(path)), workspace.table_folder(table_id), workspace.settings)
    return table_id


def read_lines(export: Export, part: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export.part(part).read_bytes().split(b"\n") if line]


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("format_", ["records", "prompt-completion"])
def test_a_fresh_process_writes_the_same_bytes_from_the_recipe(workspace, tmp_path, name, format_):
    table_id = store(workspace, tmp_path / name, SOURCES[name](ROWS))
    revision, table = workspace.revision(table_id), workspace.table(table_id)
    revision.exclude(table, [0, 7, 19])
    revision.edit(table, 3, "answer", 'A "better" one,\nof two lines\u2028\tand é 😀.')
    revision.edit(table, 4, "answer", None)
    revision.edit(table, 5, "n", "500")
    draft = workspace.draft(table_id).model_copy(update={"export": ExportSpec(format=format_)})
    draft = parse_recipe(
        "\n".join(["filter: [{column: question, is: contains, value: 'WHAT is 1', not: true}]", dump(draft)])
    )
    export = build_table(draft, workspace.result(table_id), tmp_path / "first")
    code = "import sys; from studio.cli import main; sys.exit(main())"
    arguments = ["build", str(export.folder / "recipe.yaml"), "--out", str(tmp_path / "second"), "--json"]
    shown = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--source", str(tmp_path / name)],
        env={**os.environ, "STUDIO_WORKSPACE": str(tmp_path / "elsewhere")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert folder_bytes(tmp_path / "second") == folder_bytes(export.folder)
    counts = json.loads(shown.stdout)["counts"]
    assert counts == export.manifest["counts"]
    # 1 and 10 to 18 say "What is 1"; 19 is out already.
    assert (counts["excluded"], counts["edited"], counts["filtered"]) == (3, 3, 10)


def dump(recipe) -> str:
    from studio.recipe import dump_recipe

    return dump_recipe(recipe)


def test_records_keep_their_bytes_but_for_those_that_are_edited(workspace, tmp_path):
    data = b'{"question" : "a","n":1.50}\n{"n":2,"question":"b"}\n{"question":"c"}\n'
    table_id = store(workspace, tmp_path / "data.jsonl", data)
    revision, table = workspace.revision(table_id), workspace.table(table_id)
    revision.exclude(table, [2])
    revision.edit(table, 1, "question", 'é "')
    draft = workspace.draft(table_id).model_copy(
        update={"export": ExportSpec(format="records"), "split": SplitSpec.model_validate({"train": 1.0})}
    )
    export = build_table(draft, workspace.result(table_id), tmp_path / "out")
    assert export.part("train").read_bytes() == (
        b'{"question" : "a","n":1.50}\n' + '{"question": "é \\"", "n": 2}\n'.encode()
    )


def test_what_is_previewed_is_what_is_exported(workspace, tmp_path):
    table_id = store(workspace, tmp_path / "data.jsonl", as_jsonl(ROWS))
    revision, table = workspace.revision(table_id), workspace.table(table_id)
    revision.exclude(table, [1, 2])
    revision.edit(table, 4, "question", "New?")
    draft = workspace.draft(table_id).model_copy(update={"split": SplitSpec.model_validate({"train": 1.0})})
    result = workspace.result(table_id)
    exported = read_lines(build_table(draft, result, tmp_path / "out"), "train")
    left = [row for row in range(20) if row not in (1, 2)]
    assert exported == [preview_example(draft, result, row).to_dict() for row in left]
    assert exported[2]["prompt"] == "### Question:\nNew?\n\n### Answer:"


def test_the_records_left_are_split_in_table_order(workspace, tmp_path):
    table_id = store(workspace, tmp_path / "data.jsonl", as_jsonl(ROWS))
    workspace.revision(table_id).exclude(workspace.table(table_id), range(0, 20, 2))
    draft = workspace.draft(table_id)
    for plan in ({"method": "sequential", "train": 0.8, "test": 0.2}, {"train": 0.5, "test": 0.2, "seed": 3}):
        recipe = draft.model_copy(update={"split": SplitSpec.model_validate(plan)})
        splits = plan_splits(recipe, workspace.result(table_id))
        alone = store(workspace, tmp_path / "left.jsonl", as_jsonl(ROWS[1::2]))
        same = plan_splits(recipe, workspace.table(alone))
        assert rows_by_part(splits) == {
            name: [2 * row + 1 for row in rows] for name, rows in rows_by_part(same).items()
        }
        assert splits.unused == same.unused


def test_counts_of_published_splits_leave_out_what_is_excluded(workspace, tmp_path, monkeypatch):
    folder = tmp_path / "data"
    folder.mkdir()
    for name, rows in (("a", ROWS[:6]), ("b", ROWS[6:9]), ("c", ROWS[9:10])):
        (folder / f"{name}.jsonl").write_bytes(as_jsonl(rows))
    table_id = workspace.new_id()
    load_table(parse_source(str(folder)), workspace.table_folder(table_id), workspace.settings)
    workspace.revision(table_id).exclude(workspace.table(table_id), [0, 5, 7, 9])
    splits = iter(["train", "test", "validation"])
    names = {file.name: next(splits) for file in workspace.table(table_id).files}
    monkeypatch.setattr(
        "studio.table.stored.Table.published",
        property(
            lambda table: [
                (names[file.name], count) for file, count in zip(table.files, [6, 3, 1], strict=True)
            ]
        ),
    )
    recipe = workspace.draft(table_id).model_copy(
        update={"split": SplitSpec.model_validate({"method": "published"})}
    )
    result = workspace.result(table_id)
    assert select_left(recipe, result).published == (("train", 4), ("test", 2), ("validation", 0))
    assert rows_by_part(plan_splits(recipe, result)) == {"train": [1, 2, 3, 4], "test": [6, 8]}
    export = build_table(recipe, result, tmp_path / "out")
    assert [line["prompt"].split("\n")[1] for line in read_lines(export, "test")] == [
        "What is 6?",
        "What is 8?",
    ]


def test_the_filter_sees_what_was_edited_and_counts_what_it_takes(workspace, tmp_path):
    table_id = store(workspace, tmp_path / "data.jsonl", as_jsonl(ROWS))
    revision, table = workspace.revision(table_id), workspace.table(table_id)
    revision.exclude(table, [10])
    revision.edit(table, 0, "n", "99")
    rest = "filter: [{column: n, is: number, value: [10, null]}]\n"
    draft = parse_recipe(rest + dump(workspace.draft(table_id)))
    left = select_left(draft, workspace.result(table_id))
    assert left.rows.tolist() == [0, *range(11, 20)]
    assert (left.records, left.excluded, left.filtered, left.edited) == (10, 1, 9, 1)
    assert left.words == "1 excluded, 1 edited, 9 filtered out"
    export = build_table(draft, workspace.result(table_id), tmp_path / "out")
    counts = export.manifest["counts"]
    parts = sum(part["records"] for part in export.manifest["parts"].values())
    assert counts["accepted"] == counts["excluded"] + counts["filtered"] + parts + counts["unused"] == 20


def test_a_filter_on_a_column_that_is_not_there_is_refused(workspace, tmp_path):
    table_id = store(workspace, tmp_path / "data.jsonl", as_jsonl(ROWS))
    draft = parse_recipe("filter: [{column: nope, is: 'empty'}]\n" + dump(workspace.draft(table_id)))
    with pytest.raises(TableError, match="nope"):
        build_table(draft, workspace.result(table_id), tmp_path / "out")


def test_a_recipe_whose_records_are_others_is_refused_and_nothing_is_written(workspace, tmp_path):
    table_id = store(workspace, tmp_path / "data.jsonl", as_jsonl(ROWS))
    workspace.revision(table_id).exclude(workspace.table(table_id), [4, 5])
    recipe = workspace.draft(table_id)
    loose = recipe.model_copy(update={"source": recipe.source.model_copy(update={"sha256": None})})
    (tmp_path / "data.jsonl").write_bytes(as_jsonl(ROWS).replace(b"What is 4?", b"What is IV?"))
    with pytest.raises(RecipeError, match="line 5 is another record") as caught:
        build(loose, tmp_path / "out", settings=workspace.settings, recipe_folder=tmp_path)
    assert "line 6" not in caught.value.message
    (tmp_path / "data.jsonl").write_bytes(as_jsonl(ROWS[:5]))
    with pytest.raises(RecipeError, match="line 6 holds no record"):
        build(loose, tmp_path / "out", settings=workspace.settings, recipe_folder=tmp_path)
    assert not (tmp_path / "out").exists()


def test_a_table_without_the_changes_of_the_recipe_is_refused(workspace, tmp_path):
    table_id = store(workspace, tmp_path / "data.jsonl", as_jsonl(ROWS))
    workspace.revision(table_id).exclude(workspace.table(table_id), [4])
    with pytest.raises(SourceError, match="has no changes, and the recipe 1 excluded and 0 edited"):
        build_table(workspace.draft(table_id), workspace.table(table_id), tmp_path / "out")


def test_a_hand_written_overlay_is_applied(workspace, tmp_path):
    path = tmp_path / "data.jsonl"
    table_id = store(workspace, path, as_jsonl(ROWS))
    [named] = [
        Exclusion(line=spec.line, hash=spec.hash)
        for spec in _excluded_draft(workspace, table_id).overlay.exclude
    ]
    text = (
        f"source: {{path: data.jsonl}}\ntemplate: {{style: question-answer}}\n"
        f"overlay: {{exclude: [{{line: {named.line}, hash: '{named.hash}'}}]}}\n"
    )
    export = build(parse_recipe(text), tmp_path / "out", settings=workspace.settings, recipe_folder=tmp_path)
    assert len(read_lines(export, "train")) == 19
    assert export.manifest["counts"]["excluded"] == 1


def _excluded_draft(workspace: Workspace, table_id: str):
    revision = workspace.revision(table_id)
    revision.exclude(workspace.table(table_id), [8])
    draft = workspace.draft(table_id)
    revision.journal.undo()
    assert workspace.result(table_id).changes == Changes()
    return draft
