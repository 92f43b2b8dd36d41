"""Twins across parts, counted a second time in plain Python, which shares nothing with the splitter."""

import json
import random
import unicodedata
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.leaks import Marks, Pair, find_twins, mark_records
from studio.pipeline import load_table, plan_splits, resolve_template, select_left
from studio.recipe import Recipe, parse_recipe
from studio.source import parse_source
from studio.split import number_keys
from studio.table import Changes, Table

Rows = list[dict[str, str]]


def recipe_of(split: str) -> Recipe:
    return parse_recipe(
        f"source: {{path: data.jsonl}}\ntemplate: {{style: question-answer}}\nsplit: {{{split}}}\n"
    )


def normalise(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def count_twins(parts: dict[str, list[dict[str, str]]]) -> dict[str, tuple[int, int]]:
    """Held-out records whose whole record, and whose normalised question, is in an earlier part."""
    found = {}
    for of, part in combinations([name for name in ("train", "validation", "test") if name in parts], 2):
        texts = {json.dumps(row, sort_keys=True) for row in parts[of]}
        questions = {normalise(row["question"]) for row in parts[of]}
        found[f"{part} of {of}"] = (
            sum(json.dumps(row, sort_keys=True) in texts for row in parts[part]),
            sum(normalise(row["question"]) in questions for row in parts[part]),
        )
    return found


def plant_twins(count: int, seed: int) -> Rows:
    """Questions of which a tenth are twins of others: word for word, or in other case, width and blanks."""
    chance = random.Random(seed)
    rows = [{"question": f"What is the {n}th café?", "answer": f"It is {n}."} for n in range(count)]
    for row in chance.sample(rows, count // 10):
        twin = chance.choice(rows)
        other = chance.choice([str, str.upper, lambda text: unicodedata.normalize("NFD", f" {text}\n")])
        row.update(question=other(twin["question"]), answer=chance.choice([twin["answer"], "Other."]))
    return rows


def load(settings, write_jsonl, tmp_path: Path, rows: Rows) -> Table:
    return load_table(parse_source(str(write_jsonl(rows))), tmp_path / f"table-{len(rows)}", settings)


@pytest.mark.parametrize("seed", range(3))
def test_grouped_and_hash_leak_nothing_where_a_permutation_leaks(settings, write_jsonl, tmp_path, seed):
    rows = plant_twins(900, seed)
    table = load(settings, write_jsonl, tmp_path, rows)
    for method in ("random", "grouped", "hash"):
        recipe = recipe_of(f"method: {method}, train: 0.7, validation: 0.1, test: 0.2, seed: {seed}")
        splits = plan_splits(recipe, table)
        marks = mark_records(table, resolve_template(recipe, table), None)
        twins = {
            f"{one.part} of {one.of}": (one.exact, one.prompt) for one in find_twins(splits.parts, marks)
        }
        counted = count_twins({name: [rows[row] for row in own] for name, own in splits.parts.items()})
        assert twins == counted
        if method == "random":
            assert all(prompt > 0 for _, prompt in counted.values())
        else:
            assert set(counted.values()) == {(0, 0)}


def test_pairs_are_the_first_of_the_table_and_excluded_records_are_nobodys_twin(
    settings, write_jsonl, tmp_path
):
    questions = ["a", "b", "A ", "c", "b", "a", "d"]
    rows = [{"question": text, "answer": "same" if text != "A " else "other"} for text in questions]
    table = load(settings, write_jsonl, tmp_path, rows)
    recipe = recipe_of("method: sequential, train: 4, test: 3")
    template = resolve_template(recipe, table)

    def pairs_of(table: Table) -> list[Pair]:
        left = select_left(recipe, table)
        [twins] = find_twins(plan_splits(recipe, table, left).parts, mark_records(table, template, left.rows))
        assert (twins.part, twins.of, twins.prompt) == ("test", "train", len(twins.pairs))
        assert twins.exact == sum(pair.exact for pair in twins.pairs)
        return list(twins.pairs)

    assert pairs_of(table) == [Pair(row=4, twin=1, exact=True), Pair(row=5, twin=0, exact=True)]
    recipe = recipe_of("method: sequential, train: 3, test: 3")
    left = table.with_changes(Changes(excluded=(0,)))
    assert pairs_of(left) == [Pair(row=4, twin=1, exact=True), Pair(row=5, twin=2, exact=False)]


@settings(max_examples=60, deadline=None)
@given(
    keys=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=4, max_size=60),
    cuts=st.tuples(st.integers(1, 40), st.integers(1, 40)),
)
def test_twins_of_any_cut_are_those_that_plain_python_counts(keys, cuts):
    import polars as pl

    first, second = sorted(min(cut, len(keys) - 1) for cut in cuts)
    parts = {"test": range(first), "train": range(first, second), "validation": range(second, len(keys))}
    marks = Marks(
        rows=None,
        texts=number_keys([pl.Series([f"{key}" for key in keys])]),
        prompts=number_keys([pl.Series([f"{prompt}" for prompt, _ in keys])]),
    )
    found = find_twins({name: np.array(rows, np.int64) for name, rows in parts.items()}, marks, 3)
    assert [(twins.part, twins.of) for twins in found] == [
        ("validation", "train"), ("test", "train"), ("test", "validation")
    ]  # fmt: skip
    for twins in found:
        texts = [keys[row] for row in parts[twins.of]]
        assert twins.exact == sum(keys[row] in texts for row in parts[twins.part])
        prompts = [prompt for prompt, _ in texts]
        leaking = [row for row in parts[twins.part] if keys[row][0] in prompts]
        assert twins.prompt == len(leaking)
        assert [pair.row for pair in twins.pairs] == leaking[:3]
    assert marks.distinct == len({prompt for prompt, _ in keys})
    assert marks.repeated == len(keys) - marks.distinct


def test_lamini_docs_has_questions_twice_and_grouping_keeps_them_together(settings, lamini_docs, tmp_path):
    rows = [json.loads(line) for line in lamini_docs.read_text().splitlines()]
    assert (len(rows), len({row["question"] for row in rows})) == (1400, 1397)
    table = load_table(parse_source(str(lamini_docs)), tmp_path / "table", settings)
    leaks = {}
    for method in ("random", "grouped"):
        recipe = recipe_of(f"method: {method}, train: 0.9, test: 0.1")
        splits = plan_splits(recipe, table)
        assert splits.counts == {"train": 1260, "test": 140}
        marks = mark_records(table, resolve_template(recipe, table), None)
        assert marks.distinct == len({normalise(row["question"]) for row in rows}) == 1389
        [twins] = find_twins(splits.parts, marks)
        counted = count_twins({name: [rows[row] for row in own] for name, own in splits.parts.items()})
        assert counted == {"test of train": (twins.exact, twins.prompt)}
        leaks[method] = twins.prompt
    assert leaks == {"random": 2, "grouped": 0}
