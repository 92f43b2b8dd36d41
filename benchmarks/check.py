"""What the check of all records takes: the first 10 000, then all, and what another max length costs.

    python benchmarks/check.py [--records 1000000] [--style alpaca] [--tokenizer tiny] [--rounds 3]

The records are read and the tokenizer is made ready before. A pass is a process of its own, as the page
starts it; its seconds are from the question to the answer, its memory is its own at its most, without the
pages of mapped files. Each figure is the median of the rounds, beside its goal. Asserts nothing.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from data import write_records

FIRST = 10_000
LENGTHS = range(64, 1_024, 48)


def load(folder: Path, path: Path, style: str) -> tuple[Any, Any, Any]:
    """The workspace, its one table, and the recipe."""
    from studio.pipeline import load_table
    from studio.proposal import propose_recipe
    from studio.recipe import StyleSpec
    from studio.settings import Settings
    from studio.source import Source
    from studio.workspace import Workspace

    workspace = Workspace(Settings(workspace=folder / "work"))
    table = load_table(Source(path=str(path)), workspace.table_folder(workspace.new_id()), workspace.settings)
    recipe = propose_recipe(table).model_copy(update={"template": StyleSpec(style=style)})
    return workspace, table, recipe


def time_pass(workspace: Any, table: Any, recipe: Any, tokenizer: str) -> dict[str, Any]:
    """Seconds until the first records and until all are counted, the most memory in MB, and the state."""
    from studio.check import open_report, read_check, remove_checks, start_check

    remove_checks(workspace, table.folder)
    started = time.perf_counter()
    state = start_check(recipe, table, workspace, tokenizer)
    first, peak = None, 0.0
    while state.goes_on:
        time.sleep(0.01)
        peak = max(peak, read_memory(workspace.check_folder(state.id) / "lock"))
        state = read_check(workspace, state.id)
        if first is None and state.done >= min(FIRST, len(table)):
            open_report(workspace, state)
            first = time.perf_counter() - started
    assert state.state == "done", state
    return {"first": first, "all": time.perf_counter() - started, "peak": peak, "state": state}


def read_memory(lock: Path) -> float:
    """The worker's own memory in MB; 0 when it has ended."""
    try:
        status = Path(f"/proc/{json.loads(lock.read_text())['pid']}/status").read_text()
        return int(status.split("RssAnon:")[1].split()[0]) / 1e3
    except (OSError, ValueError, IndexError):
        return 0.0


def time_lengths(workspace: Any, state: Any) -> float:
    """The milliseconds of an answer for another max length."""
    from studio.check import open_report

    times = []
    for length in LENGTHS:
        started = time.perf_counter()
        open_report(workspace, state, length)
        times.append(1e3 * (time.perf_counter() - started))
    return statistics.median(times)


def time_finding(workspace: Any, state: Any) -> float:
    """The milliseconds in which the rows of a finding are found."""
    from studio.check import find_rows

    started = time.perf_counter()
    for length in LENGTHS:
        find_rows(workspace, state, "answer-cut", length)
    return 1e3 * (time.perf_counter() - started) / len(LENGTHS)


def say(what: str, figure: str, goal: str = "") -> None:
    print(f"{what:<48} {figure:>14}   {goal}".rstrip(), flush=True)


def main() -> None:
    """Make the records, and time the passes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--style", default="alpaca")
    parser.add_argument("--tokenizer", default="tiny")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    from studio.tokenizing import prepare_tokenizer

    with tempfile.TemporaryDirectory() as name:
        write_records(Path(name) / "records.jsonl", asked.records)
        workspace, table, recipe = load(Path(name), Path(name) / "records.jsonl", asked.style)
        started = time.perf_counter()
        prepare_tokenizer(workspace, recipe, table, asked.tokenizer)
        say(f"{asked.tokenizer} made ready", f"{time.perf_counter() - started:.1f} s")
        passes = [time_pass(workspace, table, recipe, asked.tokenizer) for _ in range(asked.rounds)]
        first, whole, peak = (
            statistics.median(one[key] for one in passes) for key in ("first", "all", "peak")
        )
        say(f"lengths and findings of the first {FIRST:,} records", f"{first:.2f} s", "< 2 s")
        say(f"all {len(table):,} records", f"{whole:.1f} s")
        say("the most memory of the pass", f"{peak:.0f} MB")
        state = passes[-1]["state"]
        say("report for another max length", f"{time_lengths(workspace, state):.1f} ms")
        say("rows of a finding", f"{time_finding(workspace, state):.1f} ms")


if __name__ == "__main__":
    main()
