"""Sorting: the order of values, stable either way, quick where they are many.

    numbers by value     2, 10           text by its letters in lower case     apple, Banana, ähnlich

Texts are sorted by their first bytes as two whole numbers, and only what is still the same then by all of its
text. Knows nothing of tables.
"""

from itertools import takewhile

import numpy as np
import polars as pl
from numpy.typing import NDArray

Order = NDArray[np.intp]
Numbers = NDArray[np.uint64]

_CHUNK = 8
_HEAD = 32  # characters, of which two chunks are looked at after what all texts share


def sort_numbers(numbers: pl.Series, descending: bool) -> Order:
    """The places of numbers without nulls, in order; equal ones stay in theirs."""
    keys = pl.DataFrame({"key": numbers})
    order = keys.select(pl.arg_sort_by("key", descending=descending, maintain_order=True))
    return order.to_series().to_numpy().astype(np.intp)


def sort_texts(texts: pl.Series, descending: bool) -> Order:
    """The places of texts without nulls in order, whatever their case; equal ones stay in theirs."""
    heads = texts.str.head(_HEAD).str.to_lowercase()
    if heads.str.contains("\0", literal=True).any():
        return _sort_whole(texts, descending)
    first, second = _read_chunks(heads)
    order = np.lexsort((~second, ~first) if descending else (second, first))
    first, second = first[order], second[order]
    same = (first[1:] == first[:-1]) & (second[1:] == second[:-1])
    # A text that has ended is the same to its end.
    same &= (second[1:] & np.uint64(0xFF)) != 0
    tied = np.zeros(len(order), bool)
    tied[1:] |= same
    tied[:-1] |= same
    rows = order[tied]
    # All of a text puts it where its beginning has put it, so that those places are for these rows.
    order[tied] = rows[_sort_whole(texts.gather(rows), descending)]
    return order


def _read_chunks(heads: pl.Series) -> tuple[Numbers, Numbers]:
    """The first bytes of each text and those after them, from where the texts are not all the same."""
    start = _count_shared(heads)
    padded = pl.concat_str("head", pl.lit("\0" * 2 * _CHUNK)).cast(pl.Binary)
    chunks = [
        padded.bin.slice(at, _CHUNK).bin.reinterpret(dtype=pl.UInt64, endianness="big").alias(str(at))
        for at in (start, start + _CHUNK)
    ]
    first, second = pl.DataFrame({"head": heads}).select(chunks)
    return first.to_numpy(), second.to_numpy()


def _count_shared(heads: pl.Series) -> int:
    """How many bytes all of the texts begin with, as far as two chunks are left of the heads."""
    ends = heads.min(), heads.max()
    least, most = (str(end or "").encode() for end in ends)
    shared = takewhile(lambda pair: pair[0] == pair[1], zip(least, most, strict=False))
    return min(sum(1 for _ in shared), _HEAD - 2 * _CHUNK)


def _sort_whole(texts: pl.Series, descending: bool) -> NDArray[np.intp]:
    keys = pl.DataFrame({"text": texts.str.to_lowercase()})
    order = keys.select(pl.arg_sort_by("text", descending=descending, maintain_order=True))
    return order.to_series().to_numpy().astype(np.intp)
