"""What looking at a million records takes on the server: pages, searches, filters, sorts, statistics, memory.

    python benchmarks/browse.py [--records 1000000] [--rounds 3]

The records are read once; everything else is timed in a new process that knows only the stored table, each
figure the median of the rounds beside its goal, and beside pandas over the same records in memory where it
has such a thing. A search is timed to its first 50 hits and to its end. Asserts nothing.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from data import write_records

REQUESTS = 800
READERS = 8
PAGE = 50


def store(folder: Path, records: int) -> Path:
    """The records as a table in a workspace; returns the file that they came from."""
    from studio.pipeline import load_table
    from studio.settings import Settings
    from studio.source import Source
    from studio.workspace import Workspace

    path = folder / "records.jsonl"
    write_records(path, records)
    settings = Settings(workspace=folder / "work")
    workspace = Workspace(settings)
    table = load_table(Source(path=str(path)), workspace.table_folder(workspace.new_id()), settings)
    print(f"{len(table):,} records, {path.stat().st_size / 1e6:,.0f} MB of JSON Lines", flush=True)
    return path


class Memory:
    """The most of this process's own memory, without the pages of mapped files, looked at all the time."""

    def __init__(self) -> None:
        self.most = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            self.most = max(self.most, read_status("RssAnon"))
            time.sleep(0.005)


def read_status(name: str) -> int:
    """A figure of /proc/self/status, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def time_rounds(work: Callable[[], Any], rounds: int) -> float:
    """The median of the seconds that the work takes."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def say(what: str, figure: str, goal: str = "", beside: str = "") -> None:
    print(f"{what:<44} {figure:>22}   {goal:<22} {beside}".rstrip(), flush=True)


