import hashlib
import json
from collections import Counter
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import SplitError
from studio.split import SplitPlan, count_parts, number_keys, parse_plan, split_rows
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
        ({"train": 0.9, "test": 100}, "train 0.9 is a fraction, and test 100 is a count"),
        ({"train": 90.5, "test": 100}, "size of train is 90.5, which is neither"),
        ({"train": 1, "test": 1}, "add up to 2"),
        ({"method": "hash", "train": 90, "test": 10}, "hash takes fractions"),
        ({"method": "random", "by": "topic", "train": 1.0}, "goes by no column, and topic"),
        ({"method": "published", "by": "topic"}, "goes by no column"),
        ({"method": "stratified", "train": 1.0}, "goes by a column, and none"),
        ({"method": "grouped", "by": 3, "train": 1.0}, "by 3, not the name"),
        ({"method": "random", "near": 0.8, "train": 1.0}, "random keeps no near-duplicates together"),
        ({"method": "hash", "near": 0.8, "train": 1.0}, "hash keeps no near-duplicates together"),
        ({"method": "grouped", "near": 0.3, "train": 1.0}, "near is 0.3"),
        ({"method": "grouped", "near": 80, "train": 1.0}, "near is 80"),
        ({"method": "grouped", "near": float("nan"), "train": 1.0}, "near is nan"),
        ({"method": "grouped", "near": True, "train": 1.0}, "near is True, not a number"),
        ({"method": "grouped", "near": "yes", "train": 1.0}, "near is 'yes', not a number"),
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


def keys_of(*texts: str, batch: int = 3) -> list[pl.Series]:
    return [pl.Series(texts[start : start + batch]) for start in range(0, len(texts), batch)]


def split_by(texts: str | list[str], **plan: object) -> dict[str, list[int]]:
    return rows_by_part(split_rows(len(texts), parse_plan(plan), keys=keys_of(*texts)))


def test_keys_are_numbered_by_first_appearance():
    assert number_keys(keys_of(*"bacbda")).tolist() == [0, 1, 2, 0, 3, 1]
    assert number_keys([]).tolist() == []


def test_counts_are_cut_to_the_record_and_the_rest_is_unused():
    splits = split_rows(10, parse_plan({"method": "sequential", "train": 6, "test": 1}))
    assert rows_by_part(splits) == {"train": list(range(6)), "test": [6]}
    assert splits.unused == 3
    assert parse_plan({"train": 6.0, "test": 1}).counted
    assert not parse_plan({"train": 1}).counted


def test_counts_over_the_records_are_refused():
    with pytest.raises(SplitError, match="ask for 1,500 records, and there are 1,400"):
        split_rows(1400, parse_plan({"train": 1200, "test": 300}))


def test_grouped_split_follows_the_written_algorithm():
    import random

    texts = "aabcdbefgghaijjk"
    groups = list(dict.fromkeys(texts))
    chance = random.Random(5)
    drawn = [group for _, _, group in sorted((chance.random(), n, group) for n, group in enumerate(groups))]
    train: list[str] = []
    while sum(texts.count(group) for group in train) < int(len(texts) * 0.6):
        train.append(drawn.pop(0))
    parts = split_by(texts, method="grouped", train=0.6, test=0.4, seed=5)
    assert parts["train"] == [row for row, text in enumerate(texts) if text in train]
    assert parts["test"] == [row for row, text in enumerate(texts) if text in drawn]


def test_groups_that_no_part_asked_for_are_unused():
    parts = split_by("abcdefghij", method="grouped", train=5, test=2)
    assert {name: len(rows) for name, rows in parts.items()} == {"train": 5, "test": 2}


def test_one_group_cannot_be_two_parts():
    with pytest.raises(SplitError, match=r"test .0.1 of 4 records. gets no record") as caught:
        split_by("aaaa", method="grouped", train=0.9, test=0.1)
    assert "one prompt stay together" in caught.value.hint


