"""Cutting by keys: records of one key together (grouped, hash), or spread evenly (stratified).

    keys  a b a c   →   numbers 0 1 0 2, in order of first appearance

A key is a text. Of the texts no more than their hashes are held.
"""

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

import numpy as np
import polars as pl
from numpy.typing import NDArray

RowIds = NDArray[np.int64]

Keys = Iterable[pl.Series]
"""The key of every record in table order, as series of texts without a null, some records at a time."""

_SPACE = 2**64


def draw_order(count: int, seed: int) -> RowIds:
    """0 … count-1 in the order of the values that the i-th draws from `random.Random(seed)`."""
    chance = random.Random(seed)  # noqa: S311
    drawn = np.fromiter((chance.random() for _ in range(count)), float, count)
    return np.argsort(drawn, kind="stable")


def number_keys(keys: Keys) -> RowIds:
    """For every record the number of its key, from 0 on in order of first appearance."""
    # Two hashes of 64 bits: in a million keys no two different ones share both.
    found = [(key.hash(seed=0).to_numpy(), key.hash(seed=1).to_numpy()) for key in keys]
    if not found:
        return np.empty(0, np.int64)
    one, other = map(np.concatenate, zip(*found, strict=True))
    order = np.lexsort((other, one))  # stable: of each key its first record comes first
    starts = np.ones(len(order), bool)
    starts[1:] = (np.diff(one[order]) != 0) | (np.diff(other[order]) != 0)
    firsts = order[starts]
    first = np.empty_like(order)
    first[order] = firsts[np.cumsum(starts) - 1]
    return np.searchsorted(np.sort(firsts), first)


def fill_groups(
    numbers: RowIds, targets: Mapping[str, int], *, takes_all: bool, seed: int
) -> dict[str, RowIds]:
    """Whole groups, drawn at random, fill each part while its count is below its target.

    With `takes_all` the last part gets what is left; otherwise that is in no part.
    """
    sizes = np.bincount(numbers)
    order = draw_order(len(sizes), seed)
    filled = np.cumsum(sizes[order])
    part_of_group = np.full(len(sizes), len(targets), np.int64)
    start = 0
    for part, target in enumerate(targets.values()):
        before = filled[start - 1] if start else 0
        stop = min(int(np.searchsorted(filled, before + target)) + 1, len(sizes))
        if takes_all and part == len(targets) - 1:
            stop = len(sizes)
        part_of_group[order[start:stop]] = part
        start = stop
    return _collect(part_of_group[numbers], targets)


def cut_strata(
    numbers: RowIds, targets: Mapping[str, int], *, takes_all: bool, seed: int
) -> dict[str, RowIds]:
    """Every part has as many records as its target, and of each value its share (largest remainder).

    Inside a value, records are drawn at random. Of two equal remainders the value that appears first goes
    first. With `takes_all` the last part gets the rest of every value.
    """
    sizes = np.bincount(numbers).tolist()
    order = draw_order(len(numbers), seed)
    order = order[np.argsort(numbers[order], kind="stable")]  # value by value, each in drawn order
    at = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    left = list(sizes)
    parts: dict[str, RowIds] = {}
    for part, (name, target) in enumerate(targets.items(), 1):
        last = takes_all and part == len(targets)
        shares = np.array(left if last else _share(target, sizes, left))
        runs = [order[start : start + share] for start, share in zip(at, shares, strict=True)]
        parts[name] = np.sort(np.concatenate(runs))
        at, left = at + shares, (np.array(left) - shares).tolist()
    return parts


def _share(target: int, sizes: Sequence[int], left: Sequence[int]) -> list[int]:
    """`target` in proportion to `sizes` by the largest remainder, of each at most what is `left` of it."""
    total = sum(sizes)
    shares = [min(target * size // total, most) for size, most in zip(sizes, left, strict=True)]
    by_remainder = sorted(range(len(sizes)), key=lambda value: -(target * sizes[value] % total))
    missing = target - sum(shares)
    while missing:
        for value in by_remainder:
            if missing and shares[value] < left[value]:
                shares[value] += 1
                missing -= 1
    return shares


def hash_keys(keys: Keys, parts: Sequence[tuple[str, Decimal]], seed: int) -> dict[str, RowIds]:
    """A key's place in [0, 1) is that of the first 8 bytes of SHA-256(seed, NUL, key), big-endian.

    The parts take it in the order written by their fractions. Records that are added later move none.
    """
    bounds = [Fraction(end) * _SPACE for end in accumulate(size for _, size in parts)]
    ends = np.array([-(-bound // 1) for bound in bounds if bound < _SPACE], np.uint64)
    found = [np.searchsorted(ends, _hash_texts(key, seed), "right") for key in keys]
    part_of = np.concatenate(found) if found else np.empty(0, np.int64)
    return _collect(part_of, [name for name, _ in parts])


def _hash_texts(texts: pl.Series, seed: int) -> NDArray[np.uint64]:
    start = hashlib.sha256(f"{seed}\0".encode())
    digests = bytearray()
    for text in texts:
        digest = start.copy()
        digest.update(text.encode())
        digests += digest.digest()[:8]
    return np.frombuffer(bytes(digests), ">u8").astype(np.uint64)


def _collect(part_of: NDArray[np.int64], names: Iterable[str]) -> dict[str, RowIds]:
    return {name: np.flatnonzero(part_of == part) for part, name in enumerate(names)}
