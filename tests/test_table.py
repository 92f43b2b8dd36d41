"""A stored table: names of every kind, pages, search, one record; whole or absent."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from studio.errors import TableError
from studio.record import Column, Json
from studio.settings import Limits
from studio.source import Source
from studio.table import Places, Table, TableWriter

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
        assert table.page(query=f"value {number}").rows[0][name] == f"value {number}"
    assert list(table.to_pandas().columns) == NAMES
    assert [column.missing for column in table.columns] == [1] * len(NAMES)


def test_a_name_that_clashes_late_moves_the_bookkeeping(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.table.segment._RECORDS", 2)
    table = store([{"a": "x"}, {"a": "y"}, {"_line": "user's"}])
    assert table.bookkeeping.line == "__line"
    assert [record.line for record in table.page().rows] == [1, 2, 3]
    assert dict(table.record(2)) == {"_line": "user's"}


def test_types_widen_over_segments_and_nothing_changes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.table.segment._RECORDS", 2)
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


def test_a_column_that_goes_to_and_fro_between_types_is_widened_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.table.segment._RECORDS", 1)
    with writer(tmp_path / "t") as table:
        for number in range(20):
            spelling = [b"1", b'"x"', b"null", b"2.5"][number % 4]
            table.add({"n": spelling}, line=number + 1, offset=0, length=1)
        [part] = tmp_path.iterdir()
        assert len(list(part.glob("stretch-*"))) == 2
        stored = table.finish(complete=True, sha256=None, size=0)
    spelled = [row["n"] for row in stored.page(0, 4).rows]
    assert spelled == [Json("1"), "x", None, Json("2.5")]


def test_records_and_columns_may_take_turns(tmp_path: Path) -> None:
    def places(first: int, count: int) -> Places:
        lines = np.arange(first, first + count, dtype=np.uint64)
        return Places(lines, lines * np.uint64(10), lines * np.uint64(0) + np.uint64(9))

    texts = pl.Series(values=["", "x", None], dtype=pl.String)
    with writer(tmp_path / "t") as table:
        table.add({"a": b'"one"'}, line=1, offset=10, length=9)
        table.add_columns({"b": ("integer", pl.Series(values=[1, 2, 3])), "a": ("text", texts)}, places(2, 3))
        table.add_records([{"a": b"null"}, {"c": b"[]", "a": b'""'}], places(5, 2))
        assert table.accepted == 6
        stored = table.finish(complete=True, sha256=None, size=0)
    assert [dict(row) for row in stored.page().rows] == [
        {"a": "one"}, {"b": Json("1"), "a": ""}, {"b": Json("2"), "a": "x"}, {"b": Json("3"), "a": None},
        {"a": None}, {"c": Json("[]"), "a": ""},
    ]  # fmt: skip
    assert [stored.place(row)[1:] for row in range(6)] == [(line, line * 10, 9) for line in range(1, 7)]
    assert stored.columns == (
        Column(name="a", type="text", missing=0, null=2, empty=2),
        Column(name="b", type="integer", missing=3),
        Column(name="c", type="json", missing=5, empty=1),
    )


def test_what_cannot_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.table.stretches.Stretches._write", refuse)
    with pytest.raises(OSError, match="No space left"), writer(tmp_path / "t") as table:
        table.add({"a": b"1"}, line=1, offset=0, length=1)
        table.finish(complete=True, sha256=None, size=0)
    monkeypatch.setattr("studio.table.segment._RECORDS", 1)
    with pytest.raises(OSError, match="No space left"), writer(tmp_path / "t") as table:
        table.add({"a": b"1"}, line=1, offset=0, length=1)
    assert list(tmp_path.iterdir()) == []


def test_sparse_columns_are_written_in_small_blocks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.table.segment._BLOCK_CELLS", 40)
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


def test_a_page_may_lie_over_several_batches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.table.stretches._BATCH_ROWS", 7)
    monkeypatch.setattr("studio.table.segment._RECORDS", 16)
    table = store([{"n": n} for n in range(50)])
    for start in range(51):
        for count in (0, 1, 7, 20):
            shown = [row.row for row in table.page(start, count).rows]
            assert shown == list(range(start, min(start + count, 50)))
            assert [row["n"] for row in table.page(start, count).rows] == [Json(str(row)) for row in shown]


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
    page = table.page(query=search)
    values = [cell.value if isinstance(cell, Json) else cell for cell in (row["cell"] for row in page.rows)]
    assert values == found
    assert page.total == len(found)
    assert [CELLS.index(value) for value in found] == [row.row for row in page.rows]


def test_search_looks_at_native_columns_and_pages_its_matches(store: Store) -> None:
    table = store([{"n": n, "even": n % 2 == 0} for n in range(1000)])
    assert [row.row for row in table.page(query="99").rows][:3] == [99, 199, 299]
    page = table.page(offset=10, limit=5, query="FALSE")
    assert ([row.row for row in page.rows], page.total) == ([21, 23, 25, 27, 29], 500)


def test_a_table_of_empty_objects_is_a_table(store: Store) -> None:
    table = store([{}, {}])
    assert [dict(row) for row in table.page().rows] == [{}, {}]
    assert table.page(query="x").total == 0


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
