"""The splits that a source came in, as parts.

("train", 1 260), ("val", 140)   →   train 1 260, validation 140
"""

from collections.abc import Mapping, Sequence

import numpy as np

from studio.errors import SplitError
from studio.split.keyed import RowIds
from studio.split.plan import PART_NAMES

Published = Sequence[tuple[str | None, int]]
"""The source split of each run of records (None: none) and how many records it has, in table order."""

_PART_OF_SPLIT = {"valid": "validation", "val": "validation", "dev": "validation", "training": "train"}


def part_of_split(split: str) -> str | None:
    """The part that a source split is: train, validation or test; None for any other name."""
    part = _PART_OF_SPLIT.get(split.lower(), split.lower())
    return part if part in PART_NAMES else None


def count_published(published: Published) -> dict[str, int]:
    """Records per part that is there. Raises SplitError for a source split that is no part."""
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


def take_published(counts: Mapping[str, int], published: Published) -> dict[str, RowIds]:
    """The row ids of the parts that `count_published` found."""
    runs: dict[str, list[RowIds]] = {name: [] for name in counts}
    start = 0
    for split, records in published:
        if records:
            runs[str(part_of_split(split or ""))].append(np.arange(start, start + records))
        start += records
    return {name: np.concatenate(found) for name, found in runs.items()}
