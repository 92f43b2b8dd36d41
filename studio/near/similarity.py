"""The exact similarity of texts: of all shingles of both, the share that both have (Jaccard)."""

import tempfile
from collections.abc import Iterator
from types import TracebackType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from studio.errors import TableError
from studio.near.shingles import Hashes, iter_shingles
from studio.split import RowIds

Similarity = NDArray[np.float64]

_MOST_BYTES = 64 << 20  # in memory; more texts than that are put in a temporary file
_PAIRS_AT_ONCE = 1 << 14
_BYTES_AT_ONCE = 1 << 20
# Of a hash 44 bits are compared within a pair: in a million pairs no two different shingles share them.
_HASH = np.uint64(44)


class Texts:
    """Texts that were added, on disk where they are many; a file without a name that closing takes away."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(_MOST_BYTES)  # noqa: SIM115
        self._lengths: list[NDArray[np.int64]] = []
        self._count = 0

    def __enter__(self) -> "Texts":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._count

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Of each text, in bytes."""
        return np.concatenate([np.empty(0, np.int64), *self._lengths])

    def add(self, texts: pl.Series) -> None:
        """Keep some more. Raises TableError when the disk is full."""
        try:
            self._file.write("".join(texts.to_list()).encode())
        except OSError as error:
            raise TableError(
                f"The folder for temporary files, {tempfile.gettempdir()}, takes no more: {error.strerror}.",
                "Make room there, or name another folder in TMPDIR.",
            ) from error
        self._lengths.append(texts.str.len_bytes().to_numpy().astype(np.int64))
        self._count += len(texts)

    def read(self, places: RowIds, starts: RowIds, lengths: RowIds) -> pl.Series:
        """The texts at these places, which stand in order."""
        found = []
        for start, length in zip(starts[places].tolist(), lengths[places].tolist(), strict=True):
            self._file.seek(start)
            found.append(self._file.read(length).decode())
        return pl.Series(found, dtype=pl.String)


def compare_pairs(texts: Texts, pairs: RowIds, threshold: float) -> tuple[RowIds, Similarity]:
    """Those of the pairs (m, 2) of places whose similarity is at least the threshold, and it."""
    lengths = texts.lengths
    starts = np.cumsum(lengths) - lengths
    found = [(np.empty((0, 2), np.int64), np.empty(0))]
    for some in _iter_runs(pairs, lengths):
        places, inverse = np.unique(some, return_inverse=True)
        shingles, ends = _read_shingles(texts.read(places, starts, lengths))
        similarity = _compare(shingles, ends, inverse.reshape(-1, 2))
        near = similarity >= threshold
        found.append((some[near], similarity[near]))
    kept, similarities = zip(*found, strict=True)
    return np.concatenate(kept), np.concatenate(similarities)


def compare_text(text: str, texts: pl.Series) -> Similarity:
    """The similarity of one text with each of some others, all normalised; an empty one is like no other."""
    if not text or not texts.str.len_bytes().sum():
        return np.zeros(len(texts))
    own, _ = _read_shingles(pl.Series([text]))
    shingles, ends = _read_shingles(texts)
    hashes = shingles & ((np.uint64(1) << _HASH) - np.uint64(1))
    owner = (shingles >> _HASH).astype(np.int64)
    same = own[np.minimum(np.searchsorted(own, hashes), len(own) - 1)] == hashes
    shared = np.bincount(owner[same], minlength=len(texts))
    similarity: Similarity = shared / (len(own) + np.diff(ends, prepend=0) - shared)
    return similarity


def _iter_runs(pairs: RowIds, lengths: RowIds) -> Iterator[RowIds]:
    """Pairs one after another, as many as may be compared at once."""
    run = np.cumsum(lengths[pairs].sum(axis=1)) // _BYTES_AT_ONCE + np.arange(len(pairs)) // _PAIRS_AT_ONCE
    starts = np.flatnonzero(np.diff(run, prepend=-1))
    yield from np.split(pairs, starts[1:]) if len(pairs) else ()


def _read_shingles(texts: pl.Series) -> tuple[Hashes, RowIds]:
    """The distinct shingles of each text, sorted, and where those of each end."""
    keys = []
    before = 0
    for hashes, ends in iter_shingles(texts):
        owner = np.repeat(np.arange(before, before + len(ends)), np.diff(ends, prepend=0))
        keys.append(_pack(owner, hashes >> (np.uint64(64) - _HASH)))
        before += len(ends)
    packed = np.sort(np.concatenate(keys))
    shingles = packed[np.concatenate([[True], packed[1:] != packed[:-1]])]
    return shingles, np.cumsum(np.bincount((shingles >> _HASH).astype(np.int64), minlength=len(texts)))


def _compare(shingles: Hashes, ends: RowIds, pairs: RowIds) -> Similarity:
    starts, sizes = np.concatenate([[0], ends[:-1]]), np.diff(ends, prepend=0)
    own = sizes[pairs].ravel()  # one, other, one, other, …
    at = np.repeat(starts[pairs].ravel() - (np.cumsum(own) - own), own) + np.arange(own.sum())
    pair = np.repeat(np.arange(len(pairs)), sizes[pairs].sum(axis=1))
    keys = _pack(pair, shingles[at] & ((np.uint64(1) << _HASH) - np.uint64(1)))
    keys.sort()
    both = keys[1:][keys[1:] == keys[:-1]] >> _HASH
    shared = np.bincount(both.astype(np.int64), minlength=len(pairs))
    similarity: Similarity = shared / (sizes[pairs].sum(axis=1) - shared)
    return similarity


def _pack(owner: RowIds, hashes: Hashes) -> Hashes:
    return (owner.astype(np.uint64) << _HASH) | hashes
