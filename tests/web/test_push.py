"""Pushing over HTTP: the look, the push, its state; and the token, which nothing keeps."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.cli.push import describe_lines
from studio.errors import ExportError
from studio.export import open_export
from studio.publish.pushing import list_files
from studio.settings import Settings
from studio.task import TaskState
from studio.web.app import create_app
from studio.workspace import Workspace
from tests.hub_server import HubServer
from tests.web.boundary import TOKEN, end_of, store_export

PARTS = {"train": b'{"prompt": "a"}\n' * 400, "test": b'{"prompt": "b"}\n'}


def test_an_export_is_looked_at_and_pushed_and_the_token_is_kept_nowhere(
    client: TestClient, workspace: Workspace, hub: HubServer, caplog: pytest.LogCaptureFixture
) -> None:
    export_id = store_export(workspace, PARTS)
    address = f"/api/v1/exports/{export_id}/push"
    answers = [client.get(address).text]
    assert client.get(address).json()["state"] == "none"
    request = {"repo": "me/docs", "token": TOKEN}
    answers.append(client.post(address, json=request | {"dry_run": True}).text)
    plan = end_of(client, address)
    assert [plan["state"], plan["dry_run"], plan["plan"]["user"]] == ["done", True, "me"]
    names = ("train.jsonl", "test.jsonl", "recipe.yaml", "manifest.json")
    assert [(file["path"], file["state"]) for file in plan["plan"]["files"]] == [(n, "new") for n in names]
    assert hub.datasets == {}
    answers.append(client.post(address, json=request).text)
    done = end_of(client, address)
    assert [done["state"], done["repo"], done["private"]] == ["done", "me/docs", True]
    assert done["plan"]["url"] == f"{hub.endpoint}/datasets/me/docs"
    assert done["done"] <= done["total"]
    for part, data in PARTS.items():
        assert hub.datasets["me/docs"][f"{part}.jsonl"] == data
    answers.append(client.post(address, json=request | {"token": "hf_WrongWrongWrong"}).text)
    failed = end_of(client, address)
    assert failed["problem"]["message"] == "The Hub does not know this token."
    kept = [path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()]
    said = [*answers, json.dumps([plan, done, failed]), caplog.text]
    print(f"{len(kept)} files and {len(said)} answers scanned for the token")
    for secret in (TOKEN, "hf_WrongWrongWrong"):
        assert not [text for text in said if secret in text]
        assert not [data for data in kept if secret.encode() in data]


def test_what_is_no_push_is_refused_at_once(
    client: TestClient, workspace: Workspace, settings: Settings, hub: HubServer
) -> None:
    export_id = store_export(workspace, PARTS)
    address = f"/api/v1/exports/{export_id}/push"
    answer = client.post(address, json={"repo": "docs", "token": TOKEN})
    assert answer.status_code == 400
    assert "is no name of a dataset" in answer.json()["error"]
    assert "This is no token" in client.post(address, json={"repo": "me/a", "token": "a b"}).json()["error"]
    assert client.post(f"/api/v1/exports/{'0' * 32}/push", json={"repo": "me/a"}).status_code == 404
    shared = replace(settings, local_paths=False)
    with TestClient(create_app(shared, ui=False), base_url="http://127.0.0.1:7860") as others:
        said = others.post(address, json={"repo": "me/a"}).json()
    assert said["hint"] == "Give your own, with the role write."
    assert client.get(address).json()["state"] == "none"


def test_one_push_of_an_export_goes_on_at_a_time(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = store_export(workspace, PARTS)
    folder = workspace.push_folder(export_id)

    def begin(at: Path, module: str, request: dict[str, Any], **_: Any) -> TaskState:
        at.mkdir(exist_ok=True)
        (at / "request.json").write_text(json.dumps(request))
        (at / "state.json").write_text("{}")
        return TaskState(id=at.name, state="running", done=1, total=2)

    monkeypatch.setattr("studio.publish.sending.start_task", begin)
    monkeypatch.setattr("studio.publish.sending.read_task", lambda at: TaskState(id=at.name, state="running"))
    address = f"/api/v1/exports/{export_id}/push"
    request = {"repo": "me/docs", "token": TOKEN}
    assert client.post(address, json=request).json()["total"] == 2
    assert client.post(address, json=request).json()["state"] == "running"
    answer = client.post(address, json=request | {"dry_run": True})
    assert answer.json()["error"] == "This export is being pushed to me/docs."
    assert TOKEN not in (folder / "request.json").read_text()


def test_the_command_pushes_with_a_token_from_standard_input(
    workspace: Workspace, hub: HubServer, tmp_path: Path
) -> None:
    folder = workspace.export_folder(store_export(workspace, PARTS))

    def studio(*options: str) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "studio", "push", str(folder), "me/docs", "--token-stdin", *options]
        env = {**os.environ, "STUDIO_WORKSPACE": str(tmp_path / "own")}
        done = subprocess.run(
            command, input=f"{TOKEN}\n", capture_output=True, text=True, env=env, check=False
        )
        return done.returncode, done.stdout, done.stderr

    code, out, error = studio("--public", "--json")
    assert code == 0, error
    answer = json.loads(out)
    assert [answer["repo"], answer["private"], answer["asks"]] == ["me/docs", False, False]
    assert hub.datasets["me/docs"]["test.jsonl"] == PARTS["test"]
    code, _, error = studio()
    assert code == 2
    assert "error: me/docs is public: everyone would see the files." in error
    assert TOKEN not in out + error
    assert not [
        path for path in (tmp_path / "own").rglob("*") if path.is_file() and TOKEN in path.read_text()
    ]


def test_nothing_from_outside_of_the_export_is_pushed(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("mine")
    folder = workspace.export_folder(store_export(workspace, PARTS))
    (folder / "linked.jsonl").symlink_to(tmp_path / "secret.txt")
    names = list(list_files(open_export(folder)))
    assert names == ["train.jsonl", "test.jsonl", "recipe.yaml", "manifest.json"]
    for name in ("../../../secret.txt", str(tmp_path / "secret.txt"), "none.jsonl", "linked.jsonl"):
        described = {"manifest": 1, "parts": {"train": {"file": name, "records": 1}}}
        (folder / "manifest.json").write_text(json.dumps(described))
        with pytest.raises(ExportError, match="which is no file of it"):
            list_files(open_export(folder))


def test_the_command_says_what_a_dry_run_found_in_words() -> None:
    answer = {
        "repo": "me/docs",
        "user": "me",
        "private": True,
        "exists": True,
        "files": [{"path": "train.jsonl", "bytes": 6400, "state": "changed"}],
        "others": ["notes.txt"],
        "bytes": 6400,
        "asks": True,
        "url": "https://hub/datasets/me/docs",
    }
    assert describe_lines(answer, dry_run=True) == [
        "Would push 6,400 bytes to me/docs (private; it exists) as me.",
        "train.jsonl  6,400 bytes  changed",
        "notes.txt  stays as it is",
        "It holds other files: to push all the same give --replace.",
    ]
    head, *_ = describe_lines(answer, dry_run=False)
    assert head == "Pushed 6,400 bytes to https://hub/datasets/me/docs (private)."
