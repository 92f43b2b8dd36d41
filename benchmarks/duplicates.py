"""How long exact and near-duplicates take to find among instruction records, how many, and in what memory.

    python benchmarks/duplicates.py [--records 1000000]

Of the records 2 % are another's exact twin, 2 % ask the same in another case, and 2 % ask the same but for a
word or two. Each look is a process of its own over the stored table, which says how long it took (imports
aside), how long of that on the processor, which a busy machine changes less, and its peak memory with what it
has mapped of the table. Of the planted pairs that are 0.8 alike or more, which is counted in plain Python, so
many were found; grouped, so many are left in two parts. Asserts nothing of times; wanted: exact duplicates in
less than 3 s, near-duplicates in less than 20 µs a record.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path
from typing import Any

from data import write_twins

LOOKS = ("exact", "prompts", "near")
NEAR = 0.8


def measure(look: str, folder: Path) -> None:
    """Print what one look took, what it found and its peak memory."""
    from studio.keys import iter_texts
    from studio.pipeline import find_near_prompts, plan_splits, read_keys, resolve_template, select_left
    from studio.recipe import parse_recipe
    from studio.split import number_keys
    from studio.table import Table
    from studio.template.sides import express_whole

    table = Table.open(folder / "table")
    path = json.dumps(str(folder / "records.jsonl"))
    recipe = parse_recipe(
        f"source: {{path: {path}}}\ntemplate: {{style: alpaca}}\n"
        f"split: {{method: grouped, near: {NEAR}, train: 0.9, test: 0.1}}"
    )
    template, left = resolve_template(recipe, table), select_left(recipe, table)
    answer: dict[str, Any] = {}
    started, worked = time.perf_counter(), time.process_time()
    if look == "exact":
        whole = express_whole(template, table.columns)
        numbers = number_keys(texts for [texts] in iter_texts(table, [whole], template.columns, None))
    elif look == "prompts":
        numbers = number_keys(read_keys(recipe.split.to_plan(), recipe, table, left))
    else:
        near = find_near_prompts(recipe, table, left, NEAR)
        numbers = near.groups
    answer["seconds"] = time.perf_counter() - started
    answer["cpu"] = time.process_time() - worked
    answer["peak"] = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1e3
    answer["records"] = len(numbers)
    answer["repeated"] = len(numbers) - int(numbers.max()) - 1
    if look == "near":
        test = set(plan_splits(recipe, table, left, near).parts["test"].tolist())
        twins = json.loads((folder / "twins.json").read_text())
        answer["planted"] = len(twins)
        answer["found"] = sum(int(numbers[row] == numbers[twin]) for row, twin in twins)
        answer["across"] = sum((row in test) != (twin in test) for row, twin in twins)
    print(json.dumps(answer))


def read_near(path: Path, twins: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of the planted pairs of rows whose prompts are near enough."""
    wanted = {row for pair in twins for row in pair}
    texts = {}
    for row, line in enumerate(path.open(encoding="utf-8", newline="\n")):
        if row in wanted:
            record = json.loads(line)
            texts[row] = cut_shingles(f"{record['input']}\n{record['instruction']}")
    return [
        (row, twin)
        for row, twin in twins
        if len(texts[row] & texts[twin]) >= NEAR * len(texts[row] | texts[twin])
    ]


def cut_shingles(text: str) -> set[str]:
    """The runs of five characters, three where the first is an ideograph, kana or hangul."""
    text = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    dense = [(0x3040, 0xA4CF), (0xAC00, 0xD7A3), (0x20000, 0x3FFFF)]
    return {
        text[at : at + (3 if any(low <= ord(text[at]) <= high for low, high in dense) else 5)]
        for at in range(max(1, len(text) - 2))
    }


def run_look(look: str, folder: Path) -> None:
    """One look in a process of its own, and its figures."""
    command = [sys.executable, __file__, "--look", look, "--folder", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    each, cpu = (found[name] / found["records"] * 1e6 for name in ("seconds", "cpu"))
    print(
        f"{look:9}{found['seconds']:8.2f} s{each:9.1f} µs{cpu:9.1f} µs"
        f"{found['repeated']:12,}{found['peak']:9.0f} MB",
        flush=True,
    )
    if look == "near":
        share = found["found"] / max(1, found["planted"])
        print(f"planted   {found['planted']:,} pairs, {found['found']:,} found ({share:.4%})")
        print(f"grouped   {found['across']:,} of them in two parts")


def main() -> None:
    """Make the records and their store, and look."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--only", nargs="*", choices=LOOKS, default=list(LOOKS))
    parser.add_argument("--look", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.look:
        measure(asked.look, asked.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        twins = write_twins(folder / "records.jsonl", asked.records, near=True)
        (folder / "twins.json").write_text(json.dumps(read_near(folder / "records.jsonl", twins)))
        # In a process of its own, since it imports the studio.
        subprocess.run([sys.executable, "-c", STORE, str(folder)], check=True)
        print(f"{'':9}{'':10}{'a record':>12}{'cpu':>12}{'repeated':>12}{'peak':>12}")
        for look in asked.only:
            run_look(look, folder)


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
