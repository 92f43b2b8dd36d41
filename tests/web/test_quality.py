"""Quality over HTTP: begun, followed, its findings, their records in Browse, and the exclusion of them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.settings import Settings
from studio.web.app import create_app
from studio.workspace import Workspace
from tests.web.boundary import store_table

LINES: list[dict[str, object] | str] = [
    *({"question": f"What is {n}?", "answer": f"It is the number {n}."} for n in range(40)),
    {"question": "What is 7?", "answer": "It is the number 7."},
    {"question": "what is  7?", "answer": "A lucky number."},
    {"question": "Is it?", "answer": ""},
    {"question": "Who can help?", "answer": "Write to ann.lee@corp.com and ask her."},
]
KEYS = {
    *("state", "id", "problem", "done", "total", "also", "asked", "answered", "records", "findings"),
    *("offered", "skipped"),
}
FINDING = {"code", "title", "explanation", "count", "share", "optional", "exclude"}


@dataclass(frozen=True)
class Surveyed:
    """A table that was looked at once for all tests that change nothing."""

    client: TestClient
    path: str
    body: dict[str, Any]

    def find_rows(self, **params: Any) -> list[int]:
        answer = self.client.get(
            f"{self.path}/search", params={"survey": self.body["id"], "limit": 100, **params}
        )
        assert answer.status_code == 200, answer.text
        rows: list[int] = answer.json()["rows"]
        return rows

    def list_records(self, code: str, **params: Any) -> dict[str, Any]:
        answer = self.client.get(f"{self.path}/quality/{code}", params=params)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@pytest.fixture(scope="module")
def surveyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surveyed]:
    settings = Settings(workspace=tmp_path_factory.mktemp("surveyed") / "work")
    path = f"/api/v1/tables/{store_table(Workspace(settings), LINES)}"
    with TestClient(create_app(settings, ui=False), base_url="http://127.0.0.1:7860") as client:
        yield Surveyed(client, path, finish(client, path, "emails"))


def begin(client: TestClient, path: str, *also: str) -> dict[str, Any]:
    answer = client.post(f"{path}/quality", json={"also": list(also)})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def finish(client: TestClient, path: str, *also: str) -> dict[str, Any]:
    body = begin(client, path, *also)
    end = time.monotonic() + 60
    while body["state"] == "running" and time.monotonic() < end:
        time.sleep(0.02)
        body = client.get(f"{path}/quality").json()
    assert body["state"] == "done", body
    return body


def counts(body: dict[str, Any]) -> dict[str, int]:
    return {one["code"]: one["count"] for one in body["findings"] if one["count"]}


def test_every_finding_is_named_with_its_count_and_what_it_means(surveyed: Surveyed) -> None:
    body = surveyed.body
    assert set(body) == KEYS
    assert all(set(one) == FINDING for one in body["findings"])
    assert (body["asked"], body["answered"], body["records"]) == (["question"], ["answer"], 44)
    assert counts(body) == {
        "exact-duplicates": 1,
        "conflicting-answers": 1,
        "empty-answer": 1,
        "emails": 1,
    }
    empty = next(one for one in body["findings"] if one["code"] == "empty-answer")
    assert (empty["share"], empty["exclude"], empty["optional"]) == (0.0227, "1 record", False)
    assert [one["code"] for one in body["findings"]].index("refusal") > 0
    assert "secrets" in [one["code"] for one in body["offered"]]
    assert "emails" not in [one["code"] for one in body["offered"]]


def test_a_record_says_why_it_is_in_a_finding_and_which_other_it_is_compared_with(surveyed: Surveyed) -> None:
    twins = surveyed.list_records("conflicting-answers")
    assert twins["count"] == 1
    assert twins["records"] == [
        {
            "row": 41,
            "line": 42,
            "text": "A lucky number.",
            "why": "both answer “what is 7?”",
            "with": {"row": 7, "line": 8, "text": "It is the number 7."},
            "similarity": None,
        }
    ]
    assert surveyed.list_records("emails")["records"][0]["why"] == "ann.lee@corp.com"
    assert surveyed.list_records("empty-answer", offset=1) == {"count": 1, "records": []}


def test_browse_shows_the_records_of_a_finding_searched_and_paged_as_any(surveyed: Surveyed) -> None:
    asked = {"survey": surveyed.body["id"], "finding": "exact-duplicates"}
    page = surveyed.client.get(f"{surveyed.path}/rows", params=asked).json()
    assert ([row["row"] for row in page["rows"]], page["total"], page["all"]) == ([40], 1, 44)
    assert surveyed.find_rows(finding="conflicting-answers", search="lucky") == [41]
    assert surveyed.find_rows(finding="conflicting-answers", search="number 7") == []
    assert surveyed.find_rows(finding="refusal") == []


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"finding": "nonsense"}, 400),
        ({"finding": "secrets"}, 400),
        ({}, 400),
        ({"tokens": "1-2"}, 400),
        ({"finding": "emails", "check": "0" * 32}, 400),
        ({"finding": "emails", "survey": "0" * 32}, 404),
        ({"finding": "emails", "survey": "../.."}, 404),
    ],
)
def test_records_that_no_survey_found_are_refused(
    surveyed: Surveyed, params: dict[str, str], status: int
) -> None:
    answer = surveyed.client.get(f"{surveyed.path}/rows", params={"survey": surveyed.body["id"], **params})
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error", "hint"}


def test_the_same_records_are_not_looked_at_twice(surveyed: Surveyed) -> None:
    again = begin(surveyed.client, surveyed.path)
    assert (again["state"], again["id"], again["also"]) == ("done", surveyed.body["id"], ["emails"])


def test_what_cannot_be_looked_for_is_refused(surveyed: Surveyed) -> None:
    answer = surveyed.client.post(f"{surveyed.path}/quality", json={"also": ["nonsense"]})
    assert (answer.status_code, answer.json()["error"]) == (400, "Nothing is called 'nonsense'.")
    assert surveyed.client.post(f"{surveyed.path}/quality", json={"more": 1}).status_code == 400


def test_a_finding_is_excluded_and_what_was_found_is_of_other_records_then(
    client: TestClient, workspace: Workspace
) -> None:
    path = f"/api/v1/tables/{store_table(workspace, LINES)}"
    nothing = client.get(f"{path}/quality").json()
    assert (nothing["state"], nothing["id"], nothing["findings"]) == ("none", None, [])
    survey = finish(client, path)
    among = {"survey": survey["id"], "finding": "exact-duplicates"}
    changed = client.post(f"{path}/changes", json={"exclude": {"query": {"among": among}}}).json()
    assert (changed["changed"], changed["left"]) == (1, 43)
    assert client.get(f"{path}/quality").json()["state"] == "none"
    assert client.get(f"{path}/rows", params=among).json()["rows"][0]["excluded"]
    client.post(f"{path}/changes/undo")
    assert client.get(f"{path}/quality").json()["id"] == survey["id"]
