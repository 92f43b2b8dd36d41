"""What the tests of the boundary put into a workspace, and a server in a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from studio.record import Counts
from studio.run import Event, RunDir, RunSpec, RunState, write_event, write_json, write_state
from studio.source import Source
from studio.table import TableWriter
from studio.workspace import Workspace

TOKEN = "hf_CanaryCanaryCanaryCanary"
UPLOAD_BYTES = 300_000


def store_table(workspace: Workspace, lines: Sequence[dict[str, object] | str]) -> str:
    """Store a table as a reader would: a mapping is a record, a text is a line that did not parse."""
    table_id = workspace.new_id()
    source = Source(path="/somewhere/private/faq.jsonl")
    folder = workspace.table_folder(table_id)
    with TableWriter(folder, source=source, kind="jsonl", limits=workspace.settings.limits) as writer:
        for number, line in enumerate(lines, start=1):
            if isinstance(line, str):
                writer.quarantine(line.encode(), "not JSON", line=number, offset=0)
            else:
                fields = {name: json.dumps(value).encode() for name, value in line.items()}
                writer.add(fields, line=number, offset=0, length=10)
        table = writer.finish(complete=True, sha256="ab" * 32, size=123)
    assert table.counts == Counts(
        read=len(lines),
        accepted=len(table),
        quarantined=sum(isinstance(line, str) for line in lines),
        blank=0,
    )
    return table_id


def store_export(workspace: Workspace, parts: dict[str, bytes]) -> str:
    """An export folder as `write_export` leaves it."""
    export_id = workspace.new_id()
    folder = workspace.export_folder(export_id)
    folder.mkdir()
    for name, data in parts.items():
        (folder / f"{name}.jsonl").write_bytes(data)
    (folder / "recipe.yaml").write_text("version: 1\n")
    manifest = {"manifest": 1, "parts": {name: {"file": f"{name}.jsonl", "records": 1} for name in parts}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return export_id


def store_run(
    workspace: Workspace, state: str = "running", events: int = 3, steps: int = 0, **more: object
) -> RunDir:
    """A run directory with some progress, whose worker is not there; `more` goes into its state."""
    run_dir = RunDir(workspace.runs / workspace.new_id())
    run_dir.path.mkdir(parents=True)
    spec = RunSpec(
        run=run_dir.run,
        recipe={},
        template={},
        example_type="prompt-completion",
        base_model="tiny",
        train={},
        data={},
    )
    write_json(run_dir.spec_file, spec.to_dict())
    write_state(run_dir, RunState(run=run_dir.run, state=state, step=events, steps=steps, **more))  # type: ignore[arg-type]
    for step in range(1, events + 1):
        write_event(run_dir, Event(event="progress", step=step, loss=1 / step))
    return run_dir


SERVE = """
import json, sys
from pathlib import Path
from studio.errors import StudioError
from studio.settings import Limits, Settings
from studio.web.serve import serve

def announce(answer):
    print(json.dumps(answer), flush=True)

settings = Settings(workspace=Path(sys.argv[1]), limits=Limits(upload_bytes=300_000))
try:
    serve(settings, port=int(sys.argv[2]), ui=False, announce=announce)
except StudioError as error:
    print(f"error: {error.message}\\nhint: {error.hint}", file=sys.stderr)
    sys.exit(2)
"""


@dataclass(frozen=True, slots=True)
class Served:
    """A server in a process of its own."""

    process: "subprocess.Popen[str]"
    port: int
    workspace: Path


def start_server(folder: Path, port: int = 0, **env: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", SERVE, str(folder), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **env},
    )


def end_of(client: TestClient, address: str) -> dict[str, Any]:
    """What an address says of its work once that is over."""
    until = time.monotonic() + 60
    while (answer := client.get(address).json())["state"] == "running":
        assert time.monotonic() < until
        time.sleep(0.05)
    found: dict[str, Any] = answer
    return found
