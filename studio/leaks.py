"""Leaks: records of one part that have a twin in another, so that a model is scored on what it has learnt.

    Twins(part="test", of="train", records=140, exact=0, prompt=1, pairs=[Pair(row=41, twin=1203, …)])

Twins are exact when they become the very same text, and twins by prompt when their normalised prompts are the
same. Near twins are those whose prompts are nearly the same, where they were looked for. Knows nothing of how
the parts were cut; of the texts no more than their hashes are held.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from studio.keys import Rows, iter_prompts, iter_texts
from studio.near import NearGroups
from studio.split import PART_NAMES, RowIds, number_keys
from studio.table import Table
from studio.template import Template
from studio.template.sides import express_whole

MOST_PAIRS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The record at `row` has its first twin at `twin` of the other part."""

    row: int
    twin: int
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NearPair:
    """The record at `row` has its nearest twin, so similar, at `twin` of the other part."""

    row: int
    twin: int
    similarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """How many of the `records` of `part` have a twin in the part `of`.

    `prompt` counts those whose prompt is there, `exact` those of them whose whole text is. `pairs` are the
    first of them, in table order. `near` counts the others, whose prompt is not there but nearly, and
    `near_pairs` are the first of those; it is None where they were not looked for.
    """

    part: str
    of: str
    records: int
    exact: int
    prompt: int
    pairs: tuple[Pair, ...]
    near: int | None = None
    near_pairs: tuple[NearPair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """What makes records twins: the number of its text and of its prompt, for each of the records at `rows`
    (None: all of the table's), by first appearance.
    """

    rows: Rows | None
    texts: RowIds
    prompts: RowIds

    @property
    def repeated(self) -> int:
        """How many records have a prompt that an earlier one has."""
        return len(self.prompts) - self.distinct

    @property
    def distinct(self) -> int:
        """How many different prompts there are."""
        return int(self.prompts.max(initial=-1)) + 1


def mark_records(table: Table, template: Template, rows: Rows | None) -> Marks:
    """Read what makes twins of the records at `rows` (None: all)."""
    whole = express_whole(template, table.columns)
    return Marks(
        rows=rows,
        texts=number_keys(texts for [texts] in iter_texts(table, [whole], template.columns, rows)),
        prompts=number_keys(iter_prompts(table, template, rows)),
    )


def find_twins(parts: Mapping[str, RowIds], marks: Marks, most_pairs: int = MOST_PAIRS) -> tuple[Twins, ...]:
    """The twins across every two parts; of two, the one that comes later in train, validation, test leaks."""
    there = [name for name in PART_NAMES if name in parts]
    return tuple(
        _compare(part, of, parts[part], parts[of], marks, most_pairs) for of, part in combinations(there, 2)
    )


def find_near_twins(
    parts: Mapping[str, RowIds],
    marks: Marks,
    near: NearGroups,
    twins: tuple[Twins, ...],
    most_pairs: int = MOST_PAIRS,
) -> tuple[Twins, ...]:
    """The `twins` that were found, with the near ones; `near` is of the prompts of the marked records."""
    return tuple(
        _add_near(found, parts[found.part], parts[found.of], marks, near, most_pairs) for found in twins
    )


def _add_near(
    found: Twins, rows: RowIds, others: RowIds, marks: Marks, near: NearGroups, most_pairs: int
) -> Twins:
    nearest, similarity = _nearest_twins(rows, others, marks.rows, near)
    also = _first_twins(rows, others, marks.prompts, marks.rows) < 0
    places = np.flatnonzero(also & (nearest >= 0))
    pairs = [
        NearPair(row=int(rows[at]), twin=int(nearest[at]), similarity=float(similarity[at]))
        for at in places[:most_pairs]
    ]
    return replace(found, near=len(places), near_pairs=tuple(pairs))


def _nearest_twins(
    rows: RowIds, others: RowIds, left: Rows | None, near: NearGroups
) -> tuple[RowIds, NDArray[np.float64]]:
    """For each of `rows` the nearest of `others`, or -1, and how similar; of two equally near the first."""
    there = np.full(len(near.firsts), -1, np.int64)
    there[near.firsts[_places(others, left)][::-1]] = others[::-1]
    pairs = near.pairs
    # From a text to itself, and to each that is near, both ways.
    every = np.arange(len(near.firsts))
    source = np.concatenate([every, pairs.places, pairs.twins])
    target = there[np.concatenate([every, pairs.twins, pairs.places])]
    similarity = np.concatenate([np.ones(len(every)), pairs.similarity, pairs.similarity])
    found = target >= 0
    source, target, similarity = source[found], target[found], similarity[found]
    order = np.lexsort((-target, similarity, source))  # the last of each source is its nearest
    nearest, alike = np.full(len(every), -1, np.int64), np.zeros(len(every))
    nearest[source[order]], alike[source[order]] = target[order], similarity[order]
    texts = near.firsts[_places(rows, left)]
    return nearest[texts], alike[texts]


def _compare(part: str, of: str, rows: RowIds, others: RowIds, marks: Marks, most_pairs: int) -> Twins:
    exact = _first_twins(rows, others, marks.texts, marks.rows)
    twins = _first_twins(rows, others, marks.prompts, marks.rows)
    found = np.flatnonzero(twins >= 0)
    pairs = [
        Pair(
            row=int(rows[at]),
            twin=int(exact[at] if exact[at] >= 0 else twins[at]),
            exact=bool(exact[at] >= 0),
        )
        for at in found[:most_pairs]
    ]
    return Twins(
        part=part,
        of=of,
        records=len(rows),
        exact=int((exact >= 0).sum()),
        prompt=len(found),
        pairs=tuple(pairs),
    )


def _first_twins(rows: RowIds, others: RowIds, numbers: RowIds, left: Rows | None) -> RowIds:
    """For each of `rows` the first of `others` with its number, or -1."""
    first = np.full(int(numbers.max(initial=-1)) + 1, -1, np.int64)
    first[numbers[_places(others, left)][::-1]] = others[::-1]
    return first[numbers[_places(rows, left)]]


def _places(rows: RowIds, left: Rows | None) -> RowIds:
    return rows if left is None else np.searchsorted(left, rows)