def test_a_stratified_part_has_of_each_value_its_share():
    texts = list("a" * 70 + "b" * 20 + "c" * 10)
    parts = split_by(texts, method="stratified", by="topic", train=0.8, validation=0.1, test=0.1, seed=3)
    found = {name: Counter(texts[row] for row in rows) for name, rows in parts.items()}
    assert found == {
        "train": {"a": 56, "b": 16, "c": 8},
        "validation": {"a": 7, "b": 2, "c": 1},
        "test": {"a": 7, "b": 2, "c": 1},
    }


def test_a_stratified_remainder_goes_to_the_largest():
    parts = split_by("aaaaaaabbb", method="stratified", by="topic", train=9, test=1)
    assert [sum(row < 7 for row in rows) for rows in parts.values()] == [6, 1]


def test_hash_puts_a_key_where_its_digest_says():
    texts = ["", "a", "ß", "日本語", "x" * 1000, "a"]
    place = [int.from_bytes(hashlib.sha256(b"7\0" + text.encode()).digest()[:8]) / 2**64 for text in texts]
    parts = split_by(texts, method="hash", train=0.5, test=0.25, seed=7)
    assert parts["train"] == [row for row, at in enumerate(place) if at < 0.5]
    assert parts["test"] == [row for row, at in enumerate(place) if 0.5 <= at < 0.75]


def test_hash_keeps_the_parts_when_records_are_added():
    texts = [f"question {n}" for n in range(400)]
    before = split_by(texts[:300], method="hash", train=0.8, test=0.2)
    after = split_by(texts, method="hash", train=0.8, test=0.2)
    assert {name: [row for row in rows if row < 300] for name, rows in after.items()} == before


# Of 1 000 records with 300 keys, the first 16 hex digits of the SHA-256 of the parts as JSON.
GOLDEN = {
    "random": "ef85b12497352afc",
    "sequential": "aadc3587f2b05a1a",
    "stratified": "a85ef3915d374c27",
    "grouped": "0ee43556fb595278",
    "hash": "17eb8da0b3173795",
}


@pytest.mark.parametrize("method", GOLDEN)
def test_the_same_seed_gives_the_same_parts_on_any_machine_and_python(method):
    texts = [f"é {n * n % 1009 % 300}" for n in range(1000)]
    by = {"by": "topic"} if method == "stratified" else {}
    parts = split_by(texts, method=method, **by, train=0.8, validation=0.05, test=0.1, seed=42)
    assert hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16] == GOLDEN[method]


SIZES = st.lists(st.integers(10, 33), min_size=1, max_size=3)


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.integers(0, 60).map(str), min_size=30, max_size=300),
    sizes=SIZES,
    counted=st.booleans(),
    seed=st.integers(0, 2**31),
    method=st.sampled_from(["stratified", "grouped", "hash"]),
)
def test_parts_by_keys_are_disjoint_repeatable_and_true_to_their_method(texts, sizes, counted, seed, method):
    counted = counted and method != "hash" and sum(sizes) <= len(texts)
    names = ["test", "train", "validation"]
    parts = tuple(
        (name, Decimal(size) / (1 if counted else 100)) for name, size in zip(names, sizes, strict=False)
    )
    plan = SplitPlan(method=method, parts=parts, seed=seed, by="topic")
    try:
        splits = split_rows(len(texts), plan, keys=keys_of(*texts))
    except SplitError as error:
        assert "gets no record" in error.message
        return
    found = rows_by_part(splits)
    rows = [row for part in found.values() for row in part]
    assert len(rows) == len(set(rows)) == len(texts) - splits.unused
    assert all(part == sorted(part) for part in found.values())
    assert rows_by_part(split_rows(len(texts), plan, keys=keys_of(*texts, batch=50))) == found
    if method != "stratified":
        of = {texts[row]: name for name, part in found.items() for row in part}
        assert all(of[texts[row]] == name for name, part in found.items() for row in part)
    else:
        assert splits.counts == count_parts(len(texts), plan)
        for name, part in found.items():
            for text, count in Counter(texts).items():
                share = Decimal(splits.counts[name]) * count / len(texts)
                taken = sum(texts[row] == text for row in part)
                assert abs(taken - share) < len(found)
