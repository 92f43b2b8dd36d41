"""Muon and AdamW as one optimizer."""

# ruff: noqa: E402 - without torch there is nothing to import below

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from studio.train.optimizer import MuonAdamW, split_parameters
from studio.train.tiny import hash_weights, make_model

pytestmark = pytest.mark.train


def take_steps(model: Any, optimizer: Any, seeds: range) -> None:
    for seed in seeds:
        ids = torch.randint(0, 200, (2, 12), generator=torch.Generator().manual_seed(seed))
        model(input_ids=ids, labels=ids).loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def test_embeddings_head_norms_and_biases_go_to_adamw(tokenizer: Any) -> None:
    model = make_model(tokenizer, 1)
    matrices, rest = split_parameters(model)
    names = {id(weight): name for name, weight in model.named_parameters()}
    assert len(matrices) == 4 * 4
    assert all(".layers." in names[id(weight)] and weight.ndim == 2 for weight in matrices)
    ends = {names[id(weight)] for weight in rest if weight.ndim == 2}
    assert ends == {"gpt_neox.embed_in.weight", "lm_head.weight"}
    assert len(matrices) + len(rest) == len(names)


def test_both_learn(tokenizer: Any) -> None:
    model = make_model(tokenizer, 1)
    before = {name: weight.clone() for name, weight in model.named_parameters()}
    take_steps(model, MuonAdamW(model, 1e-3), range(1))
    assert all(not torch.equal(before[name], weight) for name, weight in model.named_parameters())


def test_a_saved_state_goes_on_exactly_as_if_it_had_not_stopped(tokenizer: Any) -> None:
    whole, first = make_model(tokenizer, 1), make_model(tokenizer, 1)
    take_steps(whole, MuonAdamW(whole, 1e-3), range(4))
    optimizer = MuonAdamW(first, 1e-3)
    take_steps(first, optimizer, range(2))
    second = make_model(tokenizer, 2)
    second.load_state_dict(first.state_dict())
    resumed = MuonAdamW(second, 1e-3)
    resumed.load_state_dict(optimizer.state_dict())
    take_steps(second, resumed, range(2, 4))
    assert hash_weights(second) == hash_weights(whole)


def test_a_schedule_reaches_both(tokenizer: Any) -> None:
    optimizer = MuonAdamW(make_model(tokenizer, 1), 1e-3)
    rates = [group["lr"] for group in optimizer.param_groups]
    torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5)
    assert [group["lr"] for group in optimizer.param_groups] == [rate / 2 for rate in rates]
