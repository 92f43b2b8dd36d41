"""The scores of two models over many records, and whether they differ: a paired bootstrap, seeded.

Each resample draws as many records as there are, with replacement, and asks both models about the same ones
(Efron and Tibshirani 1993, chapter 16). A score is a ratio of sums over records, so a resample is one row of
counts, and all resamples are one product of two matrices.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.compare.pairs import Pair, Side, select_side
from studio.compare.scores import list_runs, split_words

RESAMPLES = 1_000
SEED = 42
LEVEL = 0.95
FEW = 30  # records below which an interval by resampling is too narrow to be trusted

Numbers = NDArray[np.float64]

_AT_ONCE = 2_000_000  # counts that are held at once
_MOST_LOSS = 700.0  # nats, above which exp has no number


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Right less left, with its 95 % interval from `low` to `high`; None where one record allows none.

    Of a loss, less than 0 is better.
    """

    value: float
    low: float | None
    high: float | None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One score: which direction is better (1 up, -1 down, 0 neither), and its name for a person.

    `percent` says that it is a share.
    """

    title: str
    words: str
    better: int
    percent: bool = False


SCORES: dict[str, Score] = {
    "loss": Score(title="Test loss", words="nats a token, lower is better", better=-1),
    "perplexity": Score(title="Perplexity", words="lower is better", better=-1),
    "bits_per_byte": Score(
        title="Bits per byte", words="lower is better; compares any two models", better=-1
    ),
    "exact_match": Score(title="Exact match", words="share of records", better=1, percent=True),
    "token_f1": Score(title="Token F1", words="words in common, 0 to 1", better=1),
    "rouge_l": Score(title="ROUGE-L", words="words in common in their order, 0 to 1", better=1),
    "words": Score(title="Length", words="words an answer", better=0),
    "distinct_3": Score(title="Distinct-3", words="different runs of three words, of all answers", better=0),
    "unfinished": Score(
        title="Never ends", words="share that the token limit cut off", better=-1, percent=True
    ),
}
LOSSES = ("loss", "perplexity", "bits_per_byte")
ANSWERS = tuple(name for name in SCORES if name not in LOSSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Every score of both sides, None where there is nothing to score, and right less left.

    Losses are weighted by tokens, the scores of answers are means over the records that have one, and
    `distinct_3` is that of all answers together.
    """

    base: dict[str, float | None]
    tuned: dict[str, float | None]
    difference: dict[str, Difference]


def measure_pairs(pairs: Sequence[Pair]) -> Measured:
    """The scores of both sides and their differences, by a paired bootstrap over the records, seeded.

    Where the two models cut the texts into other tokens, a loss by token compares nothing: `loss` and
    `perplexity` have no difference then.
    """
    base, tuned = (_list_terms(pairs, name) for name in ("base", "tuned"))
    sums = [terms.sum(axis=0, keepdims=True) for terms in (base, tuned)]
    return Measured(
        base=_read_scores(sums[0]),
        tuned=_read_scores(sums[1]),
        difference=_measure_differences(base, tuned, same_tokens=has_same_tokens(pairs)),
    )


def measure_differences(pairs: Sequence[Pair]) -> dict[str, Difference]:
    """The differences of `measure_pairs` alone."""
    return measure_pairs(pairs).difference


def _measure_differences(base: Numbers, tuned: Numbers, *, same_tokens: bool) -> dict[str, Difference]:
    point = _subtract(base.sum(axis=0, keepdims=True), tuned.sum(axis=0, keepdims=True))
    drawn: dict[str, list[Numbers]] = {name: [] for name in point}
    for counts in _draw_resamples(len(base)) if len(base) > 1 else ():
        for name, values in _subtract(counts @ base, counts @ tuned).items():
            drawn[name].append(values)
    names = [name for name, values in point.items() if math.isfinite(values[0])]
    if not same_tokens:
        names = [name for name in names if name not in ("loss", "perplexity")]
    return {name: _make_difference(float(point[name][0]), drawn[name]) for name in names}


def _read_scores(sums: Numbers) -> dict[str, float | None]:
    return {score: _as_score(values[0]) for score, values in _compute_scores(sums).items()}


def has_same_tokens(pairs: Sequence[Pair]) -> bool:
    """Whether both models cut every expected answer into as many tokens."""
    return all(pair.base.tokens == pair.tuned.tokens for pair in pairs)


