"""Batches of about the same number of tokens; no torch needed."""

import random

import pytest

pytest.importorskip("torch")

from studio.train.batches import TokenBatches, make_batches

pytestmark = pytest.mark.train


def test_every_row_is_in_one_batch_and_no_batch_is_over_the_budget() -> None:
    draw = random.Random(1)
    lengths = [draw.randint(1, 300) for _ in range(500)]
    batches = make_batches(lengths, 1_000, 7)
    assert sorted(row for batch in batches for row in batch) == list(range(500))
    assert all(len(batch) * max(lengths[row] for row in batch) <= 1_000 for batch in batches)
    padded = sum(len(batch) * max(lengths[row] for row in batch) for batch in batches)
    assert padded < 1.25 * sum(lengths)


def test_a_row_over_the_budget_is_a_batch_of_its_own() -> None:
    assert [len(batch) for batch in make_batches([2_000, 10, 10], 1_000, 1)] == [2, 1]


def test_epochs_differ_in_order_and_repeat_with_the_seed() -> None:
    first, again = (TokenBatches([10] * 100, 50, 3) for _ in range(2))
    epochs = [list(first), list(first)]
    assert epochs[0] != epochs[1]
    assert sorted(epochs[0]) == sorted(epochs[1])
    assert [list(again), list(again)] == epochs
    again.set_epoch(1)
    assert list(again) == epochs[1]
    assert len(first) == len(epochs[0])
