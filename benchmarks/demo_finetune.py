"""The demo fine-tune from the raw file to the comparison: curve, answers, scores and time.

    python benchmarks/demo_finetune.py                     the sample that ships
    python benchmarks/demo_finetune.py lamini_docs         of the folder that STUDIO_TEST_DATA names
    python benchmarks/demo_finetune.py instruction-data

Wanted on lamini_docs: a test loss of 3.42 or less within 60 seconds of the processor, and a held-out answer
in the domain's words. How many steps fit is measured by the run: on a busy machine give --max-steps.
"""

import argparse
import gzip
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.compare import open_comparison
from studio.job import wait_job
from studio.job.launch import launch_recipe
from studio.recipe import Recipe
from studio.run import RunDir, read_events
from studio.run.events import read_curve
from studio.settings import Settings
from studio.workspace import Workspace

SAMPLE = Path(__file__).resolve().parent.parent / "assets" / "sample.jsonl"
ANSWERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A file by its name, the style that it is learnt in, and a word of its domain."""

    file: str
    style: str
    word: str


DEMOS: Mapping[str, Demo] = {
    "sample": Demo(file="sample.jsonl", style="question-answer", word="studio"),
    "lamini_docs": Demo(file="lamini_docs.jsonl.gz", style="question-answer", word="Lamini"),
    "instruction-data": Demo(file="instruction-data.json", style="alpaca", word="The"),
}


def report_demo(name: str = "sample", max_steps: int | None = None) -> None:
    """Train, compare, print."""
    demo = DEMOS[name]
    with tempfile.TemporaryDirectory(prefix="studio-benchmark-") as folder:
        source = unpack_source(demo, Path(folder))
        recipe = make_recipe(source, demo.style, max_steps)
        began = time.monotonic()
        run_dir = launch_recipe(recipe, Workspace(Settings.from_env(Path(folder) / "workspace")))
        state = wait_job(run_dir)
        wall = time.monotonic() - began
        if state.state != "succeeded":
            raise SystemExit(state.reason)
        print(f"{name}: {wall:.0f} s from the file to the comparison")
        print_training(run_dir)
        print_comparison(run_dir, demo.word)


def unpack_source(demo: Demo, folder: Path) -> Path:
    """The file as it is read; a packed one is unpacked into the folder."""
    if demo.file == SAMPLE.name:
        return SAMPLE
    data = os.environ.get("STUDIO_TEST_DATA")
    if not data:
        raise SystemExit("Set STUDIO_TEST_DATA to the folder of the courses' data.")
    source = Path(data) / demo.file
    if source.suffix != ".gz":
        return source
    target = folder / source.stem
    target.write_bytes(gzip.decompress(source.read_bytes()))
    return target


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


def print_training(run_dir: RunDir) -> None:
    """The validation curve, the steps, the tokens and the speed."""
    events = read_events(run_dir)[0]
    curve = read_curve(events)["validation"]
    print("validation  " + "  ".join(f"{int(step)}: {loss:.2f}" for step, loss, *_ in curve))
    last = [event for event in events if event.event == "progress"][-1]
    details = last.details or {}
    print(f"steps       {last.step} of {last.steps}, {details['tokens']:,} tokens")
    print(f"speed       {details['tokens_per_second']:,.0f} tokens/s, {details['memory'] / 1e9:.2f} GB")


def print_comparison(run_dir: RunDir, word: str) -> None:
    """The scores before and after, and some held-out answers."""
    comparison = open_comparison(run_dir)
    for score in ("loss", "bits_per_byte"):
        print(f"{score:11} {comparison.base[score]:.2f} -> {comparison.tuned[score]:.2f}")
    answers = [pair.tuned.completion or "" for pair in comparison.pairs]
    print(f"domain      {sum(word in answer for answer in answers)} of {len(answers)} answers say {word}")
    for pair in comparison.pairs[:ANSWERS]:
        print(f"asked       {pair.prompt.strip()[-160:]!r}")
        print(f"answered    {(pair.tuned.completion or '').strip()!r}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("demo", nargs="?", default="sample", choices=list(DEMOS))
    parser.add_argument("--max-steps", type=int)
    arguments = parser.parse_args()
    report_demo(arguments.demo, arguments.max_steps)


if __name__ == "__main__":
    main()
