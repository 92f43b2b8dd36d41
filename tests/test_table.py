"""A stored table: names of every kind, pages, search, one record; whole or absent."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from studio.errors import TableError
from studio.record import Json
from studio.settings import Limits
from studio.source import Source
from studio.table import Table, TableWriter

Store = Callable[[Sequence[Mapping[str, Any]]], Table]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    def write(records: Sequence[Mapping[str, Any]]) -> Table:
        folder = tmp_path / f"table-{len(list(tmp_path.iterdir()))}"
        with writer(folder) as table:
            for line, record in enumerate(records, 1):
                fields = {key: json.dumps(value).encode() for key, value in record.items()}
                table.add(fields, line=line, offset=0, length=1)
            return table.finish(complete=True, sha256=None, size=0)

    return write


def writer(folder: Path) -> TableWriter:
    return TableWriter(folder, source=Source(path="data.jsonl"), kind="jsonl", limits=Limits())


NAMES = ["", "a.b", "^x$", "*", "_line", "_missing", "__line", "{", "}}", "#q", "😀", "שלום", "مرحبا", "a b",
         '"', "é", "e\u0301", "A", "a", "\u202eabc", "\n", "len",
         "column_0", "literal", "x" * 300]  # fmt: skip


def test_a_column_may_have_any_name(store: Store) -> None:
    record = {name: f"value {number}" for number, name in enumerate(NAMES)}
    table = store([record, {}, record])
    assert list(table.names) == NAMES
    assert dict(table.record(2)) == record
    assert dict(table.record(1)) == {}
    assert not set(table.bookkeeping.names) & set(NAMES)
    for number, name in enumerate(NAMES):
        assert table.page(search=f"value {number}").rows[0][name] == f"value {number}"
    assert list(table.to_pandas().columns) == NAMES
    assert [column.missing for column in table.columns] == [1] * len(NAMES)


def test_a_name_that_clashes_late_moves_the_bookkeeping(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.table.writer._SEGMENT_RECORDS", 2)
    table = store([{"a": "x"}, {"a": "y"}, {"_line": "user's"}])
    assert table.bookkeeping.line == "__line"
    assert [record.line for record in table.page().rows] == [1, 2, 3]
    assert dict(table.record(2)) == {"_line": "user's"}


def test_types_widen_over_segments_and_nothing_changes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.table.writer._SEGMENT_RECORDS", 2)
    records = [
        {"n": 1, "t": "a\"b\\", "null": None}, {"n": 2, "t": "é"},
        {"n": 2.5, "t": None}, {"n": None, "t": "c"},
        {"n": "text", "t": {"k": [1]}, "late": True}, {"late": False},
        {"null": 7},
    ]  # fmt: skip
    table = store(records)
    assert {column.name: column.type for column in table.columns} == {
        "n": "json", "t": "json", "null": "integer", "late": "boolean",
    }  # fmt: skip
    values = [{k: v.value if isinstance(v, Json) else v for k, v in row.items()} for row in table.page().rows]
    assert values == records
    assert table.record(0)["n"] == Json("1")
    assert [column.null for column in table.columns] == [1, 1, 1, 0]
    assert sorted(path.name for path in table.folder.iterdir()) == [
        "quarantine.jsonl", "records.arrow", "table.json",
    ]  # fmt: skip


def test_sparse_columns_are_written_in_small_blocks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.table.writer._BLOCK_CELLS", 40)
    records = [{f"k{number % 20}": number} for number in range(200)]
    table = store(records)
    assert [{k: v.value for k, v in row.items()} for row in table.page(limit=200).rows] == records
    assert {column.type for column in table.columns} == {"integer"}


def test_pages_are_cut_at_the_ends(store: Store) -> None:
    table = store([{"n": n} for n in range(120)])
    assert [row.row for row in table.page(50, 50).rows] == list(range(50, 100))
    assert [row.row for row in table.page(100, 50).rows] == list(range(100, 120))
    assert table.page(500).rows == ()
    assert table.page(0, 0).rows == ()
    assert (table.page(500).total, table.page(500).offset) == (120, 500)


@pytest.mark.parametrize("row", [-1, 3, 10**9])
def test_a_row_out_of_range_is_named(store: Store, row: int) -> None:
    with pytest.raises(TableError) as raised:
        store([{"a": 1}] * 3).record(row)
    assert raised.value.message == f"data.jsonl has no row {row}."
    assert raised.value.hint == "Rows are 0 to 2."


SEARCHES = [
    ("istanbul", ["İSTANBUL"]),
    ("İstanbul", ["İSTANBUL"]),
    ("ISPARTA", ["ısparta"]),
    ("日本", ["日本語のテキスト"]),
    ("the", ["The end", "Other"]),
    ("2024", ["in 2024", 2024]),
    ("ΟΔΟΣ", ["οδός οδος"]),
    ("größe", ["GRÖSSE GRÖẞE Größe"]),
    (".*", ["a.*b"]),
    ("(?i)", ["(?i) regex"]),
    ("%_'\"; --", ["%_'\"; DROP --%_'\"; --"]),
    ("שלום", ["שלום עולם"]),
    ("tru", [True]),
    ('["x"', [["x", "y"]]),
    ("CAFÉ", [["café"]]),
    ("😀", ["a 😀 b"]),
    ("no such text", []),
    ("{question}", ["{question}"]),
]
CELLS = ["İSTANBUL", "ısparta", "日本語のテキスト", "The end", "Other", "in 2024", 2024, "οδός οδος",
         "a.*b", "ab", "GRÖSSE GRÖẞE Größe", "(?i) regex", "%_'\"; DROP --%_'\"; --", "שלום עולם", True,
         ["x", "y"], ["café"], "a 😀 b", "{question}", None, ""]  # fmt: skip


@pytest.mark.parametrize(("search", "found"), SEARCHES)
def test_search_is_literal_and_ignores_case_in_every_script(
    store: Store, search: str, found: list[Any]
) -> None:
    table = store([{"other": "x", "cell": cell} for cell in CELLS])
    page = table.page(search=search)
    values = [cell.value if isinstance(cell, Json) else cell for cell in (row["cell"] for row in page.rows)]
    assert values == found
    assert page.total == len(found)
    assert [CELLS.index(value) for value in found] == [row.row for row in page.rows]


def test_search_looks_at_native_columns_and_pages_its_matches(store: Store) -> None:
    table = store([{"n": n, "even": n % 2 == 0} for n in range(1000)])
    assert [row.row for row in table.page(search="99").rows][:3] == [99, 199, 299]
    page = table.page(offset=10, limit=5, search="FALSE")
    assert ([row.row for row in page.rows], page.total) == ([21, 23, 25, 27, 29], 500)


def test_a_table_of_empty_objects_is_a_table(store: Store) -> None:
    table = store([{}, {}])
    assert [dict(row) for row in table.page().rows] == [{}, {}]
    assert table.page(search="x").total == 0


def test_the_frame_batches_and_pandas_hold_the_same_rows(store: Store) -> None:
    table = store([{"n": n, "text": f"t{n}", "list": [n]} for n in range(100)])
    assert table.frame.select("n").collect()["n"].to_list() == list(range(100))
    assert [len(batch) for batch in table.iter_batches(30)] == [30, 30, 30, 10]
    assert isinstance(next(table.iter_batches()), pl.DataFrame)
    frame = table.to_pandas(offset=98)
    assert frame.to_dict("records") == [
        {"n": 98, "text": "t98", "list": "[98]"}, {"n": 99, "text": "t99", "list": "[99]"},
    ]  # fmt: skip


def test_leaving_the_writer_early_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), writer(tmp_path / "t") as table:
        table.add({"a": b"1"}, line=1, offset=0, length=1)
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no table in"):
        Table.open(tmp_path)


def test_opening_again_gives_the_same_table(store: Store) -> None:
    table = store([{"a": "x", "b": None}])
    assert Table.open(table.folder) == table
