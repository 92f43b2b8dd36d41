"""What the check of all records says of a run that has not begun: its tokens, and what max_length costs.

    look_ahead(recipe, table, workspace, check, options)
    →  Outlook(records=1197, rows=1197, tokens=168_412, lost=2, cut=22, gate=(), …)

Counts exactly the rows that the run would learn from. Knows no model and no process.
"""

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.check import CheckState, Finding, open_report
from studio.check.arrays import Flag, read_records
from studio.check.key import describe_stored
from studio.check.lengths import is_cut, is_lost
from studio.check.state import CheckDir
from studio.pipeline import plan_splits
from studio.recipe import Recipe
from studio.run import MAX_LENGTH
from studio.table import Table
from studio.tokens.chosen import choose_rows
from studio.workspace import Workspace

_MOST_KEPT = 4
_PACKED_AT_ONCE = 1_000  # what `datasets` gives to a function at once
_MOST_PACKED = 50_000

_learnt: OrderedDict[str, NDArray[np.int64]] = OrderedDict()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Of the train rows, without those held back: `records` are left to learn from; `lost` keep nothing of
    their answer within `max_length` and are left out, `cut` lose its end. `tokens` are read in one epoch, in
    `rows` of a batch: as many as records, fewer when several are packed into one.

    `gate` are the findings about all records that stop the launch, `warnings` those that do not.
    """

    records: int
    rows: int
    lost: int
    cut: int
    max_length: int
    tokens: int
    gate: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def look_ahead(
    recipe: Recipe,
    table: Table,
    workspace: Workspace,
    check: CheckState,
    options: Mapping[str, Any],
    *,
    whole: bool,
) -> Outlook:
    """What a check that is done says of a run with these options; `whole` is the run of a real model."""
    length = int(options.get("max_length", MAX_LENGTH))
    report = open_report(workspace, check, length)
    scanned = read_records(CheckDir(workspace.checks / check.id).records, check.done)
    rows = find_learnt(recipe, table, whole=whole)
    mine = np.isin(scanned.row, rows)
    lost = mine & (is_lost(scanned, length) | scanned.has(Flag.NOT_RENDERED))
    kept = mine & ~lost
    lengths = np.minimum(scanned.length[kept], length)
    return Outlook(
        records=len(lengths),
        rows=count_packed(lengths, length) if options.get("packing") else len(lengths),
        lost=int(lost.sum()),
        cut=int((kept & is_cut(scanned, length)).sum()),
        max_length=length,
        tokens=int(lengths.sum(dtype=np.int64)),
        gate=report.blocking,
        warnings=report.warnings,
    )


def find_learnt(recipe: Recipe, table: Table, *, whole: bool) -> NDArray[np.int64]:
    """The rows of the table that the run learns from, in table order; the last few answers are kept."""
    train = recipe.train
    told = [describe_stored(table), recipe.columns, recipe.filter, recipe.split, recipe.template]
    key = repr([*told, train.seed, whole])
    if key not in _learnt:
        parts = plan_splits(recipe, table).parts
        chosen = choose_rows({part: len(ids) for part, ids in parts.items()}, train.seed, whole=whole)
        _learnt[key] = np.asarray(parts["train"], dtype=np.int64)[list(chosen.train)]
    _learnt.move_to_end(key)
    while len(_learnt) > _MOST_KEPT:
        _learnt.popitem(last=False)
    return _learnt[key]


def count_packed(lengths: NDArray[np.uint32], max_length: int) -> int:
    """How many rows of `max_length` tokens the records fill, packed as TRL does: best fit decreasing, a
    thousand records at a time. Of very many records the first say it for all of them.
    """
    counted = lengths[:_MOST_PACKED]
    rows = 0
    for start in range(0, len(counted), _PACKED_AT_ONCE):
        some = np.sort(counted[start : start + _PACKED_AT_ONCE])[::-1].tolist()
        rows += _count_bins(some, max_length)
    return rows if len(counted) == len(lengths) else round(rows * len(lengths) / len(counted))


def _count_bins(lengths: list[int], max_length: int) -> int:
    """Bins that hold the lengths, which come longest first: each into the fullest where it fits."""
    bins, spaces = 0, list[int]()  # what is free in each, the least first
    for length in lengths:
        place = bisect_left(spaces, length)
        if place < len(spaces):
            space = spaces.pop(place)
        else:
            space, bins = max_length, bins + 1
        insort(spaces, space - length)
    return bins
