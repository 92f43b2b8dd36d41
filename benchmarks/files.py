"""How long an export takes into each type of file, how large it is, and how much memory it takes.

    python benchmarks/files.py [--records 1000000] [--rounds 3] [--only jsonl parquet]

The style is alpaca, the format prompt-completion; all begin from the same stored table. Each export is a
process of its own; they take turns, and the median counts. The memory is what the process holds of its own
at most, batch by batch: pages of the stored table, which are mapped, do not count. Asserts nothing; wanted:
memory that does not grow with the records, whatever the file.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from data import write_records

from studio.formats import FILES

SOURCE = {"source": {"path": "records.jsonl"}, "template": {"style": "alpaca"}}


def prepare(folder: Path, records: int) -> None:
    """The stored table."""
    from studio.pipeline import load_table
    from studio.settings import Settings
    from studio.source import Source

    write_records(folder / "records.jsonl", records)
    load_table(Source(path=str(folder / "records.jsonl")), folder / "table", Settings(workspace=folder))


def measure(folder: Path, file: str, out: Path) -> None:
    """Print what the export took, what it holds, and its peak memory."""
    from studio.pipeline import build_table
    from studio.recipe import Recipe
    from studio.table import Table

    recipe = Recipe.model_validate(SOURCE | {"export": {"file": file}})
    peak = 0.0

    def look(done: int, total: int) -> None:
        nonlocal peak
        peak = max(peak, int(Path("/proc/self/status").read_text().split("RssAnon:")[1].split()[0]) / 1e3)

    started = time.perf_counter()
    export = build_table(recipe, Table.open(folder / "table"), out, progress=look)
    seconds = time.perf_counter() - started
    size = export.manifest["parts"]["train"]["bytes"] / 1e6
    print(json.dumps({"seconds": seconds, "megabytes": size, "peak": peak}))


def run(folder: Path, file: str) -> dict[str, float]:
    """One export in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        command = [sys.executable, __file__, "--way", file, "--folder", str(folder), "--out", f"{own}/out"]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return found


def compare(folder: Path, files: list[str], rounds: int) -> None:
    """Write all in turn, round by round, and print the medians."""
    found: dict[str, list[dict[str, Any]]] = {file: [] for file in files}
    for _ in range(rounds):
        for file in files:
            found[file].append(run(folder, file))
    print(f"{'':12}{'work':>9}{'÷ first':>10}{'size':>11}{'peak':>10}")
    for file, runs in found.items():
        work, size, peak = (
            statistics.median(one[key] for one in runs) for key in ("seconds", "megabytes", "peak")
        )
        pairs = zip(runs, found[files[0]], strict=True)
        ratio = statistics.median(own["seconds"] / first["seconds"] for own, first in pairs)
        print(f"{file:12}{work:7.2f} s{ratio:8.1f} ×{size:8.0f} MB{peak:7.0f} MB")


def main() -> None:
    """Make the records and their store, and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=FILES, default=list(FILES))
    parser.add_argument("--way", help=argparse.SUPPRESS)
    for name in ("--folder", "--out"):
        parser.add_argument(name, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        measure(asked.folder, asked.way, asked.out)
        return
    with tempfile.TemporaryDirectory() as name:
        prepare(Path(name), asked.records)
        compare(Path(name), asked.only, asked.rounds)


if __name__ == "__main__":
    main()
