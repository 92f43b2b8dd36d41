"""The choice of a template over HTTP, how it is kept in the draft, and what a record becomes with it."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.recipe import PromptSpec, StyleSpec, TextSpec
from studio.workspace import Workspace
from tests.web.boundary import store_table

QUESTIONS: list[dict[str, object] | str] = [
    {"question": f"What is {n}?", "answer": f"It is the number {n}."} for n in range(20)
]
CHAT = [{"from": "human", "value": "Hi {question}"}, {"from": "gpt", "value": "Hello"}]


@pytest.fixture
def table_id(workspace: Workspace) -> str:
    return store_table(workspace, QUESTIONS)


def show(client: TestClient, table_id: str) -> Any:
    answer = client.get(f"/api/v1/tables/{table_id}/prompt")
    assert answer.status_code == 200, answer.text
    return answer.json()


def put(client: TestClient, table_id: str, **change: Any) -> Any:
    answer = client.put(f"/api/v1/tables/{table_id}/prompt", json=change)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refuse(client: TestClient, table_id: str, **change: Any) -> Any:
    answer = client.put(f"/api/v1/tables/{table_id}/prompt", json=change)
    assert answer.status_code == 400, answer.text
    return answer.json()


def preview(client: TestClient, table_id: str, template: Any = None, row: int = 0, **more: Any) -> Any:
    body = {"template": template, "row": row, **more}
    answer = client.post(f"/api/v1/tables/{table_id}/prompt/preview", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def text_of(part: Any) -> str:
    return "".join(piece["text"] for piece in part["pieces"])


def test_the_style_that_fits_is_chosen_and_stands_first(client: TestClient, table_id: str) -> None:
    shown = show(client, table_id)
    assert shown["chosen"] == shown["styles"][0]["name"] == "question-answer"
    assert shown["template"] == {
        "type": "prompt-completion",
        "prompt": "### Question:\n{question}\n\n### Answer:",
        "completion": "\n{answer}",
    }
    assert shown["names"] == [{"name": "question", "type": "text"}, {"name": "answer", "type": "text"}]
    assert (shown["records"], shown["columns"], shown["max_length"]) == (20, {}, None)
    assert shown["shapes"][0]["style"] == "question-answer" and shown["shapes"][0]["reasons"]
    assert shown["formatted"] == []


def test_a_style_that_does_not_fit_says_what_it_lacks(client: TestClient, table_id: str) -> None:
    styles = {style["name"]: style for style in show(client, table_id)["styles"]}
    assert styles["input-output"]["lacks"] == ["input", "output"]
    assert styles["question-only"]["lacks"] == []
    assert styles["question-only"]["has"] == ["question", "answer"]


def test_cells_that_are_formatted_already_are_said(client: TestClient, workspace: Workspace) -> None:
    cell = "### Question:\nWhat is {}?\n\n### Answer:"
    rows: list[dict[str, object] | str] = [{"question": cell.format(n), "answer": "So."} for n in range(9)]
    shown = show(client, store_table(workspace, rows))
    assert [(one["column"], one["records"], one["of"]) for one in shown["formatted"]] == [("question", 9, 9)]


def test_choosing_a_style_is_kept(client: TestClient, workspace: Workspace, table_id: str) -> None:
    assert put(client, table_id, template={"style": "question-only"})["chosen"] == "question-only"
    assert workspace.draft(table_id).template == StyleSpec(style="question-only")


@pytest.mark.parametrize("style", ["none", "", ["alpaca"], None])
def test_an_unknown_style_is_refused(client: TestClient, table_id: str, style: Any) -> None:
    assert "No prompt style named" in refuse(client, table_id, template={"style": style})["error"]
    assert preview(client, table_id, {"style": style})["problem"]["message"]


def test_a_column_map_makes_another_style_fit(
    client: TestClient, workspace: Workspace, table_id: str
) -> None:
    chosen = put(client, table_id, template={"style": "input-output"})
    assert chosen["placeholders"][0] == {"name": "input", "column": ""}
    columns = {"input": "question", "output": "answer", "question": "question", "more": ""}
    put(client, table_id, columns=columns)
    assert workspace.draft(table_id).columns == {"input": "question", "output": "answer"}
    assert text_of(preview(client, table_id)["parts"][0]) == "### Input:\nWhat is 0?\n\n### Output:"
    assert put(client, table_id, template={"style": "question-only"})["columns"] == {}


def test_a_typed_template_is_kept(client: TestClient, workspace: Workspace, table_id: str) -> None:
    shown = put(client, table_id, template={"prompt": "Q {question}", "completion": "{answer}"})
    assert shown["chosen"] == "own"
    assert workspace.draft(table_id).template == PromptSpec(prompt="Q {question}", completion="{answer}")


def test_every_kind_of_template_is_kept_and_given_back(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, [{"talk": CHAT}])
    for template in (
        {"type": "text", "text": "{talk}"},
        {"type": "messages", "messages": [{"role": "user", "content": "{talk}"}]},
        {
            "type": "messages",
            "from": "talk",
            "role": "from",
            "content": "value",
            "roles": {"human": "user", "gpt": "assistant"},
            "system": "Be brief.",
        },
    ):
        assert put(client, table_id, template=template)["template"] == template
        assert show(client, table_id)["template"] == template


def test_what_does_not_parse_is_refused_with_its_place_and_not_kept(
    client: TestClient, workspace: Workspace, table_id: str
) -> None:
    put(client, table_id, template={"text": "{question}"})
    problem = refuse(client, table_id, template={"prompt": "Q {question", "completion": ""})
    assert "At character 3 of the prompt" in problem["error"] and problem["hint"]
    assert (problem["part"], problem["position"]) == ("prompt", 2)
    for template in ({}, {"text": 5}, {"messages": []}, {"messages": [{"role": "", "content": ""}]}):
        assert refuse(client, table_id, template=template)["hint"]
    assert refuse(client, table_id, template={"text": "x" * 70_000})["error"].startswith(
        "The text has 70,000"
    )
    assert workspace.draft(table_id).template == TextSpec(text="{question}")


def test_the_max_length_is_kept_beside_the_template(
    client: TestClient, workspace: Workspace, table_id: str
) -> None:
    put(client, table_id, template={"style": "question-only"})
    assert put(client, table_id, max_length=128)["max_length"] == 128
    assert workspace.draft(table_id).train.max_length == 128
    assert put(client, table_id, template={"style": "text"})["max_length"] == 128
    assert "3" in refuse(client, table_id, max_length=3)["error"]
    assert put(client, table_id, max_length=None)["max_length"] is None


def test_pieces_say_which_column_they_came_from(client: TestClient, table_id: str) -> None:
    shown = preview(client, table_id, {"prompt": "Q: {question}!", "completion": "{answer}"}, row=3)
    prompt, completion = shown["parts"]
    assert (prompt["name"], prompt["kind"], completion["kind"]) == ("prompt", "prompt", "completion")
    assert prompt["pieces"] == [
        {"text": "Q: ", "column": None},
        {"text": "What is 3?", "column": "question"},
        {"text": "!", "column": None},
    ]
    assert (shown["row"], shown["line"], shown["total"], shown["type"]) == (3, 4, 20, "prompt-completion")
    assert (shown["problem"], shown["cut"], shown["remarks"]) == (None, False, [])


def test_a_conversation_is_previewed_turn_by_turn(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, [{"talk": CHAT}, {"talk": [{"from": "x", "value": ""}]}])
    template = {
        "from": "talk",
        "role": "from",
        "content": "value",
        "roles": {"human": "user", "gpt": "assistant"},
    }
    parts = preview(client, table_id, template)["parts"]
    assert [(part["kind"], part["role"]) for part in parts] == [("message", "user"), ("message", "assistant")]
    assert parts[0]["pieces"] == [{"text": "Hi {question}", "column": "talk"}]
    assert "Line 2 of faq.jsonl" in preview(client, table_id, template, row=1)["problem"]["message"]


def test_half_a_template_is_an_answer_with_its_place(client: TestClient, table_id: str) -> None:
    problem = preview(client, table_id, {"text": "é{question"})["problem"]
    assert (problem["part"], problem["position"]) == ("text", 1)
    shown = preview(client, table_id, {"text": "{qestion}{answer}"})
    assert "No column named qestion" in shown["problem"]["message"]
    assert shown["problem"]["hint"] == "Did you mean question?"
    assert shown["placeholders"] == [
        {"name": "qestion", "column": ""},
        {"name": "answer", "column": "answer"},
    ]
    mapped = preview(client, table_id, {"text": "{qestion}"}, columns={"qestion": "question"})
    assert text_of(mapped["parts"][0]) == "What is 0?"


@pytest.mark.parametrize(("row", "shown"), [(99, 19), (-1, 0), (7, 7)])
def test_a_row_out_of_range_is_the_nearest(client: TestClient, table_id: str, row: int, shown: int) -> None:
    assert preview(client, table_id, row=row)["row"] == shown


def test_what_gives_nothing_is_remarked(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(
        workspace,
        [{"question": "", "answer": None}, {"question": "b"}, {"question": "c", "answer": "d"}],
    )
    assert [one["kind"] for one in preview(client, table_id)["remarks"]] == ["empty", "null"]
    assert preview(client, table_id, row=1)["remarks"] == [
        {"column": "answer", "kind": "missing", "records": 2}
    ]


def test_a_long_text_is_cut_on_the_screen_and_said(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, [{"text": "x" * 1_000_000}])
    shown = preview(client, table_id, {"prompt": "a{text}b", "completion": "{text}"})
    assert shown["cut"] is True
    assert [len(text_of(part)) for part in shown["parts"]] == [10_000, 10_000]
    assert [part["characters"] for part in shown["parts"]] == [1_000_002, 1_000_000]


def test_the_preview_is_of_the_edited_record_and_says_that_it_is_excluded(
    client: TestClient, workspace: Workspace, table_id: str
) -> None:
    workspace.revision(table_id).exclude(workspace.table(table_id), [1])
    workspace.revision(table_id).edit(workspace.table(table_id), 1, "answer", "New.")
    shown = preview(client, table_id, row=1)
    assert (text_of(shown["parts"][1]), shown["excluded"]) == ("\nNew.", True)
    assert shown["changes"] == "1 excluded, 1 edited"
    assert preview(client, table_id, row=2)["excluded"] is False


def test_strange_names_and_hostile_cells_come_through_as_they_are(
    client: TestClient, workspace: Workspace
) -> None:
    names = ["a.b", "{", '"x"', "\U0001f600", "", "{{7*7}}"]
    hostile = ["<script>1</script>", "${1}", "{{7*7}}{a}", "\u202egnp", "<|endoftext|>", "\x00\t\r\n"]
    row: dict[str, object] = dict(zip(names, hostile, strict=True))
    table_id = store_table(workspace, [row])
    template = {"text": '{"a.b"}{"{"}{"\\"x\\""}{"\U0001f600"}{""}{"{{7*7}}"}'}
    pieces = preview(client, table_id, template)["parts"][0]["pieces"]
    assert [(piece["column"], piece["text"]) for piece in pieces] == list(row.items())


def test_a_table_that_is_not_there_is_refused(client: TestClient) -> None:
    path = f"/api/v1/tables/{'0' * 32}/prompt"
    answers = [client.get(path), client.put(path, json={}), client.post(f"{path}/preview", json={})]
    assert [(answer.status_code, set(answer.json())) for answer in answers] == [(404, {"error", "hint"})] * 3
