"""An export's files come as they are on disk, one by one or as one zip, and nothing else comes."""

import io
import json
import zipfile
from pathlib import Path

from starlette.testclient import TestClient

from studio.web.api.context import name_download
from studio.web.api.exports import stream_zip
from studio.workspace import Workspace
from tests.web.boundary import store_export

PARTS = {"train": b'{"prompt": "a"}\n' * 200_000, "test": '{"prompt": "é"}\n'.encode()}


def test_an_export_lists_its_manifest_and_files(client: TestClient, workspace: Workspace) -> None:
    export_id = store_export(workspace, PARTS)
    answer = client.get(f"/api/v1/exports/{export_id}").json()
    assert answer["id"] == export_id
    assert answer["parts"]["train"]["file"] == "train.jsonl"
    sizes = {file["name"]: file["bytes"] for file in answer["files"]}
    assert list(sizes) == ["train.jsonl", "test.jsonl", "recipe.yaml", "manifest.json"]
    assert sizes["train.jsonl"] == len(PARTS["train"])


def test_a_file_comes_byte_for_byte(client: TestClient, workspace: Workspace) -> None:
    export_id = store_export(workspace, PARTS)
    for name, data in PARTS.items():
        answer = client.get(f"/api/v1/exports/{export_id}/files/{name}.jsonl")
        assert answer.content == data
        assert answer.headers["content-length"] == str(len(data))
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="{name}.jsonl"')


def test_the_zip_holds_the_same_bytes_and_is_the_same_each_time(
    client: TestClient, workspace: Workspace
) -> None:
    export_id = store_export(workspace, PARTS)
    first = client.get(f"/api/v1/exports/{export_id}.zip")
    assert first.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["train.jsonl", "test.jsonl", "recipe.yaml", "manifest.json"]
        for path in workspace.export(export_id).files:
            assert archive.read(path.name) == path.read_bytes()
    for path in workspace.export(export_id).files:
        path.touch()
    assert client.get(f"/api/v1/exports/{export_id}.zip").content == first.content


def test_the_zip_is_never_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(bytes(range(256)) * 40_000)
    pieces = list(stream_zip([path]))
    assert len(pieces) > 5
    assert max(len(piece) for piece in pieces) < 2 << 20


def test_only_files_of_the_export_can_be_had(client: TestClient, workspace: Workspace) -> None:
    export_id = store_export(workspace, PARTS)
    folder = workspace.export_folder(export_id)
    (folder / "secret.txt").write_text("secret")
    (folder / "validation.jsonl").symlink_to("/etc/passwd")
    (workspace.root / "outside.jsonl").write_text("outside")
    parts = {name: {"file": f"{name}.jsonl"} for name in ("train", "test", "validation")}
    parts |= {"x": {"file": "../../outside.jsonl"}, "y": {"file": "/etc/passwd"}, "z": {"file": ".."}}
    (folder / "manifest.json").write_text(json.dumps({"parts": parts}))
    names = ["secret.txt", "validation.jsonl", "..%2f..%2foutside.jsonl", "%2e%2e", "outside.jsonl", "passwd"]
    for name in [
        *names,
        "..%5c..%5cx",
        "%00",
        "train.jsonl%00",
        "TRAIN.JSONL",
        "train.jsonl%2f",
        "recipe.yaml.",
    ]:
        answer = client.get(f"/api/v1/exports/{export_id}/files/{name}")
        assert answer.status_code == 404, name
    with zipfile.ZipFile(io.BytesIO(client.get(f"/api/v1/exports/{export_id}.zip").content)) as archive:
        assert archive.namelist() == ["train.jsonl", "test.jsonl", "recipe.yaml", "manifest.json"]


def test_an_unknown_export_is_not_found(client: TestClient) -> None:
    for path in (f"/{'0' * 32}", f"/{'0' * 32}.zip", "/abc.zip", f"/{'0' * 32}/files/train.jsonl"):
        assert client.get(f"/api/v1/exports{path}").status_code == 404


def test_a_download_is_named_in_any_script() -> None:
    header = name_download('données "été".jsonl')["content-disposition"]
    assert header.isascii()
    assert header.endswith("filename*=UTF-8''donn%C3%A9es%20%22%C3%A9t%C3%A9%22.jsonl")
    assert header.count('"') == 2
