"""Pages over HTTP: what a query wants, in its order, its hits marked; and while it is being looked for."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from studio.errors import TableError
from studio.table import Table
from studio.table.matching import RowIds
from studio.table.query import Query, Search
from studio.web import searches as background
from studio.web.searches import Searches
from studio.workspace import Workspace
from tests.web.boundary import store_table

LINES: list[dict[str, object] | str] = [
    {"question": f"What is {n}?", "answer": "" if n % 5 == 0 else f"The number {n}", "votes": n % 7}
    for n in range(60)
]


@pytest.fixture
def path(workspace: Workspace) -> str:
    return f"/api/v1/tables/{store_table(workspace, LINES)}"


def spell(column: str, test: str, value: Any = None, negated: bool = False) -> str:
    return json.dumps({"column": column, "is": test, "value": value, "not": negated})


def ask(client: TestClient, path: str, **params: Any) -> dict[str, Any]:
    answer = client.get(f"{path}/rows", params=params)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def numbers(page: dict[str, Any]) -> list[int]:
    return [row["row"] for row in page["rows"]]


def test_a_page_says_all_there_is_to_know_of_itself(client: TestClient, path: str) -> None:
    page = ask(client, path, offset=55, limit=10)
    assert numbers(page) == [55, 56, 57, 58, 59]
    rest = {name: value for name, value in page.items() if name not in ("rows", "columns")}
    assert rest == {
        "offset": 55, "total": 60, "all": 60, "searched": 60, "done": True, "excluded": 0, "edited": 0,
    }  # fmt: skip
    assert page["rows"][0] | {"cells": []} == {
        "row": 55, "line": 56, "file": "faq.jsonl", "excluded": False, "cells": [],
    }  # fmt: skip
    assert page["columns"][1] == {
        "index": 1, "name": "answer", "type": "text", "source_type": "", "missing": 0, "null": 0, "empty": 12,
    }  # fmt: skip
    assert page["rows"][1]["cells"][2] == {
        "kind": "number", "text": "0", "truncated": False, "characters": 1, "start": 0, "hits": [],
        "edited": False, "turns": None, "turns_total": 0,
    }  # fmt: skip


def test_search_filters_and_sorting_make_a_page_together(client: TestClient, path: str) -> None:
    page = ask(
        client,
        path,
        search="1",
        filter=[spell("answer", "empty", negated=True), spell("votes", "number", [1, 3])],
        sort="votes",
        descending=True,
        limit=4,
    )
    wanted = [n for n in range(60) if "1" in str(n) + str(n % 7) and n % 5 and 1 <= n % 7 <= 3]
    assert numbers(page) == sorted(wanted, key=lambda n: -(n % 7))[:4]
    assert (page["total"], page["all"], page["done"]) == (len(wanted), 60, True)


def test_hits_are_marked_as_the_engine_found_them(client: TestClient, workspace: Workspace) -> None:
    lines: list[dict[str, object] | str] = [
        {"a": "😀 İstanbul and istanbul", "b": {"city": "ISTANBUL"}},
        {"a": "x" * 5_000 + " istanbul " + "y" * 5_000, "b": None},
    ]
    page = ask(client, f"/api/v1/tables/{store_table(workspace, lines)}", search="istanbul")
    first, second = (row["cells"] for row in page["rows"])
    units = first[0]["text"].encode("utf-16-le")
    marked = [units[2 * start : 2 * end].decode("utf-16-le") for start, end in first[0]["hits"]]
    assert marked == ["İstanbul", "istanbul"]
    assert first[1]["hits"] == [[10, 18]]
    assert (second[0]["start"], second[0]["truncated"], second[0]["characters"]) == (4_961, True, 10_010)
    assert (len(second[0]["text"]), second[0]["hits"]) == (600, [[40, 48]])


def test_options_of_the_search_are_those_of_the_address(client: TestClient, path: str) -> None:
    assert ask(client, path, search="WHAT IS 1", case=True)["total"] == 0
    assert ask(client, path, search="WHAT IS 1")["total"] == 11
    assert ask(client, path, search="what is 1", word=True)["total"] == 1
    assert ask(client, path, search=r"is \d\?$", regex=True)["total"] == 10


def test_the_columns_asked_are_those_given_in_their_order(client: TestClient, path: str) -> None:
    page = ask(client, path, columns="2,0", limit=1)
    assert [column["name"] for column in page["columns"]] == ["votes", "question"]
    assert [cell["text"] for cell in page["rows"][0]["cells"]] == ["0", "What is 0?"]
    assert page["columns"][0]["index"] == 2


def test_a_conversation_comes_as_turns(client: TestClient, workspace: Workspace) -> None:
    turns = [{"role": "user", "content": "Hi " * 100}, {"role": "assistant", "content": "Hello " * 100}] * 5
    table_id = store_table(workspace, [{"messages": turns}, {"messages": [1, 2]}])
    page = ask(client, f"/api/v1/tables/{table_id}")
    cell = page["rows"][0]["cells"][0]
    assert [(turn["role"], len(turn["text"])) for turn in cell["turns"]] == [
        ("user", 300),
        ("assistant", 300),
    ]
    assert (cell["turns_total"], cell["kind"], cell["truncated"]) == (10, "json", True)
    assert page["rows"][1]["cells"][0]["turns"] is None


WRONG = [
    "rows?limit=101", "rows?columns=9", "rows?columns=x", "rows?columns=-1", "rows?sort=nothing",
    "rows?filter=x", "rows?filter=" + "[" * 10_000, "rows?search=(&regex=1",
    'rows?filter={"column":"answer","is":"like"}',
    'rows?filter={"column":"answer","is":"number","value":[1,2]}', "rows?search=" + "x" * 201 + "&regex=1",
    'rows?filter={"column":"\\ud800","is":"empty"}', "search?limit=101",
    "search?sort=nothing", "rows?case=maybe",
]  # fmt: skip


@pytest.mark.parametrize("part", WRONG)
def test_what_cannot_be_asked_is_refused_in_words(client: TestClient, path: str, part: str) -> None:
    answer = client.get(f"{path}/{part}")
    assert answer.status_code == 400
    assert answer.json()["error"] and answer.json()["hint"]


def test_the_rows_that_match_come_as_numbers(client: TestClient, path: str) -> None:
    answer = client.get(f"{path}/search", params={"search": "5", "offset": 2, "limit": 3}).json()
    expected = [n for n in range(60) if "5" in f"{n} {n % 7}"]
    assert answer == {"rows": expected[2:5], "total": len(expected), "searched": 60, "done": True}


def test_an_answer_that_is_known_is_not_sent_again(client: TestClient, path: str) -> None:
    for part in ("rows?search=5", "search?search=5", "stats", "records/3", "records/3/example"):
        first = client.get(f"{path}/{part}")
        mark = first.headers["etag"]
        assert first.headers["cache-control"] == "no-cache"
        again = client.get(f"{path}/{part}", headers={"if-none-match": f'"other", W/{mark}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", mark)
    other = client.get(f"{path}/rows?search=6", headers={"if-none-match": mark})
    assert other.status_code == 200


class Slow:
    """A search that gives a block when it is told to."""

    def __init__(self) -> None:
        self.steps = threading.Semaphore(0)
        self.started = 0

    def __call__(self, table: Table, query: Query) -> Iterator[tuple[int, RowIds]]:
        self.started += 1
        for block in range(3):
            assert self.steps.acquire(timeout=10)
            yield 20 * (block + 1), np.arange(20 * block, 20 * block + 10, dtype=np.uint32)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    search = Slow()
    monkeypatch.setattr(background, "iter_matches", search)
    yield search
    search.steps.release(100)


def test_a_slow_search_answers_what_it_has_and_goes_on(client: TestClient, path: str, slow: Slow) -> None:
    page = ask(client, path, search="x", limit=5)
    assert (page["rows"], page["total"], page["searched"], page["done"]) == ([], 0, 0, False)
    slow.steps.release()
    page = ask(client, path, search="x", limit=5)
    assert (numbers(page), page["total"], page["searched"], page["done"]) == ([0, 1, 2, 3, 4], 10, 20, False)
    slow.steps.release(2)
    page = ask(client, path, search="x", offset=20, limit=10)
    assert (numbers(page), page["total"]) == (list(range(40, 50)), 30)
    assert slow.started == 1


def test_a_full_page_does_not_wait_for_the_rest(
    client: TestClient, path: str, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background.Searches.find, "__defaults__", (60,))
    slow.steps.release()
    page = ask(client, path, search="y", limit=10)
    assert (len(page["rows"]), page["done"]) == (10, False)


@pytest.fixture
def table(workspace: Workspace) -> Table:
    return workspace.table(store_table(workspace, LINES))


def find(searches: Searches, table: Table, text: str, seconds: float = 5) -> background.Found:
    return searches.find("t", table, Query(search=Search(text)), 0, 50, seconds)


def test_what_was_found_is_kept_until_the_table_is_another(
    workspace: Workspace, table: Table, slow: Slow
) -> None:
    searches = Searches()
    slow.steps.release(100)
    assert find(searches, table, "a").total == find(searches, table, "a").total == 30
    assert slow.started == 1
    changed = table.with_changes(type(table.changes)(edits={0: {"answer": "a"}}))
    find(searches, changed, "a")
    assert slow.started == 2
    (table.folder / "table.json").touch()
    find(searches, changed, "a")
    assert slow.started == 3


def test_what_is_kept_has_an_end(table: Table, slow: Slow) -> None:
    searches = Searches(most_bytes=2 * (4_096 + 120))
    slow.steps.release(100)
    for text in "abcd":
        find(searches, table, text)
    assert slow.started == 4
    find(searches, table, "d")
    assert slow.started == 4
    find(searches, table, "a")
    assert slow.started == 5


def test_of_too_many_searches_the_one_asked_longest_ago_stops(table: Table, slow: Slow) -> None:
    searches = Searches(most_running=2)
    for text in "abc":
        assert not find(searches, table, text, 0.05).done
    slow.steps.release(100)
    assert find(searches, table, "b").done and find(searches, table, "c").done
    before = slow.started
    assert find(searches, table, "a").total == 30
    assert slow.started == before + 1
    searches.close()


def test_a_search_that_fails_says_so_and_can_be_tried_again(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(table: Table, query: Query) -> Iterator[tuple[int, RowIds]]:
        raise TableError("The file is gone.", "Load it again.")
        yield

    searches = Searches()
    with monkeypatch.context() as patch:
        patch.setattr(background, "iter_matches", fail)
        with pytest.raises(TableError, match="is gone"):
            find(searches, table, "5")
    assert find(searches, table, "5").done


def test_excluded_and_edited_records_say_so(client: TestClient, path: str) -> None:
    assert client.post(f"{path}/changes", json={"exclude": {"rows": [1]}}).status_code == 200
    edit = {"edit": {"row": 2, "column": "answer", "value": "Two"}}
    assert client.post(f"{path}/changes", json=edit).status_code == 200
    page = ask(client, path, limit=3)
    assert [row["excluded"] for row in page["rows"]] == [False, True, False]
    assert (page["excluded"], page["edited"], page["total"]) == (1, 1, 60)
    edited = page["rows"][2]["cells"][1]
    assert (edited["text"], edited["edited"], page["rows"][2]["cells"][0]["edited"]) == ("Two", True, False)
    assert numbers(ask(client, path, search="Two")) == [2]
