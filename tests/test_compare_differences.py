"""The intervals: equal to an independent computation, and what they mean where there is little to go by."""

import math
import random
from collections.abc import Callable, Sequence
from statistics import fmean

import numpy as np
import pytest

from studio.compare import SCORES, Difference, Pair, Side, measure_differences
from studio.compare.differences import measure_expected, measure_pairs
from studio.compare.scores import list_runs, score_answer, split_words

Score = Callable[[Sequence[Pair], str], float]


def make_side(completion: str | None, expected: str, loss: float, tokens: int, finished: bool = True) -> Side:
    scores = (
        {"exact_match": None, "token_f1": None} if completion is None else score_answer(completion, expected)
    )
    told = None if completion is None else finished
    return Side(completion=completion, finished=told, loss=loss, tokens=tokens, **scores)  # type: ignore[arg-type]


def make_pairs(count: int, seed: int = 1) -> list[Pair]:
    """Answers of a poor and a better model, of different lengths, some cut, some exact, some repeated."""
    draw = random.Random(seed)
    pairs = []
    for row in range(count):
        expected = " ".join(draw.choice("abcdefghij") for _ in range(draw.randint(3, 20)))
        poor = " ".join(draw.choice("hijklm") for _ in range(draw.randint(0, 25)))
        words = expected.split()
        better = expected if draw.random() < 0.1 else " ".join(draw.choice(words) for _ in range(12))
        tokens = draw.randint(2, 30)
        base = make_side(poor, expected, draw.uniform(5, 8), tokens, draw.random() < 0.5)
        tuned = make_side(better, expected, draw.uniform(2, 5), tokens, draw.random() < 0.9)
        pairs.append(Pair(row=row, prompt="p", expected=expected, base=base, tuned=tuned))
    return pairs


# Every score once more, in plain words.
def loss(pairs: Sequence[Pair], side: str) -> float:
    sides = [getattr(pair, side) for pair in pairs]
    return sum(one.loss * one.tokens for one in sides) / sum(one.tokens for one in sides)


def bits(pairs: Sequence[Pair], side: str) -> float:
    nats = sum(getattr(pair, side).loss * getattr(pair, side).tokens for pair in pairs)
    return nats / math.log(2) / sum(len(pair.expected.encode()) for pair in pairs)


def mean_of(name: str) -> Score:
    return lambda pairs, side: fmean(getattr(getattr(pair, side), name) for pair in pairs)


def unfinished(pairs: Sequence[Pair], side: str) -> float:
    return fmean(getattr(pair, side).finished is False for pair in pairs)


def variety(pairs: Sequence[Pair], side: str) -> float:
    runs = [run for pair in pairs for run in list_runs(split_words(getattr(pair, side).completion))]
    return len(set(runs)) / len(runs)


PLAIN: dict[str, Score] = {
    "loss": loss,
    "perplexity": lambda pairs, side: math.exp(loss(pairs, side)),
    "bits_per_byte": bits,
    "exact_match": mean_of("exact_match"),
    "token_f1": mean_of("token_f1"),
    "rouge_l": mean_of("rouge_l"),
    "words": mean_of("words"),
    "distinct_3": variety,
    "unfinished": unfinished,
}


@pytest.mark.parametrize("name", PLAIN)
def test_scores_and_differences_are_those_of_a_plain_computation(name: str) -> None:
    pairs = make_pairs(60)
    base, tuned = (PLAIN[name](pairs, side) for side in ("base", "tuned"))
    assert measure_pairs(pairs).base[name] == pytest.approx(base)
    assert measure_pairs(pairs).tuned[name] == pytest.approx(tuned)
    assert measure_differences(pairs)[name].value == pytest.approx(tuned - base)


@pytest.mark.parametrize("name", [name for name in PLAIN if name != "distinct_3"])
def test_an_interval_is_that_of_the_same_resamples_one_by_one(name: str) -> None:
    pairs = make_pairs(40)
    draws = np.random.RandomState(42).randint(40, size=(1_000, 40))
    values = []
    for places in draws:
        resample = [pairs[place] for place in places]
        values.append(PLAIN[name](resample, "tuned") - PLAIN[name](resample, "base"))
    difference = measure_differences(pairs)[name]
    assert difference.low == pytest.approx(sorted(values)[25])
    assert difference.high == pytest.approx(sorted(values)[-26])


def test_the_interval_of_variety_is_that_of_resamples_without_their_own_loss_of_it() -> None:
    pairs, draw = make_pairs(50), random.Random(5)
    values = []
    for _ in range(400):
        resample = draw.choices(pairs, k=len(pairs))
        values.append(variety(resample, "tuned") - variety(resample, "base"))
    spread = np.std(values)
    difference = measure_differences(pairs)["distinct_3"]
    assert difference.low is not None
    assert difference.high is not None
    assert difference.low < difference.value < difference.high
    assert (difference.high - difference.low) / (2 * 1.96) == pytest.approx(spread, rel=0.35)


def test_resamples_that_do_not_fit_in_memory_at_once_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = make_pairs(30)
    whole = measure_differences(pairs)
    monkeypatch.setattr("studio.compare.differences._AT_ONCE", 100)
    assert measure_differences(pairs) == {
        name: Difference(**{key: pytest.approx(getattr(one, key)) for key in ("value", "low", "high")})
        for name, one in whole.items()
    }


def test_one_record_has_no_interval_and_none_has_nothing() -> None:
    difference = measure_differences(make_pairs(1))["token_f1"]
    assert (difference.low, difference.high, difference.clear) == (None, None, False)
    assert measure_differences([]) == {}


def test_no_difference_has_an_interval_of_nothing() -> None:
    pairs = [
        Pair(row=0, prompt="", expected="a", base=side, tuned=side) for side in [make_side("b", "a", 1, 1)]
    ]
    difference = measure_differences(pairs * 5)["exact_match"]
    assert (difference.value, difference.low, difference.high, difference.clear) == (0, 0, 0, False)


def test_other_tokens_leave_only_what_can_be_compared() -> None:
    pairs = [
        Pair(
            row=row,
            prompt="",
            expected="four",
            base=make_side("a", "four", 2.0, 2),
            tuned=make_side("a", "four", 1.0, 3),
        )
        for row in range(4)
    ]
    difference = measure_differences(pairs)
    assert set(SCORES) - set(difference) == {"loss", "perplexity", "distinct_3"}
    assert difference["bits_per_byte"].value == pytest.approx((3.0 - 4.0) / math.log(2) / 4)


def test_records_without_an_answer_are_left_out_of_the_scores_of_answers() -> None:
    pairs = [
        Pair(
            row=0, prompt="", expected="a", base=make_side(None, "a", 1, 1), tuned=make_side(None, "a", 1, 1)
        ),
        Pair(
            row=1, prompt="p", expected="a", base=make_side("b", "a", 1, 1), tuned=make_side("a", "a", 1, 1)
        ),
    ]
    assert measure_pairs(pairs).tuned["exact_match"] == 1.0
    assert measure_expected(pairs) == {"words": 1.0, "distinct_3": None}
    assert measure_differences(pairs)["exact_match"].low == 1.0


def test_empty_answers_are_scored_as_what_they_are() -> None:
    pairs = [
        Pair(row=0, prompt="p", expected="a", base=make_side("", "a", 1, 1), tuned=make_side("", "a", 1, 1))
    ] * 3
    scores = measure_pairs(pairs).tuned
    assert (scores["token_f1"], scores["words"], scores["distinct_3"]) == (0.0, 0.0, None)
    assert "distinct_3" not in measure_differences(pairs)
