"""Answers that are far longer or shorter than the rest, told by the median and not by the mean.

    median 210 characters, spread × 1.6   →   long over 2 700, short under 16

The logarithms of the lengths are compared with their median. Far is more than 3.5 of their median absolute
deviations, scaled to be a standard deviation (Iglewicz and Hoaglin, "How to Detect and Handle Outliers",
1993), and at least eight times as long or an eighth: where lengths hardly differ, not every other one is an
outlier.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FAR = 3.5
LEAST_TIMES = 8
FEWEST = 30  # answers from which on the rest says something
_ROUND = 1e-6  # a logarithm and back
_TO_DEVIATION = 1.4826  # of a median absolute deviation, where values are normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Half of `answers` have under `median` characters; those under `low` or over `high` are far from it."""

    answers: int
    median: int
    low: int
    high: int


def measure_spread(lengths: NDArray[np.uint32]) -> Spread | None:
    """The spread of the characters of answers, 0 for those that have none; None where they are too few."""
    told = np.log(lengths[lengths > 0])
    if len(told) < FEWEST:
        return None
    middle = float(np.median(told))
    deviation = _TO_DEVIATION * float(np.median(np.abs(told - middle)))
    far = max(FAR * deviation, math.log(LEAST_TIMES))
    # An exponent that no length reaches must not overflow.
    high = math.floor(math.exp(min(middle + far, 40.0)) + _ROUND)
    return Spread(
        answers=len(told),
        median=round(math.exp(middle)),
        low=math.ceil(math.exp(middle - far) - _ROUND),
        high=high,
    )
