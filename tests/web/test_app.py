"""The whole application: every answer has the headers, none a traceback; Gradio's extras are closed."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from studio.settings import Settings
from studio.web import app as web_app
from studio.web.app import create_app
from studio.web.guard import HEADERS
from studio.web.logs import log_stderr, open_logs
from studio.web.screen import is_open
from studio.workspace import Workspace
from tests.web.boundary import store_export, store_run, store_table


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "assets"
    for name in ("scripts", "data"):
        (folder / name).mkdir(parents=True)
    (folder / "scripts" / "studio.js").write_text("1")
    (folder / "scripts" / "away").symlink_to("/etc")
    (folder / "data" / "sample.jsonl").write_text("{}")
    monkeypatch.setattr(web_app, "ASSETS", folder)
    return folder


@pytest.fixture
def studio_log(settings: Settings) -> Iterator[Path]:
    kept = {name: logging.getLogger(name).handlers[:] for name in ("studio", "uvicorn", "py.warnings")}
    Workspace(settings)
    yield next(path for path in open_logs(settings.workspace / "logs") if path.name == "studio.log")
    logging.captureWarnings(False)
    for name, handlers in kept.items():
        logger = logging.getLogger(name)
        for handler in logger.handlers:
            handler.close()
        logger.handlers[:] = handlers
        logger.propagate = True


def test_health_is_answered(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "version": "0.1.0"}


def test_every_kind_of_answer_has_the_headers(client: TestClient, workspace: Workspace) -> None:
    table, export = store_table(workspace, [{"a": "b"}]), store_export(workspace, {"train": b"{}\n"})
    run = store_run(workspace, "succeeded").run
    answers = [
        *(client.get(path) for path in ("/healthz", "/", "/nowhere", "/api/nowhere", "/api/v1/tables")),
        *(
            client.get(f"/api/v1/tables/{table}{part}")
            for part in ("", "/rows", "/records/0", "/recipe.yaml")
        ),
        *(client.get(f"/api/v1/exports/{export}{part}") for part in ("", ".zip", "/files/train.jsonl")),
        *(client.get(f"/api/v1/runs/{run}{part}") for part in ("", "/events", "/log")),
        client.get("/api/v1/tables/unknown"),
        client.get(f"/api/v1/tables/{table}/rows?limit=x"),
        client.get("/api/v1/tables", headers={"host": "evil.example"}),
        client.get("/api/v1/tables", headers={"origin": "http://evil.example"}),
        client.put("/api/v1/uploads/a.csv", content=b"a"),
        client.put("/api/v1/uploads/a.csv", content=b"a" * 300_001),
        client.post("/healthz"),
        client.get("/gradio_api/proxy=http://example.org"),
    ]
    missing = [
        (answer.url, name)
        for answer in answers
        for name, value in HEADERS.items()
        if answer.headers.get_list(name) != [value]
    ]
    statuses = sorted({answer.status_code for answer in answers})
    print(f"headers: {len(answers)} answers of {statuses}, {len(missing)} missing")
    assert missing == []
    assert {200, 201, 400, 403, 404, 405, 413, 421} <= set(statuses)


def test_answers_of_the_api_are_never_kept(client: TestClient) -> None:
    assert client.get("/api/v1/tables").headers["cache-control"] == "no-store"


def test_a_bug_is_an_answer_in_words_and_a_traceback_in_the_log(
    client: TestClient, studio_log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(workspace: Workspace) -> list[str]:
        raise ZeroDivisionError("a secret \x1b[31m of the program")

    monkeypatch.setattr(Workspace, "table_ids", fail)
    answer = client.get("/api/v1/tables")
    assert answer.status_code == 500
    assert answer.json() == {"error": "internal error", "hint": "See logs/studio.log in the workspace."}
    assert "content-security-policy" in answer.headers
    log = studio_log.read_text()
    assert "ZeroDivisionError" in log and "GET /api/v1/tables" in log and "\x1b" not in log


def test_unknown_addresses_of_the_api_are_answered_as_the_api_does(client: TestClient) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH"):
        answer = client.request(method, "/api/v2/anything")
        assert (answer.status_code, set(answer.json())) == (404, {"error", "hint"})
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert client.get(path).status_code == 404


def test_assets_come_from_the_listed_folders_alone(settings: Settings, assets: Path) -> None:
    client = TestClient(create_app(settings, ui=False), base_url="http://localhost")
    script = client.get("/assets/scripts/studio.js")
    assert (script.status_code, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    for path in ("data/sample.jsonl", "scripts/../data/sample.jsonl", "scripts/%2e%2e/data/sample.jsonl"):
        assert client.get(f"/assets/{path}").status_code == 404, path
    for path in ("scripts/away/hostname", "scripts/", "scripts"):
        assert client.get(f"/assets/{path}").status_code in (404, 405), path


NEEDED = [
    "/", "/config", "/theme.css", "/assets/index-a.js", "/static/img/x.svg", "/favicon.ico",
    "/gradio_api/queue/join", "/gradio_api/queue/data", "/gradio_api/heartbeat/abc", "/gradio_api/info",
    "/gradio_api/run/predict", "/gradio_api/app_id", "/gradio_api/startup-events",
]  # fmt: skip
CLOSED = [
    "/gradio_api/proxy=https://example.org", "/gradio_api/file=https://example.org/x", "/gradio_api/file=ftp://x",
    "/gradio_api/vibe-edit/", "/gradio_api/vibe-code", "/gradio_api/deep_link", "/gradio_api/runs",
    "/gradio_api/run-history/connect", "/gradio_api/process_recording", "/gradio_api/dev/reload",
    "/gradio_api/profiling/traces", "/gradio_api/openapi.json", "/gradio_api/mcp/sse", "/gradio_api/stream/x",
    "/gradio_api/", "/monitoring", "/monitoring/summary", "/login", "/login/", "/logout",
    "/gradio_api//proxy=x", "/gradio_api/upload", "/gradio_api/file=/tmp/gradio/x.png", "/gradio_api/file/x",
]  # fmt: skip


def test_of_gradio_only_what_the_page_needs_is_open() -> None:
    assert [path for path in NEEDED if not is_open(path)] == []
    assert [path for path in CLOSED if is_open(path)] == []
    print(f"screen: {len(CLOSED)} closed routes of Gradio, 0 open")


def test_what_gradio_prints_about_a_failed_handler_goes_to_the_log(
    studio_log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with log_stderr():
        sys.stderr.write("Traceback\n  half a ")
        sys.stderr.write("line\nrest")
    assert capsys.readouterr().err == ""
    assert "studio.stderr:   half a line" in studio_log.read_text()


def test_a_start_sweeps_what_a_killed_export_left(settings: Settings, workspace: Workspace) -> None:
    left = workspace.exports / f".{workspace.new_id()}.part-0a1b2c3d"
    left.mkdir()
    (left / "train.jsonl").write_text("{")
    whole = store_export(workspace, {"train": b"{}\n"})
    with TestClient(create_app(settings, ui=False)):
        assert [entry.name for entry in workspace.exports.iterdir()] == [whole]
