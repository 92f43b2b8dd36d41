"""Near-duplicates: texts that are nearly the same, found by MinHash and verified by their exact Jaccard.

    "what is the capital city of france, and how many people live there today?"
    "what is the capital city of france and how many people live there today?"   →   0.88, one group

Texts are compared as `studio.keys` normalises them, by their shingles. An empty text is nobody's twin.
Knows nothing of tables; of the texts no more is held than 120 bytes of sketch each and their places.

    shingle_texts               what a text is cut into, so that any script can be compared   (shingles.py)
    Sketches                    120 bytes a text, and which pairs they make worth a look      (sketches.py)
    Texts, compare_pairs        the texts on disk, and the exact similarity of pairs of them  (similarity.py)
    compare_text                the exact similarity of one text with others                  (similarity.py)
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from studio.ahead import map_ahead
from studio.keys import normalise_texts
from studio.near.similarity import Texts, compare_pairs
from studio.near.sketches import Sketches, sketch_texts
from studio.split import RowIds, number_keys

NEAR = 0.8
"""The similarity from which on two texts are near-duplicates, as in Lee et al., "Deduplicating Training Data
Makes Language Models Better", ACL 2022: of a text of 85 letters, one word may be another."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearPairs:
    """Pair i is the text at `places[i]` and an earlier one at `twins[i]`, with their Jaccard `similarity[i]`.

    In order of `places`, then `twins`. A text that was there before, as it is normalised, is paired with its
    first appearance alone (1.0), and only first appearances are paired with one another.
    """

    places: RowIds
    twins: RowIds
    similarity: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.places)

    def __iter__(self) -> Iterator[tuple[int, int, float]]:
        return zip(self.places.tolist(), self.twins.tolist(), self.similarity.tolist(), strict=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NearGroups:
    """`groups` has the number of each text's group, in order and by first appearance; a text without a twin
    is a group of its own, and so is every empty one. `pairs` are what makes the groups; `firsts` has the
    place where each text, as it is normalised, appears first: of an empty one its own.
    """

    groups: RowIds
    firsts: RowIds
    pairs: NearPairs


def find_near(
    texts: Iterable[pl.Series], threshold: float = NEAR, progress: Callable[[int], None] | None = None
) -> NearGroups:
    """The texts, series without a null, that have a twin of at least this similarity, from 0.5 to 1.

    Twins of twins are in one group. A pair at the threshold is found with a probability of 0.999 (0.995 at
    0.5), one above it nearly always; of many texts that are all alike each is compared with some of the
    others. The same texts give the same groups on every machine. `progress` is told how many texts were read,
    and may raise to stop. Raises TableError when the folder for temporary files is full.
    """
    sketches = Sketches()
    with Texts() as kept:

        def read() -> Iterator[pl.Series]:
            for normal, sketched in map_ahead(_sketch, texts):
                kept.add(normal)
                sketches.add(sketched)
                if progress is not None:
                    progress(len(kept))
                yield normal

        numbers = number_keys(read())
        first = _first_places(numbers)
        distinct = first[kept.lengths[first] > 0]
        near = compare_pairs(kept, distinct[sketches.find_pairs(distinct, threshold)], threshold)
        filled = kept.lengths > 0
    return _group(np.where(filled, first[numbers], np.arange(len(numbers))), *near)


def _sketch(texts: pl.Series) -> tuple[pl.Series, NDArray[np.uint8]]:
    normal = normalise_texts(texts)
    return normal, sketch_texts(normal)


def _first_places(numbers: RowIds) -> RowIds:
    """Where each number, given by first appearance, appears first."""
    if not len(numbers):
        return numbers
    new = np.diff(np.maximum.accumulate(numbers), prepend=-1) > 0
    return np.flatnonzero(new)


def _group(first: RowIds, pairs: RowIds, similarity: NDArray[np.float64]) -> NearGroups:
    """`first` is where each text appears first, `pairs` are (earlier, later) of those."""
    copies = np.flatnonzero(first != np.arange(len(first)))
    places = np.concatenate([copies, pairs[:, 1]])
    twins = np.concatenate([first[copies], pairs[:, 0]])
    order = np.lexsort((twins, places))
    alike = np.concatenate([np.ones(len(copies)), similarity])[order]
    groups = join_pairs(len(first), places, twins)
    found = NearPairs(places=places[order], twins=twins[order], similarity=alike)
    return NearGroups(groups=groups, firsts=first, pairs=found)


def merge_groups(one: RowIds, other: RowIds) -> RowIds:
    """The groups of records that share one of either kind, by first appearance; both are numbered so."""
    places = np.arange(len(one))
    firsts = [_first_places(groups)[groups] for groups in (one, other)]
    return join_pairs(len(one), np.concatenate([places, places]), np.concatenate(firsts))


def join_pairs(count: int, places: RowIds, twins: RowIds) -> RowIds:
    """The number of each place's group, by first appearance, where what is paired belongs together."""
    lowest = np.arange(count)
    while len(places):
        one, other = lowest[places], lowest[twins]
        apart = one != other
        places, twins, one, other = places[apart], twins[apart], one[apart], other[apart]
        np.minimum.at(lowest, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(lowest, lowest[lowest]):
            lowest = lowest[lowest]
    return np.unique(lowest, return_inverse=True)[1]