def show_pages(workspace: Any, table_id: str) -> None:
    """Pages near the end of the table as the server answers them, for one reader and for eight at once."""
    from starlette.requests import Request

    from studio.table.query import Query
    from studio.web.api.rows import show_rows
    from studio.web.searches import Searches

    searches, records = Searches(), len(workspace.table(table_id))
    request = Request({"type": "http", "headers": []})

    async def time_page(row: int) -> float:
        started = time.perf_counter()
        await show_rows(request, table_id, workspace, searches, Query(), row, PAGE, "")
        return 1000 * (time.perf_counter() - started)

    async def read(rows: list[int]) -> list[float]:
        return [await time_page(row) for row in rows]

    async def read_together(rows: list[int], readers: int) -> list[float]:
        await time_page(0)
        found = await asyncio.gather(*(read(rows[start::readers]) for start in range(readers)))
        return sorted(took for times in found for took in times)

    chance = random.Random(1)
    rows = [records * 9 // 10 + chance.randrange(records // 20) for _ in range(REQUESTS)]
    for readers in (1, READERS):
        times = asyncio.run(read_together(rows, readers))
        middle, late = (times[int(share * REQUESTS)] for share in (0.5, 0.99))
        what = f"page at row {records * 9 // 10:,}, {readers} at once"
        say(what, f"p50 {middle:.1f}, p99 {late:.1f} ms", "p99 < 20 ms")


def list_searches() -> Iterator[tuple[str, Any, str, bool]]:
    """Each search by name, with what pandas is asked for."""
    from studio.table.query import Search

    yield "a frequent word", Search("solar"), "solar", False
    yield "a rare word", Search("999999. "), "999999. ", False
    yield "no hit", Search("nowhere to be found"), "nowhere to be found", False
    yield "letters beyond ASCII", Search("größe привет"[:5]), "größe", False
    yield "CJK", Search("日本語"), "日本語", False
    yield "one letter", Search("e"), "e", False
    yield "case counts", Search("solar", case=True), "solar", False
    yield "a whole word", Search("sol", word=True), r"\bsol\b", True
    yield "an expression", Search(r"la\w+bo .*\?$", regex=True), r"la\w+bo .*\?$", True


def show_searches(table: Any, frame: Any, rounds: int) -> None:
    """Searches of all columns."""
    from studio.table.matching import find_rows, iter_matches
    from studio.table.query import Query

    def find_first(query: Query) -> None:
        total = 0
        for _, rows in iter_matches(table, query):
            total += len(rows)
            if total >= PAGE:
                return

    for name, search, pattern, regex in list_searches():
        query = Query(search=search)
        found = len(find_rows(table, query))
        whole = time_rounds(lambda query=query: find_rows(table, query), rounds)
        first = time_rounds(lambda query=query: find_first(query), rounds) if found >= PAGE else None
        beside = time_rounds(lambda p=pattern, r=regex, c=search.case: search_pandas(frame, p, r, c), 1)
        shown = f"{whole:.2f} s" if first is None else f"{whole:.2f} s, first {first:.3f} s"
        say(f"search, {name} ({found:,} hits)", shown, "< 0.5 s, first < 0.1 s", f"pandas {beside:.1f} s")


def search_pandas(frame: Any, pattern: str, regex: bool, case: bool) -> int:
    found = False
    for name in frame.columns:
        found = found | frame[name].str.contains(pattern, regex=regex, case=case)
    return int(found.sum())


def show_queries(table: Any, frame: Any, rounds: int) -> None:
    """Filters and sorting."""
    from studio.table.matching import find_rows
    from studio.table.query import Condition, Query

    lengths = Condition("output", "length", (100, 200))
    for name, query, beside in (
        ("empty", Query(conditions=(Condition("input", "empty"),)), lambda: (frame["input"] == "").sum()),
        ("length", Query(conditions=(lengths,)), lambda: frame["output"].str.len().between(100, 200).sum()),
        (
            "contains", Query(conditions=(Condition("output", "contains", "solar"),)),
            lambda: frame["output"].str.contains("solar", case=False, regex=False).sum(),
        ),
        (
            "equals", Query(conditions=(Condition("input", "equals", "x"),)),
            lambda: (frame["input"] == "x").sum(),
        ),
    ):  # fmt: skip
        took = time_rounds(lambda query=query: find_rows(table, query), rounds)
        say(f"filter, {name}", f"{took:.2f} s", "< 1 s", f"pandas {time_rounds(beside, 1):.1f} s")
    for column in ("instruction", "input", "output"):
        for descending in (False, True):
            query = Query(sort=column, descending=descending)
            took = time_rounds(lambda query=query: find_rows(table, query), rounds)
            beside = time_rounds(lambda column=column: frame[column].str.lower().argsort(kind="stable"), 1)
            way = "descending" if descending else "ascending"
            say(f"sort by {column}, {way}", f"{took:.2f} s", "< 1 s", f"pandas {beside:.1f} s")


def show_statistics(table: Any, frame: Any, rounds: int) -> None:
    """The figures of all columns."""
    from studio.table.statistics import describe_columns

    took = time_rounds(lambda: list(describe_columns(table)), rounds)
    first = time_rounds(lambda: next(describe_columns(table)), rounds)
    beside = time_rounds(lambda: [frame[name].str.len().describe() for name in frame.columns], 1)
    say("statistics of all columns", f"{took:.2f} s, first {first:.2f} s", "< 1 s", f"pandas {beside:.1f} s")


def look(folder: Path, rounds: int, part: str) -> None:
    """Time what a person does with the table in this workspace; or look at its memory."""
    from studio.settings import Settings
    from studio.workspace import Workspace

    workspace = Workspace(Settings(workspace=folder / "work"))
    [table_id] = workspace.table_ids()
    table = workspace.table(table_id)
    if part == "memory":
        memory = Memory()
        show_alone(workspace, table_id)
        most, mapped = memory.most / 1e6, read_status("VmHWM") / 1e6
        say(
            "most memory of all this", f"{most:,.0f} MB of its own", "", f"{mapped:,.0f} MB with mapped pages"
        )
        return
    show_pages(workspace, table_id)

    import pandas as pd

    frame = pd.read_json(folder / "records.jsonl", lines=True, dtype=str)
    show_searches(table, frame, rounds)
    show_queries(table, frame, rounds)
    show_statistics(table, frame, rounds)


def show_alone(workspace: Any, table_id: str) -> None:
    """One of everything, without pandas, for the sake of its memory."""
    from studio.table.matching import find_rows
    from studio.table.query import Query
    from studio.table.statistics import describe_columns

    table = workspace.table(table_id)
    for _, search, _, _ in list_searches():
        find_rows(table, Query(search=search))
    for column in table.names:
        find_rows(table, Query(sort=column))
    list(describe_columns(table))


def main() -> None:
    """Make the records, store them, and look at them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--part", choices=["times", "memory"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.folder and asked.part:
        look(asked.folder, asked.rounds, asked.part)
        return
    with tempfile.TemporaryDirectory() as folder:
        store(Path(folder), asked.records)
        print(f"{os.cpu_count()} processors", flush=True)
        for part in ("times", "memory"):
            command = [
                sys.executable,
                __file__,
                "--folder",
                folder,
                "--part",
                part,
                "--rounds",
                str(asked.rounds),
            ]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
