"""Shingles: the runs of characters that a text is cut into, so that two texts can be compared as sets.

    "what is lora?"   →   "what ", "hat i", "at is", …, "lora?", "ora?", "ra?"
    "什么是大语言模型"   →   "什么是", "么是大", "是大语", …

At every place with three characters left a shingle of five characters begins, or what is left of them; of
three where the first is an ideograph, kana or hangul, each of which says as much as a short word. A text of
one or two characters is one shingle. Characters and not words, because much of the world writes without
blanks, and because most prompts are short: five, as Leskovec, Rajaraman and Ullman advise for short texts
("Mining of Massive Datasets", 3.2.2). Of longer texts the first 65,536 characters are compared.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

MOST_CHARACTERS = 65_536
# So many texts, and 2 to this many characters, so that all that is made of them stays in the cache.
_TEXTS_AT_ONCE, _AT_ONCE = 64, 18

_WIDTH, _WIDTH_DENSE, _LEFT = 5, 3, 3
_DENSE = ((0x3040, 0xA4CF), (0xAC00, 0xD7A3), (0x20000, 0x3FFFF))
_GAP = "\0" * (_WIDTH - 1)

_STEP = np.uint64(0x9E3779B97F4A7C15)
# As in the finaliser of MurmurHash3: spreads what differs over all bits.
_SPREAD = np.uint64(0xFF51AFD7ED558CCD)
_HALF = np.uint64(33)


def iter_shingles(texts: pl.Series) -> Iterator[tuple[Hashes, NDArray[np.int64]]]:
    """Hashes of the shingles of some texts after others, and where those of each end.

    Shingles that a text has more than once are there as often; an empty text has none.
    """
    texts = texts.str.head(MOST_CHARACTERS)
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    places = np.arange(len(texts))
    runs = (np.cumsum(lengths) >> _AT_ONCE) + places // _TEXTS_AT_ONCE
    starts = np.flatnonzero(np.diff(runs, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(texts)], strict=True):
        yield _shingle(texts[int(start) : int(stop)].to_list(), lengths[start:stop])


def _shingle(texts: list[str], lengths: NDArray[np.int64]) -> tuple[Hashes, NDArray[np.int64]]:
    joined = _GAP.join([*texts, ""]).encode("utf-32-le")
    codes = np.frombuffer(joined, "<u4").astype(np.uint64)
    widths = lengths + len(_GAP)
    ends = np.cumsum(widths) - len(_GAP)
    left = np.repeat(ends, widths) - np.arange(len(codes))
    codes += np.uint64(1)
    codes[left <= 0] = 0
    kept = left >= _LEFT
    kept[(ends - lengths)[lengths > 0]] = True
    return _hash(codes)[kept], np.cumsum(np.where(lengths < _LEFT, lengths > 0, lengths - _LEFT + 1))


def _hash(codes: Hashes) -> Hashes:
    """Of the shingle that begins at each code."""
    codes = np.concatenate([codes, np.zeros(_WIDTH - 1, np.uint64)])
    count = len(codes) - _WIDTH + 1
    found = np.zeros(count, np.uint64)
    dense = np.zeros(count, bool)
    for low, high in _DENSE:
        dense |= (codes[:count] > low) & (codes[:count] <= high + 1)
    some = dense.any()
    for at in range(_WIDTH):
        if at == _WIDTH_DENSE and some:
            short = found.copy()
        found *= _STEP
        found += codes[at : count + at]
    if some:
        found = np.where(dense, short, found)
    found ^= found >> _HALF
    found *= _SPREAD
    found ^= found >> _HALF
    return found
