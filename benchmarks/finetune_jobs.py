"""What a person waits for: from the click to the first step, and from the cancel to its end.

    python benchmarks/finetune.py click
    python benchmarks/finetune.py cancel

Both start the real worker on the sample that ships, with `tiny`. Seconds are those of the clock.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from studio.job import cancel_job
from studio.job.launch import launch_table
from studio.pipeline import load_table
from studio.recipe import Recipe
from studio.run import RunDir, read_events, read_state
from studio.settings import Settings
from studio.source import parse_source
from studio.workspace import Workspace

SAMPLE = Path(__file__).resolve().parent.parent / "assets" / "sample.jsonl"
TIMES = 3


def report_click() -> None:
    """Print the seconds from the launch to the worker's first sign, and to the first step learnt."""
    for _ in range(TIMES):
        with launched() as (run_dir, began):
            starting = wait_until(lambda run_dir=run_dir: _find_event(run_dir, "state"), began)
            running = wait_until(lambda run_dir=run_dir: _find_event(run_dir, "data"), began)
            first = wait_until(lambda run_dir=run_dir: _find_event(run_dir, "progress"), began)
            print(f"click to worker {starting:.1f} s, to data {running:.1f} s, to first step {first:.1f} s")


def report_cancel() -> None:
    """Print the seconds from the cancel of a training to its end, checkpoint included."""
    seconds = []
    for _ in range(TIMES):
        with launched() as (run_dir, began):
            wait_until(lambda run_dir=run_dir: _find_event(run_dir, "progress"), began)
            asked = time.monotonic()
            state = cancel_job(run_dir, wait=True)
            seconds.append(time.monotonic() - asked)
            print(f"cancelled after {seconds[-1]:.2f} s at step {state.step}: {state.state}")
    print(f"median {median(seconds):.2f} s")


@contextmanager
def launched() -> Iterator[tuple[RunDir, float]]:
    """A fine-tune of `tiny` with more steps than are waited for, and when it was asked for."""
    with tempfile.TemporaryDirectory(prefix="studio-benchmark-") as name:
        workspace = Workspace(Settings(workspace=Path(name)))
        folder = workspace.table_folder(workspace.new_id())
        table = load_table(parse_source(str(SAMPLE)), folder, workspace.settings)
        recipe = Recipe.model_validate(
            {
                "source": {"path": str(SAMPLE)},
                "template": {"style": "question-answer"},
                "split": {"train": 0.9, "test": 0.1},
                "train": {"base_model": "tiny", "max_steps": 10_000},
            }
        )
        began = time.monotonic()
        run_dir = launch_table(recipe, table, workspace)
        try:
            yield run_dir, began
        finally:
            if not read_state(run_dir).finished:
                cancel_job(run_dir, wait=True)


def wait_until(done: Callable[[], bool], began: float) -> float:
    """Seconds since `began` once it is done."""
    while not done():
        time.sleep(0.02)
    return time.monotonic() - began


def _find_event(run_dir: RunDir, kind: str) -> bool:
    state = read_state(run_dir)
    if state.finished:
        raise SystemExit(f"{state.state}: {state.reason}")
    return any(event.event == kind for event in read_events(run_dir)[0])
