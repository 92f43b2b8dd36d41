"""What the draft's export is, what it could be, what its files would hold, and each part as a download."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.formats import FILES, FORMATS
from studio.recipe import TextSpec
from studio.workspace import Workspace
from tests.web.boundary import store_table

QUESTIONS: list[dict[str, object] | str] = [
    {"question": f"What is {n}?", "answer": f"=It is\u2028the number {n}."} for n in range(20)
]


@pytest.fixture
def table_id(workspace: Workspace) -> str:
    return store_table(workspace, QUESTIONS)


def show(client: TestClient, table_id: str, part: str = "") -> Any:
    answer = client.get(f"/api/v1/tables/{table_id}/export{part}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def put(client: TestClient, table_id: str, **change: Any) -> Any:
    answer = client.put(f"/api/v1/tables/{table_id}/export", json=change)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refuse(client: TestClient, table_id: str, **change: Any) -> str:
    answer = client.put(f"/api/v1/tables/{table_id}/export", json=change)
    assert answer.status_code == 400, answer.text
    return f"{answer.json()['error']} {answer.json()['hint']}"


def text_of(part: Any) -> str:
    return "".join(line["text"] for line in part["lines"])


def test_the_template_s_own_shape_is_chosen_and_what_cannot_be_says_why(
    client: TestClient, workspace: Workspace, table_id: str
) -> None:
    shown = show(client, table_id)
    assert (shown["format"], shown["file"], shown["names"]) == ("prompt-completion", "jsonl", {})
    assert [one["name"] for one in shown["formats"]] == list(FORMATS)
    assert [one["name"] for one in shown["files"]] == list(FILES)
    assert not any(one["reason"] for one in shown["formats"])
    draft = workspace.draft(table_id).model_copy(update={"template": TextSpec(text="{question}")})
    workspace.save_draft(table_id, draft)
    shown = show(client, table_id)
    reasons = {one["name"]: one["reason"] for one in shown["formats"] if one["reason"]}
    assert shown["format"] == "text" and set(reasons) == set(FORMATS) - {"text", "records"}
    assert reasons["alpaca"] == "Needs a template of prompt-completion; this one is of text."
    assert [bool(preset["reason"]) for preset in shown["presets"]] == [False, True]


def test_a_change_is_kept_and_the_rest_stays(client: TestClient, workspace: Workspace, table_id: str) -> None:
    put(client, table_id, names={"prompt": " question ", "completion": ""})
    put(client, table_id, card={"license": "mit"}, configs=["trl"])
    export = workspace.draft(table_id).export
    assert (export.format, export.names, export.configs) == (None, {"prompt": "question"}, ["trl"])
    shown = put(client, table_id, format="messages")
    assert (shown["format"], shown["names"], shown["card"]["license"]) == ("messages", {}, "mit")
    assert put(client, table_id, card=None)["card"] is None


def test_a_file_that_cannot_hold_the_shape_gives_way(client: TestClient, table_id: str) -> None:
    assert put(client, table_id, file="csv")["file"] == "csv"
    shown = put(client, table_id, format="sharegpt")
    assert shown["file"] == "jsonl"
    assert next(one["reason"] for one in shown["files"] if one["name"] == "csv")
    assert "plain texts" in refuse(client, table_id, file="csv")
    assert [one["name"] for one in shown["trainers"] if one["reason"]] == []
    shown = put(client, table_id, format="alpaca")
    assert "does not read the format alpaca" in next(one["reason"] for one in shown["trainers"])


def test_what_cannot_be_is_refused_and_leaves_the_draft(client: TestClient, table_id: str) -> None:
    before = show(client, table_id)
    assert "same name" in refuse(client, table_id, names={"prompt": "x", "completion": "x"})
    assert "No export format named nothing" in refuse(client, table_id, format="nothing")
    assert "export's file" in refuse(client, table_id, file="docx")
    assert "export's configs.0" in refuse(client, table_id, configs=["nothing"])
    assert "licence" in refuse(client, table_id, card={"license": "other"})
    assert "Extra inputs" in refuse(client, table_id, color="red")
    assert show(client, table_id) == before


@pytest.mark.parametrize("file", ["jsonl", "json", "csv"])
def test_the_preview_is_the_beginning_of_each_file(
    client: TestClient, workspace: Workspace, table_id: str, file: str
) -> None:
    put(client, table_id, file=file)
    workspace.revision(table_id).exclude(workspace.table(table_id), [0])
    shown = show(client, table_id, "/preview")
    assert (shown["done"], shown["records"], shown["changes"]) == (True, 19, "1 excluded")
    made = client.post(f"/api/v1/tables/{table_id}/exports", json={}).json()
    assert [part["name"] for part in shown["parts"]] == ["train", "test"]
    for part in shown["parts"]:
        written = workspace.export(made["id"]).part(part["name"]).read_bytes()
        assert written.startswith(text_of(part).encode())
        assert client.get(f"/api/v1/tables/{table_id}/export/parts/{part['name']}").content == written
    assert any("apostrophe" in remark["message"] for remark in shown["remarks"]) == (file == "csv")


def test_a_long_line_says_how_much_of_it_is_not_shown(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, [{"question": "x" * 10_000, "answer": "y"} for _ in range(4)])
    put(client, table_id, format="text")
    line = show(client, table_id, "/preview")["parts"][0]["lines"][0]
    whole = client.get(f"/api/v1/tables/{table_id}/export/parts/train").text.splitlines(keepends=True)[0]
    assert line["text"] == whole[: len(line["text"])]
    assert len(line["text"]) + line["cut"] == len(whole)


def test_what_stands_in_the_way_is_an_answer_with_the_stage_to_go_to(
    client: TestClient, workspace: Workspace, table_id: str
) -> None:
    draft = workspace.draft(table_id).model_copy(update={"template": TextSpec(text="{nothing}")})
    workspace.save_draft(table_id, draft)
    shown = show(client, table_id, "/preview")
    assert shown["problem"]["go"] == "prompt" and "nothing" in shown["problem"]["message"]
    assert client.get(f"/api/v1/tables/{table_id}/export/parts/train").status_code == 400


def test_lines_in_quarantine_are_said(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, [*QUESTIONS, "not json"])
    remarks = show(client, table_id, "/preview")["remarks"]
    assert [remark["message"] for remark in remarks] == ["1 line is in quarantine and not exported."]


def test_a_part_is_named_as_its_file_and_an_unknown_one_is_refused(client: TestClient, table_id: str) -> None:
    put(client, table_id, file="jsonl.gz")
    answer = client.get(f"/api/v1/tables/{table_id}/export/parts/test")
    assert answer.headers["content-disposition"].startswith('attachment; filename="test.jsonl.gz"')
    answer = client.get(f"/api/v1/tables/{table_id}/export/parts/validation")
    assert (answer.status_code, answer.json()["error"]) == (400, "This split has no part validation.")
    put(client, table_id, file="dataset")
    assert show(client, table_id, "/preview")["streams"] is False
    assert client.get(f"/api/v1/tables/{table_id}/export/parts/test").status_code == 400


def test_untouched_records_are_previewed_as_they_are_written(client: TestClient, table_id: str) -> None:
    put(client, table_id, format="records")
    [train, _] = show(client, table_id, "/preview")["parts"]
    line = client.get(f"/api/v1/tables/{table_id}/export/parts/train").content.split(b"\n")[0]
    assert json.loads(line)["question"].startswith("What is")
    assert train["lines"][0]["text"].encode() == line + b"\n"
