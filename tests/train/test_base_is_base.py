"""The base side of a comparison is the base model, even with the tuned adapter loaded beside it."""

# ruff: noqa: E402 - without torch there is nothing to import below

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from peft import PeftModel

from studio.compare import open_comparison
from studio.run import RunDir, RunSpec, read_spec
from studio.train.base import open_base
from studio.train.data import read_parts
from studio.train.flow import evaluate_run, fine_tune
from studio.train.report import Report
from studio.train.score import complete_rows, score_rows
from studio.train.tiny import hash_weights, load_model
from tests.train.real_models import make_real_run, prepare_real, write_real
from tests.train.small_runs import make_lines

pytestmark = pytest.mark.train

PARTS = {"train": make_lines(12), "validation": make_lines(2, 60), "test": make_lines(6, 90)}


@pytest.fixture(scope="module")
def tuned_run(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A run that has learnt an adapter strong enough to answer otherwise."""
    folder = tmp_path_factory.mktemp("adapter")
    base = prepare_real(write_real(folder / "llama", "llama"), folder / "tokenizer")
    options = {"use_peft": True, "lora_r": 8, "max_steps": 6, "learning_rate": 5e-2}
    run_dir, spec = make_real_run(folder / "work", base, PARTS, **options)
    fine_tune(run_dir, spec, Report(run_dir))
    return run_dir


@pytest.fixture
def beside(tuned_run: RunDir) -> Any:
    """The base model with the tuned adapter on it, in this very process."""
    model, _ = load_model(tuned_run.base)
    return PeftModel.from_pretrained(model, tuned_run.final / "adapter").eval()


def measure(run_dir: RunDir, spec: RunSpec, model: Any) -> tuple[list[float], list[str | None]]:
    """Losses by token and answers of a model on the test rows, asked one by one."""
    rows = read_parts(run_dir, spec, 1).test
    _, tokenizer = load_model(run_dir.base)
    losses = score_rows(model, open_base(run_dir, spec).encode, rows)
    answers = [complete_rows(model, tokenizer, [row], spec.max_new_tokens)[0].completion for row in rows]
    return [nats / tokens for nats, tokens in losses], answers


def test_the_base_side_answers_as_the_base_and_the_other_as_the_adapter(
    tuned_run: RunDir, beside: Any
) -> None:
    spec, comparison = read_spec(tuned_run), open_comparison(tuned_run)
    base, _ = load_model(tuned_run.base)
    for side, model in (("base", base), ("tuned", beside)):
        losses, answers = measure(tuned_run, spec, model)
        said = [getattr(pair, side) for pair in comparison.pairs]
        assert [one.loss for one in said] == pytest.approx(losses, rel=1e-4)
        assert [one.completion for one in said] == answers
    with beside.disable_adapter():
        losses, _ = measure(tuned_run, spec, beside)
    assert [pair.base.loss for pair in comparison.pairs] == pytest.approx(losses, rel=1e-4)
    assert all(pair.base.completion != pair.tuned.completion for pair in comparison.pairs)
    assert comparison.hashes["left"] == hash_weights(base) != comparison.hashes["right"]


def test_an_adapter_that_is_loaded_on_the_base_does_not_reach_its_lines(
    tuned_run: RunDir, beside: Any, tmp_path: Path
) -> None:
    again = copy_run(tuned_run, tmp_path)
    spec, before = read_spec(again), open_comparison(again)
    base = replace(open_base(again, spec), model=beside)
    hashes = {"base": before.hashes["left"], "tuned": before.hashes["right"]}
    metrics = evaluate_run(again, spec, read_parts(again, spec, 1).test, hashes, Report(again), base)
    assert metrics["base"]["loss"] == pytest.approx(before.base["loss"])
    assert again.base_completions.read_bytes() == tuned_run.base_completions.read_bytes()


def test_a_base_that_is_not_the_one_that_was_saved_is_never_scored(tuned_run: RunDir, tmp_path: Path) -> None:
    again = copy_run(tuned_run, tmp_path)
    spec, before = read_spec(again), open_comparison(again)
    base, hashes = open_base(again, spec), {"base": before.hashes["left"], "tuned": before.hashes["right"]}
    shutil.rmtree(again.base)
    shutil.copytree(again.final, again.base, ignore=shutil.ignore_patterns("adapter"))
    with pytest.raises(RuntimeError, match="base model on disk is not the one"):
        evaluate_run(again, spec, read_parts(again, spec, 1).test, hashes, Report(again), base)


def copy_run(run_dir: RunDir, folder: Path) -> RunDir:
    return RunDir(Path(shutil.copytree(run_dir.path, folder / "run", symlinks=False)))
