"""Leaks: records of one part that have a twin in another, so that a model is scored on what it has learnt.

    Twins(part="test", of="train", records=140, exact=0, prompt=1, pairs=[Pair(row=41, twin=1203, …)])

Twins are exact when they become the very same text, and twins by prompt when their normalised prompts are the
same. Knows nothing of how the parts were cut; of the texts no more than their hashes are held.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from studio.keys import Rows, iter_prompts, iter_texts
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
class Twins:
    """How many of the `records` of `part` have a twin in the part `of`.

    `prompt` counts those whose prompt is there, `exact` those of them whose whole text is. `pairs` are the
    first of them, in table order.
    """

    part: str
    of: str
    records: int
    exact: int
    prompt: int
    pairs: tuple[Pair, ...]


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
