"""With the screen mounted: every route of Gradio is needed or closed, and all stand under the guard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.routing import Mount
from starlette.testclient import TestClient

from studio.settings import Settings
from studio.web.app import create_app
from studio.web.guard import HEADERS
from studio.web.screen import is_open

# A release of Gradio that adds a route fails the test below, until somebody has decided whether it is needed.
OPEN = {
    "/", "/assets/{path}", "/config", "/favicon.ico", "/manifest.json", "/robots.txt", "/static/{path}",
    "/svelte/{path}", "/theme.css", "/gradio_api/app_id", "/gradio_api/call/v2/{api_name}",
    "/gradio_api/call/{api_name}", "/gradio_api/call/{api_name}/{event_id}",
    "/gradio_api/call/v2/{api_name}/{event_id}", "/gradio_api/cancel",
    "/gradio_api/heartbeat/{session_hash}", "/gradio_api/info", "/gradio_api/login_check",
    "/gradio_api/queue/data", "/gradio_api/queue/join", "/gradio_api/queue/status", "/gradio_api/reset",
    "/gradio_api/run/{api_name}", "/gradio_api/startup-events", "/gradio_api/theme.css",
}  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(Settings(workspace=tmp_path_factory.mktemp("screen")))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1:7860") as client:
        yield client


def list_paths(routes: list[Any], prefix: str = "") -> Iterator[str]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from list_paths(included.routes, prefix)
        else:
            yield prefix + route.path


def find_gradio_paths(app: FastAPI) -> set[str]:
    [screen] = [route for route in app.routes if isinstance(route, Mount) and route.path == ""]
    return {path.rstrip("/").replace(":path}", "}") or "/" for path in list_paths(screen.routes)}


def test_every_route_of_gradio_is_open_on_purpose_or_closed(app: FastAPI) -> None:
    paths = find_gradio_paths(app)
    opened = {path for path in paths if is_open(path)}
    print(f"screen: {len(paths)} routes of Gradio, {len(opened)} open, {len(paths - opened)} closed")
    assert sorted(opened - OPEN) == []


def test_the_screen_answers_with_the_headers(client: TestClient) -> None:
    answers = [
        *(
            client.get(path)
            for path in ("/", "/config", "/theme.css", "/gradio_api/info", "/gradio_api/proxy=x")
        ),
        client.get("/assets/nothing.js"),
        client.post("/gradio_api/run/nothing", json={"data": []}),
        client.post("/gradio_api/queue/join", content=b"{"),
        client.post("/gradio_api/run/x", content=b"x" * (5 << 20)),
        client.get("/", headers={"host": "evil.example"}),
    ]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, answer.url
    statuses = {answer.status_code for answer in answers}
    assert {200, 404, 413, 421} <= statuses


def test_no_answer_of_the_screen_names_a_file_of_the_program(client: TestClient) -> None:
    wrong: list[Any] = [
        None,
        1,
        "x",
        [],
        {},
        {"data": None},
        {"data": [None] * 50},
        {"fn_index": -1, "data": []},
    ]
    answers = [
        client.post(f"/gradio_api/{path}", json=body) for path in ("run/x", "call/x") for body in wrong
    ]
    answers += [client.post("/gradio_api/queue/join", json=body) for body in wrong]
    answers += [client.post("/gradio_api/run/predict", json={"fn_index": n, "data": ["x"]}) for n in range(5)]
    for answer in answers:
        assert "Traceback" not in answer.text and str(Path(__file__).parents[2]) not in answer.text
    assert client.get("/healthz").status_code == 200
    print(f"screen: {len(answers)} wrong calls, 0 tracebacks")
