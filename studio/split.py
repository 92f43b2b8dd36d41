"""A SplitPlan cuts the records of a table into train, validation and test.

    random, train 0.9, test 0.1, seed 42 over 1 400 records  →  1 260 and 140 row ids
    published, over source splits of 1 260 and 140 records   →  those very records

Same plan, same number of records, same parts: on any machine and Python. Knows rows by their position only.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from studio.errors import SplitError

Method = Literal["random", "sequential", "published"]
PartName = Literal["train", "validation", "test"]
PART_NAMES: tuple[str, ...] = get_args(PartName)
RowIds = NDArray[np.int64]

Published = Sequence[tuple[str | None, int]]
"""The source split of each run of records (None: none) and how many records it has, in table order."""

_PART_OF_SPLIT = {"valid": "validation", "val": "validation", "dev": "validation", "training": "train"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPlan:
    """`parts` are (name, fraction) in the order written, which is the order in which they are cut.

    The method `published` has none: its parts are the splits that the source came in.
    """

    method: str
    parts: tuple[tuple[str, Decimal], ...]
    seed: int = 42

    def __post_init__(self) -> None:
        if self.method not in get_args(Method):
            raise SplitError(
                f"No split method named {self.method}.", f"Methods are: {', '.join(get_args(Method))}."
            )
        if self.method == "published":
            if self.parts:
                raise SplitError(
                    "A published split has no fractions.", "Leave them out, or choose another method."
                )
            return
        if not self.parts:
            raise SplitError("The split has no part.", "Give at least one fraction, for example train: 1.0.")
        for name, fraction in self.parts:
            _check_part(name, fraction)
        total = sum(fraction for _, fraction in self.parts)
        if total > 1:
            terms = " + ".join(f"{name} {fraction}" for name, fraction in self.parts)
            raise SplitError(f"The fractions add up to {total} ({terms}).", "They may add up to at most 1.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Splits:
    """Disjoint row ids by part, each in table order, the parts in plan order; `unused` counts the rest."""

    parts: Mapping[str, RowIds]
    unused: int

    @property
    def counts(self) -> dict[str, int]:
        """Records per part, in plan order."""
        return {name: len(rows) for name, rows in self.parts.items()}


def parse_plan(mapping: Mapping[str, Any]) -> SplitPlan:
    """A plan from {method, seed, train, validation, test}; the order of the parts is the mapping's own.

    A part that is None is not asked. Fractions are read as decimals (`Decimal(str(f))`), so that 0.1 is 0.1.
    """
    unknown = set(mapping) - {"method", "seed", *PART_NAMES}
    if unknown:
        raise SplitError(
            f"The split has an unknown key {min(unknown)}.", f"Parts are: {', '.join(PART_NAMES)}."
        )
    asked = [(name, mapping[name]) for name in mapping if name in PART_NAMES and mapping[name] is not None]
    return SplitPlan(
        method=mapping.get("method", "random"),
        parts=tuple((name, _parse_fraction(name, value)) for name, value in asked),
        seed=mapping.get("seed", 42),
    )


def split_rows(records: int, plan: SplitPlan, published: Published = ()) -> Splits:
    """Cut the rows 0 … records-1 by the plan; `published` is where the source put them.

    Raises SplitError when an asked part gets no record, or a published split has no part to be.
    """
    counts = count_parts(records, plan, published)
    if plan.method == "published":
        return Splits(parts=_published_rows(counts, published), unused=records - sum(counts.values()))
    order = np.arange(records)
    if plan.method == "random":
        chance = random.Random(plan.seed)  # noqa: S311
        drawn = np.fromiter((chance.random() for _ in range(records)), float, records)
        order = np.argsort(drawn, kind="stable")
    parts: dict[str, RowIds] = {}
    start = 0
    for name, count in counts.items():
        parts[name] = np.sort(order[start : start + count])
        start += count
    return Splits(parts=parts, unused=records - start)


def count_parts(records: int, plan: SplitPlan, published: Published = ()) -> dict[str, int]:
    """Records per part, in plan order: floor(n·f) each; the last part takes the rest when all is asked.

    Raises SplitError naming the part that would get none, or the published split that is no part.
    """
    if plan.method == "published":
        return _count_published(published)
    counts = {name: int(records * fraction) for name, fraction in plan.parts}
    if sum(fraction for _, fraction in plan.parts) == 1:
        last = plan.parts[-1][0]
        counts[last] = records - sum(count for name, count in counts.items() if name != last)
    for name, fraction in plan.parts:
        if counts[name] == 0:
            raise SplitError(
                f"The part {name} ({fraction} of {records:,} records) gets no record.",
                f"Give {name} a larger fraction, or leave it out.",
            )
    return counts


def part_of_split(split: str) -> str | None:
    """The part that a source split is: train, validation or test; None for any other name."""
    part = _PART_OF_SPLIT.get(split.lower(), split.lower())
    return part if part in PART_NAMES else None


def _count_published(published: Published) -> dict[str, int]:
    counts = dict.fromkeys(PART_NAMES, 0)
    for split, records in published:
        part = part_of_split(split or "")
        if part is None:
            raise SplitError(
                f"The source split {split} is none of {', '.join(PART_NAMES)}."
                if split
                else "The source came in no splits.",
                "Choose another method, such as random.",
            )
        counts[part] += records
    found = {name: count for name, count in counts.items() if count}
    if not found:
        raise SplitError("The source came in no splits.", "Choose another method, such as random.")
    return found


def _published_rows(counts: Mapping[str, int], published: Published) -> dict[str, RowIds]:
    runs: dict[str, list[RowIds]] = {name: [] for name in counts}
    start = 0
    for split, records in published:
        if records:
            runs[str(part_of_split(split or ""))].append(np.arange(start, start + records))
        start += records
    return {name: np.concatenate(found) for name, found in runs.items()}


def _check_part(name: str, fraction: Decimal) -> None:
    if name not in PART_NAMES:
        raise SplitError(f"No part named {name}.", f"Parts are: {', '.join(PART_NAMES)}.")
    if not 0 < fraction <= 1:
        raise SplitError(f"The fraction of {name} is {fraction}.", "Give a number above 0 and up to 1.")


def _parse_fraction(name: str, value: Any) -> Decimal:
    try:
        fraction = Decimal(str(value))
        if fraction.is_finite() and not isinstance(value, bool):
            return fraction
    except InvalidOperation:
        pass
    raise SplitError(f"The fraction of {name} is {value!r}, not a number.", "Give a decimal such as 0.9.")
