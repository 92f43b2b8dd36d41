"""What it takes to compare two models on a test part: reading, scoring, intervals, reports.

    python benchmarks/compare.py [--records 140 10000]

Answers of about 40 words are written as a worker writes them, and compared as the page does. Printed are the
seconds of each step, and of the processor in them, and the most memory of the process. Asserts nothing;
wanted: 140 records in a tenth of a second, 10 000 in some seconds.
"""

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.compare import open_comparison_of, parse_address
from studio.compare.differences import RESAMPLES, measure_pairs
from studio.compare.pairs import join_by_row
from studio.compare.report import REPORTS, open_report
from studio.compare.sides import read_side
from studio.run import DataFile, RunDir, RunSpec, RunState, write_json, write_state
from studio.settings import Settings
from studio.workspace import Workspace

WORDS = [f"word{number}" for number in range(2_000)]


def write_run(workspace: Workspace, records: int) -> RunDir:
    """A finished run whose base model answers at random, and whose tuned one keeps some of the words."""
    draw, run_dir = random.Random(1), RunDir(workspace.runs / workspace.new_id())
    (run_dir.path / "eval").mkdir(parents=True)
    sides: dict[str, list[dict[str, Any]]] = {"base": [], "tuned": []}
    for row in range(records):
        expected = draw.choices(WORDS, k=draw.randint(5, 80))
        kept = [word if draw.random() < 0.6 else draw.choice(WORDS) for word in expected]
        for name, words in (("base", draw.choices(WORDS, k=40)), ("tuned", kept)):
            sides[name].append(write_line(row, expected, words, 7.5 if name == "base" else 3.4))
    for name, lines in sides.items():
        path = run_dir.path / "eval" / f"{name}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    write_json(run_dir.spec_file, make_spec(run_dir.run, records).to_dict())
    measured = {"loss": 3.4, "perplexity": 30.0, "bits_per_byte": 1.1}
    metrics = {"records": records, "base": measured, "tuned": measured}
    write_state(run_dir, RunState(run=run_dir.run, state="succeeded", metrics=metrics))
    return run_dir


def write_line(row: int, expected: list[str], words: list[str], loss: float) -> dict[str, Any]:
    return {
        "row": row,
        "prompt": f"### Question:\nWhat is record {row}?\n\n### Answer:",
        "expected": "\n" + " ".join(expected),
        "completion": "\n" + " ".join(words),
        "finished": row % 9 > 0,
        "loss": loss + row % 7 / 10,
        "tokens": len(expected),
    }


def make_spec(run: str, records: int) -> RunSpec:
    data = {"test": DataFile(file="data/test.jsonl", records=records, sha256="0" * 64)}
    return RunSpec(
        run=run,
        recipe={"version": 1},
        template={},
        example_type="prompt-completion",
        base_model="tiny",
        train={},
        data=data,
    )


def timed(words: str, work: Callable[[], Any]) -> Any:
    started, worked = time.perf_counter(), time.process_time()
    found = work()
    seconds, of_it = time.perf_counter() - started, time.process_time() - worked
    print(f"  {words:<44} {seconds:8.3f} s, {of_it:7.3f} s of the processor")
    return found


def compare(workspace: Workspace, records: int) -> None:
    run_dir = write_run(workspace, records)
    print(f"{records:,} records, {RESAMPLES:,} resamples")
    sides = timed("read both sides", lambda: [read_side(run_dir, which) for which in ("base", "tuned")])
    pairs = timed("score every answer", lambda: join_by_row(sides[0].lines, sides[1].lines))
    timed("nine scores of both, with their intervals", lambda: measure_pairs(pairs))
    addresses = [parse_address(f"{run_dir.run}/{which}") for which in ("base", "tuned")]
    comparison = timed("all of it, as the page asks", lambda: open_comparison_of(*addresses, workspace))
    for kind in REPORTS:
        timed(
            f"write {kind}",
            lambda kind=kind: sum(map(len, open_report(comparison, kind, workspace))),
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, nargs="+", default=[140, 10_000])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Settings(workspace=Path(folder)))
        for records in asked.records:
            compare(workspace, records)
    print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB of memory")


if __name__ == "__main__":
    main()
