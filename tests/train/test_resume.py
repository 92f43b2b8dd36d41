"""A run that was ended and goes on gives, bit by bit, the weights of one that was never ended."""

# ruff: noqa: E402 - without torch there is nothing to import below

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from transformers import TrainerCallback

from studio.run import RunDir, RunState, read_events, read_state, write_state
from studio.run.checkpoints import take_up
from studio.train import flow
from studio.train.data import Row
from studio.train.fit import fit_model
from studio.train.report import Report, Stopped
from studio.train.samples import Samples
from studio.train.tiny import hash_weights, make_model
from studio.train.voice import Checkpoints, Voice
from tests.train.real_models import make_real_run, prepare_real, write_real
from tests.train.small_runs import make_lines

pytestmark = pytest.mark.train

STEPS = 14  # evaluated and saved at every second one


class Ending(TrainerCallback):  # type: ignore[misc]
    """Ends the training after a step: by the stop file, or as a crash does."""

    def __init__(self, report: Report, step: int, how: str) -> None:
        self.report, self.step, self.how = report, step, how

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step != self.step:
            return
        if self.how == "crash":
            raise KeyboardInterrupt
        self.report.run_dir.stop.touch()


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def fit_until(
    folder: Path,
    tokenizer: Any,
    rows: list[Row],
    *,
    end: int = 0,
    how: str = "",
    steps: int = STEPS,
    asked: bool = True,
) -> tuple[str, int]:
    """The hash of the kept weights and their step; goes on from what the folder holds."""
    run_dir = RunDir(folder)
    folder.mkdir(exist_ok=True)
    run_dir.stop.unlink(missing_ok=True)
    report = Report(run_dir)
    ending = [Ending(report, end, how)] if how else []
    # Completions on the way must not be felt by what is trained.
    samples = [Samples(report, tokenizer, rows[32:34], 4)] if asked else []
    model, best = fit_model(
        make_model(tokenizer, 7 if take_up(run_dir.checkpoints) else 1),
        tokenizer,
        rows[:32],
        rows[32:],
        options={"max_length": 64, "seed": 1, "max_steps": steps},
        prompted=True,
        folder=run_dir.checkpoints,
        report=report,
        callbacks=(*ending, Voice(report), *samples, Checkpoints(report)),
        resume_from=take_up(run_dir.checkpoints),
    )
    return hash_weights(model), best


@pytest.fixture(scope="module")
def uninterrupted(
    tmp_path_factory: pytest.TempPathFactory, tokenizer: Any, rows: list[Row]
) -> tuple[str, int]:
    """Without completions on the way, where the others have them."""
    return fit_until(tmp_path_factory.mktemp("whole") / "run", tokenizer, rows, asked=False)


@pytest.mark.parametrize(
    ("end", "how"),
    [
        (6, "stop"),
        (7, "crash"),
        pytest.param(1, "crash", marks=pytest.mark.nightly),
        pytest.param(5, "stop", marks=pytest.mark.nightly),
        pytest.param(STEPS, "stop", marks=pytest.mark.nightly),
    ],
)
def test_a_run_that_was_ended_goes_on_to_the_same_weights(
    tmp_path: Path, tokenizer: Any, rows: list[Row], uninterrupted: tuple[str, int], end: int, how: str
) -> None:
    with pytest.raises(Stopped if how == "stop" else KeyboardInterrupt):
        fit_until(tmp_path / "run", tokenizer, rows, end=end, how=how)
    assert fit_until(tmp_path / "run", tokenizer, rows) == uninterrupted
    events = read_events(RunDir(tmp_path / "run"))[0]
    said = {event.step: event for event in events if event.event == "samples"}
    assert sorted(step or 0 for step in said) == list(range(0, STEPS + 1, 2))
    tokens = [(event.details or {})["tokens"] for event in events if event.event == "progress"]
    assert tokens == sorted(tokens)
    # Once more, as after a kill between the last step and the scores: nothing is trained again.
    assert fit_until(tmp_path / "run", tokenizer, rows, end=1, how="crash") == uninterrupted


@pytest.mark.detail
def test_the_patience_that_was_used_up_stays_used_up(
    tmp_path: Path, tokenizer: Any, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_step = {0: 9.0, 3: 5.0, 6: 3.0}  # best at step 6, so that step 15 is the last

    def score_step(trainer: Any) -> None:
        loss = by_step.get(trainer.state.global_step, 4.0)
        monkeypatch.setattr("studio.train.trainer.measure_losses", lambda model, rows: [(loss, 1)])

    from studio.train.trainer import TinyTrainer

    evaluate = TinyTrainer.evaluate
    monkeypatch.setattr(
        TinyTrainer, "evaluate", lambda self, *a, **k: (score_step(self), evaluate(self, *a, **k))[1]
    )
    whole = fit_until(tmp_path / "whole", tokenizer, rows, steps=30)
    assert whole[1] == 6
    with pytest.raises(Stopped):
        fit_until(tmp_path / "run", tokenizer, rows, end=12, how="stop", steps=30)
    assert fit_until(tmp_path / "run", tokenizer, rows, steps=30) == whole
    assert take_up(RunDir(tmp_path / "run").checkpoints) == tmp_path / "run" / "checkpoints" / "step-15"


@pytest.mark.nightly
@pytest.mark.parametrize("peft", [True, False])
def test_a_real_base_model_goes_on_to_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, peft: bool
) -> None:
    base = prepare_real(write_real(tmp_path / "llama", "llama"), tmp_path / "tokenizer")
    parts = {"train": make_lines(12), "validation": make_lines(2, 60), "test": make_lines(2, 90)}
    options: dict[str, Any] = {"max_steps": 6, "use_peft": peft, "learning_rate": 1e-2}
    if peft:
        options |= {"lora_dropout": 0.3}  # so that the random numbers matter
    found = []
    for name in ("whole", "stopped"):
        run_dir, spec = make_real_run(tmp_path / name, base, parts, **options)
        if name == "stopped":
            ending = Ending(Report(run_dir), 3, "stop")
            monkeypatch.setattr(flow, "Signs", lambda pulse, ending=ending: ending)
            with pytest.raises(Stopped):
                flow.fine_tune(run_dir, spec, Report(run_dir))
            monkeypatch.undo()
            run_dir.stop.unlink()
            write_state(run_dir, RunState(run="run", state="queued", attempt=2))
        monkeypatch.setattr(flow, "use_threads", lambda: None)
        flow.fine_tune(run_dir, spec, Report(run_dir))
        found.append(read_state(run_dir).metrics["tuned"])
    assert [event.step for event in read_events(run_dir)[0] if event.event == "resumed"] == [3]
    assert found[0] == found[1]
    assert found[0]["weights_sha256"] != read_state(run_dir).metrics["base"]["weights_sha256"]
