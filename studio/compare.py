"""Before and after: what the base and the tuned model made of the same test prompts, decoded in the same way.

One pair of a run on lamini_docs:

    Pair(row=2, prompt="### Question:\\nCan a banana peel …", expected="\\nLet’s keep the discussion …",
         base=Side(completion="onononon…", …), tuned=Side(completion="\\nLet’s keep the discussion …", …))

Losses were measured by the worker; the scores of completions are computed here, from the text alone. Knows a
finished run's folder; knows no model.
"""

import random
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from studio.errors import RunError
from studio.job import label_base
from studio.run import RunDir, read_lines, read_spec, read_state

RESAMPLES = 1_000
SEED = 42
LEVEL = 0.95
_MEASURED = ("loss", "perplexity", "bits_per_byte")
_SCORES = ("exact_match", "token_f1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One model's answer. `loss` is nats per token of the expected completion, over `tokens` of them.

    `completion`, `finished` and the scores are None where there was no prompt to complete (text examples).
    """

    completion: str | None
    finished: bool | None
    loss: float
    tokens: int
    exact_match: float | None
    token_f1: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One test record, before and after; `row` is its zero-based position in the test part."""

    row: int
    prompt: str
    expected: str
    base: Side
    tuned: Side

    def to_dict(self) -> dict[str, Any]:
        """The pair as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Tuned less base, with its 95 % interval from `low` to `high`. Of a loss, less than 0 is better."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The scores of both models on the whole test part, and every pair in its order.

    `label` says what the tuned model is. Scores: loss, perplexity, bits_per_byte, exact_match, token_f1; the
    last two are means over the records, and None for text examples.
    """

    run: str
    label: str
    records: int
    base: Mapping[str, float | None]
    tuned: Mapping[str, float | None]
    difference: Mapping[str, Difference]
    pairs: tuple[Pair, ...]

    def page(self, offset: int = 0, limit: int | None = 5) -> tuple[Pair, ...]:
        """The pairs from `offset` on, at most `limit`; all of them when it is None."""
        return self.pairs[offset:] if limit is None else self.pairs[offset : offset + limit]

    def to_dict(self, offset: int = 0, limit: int | None = 5) -> dict[str, Any]:
        """`run label records base tuned difference examples`; one page of the examples."""
        return {
            "run": self.run,
            "label": self.label,
            "records": self.records,
            "base": dict(self.base),
            "tuned": dict(self.tuned),
            "difference": {name: asdict(difference) for name, difference in self.difference.items()},
            "examples": [pair.to_dict() for pair in self.page(offset, limit)],
        }


def open_comparison(run_dir: RunDir) -> Comparison:
    """The comparison of a run that succeeded; RunError for any other, and for one without a test part."""
    state = read_state(run_dir)
    if not state.finished:
        raise RunError(f"Run {state.run} is still {state.state}.", "Compare it when it has ended.")
    if state.state != "succeeded":
        because = f": {state.reason}" if state.reason else ""
        raise RunError(
            f"Run {state.run} is {state.state}{because}", "Start it again; it has nothing to compare."
        )
    if not state.metrics.get("records"):
        raise RunError(
            f"Run {state.run} has no test part, so there is nothing to compare.",
            "Give the split a test part and train again.",
        )
    pairs = read_pairs(run_dir)
    if len(pairs) != state.metrics["records"]:
        raise RunError(f"The answers of run {state.run} are damaged.", "Start the run again.")
    return Comparison(
        run=state.run,
        label=label_base(read_spec(run_dir).base_model),
        records=len(pairs),
        base=_sum_scores(state.metrics["base"], [pair.base for pair in pairs]),
        tuned=_sum_scores(state.metrics["tuned"], [pair.tuned for pair in pairs]),
        difference=measure_differences(pairs),
        pairs=pairs,
    )


def read_pairs(run_dir: RunDir) -> tuple[Pair, ...]:
    """The records that both models have answered so far, in the test part's order; also during a run."""
    base, tuned = (_read_sides(path) for path in (run_dir.base_completions, run_dir.tuned_completions))
    return tuple(
        Pair(
            row=row,
            prompt=base[row]["prompt"],
            expected=base[row]["expected"],
            base=_score_side(base[row]),
            tuned=_score_side(tuned[row]),
        )
        for row in sorted(base.keys() & tuned.keys())
    )


def exact_match(completion: str, expected: str) -> float:
    """1.0 when both are the same text, whitespace at the ends aside."""
    return float(completion.strip() == expected.strip())


def token_f1(completion: str, expected: str) -> float:
    """The F1 of the words that both have in common, counted with repeats; 1.0 when neither has any.

    After SQuAD (Rajpurkar et al. 2016): lower case, punctuation removed, split at whitespace. Articles are
    kept, since not all data is English; punctuation is Unicode's category P.
    """
    ours, theirs = Counter(_split_words(completion)), Counter(_split_words(expected))
    common = (ours & theirs).total()
    if not ours and not theirs:
        return 1.0
    return 2 * common / (ours.total() + theirs.total())


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


def _split_words(text: str) -> list[str]:
    return "".join(one for one in text.lower() if not unicodedata.category(one).startswith("P")).split()


def _read_sides(path: Path) -> dict[int, dict[str, Any]]:
    return {line["row"]: line for line in read_lines(path)}


def _score_side(line: Mapping[str, Any]) -> Side:
    completion, expected = line["completion"], line["expected"]
    return Side(
        completion=completion,
        finished=line["finished"],
        loss=line["loss"],
        tokens=line["tokens"],
        exact_match=None if completion is None else exact_match(completion, expected),
        token_f1=None if completion is None else token_f1(completion, expected),
    )


def _sum_scores(measured: Mapping[str, Any], sides: Sequence[Side]) -> dict[str, float | None]:
    scores: dict[str, float | None] = {name: measured[name] for name in _MEASURED}
    for name in _SCORES:
        values = [value for side in sides if (value := getattr(side, name)) is not None]
        scores[name] = fmean(values) if values else None
    return scores
