"""Large files, and their readings held in mid-read, so that a machine of any speed shows a growing table."""

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.e2e.conftest import Server

PATIENCE = 60.0  # seconds until a worker has read its first records
READING = 120_000  # milliseconds that a large file may take on a busy machine


def write_large(path: Path, records: int = 450_000) -> Path:
    """Records of about 140 bytes: 450,000 are 63 MB, which take a few seconds to read."""
    answer = "It is a number. " * 6
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, records, 10_000):
            rows = range(start, start + 10_000)
            file.write("".join(f'{{"question": "What is {n}?", "answer": "{answer}"}}\n' for n in rows))
    return path


def load_path(page: Page, path: Path | str) -> None:
    """Type a source and press Load."""
    page.get_by_role("textbox", name="Hugging Face id").fill(str(path))
    page.get_by_role("button", name="Load", exact=True).click()


@contextmanager
def held_reading(server: Server) -> Iterator[int]:
    """The process id of the worker of the one reading, which stands still until the block ends."""
    worker = _find_worker(server.workspace)
    os.kill(worker, signal.SIGSTOP)
    try:
        yield worker
    finally:
        with suppress(ProcessLookupError):  # the test may have killed it
            os.kill(worker, signal.SIGCONT)


def _find_worker(workspace: Path) -> int:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for folder in (workspace / "ingests").glob("*"):
            state = _read_json(folder / "state.json")
            if state.get("state") == "reading" and state.get("records", 0) > 0:
                return int(_read_json(folder / "lock")["pid"])
        time.sleep(0.01)
    raise AssertionError("no reading began")


def _read_json(path: Path) -> dict[str, int | str]:
    try:
        values: dict[str, int | str] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return values


def table_chip(page: Page) -> Locator:
    """What the top bar says of the table."""
    return page.get_by_title("Choose a dataset")
