"""Changes of a table: however it is read, what comes out is what a plain list of dictionaries would hold."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from studio.errors import TableError
from studio.record import Json
from studio.settings import Limits
from studio.source import Source
from studio.table import NO_CHANGES, Changes, Table, TableWriter

Store = Callable[[Sequence[Mapping[str, Any]]], Table]

NAMES = ["t", "", "^x$", "*", "_row", "é"]
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = {
    "t": st.none() | TEXTS,
    "n": st.none() | st.integers(-(2**63), 2**63 - 1),
    "b": st.none() | st.booleans(),
    "f": st.none() | st.sampled_from([2.5, -0.25, 1000000.5]),
    "j": st.none() | TEXTS | st.integers() | st.lists(TEXTS, max_size=2),
}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    def write(records: Sequence[Mapping[str, Any]]) -> Table:
        folder = tmp_path / f"table-{len(list(tmp_path.iterdir()))}"
        source = Source(path="data.jsonl")
        with TableWriter(folder, source=source, kind="jsonl", limits=Limits()) as writer:
            writer.begin_file("data.jsonl")
            for line, record in enumerate(records, 1):
                fields = {key: json.dumps(value).encode() for key, value in record.items()}
                writer.add(fields, line=line, offset=0, length=1)
            return writer.finish(complete=True, sha256=None, size=0)

    return write


def plain(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.value if isinstance(value, Json) else value for name, value in record.items()}


def spell(value: Any, kind: str) -> str | None:
    return value if value is None or kind == "text" else json.dumps(value, ensure_ascii=False)


def decode(value: Any, kind: str) -> Any:
    return json.loads(value) if kind == "json" and value is not None else value


@given(data=st.data())
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_way_of_reading_agrees_with_a_plain_list(store: Store, data: st.DataObject) -> None:
    first = {"t": "x", "n": 1, "b": True, "f": 2.5, "j": [1], **dict.fromkeys(NAMES, "y")}
    row = st.fixed_dictionaries({}, optional=VALUES | dict.fromkeys(NAMES, st.none() | TEXTS))
    records = [first, {"j": "text"}, *data.draw(st.lists(row, max_size=6))]
    table = store(records)
    kinds = {column.name: column.type for column in table.columns}
    cells = st.tuples(st.integers(0, len(records) - 1), st.sampled_from(sorted(kinds)))
    wanted = {
        (number, name): data.draw(VALUES.get(name, st.none() | TEXTS))
        for number, name in data.draw(st.lists(cells, max_size=10))
    }
    excluded = tuple(sorted(data.draw(st.sets(st.integers(0, len(records) - 1)))))
    edits: dict[int, dict[str, str | None]] = {}
    expected = [dict(record) for record in records]
    for (number, name), value in wanted.items():
        edits.setdefault(number, {})[name] = spell(value, kinds[name])
        expected[number][name] = value
    changed = table.with_changes(Changes(edits=edits, excluded=excluded))
    assert [plain(record) for record in changed.iter_records(3)] == expected
    assert [plain(changed.record(number)) for number in range(len(records))] == expected
    assert [plain(record) for record in changed.page(0, 100).rows] == expected
    for frame in (changed.frame.collect(), pl.concat(changed.iter_batches(2))):
        missing = frame.get_column(table.bookkeeping.missing).to_list()
        for name, kind in kinds.items():
            values = [decode(value, kind) for value in frame.get_column(name)]
            assert values == [record.get(name) for record in expected]
        absent = [[i for i, name in enumerate(kinds) if name not in record] for record in expected]
        assert [sorted(indexes) for indexes in missing] == absent
        assert frame.schema == table.frame.collect_schema()
    for name, kind in kinds.items():
        alone = pl.concat(changed.iter_batches(2, [name])).get_column(name)
        assert [decode(value, kind) for value in alone] == [record.get(name) for record in expected]
    asked = data.draw(st.lists(st.integers(0, len(records) - 1), max_size=5))
    assert [plain(record) for record in changed.take(asked)] == [expected[number] for number in asked]
    left = range(len(records)) if changed.kept is None else changed.kept.tolist()
    assert sorted([*left, *excluded]) == list(range(len(records)))
    assert [number for number in range(len(records)) if changed.is_excluded(number)] == list(excluded)
    assert [plain(record) for record in table.iter_records()] == records


def test_pandas_and_a_slice_of_the_frame_have_the_edited_values(store: Store) -> None:
    table = store([{"q": f"{n}", "n": n} for n in range(100)])
    changed = table.with_changes(Changes(edits={98: {"q": "new", "n": "-7"}}))
    assert changed.to_pandas(offset=97)["q"].tolist() == ["97", "new", "99"]
    assert changed.frame.filter(pl.col("q") == "new").select("n").collect()["n"].to_list() == [-7]
    assert changed.frame.slice(97, 2).select("q").collect()["q"].to_list() == ["97", "new"]
    assert changed.frame.filter(pl.col("n") > 95).select("n").collect()["n"].to_list() == [96, 97, 99]


def test_a_value_that_was_missing_is_there_once_it_is_edited(store: Store) -> None:
    changed = store([{"a": "x"}, {"b": "y"}]).with_changes(Changes(edits={0: {"b": None}, 1: {"a": ""}}))
    assert dict(changed.record(0)) == {"a": "x", "b": None}
    assert dict(changed.record(1)) == {"a": "", "b": "y"}


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("n", "many", "whole numbers"),
        ("n", "5.0", "whole numbers"),
        ("n", "9223372036854775808", "whole numbers"),
        ("n", '"5"', "whole numbers"),
        ("n", "", "whole numbers"),
        ("f", "NaN", "decimal numbers"),
        ("f", "inf", "decimal numbers"),
        ("f", "abc", "decimal numbers"),
        ("b", "True", "true and false"),
        ("j", "not json", "JSON"),
        ("j", '{"a": 1, "a": 2}', "stands twice"),
        ("j", "[NaN]", "NaN is not JSON"),
        ("j", "[" * 300 + "]" * 300, "nested deeper"),
        ("j", '"\\ud800"', "JSON"),
        ("j", "", "JSON"),
        ("t", "\ud800", "half a character"),
        ("x", "y", "no column x"),
    ],
)
def test_a_value_that_its_column_cannot_keep_is_refused(
    store: Store, column: str, value: str, words: str
) -> None:
    table = store([{"n": 1, "f": 2.5, "b": True, "j": [1], "t": "x"}])
    with pytest.raises(TableError, match=words) as caught:
        table.with_changes(Changes(edits={0: {column: value}}))
    assert caught.value.hint


def test_a_number_written_in_another_way_is_refused_with_the_way_to_write_it(store: Store) -> None:
    table = store([{"n": 1, "f": 2.5}])
    for column, value, hint in (("f", "2.50", "Write 2.5,"), ("f", "5", "Write 5.0,")):
        with pytest.raises(TableError) as caught:
            table.with_changes(Changes(edits={0: {column: value}}))
        assert caught.value.hint.startswith(hint)


def test_json_is_kept_on_one_line_and_its_texts_as_they_read(store: Store) -> None:
    table = store([{"j": [1]}, {"j": "x"}, {"j": None}])
    edits = {0: {"j": '\n{"a":\n [1,\t2.50]}\n'}, 1: {"j": '"\\u00e9"'}, 2: {"j": " null "}}
    changed = table.with_changes(Changes(edits=edits))
    assert [changed.record(row)["j"] for row in range(3)] == [Json('{"a":  [1,\t2.50]}'), "é", None]


@pytest.mark.parametrize("changes", [Changes(excluded=(2,)), Changes(edits={-1: {"a": "x"}})])
def test_a_row_that_is_not_there_is_refused(store: Store, changes: Changes) -> None:
    with pytest.raises(TableError, match="has no row"):
        store([{"a": "x"}, {"a": "y"}]).with_changes(changes)


def test_no_changes_are_no_changes(store: Store) -> None:
    table = store([{"a": "x"}])
    assert table.changes == NO_CHANGES
    assert table.kept is None
    assert not table.is_excluded(0)
    assert table.edited(0) == {}
    assert Changes(excluded=(1, 2), edits={0: {"a": None}}).words == "2 excluded, 1 edited"
