"""The demo fine-tune from the raw file to the comparison; prints the figures, asserts nothing.

    python benchmarks/demo_finetune.py lamini_docs.jsonl --word Lamini
    python benchmarks/demo_finetune.py                       (the sample that ships)

Wanted on lamini_docs: at most 3 minutes on 2 cores, the test loss at least halved in nats per token, and a
held-out answer in the domain's words.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from studio.compare import open_comparison
from studio.job import summarize_run, wait_job, watch_job
from studio.job.launch import launch_recipe
from studio.recipe import Recipe
from studio.settings import Settings
from studio.workspace import Workspace

SAMPLE = Path(__file__).parent.parent / "assets" / "sample.jsonl"


def make_recipe(source: Path, style: str, max_steps: int | None) -> Recipe:
    """The style over the whole file, split at random 0.9/0.1 with seed 42."""
    return Recipe.model_validate(
        {
            "source": {"path": str(source)},
            "template": {"style": style},
            "split": {"method": "random", "train": 0.9, "test": 0.1, "seed": 42},
            "train": {"base_model": "tiny", "max_steps": max_steps},
        }
    )


def run_benchmark(recipe: Recipe, workspace: Workspace, word: str) -> None:
    """Train, compare, print."""
    started = time.monotonic()
    run_dir = launch_recipe(recipe, workspace)
    for event in watch_job(run_dir):
        if event.event != "progress":
            print(json.dumps(event.to_dict(), ensure_ascii=False))
    state = wait_job(run_dir)
    wall = time.monotonic() - started
    print(json.dumps(summarize_run(run_dir), indent=2))
    if state.state != "succeeded":
        raise SystemExit(state.reason)
    comparison = open_comparison(run_dir)
    print(json.dumps(comparison.to_dict(limit=5), ensure_ascii=False, indent=2))
    answers = [pair.tuned.completion or "" for pair in comparison.pairs]
    base, tuned = state.metrics["base"], state.metrics["tuned"]
    print(f"test loss   {base['loss']:.2f} -> {tuned['loss']:.2f} nats per token")
    print(f"bits/byte   {base['bits_per_byte']:.2f} -> {tuned['bits_per_byte']:.2f}")
    print(f"domain      {sum(word in answer for answer in answers)} of {len(answers)} answers say {word}")
    print(f"steps       {state.step} of {state.steps}, the best at {state.metrics['best_step']}")
    print(f"wall        {wall:.1f} s in all")


def main() -> None:
    """Read the arguments and run in a workspace of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--style", default="question-answer")
    parser.add_argument("--word", default="studio", help="a word of the domain, counted in the answers")
    parser.add_argument("--max-steps", type=int)
    arguments = parser.parse_args()
    recipe = make_recipe(arguments.source.absolute(), arguments.style, arguments.max_steps)
    with tempfile.TemporaryDirectory(prefix="studio-benchmark-") as folder:
        run_benchmark(recipe, Workspace(Settings.from_env(folder)), arguments.word)


if __name__ == "__main__":
    main()
