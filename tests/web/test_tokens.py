"""Tokens over HTTP: what the tokenizer saw, which tokens are learnt and cut, and what is told meanwhile."""

import time
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.errors import TokenizerError
from studio.recipe import Recipe, TextSpec
from studio.tokenizing import prepare_tokenizer
from studio.web.tokenizers import Preparing, Tokenizers
from studio.workspace import Workspace
from tests.web.boundary import store_table

LINES: list[dict[str, object] | str] = [
    {"question": f"Which colour has box {number}? 🎈", "answer": f"Box {number} is <b>red</b>.", "extra": [1]}
    for number in range(30)
]


@pytest.fixture
def table_id(workspace: Workspace) -> str:
    return store_table(workspace, LINES)


def ask(client: TestClient, table_id: str, **asked: Any) -> Any:
    """The answer once the tokenizer is not being made ready any more."""
    for _ in range(400):
        answer = client.post(f"/api/v1/tables/{table_id}/tokens", json={"row": 3} | asked)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        if body["state"] != "preparing":
            return body
        assert body["tokens"] == [] and body["problem"] is None
        time.sleep(0.05)
    raise AssertionError("the tokenizer never became ready")


def test_the_texts_of_the_tokens_are_what_the_tokenizer_saw(client: TestClient, table_id: str) -> None:
    body = ask(client, table_id)
    assert body["state"] == "ready"
    end = body["about"]["end_token"]
    seen = "".join(token["text"] for token in body["tokens"])
    assert seen == "### Question:\nWhich colour has box 3? 🎈\n\n### Answer:\nBox 3 is <b>red</b>." + end
    assert [token["text"] for token in body["tokens"] if token["special"]] == [end]
    learnt = "".join(token["text"] for token in body["tokens"] if token["trained"])
    assert learnt == "\nBox 3 is <b>red</b>." + end
    assert (
        body["trained"] == body["length"] - body["first_trained"] == sum(t["trained"] for t in body["tokens"])
    )
    assert all(token["text"] == "" for token in body["tokens"] if token["part"])
    assert (body["fate"], body["end_trained"], body["double_start"], body["more"]) == ("fit", True, False, 0)


def test_what_is_told_of_the_tokenizer_is_for_a_person(client: TestClient, table_id: str) -> None:
    about = ask(client, table_id)["about"]
    assert (about["name"], about["source"], about["words"]) == ("tiny", "tiny", "made from the train part")
    assert (about["context"], about["revision"], about["chat"]) == (2048, "", False)
    choices = client.get("/api/v1/tokenizers").json()
    assert choices == [{"choice": "tiny", "label": "tiny", "words": "made from the train part"}]


def test_tokens_after_the_max_length_are_cut(client: TestClient, table_id: str) -> None:
    whole = ask(client, table_id)
    for limit, fate in (
        (whole["length"], "fit"),
        (whole["length"] - 1, "cut"),
        (whole["first_trained"], "lost"),
    ):
        body = ask(client, table_id, max_length=limit)
        assert (body["fate"], body["max_length"]) == (fate, limit)
        assert sum(token["cut"] for token in body["tokens"]) == whole["length"] - limit


def test_a_template_that_is_not_kept_has_its_own_tokens(client: TestClient, table_id: str) -> None:
    asked = {"template": {"text": "{frage}"}, "columns": {"frage": "question"}}
    body = ask(client, table_id, **asked)
    assert "".join(token["text"] for token in body["tokens"]).startswith("Which colour has box 3?")
    assert body["first_trained"] == 0
    styled = ask(client, table_id, template={"style": "question-answer"})
    assert styled["first_trained"] > 0


def test_at_most_so_many_tokens_are_shown_and_the_rest_counted(client: TestClient, table_id: str) -> None:
    text = "1 2 3 4 5 6 7 8 9 " * 600
    body = ask(client, table_id, template={"text": text})
    assert len(body["tokens"]) == 4_000
    assert body["more"] == body["length"] - 4_000 > 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"template": {"text": "{nothing}"}}, "No column named nothing"),
        ({"template": {"text": "{"}}, ""),
        (
            {"template": {"messages": [{"role": "user", "content": "{question}"}]}},
            "tiny has no chat template",
        ),
        ({"tokenizer": "nothing at all"}, "names no tokenizer"),
        ({"tokenizer": "/nowhere/at/all"}, "There is no folder /nowhere/at/all"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    client: TestClient, table_id: str, asked: dict[str, Any], words: str
) -> None:
    body = ask(client, table_id, **asked)
    assert (body["state"], body["tokens"]) == ("failed", [])
    assert words in body["problem"]["message"] and body["problem"]["hint"]


def test_a_record_that_is_not_there_is_refused(client: TestClient, table_id: str) -> None:
    answer = client.post(f"/api/v1/tables/{table_id}/tokens", json={"row": 30})
    assert (answer.status_code, set(answer.json())) == (400, {"error", "hint"})


def test_each_text_column_is_counted_by_itself(client: TestClient, table_id: str) -> None:
    ask(client, table_id)
    path = f"/api/v1/tables/{table_id}/records/3/counts?tokenizer=tiny"
    answer = client.get(path)
    assert answer.status_code == 200
    assert [entry["index"] for entry in answer.json()] == [0, 1]
    assert all(entry["tokens"] > 0 for entry in answer.json())
    refused = client.get(f"{path}%20no")
    assert refused.status_code == 400


def test_counts_wait_for_the_tokenizer(
    client: TestClient, table_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.web.tokenizers.WAIT_SECONDS", 0.0)
    path = f"/api/v1/tables/{table_id}/records/3/counts"
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (202, [])
    while (answer := client.get(path)).status_code == 202:
        time.sleep(0.05)
    assert len(answer.json()) == 2


def test_of_each_choice_one_is_made_at_a_time(
    workspace: Workspace, table_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, begun = Event(), []

    def prepare(workspace: Workspace, recipe: Recipe, *rest: Any) -> Path:
        begun.append(recipe)
        go.wait(30)
        return prepare_tokenizer(workspace, recipe, *rest)

    monkeypatch.setattr("studio.web.tokenizers.WAIT_SECONDS", 0.01)
    monkeypatch.setattr("studio.web.tokenizers.prepare_tokenizer", prepare)
    tokenizers, table = Tokenizers(workspace), workspace.result(table_id)
    draft = workspace.draft(table_id)
    other = draft.model_copy(update={"template": TextSpec(text="{answer}")})
    first = tokenizers.find(draft, table, "tiny")
    assert isinstance(first, Preparing)
    assert tokenizers.find(other, table, "tiny") is first
    go.set()
    while isinstance(tokenizers.find(other, table, "tiny"), Preparing):
        first.ended.wait(0.01)
    assert [recipe.template for recipe in begun] == [draft.template, other.template]
    tokenizers.close()


def test_what_failed_is_told_for_a_while_and_then_tried_again(
    workspace: Workspace, table_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def fail(*_: Any) -> Path:
        tried.append(1)
        raise RuntimeError("a bug")

    monkeypatch.setattr("studio.web.tokenizers.prepare_tokenizer", fail)
    tokenizers, table = Tokenizers(workspace), workspace.result(table_id)
    for after, times in ((60.0, 1), (60.0, 1), (0.0, 2)):
        monkeypatch.setattr("studio.web.tokenizers.RETRIED_AFTER", after)
        with pytest.raises(TokenizerError, match="tiny could not be made ready"):
            tokenizers.find(workspace.draft(table_id), table, "tiny")
        assert len(tried) == times
