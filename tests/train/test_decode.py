"""Decoding: greedy is greedy whatever the model's files say, and what is drawn is drawn again."""

# ruff: noqa: E402 - without torch there is nothing to import below

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from studio.run.decoding import Decoding
from studio.train.data import Row
from studio.train.decode import Draw, cut_tail, generate_tokens
from studio.train.score import complete_rows
from studio.train.tiny import make_model

pytestmark = pytest.mark.train

DRAWN = Decoding(method="sample", max_new_tokens=6, temperature=1.5, top_p=0.9, seed=7)


@pytest.fixture(scope="module")
def model(tokenizer: Any) -> Any:
    return make_model(tokenizer, 1).eval()


def test_a_seed_draws_the_same_again_and_another_something_else(
    model: Any, tokenizer: Any, rows: list[Row]
) -> None:
    torch.manual_seed(1)
    first = complete_rows(model, tokenizer, rows[:4], DRAWN)
    torch.manual_seed(2)
    assert complete_rows(model, tokenizer, rows[:4], DRAWN) == first
    other = Decoding.from_dict(DRAWN.to_dict() | {"seed": 8})
    assert complete_rows(model, tokenizer, rows[:4], other) != first


def test_drawing_leaves_the_state_of_chance_as_it_was(model: Any, tokenizer: Any, rows: list[Row]) -> None:
    before = torch.get_rng_state()
    complete_rows(model, tokenizer, rows[:2], DRAWN)
    assert torch.equal(torch.get_rng_state(), before)


def test_what_is_drawn_does_not_depend_on_the_batch(model: Any, tokenizer: Any, rows: list[Row]) -> None:
    mixed = [rows[0], Row(row=99, prompt="Box", completion="")]
    together = complete_rows(model, tokenizer, mixed, DRAWN)
    assert together == [complete_rows(model, tokenizer, [row], DRAWN)[0] for row in mixed]


def test_draws_follow_the_chances() -> None:
    chances = torch.tensor([0.5, 0.3, 0.2])
    draw = Draw(Decoding(method="sample", seed=3), [0])
    drawn = [int(draw(None, chances.log()[None]).argmax()) for _ in range(2_000)]
    shares = torch.bincount(torch.tensor(drawn), minlength=3) / 2_000
    assert shares.tolist() == pytest.approx(chances.tolist(), abs=0.04)


@pytest.mark.parametrize(("top_p", "kept"), [(1.0, 3), (0.6, 2), (0.5, 1), (0.1, 1)])
def test_the_tail_is_cut_and_the_likeliest_token_stays(top_p: float, kept: int) -> None:
    cut = cut_tail(torch.tensor([[0.2, 0.5, 0.3]]).log(), top_p)
    assert (int(torch.isfinite(cut).sum()), int(cut.argmax())) == (kept, 1)


def test_a_models_own_settings_change_nothing(model: Any, tokenizer: Any, rows: list[Row]) -> None:
    plain = complete_rows(model, tokenizer, rows[:2], 6)
    model.generation_config.repetition_penalty = 5.0
    model.generation_config.no_repeat_ngram_size = 1
    assert complete_rows(model, tokenizer, rows[:2], 6) == plain
    assert model.generation_config.repetition_penalty == 5.0
    model.generation_config.repetition_penalty = model.generation_config.no_repeat_ngram_size = None


def test_who_hears_the_tokens_can_end_them(model: Any, tokenizer: Any) -> None:
    heard: list[int] = []

    def hear(token: int) -> bool:
        heard.append(token)
        return len(heard) < 3

    prompt = tokenizer("Box")["input_ids"]
    new = generate_tokens(model, tokenizer, [prompt], Decoding(max_new_tokens=9), places=[0], hear=hear)
    assert new == [heard]
    assert len(heard) == 3


def test_a_long_prompt_keeps_its_end_and_leaves_room_for_the_answer(model: Any, tokenizer: Any) -> None:
    words = Row(row=0, prompt="Box number one is small. " * 900, completion="")
    [answer] = complete_rows(model, tokenizer, [words], 4)
    assert answer.completion
