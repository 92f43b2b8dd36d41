"""The part of a model card that says what the test part measured, before and after."""

from collections.abc import Mapping
from typing import Any

from studio.card.markdown import escape_text, tabulate

_NAMES = {
    "loss": "loss, nats a token ↓",
    "perplexity": "perplexity ↓",
    "bits_per_byte": "bits per byte ↓",
    "exact_match": "exact match ↑",
    "token_f1": "token F1 ↑",
    "rouge_l": "ROUGE-L ↑",
    "distinct_3": "distinct-3",
    "words": "words",
    "unfinished": "never ends ↓",
}


def describe_scores(told: Mapping[str, Any]) -> list[str]:
    """A table of the scores of both models, with the interval of their difference where one was measured."""
    metrics = told["metrics"]
    if not metrics.get("records"):
        return ["There is no test part, so nothing was measured."]
    scores = told.get("scores") or metrics
    decoding = metrics.get("decoding") or {}
    rows = [
        (
            _NAMES.get(name, name),
            _spell(scores["base"].get(name)),
            _spell(value),
            _spell_interval((scores.get("difference") or {}).get(name)),
        )
        for name, value in scores["tuned"].items()
        if name in _NAMES
    ]
    blocks = [_describe_records(metrics), tabulate(("", "before", "after", "difference"), rows)]
    if scores.get("verdict"):
        blocks.insert(0, escape_text(scores["verdict"]))
    if scores.get("difference"):
        blocks.append("In brackets: a 95 % interval, from a paired bootstrap over the records.")
    if decoding:
        blocks.append(
            f"Both models were asked in the same way: {decoding.get('method', 'greedy')} decoding,"
            f" {decoding.get('max_new_tokens', 64)} new tokens at most."
        )
    return blocks


def _describe_records(metrics: Mapping[str, Any]) -> str:
    counted, of = metrics["records"], metrics.get("of") or metrics["records"]
    part = f" of {of:,}, a seeded choice" if of != counted else ""
    return f"{counted:,} records of the test part{part}; none of them was learnt from, or chose a step."


def _spell(value: Any) -> str:
    return "" if value is None or isinstance(value, str) else f"{value:,.4g}"


def _spell_interval(difference: Mapping[str, float] | None) -> str:
    if not difference:
        return ""
    return f"{difference['value']:+.3g} [{difference['low']:+.3g}, {difference['high']:+.3g}]"
