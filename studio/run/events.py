"""What a run has said so far, one line each, and what that makes: its curve, its answers as it learns.

    {"event": "progress", "step": 40, "steps": 900, "loss": 5.1, "learning_rate": 0.004, "seconds": 3.2}
    {"event": "samples", "step": 40, "details": {"samples": [{"row": 3, "prompt": "…", "expected": "…",
     "completion": "…", "finished": true}]}}

Lines are only ever appended: a resume says `resumed` with the step from which it goes on.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jsonlines

from studio.run.folder import RunDir


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One progress line; None stands for a field that the line does not have.

    `event`: state, log, data, calibration, resumed, progress, evaluation, samples, scoring, checkpoint.
    Losses: nats a token; `seconds` since the start; `eta` seconds left. `details`: what only one kind of
    event has; of progress `tokens` learnt from, `tokens_per_second`, and `memory` bytes held.
    """

    event: str
    step: int | None = None
    steps: int | None = None
    loss: float | None = None
    eval_loss: float | None = None
    learning_rate: float | None = None
    seconds: float | None = None
    eta: float | None = None
    state: str | None = None
    message: str | None = None
    details: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields that have a value."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Event":
        """An event of a line; fields that this version does not know are left out."""
        return cls(**{name: value for name, value in values.items() if name in cls.__dataclass_fields__})


def read_events(run_dir: RunDir, offset: int = 0) -> tuple[list[Event], int]:
    """The events from byte `offset` on, oldest first, and the offset to go on from.

    A last line that is not yet whole is left for the next call; a line that is not JSON is passed over.
    """
    try:
        with run_dir.events.open("rb") as file:
            file.seek(offset)
            whole = file.read()
    except FileNotFoundError:
        return [], offset
    whole = whole[: whole.rfind(b"\n") + 1]
    with jsonlines.Reader(whole.decode("utf-8", "replace").split("\n")) as reader:
        lines = reader.iter(type=dict, skip_empty=True, skip_invalid=True)
        return [Event.from_dict(line) for line in lines if "event" in line], offset + len(whole)


def write_event(run_dir: RunDir, event: Event) -> None:
    """Append one event as one line."""
    with run_dir.events.open("ab") as file:
        file.write(json.dumps(event.to_dict(), ensure_ascii=False).encode() + b"\n")


def mend_events(run_dir: RunDir) -> None:
    """End a line that a worker has left half written, so that the next one is not lost with it."""
    try:
        with run_dir.events.open("rb+") as file:
            if file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n":
                file.write(b"\n")
    except FileNotFoundError:
        return


def read_curve(events: Iterable[Event]) -> dict[str, list[list[Any]]]:
    """What counts, by step: `train` as [step, loss, learning rate], `validation` as [step, loss], `speed` as

    [step, tokens a second, bytes of memory or None]. Where a run went on from an earlier step, what came
    after that step in the attempt before is left out.
    """
    curve: dict[str, dict[int, list[Any]]] = {"train": {}, "validation": {}, "speed": {}}
    for event in events:
        step = event.step or 0
        if event.event == "resumed":
            curve = {name: _leave_out(points, step) for name, points in curve.items()}
        if event.event == "progress" and event.loss is not None:
            curve["train"][step] = [step, event.loss, event.learning_rate or 0.0]
            if (speed := _read_details(event).get("tokens_per_second")) is not None:
                curve["speed"][step] = [step, speed, _read_details(event).get("memory")]
        if event.event == "evaluation" and event.eval_loss is not None:
            curve["validation"][step] = [step, event.eval_loss]
    return {name: list(points.values()) for name, points in curve.items()}


def read_samples(events: Iterable[Event]) -> list[dict[str, Any]]:
    """The answers to the same few prompts at each evaluation that counts: `step`, and `samples`, each with

    `row prompt expected completion finished`. Empty where none were drawn.
    """
    found: dict[int, list[Any]] = {}
    for event in events:
        step = event.step or 0
        if event.event == "resumed":
            found = _leave_out(found, step)
        if event.event == "samples" and (samples := _read_details(event).get("samples")):
            found[step] = list(samples)
    return [{"step": step, "samples": samples} for step, samples in found.items()]


def _leave_out(found: dict[int, list[Any]], after: int) -> dict[int, list[Any]]:
    return {step: values for step, values in found.items() if step <= after}


def _read_details(event: Event) -> Mapping[str, Any]:
    return event.details if isinstance(event.details, Mapping) else {}


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole objects of a line file, in order; nothing when it is not there."""
    if path.exists():
        with jsonlines.open(path) as reader:
            yield from reader.iter(type=dict, skip_empty=True, skip_invalid=True)
