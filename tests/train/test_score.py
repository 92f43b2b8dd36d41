"""Losses and completions of a model."""

# ruff: noqa: E402 - without torch there is nothing to import below

import math
from functools import partial
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from studio.train import score
from studio.train.data import IGNORED, Row, tokenize_rows
from studio.train.score import complete_rows, measure_losses, order_batches, score_rows, sum_losses
from studio.train.tiny import make_model

pytestmark = pytest.mark.train


def test_padding_does_not_change_a_loss(tokenizer: Any, rows: list[Row]) -> None:
    model = make_model(tokenizer, 1)
    together = score_rows(model, partial(tokenize_rows, tokenizer), rows)
    alone = [score_rows(model, partial(tokenize_rows, tokenizer), [row])[0] for row in rows]
    assert [tokens for _, tokens in together] == [tokens for _, tokens in alone]
    assert [loss for loss, _ in together] == pytest.approx([loss for loss, _ in alone], rel=1e-4)


def test_the_loss_is_the_models_own_over_the_labelled_tokens(tokenizer: Any) -> None:
    model = make_model(tokenizer, 1)
    ids, labels = [5, 6, 7, 8, 9], [IGNORED, IGNORED, 7, 8, 9]
    nats, tokens = measure_losses(model, [(ids, labels)])[0]
    own = model.eval()(input_ids=torch.tensor([ids]), labels=torch.tensor([labels])).loss
    assert (nats / tokens, tokens) == (pytest.approx(own.item(), rel=1e-5), 3)


def test_an_untrained_model_is_as_good_as_guessing(tokenizer: Any, rows: list[Row]) -> None:
    summed = sum_losses(score_rows(make_model(tokenizer, 1), partial(tokenize_rows, tokenizer), rows), rows)
    assert summed["loss"] == pytest.approx(math.log(len(tokenizer)), rel=0.05)


def test_sums_are_weighted_by_tokens_and_bits_by_bytes() -> None:
    rows = [Row(row=0, prompt="p", completion="ab"), Row(row=1, prompt="p", completion="ü")]
    summed = sum_losses([(3.0, 3), (5.0, 1)], rows)
    assert summed["loss"] == 2.0
    assert summed["perplexity"] == pytest.approx(math.exp(2))
    assert summed["bits_per_byte"] == pytest.approx(8 / math.log(2) / 4)
    assert summed["tokens"] == 4


def test_the_first_five_rows_come_first_and_every_row_once() -> None:
    rows = [Row(row=number, prompt="x" * (200 - number), completion="") for number in range(120)]
    batches = order_batches(rows)
    assert [row.row for row in batches[0]] == [0, 1, 2, 3, 4]
    assert sorted(row.row for batch in batches for row in batch) == list(range(120))
    assert order_batches([]) == []


def test_greedy_completions_do_not_depend_on_the_batch(tokenizer: Any, rows: list[Row]) -> None:
    model = make_model(tokenizer, 1).eval()
    mixed = [rows[0], Row(row=99, prompt="Box", completion="")]
    together = complete_rows(model, tokenizer, mixed, 6)
    alone = [complete_rows(model, tokenizer, [row], 6)[0] for row in mixed]
    assert together == alone
    assert all(answer.finished is False for answer in together)


def test_a_completion_ends_before_the_end_token(tokenizer: Any) -> None:
    end, box = tokenizer.eos_token_id, tokenizer("Box")["input_ids"]
    answer = score._read_answer(tokenizer, [end], Row(row=1, prompt="", completion=""), [*box, end, end])
    assert (answer.completion, answer.finished) == ("Box", True)


def test_a_text_has_nothing_to_complete(tokenizer: Any) -> None:
    answers = complete_rows(make_model(tokenizer, 1), tokenizer, [Row(row=0, prompt="", completion="a")], 4)
    assert (answers[0].completion, answers[0].finished) == (None, None)
