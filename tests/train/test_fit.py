"""The trainer: what it really trains on, and which weights it keeps."""

# ruff: noqa: E402 - without torch there is nothing to import below

import copy
import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from studio.run import RunDir, read_events
from studio.train import fit
from studio.train.data import IGNORED, Row
from studio.train.fit import count_steps, fit_model
from studio.train.report import Report, Stopped
from studio.train.tiny import hash_weights, load_model, make_model
from studio.train.trainer import BaseTrainer, TinyTrainer, configure_training, make_trainer, set_steps
from studio.train.voice import Checkpoints, Voice

pytestmark = pytest.mark.train


@pytest.fixture
def report(tmp_path: Path) -> Report:
    run_dir = RunDir(tmp_path / "run")
    run_dir.path.mkdir()
    return Report(run_dir)


@pytest.fixture
def trainer(tokenizer: Any, rows: list[Row], tmp_path: Path) -> TinyTrainer:
    options = {"max_length": 64, "seed": 1}
    return make_trainer(
        make_model(tokenizer, 1), tokenizer, rows, [], options=options, prompted=True, folder=tmp_path
    )


def fit_rows(tokenizer: Any, rows: list[Row], report: Report, **options: Any) -> tuple[Any, int]:
    return fit_model(
        make_model(tokenizer, 1),
        tokenizer,
        rows[:32],
        rows[32:],
        options={"max_length": 64, "seed": 1} | options,
        prompted=True,
        folder=report.run_dir.checkpoints,
        report=report,
        callbacks=(Voice(report), Checkpoints(report)),
    )


def test_a_batch_trains_the_completion_and_the_end_token_and_nothing_else(
    trainer: TinyTrainer, tokenizer: Any, rows: list[Row]
) -> None:
    by_prompt = {row.prompt: row for row in rows}
    seen = 0
    for batch in trainer.get_train_dataloader():
        for ids, labels, mask in zip(
            batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True
        ):
            trained = ids[labels != IGNORED]
            row = by_prompt[tokenizer.decode(ids[(labels == IGNORED) & (mask == 1)])]
            assert tokenizer.decode(trained) == row.completion + tokenizer.eos_token
            assert trained.tolist() == labels[labels != IGNORED].tolist()
            assert trained[-1] == tokenizer.eos_token_id
            assert (labels[mask == 0] == IGNORED).all()
            seen += 1
    assert seen == len(rows)


def test_a_text_is_trained_whole(tokenizer: Any, tmp_path: Path) -> None:
    rows = [Row(row=0, prompt="", completion="Box 1 is red")]
    options = {"max_length": 64, "seed": 1}
    trainer = make_trainer(
        make_model(tokenizer, 1), tokenizer, rows, [], options=options, prompted=False, folder=tmp_path
    )
    batch = next(iter(trainer.get_train_dataloader()))
    assert tokenizer.decode(batch["labels"][0]) == "Box 1 is red" + tokenizer.eos_token


def test_our_loss_and_its_gradient_are_trls(trainer: TinyTrainer) -> None:
    batch = next(iter(trainer.get_train_dataloader()))
    trainer.model.train()
    losses, gradients = [], []
    for compute in (trainer.compute_loss, super(BaseTrainer, trainer).compute_loss):
        trainer.model.zero_grad()
        loss = compute(trainer.model, copy.copy(batch))
        loss.backward()
        losses.append(loss.item())
        gradients.append({name: weight.grad.clone() for name, weight in trainer.model.named_parameters()})
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    for name, gradient in gradients[0].items():
        assert torch.allclose(gradient, gradients[1][name], atol=1e-5), name


def test_every_default_that_matters_is_ours(tmp_path: Path) -> None:
    args = configure_training(
        {"max_length": 64, "seed": 7, "learning_rate": 0.01}, validated=True, prompted=True, folder=tmp_path
    )
    assert (args.bf16, args.fp16, args.gradient_checkpointing, args.packing) == (False, False, False, False)
    assert (args.max_length, args.seed, args.data_seed, args.learning_rate) == (64, 7, 7, 0.01)
    assert (args.report_to, args.push_to_hub, args.disable_tqdm) == ([], False, True)
    assert (args.completion_only_loss, args.load_best_model_at_end) == (True, True)
    assert args.logging_nan_inf_filter is False
    set_steps(args, 95)
    assert (args.max_steps, args.eval_steps, args.save_steps, args.logging_steps) == (95, 10, 10, 1)
    assert args.warmup_steps == 10
    set_steps(args, 4)
    assert args.warmup_steps == 1
    set_steps(args, 95, 0)
    assert args.warmup_steps == 0


