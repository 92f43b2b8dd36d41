"""The quarantine over HTTP: counted by reason, downloaded, mended, accepted, put back."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

LINES = b'{"q":"a"}\n{"q":1,"q":2}\n{"z":1,"z":2}\n[4]\n{"q":"\xff"}\n'


@pytest.fixture
def table(client: TestClient, tmp_path: Path) -> str:
    path = tmp_path / "faults.jsonl"
    path.write_bytes(LINES)
    return f"/api/v1/tables/{client.post('/api/v1/ingests', json={'source': str(path)}).json()['id']}"


def lines_of(client: TestClient, table: str, **query: object) -> dict[str, Any]:
    body: dict[str, Any] = client.get(f"{table}/quarantine", params=query).json()
    return body


def test_lines_are_counted_by_the_kind_of_their_reason(client: TestClient, table: str) -> None:
    body = lines_of(client, table)
    assert body["reasons"] == [
        {"reason": "duplicate key …", "count": 2},
        {"reason": "a JSON array, not an object", "count": 1},
        {"reason": "not UTF-8", "count": 1},
    ]
    some = lines_of(client, table, reason="duplicate key …", limit=1, offset=1)
    assert (some["total"], [row["line"] for row in some["rows"]]) == (2, [3])


def test_every_line_is_downloaded_in_full(client: TestClient, table: str) -> None:
    answer = client.get(f"{table}/quarantine.jsonl")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert [json.loads(line)["raw"] for line in answer.text.splitlines()] == [
        '{"q":1,"q":2}',
        '{"z":1,"z":2}',
        "[4]",
        '{"q":"\\xff"}',
    ]
    one = client.get(f"{table}/quarantine/line", params={"file": "faults.jsonl", "line": 4}).json()
    assert (one["raw"], one["reason"]) == ("[4]", "a JSON array, not an object")


def test_a_line_is_mended_under_the_eyes_of_the_person(client: TestClient, table: str) -> None:
    row = lines_of(client, table)["rows"][0]
    mend = {name: row[name] for name in ("file", "line", "hash")}
    bad = client.post(f"{table}/repairs/check", json={**mend, "raw": '{"q":1'})
    assert (bad.status_code, "ends in the middle" in bad.json()["error"]) == (400, True)
    good = client.post(f"{table}/repairs/check", json={**mend, "raw": '{"q": 2.50, "n": null, "t": "x"}'})
    assert good.json()["fields"] == [
        {"name": "q", "kind": "number", "text": "2.50"},
        {"name": "n", "kind": "null", "text": ""},
        {"name": "t", "kind": "text", "text": "x"},
    ]
    saved = client.post(f"{table}/repairs", json={"repairs": [{**mend, "raw": '{"q": "mended"}'}]}).json()
    assert (saved["state"], saved["records"]) == ("done", 2)
    assert client.get(f"{table}/repairs").json() == [{**mend, "raw": '{"q": "mended"}'}]
    assert client.get(table).json()["repaired"] == 1
    undone = client.delete(f"{table}/repairs", params={"file": row["file"], "line": row["line"]}).json()
    assert undone["records"] == 1
    assert lines_of(client, table)["total"] == 4


def test_all_lines_of_a_reason_are_accepted_as_text(client: TestClient, table: str) -> None:
    body = client.post(f"{table}/repairs", json={"reason": "duplicate key …", "column": "q"}).json()
    assert body["records"] == 3
    rows = client.get(f"{table}/rows").json()["rows"]
    assert [row["cells"][0]["text"] for row in rows] == ["a", '{"q":1,"q":2}', '{"z":1,"z":2}']
    assert "repair:" in client.get(f"{table}/recipe.yaml").text


@pytest.mark.parametrize("asked", [{}, {"reason": "none such"}, {"accept": [{"file": "x", "line": 9}]}])
def test_a_line_that_is_not_there_is_not_mended(
    client: TestClient, table: str, asked: dict[str, object]
) -> None:
    answer = client.post(f"{table}/repairs", json=asked)
    assert answer.status_code == 400
    assert answer.json()["hint"]


def test_the_raw_line_of_a_record_is_shown_or_the_reason_why_not(
    client: TestClient, table: str, tmp_path: Path
) -> None:
    assert client.get(f"{table}/records/0/raw").json() == {
        "file": "faults.jsonl",
        "line": 1,
        "raw": '{"q":"a"}',
        "reason": "",
    }
    (tmp_path / "faults.jsonl").write_bytes(b"{}\n")
    gone = client.get(f"{table}/records/0/raw").json()
    assert gone["raw"] is None
    assert "has changed" in gone["reason"]
