"""Statistics over HTTP: stable names, columns as they are ready, and bars that a filter agrees with."""

import json
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.table import Table
from studio.table.statistics import ColumnStats, describe_columns
from studio.web import searches as background
from studio.workspace import Workspace
from tests.web.boundary import store_table

LINES: list[dict[str, object] | str] = [
    {
        "text": "word " * (n % 40 + 1),
        "kind": "train" if n % 4 else "test",
        "n": n,
        "good": n % 3 == 0,
        "tags": [n],
    }
    for n in range(120)
]


@pytest.fixture
def path(workspace: Workspace) -> str:
    return f"/api/v1/tables/{store_table(workspace, LINES)}"


def test_every_column_has_its_shape_and_bars(client: TestClient, path: str) -> None:
    stats = client.get(f"{path}/stats").json()
    assert (stats["records"], stats["done"]) == (120, True)
    assert [column["shape"] for column in stats["columns"]] == [
        "text",
        "category",
        "number",
        "boolean",
        "json",
    ]
    assert stats["columns"][1] == {
        "index": 1, "name": "kind", "type": "text", "shape": "category", "missing": 0, "null": 0, "empty": 0,
        "sampled": None, "low": 4, "high": 5, "distinct": 2, "other": 0,
        "bars": [
            {"low": None, "high": None, "value": "train", "count": 90},
            {"low": None, "high": None, "value": "test", "count": 30},
        ],
    }  # fmt: skip


def test_each_bar_is_a_filter_of_the_page_with_the_same_count(client: TestClient, path: str) -> None:
    tests = {
        "category": "one-of",
        "boolean": "one-of",
        "number": "number",
        "text": "length",
        "json": "length",
    }
    for column in client.get(f"{path}/stats").json()["columns"]:
        for bar in column["bars"]:
            value = [bar["value"]] if bar["value"] is not None else [bar["low"], bar["high"]]
            asked = {"column": column["name"], "is": tests[column["shape"]], "value": value}
            page = client.get(f"{path}/rows", params={"filter": json.dumps(asked), "limit": 1}).json()
            assert page["total"] == bar["count"], asked


def test_the_columns_asked_come_alone_and_excluded_records_are_left_out(
    client: TestClient, path: str
) -> None:
    client.post(f"{path}/changes", json={"exclude": {"rows": list(range(100))}})
    stats = client.get(f"{path}/stats?columns=2,1").json()
    assert [column["index"] for column in stats["columns"]] == [1, 2]
    assert (stats["records"], stats["columns"][1]["low"], stats["columns"][1]["high"]) == (20, 100, 119)
    assert client.get(f"{path}/stats?columns=9").status_code == 400


def test_columns_come_as_they_are_ready(
    client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def describe(table: Table, indexes: Sequence[int] | None = None) -> Iterator[ColumnStats]:
        for stats in describe_columns(table):
            yield stats
            assert go_on.wait(10)

    monkeypatch.setattr(background, "describe_columns", describe)

    def ask(columns: str = "") -> tuple[list[int], bool]:
        answer: dict[str, Any] = client.get(f"{path}/stats", params={"columns": columns}).json()
        return [column["index"] for column in answer["columns"]], answer["done"]

    assert ask("0") == ([0], True)
    assert ask() == ([0], False)
    go_on.set()
    assert ask() == ([0, 1, 2, 3, 4], True)
