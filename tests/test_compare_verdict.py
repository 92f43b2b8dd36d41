"""The one sentence: what it says of clear, unclear, few, worse, exact, of texts and of two runs."""

from typing import Any

import pytest

from studio.compare import Address, Difference, judge_difference, spell_difference
from studio.compare.verdict import Evidence, write_verdict

BASE, TUNED = Address(run="r1", which="base"), Address(run="r1", which="tuned")


def differ(value: float, low: float | None, high: float | None) -> Difference:
    return Difference(value=value, low=low, high=high)


def judge(
    f1: Difference | None,
    *,
    records: int = 139,
    exact: tuple[float, float] = (0.0, 0.036),
    bits: Difference | None = None,
    left: Address = BASE,
    right: Address = TUNED,
) -> str:
    answered: dict[str, Any] = {} if f1 is None else {"token_f1": f1}
    return write_verdict(
        Evidence(
            left=left,
            right=right,
            records=records,
            base={"exact_match": exact[0]},
            tuned={"exact_match": exact[1]},
            difference={"bits_per_byte": bits or differ(-1.0, -1.2, -0.8), **answered},
        )
    )


CLEAR, UNCLEAR, WORSE = differ(0.27, 0.22, 0.31), differ(0.01, -0.02, 0.04), differ(-0.1, -0.2, -0.05)


@pytest.mark.parametrize(
    ("sentence", "given"),
    [
        ("Token F1 +0.27 [0.22, 0.31] on 139 records: better in form; 3.6 % exact.", {"f1": CLEAR}),
        (
            "Token F1 +0.27 [0.22, 0.31] on 1,390 records: better; 61.0 % exact, 10.0 % before.",
            {"f1": CLEAR, "records": 1_390, "exact": (0.1, 0.61)},
        ),
        (
            "Token F1 +0.01 [−0.02, 0.04] on 139 records: unclear, since the interval holds 0, but better at "
            "predicting the expected answers (bits per byte −1.00 [−1.20, −0.80]); none exact.",
            {"f1": UNCLEAR, "exact": (0.0, 0.0)},
        ),
        (
            "Token F1 +0.01 [−0.02, 0.04] on 139 records: unclear, since the interval holds 0; none exact.",
            {"f1": UNCLEAR, "exact": (0.0, 0.0), "bits": differ(-0.1, -0.3, 0.1)},
        ),
        (
            "Token F1 is the same on 139 records; 3.6 % exact, 3.6 % on the left.",
            {
                "f1": differ(0.0, 0.0, 0.0),
                "exact": (0.036, 0.036),
                "bits": differ(0.0, 0.0, 0.0),
                "left": TUNED,
                "right": Address(run="r1", which="step-40"),
            },
        ),
        (
            "Token F1 −0.10 [−0.20, −0.05] on 139 records: worse in form; none exact, 5.0 % before.",
            {"f1": WORSE, "exact": (0.05, 0.0), "bits": differ(0.4, 0.3, 0.5)},
        ),
        (
            "Only 12 records, too few to be sure: Token F1 +0.27 [0.22, 0.31], looks better in form; none "
            "exact.",
            {"f1": CLEAR, "records": 12, "exact": (0.0, 0.0)},
        ),
        (
            "Only 29 records, too few to be sure: Token F1 +0.01 [−0.02, 0.04], unclear; none exact.",
            {"f1": UNCLEAR, "records": 29, "exact": (0.0, 0.0)},
        ),
        (
            "One record shows nothing of a model: Token F1 +0.50, with no interval; none exact.",
            {"f1": differ(0.5, None, None), "records": 1, "exact": (0.0, 0.0)},
        ),
        (
            "Bits per byte −1.00 [−1.20, −0.80] on 139 records: better at predicting the texts; these are "
            "texts, so no prompt was answered.",
            {"f1": None},
        ),
        (
            "Token F1 +0.27 [0.22, 0.31] on 139 records: step-40 is better in form; 3.6 % exact.",
            {"f1": CLEAR, "left": TUNED, "right": Address(run="r1", which="step-40")},
        ),
        (
            "Token F1 +0.27 [0.22, 0.31] on 139 records: 9c41d2a0/tuned is better in form; 3.6 % exact.",
            {"f1": CLEAR, "left": TUNED, "right": Address(run="9c41d2a0ffff", which="tuned")},
        ),
    ],
)
def test_a_verdict_says_no_more_than_it_may(sentence: str, given: dict[str, Any]) -> None:
    assert judge(**given) == sentence


@pytest.mark.parametrize(
    ("name", "difference", "word"),
    [
        ("loss", differ(-1, -2, -0.5), "better"),
        ("loss", differ(1, 0.5, 2), "worse"),
        ("token_f1", differ(0.1, 0.0, 0.2), "unclear"),
        ("token_f1", differ(0.1, None, None), "unclear"),
        ("exact_match", differ(0.0, 0.0, 0.0), "same"),
        ("words", differ(-5, -6, -4), "differs"),
    ],
)
def test_a_difference_is_judged_by_its_interval(name: str, difference: Difference, word: str) -> None:
    assert judge_difference(name, difference) == word


def test_a_number_that_rounds_to_nothing_has_no_sign() -> None:
    assert spell_difference(differ(-0.001, -0.004, 0.002)) == "0.00 [0.00, 0.00]"