def test_the_calibration_leaves_the_model_as_it_was(
    trainer: TinyTrainer, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "CALIBRATION_SECONDS", 0.05)
    monkeypatch.setattr(fit, "BUDGET_SECONDS", 5.0)
    before = hash_weights(trainer.model)
    steps = count_steps(trainer, report)
    assert hash_weights(trainer.model) == before
    assert all(weight.grad is None for weight in trainer.model.parameters())
    assert steps % 10 == 0
    assert 10 <= steps <= fit.MOST_EPOCHS * len(trainer.get_train_dataloader()) + 10


def test_the_same_seed_trains_the_same_weights(tokenizer: Any, rows: list[Row], report: Report) -> None:
    hashes = [hash_weights(fit_rows(tokenizer, rows, report, max_steps=3)[0]) for _ in range(2)]
    assert hashes[0] == hashes[1]


def test_the_best_checkpoint_is_kept_whole(
    tokenizer: Any, rows: list[Row], report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A loss that is best at the second evaluation, whatever the weights are.
    said = iter([9.0, 5.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    monkeypatch.setattr("studio.train.trainer.measure_losses", lambda model, rows: [(next(said), 1)])
    model, best = fit_rows(tokenizer, rows, report, max_steps=30)
    assert best == 6
    kept, _ = load_model(report.run_dir.checkpoints / "step-6")
    assert hash_weights(model) == hash_weights(kept)
    # Three evaluations without a better one ended it.
    last = max(event.step or 0 for event in read_events(report.run_dir)[0] if event.event == "progress")
    assert last == 15
    said_last = read_events(report.run_dir)[0][-1].message
    assert said_last == (
        "Training ended after 15 of 30 steps, as 3 evaluations gave nothing better; kept: step 6."
    )


def test_progress_is_told_as_it_happens(tokenizer: Any, rows: list[Row], report: Report) -> None:
    fit_rows(tokenizer, rows, report, max_steps=4)
    events = read_events(report.run_dir)[0]
    progress = [event for event in events if event.event == "progress"]
    assert [event.step for event in progress] == [1, 2, 3, 4]
    assert all(event.steps == 4 and event.loss and event.learning_rate is not None for event in progress)
    assert progress[-1].eta == 0
    speeds = [event.details or {} for event in progress]
    tokens = [speed["tokens"] for speed in speeds]
    assert 0 < tokens[0] < tokens[-1]
    assert all(speed["tokens_per_second"] > 0 and speed["memory"] > 1 << 20 for speed in speeds)
    assert [event.step for event in events if event.event == "evaluation"] == [0, 1, 2, 3, 4]
    assert report.state.step == 4


def test_a_checkpoint_says_that_it_is_complete(tokenizer: Any, rows: list[Row], report: Report) -> None:
    fit_rows(tokenizer, rows, report, max_steps=2)
    folder = report.run_dir.checkpoints / "step-2"
    sizes = json.loads((folder / "COMPLETE").read_text())
    assert {"model.safetensors", "optimizer.pt", "trainer_state.json"} <= set(sizes)
    assert all((folder / name).stat().st_size == size for name, size in sizes.items())


def test_a_stop_file_ends_the_training_after_a_checkpoint(
    tokenizer: Any, rows: list[Row], report: Report
) -> None:
    report.run_dir.stop.touch()
    with pytest.raises(Stopped):
        fit_rows(tokenizer, rows, report, max_steps=1_000)
    assert (report.run_dir.checkpoints / "step-1" / "COMPLETE").exists()
    assert report.state.step == 1


def test_a_loss_that_is_no_number_stops_the_run(report: Report) -> None:
    state, args = SimpleNamespace(global_step=3, max_steps=9), SimpleNamespace()
    with pytest.raises(FloatingPointError, match="not a number after step 3"):
        Voice(report).on_log(args, state, None, {"loss": math.nan, "learning_rate": 1.0})
