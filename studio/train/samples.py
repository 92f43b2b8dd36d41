"""Completions on the way: what the model makes of the same five prompts, so that one sees it learn.

    {"row": 3, "prompt": "### Question:\\n…", "expected": "\\nYes.", "completion": "\\nYes, it",
     "finished": false}

Greedy, and nothing is drawn from any random state, so that a training with them is bit by bit one without.
Knows a model and rows; no trainer.
"""

import random
import time
from collections.abc import Sequence
from typing import Any

from transformers import TrainerCallback

from studio.train.base import Encode
from studio.train.data import Parts, Row, split_last_answer
from studio.train.report import Report
from studio.train.score import complete_rows

ROWS = 5
MOST_TOKENS = 64
MOST_SHARE = 0.1  # of the training's time
FREE_SECONDS = 5.0  # of which nobody takes notice
LONGEST_SECONDS = 600.0  # that a large model may take for one evaluation's completions


def choose_samples(parts: Parts, encode: Encode, seed: int) -> tuple[Row, ...]:
    """ROWS of the test part, else of the validation part; of texts none, since they ask nothing."""
    asking = [row for row in parts.test or parts.validation if not row.plain and (row.prompt or row.messages)]
    drawn = random.Random(f"{seed} samples").sample(asking, min(ROWS, len(asking)))  # noqa: S311
    rows = sorted(drawn, key=lambda row: row.row)
    return tuple(split_last_answer(row, tokens) for row, tokens in zip(rows, encode(rows), strict=True))


class Samples(TrainerCallback):  # type: ignore[misc]
    """Says a `samples` event at every evaluation; leaves them out, and says so, where they take too long."""

    def __init__(self, report: Report, tokenizer: Any, rows: Sequence[Row], max_new_tokens: int) -> None:
        self._report = report
        self._tokenizer = tokenizer
        self._rows = list(rows)
        self._most = min(MOST_TOKENS, max_new_tokens)
        self._began, self._first = 0.0, 0
        self._times: list[float] = []

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._began, self._first = time.perf_counter(), state.global_step

    def on_evaluate(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any) -> None:
        if not self._rows:
            return
        if self._takes_long(args, state):
            self._rows = []
            words = "The completions on the way are left out from here on: they take too much of the time."
            self._report.say("log", step=state.global_step, message=words)
            return
        began = time.perf_counter()
        with self._report.pulse.quiet(LONGEST_SECONDS):
            samples = self._complete(model)
        self._times.append(time.perf_counter() - began)
        self._report.say(
            "samples", step=state.global_step, steps=state.max_steps, details={"samples": samples}
        )

    def _complete(self, model: Any) -> list[dict[str, Any]]:
        was_training = model.training
        model.eval()
        answers = complete_rows(model, self._tokenizer, self._rows, self._most)
        model.train(was_training)
        return [
            {
                "row": row.row,
                "prompt": row.prompt,
                "expected": row.completion,
                "completion": answer.completion,
                "finished": answer.finished,
            }
            for row, answer in zip(self._rows, answers, strict=True)
        ]

    def _takes_long(self, args: Any, state: Any) -> bool:
        """Whether those of the whole training would take more than their share, by what was measured."""
        steps = state.global_step - self._first
        if not steps or not self._times:
            return False
        left: int = state.max_steps - state.global_step
        taken = sum(self._times)
        expected = taken + self._times[-1] * (1 + left // args.eval_steps)
        training = (time.perf_counter() - self._began - taken) * (1 + left / steps)
        return bool(expected > max(FREE_SECONDS, MOST_SHARE * training))
