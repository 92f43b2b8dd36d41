"""Near-duplicates, held against the Jaccard similarity of all pairs in plain Python."""

import random
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.near import NEAR, find_near
from studio.near.shingles import MOST_CHARACTERS
from studio.near.similarity import compare_text
from tests.near_texts import HAN, THAI, WORDS, count_near, jaccard, normalise, shingles, write_texts


def find(texts, threshold=NEAR, size=7):
    series = pl.Series(texts, dtype=pl.String)
    return find_near((series[start : start + size] for start in range(0, len(texts), size)), threshold)


def test_planted_twins_are_found_with_their_exact_similarity_and_nothing_else():
    wanted = found = 0
    for seed in range(24):
        texts = write_texts(random.Random(seed), 120)
        pairs = {(place, twin): similarity for place, twin, similarity in find(texts).pairs if similarity < 1}
        brute = {pair: similarity for pair, similarity in count_near(texts).items() if similarity < 1}
        assert pairs.items() <= brute.items()
        wanted, found = wanted + len(brute), found + len(pairs)
    print(f"recall {found}/{wanted} = {found / wanted:.4f}")
    assert wanted > 200
    assert found >= 0.995 * wanted


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.9, 1.0])
def test_another_threshold_is_held_as_well(threshold):
    texts = write_texts(random.Random(9), 150)
    brute = count_near(texts, threshold)
    own = {(place, twin): similarity for place, twin, similarity in find(texts, threshold).pairs}
    pairs = {pair: similarity for pair, similarity in own.items() if pair in brute}
    assert pairs.items() <= brute.items()
    assert len(pairs) >= 0.99 * len(brute)
    assert all(normalise(texts[one]) == normalise(texts[other]) for one, other in own.keys() - pairs.keys())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("aあก \0é", max_size=9) | st.text(max_size=6), max_size=12))
def test_any_texts_are_grouped_as_plain_python_groups_them(texts):
    groups = list(range(len(texts)))
    first = {}
    for at, text in enumerate(map(normalise, texts)):
        if text:
            groups[at] = first.setdefault(text, at)
    for later, earlier in count_near(texts):
        old, new = sorted([groups[later], groups[earlier]], reverse=True)
        groups = [new if group == old else group for group in groups]
        for text, at in first.items():
            first[text] = groups[at]
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    assert find(texts).groups.tolist() == [numbers[group] for group in groups]


def test_the_same_texts_give_the_same_groups_however_they_are_batched():
    texts = write_texts(random.Random(3), 400)
    one, other = find(texts, size=1), find(texts, size=1000)
    assert one.groups.tolist() == other.groups.tolist()
    assert list(one.pairs) == list(other.pairs)
    # What this version of rensa finds, so that a new one that finds anything else is noticed.
    assert (len(one.pairs), int(one.groups.max())) == (50, 353)


@pytest.mark.parametrize(
    ("one", "other", "similar"),
    [
        (HAN, HAN[:20] + "字" + HAN[21:], True),
        ("大语言模型是什么？", "如何微调一个模型？", False),
        (THAI, THAI[:60] + "ก" + THAI[61:], True),
        ("What is the capital of France?", "What is the capital of Germany?", False),
        ("ab", "ab", True),
        ("ab", "ac", False),
        ("字", "字 ", True),
        ("", "  \n", False),
    ],
)  # fmt: skip
def test_texts_in_any_script_and_of_any_length_are_compared(one, other, similar):
    found = find([one, "between", other])
    assert (found.groups[0] == found.groups[2]) == similar
    assert [(place, twin) for place, twin, _ in found.pairs] == ([(2, 0)] if similar else [])


def test_twins_of_twins_are_in_one_group_and_a_copy_is_paired_with_the_first():
    words = [f"word{n}" for n in range(40)]
    chain = [
        " ".join([*words[:at], *(word.upper() + "x" for word in words[at : at + 4]), *words[at + 4 :]])
        for at in (0, 2, 4)
    ]
    texts = ["lone text here", *chain, " " + chain[2].upper()]
    found = find(texts)
    assert all(jaccard(one, other) >= NEAR for one, other in pairwise(chain))
    assert found.groups.tolist() == [0, 1, 1, 1, 1]
    assert (4, 3, 1.0) in list(found.pairs)
    assert [pair[:2] for pair in found.pairs if pair[0] == 4] == [(4, 3)]


def test_a_crowd_that_is_all_alike_is_one_group():
    texts = [f"{' '.join(WORDS)} and then number {n} follows after all of that" for n in range(500)]
    found = find(texts, size=100)
    assert set(found.groups.tolist()) == {0}
    assert (found.pairs.similarity >= NEAR).all()
    assert (found.pairs.twins < found.pairs.places).all()


def test_of_a_very_long_text_the_beginning_is_compared():
    long = "".join(random.Random(1).choices("abcdefgh ", k=MOST_CHARACTERS))
    found = find([long, long + "x" * 50_000, long[:40_000]])
    assert found.groups.tolist() == [0, 0, 1]


def test_no_texts_are_no_groups():
    found = find([])
    assert (len(found.groups), len(found.pairs)) == (0, 0)
    assert find(["", ""]).groups.tolist() == [0, 1]


def test_progress_counts_the_texts_and_may_stop():
    seen = []
    find_near([pl.Series(["a", "b"]), pl.Series(["c"])], progress=seen.append)
    assert seen == [2, 3]

    def stop(_done):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        find_near([pl.Series(["a"])], progress=stop)


def test_sketches_agree_as_texts_do():
    from studio.near.sketches import Sketches, sketch_texts

    chance = random.Random(5)
    errors = []
    for _ in range(150):
        length = chance.randrange(8, 300)
        one = chance.choices("abcdefghijklmnop ", k=length)
        other = list(one)
        for _ in range(chance.randrange(1, max(2, length // 12))):
            other[chance.randrange(length)] = "z"
        sketches = Sketches()
        sketches.add(sketch_texts(pl.Series(["".join(one), "".join(other)])))
        [made] = sketches._batches
        one, other = shingles("".join(one)), shingles("".join(other))
        errors.append((made[0] == made[1]).mean() - len(one & other) / len(one | other))
    assert abs(np.mean(errors)) < 0.015
    assert np.std(errors) < 0.06


@given(st.text(max_size=30), st.lists(st.text(max_size=30), max_size=6))
@settings(deadline=None, max_examples=60)
def test_one_text_is_compared_with_others_as_plain_python_does(text, texts):
    whole = [normalise(one) for one in texts]
    found = compare_text(normalise(text), pl.Series(whole, dtype=pl.String))
    assert found.tolist() == pytest.approx([jaccard(normalise(text), one) for one in whole])
