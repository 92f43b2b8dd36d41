"""A split by keys, from the recipe to the export: which text is the key, what is left, the same bytes."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.errors import RecipeError, SplitError, TableError
from studio.pipeline import build, count_splits, load_table, plan_splits
from studio.recipe import Recipe, dump_recipe, parse_recipe
from studio.source import parse_source
from studio.table import Changes, Table
from tests.rows import rows_by_part

ROWS: list[dict[str, Any]] = [
    {
        "question": f"What is  {n % 20}?" if n % 2 else f"WHAT is {n % 20}?\n",
        "answer": f"{n}",
        "topic": "ab"[n % 3 > 1],
    }
    for n in range(60)
]


@pytest.fixture
def table(settings, tmp_path, write_jsonl) -> Table:
    return load_table(parse_source(str(write_jsonl(ROWS))), tmp_path / "table", settings)


def recipe_of(split: str) -> Recipe:
    return parse_recipe(
        f"source: {{path: data.jsonl}}\ntemplate: {{style: question-answer}}\nsplit: {{{split}}}\n"
    )


def test_grouped_keeps_the_same_question_in_one_part(table):
    parts = rows_by_part(plan_splits(recipe_of("method: grouped, train: 0.8, test: 0.2"), table))
    assert {name: len(rows) for name, rows in parts.items()} == {"train": 48, "test": 12}
    asked = {name: {row % 20 for row in rows} for name, rows in parts.items()}
    assert asked["train"].isdisjoint(asked["test"])


def test_keys_are_those_of_the_records_that_are_left(table):
    left = table.with_changes(Changes(excluded=tuple(range(0, 60, 3)), edits={}))
    for split in (
        "method: grouped, train: 0.7, test: 0.3",
        "method: hash, by: question, train: 0.7, test: 0.3",
    ):
        parts = rows_by_part(plan_splits(recipe_of(split), left))
        assert all(row % 3 for rows in parts.values() for row in rows)
        asked = {name: {row % 20 for row in rows} for name, rows in parts.items()}
        assert asked["train"].isdisjoint(asked["test"])


def test_stratified_goes_by_the_values_as_they_are(table):
    parts = rows_by_part(plan_splits(recipe_of("method: stratified, by: topic, train: 45, test: 15"), table))
    assert [sum(ROWS[row]["topic"] == "b" for row in rows) for rows in parts.values()] == [15, 5]


def test_a_column_that_is_not_there_is_named(table):
    with pytest.raises(TableError, match="No column named source"):
        plan_splits(recipe_of("method: grouped, by: source, train: 1.0"), table)


def test_counts_are_known_without_the_keys(table):
    assert count_splits(recipe_of("method: grouped, train: 0.8, test: 0.1"), table) == {
        "train": 48,
        "test": 6,
    }


def test_a_split_survives_the_file():
    for split in (
        "method: grouped, test: 0.1, train: 0.9",
        "method: stratified, by: 'a: b', train: 900, test: 100, seed: 7",
        "method: hash, by: '', train: 0.5",
        "method: grouped, by: topic, near: 0.75, train: 0.5",
    ):
        recipe = recipe_of(split)
        assert parse_recipe(dump_recipe(recipe)) == recipe
    assert recipe_of("train: 900.0, test: 100").split == recipe_of("train: 900, test: 100").split
    assert "train: 900\n" in dump_recipe(recipe_of("train: 900, test: 100"))


def test_all_that_is_wrong_with_a_split_is_said_in_words():
    for split, words in (
        ("train: 0.9, test: 100", "split: train 0.9 is a fraction, and test 100 is a count"),
        ("method: sequential, by: topic, train: 0.9", "split: The method sequential goes by no column"),
        ("method: group, train: 0.9", "split: No split method named group"),
        ("method: grouped, near: 8, train: 0.9", r"split: near is 8.* from 0\.5 to 1, such as near: 0\.8"),
    ):
        with pytest.raises(RecipeError, match=words):
            recipe_of(split)


@pytest.mark.parametrize(
    "split",
    [
        "method: grouped, train: 40, test: 10",
        "method: grouped, near: 0.8, train: 40, test: 10",
        "method: stratified, by: topic, train: 0.8, test: 0.2",
        "method: hash, train: 0.8, test: 0.2",
    ],
)
def test_the_recipe_of_an_export_writes_the_same_bytes(settings, tmp_path, write_jsonl, split):
    write_jsonl(ROWS)
    first = build(recipe_of(split), tmp_path / "first", settings=settings, recipe_folder=tmp_path)
    written = parse_recipe((first.folder / "recipe.yaml").read_text())
    second = build(written, tmp_path / "second", settings=settings, recipe_folder=tmp_path)
    assert bytes_of(first.folder) == bytes_of(second.folder)
    manifest = json.loads((first.folder / "manifest.json").read_text())
    assert manifest["recipe"]["split"] == recipe_of(split).to_mapping()["split"] | {"seed": 42}
    parts = sum(part["records"] for part in manifest["parts"].values())
    assert parts + manifest["counts"]["unused"] == 60


def test_a_part_that_gets_no_group_leaves_no_export(settings, tmp_path, write_jsonl):
    write_jsonl([{"question": "Same?", "answer": f"{n}"} for n in range(10)])
    recipe = recipe_of("method: grouped, train: 0.9, test: 0.1")
    with pytest.raises(SplitError, match=r"test .* gets no record"):
        build(recipe, tmp_path / "out", settings=settings, recipe_folder=tmp_path)
    assert not (tmp_path / "out").exists()


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
