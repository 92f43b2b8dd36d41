"""Lines and frozen runs for the worker's tests, small enough to train on in a second."""

import json
from pathlib import Path
from typing import Any

from studio.job.request import freeze_data
from studio.run import RunDir, RunSpec, RunState, write_json, write_state

COLOURS = ("red", "green", "blue", "white", "black", "yellow")


def make_lines(count: int, start: int = 0) -> list[dict[str, str]]:
    """Question-answer lines in a small world: the colour of a box, by its number."""
    return [
        {
            "prompt": f"### Question:\nWhich colour has box {number}?\n\n### Answer:",
            "completion": f"\nBox {number} is {COLOURS[number % 6]}, and "
            + "very " * (number % 5)
            + "small.",
        }
        for number in range(start, start + count)
    ]


def write_lines(path: Path, lines: list[dict[str, str]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def make_run(folder: Path, parts: dict[str, list[dict[str, str]]], **train: Any) -> tuple[RunDir, RunSpec]:
    """A frozen run that no worker has seen yet."""
    run_dir = RunDir(folder / "run")
    text = "text" in parts["train"][0]
    files = {part: write_lines(folder / f"{part}.jsonl", lines) for part, lines in parts.items()}
    spec = RunSpec(
        run="run",
        recipe={"version": 1},
        template={},
        example_type="text" if text else "prompt-completion",
        base_model="tiny",
        train=train,
        data=freeze_data(run_dir, files, "text" if text else "prompt-completion"),
        max_new_tokens=8,
    )
    (run_dir.path / "eval").mkdir()
    write_json(run_dir.spec_file, spec.to_dict())
    write_state(run_dir, RunState(run="run", state="queued"))
    return run_dir, spec
