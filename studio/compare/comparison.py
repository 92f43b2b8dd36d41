"""A finished run's comparison: the scores of both models on its whole test part, with the pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from studio.compare.differences import Difference, measure_differences
from studio.compare.pairs import Pair, Side, read_pairs
from studio.errors import RunError
from studio.job import label_base
from studio.run import RunDir, read_spec, read_state

_MEASURED = ("loss", "perplexity", "bits_per_byte")
_SCORES = ("exact_match", "token_f1")


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


def _sum_scores(measured: Mapping[str, Any], sides: Sequence[Side]) -> dict[str, float | None]:
    scores: dict[str, float | None] = {name: measured[name] for name in _MEASURED}
    for name in _SCORES:
        values = [value for side in sides if (value := getattr(side, name)) is not None]
        scores[name] = fmean(values) if values else None
    return scores
