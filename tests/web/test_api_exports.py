"""Exports are written, listed and taken away; their files come as they are on disk, and no others do."""

import io
import json
import zipfile

from starlette.testclient import TestClient

from studio.recipe import TextSpec
from studio.web.api.context import name_download
from studio.workspace import Workspace
from tests.web.boundary import store_export, store_table

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


def test_an_export_is_written_listed_replaced_and_taken_away(
    client: TestClient, workspace: Workspace
) -> None:
    table_id = store_table(workspace, [{"question": f"What is {n}?", "answer": "So."} for n in range(20)])
    exports = f"/api/v1/tables/{table_id}/exports"
    first = client.post(exports, json={}).json()
    assert (first["state"], first["previous"], first["problem"]) == ("done", False, None)
    second = client.post(exports, json={"replace": first["id"]}).json()
    assert [(one["id"], one["previous"]) for one in client.get(exports).json()["exports"]] == [
        (second["id"], True)
    ]
    shown = client.get(f"/api/v1/exports/{second['id']}").json()
    assert all(file["sha256"] for file in shown["files"] if file["name"] != "manifest.json")
    assert client.post(f"/api/v1/exports/{second['id']}/previous").status_code == 204
    assert len(client.get(exports).json()["exports"]) == 2
    assert client.post(f"/api/v1/exports/{second['id']}/stop").json()["state"] == "done"
    assert client.delete(f"/api/v1/exports/{second['id']}").status_code == 204
    assert len(client.get(exports).json()["exports"]) == 1
    for path in (f"{second['id']}/stop", f"{second['id']}/previous"):
        assert client.post(f"/api/v1/exports/{path}").status_code == 404
    assert client.delete(f"/api/v1/exports/{second['id']}").status_code == 404


def test_what_cannot_be_written_is_said_in_words(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, [{"question": "What?", "answer": "So."}])
    draft = workspace.draft(table_id).model_copy(update={"template": TextSpec(text="{nothing}")})
    workspace.save_draft(table_id, draft)
    answer = client.post(f"/api/v1/tables/{table_id}/exports", json={})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("No column named nothing")
    assert client.get(f"/api/v1/tables/{table_id}/exports").json() == {"exports": []}
    assert client.get(f"/api/v1/tables/{'0' * 32}/exports").status_code == 404


def test_files_in_folders_of_an_export_come_too(client: TestClient, workspace: Workspace) -> None:
    export_id = store_export(workspace, PARTS)
    folder = workspace.export_folder(export_id)
    (folder / "train").mkdir()
    (folder / "train" / "data.arrow").write_bytes(b"arrow")
    (folder / "link").symlink_to(workspace.root)
    files = {"train/data.arrow": {}, "link/secret.txt": {}}
    (workspace.root / "secret.txt").write_text("secret")
    (folder / "manifest.json").write_text(json.dumps({"parts": {}, "files": files}))
    shown = client.get(f"/api/v1/exports/{export_id}").json()["files"]
    assert [file["name"] for file in shown] == ["train/data.arrow", "manifest.json"]
    assert client.get(f"/api/v1/exports/{export_id}/files/train/data.arrow").content == b"arrow"
    assert client.get(f"/api/v1/exports/{export_id}/files/link/secret.txt").status_code == 404
