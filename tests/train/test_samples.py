"""Completions on the way: which prompts, what is said of them, and when they are left out."""

# ruff: noqa: E402 - without torch there is nothing to import below

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from studio.run import RunDir, read_events
from studio.train import samples
from studio.train.data import Parts, Row
from studio.train.report import Report
from studio.train.samples import Samples, choose_samples
from studio.train.tiny import make_model

pytestmark = pytest.mark.train


def make_parts(validation: list[Row], test: list[Row]) -> Parts:
    return Parts(train=(), validation=tuple(validation), test=tuple(test), held_back=0, read={})


def keep_tokens(rows: Any) -> list[None]:
    return [None for _ in rows]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    (tmp_path / "run").mkdir()
    return Report(RunDir(tmp_path / "run"))


def test_five_rows_of_the_test_part_are_drawn_by_the_seed(rows: list[Row]) -> None:
    parts = make_parts(rows[:10], rows[10:])
    chosen = choose_samples(parts, keep_tokens, 1)
    assert len(chosen) == 5 and set(chosen) <= set(parts.test)
    assert chosen == choose_samples(parts, keep_tokens, 1) == tuple(sorted(chosen, key=lambda row: row.row))
    assert chosen != choose_samples(parts, keep_tokens, 2)


def test_without_a_test_part_the_validation_part_is_asked_and_texts_never(rows: list[Row]) -> None:
    assert choose_samples(make_parts(rows[:3], []), keep_tokens, 1) == tuple(rows[:3])
    texts = [Row(row=number, prompt="", completion="a", plain=True) for number in range(9)]
    assert choose_samples(make_parts([], texts), keep_tokens, 1) == ()
    assert choose_samples(make_parts([], []), keep_tokens, 1) == ()


def test_they_draw_nothing_and_leave_the_model_as_it_was(
    tokenizer: Any, rows: list[Row], report: Report
) -> None:
    model = make_model(tokenizer, 1).train()
    before = torch.get_rng_state()
    said = Samples(report, tokenizer, rows[:2], 3)
    state = SimpleNamespace(global_step=0, max_steps=9)
    said.on_train_begin(None, state, None)
    said.on_evaluate(SimpleNamespace(eval_steps=3), state, None, model=model)
    assert model.training and torch.equal(before, torch.get_rng_state())
    [event] = read_events(report.run_dir)[0]
    assert (event.event, event.step, event.steps) == ("samples", 0, 9)
    assert [sample["row"] for sample in (event.details or {})["samples"]] == [0, 1]


def test_they_are_left_out_with_a_word_where_they_take_too_long(
    tokenizer: Any, rows: list[Row], report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make_model(tokenizer, 1)
    clock = iter([0.0, 0.0, 2.0, 3.0, 4.0, 5.0])  # begun; two seconds for the first; one step in a second
    monkeypatch.setattr(samples, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    said = Samples(report, tokenizer, rows[:1], 1)
    said.on_train_begin(None, SimpleNamespace(global_step=0), None)
    for step in (0, 1, 2):
        state = SimpleNamespace(global_step=step, max_steps=9)
        said.on_evaluate(SimpleNamespace(eval_steps=1), state, None, model=model)
    assert [event.event for event in read_events(report.run_dir)[0]] == ["samples", "log"]
