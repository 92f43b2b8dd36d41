"""The calibration: a few seconds of a run's own training, so that its time is known before it begins.

    python -m studio.train.calibrating TASK_FOLDER LOCK

    TASK_FOLDER/run/   spec.json  data/train.jsonl  base/  tokenizer/     as a run has them, but for some rows

The trainer is the run's, and so are its batches, its optimizer and its number types; nothing is saved. Knows
no table and no recipe.
"""

import time
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from studio.errors import RunError
from studio.run import MAX_LENGTH, RunDir, read_spec
from studio.run.faults import name_failure
from studio.task import Progress, run_task
from studio.train.base import Base, make_tiny, open_base
from studio.train.data import Parts, Row, count_losses, keep_answered, read_rows, refuse_unlearnable
from studio.train.device import most_memory, use_threads
from studio.train.fit import count_evaluations, count_rounds, fit_budget, open_trainer
from studio.train.flow import quieten
from studio.train.score import measure_losses
from studio.train.trainer import BaseTrainer, TinyTrainer, set_steps

SECONDS = 3.0
SCORED_ROWS = 32
_ENDLESS = 1_000_000  # steps: the clock ends the training


def calibrate(folder: Path, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """`seconds_per_step tokens_per_second tokens_per_step steps seconds memory` of the run as it would be.

    `request` says how many `records` it learns from and how many `validation` rows it scores. Raises RunError
    when the memory does not do, or nothing can be learnt.
    """
    try:
        return _calibrate(RunDir(folder / "run"), request, progress)
    except (RuntimeError, MemoryError) as error:
        if name_failure(error)[0] != "memory":
            raise
        raise RunError(
            "The memory does not do for a single step.",
            "Use a smaller batch, a smaller max_length or an adapter.",
        ) from error


class Clock(TrainerCallback):  # type: ignore[misc]
    """Measures the steps after the first, and ends the training when SECONDS are over."""

    def __init__(self, progress: Progress) -> None:
        self.steps, self.wall, self.own, self.tokens = 0, 0.0, 0.0, 0
        self._progress = progress
        self._began = (0.0, 0.0, 0)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        now = time.perf_counter(), time.thread_time(), state.num_input_tokens_seen
        if state.global_step == 1:  # it only warms up
            self._began = now
            return control
        self.steps = state.global_step - 1
        self.wall, self.own, self.tokens = (new - old for new, old in zip(now, self._began, strict=True))
        self._progress(min(int(1000 * self.wall), int(1000 * SECONDS)), int(1000 * SECONDS))
        control.should_training_stop = self.wall >= SECONDS
        return control


def _calibrate(run_dir: RunDir, request: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    use_threads()
    quieten()
    spec = read_spec(run_dir)
    options = {"max_length": MAX_LENGTH, "seed": 42} | dict(spec.train)
    rows = tuple(read_rows(run_dir.path / spec.data["train"].file))
    parts = Parts(train=rows, validation=(), test=(), held_back=0, read={})
    base = open_base(run_dir, spec) if spec.model else make_tiny(run_dir, parts, options["seed"])
    kept = _keep_learnable(base, rows, options["max_length"])
    trainer = open_trainer(
        base.model,
        base.tokenizer,
        kept,
        (),
        # A step of many batches is as many steps of one, near enough, and sooner over.
        options={**options, "gradient_accumulation_steps": 1},
        prompted=spec.example_type == "prompt-completion",
        folder=run_dir.checkpoints,
        base=base if base.real else None,
    )
    clock = _train(trainer, progress)
    whole = request["records"] / len(rows)  # of which the rows are a part
    steps = _count_steps(trainer, options, clock, whole)
    gathered = options.get("gradient_accumulation_steps", 1)
    a_step = gathered * clock.wall / clock.steps
    scored = request["validation"] * (1 + count_evaluations(options, base.real))
    return {
        "seconds_per_step": round(a_step, 5),
        "tokens_per_second": round(clock.tokens / clock.wall, 1),
        "tokens_per_step": round(gathered * clock.tokens / clock.steps, 1),
        "steps": steps,
        "seconds": round(steps * a_step + scored * _time_scoring(trainer, options), 1),
        "memory": most_memory(),
    }


def _keep_learnable(base: Base, rows: Sequence[Row], max_length: int) -> tuple[Row, ...]:
    tokens = base.encode(rows)
    refuse_unlearnable(tokens)
    count_losses(tokens, max_length)
    return keep_answered(rows, tokens, max_length)


def _train(trainer: BaseTrainer, progress: Progress) -> Clock:
    """The clock after SECONDS of training, and after one batch of the longest rows, for the memory's sake."""
    clock = Clock(progress)
    trainer.add_callback(clock)
    set_steps(trainer.args, _ENDLESS)
    trainer.args.save_strategy = trainer.args.logging_strategy = "no"
    trainer.train()
    if not isinstance(trainer, TinyTrainer):
        longest = sorted(trainer.train_dataset, key=lambda row: -len(row["input_ids"]))
        batch = trainer.data_collator(longest[: trainer.args.per_device_train_batch_size])
        trainer.training_step(trainer.model, batch)
    return clock


def _count_steps(trainer: BaseTrainer, options: dict[str, Any], clock: Clock, whole: float) -> int:
    """As many as the run would take of all rows, `whole` times as many as these."""
    batches = whole * len(trainer.get_train_dataloader())
    if options.get("max_steps"):
        return int(options["max_steps"])
    if isinstance(trainer, TinyTrainer):
        return fit_budget(clock.own / clock.steps, clock.wall / clock.steps, batches)
    return count_rounds(ceil(round(batches, 6)), options)


def _time_scoring(trainer: BaseTrainer, options: dict[str, Any]) -> float:
    """Seconds that the loss of one row takes, as validation rows are scored; no long time is spent on it."""
    length = options["max_length"]
    began, scored = time.perf_counter(), 0
    for row in trainer.train_dataset.select(range(min(SCORED_ROWS, len(trainer.train_dataset)))):
        measure_losses(trainer.model, [(row["input_ids"][:length], row["labels"][:length])])
        scored += 1
        if time.perf_counter() - began > SECONDS / 3:
            break
    return (time.perf_counter() - began) / scored


if __name__ == "__main__":
    run_task(calibrate)
