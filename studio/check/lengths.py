"""How long the rendered examples are, in tokens, and what a max length leaves of them.

    median 141, p95 402, max 1 204;   512 tokens: 1 371 fit, 22 cut, 7 lost

A bar holds lengths from `low` up to, but not with, `high`. Knows nothing of what else was found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.check.arrays import Flag, Mask, Scanned

MOST_BARS = 60
_LONG_TAIL = 4  # times the 99th percentile, from where the last bar holds the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """So many records of `low` to `high - 1` tokens."""

    low: int
    high: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """The lengths of the records that render; all zero and no bar while there is none.

    A percentile is a length that a record has: so many of a hundred have at most that. `fit`, `cut` and
    `lost` say whether all, some or none of their trained tokens are within the max length.
    """

    records: int
    median: int
    p95: int
    p99: int
    max: int
    bars: tuple[Bar, ...]
    fit: int
    cut: int
    lost: int


def measure_lengths(scanned: Scanned, max_length: int) -> Lengths:
    """The lengths of what was scanned, and the fates at a max length."""
    rendered = ~scanned.has(Flag.NOT_RENDERED)
    lengths = scanned.length[rendered]
    lost = int((rendered & is_lost(scanned, max_length)).sum())
    cut = int((rendered & is_cut(scanned, max_length)).sum())
    median, p95, p99 = _rank(lengths, (50, 95, 99))
    return Lengths(
        records=len(lengths),
        median=median,
        p95=p95,
        p99=p99,
        max=int(lengths.max(initial=0)),
        bars=tuple(_list_bars(lengths, p99)),
        fit=len(lengths) - cut - lost,
        cut=cut,
        lost=lost,
    )


def is_lost(scanned: Scanned, max_length: int) -> Mask:
    """Which records keep no trained token within the max length."""
    lost: Mask = (scanned.stop == 0) | (scanned.first >= max_length)
    return lost


def is_cut(scanned: Scanned, max_length: int) -> Mask:
    """Which records keep some of their trained tokens, but not all."""
    cut: Mask = (scanned.first < max_length) & (scanned.stop > max_length)
    return cut


def _rank(lengths: NDArray[np.uint32], shares: tuple[int, ...]) -> list[int]:
    if len(lengths) == 0:
        return [0] * len(shares)
    places = [max(0, -(-len(lengths) * share // 100) - 1) for share in shares]
    ordered = np.partition(lengths, places)
    return [int(ordered[place]) for place in places]


def _list_bars(lengths: NDArray[np.uint32], late: int) -> Iterator[Bar]:
    """Bars of round widths; of a long tail the last holds the rest."""
    if len(lengths) == 0:
        return
    low, high = int(lengths.min()), int(lengths.max())
    tail = high - low > MOST_BARS and high > _LONG_TAIL * late
    top = late if tail else high
    width = _choose_width(low, top)
    start, number = low // width * width, top // width - low // width + 1
    places = (lengths - np.uint32(start)) // np.uint32(width)
    if tail:
        places = np.minimum(places, np.uint32(number))
    counts: list[Any] = np.bincount(places, minlength=number).tolist()
    for place, count in enumerate(counts):
        ends_all = tail and place == number
        first = start + place * width
        yield Bar(low=first, high=high + 1 if ends_all else first + width, count=count)


def _choose_width(low: int, top: int) -> int:
    """The least round width of which the range needs fewer than the most bars, so that a tail fits too."""
    scale = 1
    while True:
        for step in (1, 2, 5):
            width = step * scale
            if top // width - low // width + 1 < MOST_BARS:
                return width
        scale *= 10
