"""A split that keeps near-duplicates together, its pairs across parts counted in plain Python."""

import random
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import SplitError
from studio.leaks import NearPair, find_near_twins, find_twins, mark_records
from studio.near import merge_groups
from studio.pipeline import find_near_prompts, load_table, plan_splits, resolve_template, select_left
from studio.recipe import Recipe, parse_recipe
from studio.source import parse_source
from studio.split import parse_plan, split_rows
from studio.table import Changes, Table
from tests.near_texts import jaccard, normalise, write_texts
from tests.rows import rows_by_part

Load = Callable[[list[dict[str, str]]], Table]


def recipe_of(split: str, template: str = "style: question-answer") -> Recipe:
    return parse_recipe(f"source: {{path: data.jsonl}}\ntemplate: {{{template}}}\nsplit: {{{split}}}\n")


@pytest.fixture
def load(settings, tmp_path: Path, write_jsonl) -> Load:
    return lambda rows: load_table(parse_source(str(write_jsonl(rows))), tmp_path / "table", settings)


def count_across(parts: dict[str, list[int]], texts: list[str], threshold: float = 0.8) -> int:
    """Pairs of texts in two parts that are the same, or at least so similar; every pair is compared."""
    return sum(
        normalise(texts[one]) == normalise(texts[other]) or jaccard(texts[one], texts[other]) >= threshold
        for here, there in combinations(parts.values(), 2)
        for one in here
        for other in there
    )


@pytest.mark.parametrize("seed", range(3))
def test_no_near_duplicates_are_left_across_parts(load, seed):
    texts = write_texts(random.Random(seed + 50), 260)
    table = load([{"question": text, "answer": f"{n}"} for n, text in enumerate(texts)])
    sizes = f"train: 0.7, validation: 0.1, test: 0.2, seed: {seed}"
    left = {
        method: rows_by_part(plan_splits(recipe_of(f"{method}, {sizes}"), table))
        for method in ("method: random", "method: grouped", "method: grouped, near: 0.8")
    }
    counts = {method: count_across(parts, texts) for method, parts in left.items()}
    print(counts)
    assert counts["method: random"] > 5
    assert counts["method: grouped"] > 5
    assert counts["method: grouped, near: 0.8"] == 0
    rows = [row for part in left["method: grouped, near: 0.8"].values() for row in part]
    assert sorted(rows) == list(range(len(texts)))
    again = plan_splits(recipe_of(f"method: grouped, near: 0.8, {sizes}"), table)
    assert rows_by_part(again) == left["method: grouped, near: 0.8"]


def test_the_words_of_the_template_make_nothing_near(load):
    rows = [{"question": f"{word} " * 4, "answer": "x"} for word in ("alpha", "beta", "gamma", "delta")]
    table = load(rows)
    long = "Below is an instruction that describes a task. Write a response that completes it. " * 3
    recipe = recipe_of(
        "method: grouped, near: 0.8, train: 0.5, test: 0.5", f"prompt: '{long}{{question}}', completion: x"
    )
    assert plan_splits(recipe, table).counts == {"train": 2, "test": 2}


def test_near_goes_by_the_values_of_a_column_where_one_is_given(load):
    story = "Once upon a time there was a token that wanted to become a word, and went to school for it."
    rows = [
        {"question": f"{n}?", "answer": story + "!" * (n % 2) if n < 6 else f"{n}" * 9} for n in range(12)
    ]
    splits = plan_splits(recipe_of("method: grouped, by: answer, near: 0.8, train: 6, test: 6"), load(rows))
    assert any(set(range(6)) <= set(part) for part in rows_by_part(splits).values())


def test_only_the_records_that_are_left_are_compared(load):
    words = [f"word{n}" for n in range(40)]
    chain = [
        " ".join([*words[:at], *("x" + word for word in words[at : at + 4]), *words[at + 4 :]])
        for at in (0, 2, 4)
    ]
    table = load([{"question": text, "answer": ""} for text in [*chain, "Another?", "One more?"]])
    recipe = recipe_of("method: grouped, near: 0.8, train: 0.5, test: 0.5")
    whole = rows_by_part(plan_splits(recipe, table))
    assert [0, 1, 2] in [[row for row in part if row < 3] for part in whole.values()]
    ends = plan_splits(recipe, table.with_changes(Changes(excluded=(1,))))
    assert ends.counts == {"train": 2, "test": 2}


def test_a_part_that_near_duplicates_leave_empty_is_said(load):
    table = load(
        [
            {"question": f"What is the capital city of France, and why is it number {n}?", "answer": ""}
            for n in range(9)
        ]
    )
    with pytest.raises(SplitError) as caught:
        plan_splits(recipe_of("method: grouped, near: 0.8, train: 0.5, test: 0.5"), table)
    assert "test" in caught.value.message
    assert caught.value.hint.startswith("Records of nearly one prompt stay together")


def test_near_twins_are_counted_as_every_pair_in_plain_python_is(load):
    texts = write_texts(random.Random(77), 200)
    texts[150:160] = [text.upper() for text in texts[:10]]  # the same prompts are not counted again
    table = load([{"question": text, "answer": ""} for text in texts])
    recipe = recipe_of("method: random, train: 0.6, validation: 0.2, test: 0.2", "text: '{question}'")
    splits = plan_splits(recipe, table)
    parts = rows_by_part(splits)
    marks = mark_records(table, resolve_template(recipe, table), None)
    near = find_near_prompts(recipe, table, select_left(recipe, table), 0.8)
    found = find_near_twins(splits.parts, marks, near, find_twins(splits.parts, marks))
    assert sum(twins.near for twins in found) > 5
    for twins in found:
        alike = {
            row: max((jaccard(texts[row], texts[other]), -other) for other in parts[twins.of])
            for row in parts[twins.part]
            if normalise(texts[row]) not in {normalise(texts[other]) for other in parts[twins.of]}
        }
        pairs = [
            NearPair(row=row, twin=-twin, similarity=most)
            for row, (most, twin) in alike.items()
            if most >= 0.8
        ]
        assert (twins.near, list(twins.near_pairs)) == (len(pairs), pairs)


@given(
    pairs=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40),
    seed=st.integers(0, 9),
)
def test_records_that_share_a_group_of_either_kind_share_a_part(pairs, seed):
    kinds = [number(kind) for kind in zip(*pairs, strict=True)]
    merged = merge_groups(*kinds)
    assert merged.tolist() == number(merged).tolist()
    near = {
        (one, other)
        for one in range(len(pairs))
        for other in range(len(pairs))
        if any(kind[one] == kind[other] for kind in kinds)
    }
    assert all(merged[one] == merged[other] for one, other in near)
    reached = [{at} for at in range(len(pairs))]
    for _ in pairs:
        reached = [
            {other for one in group for other in range(len(pairs)) if (one, other) in near}
            for group in reached
        ]
    assert all(
        (merged[one] == merged[other]) == (other in reached[one])
        for one in range(len(pairs))
        for other in range(len(pairs))
    )
    plan = parse_plan({"method": "grouped", "near": 0.8, "train": 1.0, "seed": seed})
    assert split_rows(len(pairs), plan, groups=merged).counts == {"train": len(pairs)}


def number(values) -> np.ndarray:
    order = {value: at for at, value in enumerate(dict.fromkeys(int(value) for value in values))}
    return np.array([order[int(value)] for value in values], np.int64)
