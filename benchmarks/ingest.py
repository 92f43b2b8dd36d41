"""How long a JSON Lines file takes into a store, beside the ready readers, as ratios from the same run.

    python benchmarks/ingest.py [--records 1000000] [--rounds 3] [--only studio datasets] [--file FILE]

Each reading is a process of its own, which says how long the call took (imports aside) and its peak memory,
mapped pages of files included. They take turns, and the median of each counts. The studio hashes the file,
keeps every value's spelling, the place of each record and what does not parse, and syncs to disk; pandas and
`polars.read_ndjson` store nothing. Asserts nothing; wanted: at most 1.00 × datasets, 500 MB.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from data import write_records


def read_with_studio(path: Path, folder: Path) -> int:
    """The whole file into a table."""
    from studio.reader import read_source
    from studio.settings import Settings
    from studio.source import Source

    return measure(lambda: len(read_source(Source(path=str(path)), folder / "t", Settings(workspace=folder))))


def read_with_datasets(path: Path, folder: Path) -> int:
    """Into a cache that is empty."""
    os.environ |= {"HF_HOME": str(folder), "HF_HUB_OFFLINE": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    from datasets import load_dataset

    return measure(
        lambda: len(load_dataset("json", data_files=str(path), split="train", cache_dir=str(folder)))
    )


def read_with_pandas(path: Path, folder: Path) -> int:
    """Into memory."""
    import pandas as pd

    return measure(lambda: len(pd.read_json(path, lines=True)))


def read_with_polars(path: Path, folder: Path) -> int:
    """Into memory."""
    import polars as pl

    return measure(lambda: len(pl.read_ndjson(path)))


def sink_with_polars(path: Path, folder: Path) -> int:
    """Streamed into an Arrow file."""
    import polars as pl

    def sink() -> int:
        pl.scan_ndjson(path).sink_ipc(folder / "t.arrow")
        return pl.scan_ipc(folder / "t.arrow").select(pl.len()).collect().item()

    return measure(sink)


READERS: dict[str, Callable[[Path, Path], int]] = {
    "studio": read_with_studio,
    "datasets": read_with_datasets,
    "pandas": read_with_pandas,
    "polars": read_with_polars,
    "polars-sink": sink_with_polars,
}


def measure(call: Callable[[], int]) -> int:
    """Print what the call took, and the records that it counted."""
    started = time.perf_counter()
    records = call()
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "megabytes": read_peak(), "records": records}))
    return records


def read_peak() -> float:
    """The most memory that this process held, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1e3


def run_reader(name: str, path: Path) -> dict[str, float]:
    """One reading in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        command = [sys.executable, __file__, "--file", str(path), "--reader", name, "--folder", folder]
        started = time.perf_counter()
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return json.loads(done.stdout) | {"process": time.perf_counter() - started}


def compare_readers(path: Path, names: list[str], rounds: int) -> None:
    """Run all in turn, round by round, and print the medians."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(run_reader(name, path))
    megabytes = path.stat().st_size / 1e6
    records = {run["records"] for runs in found.values() for run in runs}
    print(f"{megabytes:,.0f} MB, records: {', '.join(f'{count:,}' for count in records)}; {rounds} rounds")
    print("               call    × datasets      process    × datasets     rate      peak memory")
    for name, runs in found.items():
        call, process, peak = (
            statistics.median(run[key] for run in runs) for key in ("seconds", "process", "megabytes")
        )
        of_call, of_process = (ratio(found, name, key) for key in ("seconds", "process"))
        print(
            f"{name:12} {call:6.2f} s {of_call:>10} {process:10.2f} s {of_process:>10}"
            f" {megabytes / call:8.0f} MB/s {peak:8.0f} MB"
        )


def ratio(found: dict[str, list[dict[str, float]]], name: str, key: str) -> str:
    """The median over the rounds of what a reading took beside `datasets` in the same round."""
    if "datasets" not in found:
        return ""
    pairs = zip(found[name], found["datasets"], strict=True)
    return f"{statistics.median(run[key] / other[key] for run, other in pairs):.2f}"


def main() -> None:
    """Make the file unless one is given, and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=READERS, default=list(READERS))
    parser.add_argument("--file", type=Path)
    parser.add_argument("--reader", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.reader:
        READERS[asked.reader](asked.file, asked.folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = asked.file or Path(folder, "records.jsonl")
        if not asked.file:
            write_records(path, asked.records)
        compare_readers(path, asked.only, asked.rounds)


if __name__ == "__main__":
    main()
