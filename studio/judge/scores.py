"""What came of a judging: the mean score of each side with its interval, and what may be concluded.

Means and the difference are over the records of which both sides have a score, so that like is compared with
like. In pairwise mode a side's score of a record is the mean of both orders, where both gave numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import numpy as np

from studio.compare import Pair
from studio.compare.differences import LEVEL, RESAMPLES, SEED
from studio.compare.query import key_pair
from studio.judge.asked import SIDES, Asked, Call
from studio.judge.folder import Reply

_FEWEST = 3  # records of which a correlation says anything
_AT_ONCE = 1_000_000  # numbers that are drawn at once
_FEW = 30  # records below which an interval by resampling is too narrow to be trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A mean with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Whether the order of the two answers matters.

    `correlation` is Pearson's, of tuned less base with the base shown first and with it shown last; None
    where it has none. `same_winner` is the share of records in which both orders agree on the better answer;
    `first_gains` is how many points more an answer gets for being shown first, on the mean.
    """

    records: int
    correlation: float | None
    same_winner: float
    first_gains: float


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeScores:
    """`records` have a score of both sides; `mean` and `interval` (95 %) are None without any.

    `calls` were chosen: of them `answered` have a reply, of which `no_number` hold no score, and `missing`
    have none. `by_key` holds the scores of a record under the key of its prompt and expected answer.
    """

    calls: int
    answered: int
    no_number: int
    missing: int
    records: int
    mean: Mapping[str, float | None]
    interval: Mapping[str, tuple[float, float] | None]
    difference: Span | None
    orders: Orders | None
    by_key: Mapping[str, Mapping[str, float]]

    @property
    def sentence(self) -> str:
        """What may be concluded, for a person."""
        if self.difference is None:
            return "No record has a score of both sides yet."
        value, low, high = self.difference.value, self.difference.low, self.difference.high
        words = f"Tuned less base {value:+.1f} [{low:+.1f}, {high:+.1f}] of 100, on {self.records:,} "
        words += "record: " if self.records == 1 else "records: "
        if self.records < _FEW:
            return words + f"fewer than {_FEW} are a hint, no more."
        if low > 0 or high < 0:
            return words + f"this judge finds the tuned model {'better' if low > 0 else 'worse'}."
        return words + "this judge finds no clear difference."

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, with the sentence."""
        return asdict(self) | {"sentence": self.sentence}


def sum_up(
    asked: Asked, calls: Sequence[Call], replies: Mapping[Call, Reply], pairs: Mapping[int, Pair]
) -> JudgeScores:
    """The scores of the calls that were chosen; `pairs` by row."""
    known = {call: replies[call] for call in calls if call in replies}
    by_row = _scores_by_row(known, orders=1 if asked.mode == "single" else 2)
    whole = {row: sides for row, sides in by_row.items() if all(side in sides for side in SIDES)}
    values = {side: [sides[side] for sides in whole.values()] for side in SIDES}
    gains = [sides["tuned"] - sides["base"] for sides in whole.values()]
    spans = {side: measure_mean(values[side]) for side in SIDES}
    return JudgeScores(
        calls=len(calls),
        answered=len(known),
        no_number=sum(reply.scores is None for reply in known.values()),
        missing=len(calls) - len(known),
        records=len(whole),
        mean={side: span.value if span else None for side, span in spans.items()},
        interval={side: (span.low, span.high) if span else None for side, span in spans.items()},
        difference=measure_mean(gains),
        orders=_compare_orders(known) if asked.mode == "pairwise" else None,
        by_key=_group_by_key(by_row, pairs),
    )


def measure_mean(values: Sequence[float]) -> Span | None:
    """The mean with the 95 % interval of a bootstrap over the values, seeded; None without values.

    Of differences within records it is the paired bootstrap (Efron and Tibshirani 1993).
    """
    if not values:
        return None
    known, generator = np.asarray(values, dtype=float), np.random.default_rng(SEED)
    at_once = max(1, _AT_ONCE // len(known))
    drawn = (
        generator.integers(0, len(known), (min(at_once, RESAMPLES - done), len(known)))
        for done in range(0, RESAMPLES, at_once)
    )
    means = np.concatenate([known[rows].mean(axis=1) for rows in drawn])
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Span(value=float(known.mean()), low=float(low), high=float(high))


def _scores_by_row(replies: Mapping[Call, Reply], orders: int) -> dict[int, dict[str, float]]:
    """Side → mean score, by row; a side has one when all of its `orders` gave a number."""
    found: dict[int, dict[str, list[int]]] = {}
    for call, reply in replies.items():
        sides = found.setdefault(call.row, {})
        for side, score in zip(call.order, reply.scores or (), strict=False):
            sides.setdefault(side, []).append(score)
    return {
        row: {side: fmean(scores) for side, scores in sides.items() if len(scores) == orders}
        for row, sides in found.items()
    }


def _group_by_key(
    by_row: Mapping[int, Mapping[str, float]], pairs: Mapping[int, Pair]
) -> dict[str, dict[str, float]]:
    """The scores by key; records with the same prompt and answer share one, with the mean of their scores."""
    found: dict[str, dict[str, list[float]]] = {}
    for row, sides in by_row.items():
        for side, score in sides.items():
            found.setdefault(key_pair(pairs[row]), {}).setdefault(side, []).append(score)
    return {key: {side: fmean(scores) for side, scores in sides.items()} for key, sides in found.items()}


def _compare_orders(replies: Mapping[Call, Reply]) -> Orders | None:
    base, tuned = SIDES
    gains: list[tuple[int, int]] = []
    for row in dict.fromkeys(call.row for call in replies):
        one, other = (replies.get(Call(row=row, order=order)) for order in ((base, tuned), (tuned, base)))
        if one and other and one.scores and other.scores:
            gains.append((one.scores[1] - one.scores[0], other.scores[0] - other.scores[1]))
    if not gains:
        return None
    return Orders(
        records=len(gains),
        correlation=_correlate(gains),
        same_winner=fmean((first > 0) - (first < 0) == (last > 0) - (last < 0) for first, last in gains),
        first_gains=fmean((last - first) / 2 for first, last in gains),
    )


def _correlate(gains: Sequence[tuple[int, int]]) -> float | None:
    first, last = np.asarray(gains, dtype=float).T
    if len(gains) < _FEWEST or not first.std() or not last.std():
        return None
    return float(np.corrcoef(first, last)[0, 1])
