"""The cutting: from a plan and a number of records to the row ids of every part."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studio.errors import SplitError
from studio.split.keyed import Keys, RowIds, cut_strata, draw_order, fill_groups, hash_keys, number_keys
from studio.split.plan import SplitPlan
from studio.split.published import Published, count_published, take_published


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Splits:
    """Disjoint row ids by part, each in table order, the parts in plan order; `unused` counts the rest."""

    parts: Mapping[str, RowIds]
    unused: int

    @property
    def counts(self) -> dict[str, int]:
        """Records per part, in plan order."""
        return {name: len(rows) for name, rows in self.parts.items()}


def split_rows(
    records: int,
    plan: SplitPlan,
    published: Published = (),
    keys: Keys = (),
    groups: RowIds | None = None,
) -> Splits:
    """Cut the rows 0 … records-1 by the plan.

    `published` is where the source put them; `keys` are their keys, read when the plan wants them, or else
    `groups` the numbers of their groups, by first appearance. Raises SplitError when an asked part gets no
    record, or a published split has no part to be.
    """
    parts = _cut(records, plan, published, keys, groups)
    for name, size in plan.parts:
        if not len(parts[name]):
            raise _empty_part(name, f"{size}", records, plan)
    return Splits(parts=parts, unused=records - sum(map(len, parts.values())))


def count_parts(records: int, plan: SplitPlan, published: Published = ()) -> dict[str, int]:
    """Records per part, in plan order: floor(n·f) each; the last part takes the rest when all is asked.

    What `grouped` and `hash` give is near these counts. Raises SplitError naming the part that would get
    none, counts over the records that are there, or the published split that is no part.
    """
    if plan.method == "published":
        return count_published(published)
    if plan.counted:
        return _check_enough(records, plan)
    counts = {name: int(records * fraction) for name, fraction in plan.parts}
    if plan.takes_all:
        last = plan.parts[-1][0]
        counts[last] = records - sum(count for name, count in counts.items() if name != last)
    for name, fraction in plan.parts:
        if counts[name] == 0:
            raise _empty_part(name, f"{fraction}", records)
    return counts


def _cut(
    records: int, plan: SplitPlan, published: Published, keys: Keys, groups: RowIds | None
) -> dict[str, RowIds]:
    if plan.method == "hash":
        return hash_keys(keys, plan.parts, plan.seed)
    counts = count_parts(records, plan, published)
    if plan.method == "published":
        return take_published(counts, published)
    if plan.wants_keys:
        cut = fill_groups if plan.method == "grouped" else cut_strata
        groups = number_keys(keys) if groups is None else groups
        return cut(groups, counts, takes_all=plan.takes_all, seed=plan.seed)
    order = draw_order(records, plan.seed) if plan.method == "random" else np.arange(records)
    parts: dict[str, RowIds] = {}
    start = 0
    for name, count in counts.items():
        parts[name] = np.sort(order[start : start + count])
        start += count
    return parts


def _check_enough(records: int, plan: SplitPlan) -> dict[str, int]:
    counts = {name: int(count) for name, count in plan.parts}
    asked = sum(counts.values())
    if asked > records:
        raise SplitError(
            f"The parts ask for {asked:,} records, and there are {records:,}.",
            "Give smaller counts, or fractions that add up to at most 1.",
        )
    return counts


def _empty_part(name: str, size: str, records: int, plan: SplitPlan | None = None) -> SplitError:
    hint = f"Give {name} a larger fraction, or leave it out."
    if plan is not None and plan.method == "grouped":
        same = f"of {'nearly ' if plan.near is not None else ''}one {plan.by or 'prompt'}"
        hint = f"Records {same} stay together, and those before took all. {hint}"
    return SplitError(f"The part {name} ({size} of {records:,} records) gets no record.", hint)
