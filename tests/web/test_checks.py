"""Checks over HTTP: begun, followed, asked with another max length; and the rows that they found."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.settings import Settings
from studio.web.app import create_app
from studio.workspace import Workspace
from tests.web.boundary import store_table

LINES: list[dict[str, object] | str] = [
    {"question": f"What is {n}?", "answer": "" if n % 10 == 0 else f"It is {n}. " * (1 + n % 4)}
    for n in range(40)
]
KEYS = {
    *("id", "state", "problem", "done", "total", "tokenizer", "max_length", "lengths", "findings"),
}


@dataclass(frozen=True)
class Checked:
    """A table that was checked once for all tests that change nothing."""

    client: TestClient
    path: str
    check: dict[str, Any]

    def find_rows(self, **params: Any) -> list[int]:
        return find_rows(self.client, self.path, check=self.check["id"], **params)


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checked]:
    settings = Settings(workspace=tmp_path_factory.mktemp("checked") / "work")
    path = f"/api/v1/tables/{store_table(Workspace(settings), LINES)}"
    with TestClient(create_app(settings, ui=False), base_url="http://127.0.0.1:7860") as client:
        yield Checked(client, path, finish(client, path))


@pytest.fixture
def path(workspace: Workspace) -> str:
    return f"/api/v1/tables/{store_table(workspace, LINES)}"


def begin(client: TestClient, path: str, **asked: Any) -> dict[str, Any]:
    answer = client.post(f"{path}/checks", json={"tokenizer": "tiny", **asked})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def finish(client: TestClient, path: str, **asked: Any) -> dict[str, Any]:
    body = begin(client, path, **asked)
    end = time.monotonic() + 60
    while body["state"] in ("preparing", "running") and time.monotonic() < end:
        time.sleep(0.02)
        body = client.get(f"{path}/checks/{body['id']}").json()
    assert body["state"] == "done", body
    return body


def find_rows(client: TestClient, path: str, **params: Any) -> list[int]:
    answer = client.get(f"{path}/search", params={"limit": 100, **params})
    assert answer.status_code == 200, answer.text
    rows: list[int] = answer.json()["rows"]
    return rows


def test_a_check_is_begun_and_followed_to_its_end(client: TestClient, path: str) -> None:
    first = begin(client, path)
    assert set(first) == KEYS
    assert (first["state"], first["done"], first["findings"], first["problem"]) == ("preparing", 0, [], None)
    assert first["lengths"]["bars"] == []
    done = finish(client, path)
    assert (done["id"], done["done"], done["total"], done["max_length"]) == (first["id"], 40, 40, 512)
    found = {one["code"]: one for one in done["findings"]}
    assert found["rendered"]["count"] == 40
    assert found["blank-completion"]["rows"] == [0, 10, 20, 30]
    assert set(found["blank-completion"]) == {"code", "title", "count", "blocks", "explanation", "rows"}
    lengths = done["lengths"]
    assert lengths["fit"] == lengths["records"] == sum(bar["count"] for bar in lengths["bars"]) == 40


def test_another_max_length_counts_anew(checked: Checked) -> None:
    check = f"{checked.path}/checks/{checked.check['id']}"
    short = checked.client.get(check, params={"max_length": 3}).json()
    assert (short["max_length"], short["lengths"]["lost"]) == (3, 40)
    assert [one["code"] for one in short["findings"] if one["blocks"]] == ["nothing-trained"]


def test_the_draft_says_the_max_length_where_no_other_is_asked_for(
    client: TestClient, path: str, workspace: Workspace
) -> None:
    check = f"{path}/checks/{begin(client, path)['id']}"
    table_id = path.rpartition("/")[2]
    draft = workspace.draft(table_id)
    train = draft.train.model_copy(update={"max_length": 20})
    workspace.save_draft(table_id, draft.model_copy(update={"train": train}))
    assert client.get(check).json()["max_length"] == 20
    assert begin(client, path)["max_length"] == 20


def test_what_is_known_already_is_not_sent_again(checked: Checked) -> None:
    check, client = f"{checked.path}/checks/{checked.check['id']}", checked.client
    mark = client.get(check).headers["etag"]
    assert client.get(check, headers={"if-none-match": mark}).status_code == 304
    other = client.get(check, params={"max_length": 3}, headers={"if-none-match": mark})
    assert other.status_code == 200


def test_the_next_record_with_a_finding_is_named(checked: Checked) -> None:
    following = f"{checked.path}/checks/{checked.check['id']}/next"
    asked: list[dict[str, Any]] = [
        {"code": "blank-completion"},
        {"code": "blank-completion", "after": 0},
        {"code": "blank-completion", "after": 30},
        {"after": 11},
        {"code": "too-long", "max_length": 3, "after": 38},
    ]
    assert [checked.client.get(following, params=one).json()["row"] for one in asked] == [0, 10, None, 20, 39]
    assert checked.client.get(following, params={"code": "nonsense"}).status_code == 400


def test_browse_shows_the_records_of_a_finding_searched_sorted_and_paged_as_any(checked: Checked) -> None:
    blank = {"finding": "blank-completion"}
    asked = {"check": checked.check["id"], **blank, "limit": 3}
    page = checked.client.get(f"{checked.path}/rows", params=asked).json()
    assert [row["row"] for row in page["rows"]] == [0, 10, 20]
    assert (page["total"], page["all"], page["done"]) == (4, 40, True)
    assert checked.find_rows(**blank, offset=3) == [30]
    assert checked.find_rows(**blank, search="is 2") == [20]
    assert checked.find_rows(**blank, sort="question", descending=True) == [30, 20, 10, 0]
    assert checked.find_rows(**blank, filter='{"column": "answer", "is": "empty", "not": true}') == []
    assert checked.find_rows(finding="too-long", max_length=3) == list(range(40))
    assert checked.find_rows(finding="too-long") == []


def test_browse_shows_the_records_of_each_bar(checked: Checked) -> None:
    seen: list[int] = []
    for bar in checked.check["lengths"]["bars"]:
        rows = checked.find_rows(tokens=f"{bar['low']}-{bar['high'] - 1}")
        assert len(rows) == bar["count"]
        seen += rows
    assert sorted(seen) == list(range(40))


def test_a_page_of_a_finding_has_a_mark_of_its_own(checked: Checked) -> None:
    path, asked = f"{checked.path}/rows", {"check": checked.check["id"], "finding": "blank-completion"}
    known = {"if-none-match": checked.client.get(path, params=asked).headers["etag"]}
    assert checked.client.get(path, params=asked, headers=known).status_code == 304
    assert checked.client.get(path, headers=known).status_code == 200


def test_all_records_of_a_finding_are_excluded_and_no_others(client: TestClient, path: str) -> None:
    among = {"check": finish(client, path)["id"], "finding": "blank-completion"}
    asked = {"exclude": {"query": {"search": "What", "among": among}}}
    changed = client.post(f"{path}/changes", json=asked).json()
    assert (changed["changed"], changed["left"]) == (4, 36)
    again = finish(client, path)
    assert (again["total"], again["id"] == among["check"]) == (36, False)
    assert find_rows(client, path, **among) == [0, 10, 20, 30]


@pytest.mark.parametrize(
    "asked", [{}, {"finding": "rendered", "tokens": "1-2"}, {"tokens": "1"}, {"finding": "nonsense"}]
)
def test_a_filter_that_asks_for_nothing_is_refused(checked: Checked, asked: dict[str, str]) -> None:
    answer = checked.client.get(f"{checked.path}/rows", params={"check": checked.check["id"], **asked})
    assert answer.status_code == 400
    assert answer.json()["hint"]


def test_a_check_that_is_gone_is_said_with_a_way_out(client: TestClient, path: str) -> None:
    for given in ("0" * 32, "nonsense"):
        answer = client.get(f"{path}/rows", params={"check": given, "finding": "rendered"})
        assert answer.status_code == 404
    gone = client.get(f"{path}/rows", params={"check": "0" * 32, "finding": "rendered"}).json()
    assert gone["error"] == "This check is not there any more."
    assert "Clear the filter" in gone["hint"]


def test_a_check_of_another_table_or_of_records_that_are_others_now_is_no_check_of_this_one(
    client: TestClient, path: str, workspace: Workspace
) -> None:
    check = begin(client, path)["id"]
    other = f"/api/v1/tables/{store_table(workspace, LINES)}"
    assert client.get(f"{other}/checks/{check}").status_code == 404
    stored = workspace.table_folder(path.rpartition("/")[2]) / "table.json"
    stored.write_text(stored.read_text())
    assert client.get(f"{path}/rows", params={"check": check, "finding": "rendered"}).status_code == 404


def test_a_check_that_fails_says_why(client: TestClient, path: str, workspace: Workspace) -> None:
    table_id = path.rpartition("/")[2]
    draft = workspace.draft(table_id)
    split = type(draft.split).model_validate({"test": 1.0})
    workspace.save_draft(table_id, draft.model_copy(update={"split": split}))
    body = begin(client, path)
    end = time.monotonic() + 60
    while body["state"] != "failed" and time.monotonic() < end:
        body = client.get(f"{path}/checks/{body['id']}").json()
    assert body["problem"] == {
        "message": "tiny is made from the train part, and the split has none.",
        "hint": "Give the split a train part.",
    }


def test_a_template_that_does_not_fit_is_refused_at_once(
    client: TestClient, path: str, workspace: Workspace
) -> None:
    table_id = path.rpartition("/")[2]
    draft = workspace.draft(table_id).model_copy(update={"columns": {"question": "nothing"}})
    workspace.save_draft(table_id, draft)
    answer = client.post(f"{path}/checks", json={"tokenizer": "tiny"})
    assert (answer.status_code, "nothing" in answer.json()["error"]) == (400, True)


def test_folders_of_the_machine_are_not_read_for_others(tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "work", local_paths=False)
    path = f"/api/v1/tables/{store_table(Workspace(settings), LINES)}"
    with TestClient(create_app(settings, ui=False), base_url="http://127.0.0.1:7860") as client:
        answer = client.post(f"{path}/checks", json={"tokenizer": str(tmp_path)})
    assert answer.status_code == 400
    assert "others can reach this page" in answer.json()["error"]