def measure_expected(pairs: Sequence[Pair]) -> dict[str, float | None]:
    """`words` and `distinct_3` of the expected answers, beside which those of the models are to be read."""
    texts = [split_words(pair.expected) for pair in pairs if pair.tuned.completion is not None]
    runs = [run for words in texts for run in list_runs(words)]
    return {
        "words": sum(map(len, texts)) / len(texts) if texts else None,
        "distinct_3": len(set(runs)) / len(runs) if runs else None,
    }


def _make_difference(value: float, drawn: list[Numbers]) -> Difference:
    values = np.sort(np.concatenate(drawn)) if drawn else np.empty(0)
    values = values[np.isfinite(values)]
    if not len(values):
        return Difference(value=value, low=None, high=None)
    cut = round(len(values) * (1 - LEVEL) / 2)
    return Difference(value=value, low=float(values[cut]), high=float(values[-cut - 1]))


def _draw_resamples(records: int) -> Iterator[Numbers]:
    """How often each record is in each resample, some resamples at a time: [resamples, records]."""
    # The one generator of numpy whose numbers never change between versions (NEP 19).
    generator = np.random.RandomState(SEED)
    at_once = max(1, _AT_ONCE // records)
    for start in range(0, RESAMPLES, at_once):
        size = min(at_once, RESAMPLES - start)
        places = generator.randint(records, size=(size, records)) + np.arange(size)[:, None] * records
        counts = np.bincount(places.ravel(), minlength=size * records)
        yield counts.reshape(size, records).astype(np.float64)


# The terms of a record, whose sums are all that the scores are made of.
_TERMS = (
    "nats",
    "tokens",
    "bytes",
    "answers",
    "exact_match",
    "token_f1",
    "rouge_l",
    "words",
    "cut",
    "variety",
)


def _list_terms(pairs: Sequence[Pair], name: str) -> Numbers:
    """The terms of every record: [records, _TERMS]."""
    sides = select_side(pairs, name)
    variety = _spread_variety(sides)
    terms = [
        (
            side.loss * side.tokens,
            side.tokens,
            pair.size,
            side.completion is not None,
            side.exact_match or 0.0,
            side.token_f1 or 0.0,
            side.rouge_l or 0.0,
            side.words or 0,
            side.finished is False,
            share,
        )
        for pair, side, share in zip(pairs, sides, variety, strict=True)
    ]
    return np.array(terms, dtype=np.float64).reshape(len(pairs), len(_TERMS))


def _compute_scores(sums: Numbers) -> dict[str, Numbers]:
    """Every score of sums of terms [any number, _TERMS]; no finite number where there is nothing."""
    term = dict(zip(_TERMS, sums.T, strict=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        loss = term["nats"] / term["tokens"]
        means = {
            score: term[name] / term["answers"]
            for score, name in zip(
                ANSWERS, ("exact_match", "token_f1", "rouge_l", "words", "variety", "cut"), strict=True
            )
        }
        return {
            "loss": loss,
            "perplexity": np.exp(np.minimum(loss, _MOST_LOSS)),
            "bits_per_byte": term["nats"] / math.log(2) / term["bytes"],
            **means,
        }


def _subtract(base: Numbers, tuned: Numbers) -> dict[str, Numbers]:
    left, right = _compute_scores(base), _compute_scores(tuned)
    with np.errstate(invalid="ignore"):
        return {name: right[name] - left[name] for name in SCORES}


def _as_score(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _spread_variety(sides: Sequence[Side]) -> list[float]:
    """Distinct-3 of all answers together, as terms whose mean it is, so that it can be resampled.

    A resample repeats records, and repeated answers have less variety whatever the model; so a record stands
    for what the score loses without it (the jackknife's influence: Efron and Tibshirani 1993, 11.5). Terms
    are nan where no answer has three words.
    """
    runs = [list_runs(split_words(side.completion or "")) for side in sides]
    answers = [place for place, side in enumerate(sides) if side.completion is not None]
    holders = Counter(run for some in runs for run in set(some))
    total, different = sum(map(len, runs)), len(holders)
    if not total:
        return [math.nan] * len(sides)
    whole = different / total
    influence = np.zeros(len(sides))
    for place in answers:
        alone = sum(holders[run] == 1 for run in set(runs[place]))
        rest = total - len(runs[place])
        without = (different - alone) / rest if rest else whole
        influence[place] = (len(answers) - 1) * (whole - without)
    influence[answers] += whole - influence[answers].mean()
    return list(influence)
