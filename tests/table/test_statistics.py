"""The figures of a column add up, and each bar is a condition that gives exactly its records."""

import math
import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.table import Changes, Table
from studio.table.matching import find_rows
from studio.table.query import Condition, Query
from studio.table.statistics import ColumnStats, describe_column, describe_columns
from tests.table.conftest import HOSTILE_NAMES, Store

quietly = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)

MISSING = object()
LACKS = st.sampled_from([MISSING, None])
COLUMNS = st.one_of(
    st.lists(LACKS | st.text("ab é😀", max_size=40), min_size=1, max_size=60),
    st.lists(LACKS | st.sampled_from(["", "train", "test", "ä", *"abcdefghij"]), min_size=1, max_size=60),
    st.lists(LACKS | st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=40),
    st.lists(LACKS | st.integers(0, 20), min_size=1, max_size=60),
    st.lists(LACKS | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40),
    st.lists(LACKS | st.booleans(), min_size=1, max_size=20),
    st.lists(LACKS | st.lists(st.integers(0, 99), max_size=20) | st.just({}), min_size=1, max_size=40),
    st.lists(LACKS | st.integers(0, 9) | st.floats(0, 9), min_size=1, max_size=60),
    st.lists(LACKS | st.just(""), min_size=1, max_size=5),
)


def tabulate(store: Store, values: list[Any], name: str = "c") -> Table:
    return store([{} if value is MISSING else {name: value} for value in values] + [{name: None}])


def condition_of(stats: ColumnStats, bar: Any) -> Condition:
    if stats.shape in ("category", "boolean"):
        return Condition(stats.name, "one-of", (bar.value,))
    return Condition(stats.name, "number" if stats.shape == "number" else "length", (bar.low, bar.high))


def check_bars(table: Table, stats: ColumnStats, records: int) -> None:
    """Every bar's condition gives its records, and together they are all that have something."""
    empty_too = stats.empty if stats.shape == "json" else 0
    filled = records - stats.missing - stats.null - stats.empty + empty_too
    assert sum(bar.count for bar in stats.bars) + stats.other == (0 if stats.shape == "empty" else filled)
    for bar in stats.bars:
        rows = find_rows(table, Query(conditions=(condition_of(stats, bar),)))
        assert sum(not table.is_excluded(int(row)) for row in rows) == bar.count or bar.count == 0


@quietly
@given(COLUMNS)
def test_bars_add_up_and_each_gives_exactly_its_records(store: Store, values: list[Any]) -> None:
    table = tabulate(store, values)
    if not table.columns:
        return
    stats = describe_column(table, "c")
    present = [value for value in values if value is not MISSING and value is not None]
    assert stats.missing == sum(value is MISSING for value in values)
    assert stats.null == sum(value is None for value in values) + 1
    assert stats.empty == sum(value in ("", [], {}) for value in present)
    check_bars(table, stats, len(values) + 1)
    if stats.shape == "number":
        numbers = [value for value in present if not isinstance(value, str)]
        assert (stats.low, stats.high) == (min(numbers), max(numbers))
        assert stats.distinct == len(set(numbers))
        inside = [bar for bar in stats.bars if bar.count]
        assert all(one.high < other.low for one, other in pairwise(inside))
    if stats.shape == "text":
        lengths = [len(value) for value in present if value]
        assert (stats.low, stats.high) == (min(lengths), max(lengths))
        assert stats.distinct == len(set(present) - {""})


@quietly
@given(COLUMNS, st.sets(st.integers(0, 59)))
def test_excluded_records_are_not_counted(store: Store, values: list[Any], chosen: set[int]) -> None:
    table = tabulate(store, values)
    excluded = tuple(row for row in sorted(chosen) if row < len(values))
    changed = table.with_changes(Changes(excluded=excluded))
    left = tabulate(store, [value for row, value in enumerate(values) if row not in excluded])
    stats, expected = describe_column(changed, "c"), describe_column(left, "c")
    assert (stats.missing, stats.null, stats.empty) == (expected.missing, expected.null, expected.empty)
    check_bars(changed, stats, len(values) + 1 - len(excluded))
    if changed.columns[0].type == left.columns[0].type:
        assert (stats.shape, stats.bars, stats.other) == (expected.shape, expected.bars, expected.other)


