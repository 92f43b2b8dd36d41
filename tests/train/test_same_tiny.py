"""The tiny of a preview is the tiny of the run, byte for byte, without an export and without a worker."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch")

from studio.job.request import freeze_data
from studio.pipeline import build_table, load_table, resolve_template
from studio.recipe import ExportSpec, Recipe, parse_recipe
from studio.run import RunDir, RunSpec
from studio.settings import Settings
from studio.source import parse_source
from studio.table import Changes, Table
from studio.tokenizing import prepare_tokenizer
from studio.tokens import TOKENIZER_FILE, chosen
from studio.train.data import read_parts
from studio.train.tiny import make_tokenizer
from studio.workspace import Workspace

pytestmark = pytest.mark.train


def run_tokenizer(recipe: Recipe, table: Table, folder: Path) -> bytes:
    """The tokenizer.json that a run of the recipe leaves beside its model."""
    export = build_table(recipe.model_copy(update={"export": ExportSpec()}), table, folder / "export")
    kind = resolve_template(recipe, table).type
    run_dir = RunDir(folder / "run")
    data = freeze_data(run_dir, {part: export.part(part) for part in export.manifest["parts"]}, kind)
    spec = RunSpec(
        run="run", recipe={}, template={}, example_type=kind, base_model="tiny", train={}, data=data
    )
    parts = read_parts(run_dir, spec, recipe.train.seed)
    tokenizer = make_tokenizer(parts.train, [*parts.validation, *parts.test])
    tokenizer.save_pretrained(folder / "base")
    return (folder / "base" / TOKENIZER_FILE).read_bytes()


@pytest.mark.parametrize(
    "rest",
    [
        "template: {style: question-answer}\nsplit: {train: 0.9, test: 0.1}",
        "template: {style: alpaca-short}\ncolumns: {instruction: question, input: more, output: answer}\n"
        "split: {train: 0.5, validation: 0.2, test: 0.1}\ntrain: {seed: 7}",
        "template: {text: '{answer}{#more} {more}{/more}'}\nsplit: {method: sequential, train: 1.0}\n"
        "filter: [{column: more, is: empty, not: true}]",
    ],
)
def test_it_is_made_of_the_same_rows_in_the_same_way(
    tmp_path: Path,
    settings: Settings,
    write_jsonl: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    rest: str,
) -> None:
    monkeypatch.setattr(chosen, "TRAIN_ROWS", 40)
    monkeypatch.setattr(chosen, "SCORED_ROWS", 7)
    rows = [
        {
            "question": f"Which {n}\r\n?",
            "answer": "Ü🎈 <|pad|>" * (n % 3) + f"{n * n}",
            "more": [n] if n % 4 else "",
        }
        for n in range(90)
    ]
    workspace = Workspace(settings)
    source = parse_source(str(write_jsonl(rows)))
    table = load_table(source, workspace.table_folder(workspace.new_id()), settings)
    recipe = parse_recipe(f"source: {{path: {json.dumps(table.source.path)}}}\n{rest}")
    made = prepare_tokenizer(workspace, recipe, table, "tiny")
    assert (made / TOKENIZER_FILE).read_bytes() == run_tokenizer(recipe, table, tmp_path)
    assert "<|pad-2|>" in (made / TOKENIZER_FILE).read_text()


def test_changes_are_in_it(tmp_path: Path, settings: Settings, write_jsonl: Callable[..., Path]) -> None:
    workspace = Workspace(settings)
    source = parse_source(str(write_jsonl([{"text": f"word {n}"} for n in range(40)])))
    stored = load_table(source, workspace.table_folder(workspace.new_id()), settings)
    edits = {row: {"text": "zebra " * 9} for row in range(10, 16)}
    table = stored.with_changes(Changes(edits=edits, excluded=(2, 3)))
    recipe = parse_recipe("source: {path: data.jsonl}\ntemplate: {text: '{text}'}")
    overlaid = recipe.model_copy(
        update={
            "overlay": recipe.overlay.model_validate(
                {
                    "edit": [
                        {"line": row + 1, "hash": "0" * 16, "column": "text", "value": "x"} for row in edits
                    ],
                    "exclude": [{"line": line, "hash": "0" * 16} for line in (3, 4)],
                }
            )
        }
    )
    made = prepare_tokenizer(workspace, recipe, table, "tiny")
    assert (made / TOKENIZER_FILE).read_bytes() == run_tokenizer(overlaid, table, tmp_path)
    assert "zebra" in (made / TOKENIZER_FILE).read_text()
