"""A workspace, the application over it without the screen, and a server that really listens."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from studio.settings import Limits, Settings
from studio.web.app import create_app
from studio.workspace import Workspace
from tests.hub_server import HubServer
from tests.web.boundary import TOKEN, UPLOAD_BYTES, Served, start_server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(workspace=tmp_path / "work", limits=Limits(upload_bytes=UPLOAD_BYTES))


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings, ui=False), base_url="http://127.0.0.1:7860") as client:
        yield client


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    with start_server(folder) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        yield Served(process, int(url.rsplit(":", 1)[1]), folder)
        process.terminate()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """A Hub that knows one account, whose token is TOKEN."""
    with HubServer({}, {}, accounts={TOKEN: ("me",)}) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
        monkeypatch.delenv("HF_TOKEN", raising=False)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield server
