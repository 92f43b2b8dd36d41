"""The split of a draft over HTTP: stable names, what is known by now, problems in words."""

import threading
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from studio.recipe import Recipe, SplitSpec
from studio.review import Review, iter_review
from studio.table import Table
from studio.web import searches as background
from studio.workspace import Workspace
from tests.web.boundary import store_table

LINES: list[dict[str, object] | str] = [
    {"question": f"What is {n % 18}?", "answer": f"{n % 19}", "topic": "ab"[n % 2]} for n in range(20)
]


@pytest.fixture
def table_id(workspace: Workspace) -> str:
    return store_table(workspace, LINES)


def choose_split(workspace: Workspace, table_id: str, **split: object) -> None:
    recipe = workspace.draft(table_id).model_copy(update={"split": SplitSpec.model_validate(split)})
    workspace.save_draft(table_id, recipe)


def test_the_parts_what_they_look_like_and_their_twins(
    client: TestClient, workspace: Workspace, table_id: str
) -> None:
    choose_split(workspace, table_id, method="sequential", train=18, test=2)
    answer = client.get(f"/api/v1/tables/{table_id}/split").json()
    looks = {"prompt": 37.0, "completion": 2.0, "categories": {"a": 9, "b": 9}}
    assert answer["parts"][0] == {"name": "train", "records": 18, "profile": looks}
    assert answer["twins"] == [
        {
            "part": "test", "of": "train", "records": 2, "exact": 0, "prompt": 2,
            "pairs": [
                {"row": 18, "twin": 0, "exact": False, "text": "What is 0?", "twin_text": "What is 0?"},
                {"row": 19, "twin": 1, "exact": False, "text": "What is 1?", "twin_text": "What is 1?"},
            ],
            "near": None, "near_pairs": [],
        }
    ]  # fmt: skip
    named = ("done", "method", "by", "near", "seed", "records", "changes", "unused", "category", "repeated")
    assert [answer[name] for name in named] == [True, "sequential", None, None, 42, 20, "", 0, "topic", 2]
    assert answer["looked"] is None
    assert (answer["proposal"]["method"], len(answer["hints"])) == ("grouped", 2)


def test_another_split_or_another_record_is_looked_at_anew(
    client: TestClient, workspace: Workspace, table_id: str
) -> None:
    path = f"/api/v1/tables/{table_id}/split"
    assert client.get(path).json()["method"] == "random"
    choose_split(workspace, table_id, method="grouped", train=0.8, test=0.2)
    answer = client.get(path).json()
    assert (answer["method"], answer["twins"][0]["prompt"], answer["proposal"]) == ("grouped", 0, None)
    client.post(f"/api/v1/tables/{table_id}/changes", json={"exclude": {"rows": [0, 1]}})
    answer = client.get(path).json()
    assert (answer["records"], answer["changes"], answer["repeated"]) == (18, "2 excluded", 0)


def test_near_twins_are_looked_for_when_asked_and_grouped_away(
    client: TestClient, workspace: Workspace
) -> None:
    story = "Once upon a time there was a token that wanted to become a word. " * 6
    texts = [*(f"{n} {chr(97 + n)}" * 9 for n in range(8)), story + "Why?", story + "Who?"]
    table_id = store_table(workspace, [{"question": text, "answer": "So."} for text in texts])
    choose_split(workspace, table_id, method="sequential", train=9, test=1)
    path = f"/api/v1/tables/{table_id}/split"
    assert client.get(path).json()["twins"][0]["near"] is None
    answer = client.get(f"{path}?near=1").json()
    [twins] = answer["twins"]
    assert (answer["looked"], twins["prompt"], twins["near"]) == (0.8, 0, 1)
    [pair] = twins["near_pairs"]
    assert (pair["row"], pair["twin"]) == (9, 8)
    assert 0.8 < pair["similarity"] < 1
    assert (pair["text"][0], pair["text"][-4:], pair["twin_text"][-4:]) == ("…", "Who?", "Why?")
    assert (answer["proposal"]["method"], answer["proposal"]["near"]) == ("grouped", 0.8)
    choose_split(workspace, table_id, method="grouped", near=0.8, train=0.8, test=0.2)
    answer = client.get(path).json()
    assert (answer["near"], answer["looked"], answer["twins"][0]["near"], answer["proposal"]) == (
        0.8,
        0.8,
        0,
        None,
    )


def test_a_problem_is_told_in_words(client: TestClient, workspace: Workspace, table_id: str) -> None:
    choose_split(workspace, table_id, method="grouped", by="nope", train=0.8, test=0.2)
    answer = client.get(f"/api/v1/tables/{table_id}/split")
    assert answer.status_code == 400
    assert answer.json()["error"] == "No column named nope."
    choose_split(workspace, table_id, train=15, test=20)
    answer = client.get(f"/api/v1/tables/{table_id}/split").json()
    assert answer["error"] == "The parts ask for 35 records, and there are 20."


def test_what_is_known_comes_before_the_rest(
    client: TestClient, table_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Semaphore(0)

    def review(recipe: Recipe, table: Table, look: float | None) -> Iterator[Review]:
        for one in iter_review(recipe, table, look):
            assert go_on.acquire(timeout=10)
            yield one

    monkeypatch.setattr(background, "iter_review", review)
    monkeypatch.setattr(background.Searches.review, "__defaults__", (None, 0.2))
    path = f"/api/v1/tables/{table_id}/split"
    answer = client.get(path).json()
    assert (answer["done"], answer["parts"]) == (False, None)
    go_on.release()
    answer = client.get(path).json()
    assert (answer["done"], answer["parts"][0]["profile"], answer["twins"]) == (False, None, None)
    go_on.release(2)
    assert client.get(path).json()["done"] is True
