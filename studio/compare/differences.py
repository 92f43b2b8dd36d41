"""Whether two models differ: a paired bootstrap over the records (Efron and Tibshirani 1993), seeded."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from studio.compare.pairs import Pair

RESAMPLES = 1_000
SEED = 42
LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Tuned less base, with its 95 % interval from `low` to `high`. Of a loss, less than 0 is better."""

    value: float
    low: float
    high: float


def measure_differences(pairs: Sequence[Pair]) -> dict[str, Difference]:
    """Tuned less base for loss, exact_match and token_f1, by a paired bootstrap over the records, seeded."""
    measures: dict[str, Callable[[Sequence[Pair]], float]] = {"loss": _loss_difference}
    if pairs and pairs[0].base.exact_match is not None:
        measures |= {"exact_match": _exact_match_difference, "token_f1": _token_f1_difference}
    generator = random.Random(SEED)  # noqa: S311
    resamples = [generator.choices(pairs, k=len(pairs)) for _ in range(RESAMPLES)]
    cut = round(RESAMPLES * (1 - LEVEL) / 2)
    differences = {}
    for name, measure in measures.items():
        values = sorted(measure(resample) for resample in resamples)
        differences[name] = Difference(value=measure(pairs), low=values[cut], high=values[-cut - 1])
    return differences


def _loss_difference(pairs: Sequence[Pair]) -> float:
    tokens = sum(pair.base.tokens for pair in pairs)
    nats = sum(pair.tuned.loss * pair.tuned.tokens - pair.base.loss * pair.base.tokens for pair in pairs)
    return nats / max(1, tokens)


def _exact_match_difference(pairs: Sequence[Pair]) -> float:
    return fmean((pair.tuned.exact_match or 0.0) - (pair.base.exact_match or 0.0) for pair in pairs)


def _token_f1_difference(pairs: Sequence[Pair]) -> float:
    return fmean((pair.tuned.token_f1 or 0.0) - (pair.base.token_f1 or 0.0) for pair in pairs)
