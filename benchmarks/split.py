"""How long a split takes, alone and with the writing of its parts, and how many twins each method leaves.

    python benchmarks/split.py [--records 1000000] [--only random grouped]

Of the records 2 % are another's exact twin, and 2 % ask the same in another case, with other blanks and
another answer. Each method is a process of its own over the stored table, which says how long the split, the
look for twins and an export took (imports aside; of the export also on all processors, which a busy machine
changes less), its twins (exact, by prompt), which are counted once more from the files in plain Python, and
its peak memory. `cp` copies the file, for a measure of the disk. Asserts nothing of times; wanted: split and
write at most 3 × cp, and no twin where prompts are grouped or hashed.
`near` keeps near-duplicates together as well; of those benchmarks/duplicates.py counts more.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from data import write_twins

Value = TypeVar("Value")

SPLITS = {
    "random": "method: random",
    "sequential": "method: sequential",
    "stratified": "method: stratified, by: kind",
    "grouped": "method: grouped",
    "near": "method: grouped, near: 0.8",
    "hash": "method: hash",
}
RECIPE = "source: {{path: {path}}}\ntemplate: {{style: alpaca}}\nsplit: {{{split}, train: 0.9, test: 0.1}}"


def measure(name: str, folder: Path) -> None:
    """Print what one method took, its twins and its peak memory."""
    from studio.leaks import find_twins, mark_records
    from studio.pipeline import build_table, plan_splits, resolve_template
    from studio.recipe import parse_recipe
    from studio.table import Table

    table = Table.open(folder / "table")
    recipe = parse_recipe(RECIPE.format(path=json.dumps(str(folder / "records.jsonl")), split=SPLITS[name]))
    template = resolve_template(recipe, table)
    splits, cut = take_time(lambda: plan_splits(recipe, table))
    twins, looked = take_time(lambda: find_twins(splits.parts, mark_records(table, template, None)))
    worked = time.process_time()
    export, built = take_time(lambda: build_table(recipe, table, folder / f"export-{name}"))
    worked = time.process_time() - worked
    peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1e3
    counted = count_twins(export.part("train"), export.part("test"))
    if counted != (twins[0].exact, twins[0].prompt):
        raise SystemExit(f"{name}: counted {counted} twins, and {twins[0]} were found")
    figures = {"cut": cut, "looked": looked, "built": built, "worked": worked, "twins": counted}
    print(json.dumps(figures | {"peak": peak}))


def take_time(work: Callable[[], Value]) -> tuple[Value, float]:
    """What the work gives, and its seconds."""
    started = time.perf_counter()
    value = work()
    return value, time.perf_counter() - started


def count_twins(train: Path, test: Path) -> tuple[int, int]:
    """Lines of `test` that are in `train`, and those whose normalised prompt is."""
    lines, prompts = set(), set()
    for line in train.open(encoding="utf-8", newline="\n"):
        lines.add(hash(line))
        prompts.add(hash(read_prompt(line)))
    exact = prompt = 0
    for line in test.open(encoding="utf-8", newline="\n"):
        exact += hash(line) in lines
        prompt += hash(read_prompt(line)) in prompts
    return exact, prompt


def read_prompt(line: str) -> str:
    """The prompt as two that are the same have it."""
    return " ".join(unicodedata.normalize("NFKC", json.loads(line)["prompt"]).casefold().split())


def run_method(name: str, folder: Path) -> dict[str, Any]:
    """One method in a process of its own."""
    command = [sys.executable, __file__, "--method", name, "--folder", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare_methods(folder: Path, names: list[str]) -> None:
    """Run every method and print its figures beside those of `cp`."""
    path = folder / "records.jsonl"
    print(f"{path.stat().st_size / 1e6:,.0f} MB")
    print(
        f"{'':12}{'split':>9}{'twins':>9}{'export':>9}{'cpu':>9}{'÷ cp':>8}"
        f"{'exact':>9}{'prompt':>9}{'peak':>10}"
    )
    for name in names:
        copied = take_time(lambda: subprocess.run(["cp", path, folder / "copy"], check=True))[1]
        found = run_method(name, folder)
        exact, prompt = found["twins"]
        print(
            f"{name:12}{found['cut']:7.2f} s{found['looked']:7.2f} s{found['built']:7.2f} s"
            f"{found['worked']:7.2f} s"
            f"{found['built'] / copied:8.1f}{exact:9,}{prompt:9,}{found['peak']:7.0f} MB",
            flush=True,
        )


def main() -> None:
    """Make the records and their store, and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="*", choices=SPLITS, default=list(SPLITS))
    parser.add_argument("--method", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.method:
        measure(asked.method, asked.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_twins(folder / "records.jsonl", asked.records)
        # In a process of its own, since it imports the studio.
        subprocess.run([sys.executable, "-c", STORE, str(folder)], check=True)
        compare_methods(folder, asked.only)


STORE = """
import sys
from pathlib import Path
from studio.pipeline import load_table
from studio.settings import Settings
from studio.source import Source
folder = Path(sys.argv[1])
load_table(Source(path=str(folder / "records.jsonl")), folder / "table", Settings(workspace=folder))
"""


if __name__ == "__main__":
    main()
