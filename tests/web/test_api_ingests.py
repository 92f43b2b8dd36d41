"""Readings over HTTP: begun, followed, stopped, refused in words."""

import io
import time
import zipfile
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from studio.settings import Settings
from studio.web.app import create_app

API = "/api/v1/ingests"


def test_a_small_file_is_read_when_the_answer_comes(client: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "faq.jsonl"
    path.write_text('{"q":"a"}\nno record\n')
    answer = client.post(API, json={"source": str(path)})
    body = answer.json()
    assert answer.status_code == 201
    assert (body["state"], body["records"], body["table"], body["reused"]) == ("done", 1, True, False)
    assert client.get(f"{API}/{body['id']}").json()["state"] == "done"
    assert client.post(API, json={"source": str(path)}).json() == body | {"reused": True}
    assert client.get(API).json() == []


def test_the_sample_and_an_upload_are_sources_too(client: TestClient) -> None:
    assert client.post(API, json={"sample": True}).json()["records"] > 200
    upload = client.put("/api/v1/uploads/mine.csv", content=b"a;b\n1;2\n").json()
    body = client.post(API, json={"upload": upload["id"], "options": {"delimiter": ";"}}).json()
    table = client.get(f"/api/v1/tables/{body['id']}").json()
    assert [column["name"] for column in table["columns"]] == ["a", "b"]
    assert table["source"]["delimiter"] == ";"


def test_a_source_is_read_again_with_other_options_into_a_table_of_its_own(
    client: TestClient, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    first = client.post(API, json={"source": str(path), "options": {"delimiter": ";"}}).json()
    again = client.post(API, json={"again": first["id"], "options": {"delimiter": ","}}).json()
    names = [
        [column["name"] for column in client.get(f"/api/v1/tables/{body['id']}").json()["columns"]]
        for body in (first, again)
    ]
    assert names == [["a,b"], ["a", "b"]]


def test_what_could_be_chosen_comes_with_the_refusal(client: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.jsonl", '{"q":"a"}\n')
        archive.writestr("b.jsonl", '{"q":"b"}\n')
    path.write_bytes(sink.getvalue())
    refused = client.post(API, json={"source": str(path)})
    assert refused.status_code == 400
    assert refused.json()["proposal"] == {"member": ["a.jsonl", "b.jsonl"]}
    taken = client.post(API, json={"source": str(path), "options": {"member": "b.jsonl"}})
    assert taken.status_code == 201


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "Nothing was named"),
        ({"source": "nowhere.jsonl"}, "There is no file nowhere.jsonl"),
        ({"source": "a", "sample": True}, "Nothing was named"),
        ({"source": "org/name", "options": {"member": "a"}}, "org/name takes no member"),
        ({"sample": True, "nonsense": 1}, "nonsense"),
        ({"upload": "0" * 32}, "no upload"),
        ({"again": "0" * 32}, "no table"),
        ({"source": "x", "options": {"first": 0}}, "first"),
    ],
)
def test_a_request_that_names_nothing_to_read_is_refused(
    client: TestClient, asked: dict[str, object], words: str
) -> None:
    answer = client.post(API, json=asked)
    assert answer.status_code in (400, 404)
    assert words in answer.json()["error"]


def test_a_page_that_others_reach_reads_no_path(settings: Settings, tmp_path: Path) -> None:
    from dataclasses import replace

    path = tmp_path / "secret.jsonl"
    path.write_text('{"q":"a"}\n')
    exposed = create_app(replace(settings, local_paths=False), ui=False)
    with TestClient(exposed, base_url="http://127.0.0.1:7860") as client:
        for text in (str(path), f" {path}", str(tmp_path), f"{tmp_path}/*.jsonl", "org/name"):
            answer = client.post(API, json={"source": text})
            assert (answer.status_code, "not read from here" in answer.json()["error"]) == (400, True), text
        upload = client.put("/api/v1/uploads/mine.jsonl", content=b'{"q":"a"}\n').json()
        assert client.post(API, json={"upload": upload["id"]}).status_code == 201


def test_a_reading_in_the_background_is_followed_and_stopped(client: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "large.jsonl"
    with path.open("w") as file:
        for number in range(700_000):
            file.write(f'{{"number": {number}, "text": "{"word " * 20}"}}\n')
    body = client.post(API, json={"source": str(path)}).json()
    assert body["state"] == "reading"
    assert [line["id"] for line in client.get(API).json()] == [body["id"]]
    seen = []
    while (state := client.get(f"{API}/{body['id']}").json())["state"] == "reading" and not state["records"]:
        seen.append(state)
        time.sleep(0.05)
    assert (state["total"], state["table"]) == (path.stat().st_size, True)
    stopped = client.post(f"{API}/{body['id']}/stop").json()
    assert stopped["state"] == "stopped"
    table = client.get(f"/api/v1/tables/{body['id']}").json()
    assert (table["partial"], table["reading"], table["complete"]) == (True, False, False)
    assert client.delete(f"{API}/{body['id']}").status_code == 204
    assert client.get(API).json() == []
    assert client.get(f"/api/v1/tables/{body['id']}").json()["partial"]
