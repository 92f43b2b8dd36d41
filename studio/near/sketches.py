"""Sketches: 120 bytes a text, of which as many agree as the texts' shingles do.

    0.8 alike   →   96 of 120 agree, give or take 4

MinHash by rensa ("Fast Similarity Sketching", Dahlgaard, Knudsen and Thorup 2017), of each value its lowest
byte ("b-Bit Minwise Hashing", Li and König 2010): two texts that share nothing agree in 1 of 256. Texts are
worth a look when all bytes of one of some bands agree ("Mining of Massive Datasets", 3.4).
"""

from array import array
from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from studio.near.shingles import iter_shingles
from studio.split import RowIds

_SLOTS = 120
_SEED = 42
# Bytes in a band; the more, the fewer pairs that are not near are looked at.
_BANDS = (8, 6, 5, 4, 3)
_FOUND = 0.999  # how likely a pair at the threshold must be to be looked at
_ODDS = 4  # how many standard deviations a sketch may be wrong by

# In a band with more texts alike than this, each is compared with the first and with so many after it.
_CROWD = 16


def sketch_texts(texts: pl.Series) -> NDArray[np.uint8]:
    """A sketch a text, (n, 120); what an empty text has is of no use."""
    # rensa loads in 20 ms.
    from rensa import RMinHash

    sketches = [np.empty((0, _SLOTS), np.uint8)]
    for hashes, ends in iter_shingles(texts):
        starts = np.concatenate([[0], ends]).astype(np.uint64)
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(hashes, starts, _SLOTS, _SEED)
        values = array("I")
        for row in matrix.to_rows():
            values.fromlist(row)
        sketches.append(np.frombuffer(values, np.uint32).astype(np.uint8).reshape(-1, _SLOTS))
    return np.concatenate(sketches)


class Sketches:
    """The sketches of texts, in the order added."""

    def __init__(self) -> None:
        self._batches: list[NDArray[np.uint8]] = []

    def add(self, sketches: NDArray[np.uint8]) -> None:
        """Take some more."""
        self._batches.append(sketches)

    def find_pairs(self, places: RowIds, threshold: float) -> NDArray[np.int64]:
        """Pairs (m, 2), earlier first, of indexes into `places` that may be so similar, each once."""
        if not len(places):
            return np.empty((0, 2), np.int64)
        sketches = np.concatenate(self._batches)
        if len(places) < len(sketches):
            sketches = sketches[places]
        self._batches = [sketches]
        margin = _ODDS * np.sqrt(threshold * (1 - threshold) / _SLOTS)
        enough = np.ceil((threshold - margin) * _SLOTS)
        found = [
            (one << 32) | other
            for one, other in _iter_alike(sketches, _choose_band(threshold))
            if len(one)
            for one, other in [_keep_likely(sketches, one, other, enough)]
        ]
        pairs = np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
        return np.stack([pairs >> 32, pairs & 0xFFFFFFFF], axis=1)


def _choose_band(threshold: float) -> int:
    """The largest band by which a pair at the threshold is likely enough to be found."""
    likely = (band for band in _BANDS if 1 - (1 - threshold**band) ** (_SLOTS // band) >= _FOUND)
    return next(likely, _BANDS[-1])


def _iter_alike(sketches: NDArray[np.uint8], band: int) -> Iterator[tuple[RowIds, RowIds]]:
    """Pairs of which a band agrees, earlier first; some are there more than once."""
    keys = np.zeros((len(sketches), 8), np.uint8)
    for start in range(0, _SLOTS, band):
        keys[:, :band] = sketches[:, start : start + band]
        key = keys.view(np.uint64)[:, 0]
        shared = pl.Series(key).is_duplicated().arg_true().to_numpy().astype(np.int64)
        shared = shared[np.argsort(key[shared], kind="stable")]
        yield from _pair_alike(shared, key[shared])


def _pair_alike(places: RowIds, keys: NDArray[np.uint64]) -> Iterator[tuple[RowIds, RowIds]]:
    """Each place with those after it that have the same key, which stand together."""
    for step in range(1, _CROWD + 1):
        same = keys[step:] == keys[:-step]
        if not same.any():
            return
        yield places[:-step][same], places[step:][same]
    new = np.diff(keys, prepend=~keys[:1]) != 0
    first = np.maximum.accumulate(np.where(new, np.arange(len(keys)), 0))
    far = np.arange(len(keys)) - first > _CROWD
    yield places[first[far]], places[far]


def _keep_likely(
    sketches: NDArray[np.uint8], one: RowIds, other: RowIds, enough: float
) -> tuple[RowIds, RowIds]:
    """The pairs of which so many bytes agree."""
    kept = np.zeros(len(one), bool)
    for start in range(0, len(one), 1 << 16):
        piece = slice(start, start + (1 << 16))
        agree = (sketches[one[piece]] == sketches[other[piece]]).sum(axis=1)
        kept[piece] = agree >= enough
    return one[kept], other[kept]
