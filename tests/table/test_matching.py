"""Conditions and sorting do what plain Python does, for every kind of value and every name of a column."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from studio.errors import TableError
from studio.settings import Limits
from studio.source import Source
from studio.table import Changes, Table, TableWriter, matching
from studio.table.matching import find_rows, iter_matches
from studio.table.query import Among, Condition, Query, Search, parse_condition
from studio.table.statistics import describe_columns
from tests.table.conftest import HOSTILE_NAMES, Store

MISSING = object()
VALUES = st.one_of(
    st.just(MISSING), st.none(), st.sampled_from(["", [], {}, "12", "true", "a", "B", "é", "ab"]),
    st.booleans(), st.integers(-3, 3), st.sampled_from([0.5, -1.25, ["a"], {"k": "B"}, [[]], "a\nb"]),
)  # fmt: skip
KINDS = {
    "any": VALUES,
    "text": st.one_of(st.just(MISSING), st.none(), st.text("aAbBéİ ß", max_size=3)),
    "integer": st.one_of(st.just(MISSING), st.none(), st.integers(-5, 5)),
    "float": st.one_of(st.just(MISSING), st.none(), st.floats(-9, 9).map(lambda x: round(x, 1))),
    "boolean": st.one_of(st.just(MISSING), st.none(), st.booleans()),
}
COLUMNS = st.one_of(*(st.lists(kind, min_size=1, max_size=12) for kind in KINDS.values()))
CONDITIONS = st.one_of(
    st.sampled_from(["empty", "missing", "null"]).map(lambda test: (test, None)),
    st.sampled_from(["equals", "contains"]).flatmap(
        lambda test: st.sampled_from(["a", "B", "1", "12", "", "true", '["a"]', "é", "\n"]).map(
            lambda v: (test, v)
        )
    ),
    st.just(("one-of", ("a", "1", "true"))),
    st.tuples(st.none() | st.integers(0, 3), st.none() | st.integers(0, 9)).map(lambda v: ("length", v)),
    st.tuples(st.none() | st.floats(-4, 4), st.none() | st.integers(-4, 4)).map(lambda v: ("number", v)),
)
quietly = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80
)


def tabulate(store: Store, values: list[Any], name: str = "c") -> Table:
    records = [
        {"#": number} | ({} if value is MISSING else {name: value}) for number, value in enumerate(values)
    ]
    return store([*records, {"#": len(values), name: None}])


def text_of(value: Any) -> str | None:
    if value is MISSING or value is None:
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def fits(value: Any, test: str, wanted: Any) -> bool:
    """What a condition means, value by value."""
    text = text_of(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match test:
        case "missing":
            return value is MISSING
        case "null":
            return value is None
        case "empty":
            return value is MISSING or value is None or value in ("", [], {})
        case "equals":
            return text == wanted
        case "contains":
            return text is not None and wanted.lower() in text.lower()
        case "one-of":
            return text in wanted
    least, most = wanted
    measure = (value if number else None) if test == "number" else None if text is None else len(text)
    if measure is None:
        return False
    return (least is None or measure >= least) and (most is None or measure <= most)


@quietly
@given(COLUMNS, CONDITIONS, st.booleans())
def test_a_condition_holds_for_what_plain_python_says(
    store: Store, values: list[Any], condition: tuple[Any, Any], negated: bool
) -> None:
    table = tabulate(store, values)
    asked = Condition("c", *condition, negated)
    kind = next(column.type for column in table.columns if column.name == "c")
    if condition[0] == "number" and kind in ("text", "boolean"):
        with pytest.raises(TableError, match="not numbers"):
            asked.check(table)
        return
    expected = [row for row, value in enumerate([*values, None]) if fits(value, *condition) is not negated]
    assert find_rows(table, Query(conditions=(asked,))).tolist() == expected


def sort_key(value: Any) -> tuple[int, Any]:
    if value is MISSING or value is None or value in ("", [], {}):
        return (9, 0)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (1, value)
    return (2, str(text_of(value)).lower())


@quietly
@given(COLUMNS, st.booleans())
def test_sorting_is_what_plain_python_does(store: Store, values: list[Any], descending: bool) -> None:
    table = tabulate(store, values)
    rows = find_rows(table, Query(sort="c", descending=descending)).tolist()
    stored = [*values, None]
    held = [row for row, value in enumerate(stored) if sort_key(value)[0] != 9]
    groups = [[row for row in held if sort_key(stored[row])[0] == kind] for kind in (1, 2)]
    ordered = [
        row
        for group in groups
        for row in sorted(group, key=lambda row: sort_key(stored[row])[1], reverse=descending)
    ]
    assert rows == ordered + [row for row in range(len(stored)) if row not in set(held)]


def test_sorting_keeps_the_order_of_equal_values_either_way(store: Store) -> None:
    table = store([{"n": number % 3, "t": "aA"[number % 2]} for number in range(3_000)])
    for name, key in (("n", lambda row: row % 3), ("t", lambda row: 0)):
        for descending in (False, True):
            rows = find_rows(table, Query(sort=name, descending=descending)).tolist()
            assert rows == sorted(range(3_000), key=key, reverse=descending)


def test_long_texts_with_the_same_beginning_are_told_apart(store: Store) -> None:
    ends = ["b", "a", "C", "", "ab", "B"]
    table = store([{"t": "same " * 50 + end} for end in ends])
    rows = find_rows(table, Query(sort="t")).tolist()
    assert [ends[row] for row in rows] == ["", "a", "ab", "b", "B", "C"]
    rows = find_rows(table, Query(sort="t", descending=True)).tolist()
    assert [ends[row] for row in rows] == ["C", "b", "B", "ab", "a", ""]


def test_searches_conditions_and_sorting_go_together(store: Store) -> None:
    table = store([{"t": f"text {number}", "n": number % 7} for number in range(200)])
    few = Condition("n", "number", (2, 3))
    query = Query(
        search=Search("1"), conditions=(few, Condition("t", "length", (7, 7))), sort="t", descending=True
    )
    expected = [row for row in range(10, 100) if row % 7 in (2, 3) and "1" in str(row)]
    assert find_rows(table, query).tolist() == sorted(expected, key=lambda row: f"text {row}", reverse=True)
    page = table.page(1, 2, query)
    assert [record.row for record in page.rows] == find_rows(table, query).tolist()[1:3]
    assert page.total == len(expected)


@pytest.mark.parametrize("index", range(len(HOSTILE_NAMES)))
def test_a_column_of_any_name_can_be_asked_and_sorted(store: Store, index: int) -> None:
    name = HOSTILE_NAMES[index]
    records = [{other: f"{other}{row}" for other in HOSTILE_NAMES} for row in range(3)]
    table = store([*records, {other: "-" for other in HOSTILE_NAMES if other != name}])
    for test, value, rows in (
        ("equals", f"{name}1", [1]),
        ("contains", f"{name}2", [2]),
        ("missing", None, [3]),
        ("null", None, []),
        ("empty", None, [3]),
        ("one-of", (f"{name}0", f"{name}2"), [0, 2]),
        ("length", (len(name) + 1, None), [0, 1, 2]),
    ):
        found = find_rows(table, Query(conditions=(Condition(name, test, value),)))  # type: ignore[arg-type]
        assert found.tolist() == rows, test
    assert find_rows(table, Query(sort=name, descending=True)).tolist() == [2, 1, 0, 3]


def test_numbers_beyond_64_bits_are_bounds_like_any_other(store: Store) -> None:
    table = store([{"n": n} for n in (-(2**63), -1, 0, 2**53 + 1, 2**63 - 1)])
    assert table.columns[0].type == "integer"

    def rows(least: Any, most: Any) -> list[int]:
        condition = parse_condition({"column": "n", "is": "number", "value": [least, most]})
        return find_rows(table, Query(conditions=(condition,))).tolist()

    assert rows(-(10**400), 10**400) == [0, 1, 2, 3, 4]
    assert rows(10**30, None) == rows(None, -(10**30)) == rows(float("inf"), None) == []
    assert rows(2**53 + 1, 2**53 + 1) == [3]
    assert rows(-0.5, 0.5) == rows(-0.5, None)[:1] == [2]
    assert rows(2**63 - 1, None) == [4]


def test_numbers_that_no_native_type_keeps_are_compared_by_value(tmp_path: Any) -> None:
    with TableWriter(tmp_path / "t", source=Source(path="a"), kind="jsonl", limits=Limits()) as writer:
        for line, spelling in enumerate([b"10.0", b"2.50", b"1e3", b"-7", b'"9"', b"null"], 1):
            writer.add({"n": spelling}, line=line, offset=0, length=1)
        table = writer.finish(complete=True, sha256=None, size=0)
    assert table.columns[0].type == "json"
    assert find_rows(table, Query(sort="n")).tolist() == [3, 1, 0, 2, 4, 5]
    between = Condition("n", "number", (2.5, 10))
    assert find_rows(table, Query(conditions=(between,))).tolist() == [0, 1]
    assert find_rows(table, Query(conditions=(Condition("n", "equals", "2.50"),))).tolist() == [1]


def test_edited_values_are_found_and_excluded_records_too(store: Store) -> None:
    table = store([{"t": f"text {row}"} for row in range(5)]).with_changes(
        Changes(edits={2: {"t": "mended"}}, excluded=(3,))
    )
    assert find_rows(table, Query(search=Search("text 2"))).tolist() == []
    assert find_rows(table, Query(search=Search("mended"))).tolist() == [2]
    assert find_rows(table, Query(search=Search("text 3"))).tolist() == [3]
    assert find_rows(table, Query(sort="t")).tolist() == [2, 0, 1, 3, 4]


def test_matches_come_block_by_block(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.table.matching._BLOCK_ROWS", 10)
    table = store([{"n": row} for row in range(35)])
    parts = list(iter_matches(table, Query(search=Search("5"))))
    assert [searched for searched, _ in parts] == [10, 20, 30, 35]
    assert [rows.tolist() for _, rows in parts] == [[5], [15], [25], []]
    parts = list(iter_matches(table, Query(search=Search("5"), sort="n", descending=True)))
    assert [rows.tolist() for _, rows in parts] == [[], [], [], [25, 15, 5]]
    assert parts[-1][0] == 35


def test_a_table_that_grows_is_asked_like_one_that_is_whole(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.table.segment._RECORDS", 4)
    monkeypatch.setattr("studio.table.writer._PAUSE", 0)
    monkeypatch.setattr("studio.table.writer._SHARE", 0)
    source, folder = Source(path="a"), tmp_path / "t"
    with TableWriter(folder, source=source, kind="jsonl", limits=Limits(), live=True) as writer:
        for row in range(10):
            fields = {"n": b"%d" % (row % 3) if row < 6 else b'"text %d"' % row, "t": b'"value %d"' % row}
            writer.add(fields if row != 2 else {"n": b"7"}, line=row + 1, offset=0, length=1)
            writer.checkpoint()
        table = Table.open(folder)
        assert table.reading and len(table) >= 4
        rows = range(len(table))
        assert find_rows(table, Query(search=Search("value"))).tolist() == [row for row in rows if row != 2]
        assert find_rows(table, Query(conditions=(Condition("t", "missing"),))).tolist() == [2]
        assert find_rows(table, Query(sort="t", descending=True)).tolist()[-1] == 2
        assert [stats.missing for stats in describe_columns(table)] == [0, 1]


WRONG = [
    (3, "is no condition"),
    ({"column": "t", "is": "empty", "or": 1}, "is no condition"),
    ({"is": "empty"}, "names no column"),
    ({"column": "t", "is": "like"}, "No condition is called 'like'"),
    ({"column": "t", "is": ["empty"]}, "No condition is called"),
    ({"column": "t", "is": "empty", "value": 1}, "takes none"),
    ({"column": "t", "is": "equals"}, "The value of the condition is None"),
    ({"column": "t", "is": "contains", "value": ["x"]}, "The value of the condition"),
    ({"column": "t", "is": "one-of", "value": []}, "The value of the condition"),
    ({"column": "t", "is": "one-of", "value": [["x"]]}, "The value of the condition"),
    ({"column": "t", "is": "length", "value": [1]}, "The bounds of the condition"),
    ({"column": "t", "is": "number", "value": ["1", 2]}, "The bounds of the condition"),
    ({"column": "t", "is": "number", "value": [True, 2]}, "The bounds of the condition"),
    ({"column": "t", "is": "number", "value": [float("nan"), 2]}, "The bounds of the condition"),
    ({"column": "t", "is": "empty", "not": "yes"}, '"not" is'),
    ({"column": "\ud800", "is": "empty"}, "names no column"),
    ({"column": "t", "is": "equals", "value": "\udfff"}, "The value of the condition"),
]


@pytest.mark.parametrize(("given", "words"), WRONG)
def test_what_is_no_condition_is_said_in_words(given: Any, words: str) -> None:
    with pytest.raises(TableError) as raised:
        parse_condition(given)
    assert words in raised.value.message
    assert raised.value.hint


def test_a_condition_is_written_as_it_is_read() -> None:
    for mapping in (
        {"column": "t", "is": "empty"},
        {"column": "", "is": "length", "value": [1, None], "not": True},
        {"column": "t", "is": "one-of", "value": ["a", "b"]},
        {"column": "t", "is": "contains", "value": "x"},
    ):
        assert parse_condition(mapping).to_mapping() == mapping
    assert parse_condition({"column": "t", "is": "equals", "value": 3}).value == "3"
    assert parse_condition({"column": "t", "is": "equals", "value": True}).value == "true"


def test_a_column_that_is_not_there_is_named_with_what_there_is(store: Store) -> None:
    table = store([{"question": "x", "": 1}])
    for query in (Query(sort="qestion"), Query(conditions=(Condition("qestion", "empty"),))):
        with pytest.raises(TableError) as raised:
            table.page(query=query)
        assert raised.value.message == "No column named qestion."
        assert raised.value.hint == 'Columns are: question, "".'


@quietly
@given(data=st.data(), values=st.lists(VALUES, min_size=1, max_size=12), asked=CONDITIONS)
def test_rows_that_are_asked_among_are_those_that_are_also_found(
    store: Store, data: st.DataObject, values: list[Any], asked: tuple[str, Any], monkeypatch: Any
) -> None:
    table = tabulate(store, values)
    rows = sorted(data.draw(st.sets(st.integers(0, len(values) - 1))))
    among = Among("some", np.array(rows, np.uint32))
    monkeypatch.setattr(matching, "_BLOCK_ROWS", 4)
    every = Query(conditions=(Condition("c", *asked),) if "c" in table.names else (), sort="#")
    assume(
        every.conditions == () or asked[0] != "number" or table.columns[-1].type not in ("text", "boolean")
    )
    for query in (every, replace(every, sort=None)):
        wanted = [row for row in find_rows(table, query).tolist() if row in rows]
        assert find_rows(table, replace(query, among=among)).tolist() == wanted
    assert find_rows(table, Query(among=among)).tolist() == rows


def test_rows_beyond_the_table_are_refused_in_words(store: Store) -> None:
    table = tabulate(store, [1, 2])
    with pytest.raises(TableError, match="others by now"):
        table.page(query=Query(among=Among("gone", np.array([0, 3], np.uint32))))
