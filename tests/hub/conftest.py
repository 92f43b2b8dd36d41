"""What the Hub's tests share: a small Hub with many datasets, and one read from it in one call."""

import io
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studio.hub import read_hub
from studio.settings import Settings
from studio.source import Source
from studio.table import Table
from tests.hub_server import HubServer, Repository

Read = Callable[..., Table]
Serve = Callable[..., HubServer]


@pytest.fixture(scope="session")
def server() -> Iterator[HubServer]:
    with HubServer({}, {}) as hub:
        yield hub


@pytest.fixture
def serve(server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """`serve("org/name", files, **repository)`: the Hub has that dataset from now on, with a README."""
    monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "HF_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    server.asked.clear()

    def add(name: str, files: Mapping[str, bytes], **repository: Any) -> HubServer:
        server.datasets[name] = {"README.md": b"# A dataset\n", **files}
        server.repositories[name] = Repository(**repository)
        return server

    return add


@pytest.fixture
def read(tmp_path: Path, settings: Settings) -> Read:
    """`read("org/name", …)`: the table of a Hub dataset, with options of a Source and of read_hub."""
    numbers = itertools.count()

    def read_named(name: str, *, progress: Any = None, live: bool = False, **options: Any) -> Table:
        folder = tmp_path / f"table-{next(numbers)}"
        return read_hub(Source(hub=name, **options), folder, settings, progress=progress, live=live)

    return read_named


def parquet(columns: Mapping[str, Any], **options: Any) -> bytes:
    """The bytes of a Parquet file; `options` are those of pyarrow's writer."""
    sink = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), sink, **options)
    return sink.getvalue()
