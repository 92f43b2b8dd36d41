"""What an export does to those who browse meanwhile: the pages of five people, before it and during it.

    python benchmarks/export.py [--records 1000000] [--people 5] [--file jsonl]

A studio is started as a person starts it. Each of the people asks for a page of 50 records somewhere in the
table, now and then with a search, looks at it for a moment, and asks for the next; then an export is written
in a process of its own while they go on. Also: the seconds until a download begins that is streamed without
writing anything. Asserts nothing; wanted: p95 of a page < 100 ms while it goes on.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from data import write_records

ALONE = 8.0  # seconds in which people browse alone
LOOKS = 0.2  # seconds that a person looks at a page
PAGE = 50
WORDS = ("solar", "größe", "e", "999. ")


@contextmanager
def start_studio(workspace: Path) -> Iterator[httpx.Client]:
    """A studio without its screen, and a client of it."""
    command = [
        sys.executable,
        "-m",
        "studio",
        "serve",
        "--port",
        "0",
        "--json",
        "--workspace",
        str(workspace),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        try:
            with httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client:
                yield client
        finally:
            process.terminate()


def store(workspace: Path, folder: Path, records: int) -> str:
    """The records as a table of the workspace; its id."""
    from studio.pipeline import load_table
    from studio.settings import Settings
    from studio.source import Source
    from studio.workspace import Workspace

    path = folder / "records.jsonl"
    write_records(path, records)
    settings = Settings(workspace=workspace)
    opened = Workspace(settings)
    table_id = opened.new_id()
    load_table(Source(path=str(path)), opened.table_folder(table_id), settings)
    print(
        f"{records:,} records, {path.stat().st_size / 1e6:,.0f} MB, {os.cpu_count()} processors", flush=True
    )
    return table_id


def browse(client: httpx.Client, table_id: str, person: int, until: threading.Event) -> list[float]:
    """The milliseconds of every page that a person asks for until it is over."""
    chance, times = random.Random(person), []
    total = client.get(f"/tables/{table_id}/rows", params={"limit": 1}).json()["total"]
    while not until.is_set():
        asked: dict[str, Any] = {"offset": chance.randrange(total - PAGE), "limit": PAGE}
        if chance.random() < 0.1:
            asked = {"offset": 0, "limit": PAGE, "q": chance.choice(WORDS)}
        started = time.perf_counter()
        client.get(f"/tables/{table_id}/rows", params=asked).raise_for_status()
        times.append(1000 * (time.perf_counter() - started))
        until.wait(chance.uniform(0, 2 * LOOKS))
    return times


def show_pages(what: str, client: httpx.Client, table_id: str, people: int, work: Any) -> None:
    """The pages of so many people while `work` goes on."""
    over = threading.Event()
    with ThreadPoolExecutor(people) as threads:
        browsing = [threads.submit(browse, client, table_id, person, over) for person in range(people)]
        said = work()
        over.set()
        times = sorted(took for one in browsing for took in one.result())
    late = times[int(0.95 * len(times))]
    middle = statistics.median(times)
    figures = f"p50 {middle:5.1f}, p95 {late:5.1f}, most {times[-1]:6.1f} ms"
    print(f"{what:<24} {len(times):>5} pages   {figures}   {said}", flush=True)


def rest() -> str:
    time.sleep(ALONE)
    return ""


def export(client: httpx.Client, table_id: str, records: int) -> str:
    """Write exports for at least a few seconds."""
    started, made = time.perf_counter(), 0
    while time.perf_counter() - started < ALONE / 2:
        export_id = client.post(f"/tables/{table_id}/exports", json={}).raise_for_status().json()["id"]
        while True:
            exports = client.get(f"/tables/{table_id}/exports").json()["exports"]
            [state] = [one["state"] for one in exports if one["id"] == export_id]
            if state != "running":
                break
            time.sleep(0.2)
        assert state == "done", exports
        made += 1
        client.delete(f"/exports/{export_id}").raise_for_status()
    took = (time.perf_counter() - started) / made
    return f"an export takes {took:.1f} s, {records / took:,.0f} records/s"


def show_download(client: httpx.Client, table_id: str) -> None:
    """When a download begins that is made as it goes, and when it ends."""
    client.get(f"/tables/{table_id}/export/preview").raise_for_status()
    started, first, size = time.perf_counter(), 0.0, 0
    with client.stream("GET", f"/tables/{table_id}/export/parts/train") as answer:
        for piece in answer.iter_bytes():
            first = first or time.perf_counter() - started
            size += len(piece)
    took = time.perf_counter() - started
    print(f"download of train: begins after {first:.2f} s, {size / 1e6:,.0f} MB in {took:.1f} s", flush=True)


def main() -> None:
    """Store the records, and browse them without an export and with one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=5)
    parser.add_argument("--file", default="jsonl")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "work"
        table_id = store(workspace, Path(folder), asked.records)
        with start_studio(workspace) as client:
            client.put(f"/tables/{table_id}/export", json={"file": asked.file}).raise_for_status()
            show_pages("nobody exports", client, table_id, asked.people, rest)
            work = partial(export, client, table_id, asked.records)
            show_pages(f"an export to {asked.file}", client, table_id, asked.people, work)
            show_download(client, table_id)


if __name__ == "__main__":
    main()
