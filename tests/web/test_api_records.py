"""One record over HTTP: exact values, their hits, what stood there before, what the template makes of it."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.recipe import PromptSpec
from studio.workspace import Workspace
from tests.web.boundary import store_table

LINES: list[dict[str, object] | str] = [
    {"question": "What is LoRA?", "answer": "A way to <b>fine-tune</b>.", "extra": [1, {"k": "é"}]},
    {"question": "x" * 30_000 + " LoRA", "answer": None, "extra": ""},
    {"question": "", "extra": True},
]


@pytest.fixture
def table_id(workspace: Workspace) -> str:
    return store_table(workspace, LINES)


def get(client: TestClient, table_id: str, part: str) -> Any:
    answer = client.get(f"/api/v1/tables/{table_id}/records/{part}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_record_marks_the_hits_of_a_search(client: TestClient, table_id: str) -> None:
    record = get(client, table_id, "0?search=lora&word=true")
    assert [cell["hits"] for cell in record["cells"]] == [[[8, 12]], [], []]
    assert record["excluded"] is False
    first = record["cells"][0]
    assert (first["name"], first["index"], first["type"], first["original"]) == ("question", 0, "text", None)
    long = get(client, table_id, "1?search=lora")["cells"][0]
    assert (long["start"], len(long["text"]), long["truncated"], long["hits"]) == (0, 10_000, True, [])


def test_a_whole_value_comes_as_plain_text(client: TestClient, table_id: str) -> None:
    path = f"/api/v1/tables/{table_id}/records"
    answer = client.get(f"{path}/1/cells/0")
    assert answer.text == "x" * 30_000 + " LoRA"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert client.get(f"{path}/0/cells/2").text == '[1, {"k": "\\u00e9"}]'
    assert client.get(f"{path}/1/cells/2").content == b""
    assert client.get(f"{path}/2/cells/2").text == "true"
    for part in ("1/cells/1", "2/cells/1", "0/cells/3", "0/cells/-1", "9/cells/0"):
        refused = client.get(f"{path}/{part}")
        assert (refused.status_code, set(refused.json())) == (400, {"error", "hint"}), part


def test_an_edited_cell_says_what_stood_there(client: TestClient, table_id: str) -> None:
    path = f"/api/v1/tables/{table_id}"
    for column, value in (("answer", "Mended"), ("extra", "[2]")):
        edit = {"edit": {"row": 0, "column": column, "value": value}}
        assert client.post(f"{path}/changes", json=edit).status_code == 200
    client.post(f"{path}/changes", json={"exclude": {"rows": [0]}})
    record = get(client, table_id, "0")
    assert record["excluded"] is True
    question, answer, extra = record["cells"]
    assert (question["edited"], question["original"]) == (False, None)
    assert (answer["edited"], answer["text"], answer["original"]["text"]) == (
        True, "Mended", "A way to <b>fine-tune</b>.",
    )  # fmt: skip
    assert (extra["text"], extra["original"]["kind"]) == ("[2]", "json")
    assert client.get(f"{path}/records/0/cells/1").text == "Mended"


def test_the_example_is_what_the_draft_makes_of_the_record(client: TestClient, table_id: str) -> None:
    example = get(client, table_id, "0/example")
    assert (example["type"], example["style"], example["problem"]) == (
        "prompt-completion",
        "question-answer",
        None,
    )
    assert example["prompt"] == "### Question:\nWhat is LoRA?\n\n### Answer:"
    assert example["completion"] == "\nA way to <b>fine-tune</b>."
    assert (example["cut"], example["remarks"]) == (False, [])
    edit = {"edit": {"row": 0, "column": "answer", "value": "Mended"}}
    client.post(f"/api/v1/tables/{table_id}/changes", json=edit)
    assert get(client, table_id, "0/example")["completion"] == "\nMended"
    long = get(client, table_id, "1/example")
    assert (len(long["prompt"]), long["cut"]) == (10_000, True)
    assert long["remarks"] == [{"column": "answer", "kind": "null"}]
    assert get(client, table_id, "2/example")["remarks"] == [
        {"column": "question", "kind": "empty"},
        {"column": "answer", "kind": "missing"},
    ]


def test_a_template_that_does_not_fit_is_a_problem_in_words(
    client: TestClient, workspace: Workspace, table_id: str
) -> None:
    own = PromptSpec(prompt="{nothing}", completion="")
    workspace.save_draft(table_id, workspace.draft(table_id).model_copy(update={"template": own}))
    example = get(client, table_id, "0/example")
    assert example["type"] is None
    assert "No column named nothing" in example["problem"]["message"] and example["problem"]["hint"]


def test_a_record_that_is_not_there_is_refused(client: TestClient, table_id: str) -> None:
    for part in ("3", "-1", "x", "3/example", "3/raw", "0?search=(&regex=1"):
        answer = client.get(f"/api/v1/tables/{table_id}/records/{part}")
        assert (answer.status_code, set(answer.json())) == (400, {"error", "hint"}), part
