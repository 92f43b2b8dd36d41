"""A model is taken away over HTTP: its files, its zip, its card, its push; of an unfinished run nothing."""

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from studio.run import RunDir
from studio.workspace import Workspace
from tests.finished_runs import finish_run, write_weights
from tests.hub_server import HubServer
from tests.model_cards import LORA, MODEL
from tests.web.boundary import TOKEN, end_of

LLAMA = MODEL | {"model_type": "llama", "architecture": "LlamaForCausalLM"}


@pytest.fixture
def run_dir(workspace: Workspace) -> RunDir:
    return finish_run(workspace.runs / workspace.new_id(), adapter=True, model=LLAMA, train=LORA)


def test_what_is_listed_is_what_is_downloaded(client: TestClient, run_dir: RunDir) -> None:
    address = f"/api/v1/runs/{run_dir.run}"
    told = client.get(f"{address}/takeaway").json()
    assert [bundle["what"] for bundle in told["bundles"]] == ["model", "adapter"]
    for bundle in told["bundles"]:
        answer = client.get(f"{address}/{bundle['what']}.zip")
        assert int(answer.headers["content-length"]) == len(answer.content) == bundle["archive"]
        assert f'filename="{bundle["name"]}.zip"' in answer.headers["content-disposition"]
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
            assert sizes == {f"{bundle['name']}/{one['name']}": one["bytes"] for one in bundle["files"]}
            for one in bundle["files"]:
                alone = client.get(f"{address}/files/{bundle['what']}/{one['name']}")
                assert alone.content == archive.read(f"{bundle['name']}/{one['name']}")
    weights = client.get(f"{address}/files/model/model.safetensors", headers={"range": "bytes=0-7"})
    assert (weights.status_code, len(weights.content)) == (206, 8)


def test_card_and_modelfile_are_texts(client: TestClient, run_dir: RunDir) -> None:
    address = f"/api/v1/runs/{run_dir.run}"
    assert "library_name: transformers" in client.get(f"{address}/card").text
    assert "library_name: peft" in client.get(f"{address}/card?what=adapter").text
    assert client.get(f"{address}/modelfile").text.startswith("# A Llama model")


def test_an_unfinished_run_gives_nothing_in_words(client: TestClient, workspace: Workspace) -> None:
    run_dir = finish_run(workspace.runs / workspace.new_id(), state="cancelled", model=LLAMA)
    for path in ("takeaway", "card", "modelfile", "model.zip", "adapter.zip", "files/model/config.json"):
        answer = client.get(f"/api/v1/runs/{run_dir.run}/{path}")
        assert answer.status_code == 400
        assert "is cancelled" in answer.json()["error"]
    request = {"repo": "me/model", "token": TOKEN, "dry_run": True}
    assert "is cancelled" in client.post(f"/api/v1/runs/{run_dir.run}/push", json=request).json()["error"]
    assert client.get(f"/api/v1/runs/{'0' * 32}/takeaway").status_code == 404


def test_only_files_of_the_model_can_be_had(client: TestClient, run_dir: RunDir) -> None:
    write_weights(run_dir.path / "outside.safetensors")
    (run_dir.final / "vocab.json").symlink_to("/etc/passwd")
    names = (
        "optimizer.pt",
        "vocab.json",
        "..%2fspec.json",
        "%2e%2e",
        "..%5cspec.json",
        "outside.safetensors",
        "%00",
    )
    for name in names:
        answer = client.get(f"/api/v1/runs/{run_dir.run}/files/model/{name}")
        assert answer.status_code in (400, 404), name
        assert "root:" not in answer.text
    assert client.get(f"/api/v1/runs/{run_dir.run}/files/secret/config.json").status_code == 400


def test_where_ollama_cannot_ask_it_the_reason_is_said(client: TestClient, workspace: Workspace) -> None:
    run_dir = finish_run(workspace.runs / workspace.new_id())
    answer = client.get(f"/api/v1/runs/{run_dir.run}/modelfile")
    assert (answer.status_code, answer.json()["error"][:12]) == (400, "Not for tiny")


def test_a_model_is_looked_at_and_pushed_and_the_token_is_kept_nowhere(
    client: TestClient,
    workspace: Workspace,
    run_dir: RunDir,
    hub: HubServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    write_weights(run_dir.final / "model.safetensors", 2_000)
    address = f"/api/v1/runs/{run_dir.run}/push"
    assert client.get(address).json()["state"] == "none"
    request = {"repo": "me/model", "token": TOKEN}
    said = [client.post(address, json=request | {"dry_run": True}).text]
    plan = end_of(client, address)
    assert [plan["state"], plan["kind"], plan["plan"]["user"], plan["plan"]["private"]] == [
        "done",
        "model",
        "me",
        True,
    ]
    assert hub.models == {}
    said.append(client.post(address, json=request).text)
    done = end_of(client, address)
    assert done["plan"]["url"] == f"{hub.endpoint}/me/model"
    held = hub.models["me/model"]
    files = client.get(f"/api/v1/runs/{run_dir.run}/takeaway").json()["bundles"][0]["files"]
    assert {name: len(data) for name, data in held.items() if name != ".gitattributes"} == {
        one["name"]: one["bytes"] for one in files
    }
    assert hub.repositories["me/model"].private
    said.append(client.post(address, json=request | {"what": "adapter"}).text)
    refused = end_of(client, address)
    assert "me/model exists, and holds other files" in refused["problem"]["message"]
    assert hub.models["me/model"] == held
    kept = [path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()]
    said += [json.dumps([plan, done, refused]), caplog.text]
    print(f"{len(kept)} files and {len(said)} answers scanned for the token")
    assert not [text for text in said if TOKEN in text]
    assert not [data for data in kept if TOKEN.encode() in data]


def test_what_is_no_push_is_refused_at_once(client: TestClient, run_dir: RunDir) -> None:
    address = f"/api/v1/runs/{run_dir.run}/push"
    assert (
        "is no name of a model"
        in client.post(address, json={"repo": "model", "token": TOKEN}).json()["error"]
    )
    assert "This is no token" in client.post(address, json={"repo": "me/a", "token": "a b"}).json()["error"]
    assert client.post(address, json={"repo": "me/a", "what": "dataset"}).status_code == 400


@pytest.mark.detail
def test_the_command_pushes_an_adapter_with_a_token_from_standard_input(
    workspace: Workspace, run_dir: RunDir, hub: HubServer, tmp_path: Path
) -> None:
    def studio(*words: str) -> tuple[int, str, str]:
        command = [
            sys.executable,
            "-m",
            "studio",
            "runs",
            *words,
            "--workspace",
            str(workspace.root),
            "--json",
        ]
        env = {**os.environ, "HF_TOKEN_PATH": "/nonexistent"}
        done = subprocess.run(
            command, input=f"{TOKEN}\n", capture_output=True, text=True, env=env, cwd=tmp_path, check=False
        )
        return done.returncode, done.stdout, done.stderr

    push = ("push", run_dir.run[:6], "me/adapter", "--what", "adapter", "--token-stdin")
    code, out, error = studio(*push, "--dry-run")
    assert code == 0, error
    assert json.loads(out)["kind"] == "model"
    assert hub.models == {}
    code, out, error = studio(*push)
    assert code == 0, error
    assert "adapter_model.safetensors" in hub.models["me/adapter"]
    assert TOKEN not in out + error
