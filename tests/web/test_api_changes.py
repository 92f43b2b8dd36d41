"""Changes over HTTP: taken out, put back, edited, undone, listed; and what the later stages make of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from studio.settings import Settings
from studio.web.api import build_router
from studio.web.app import create_app

LINES = b"".join(b'{"q": "question %d", "n": %d}\n' % (n, n) for n in range(1, 8)) + b'{"q": "last"}\n'


@pytest.fixture
def table(client: TestClient, tmp_path: Path) -> str:
    return load(client, tmp_path)


def load(client: TestClient, tmp_path: Path) -> str:
    path = tmp_path / "some.jsonl"
    path.write_bytes(LINES)
    return f"/api/v1/tables/{client.post('/api/v1/ingests', json={'source': str(path)}).json()['id']}"


def change(client: TestClient, table: str, **asked: object) -> dict[str, Any]:
    answer = client.post(f"{table}/changes", json=asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_records_are_taken_out_and_put_back(client: TestClient, table: str) -> None:
    nothing = {"excluded": 0, "edited": 0, "left": 8, "undo": None, "redo": None}
    assert client.get(f"{table}/changes").json() == {**nothing, "total": 0, "rows": []}
    out = change(client, table, exclude={"rows": [5, 2, 2]})
    counts = {"excluded": 2, "edited": 0, "left": 6, "undo": "exclude 2 records", "redo": None}
    assert out == {**counts, "changed": 2, "row": 2}
    back = change(client, table, restore={"rows": [2, 3]})
    assert (back["left"], back["undo"], back["changed"]) == (7, "restore 1 record", 1)
    rest = change(client, table, restore={"all": True})
    assert (rest["left"], rest["excluded"], rest["row"]) == (8, 0, 5)


def test_a_value_is_edited_and_reverted(client: TestClient, table: str) -> None:
    edited = change(client, table, edit={"row": 0, "column": "q", "value": "x" * 300})
    assert (edited["edited"], edited["undo"], edited["row"]) == (1, "edit q", 0)
    change(client, table, edit={"row": 7, "column": "n", "value": "12"})
    change(client, table, exclude={"rows": [0]})
    listed = client.get(f"{table}/changes", params={"limit": 2}).json()
    assert (listed["total"], len(listed["rows"])) == (3, 2)
    place = {"row": 0, "file": "some.jsonl", "line": 1}
    assert listed["rows"] == [
        {"kind": "exclude", **place, "column": None, "before": None, "after": None},
        {"kind": "edit", **place, "column": "q", "before": "question 1", "after": "x" * 200},
    ]
    [last] = client.get(f"{table}/changes", params={"offset": 2}).json()["rows"]
    assert (last["row"], last["before"], last["after"]) == (7, None, "12")
    assert change(client, table, revert={"row": 0, "column": "q"})["edited"] == 1


def test_a_value_that_does_not_fit_is_refused_in_words(client: TestClient, table: str) -> None:
    answer = client.post(f"{table}/changes", json={"edit": {"row": 0, "column": "n", "value": "many"}})
    assert answer.status_code == 400
    assert answer.json()["error"] == "'many' does not fit the column n: its values are whole numbers."
    assert client.get(f"{table}/changes").json()["edited"] == 0


def test_undo_and_redo_say_what_they_would_do(client: TestClient, table: str) -> None:
    change(client, table, exclude={"rows": [1]})
    change(client, table, edit={"row": 3, "column": "q", "value": None})
    undone = client.post(f"{table}/changes/undo").json()
    assert (undone["edited"], undone["undo"], undone["redo"], undone["row"]) == (
        0, "exclude 1 record", "edit q", 3,
    )  # fmt: skip
    assert client.post(f"{table}/changes/undo").json()["left"] == 8
    assert client.post(f"{table}/changes/redo").json()["excluded"] == 1
    assert client.post(f"{table}/changes/redo").json()["redo"] is None
    none = client.post(f"{table}/changes/redo")
    assert (none.status_code, none.json()["error"]) == (400, "There is nothing to redo.")


def test_all_that_a_query_finds_is_taken_out_also_by_what_was_edited(client: TestClient, table: str) -> None:
    change(client, table, edit={"row": 6, "column": "q", "value": "nothing"})
    change(client, table, exclude={"rows": [2]})
    query = {"search": "QUESTION", "filters": [{"column": "n", "is": "number", "value": [3, None]}]}
    found = change(client, table, exclude={"query": query})
    assert (found["excluded"], found["changed"], found["undo"]) == (4, 3, "exclude 3 records")
    rows = [
        line["row"] for line in client.get(f"{table}/changes").json()["rows"] if line["kind"] == "exclude"
    ]
    assert rows == [2, 3, 4, 5]
    assert change(client, table, exclude={"query": {"search": "nowhere"}})["changed"] == 0
    bad = client.post(
        f"{table}/changes", json={"exclude": {"query": {"filters": [{"column": "x", "is": "null"}]}}}
    )
    assert (bad.status_code, "x" in bad.json()["error"]) == (400, True)


def test_more_than_the_limit_is_refused_with_the_count_and_the_way_out(
    settings: Settings, tmp_path: Path
) -> None:
    small = replace(settings, limits=replace(settings.limits, changed_records=3))
    with TestClient(create_app(small, ui=False), base_url="http://127.0.0.1:7860") as client:
        table = load(client, tmp_path)
        for asked in ({"query": {}}, {"query": {"search": "question"}}, {"rows": [0, 1, 2, 3]}):
            answer = client.post(f"{table}/changes", json={"exclude": asked})
            assert answer.status_code == 400
            assert "records would be changed one by one; at most 3" in answer.json()["error"]
            assert "filter in the recipe" in answer.json()["hint"]
        assert client.get(f"{table}/changes").json()["undo"] is None


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"exclude": {}},
        {"exclude": {"rows": [0], "query": {}}},
        {"exclude": {"rows": [0]}, "revert": {"row": 0, "column": "q"}},
        {"restore": {}},
        {"restore": {"rows": [0], "all": True}},
        {"edit": {"row": 0, "column": "q"}},
        {"edit": {"row": 0, "column": "q", "value": 3}},
        {"delete": {"rows": [0]}},
        {"exclude": {"rows": [8]}},
        {"exclude": {"rows": [-1]}},
        {"edit": {"row": 99, "column": "q", "value": ""}},
        {"edit": {"row": 0, "column": "nope", "value": ""}},
    ],
)
def test_what_is_no_change_is_refused_in_words(
    client: TestClient, table: str, asked: dict[str, object]
) -> None:
    answer = client.post(f"{table}/changes", json=asked)
    assert answer.status_code == 400
    assert answer.json()["error"] and answer.json()["hint"]
    assert client.get(f"{table}/changes").json()["undo"] is None


def test_an_unknown_table_has_no_changes(client: TestClient) -> None:
    for path in ("/changes", "/changes/undo", "/changes/redo"):
        assert (
            client.post(f"/api/v1/tables/{'0' * 32}{path}", json={"restore": {"all": True}}).status_code
            == 404
        )
    assert client.get(f"/api/v1/tables/{'0' * 32}/changes").status_code == 404


def test_the_recipe_that_is_downloaded_has_the_changes(client: TestClient, table: str) -> None:
    change(client, table, exclude={"rows": [1]})
    change(client, table, edit={"row": 0, "column": "q", "value": "x"})
    text = client.get(f"{table}/recipe.yaml").text
    assert "  exclude:\n  - {line: 2, hash: " in text
    assert 'column: "q", value: "x"}' in text


def test_the_shape_of_the_answers_is_declared() -> None:
    app = FastAPI()
    app.include_router(build_router())
    paths = app.openapi()["paths"]
    base = "/api/v1/tables/{table_id}/changes"
    declared = {path: sorted(methods) for path, methods in paths.items() if path.startswith(base)}
    assert declared == {base: ["get", "post"], f"{base}/undo": ["post"], f"{base}/redo": ["post"]}
    for path, methods in declared.items():
        for method in methods:
            answer = paths[path][method]["responses"]["200"]["content"]["application/json"]["schema"]
            assert answer["$ref"].endswith(("ChangesBody", "ChangedBody"))
