"""The training of one run: how many steps, what is said on the way, when it stops.

Knows a trainer and the report; knows no test part.
"""

import copy
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from transformers import EarlyStoppingCallback, TrainerCallback, TrainerState, set_seed

from studio.run.checkpoints import STATE, is_last, step_folder
from studio.train.base import Base
from studio.train.data import Row
from studio.train.optimizer import MuonAdamW
from studio.train.report import Report
from studio.train.trainer import (
    EVALUATIONS,
    BaseTrainer,
    TinyTrainer,
    make_base_trainer,
    make_trainer,
    set_steps,
)

BUDGET_SECONDS = 60.0
CALIBRATION_SECONDS = 3.0
PATIENCE = 3
MOST_EPOCHS = 8
LEAST_EVALUATIONS = 3


def fit_model(
    model: Any,
    tokenizer: Any,
    train: Sequence[Row],
    validation: Sequence[Row],
    *,
    options: dict[str, Any],
    prompted: bool,
    folder: Path,
    report: Report,
    callbacks: Sequence[TrainerCallback] = (),
    resume_from: Path | None = None,
    base: Base | None = None,
) -> tuple[Any, int]:
    """Train `model` in place and return it with its best weights, and the step at which they were reached.

    `options` are the recipe's SFTConfig names; without `max_steps` the step count comes from a calibration,
    or from the checkpoint `resume_from`, from which the training goes on as if it had never ended.
    Checkpoints go to `folder`. What `callbacks` raise ends the training. `base` is that of `model` where this
    is not tiny.
    """
    trainer = open_trainer(
        model, tokenizer, train, validation, options=options, prompted=prompted, folder=folder, base=base
    )
    for callback in callbacks:
        trainer.add_callback(callback)
    patience = options.get("early_stopping_patience", PATIENCE)
    if validation and patience:
        trainer.add_callback(EarlyStoppingCallback(patience))
    past = read_past(resume_from)
    steps = past.max_steps or options.get("max_steps") or plan_steps(trainer, options, report)
    set_steps(trainer.args, steps, options.get("warmup_steps"), count_evaluations(options, base is not None))
    report.enter("running", step=past.global_step, steps=steps)
    if resume_from and is_last(resume_from):
        restore_end(trainer, past, resume_from)
    else:
        go_on(trainer, resume_from)
    best, last = best_step(trainer.state), trainer.state.global_step
    early = f", as {patience} evaluations gave nothing better" if last < steps else ""
    report.say("log", message=f"Training ended after {last} of {steps} steps{early}; kept: step {best}.")
    return trainer.model, best


def open_trainer(
    model: Any,
    tokenizer: Any,
    train: Sequence[Row],
    validation: Sequence[Row],
    *,
    options: dict[str, Any],
    prompted: bool,
    folder: Path,
    base: Base | None = None,
) -> BaseTrainer:
    """The trainer of tiny, or that of `base`; ready but for its number of steps."""
    if base is not None:
        return make_base_trainer(base, train, validation, options=options, folder=folder)
    return make_trainer(
        model, tokenizer, train, validation, options=options, prompted=prompted, folder=folder
    )


def count_evaluations(options: dict[str, Any], real: bool) -> int:
    """How often the validation rows are scored on the way, the beginning left out."""
    epochs = math.ceil(options.get("num_train_epochs") or 0)
    return max(LEAST_EVALUATIONS, epochs) if real else EVALUATIONS


def read_past(resume_from: Path | None) -> TrainerState:
    """How far the training had come at a checkpoint; nowhere without one."""
    return TrainerState.load_from_json(str(resume_from / STATE)) if resume_from else TrainerState()


def go_on(trainer: BaseTrainer, resume_from: Path | None) -> None:
    """Train to the end, from the beginning or from a checkpoint."""
    if resume_from:
        # The base was measured by the first attempt; the patience that is used up stays used up.
        trainer.args.eval_on_start = False
        trainer.args.restore_callback_states_from_checkpoint = True
    else:
        set_seed(trainer.args.seed)  # a calibration has drawn from it
    trainer.train(resume_from_checkpoint=str(resume_from) if resume_from else None)


def restore_end(trainer: BaseTrainer, past: TrainerState, resume_from: Path) -> None:
    """Put the trainer where the training had ended, with the weights that were kept."""
    trainer.state = past
    best = past.best_global_step
    trainer.read_weights(step_folder(resume_from.parent, best) if best else resume_from)


def plan_steps(trainer: BaseTrainer, options: dict[str, Any], report: Report) -> int:
    """How many steps: of tiny as many as fit the budget, of a base model its epochs."""
    if isinstance(trainer, TinyTrainer):
        return count_steps(trainer, report)
    return count_rounds(len(trainer.get_train_dataloader()), options)


def count_rounds(batches: float, options: dict[str, Any]) -> int:
    """The steps that the epochs take, with so many batches in each."""
    a_round: int = math.ceil(batches / options.get("gradient_accumulation_steps", 1))
    return max(1, math.ceil(float(options["num_train_epochs"]) * a_round))


def count_steps(trainer: TinyTrainer, report: Report) -> int:
    """How many steps fit the budget, measured on real batches; the model is left as it was.

    A count, not a deadline: a run that is resumed or repeated then takes the same steps. The thread's own
    time decides, so that a busy machine does not make the model worse, but never more than twice the budget
    on the wall.
    """
    weights = copy.deepcopy(trainer.model.state_dict())
    optimizer = MuonAdamW(trainer.model, 0.0)
    trainer.model.train()
    steps, wall, own = 0, 0.0, 0.0
    for steps, batch in enumerate(_repeat_batches(trainer)):
        if steps == 2:  # the first two only warm up
            wall, own = time.perf_counter(), time.thread_time()
        if steps > 2 and time.perf_counter() - wall > CALIBRATION_SECONDS:
            break
        report.check_stop()
        trainer.compute_loss(trainer.model, batch).backward()
        optimizer.step()
        optimizer.zero_grad()
    steps -= 2
    own_step, wall_step = (time.thread_time() - own) / steps, (time.perf_counter() - wall) / steps
    trainer.model.load_state_dict(weights)
    count = fit_budget(own_step, wall_step, len(trainer.get_train_dataloader()))
    report.say("calibration", steps=count, details={"milliseconds_per_step": round(1000 * own_step, 1)})
    return count


def fit_budget(own: float, wall: float, batches: float) -> int:
    """How many steps of so many seconds, the thread's own and on the wall, fit; `batches` are in an epoch."""
    planned = min(BUDGET_SECONDS / own, 2 * BUDGET_SECONDS / wall, MOST_EPOCHS * batches)
    return max(EVALUATIONS, int(planned) // EVALUATIONS * EVALUATIONS)


def _repeat_batches(trainer: TinyTrainer) -> Iterator[Any]:
    while True:
        yield from trainer.get_train_dataloader()


def best_step(state: Any) -> int:
    """The step of the weights that were kept: the best on the validation rows, or the last."""
    return int(state.best_global_step or state.global_step)
