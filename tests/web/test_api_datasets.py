"""Datasets over HTTP: their names and sizes, removing and restoring."""

from starlette.testclient import TestClient

from studio.workspace import Workspace
from tests.web.boundary import store_table


def test_datasets_are_named_removed_and_restored(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, [{"a": "1"}, {"a": "2"}])
    (dataset,) = client.get("/api/v1/datasets").json()["datasets"]
    assert (dataset["name"], dataset["records"]) == ("faq.jsonl", 2) and dataset["disk_bytes"] > 0
    path = f"/api/v1/datasets/{table_id}"
    assert client.patch(path, json={"name": "<b>mine</b>"}).json() == {"name": "<b>mine</b>"}
    assert client.delete(path).status_code == 204
    listed = client.get("/api/v1/datasets").json()
    assert listed["datasets"] == [] and [gone["name"] for gone in listed["removed"]] == ["<b>mine</b>"]
    assert client.get(f"/api/v1/tables/{table_id}").status_code == 404
    assert client.post(f"{path}/restore").status_code == 204
    assert client.get(f"/api/v1/tables/{table_id}").status_code == 200


def test_what_cannot_be_done_is_said_in_words(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, [{"a": "1"}])
    answers = [
        client.patch(f"/api/v1/datasets/{table_id}", json={"name": "x" * 81}),
        client.post(f"/api/v1/datasets/{table_id}/restore"),
        client.delete(f"/api/v1/datasets/{table_id}/removed"),
        client.delete(f"/api/v1/datasets/{'0' * 32}"),
        client.delete("/api/v1/datasets/..%2f..%2fetc"),
    ]
    assert all(400 <= answer.status_code < 500 for answer in answers)
    assert all(answer.json()["error"] and answer.json()["hint"] for answer in answers[:4])
    assert client.get(f"/api/v1/tables/{table_id}").status_code == 200
