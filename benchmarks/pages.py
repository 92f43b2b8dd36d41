"""How long a page takes: the first of a source that nobody has read yet, and one deep in a table.

    python benchmarks/pages.py [--gigabytes 4] [--records 1000000]

The first page is the reading of 50 records and their table, in a new process (its imports aside) whose file
is not in memory, then once more. A deep page is what the web asks for: the table's description is read, its
file mapped, and 50 records come back. Asserts nothing; wanted: first page < 300 ms, deep page p99 < 20 ms.
"""

import argparse
import gzip
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from data import write_records

ROUNDS = 5
REQUESTS = 400


def write_large(folder: Path, gigabytes: float) -> list[Path]:
    """A JSON Lines file of that size, and one of 300 MB in gzip: the same records over and over."""
    block_path = folder / "block.jsonl"
    write_records(block_path, 100_000)
    block = block_path.read_bytes()
    plain, packed = folder / "large.jsonl", folder / "large.jsonl.gz"
    member = gzip.compress(block, compresslevel=1)
    for path, piece, size in ((plain, block, gigabytes * 1e9), (packed, member, 300e6)):
        with path.open("wb") as file:
            while file.tell() < size:
                file.write(piece)
            os.fsync(file.fileno())
    return [plain, packed]


def forget_file(path: Path) -> None:
    """Drop the file's pages from memory."""
    with path.open("rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def time_first_page(path: Path) -> None:
    """Print the milliseconds of two first pages, one after another."""
    from studio.reader import read_source
    from studio.settings import Settings
    from studio.source import parse_source

    for _ in range(2):
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            started = time.perf_counter()
            source = parse_source(str(path))
            table = read_source(source, Path(folder, "t"), Settings(workspace=Path(folder)), look=50)
            rows = table.page(0, 50).rows
            print(1000 * (time.perf_counter() - started), flush=True)
        assert len(rows) == 50


def show_first_pages(path: Path) -> None:
    """The first page of a file in processes of their own."""
    cold, warm = [], []
    for _ in range(ROUNDS):
        forget_file(path)
        command = [sys.executable, __file__, "--first-page", str(path)]
        answers = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.split()
        cold.append(float(answers[0]))
        warm.append(float(answers[1]))
    size = path.stat().st_size / 1e6
    print(
        f"first page of {path.name} ({size:,.0f} MB)   median {statistics.median(cold):4.0f} ms,"
        f" most {max(cold):4.0f} ms; again {statistics.median(warm):4.0f} ms"
    )


def show_deep_pages(folder: Path, records: int) -> None:
    """Pages near the end of a table, for one reader and for eight at once."""
    from studio.reader import read_source
    from studio.settings import Settings
    from studio.source import Source
    from studio.table import Table

    path = folder / "records.jsonl"
    write_records(path, records)
    table = read_source(Source(path=str(path)), folder / "t", Settings(workspace=folder)).folder

    def time_page(row: int) -> float:
        started = time.perf_counter()
        assert len(Table.open(table).page(row, 50).rows) == 50
        return 1000 * (time.perf_counter() - started)

    chance = random.Random(1)
    rows = [records * 9 // 10 + chance.randrange(records // 20) for _ in range(REQUESTS)]
    time_page(0)
    for readers in (1, 8):
        with ThreadPoolExecutor(readers) as pool:
            times = sorted(pool.map(time_page, rows))
        middle, late = (times[int(share * REQUESTS)] for share in (0.5, 0.99))
        print(
            f"page at row {records * 9 // 10:,}, {readers} at once   p50 {middle:4.1f} ms, p99 {late:4.1f} ms"
        )


def main() -> None:
    """Make the files, and time the pages."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--gigabytes", type=float, default=4)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--first-page", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.first_page:
        time_first_page(asked.first_page)
        return
    with tempfile.TemporaryDirectory() as folder:
        for path in write_large(Path(folder), asked.gigabytes):
            show_first_pages(path)
            path.unlink()
        show_deep_pages(Path(folder), asked.records)


if __name__ == "__main__":
    main()
