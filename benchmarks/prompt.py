"""How long the page waits for a preview while a template is typed, on the server's side.

    python benchmarks/prompt.py [--records 10000]

The alpaca template is typed letter by letter, and after every letter the preview of a record is asked for
through the whole web application, as the page asks: half of these templates do not parse. Then the same over
records each of which has a cell of 1 MB, of which the page is sent what it may show. Saving the template is
timed too. Asserts nothing; wanted: p95 of a preview < 60 ms.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from data import iter_records
from starlette.testclient import TestClient

from studio.reader import read_source
from studio.settings import Settings
from studio.source import parse_source
from studio.styles import STYLES
from studio.web.app import create_app
from studio.workspace import Workspace

STYLE = "alpaca"
LARGE = 1_000_000


def store_records(workspace: Workspace, path: Path, large: bool, count: int) -> str:
    """A table of records with instruction, input and output; with `large` every output has 1 MB."""
    with path.open("w", encoding="utf-8") as file:
        for record in iter_records(count):
            if large:
                record["output"] = (record["output"] + "\n") * (LARGE // (len(record["output"]) + 1) + 1)
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    table_id = workspace.new_id()
    read_source(parse_source(str(path)), workspace.table_folder(table_id), workspace.settings)
    return table_id


def type_template() -> list[dict[str, str]]:
    """The template after each keystroke: the prompt first, then the completion."""
    prompt, completion = (part.source for part in STYLES[STYLE].templates[0].parts)
    typed = [(prompt[:end], "") for end in range(len(prompt) + 1)]
    typed += [(prompt, completion[:end]) for end in range(1, len(completion) + 1)]
    return [{"prompt": one, "completion": two} for one, two in typed]


def time_requests(client: TestClient, method: str, path: str, bodies: list[dict[str, Any]]) -> list[float]:
    """The milliseconds of each request, in order."""
    taken = []
    for body in bodies:
        started = time.perf_counter()
        answer = client.request(method, path, json=body)
        taken.append((time.perf_counter() - started) * 1000)
        assert answer.status_code in (200, 400), answer.text
    return taken


def show(name: str, taken: list[float]) -> None:
    """One line: the median, the 95th percentile and the longest."""
    p95 = statistics.quantiles(taken, n=20)[-1]
    print(
        f"{name:<44} {len(taken):5} requests  p50 {statistics.median(taken):6.1f} ms  p95 {p95:6.1f} ms  "
        f"max {max(taken):6.1f} ms"
    )


def main() -> None:
    """Store both tables, and type."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=10_000)
    asked = parser.parse_args()
    typed = type_template()
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(workspace=Path(name) / "work")
        workspace = Workspace(settings)
        small = store_records(workspace, Path(name) / "small.jsonl", False, asked.records)
        large = store_records(workspace, Path(name) / "large.jsonl", True, 20)
        with TestClient(create_app(settings, ui=False), base_url="http://127.0.0.1:7860") as client:
            for words, table_id, rows in (("", small, asked.records), (" of records with 1 MB", large, 20)):
                path = f"/api/v1/tables/{table_id}/prompt"
                bodies = [{"template": one, "row": at * 37 % rows} for at, one in enumerate(typed)]
                show(
                    f"preview after a keystroke{words}",
                    time_requests(client, "POST", f"{path}/preview", bodies),
                )
                saved = [{"template": one} for one in typed[::10]]
                show(f"saving the template{words}", time_requests(client, "PUT", path, saved))


if __name__ == "__main__":
    main()
