"""What the trainer is told to do besides training: say how far it is, save whole checkpoints, hear the stop.

Knows a run's report and its checkpoints; knows nothing of models.
"""

import math
import time
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from studio.run.checkpoints import complete_checkpoint, step_folder
from studio.train.device import held_memory
from studio.train.pulse import Pulse
from studio.train.report import Report, Stopped

SAVE_SECONDS = 300.0  # that a large model may take on a slow disk, an evaluation before it included


class Voice(TrainerCallback):  # type: ignore[misc]
    """Carries the trainer's progress to the report. Raises FloatingPointError when the loss is no number."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._began = self._step_began = 0.0
        self._first = self._evaluations = 0
        self._stepping = 0.0  # seconds of all steps so far, what is done between them left out
        self._told = (0.0, 0)  # of them and of the tokens, at the last progress

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._began, self._first = time.monotonic(), state.global_step
        self._told = (0.0, state.num_input_tokens_seen)

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._step_began = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._stepping += time.monotonic() - self._step_began

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **kwargs: Any) -> None:
        if "loss" not in logs:
            return
        if not math.isfinite(logs["loss"]):
            raise FloatingPointError(
                f"The loss is not a number after step {state.global_step}. Use a smaller learning_rate."
            )
        self.report.step(state.global_step, state.max_steps)
        self.report.say(
            "progress",
            step=state.global_step,
            steps=state.max_steps,
            loss=logs["loss"],
            learning_rate=logs["learning_rate"],
            eta=round(self._estimate_left(args, state), 1),
            details=self._describe_speed(state.num_input_tokens_seen),
        )

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: dict[str, float], **kwargs: Any
    ) -> None:
        loss = metrics["eval_loss"]
        self._evaluations += 1
        self.report.say("evaluation", step=state.global_step, steps=state.max_steps, eval_loss=loss)

    def _describe_speed(self, tokens: int) -> dict[str, Any]:
        """Tokens of all rows so far, padding left out; how many a second of late; bytes that are held."""
        seconds, before = self._stepping - self._told[0], tokens - self._told[1]
        self._told = (self._stepping, tokens)
        speed = round(before / seconds, 1) if seconds else 0.0
        return {"tokens": tokens, "tokens_per_second": speed, "memory": held_memory()}

    def _estimate_left(self, args: Any, state: Any) -> float:
        """Seconds for the steps and the evaluations that are left, each as long as those so far."""
        left: int = state.max_steps - state.global_step
        seconds: float = left * self._stepping / (state.global_step - self._first)
        if self._evaluations:
            between = time.monotonic() - self._began - self._stepping
            seconds += between / self._evaluations * (left // args.eval_steps)
        return seconds


class Signs(TrainerCallback):  # type: ignore[misc]
    """Marks every piece of work, so that a worker that hangs is told from one that is slow."""

    def __init__(self, pulse: Pulse) -> None:
        self.pulse = pulse

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.pulse.mark()

    def on_substep_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.pulse.mark()

    def on_prediction_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.pulse.mark()


class Checkpoints(TrainerCallback):  # type: ignore[misc]
    """Makes every checkpoint whole. When the person asks for a stop: saves one, and raises Stopped.

    An evaluation that is due is still made before the stop, so that a resume finds what it would have found.
    """

    def __init__(self, report: Report) -> None:
        self.report = report
        self._stopping = False

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        _point_to_best(args, state)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
        if self.report.run_dir.stop.exists():
            self._stopping = control.should_save = True
        if control.should_save:
            self.report.pulse.allow(SAVE_SECONDS)
        return control

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        complete_checkpoint(Path(args.output_dir), state.global_step)
        self.report.pulse.allow(0.0)
        _point_to_best(args, state)
        self.report.say("checkpoint", step=state.global_step, steps=state.max_steps)
        if self._stopping:
            raise Stopped


def _point_to_best(args: Any, state: Any) -> None:
    # transformers knows the best one by the name under which it was written.
    if state.best_global_step:
        state.best_model_checkpoint = str(step_folder(Path(args.output_dir), state.best_global_step))
