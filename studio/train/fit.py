"""The training of one run: how many steps, what is said on the way, when it stops.

Knows a trainer and the report; knows no test part.
"""

import copy
import json
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from transformers import EarlyStoppingCallback, TrainerCallback

from studio.run import write_json
from studio.train.data import Row
from studio.train.optimizer import MuonAdamW
from studio.train.report import Report, Stopped
from studio.train.trainer import EVALUATIONS, TinyTrainer, make_trainer, set_steps

BUDGET_SECONDS = 60.0
CALIBRATION_SECONDS = 3.0
PATIENCE = 3
MOST_EPOCHS = 8
COMPLETE = "COMPLETE"


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
) -> tuple[Any, int]:
    """Train `model` in place and return it with its best weights, and the step at which they were reached.

    `options` are the recipe's SFTConfig names; without `max_steps` the step count comes from a calibration,
    or, with `resume_from`, from that checkpoint, whose run is then taken up as if it had never stopped.
    Checkpoints go to `folder`; `callbacks` are called beside our own. Raises Stopped once a checkpoint is
    saved, FloatingPointError when the loss is no number.
    """
    trainer = make_trainer(
        model, tokenizer, train, validation, options=options, prompted=prompted, folder=folder
    )
    voice = Voice(report)
    for callback in (voice, *callbacks):
        trainer.add_callback(callback)
    if validation:
        trainer.add_callback(EarlyStoppingCallback(PATIENCE))
    steps = _read_steps(resume_from) or options.get("max_steps") or count_steps(trainer, report)
    set_steps(trainer.args, steps, options.get("warmup_steps"))
    report.enter("running", steps=trainer.args.max_steps)
    trainer.train(resume_from_checkpoint=None if resume_from is None else str(resume_from))
    if voice.stopped:
        raise Stopped
    best, last = best_step(trainer.state), trainer.state.global_step
    early = f", as {PATIENCE} evaluations gave nothing better" if last < steps else ""
    report.say("log", message=f"Training ended after {last} of {steps} steps{early}; kept: step {best}.")
    return trainer.model, best


def _read_steps(checkpoint: Path | None) -> int:
    """How many steps the run of a checkpoint has; 0 without one."""
    if checkpoint is None:
        return 0
    return int(json.loads((checkpoint / "trainer_state.json").read_text(encoding="utf-8"))["max_steps"])


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
    most = MOST_EPOCHS * len(trainer.get_train_dataloader())
    planned = min(BUDGET_SECONDS / own_step, 2 * BUDGET_SECONDS / wall_step, most)
    count = max(EVALUATIONS, int(planned) // EVALUATIONS * EVALUATIONS)
    report.say("calibration", steps=count, details={"milliseconds_per_step": round(1000 * own_step, 1)})
    return count


def _repeat_batches(trainer: TinyTrainer) -> Iterator[Any]:
    while True:
        yield from trainer.get_train_dataloader()


def best_step(state: Any) -> int:
    """The step of the weights that were kept: the best on the validation rows, or the last."""
    return int(state.best_global_step or state.global_step)


class Voice(TrainerCallback):  # type: ignore[misc]
    """Carries the trainer's progress to the report, and the stop file to the trainer."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.stopped = False
        self._began, self._first = 0.0, 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._began, self._first = time.monotonic(), state.global_step

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        if self.report.run_dir.stop.exists():
            self.stopped = True
            control.should_save = control.should_training_stop = True
            control.should_evaluate = False
        return control

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **kwargs: Any) -> None:
        if "loss" not in logs:
            return
        if not math.isfinite(logs["loss"]):
            raise FloatingPointError(
                f"The loss is not a number after step {state.global_step}. Use a smaller learning_rate."
            )
        took = (time.monotonic() - self._began) / max(1, state.global_step - self._first)
        self.report.step(state.global_step, state.max_steps)
        self.report.say(
            "progress",
            step=state.global_step,
            steps=state.max_steps,
            loss=logs["loss"],
            learning_rate=logs["learning_rate"],
            eta=round(took * (state.max_steps - state.global_step), 1),
        )

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: dict[str, float], **kwargs: Any
    ) -> None:
        loss = metrics["eval_loss"]
        self.report.say("evaluation", step=state.global_step, steps=state.max_steps, eval_loss=loss)

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        sizes = {path.name: path.stat().st_size for path in sorted(folder.iterdir()) if path.is_file()}
        write_json(folder / COMPLETE, sizes)
        self.report.say("checkpoint", step=state.global_step, steps=state.max_steps)
