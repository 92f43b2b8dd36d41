"""What may be concluded from a comparison, in one careful sentence.

    Token F1 +0.27 [0.22, 0.31] on 139 records: better in form; 3.6 % exact.
    Token F1 +0.01 [−0.02, 0.04] on 139 records: unclear, since the interval holds 0; 3.6 % exact.
    Only 12 records, too few to be sure: token F1 +0.20 [0.05, 0.33] looks better in form; none exact.

One score decides, and always the same one, so that no good score can be picked from nine: token F1, and where
there are no answers the bits per byte. Knows numbers alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from studio.compare.differences import FEW, SCORES, Difference
from studio.compare.sides import Address
from studio.run.sides import BASE

MOSTLY = 0.5  # share of exact answers from which a gain is more than one of form


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a conclusion is drawn from: the scores of both sides, and right less left."""

    left: Address
    right: Address
    records: int
    base: Mapping[str, float | None]
    tuned: Mapping[str, float | None]
    difference: Mapping[str, Difference]


def write_verdict(evidence: Evidence) -> str:
    """The sentence."""
    main = choose_score(evidence.difference)
    answered = main == "token_f1"
    difference = evidence.difference[main]
    tail = f"; {_describe_exact(evidence)}" if answered else "; these are texts, so no prompt was answered"
    spelled = f"{_name(main)} {spell_difference(difference)}"
    subject = _describe_subject(evidence)
    if difference.low is None:
        return f"One record shows nothing of a model: {spelled}, with no interval{tail}."
    judged = _judge(evidence, main)
    if evidence.records < FEW:
        looks = "unclear" if not difference.clear else f"{subject}looks {judged}"
        return f"Only {evidence.records} records, too few to be sure: {spelled}, {looks}{tail}."
    if judge_difference(main, difference) == "same":
        return f"{_name(main)} is the same on {evidence.records:,} records{_add_loss(evidence, main)}{tail}."
    if not difference.clear:
        return (
            f"{spelled} on {evidence.records:,} records: unclear, since the interval holds 0"
            f"{_add_loss(evidence, main)}{tail}."
        )
    return f"{spelled} on {evidence.records:,} records: {subject}{judged}{_add_loss(evidence, main)}{tail}."


def choose_score(difference: Mapping[str, Difference]) -> str:
    """The score that decides: token F1, and where nothing was answered the bits per byte."""
    return "token_f1" if "token_f1" in difference else "bits_per_byte"


def spell_difference(difference: Difference, digits: int = 2) -> str:
    """`+0.27 [0.22, 0.31]`; without the interval where there is none."""
    value = spell_number(difference.value, digits, sign=True)
    if difference.low is None or difference.high is None:
        return value
    return f"{value} [{spell_number(difference.low, digits)}, {spell_number(difference.high, digits)}]"


def spell_number(value: float, digits: int, *, sign: bool = False) -> str:
    """A number with a true minus; what rounds to 0 has no sign."""
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    return text.replace("-", "−") if float(text) else text.lstrip("+-")


def judge_difference(name: str, difference: Difference) -> str:
    """`better` or `worse`, or where neither way is, `differs`; `unclear` where the interval holds 0.

    `same` where no resample differs.
    """
    if difference.value == difference.low == difference.high == 0:
        return "same"
    if not difference.clear:
        return "unclear"
    better = SCORES[name].better
    if not better:
        return "differs"
    return "better" if difference.value * better > 0 else "worse"


def _judge(evidence: Evidence, main: str) -> str:
    word = judge_difference(main, evidence.difference[main])
    if main == "bits_per_byte":
        return f"{word} at predicting the texts"
    return word if (evidence.tuned.get("exact_match") or 0.0) >= MOSTLY else f"{word} in form"


def _describe_subject(evidence: Evidence) -> str:
    """Who is better, where it is not plainly the tuned model after its base."""
    if evidence.left.model == BASE and evidence.left.run == evidence.right.run:
        return ""
    if evidence.left.run == evidence.right.run:
        return f"{evidence.right.which} is "
    return f"{evidence.right.run[:8]}/{evidence.right.which} is "


def _describe_exact(evidence: Evidence) -> str:
    share = evidence.tuned.get("exact_match") or 0.0
    before = evidence.base.get("exact_match") or 0.0
    words = f"{share * 100:.1f} % exact" if share else "none exact"
    if not before:
        return words
    return f"{words}, {before * 100:.1f} % {'before' if evidence.left.model == BASE else 'on the left'}"


def _add_loss(evidence: Evidence, main: str) -> str:
    """What the loss says, where it is clear and says something else."""
    loss = evidence.difference.get("bits_per_byte")
    if main == "bits_per_byte" or loss is None or not loss.clear:
        return ""
    word = judge_difference("bits_per_byte", loss)
    if word == judge_difference(main, evidence.difference[main]):
        return ""
    return f", but {word} at predicting the expected answers (bits per byte {spell_difference(loss)})"


def _name(score: str) -> str:
    return SCORES[score].title
