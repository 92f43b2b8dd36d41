"""Finished runs with answers written by hand, for the tests of comparisons."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.run import DataFile, RunDir, RunSpec, RunState, write_json, write_state

Line = dict[str, Any]
GREEDY = {"method": "greedy", "max_new_tokens": 64}


def make_line(row: int, completion: str | None, expected: str = "yes", loss: float = 1.0) -> Line:
    return {
        "row": row,
        "prompt": f"p{row}",
        "expected": expected,
        "completion": completion,
        "finished": None if completion is None else True,
        "loss": loss,
        "tokens": 2,
    }


def measure(lines: Sequence[Line]) -> Line:
    """The losses of lines, as the worker sums them."""
    tokens = sum(line["tokens"] for line in lines)
    loss = sum(line["loss"] * line["tokens"] for line in lines) / max(1, tokens)
    return {"loss": loss, "perplexity": 2.0, "bits_per_byte": 1.0, "tokens": tokens}


def write_side(run_dir: RunDir, which: str, lines: Sequence[Line], **said: Any) -> None:
    """A side that was evaluated later, whole."""
    folder = run_dir.base_completions.parent
    (folder / f"{which}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    told = {"which": which, "decoding": GREEDY, "weights_sha256": hashlib.sha256(which.encode()).hexdigest()}
    write_json(folder / f"{which}.json", {**told, "records": len(lines), **measure(lines), **said})


def make_run(
    folder: Path,
    base: Sequence[Line],
    tuned: Sequence[Line],
    *,
    run: str = "r1",
    records: Sequence[Mapping[str, Any]] | None = None,
    **state: Any,
) -> RunDir:
    """A run in `folder` that succeeded with these answers; `records` are the columns of its test part."""
    run_dir = RunDir(folder / run)
    for path in (run_dir.data, run_dir.base_completions.parent):
        path.mkdir(parents=True)
    for path, lines in ((run_dir.base_completions, base), (run_dir.tuned_completions, tuned)):
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    if records is not None:
        run_dir.test_records.write_text("".join(json.dumps(record) + "\n" for record in records))
    prompts = json.dumps([(line["prompt"], line["expected"]) for line in base])
    test = DataFile(
        file="data/test.jsonl", records=len(base), sha256=hashlib.sha256(prompts.encode()).hexdigest()
    )
    spec = RunSpec(
        run=run,
        recipe={"version": 1},
        template={},
        example_type="prompt-completion",
        base_model="tiny",
        train={},
        data={"test": test},
    )
    write_json(run_dir.spec_file, spec.to_dict())
    metrics = {
        "records": len(base),
        "base": measure(base) | {"weights_sha256": "b" * 64},
        "tuned": measure(tuned) | {"weights_sha256": hashlib.sha256(run.encode()).hexdigest()},
        "decoding": GREEDY,
    }
    write_state(run_dir, RunState(**{"run": run, "state": "succeeded", "metrics": metrics} | state))
    return run_dir
