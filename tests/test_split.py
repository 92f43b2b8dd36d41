from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import SplitError
from studio.split import SplitPlan, parse_plan, split_rows
from tests.rows import rows_by_part


def test_book_fractions_cut_1100_records_in_order():
    splits = split_rows(
        1100, parse_plan({"method": "sequential", "train": 0.85, "test": 0.10, "validation": 0.05})
    )
    assert splits.counts == {"train": 935, "test": 110, "validation": 55}
    assert list(splits.parts) == ["train", "test", "validation"]
    assert splits.parts["test"].tolist() == list(range(935, 1045))
    assert splits.unused == 0


def test_course_fractions_cut_1400_records():
    assert split_rows(1400, parse_plan({"train": 0.9, "test": 0.1})).counts == {"train": 1260, "test": 140}


def test_order_written_is_the_order_cut():
    first = split_rows(10, parse_plan({"method": "sequential", "test": 0.2, "train": 0.8}))
    assert rows_by_part(first) == {"test": [0, 1], "train": list(range(2, 10))}


def test_remainder_is_unused_and_counted():
    splits = split_rows(10, parse_plan({"method": "sequential", "train": 0.55, "test": 0.2}))
    assert splits.counts == {"train": 5, "test": 2}
    assert splits.unused == 3


def test_random_split_follows_the_written_algorithm():
    import random

    chance = random.Random(7)
    drawn = sorted((chance.random(), row) for row in range(50))
    splits = split_rows(50, parse_plan({"train": 0.8, "test": 0.2, "seed": 7}))
    assert splits.parts["train"].tolist() == sorted(row for _, row in drawn[:40])
    assert splits.parts["test"].tolist() == sorted(row for _, row in drawn[40:])


def test_decimal_fractions_do_not_lose_a_record_to_binary():
    assert split_rows(10, parse_plan({"train": 0.7, "validation": 0.2, "test": 0.1})).counts == {
        "train": 7,
        "validation": 2,
        "test": 1,
    }


@given(
    records=st.integers(10, 400),
    parts=st.lists(st.integers(10, 33), min_size=1, max_size=3),
    seed=st.integers(0, 2**31),
    method=st.sampled_from(["random", "sequential"]),
)
def test_parts_are_disjoint_complete_and_repeatable(records, parts, seed, method):
    names = ["train", "validation", "test"]
    plan = SplitPlan(
        method=method,
        parts=tuple((names[i], Decimal(part) / 100) for i, part in enumerate(parts)),
        seed=seed,
    )
    splits = split_rows(records, plan)
    parts_of = rows_by_part(splits)
    rows = [row for part in parts_of.values() for row in part]
    assert len(rows) == len(set(rows)) == records - splits.unused
    assert set(rows) <= set(range(records))
    assert all(part == sorted(part) for part in parts_of.values())
    assert rows_by_part(split_rows(records, plan)) == parts_of


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"train": 0.9, "test": 0.2}, "add up to 1.1"),
        ({"train": 0}, "fraction of train is 0"),
        ({"train": -0.1}, "-0.1"),
        ({"train": "most"}, "'most'"),
        ({"train": True}, "True"),
        ({"train": float("nan")}, "nan"),
        ({}, "no part"),
        ({"method": "shuffle", "train": 1}, "shuffle"),
        ({"val": 0.1, "train": 0.9}, "val"),
    ],
)
def test_bad_plan_names_what_is_wrong(mapping, words):
    with pytest.raises(SplitError) as caught:
        parse_plan(mapping)
    assert words in caught.value.message
    assert caught.value.hint


def test_part_without_a_record_is_an_error():
    with pytest.raises(SplitError, match=r"test .0.05 of 10 records. gets no record"):
        split_rows(10, parse_plan({"test": 0.05, "train": 0.9}))


def test_published_keeps_the_splits_of_the_source_in_the_order_of_the_parts():
    plan = parse_plan({"method": "published"})
    splits = split_rows(10, plan, [("test", 3), ("train", 5), ("val", 0), ("test", 2)])
    assert rows_by_part(splits) == {"train": [3, 4, 5, 6, 7], "test": [0, 1, 2, 8, 9]}
    assert splits.unused == 0


@pytest.mark.parametrize(
    ("plan", "published", "words"),
    [
        ({"method": "published"}, [], "came in no splits"),
        ({"method": "published"}, [(None, 4)], "came in no splits"),
        ({"method": "published"}, [("train", 4), ("prefs", 1)], "source split prefs is none of"),
    ],
)
def test_source_splits_that_are_no_parts_are_named(plan, published, words):
    with pytest.raises(SplitError, match=words):
        split_rows(5, parse_plan(plan), published)


def test_a_published_split_takes_no_fractions():
    with pytest.raises(SplitError, match="no fractions"):
        parse_plan({"method": "published", "train": 0.9})
