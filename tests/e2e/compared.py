"""Runs for the Compare stage, stored as a worker leaves them, without training anything."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.run import RunDir, RunSpec, RunState, write_json, write_state
from studio.settings import Settings
from studio.workspace import Workspace

Answer = tuple[str, str, str | None, str | None]  # prompt, expected, before, after


DECODING = {"method": "greedy", "max_new_tokens": 64}


def _add(n: int) -> Answer:
    """A sum that the tuned model gets right when 3 divides it."""
    expected = f"{n} plus {n} is {2 * n}."
    after = expected if n % 3 == 0 else f"{n} and {n} is {3 * n}."
    return f"### Question:\nWhat is {n} plus {n}?\n\n### Answer:", expected, "k k k k", after


WORSE: Answer = ("What is the rest?", "It is five.", "It is five.", "It is <b>${six}</b>.")
ANSWERS: list[Answer] = [*map(_add, range(5)), WORSE, *map(_add, range(6, 22))]
TRAIN = [
    {"prompt": f"### Question:\nWhat is {n} plus 1?\n\n### Answer:", "completion": f"{n} plus 1 is {n + 1}."}
    for n in range(40)
] + [{"prompt": "### Question:\nWho asks?\n\n### Answer:", "completion": "4 and 4 is 12."}]


def store_answers(
    root: Path,
    table: str,
    answers: Sequence[Answer] = ANSWERS,
    *,
    state: str = "succeeded",
    of: int | None = None,
    reason: str = "",
    started: str = "2026-11-22T10:00:00",
) -> RunDir:
    """A run of this table whose two models gave these answers, to `of` test records: by default all."""
    workspace = Workspace(Settings(workspace=root))
    run_dir = RunDir(workspace.runs / workspace.new_id())
    (run_dir.path / "eval").mkdir(parents=True)
    run_dir.data.mkdir()
    for side, path in ((2, run_dir.base_completions), (3, run_dir.tuned_completions)):
        lines = [_line(row, answer, side) for row, answer in enumerate(answers)]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    test = [{"prompt": prompt, "completion": expected} for prompt, expected, *_ in answers]
    records = {"train": TRAIN, "validation": TRAIN[:1], "test": test}
    for part, lines in records.items():
        (run_dir.data / f"{part}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    count = len(answers) if of is None else of
    counts = {part: len(lines) for part, lines in records.items()} | {"test": count}
    spec = RunSpec(
        run=run_dir.run,
        recipe={},
        template={},
        example_type="prompt-completion" if any(answer[0] for answer in answers) else "text",
        base_model="tiny",
        train={},
        data={},
    ).to_dict()
    spec["data"] = {
        part: {"file": f"data/{part}.jsonl", "records": many, "sha256": f"{part}{many}"}
        for part, many in counts.items()
        if many
    }
    write_json(run_dir.spec_file, spec)
    metrics = _measure(count) if state == "succeeded" else {}
    write_state(
        run_dir,
        RunState(
            run=run_dir.run,
            state=state,  # type: ignore[arg-type]
            step=60,
            steps=60,
            reason=reason,
            started=started,
            metrics=metrics,
        ),
    )
    workspace.note_table(run_dir.run, table)
    return run_dir


def _line(row: int, answer: Answer, side: int) -> dict[str, Any]:
    completion = answer[side]
    return {
        "row": row,
        "prompt": answer[0],
        "expected": answer[1],
        "completion": completion,
        "finished": None if completion is None else bool(completion) and not completion.startswith("k"),
        "loss": 5.0 + row / 100 if side == 2 else 3.0,
        "tokens": 7,
    }


def _measure(records: int) -> dict[str, Any]:
    if not records:
        return {"records": 0, "base": None, "tuned": None, "reason": "no test part"}
    side = {"perplexity": 20.0, "bits_per_byte": 1.5}
    return {
        "records": records,
        "of": records,
        "base": {"loss": 5.1, "weights_sha256": "ab" * 32, **side},
        "tuned": {"loss": 3.0, "weights_sha256": "cd" * 32, **side},
        "decoding": DECODING,
    }
