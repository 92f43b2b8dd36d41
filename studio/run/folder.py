"""The paths of one run, and its JSON files. Knows no field of them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.durable import write_file
from studio.errors import RunError


class _Inside:
    """A path inside a run's folder, as an attribute of RunDir."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __get__(self, run_dir: "RunDir", owner: type) -> Path:
        return run_dir.path.joinpath(*self.names)


@dataclass(frozen=True, slots=True)
class RunDir:
    """The paths of one run: `base` the model as it was before the first step, `final` the tuned one.

    `tokenizer` is the prepared one of a base model other than tiny: what the prompt was shown with.
    `test_records` are the lines of `data/test.jsonl` with all their columns, where they were kept.
    """

    path: Path

    spec_file = _Inside("spec.json")
    state_file = _Inside("state.json")
    lock = _Inside("lock")
    place = _Inside("place")
    heartbeat = _Inside("heartbeat")
    stop = _Inside("stop")
    label = _Inside("label.json")
    log = _Inside("log.txt")
    events = _Inside("events.jsonl")
    data = _Inside("data")
    test_records = _Inside("data", "test.records.jsonl")
    checkpoints = _Inside("checkpoints")
    base = _Inside("base")
    tokenizer = _Inside("tokenizer")
    final = _Inside("final")
    base_completions = _Inside("eval", "base.jsonl")
    tuned_completions = _Inside("eval", "tuned.jsonl")
    metrics = _Inside("eval", "metrics.json")
    card = _Inside("README.md")

    @property
    def run(self) -> str:
        """The run's id."""
        return self.path.name


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON file in one step; a reader sees the old one or the new."""
    write_file(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def read_json(run_dir: RunDir, path: Path) -> dict[str, Any]:
    """The object of a JSON file of a run. RunError when it is not there or damaged."""
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunError(f"There is no run {run_dir.run}.", "`studio runs list` names the runs.") from error
    except ValueError as error:
        raise RunError(f"{path.name} of run {run_dir.run} is damaged.", "Start the run again.") from error
    return values
