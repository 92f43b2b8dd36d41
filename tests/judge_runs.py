"""A finished run with answers to judge."""

import json
from collections.abc import Sequence
from typing import Any

from studio.run import RunDir, RunSpec, RunState, write_json, write_state
from studio.workspace import Workspace

ANSWERS = [(f"What is {row}?", f"It is {row}.", f"bad {row}", f"good {row}") for row in range(5)]


def store_answers(
    workspace: Workspace, answers: Sequence[tuple[str, str, str | None, str | None]] = ANSWERS, **state: Any
) -> RunDir:
    """A run in the workspace; an answer is (prompt, expected, base completion, tuned completion)."""
    run_dir = RunDir(workspace.runs / workspace.new_id())
    (run_dir.path / "eval").mkdir(parents=True)
    for path, place in ((run_dir.base_completions, 2), (run_dir.tuned_completions, 3)):
        lines = [_line(row, answer[0], answer[1], answer[place]) for row, answer in enumerate(answers)]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    spec = RunSpec(
        run=run_dir.run, recipe={}, template={}, example_type="prompt-completion", base_model="tiny",
        train={}, data={},
    )  # fmt: skip
    write_json(run_dir.spec_file, spec.to_dict())
    measured = {"loss": 3.5, "perplexity": 33.1, "bits_per_byte": 1.0}
    metrics = {"records": len(answers), "base": measured, "tuned": measured}
    write_state(
        run_dir,
        RunState(**{"run": run_dir.run, "state": "succeeded", "metrics": metrics, "steps": 9} | state),
    )
    return run_dir


def _line(row: int, prompt: str, expected: str, completion: str | None) -> dict[str, Any]:
    told = {"row": row, "prompt": prompt, "expected": expected, "completion": completion}
    return told | {"finished": completion is not None, "loss": 1.0, "tokens": 3}
