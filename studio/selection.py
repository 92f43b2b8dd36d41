"""A Selection: the records of a table that the later stages work on.

    1 400 records, 12 excluded, a filter that 88 do not pass   →   1 300 rows, in table order

What a person excluded is out, and then what the filter of the recipe does not let pass. Knows nothing of
splits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from studio.table import Table
from studio.table.matching import find_rows
from studio.table.query import Condition, Query

Rows = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """`rows` are those left, in table order; None when all are.

    `records` counts them, `excluded` those that a person took out, `filtered` the others that are not left;
    `edited` counts values. `published` is the source split of each file and its records that are left.
    """

    rows: Rows | None
    records: int
    excluded: int
    edited: int
    filtered: int
    published: tuple[tuple[str | None, int], ...]

    @property
    def words(self) -> str:
        """Such as "12 excluded, 3 edited"; empty where nothing is."""
        counts = {"excluded": self.excluded, "edited": self.edited, "filtered out": self.filtered}
        return ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)


def select_rows(table: Table, conditions: Sequence[Condition] = ()) -> Selection:
    """The records that are not excluded and fulfil all conditions; TableError for an unknown column."""
    rows = table.kept
    kept = len(table) if rows is None else len(rows)
    if conditions:
        rows = _filter_rows(table, rows, Query(conditions=tuple(conditions)))
    left = len(table) if rows is None else len(rows)
    return Selection(
        rows=rows,
        records=left,
        excluded=len(table) - kept,
        edited=table.changes.cells,
        filtered=kept - left,
        published=_count_published(table, rows),
    )


def _filter_rows(table: Table, rows: Rows | None, query: Query) -> Rows:
    query.check(table)
    found = find_rows(table, query)
    return found if rows is None else np.intersect1d(found, rows, assume_unique=True)


def _count_published(table: Table, rows: Rows | None) -> tuple[tuple[str | None, int], ...]:
    published = table.published
    if rows is None:
        return tuple(published)
    ends = np.searchsorted(rows, list(accumulate(count for _, count in published)))
    counts = np.diff(ends, prepend=0)
    return tuple((split, int(count)) for (split, _), count in zip(published, counts, strict=True))
