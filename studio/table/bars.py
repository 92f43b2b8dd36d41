"""Bars: how many values lie where, each bar a range that holds exactly its values.

    lengths  1 … 3 840        →   1–76: 310, 77–152: 901, …, 1 141–3 840: 12       ranges that touch
    numbers  1, 1, 2.5, 9     →   1–1: 2, 2.5–2.5: 1, …, 9–9: 1                    the values at their ends

Few whole numbers get a bar each. The last bar of a long tail holds the rest. Knows nothing of columns.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Number = int | float

BARS = 16
_LONG_TAIL = 2  # times the 99th percentile, from where the last bar holds the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """`count` records: from `low` to `high`, both included; or with the value `value`."""

    low: Number | None = None
    high: Number | None = None
    value: str | None = None
    count: int


def count_lengths(lengths: NDArray[Any]) -> tuple[Bar, ...]:
    """Bars of whole numbers from 0 on, of which there is at least one."""
    low, high = int(lengths.min()), int(lengths.max())
    late = int(np.percentile(lengths, 99))
    top = late if high - low > BARS and high > _LONG_TAIL * late else high
    width = max(1, math.ceil((top - low + 1) / BARS))
    number = max(1, math.ceil((top - low + 1) / width))
    counts = np.bincount(np.minimum((lengths.astype(np.int64) - low) // width, number - 1), minlength=number)
    starts = [low + width * index for index in range(number)]
    ends = [*(start - 1 for start in starts[1:]), high]
    bars = zip(starts, ends, counts.tolist(), strict=True)
    return tuple(Bar(low=start, high=end, count=count) for start, end, count in bars)


def count_numbers(numbers: NDArray[Any]) -> tuple[Bar, ...]:
    """Bars of numbers, of which there is at least one; `low` and `high` are values in the bar.

    A bar without values has the ends of its range.
    """
    low, high = numbers.min(), numbers.max()
    distinct = _list_distinct(numbers)
    if distinct is not None:
        values, counts = distinct
        return tuple(
            Bar(low=value, high=value, count=count)
            for value, count in zip(values.tolist(), counts.tolist(), strict=True)
        )
    places, edges = _place(numbers, low, high)
    counts = np.bincount(places, minlength=BARS)
    least, most = np.full(BARS, high), np.full(BARS, low)
    np.minimum.at(least, places, numbers)
    np.maximum.at(most, places, numbers)
    bars = []
    for index, count in enumerate(counts.tolist()):
        ends = (least[index].item(), most[index].item()) if count else (edges[index], edges[index + 1])
        bars.append(Bar(low=ends[0], high=ends[1], count=count))
    return tuple(bars)


def _list_distinct(numbers: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """The different numbers and how often each is there, where few whole ones lie close together."""
    if len(np.unique(numbers[:1_000])) > BARS:
        return None
    values, counts = np.unique(numbers, return_counts=True)
    return (values, counts) if len(values) <= BARS else None


def _place(numbers: NDArray[Any], low: Any, high: Any) -> tuple[NDArray[np.int64], list[float]]:
    """In which of the bars each number is, in ascending order; and where the bars begin and end."""
    with np.errstate(over="ignore"):
        scale = 1.0 if np.isfinite(float(high) - float(low)) else 0.25
    first, span = float(low) * scale, float(high) * scale - float(low) * scale
    shares = (numbers.astype(np.float64) * scale - first) / span
    edges = [(first + span * (index / BARS)) / scale for index in range(BARS + 1)]
    return np.minimum((shares * BARS).astype(np.int64), BARS - 1), edges