def test_edited_values_are_counted_as_they_are_now(store: Store) -> None:
    table = store([{"a": "one"}, {"a": None}, {}, {"a": ""}, {"a": "five!"}])
    changed = table.with_changes(Changes(edits={0: {"a": None}, 2: {"a": "three"}, 3: {"a": "x"}}))
    stats = describe_column(changed, "a")
    assert (stats.missing, stats.null, stats.empty) == (0, 2, 0)
    assert (stats.low, stats.high, sum(bar.count for bar in stats.bars)) == (1, 5, 3)


def test_few_short_values_that_come_again_are_a_category(store: Store) -> None:
    values = ["train"] * 9 + ["test"] * 5 + [""] * 3 + list("abcdefgh") * 2
    stats = describe_column(store([{"c": value} for value in values]), "c")
    assert (stats.shape, stats.distinct, stats.other) == ("category", 10, 4)
    assert [(bar.value, bar.count) for bar in stats.bars] == [
        ("train", 9), ("test", 5), *((letter, 2) for letter in "abcdef"),
    ]  # fmt: skip
    for other in (
        ["only"],
        [f"different {n}" for n in range(50)],
        ["x" * 65] * 9,
        [str(n % 101) for n in range(999)],
    ):
        assert describe_column(store([{"c": value} for value in other]), "c").shape == "text"


def test_truths_have_two_bars(store: Store) -> None:
    stats = describe_column(store([{"c": True}, {"c": True}, {}]), "c")
    assert (stats.shape, stats.distinct) == ("boolean", 1)
    assert [(bar.value, bar.count) for bar in stats.bars] == [("true", 2), ("false", 0)]


def test_few_numbers_have_a_bar_each_and_many_have_sixteen(store: Store) -> None:
    few = describe_column(store([{"c": n % 5} for n in range(50)]), "c")
    assert [(bar.low, bar.high, bar.count) for bar in few.bars] == [(n, n, 10) for n in range(5)]
    many = describe_column(store([{"c": n} for n in range(160)]), "c")
    assert [bar.count for bar in many.bars] == [10] * 16
    assert (many.bars[0].low, many.bars[0].high, many.bars[-1].high) == (0, 9, 159)


def test_lengths_have_about_sixteen_bars_whose_last_holds_a_long_tail(store: Store) -> None:
    chance = random.Random(1)
    texts = ["x" * chance.randrange(1, 161) for _ in range(999)] + ["x" * 50_000]
    stats = describe_column(store([{"c": text} for text in texts]), "c")
    assert (stats.shape, stats.low, stats.high, len(stats.bars)) == ("text", 1, 50_000, 16)
    assert all(bar.count > 0 for bar in stats.bars)
    touching = pairwise(stats.bars)
    assert all(isinstance(one.high, int) and one.high + 1 == other.low for one, other in touching)


def test_numbers_that_json_keeps_are_numbers_and_mixtures_are_not(store: Store) -> None:
    mixed = store(
        [
            {"n": n if n % 2 else n + 0.5, "m": n if n % 2 else [n], "s": n if n % 2 else "x"}
            for n in range(40)
        ]
    )
    assert {column.type for column in mixed.columns} == {"json"}
    assert [stats.shape for stats in describe_columns(mixed)] == ["number", "json", "json"]


def test_columns_of_any_name_have_figures(store: Store) -> None:
    table = store([{name: f"{name} {row % 3}" for name in HOSTILE_NAMES} for row in range(30)])
    found = list(describe_columns(table))
    assert [stats.name for stats in found] == HOSTILE_NAMES
    assert [stats.index for stats in found] == list(range(len(HOSTILE_NAMES)))
    for stats in found:
        assert [bar.count for bar in stats.bars] == [10, 10, 10]
        check_bars(table, stats, 30)
    assert [stats.index for stats in describe_columns(table, [5, 2])] == [5, 2]


@pytest.mark.parametrize("records", [[{}], [{"c": None}], [{"c": ""}, {}], [{"c": []}, {"c": {}}]])
def test_a_column_with_nothing_in_it_is_empty(store: Store, records: list[dict[str, Any]]) -> None:
    for stats in describe_columns(store(records)):
        assert (stats.shape, stats.bars, stats.low) == ("empty", (), None)


def test_numbers_of_every_size_have_bars(store: Store) -> None:
    values = [-1.7e308, 1.7e308, 0.0, 5e-324, *(10.0**n for n in range(-20, 20))]
    table = store([{"c": value} for value in values])
    stats = describe_column(table, "c")
    check_bars(table, stats, len(values))
    assert all(math.isfinite(bar.low or 0) and math.isfinite(bar.high or 0) for bar in stats.bars)
