"""Which rows of its parts a demo run reads, and which of them it learns from.

    train 1 260, test 140, seed 42   →   1 197 to learn from, 63 held back, 140 to score

The tokenizer of the demo model is made from these rows alone. Knows rows by their position in a part only.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

# A demo run reads at most this much of a part: a seeded choice, and the run says so.
TRAIN_ROWS = 20_000
SCORED_ROWS = 1_000
HELD_BACK = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Positions in each part, ascending. `held_back` are those of the train part that serve as validation,
    because there is no validation part; they are in none of the others.
    """

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    held_back: tuple[int, ...]


def choose_rows(records: Mapping[str, int], seed: int, *, whole: bool = False) -> Chosen:
    """The rows that a run reads of parts of so many records, of which the train part is there.

    `whole` is the run of a real model, which reads all of the train part.
    """
    train = _choose(records["train"], records["train"] if whole else TRAIN_ROWS, seed)
    validation, test = (_choose(records.get(part, 0), SCORED_ROWS, seed) for part in ("validation", "test"))
    held_back: tuple[int, ...] = ()
    if not validation:
        count = round(len(train) * HELD_BACK)
        places = sorted(random.Random(seed).sample(range(len(train)), count))  # noqa: S311
        held_back = tuple(train[place] for place in places)
        held = set(held_back)
        train = tuple(row for row in train if row not in held)
    return Chosen(train=train, validation=validation, test=test, held_back=held_back)


def count_chosen(records: Mapping[str, int], *, whole: bool = False) -> tuple[int, int]:
    """How many rows `choose_rows` learns from, and how many it holds back."""
    train = records["train"] if whole else min(records["train"], TRAIN_ROWS)
    held_back = 0 if records.get("validation") else round(train * HELD_BACK)
    return train - held_back, held_back


def _choose(records: int, most: int, seed: int) -> tuple[int, ...]:
    if records <= most:
        return tuple(range(records))
    return tuple(sorted(random.Random(seed).sample(range(records), most)))  # noqa: S311
