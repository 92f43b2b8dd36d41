"""The whole pipeline on small files, and on the courses' real data when it is there."""

import gzip
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from studio.errors import ExportError, SourceError, SplitError, TemplateError
from studio.export import open_export
from studio.pipeline import build, build_table, load_table, preview_example, resolve_recipe
from studio.recipe import load_recipe, parse_recipe
from studio.source import parse_source
from studio.workspace import Workspace
from tests.hub_server import COMMIT, HubServer


def read_lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def recipe_for(path, rest="template: {style: question-answer}\n"):
    return parse_recipe(f"source: {{path: {json.dumps(str(path))}}}\n{rest}")


def folder_bytes(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_build_writes_parts_recipe_and_manifest(tmp_path, settings, write_jsonl, question_rows):
    recipe = recipe_for(
        write_jsonl(question_rows),
        "template: {style: question-answer}\nsplit: {method: sequential, train: 0.8, test: 0.1}\n",
    )
    export = build(recipe, tmp_path / "out", settings=settings)
    assert sorted(path.name for path in export.folder.iterdir()) == [
        "manifest.json",
        "recipe.yaml",
        "test.jsonl",
        "train.jsonl",
    ]
    train = read_lines(export.part("train"))
    assert train[3] == {
        "prompt": "### Question:\nWhat is 3?\n\n### Answer:",
        "completion": "\nIt is the number 3.",
    }
    manifest = export.manifest
    nothing = dict.fromkeys(("quarantined", "blank", "excluded", "edited", "filtered"), 0)
    assert manifest["counts"] == {"read": 20, "accepted": 20, **nothing, "unused": 2}
    assert {name: part["records"] for name, part in manifest["parts"].items()} == {"train": 16, "test": 2}
    for part in manifest["parts"].values():
        data = (export.folder / part["file"]).read_bytes()
        assert part["sha256"] == hashlib.sha256(data).hexdigest()
        assert part["bytes"] == len(data)
    assert [path.name for path in export.files] == [
        "train.jsonl",
        "test.jsonl",
        "recipe.yaml",
        "manifest.json",
    ]


def test_same_recipe_gives_the_same_bytes_twice_and_from_a_stored_table(
    tmp_path, settings, write_jsonl, question_rows
):
    path = write_jsonl(question_rows)
    recipe = recipe_for(path, "template: {style: question-answer}\nsplit: {train: 0.9, test: 0.1, seed: 7}\n")
    first = folder_bytes(build(recipe, tmp_path / "a", settings=settings).folder)
    assert folder_bytes(build(recipe, tmp_path / "b", settings=settings).folder) == first
    table = load_table(parse_source(str(path)), tmp_path / "table", settings)
    assert folder_bytes(build_table(recipe, table, tmp_path / "c").folder) == first


def test_exported_recipe_reproduces_its_export(tmp_path, settings, write_jsonl, question_rows):
    path = write_jsonl(question_rows)
    recipe = recipe_for(
        path,
        'template: {prompt: "{q}", completion: "{answer}"}\ncolumns: {q: question, unused: x}\n'
        "split: {test: 0.25, train: 0.75}\nexport: {names: {prompt: in, completion: completion}}\n",
    )
    export = build(recipe, tmp_path / "a", settings=settings)
    again = load_recipe(export.folder / "recipe.yaml")
    assert again.source.path == "data.jsonl"
    replayed = build(again, tmp_path / "b", settings=settings, recipe_folder=tmp_path)
    assert folder_bytes(replayed.folder) == folder_bytes(export.folder)
    assert str(tmp_path) not in (export.folder / "manifest.json").read_text()


def test_preview_is_what_is_exported(tmp_path, settings, write_jsonl):
    rows = [
        {"instruction": f"Do {n}", "input": "" if n % 2 else "x", "output": n / 4, "extra": [n]}
        for n in range(9)
    ]
    table = load_table(parse_source(str(write_jsonl(rows))), tmp_path / "table", settings)
    for style in ("alpaca", "alpaca-short", "input-output"):
        recipe = recipe_for("data.jsonl", f"template: {{style: {style}}}\n")
        exported = read_lines(build_table(recipe, table, tmp_path / style).part("train"))
        assert exported == [preview_example(recipe, table, row).to_dict() for row in range(9)]


def test_two_recipes_that_mean_the_same_resolve_to_the_same(tmp_path, settings, write_jsonl, question_rows):
    table = load_table(parse_source(str(write_jsonl(question_rows))), tmp_path / "table", settings)
    short = recipe_for("elsewhere/data.jsonl")
    long = recipe_for(
        "data.jsonl",
        "template: {style: question-answer}\ncolumns: {question: question}\n"
        "export: {format: prompt-completion, names: {prompt: prompt}, file: jsonl}\n",
    )
    assert resolve_recipe(short, table) == resolve_recipe(long, table)


def test_source_with_another_hash_is_refused(tmp_path, settings, write_jsonl, question_rows):
    recipe = recipe_for(write_jsonl(question_rows))
    wrong = recipe.model_copy(update={"source": recipe.source.model_copy(update={"sha256": "0" * 64})})
    with pytest.raises(SourceError, match=r"data\.jsonl is not the recipe's file"):
        build(wrong, tmp_path / "out", settings=settings)
    assert not (tmp_path / "out").exists()


def test_file_is_found_beside_the_recipe_by_flag_and_by_hash(tmp_path, settings, write_jsonl, question_rows):
    path = write_jsonl(question_rows)
    workspace = Workspace(settings)
    table_id = workspace.new_id()
    table = load_table(parse_source(str(path)), workspace.table_folder(table_id), settings)
    bare = recipe_for("data.jsonl")
    hashed = bare.model_copy(update={"source": bare.source.model_copy(update={"sha256": table.sha256})})
    build(bare, tmp_path / "beside", settings=settings, recipe_folder=tmp_path)
    build(bare, tmp_path / "flag", settings=settings, source_file=path, recipe_folder=tmp_path / "none")
    build(hashed, tmp_path / "hash", settings=settings, recipe_folder=tmp_path / "none")
    with pytest.raises(SourceError, match=r"There is no file .*none.data\.jsonl") as caught:
        build(bare, tmp_path / "lost", settings=settings, recipe_folder=tmp_path / "none")
    assert "--source FILE" in caught.value.hint


@pytest.mark.parametrize(
    ("rest", "error", "words"),
    [
        ('template: {text: "{nope}"}\n', TemplateError, "No column named nope"),
        ("template: {style: alpaca}\n", TemplateError, "needs the columns instruction, output"),
        ("template: {style: question-answer}\nsplit: {test: 0.01, train: 0.99}\n", SplitError, "no record"),
        ("template: {style: question-answer}\nexport: {names: {text: a}}\n", ExportError, "no field text"),
        (
            'template: {text: "{question}"}\nexport: {format: messages}\n',
            ExportError,
            "cannot be exported",
        ),
    ],
)
def test_bad_recipe_leaves_nothing_half_written(
    tmp_path, settings, write_jsonl, question_rows, rest, error, words
):
    recipe = recipe_for(write_jsonl(question_rows), rest)
    out = tmp_path / "exports" / "out"
    with pytest.raises(error, match=words) as caught:
        build(recipe, out, settings=settings)
    assert caught.value.hint
    assert not out.parent.exists() or list(out.parent.iterdir()) == []
    assert [entry.name for entry in settings.workspace.iterdir() if entry.name.startswith(".")] == []


def test_existing_folder_is_refused_or_kept_as_previous(tmp_path, settings, write_jsonl, question_rows):
    recipe = recipe_for(write_jsonl(question_rows))
    build(recipe, tmp_path / "out", settings=settings)
    with pytest.raises(ExportError, match="exists"):
        build(recipe, tmp_path / "out", settings=settings)
    build(recipe, tmp_path / "out", settings=settings, replace=True)
    assert open_export(tmp_path / "out.previous").manifest == open_export(tmp_path / "out").manifest


def test_importing_the_pipeline_loads_nothing_heavy():
    code = (
        "import sys, studio.pipeline, studio.compare, studio.job;"
        "heavy = {'gradio', 'torch', 'transformers', 'trl', 'datasets', 'pandas', 'fastapi'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_lamini_docs_equals_the_courses_processed_file(lamini_docs, course_data, tmp_path, settings):
    recipe = recipe_for(
        lamini_docs,
        "template: {style: question-only}\nexport: {names: {prompt: question, completion: answer}}\n",
    )
    ours = read_lines(build(recipe, tmp_path / "out", settings=settings).part("train"))
    processed = gzip.decompress((course_data / "lamini_docs_processed.jsonl.gz").read_bytes())
    theirs = [json.loads(line) for line in processed.decode().split("\n") if line]
    assert len(ours) == len(theirs) == 1400
    different = [row for row, (a, b) in enumerate(zip(ours, theirs, strict=True)) if a != b]
    print(f"{1400 - len(different)} of 1400 records equal the course's")
    assert different == [4]
    assert re.sub(" +", " ", ours[4]["question"]) == theirs[4]["question"]


def test_lamini_docs_splits_as_published(lamini_docs, tmp_path, settings):
    recipe = recipe_for(lamini_docs, "template: {style: question-answer}\nsplit: {train: 0.9, test: 0.1}\n")
    export = build(recipe, tmp_path / "out", settings=settings)
    assert {name: part["records"] for name, part in export.manifest["parts"].items()} == {
        "train": 1260,
        "test": 140,
    }


def test_instruction_data_reads_as_in_the_book(instruction_data, tmp_path, settings):
    recipe = recipe_for(
        instruction_data,
        "template: {style: alpaca-short}\n"
        "split: {method: sequential, train: 0.85, test: 0.10, validation: 0.05}\n",
    )
    export = build(recipe, tmp_path / "out", settings=settings)
    counts = {name: part["records"] for name, part in export.manifest["parts"].items()}
    assert counts == {"train": 935, "test": 110, "validation": 55}
    whole = build(replace_split(recipe), tmp_path / "whole", settings=settings)
    examples = read_lines(whole.part("train"))
    raw = json.loads(instruction_data.read_text(encoding="utf-8"))
    assert len(examples) == 1100
    for example, record in zip(examples, raw, strict=True):
        assert ("### Input:" in example["prompt"]) == bool(record["input"])
        assert example["completion"] == "\n" + record["output"]
    assert "Ocassion" in examples[50]["prompt"]
    assert "antonym of 'complicated'" in examples[999]["prompt"]


def replace_split(recipe):
    return recipe.model_copy(update={"split": type(recipe.split).model_validate({"train": 1.0})})


def test_limits_reach_the_reader(tmp_path, settings, write_jsonl, question_rows):
    small = replace(settings, limits=replace(settings.limits, line_bytes=20_000))
    rows = [*question_rows, {"question": "x" * 30_000, "answer": "y"}]
    export = build(recipe_for(write_jsonl(rows)), tmp_path / "out", settings=small)
    assert export.manifest["counts"]["quarantined"] == 1


@pytest.mark.parametrize("kind", ["hub", "url"])
def test_stream_is_built_the_same_again_from_its_own_recipe(tmp_path, settings, monkeypatch, kind):
    lines = b"".join(
        json.dumps({"question": f"q{n}", "answer": "2024-01-01"}).encode() + b"\n" for n in range(30)
    )
    with HubServer({"org/some": {"README.md": b"", "train.jsonl": lines}}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        url = f"{hub.endpoint}/datasets/org/some/resolve/main/train.jsonl"
        source = "hub: org/some" if kind == "hub" else f"url: {url}"
        rest = "template: {style: question-answer}\nsplit: {train: 0.9, test: 0.1}\n"
        recipe = parse_recipe(f"source: {{{source}, first: 20}}\n{rest}")
        allowed = replace(settings, private_urls=True)
        export = build(recipe, tmp_path / "a", settings=allowed)
        resolved = load_recipe(export.folder / "recipe.yaml")
        again = build(resolved, tmp_path / "b", settings=allowed)
    assert folder_bytes(again.folder) == folder_bytes(export.folder)
    assert export.manifest["counts"]["accepted"] == 20
    assert not export.manifest["source"]["complete"]
    assert resolved.source.revision == (COMMIT if kind == "hub" else None)
