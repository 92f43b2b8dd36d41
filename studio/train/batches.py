"""Batches of like lengths and about the same number of tokens.

Rows of mixed lengths waste half of a small batch on padding; like lengths in equal row counts weigh short
answers as much as long ones. Here every step learns from about as many tokens. Knows lengths only.
"""

import random
from collections.abc import Iterator, Sequence


class TokenBatches:
    """A batch sampler: the batches are made once from lengths and a seed, and shuffled anew for every epoch.

    A batch holds at most `budget` tokens, padding included, or a single row. `set_epoch` makes the order that
    of a given epoch, for a run that is taken up again.
    """

    def __init__(self, lengths: Sequence[int], budget: int, seed: int) -> None:
        self._batches = make_batches(lengths, budget, seed)
        self._seed = seed
        self._epoch = 0

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[list[int]]:
        order = list(self._batches)
        random.Random(f"{self._seed} {self._epoch}").shuffle(order)  # noqa: S311
        self._epoch += 1
        return iter(order)

    def set_epoch(self, epoch: int) -> None:
        """The next round is that of `epoch`, counted from 0."""
        self._epoch = epoch


def make_batches(lengths: Sequence[int], budget: int, seed: int) -> list[list[int]]:
    """The row numbers of each batch; lengths are jittered, so that neighbours are not always the same."""
    draw = random.Random(seed)  # noqa: S311
    jittered = [length * (1 + 0.15 * draw.random()) for length in lengths]
    batches: list[list[int]] = []
    longest = 0
    for row in sorted(range(len(lengths)), key=lambda row: jittered[row]):
        longest = max(longest, lengths[row])
        if not batches or (len(batches[-1]) + 1) * longest > budget:
            batches.append([])
            longest = lengths[row]
        batches[-1].append(row)
    return batches
