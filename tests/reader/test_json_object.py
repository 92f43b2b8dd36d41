"""A JSON file that is one object: whole columns by their shape, records under a key only when it is named."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import ReadError
from studio.reader import json_object, read_source
from studio.reader.json_keys import KeyReader
from studio.reader.strict import Fault
from studio.record import Json, Record, Repair
from studio.settings import Settings
from studio.source import Source
from studio.table import Table
from tests.examples import examples

Load = Callable[..., Table]


@pytest.fixture
def read(tmp_path: Path) -> Load:
    """`read(content, name="data.json", repairs=(), **options)`: the table of a file with that content."""

    def write_and_read(
        content: str | bytes, name: str = "data.json", repairs: tuple[Repair, ...] = (), **options: object
    ) -> Table:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        source = replace(Source(path=str(path)), **options)
        folder = tmp_path / f"table-{len(list(tmp_path.iterdir()))}"
        return read_source(source, folder, Settings(workspace=tmp_path), repairs=repairs)

    return write_and_read


def _list(table: Table) -> list[tuple[int, dict]]:
    return [(record.line, dict(record)) for record in table.page().rows]


COLUMNS = '{"q": ["What is LoRA?", "x"],\n "score": [2.50, 1E3],\n "tags": [["a",  "b"], null], "": [1, 2]}'


def test_whole_columns_are_a_record_per_index_with_every_spelling(read: Load) -> None:
    table = read(COLUMNS)
    assert (table.format, table.source.field, table.complete) == ("json", None, True)
    assert _list(table) == [
        (1, {"q": "What is LoRA?", "score": Json("2.50"), "tags": Json('["a",  "b"]'), "": Json("1")}),
        (2, {"q": "x", "score": Json("1E3"), "tags": None, "": Json("2")}),
    ]


def test_a_record_of_whole_columns_has_no_bytes_of_its_own(read: Load) -> None:
    table = read(COLUMNS)
    assert [table.place(row).length for row in range(2)] == [0, 0]


def test_only_the_first_of_whole_columns_are_kept_when_asked(read: Load) -> None:
    assert (len(read(COLUMNS, first=1)), read(COLUMNS, first=1).complete) == (1, False)
    assert read(COLUMNS, first=2).complete


COLUMN_FAULTS: list[tuple[str, str]] = [
    ('{"a": [1, NaN, 3], "b": ["x", "y", "z"]}', "NaN is not JSON"),
    ('{"a": [1, {"k": 1, "k": 2}, 3], "b": ["x", "y", "z"]}', 'duplicate key "k"'),
    ('{"a": [1, "\\ud800", 3], "b": ["x", "y", "z"]}', r"a lone surrogate \ud800 at character 8"),
    ('{"a": [1, nul, 3], "b": ["x", "y", "z"]}', "not JSON: expecting value at character 7"),
    ('{"a": [1, "\t", 3], "b": ["x", "y", "z"]}', "a raw control character (U+0009) inside a string"),
]


@pytest.mark.parametrize(("content", "reason"), COLUMN_FAULTS)
def test_a_bad_value_in_a_column_costs_its_record_only(read: Load, content: str, reason: str) -> None:
    table = read(content)
    [refused] = table.quarantine()
    assert refused.line == 2
    assert reason in refused.reason
    assert refused.raw.endswith('"b": "y"}')
    assert _list(table) == [(1, {"a": Json("1"), "b": "x"}), (3, {"a": Json("3"), "b": "z"})]
    mended = Repair(line=2, hash=refused.hash, raw='{"a": 2.0, "b": "y"}')
    assert _list(read(content, repairs=(mended,)))[1] == (2, {"a": Json("2.0"), "b": "y"})


WRAPPED = '{"version": 3, "note": "[{", "data": [{"a": 2.50},\n {"a": "x"}], "more": {"data": []}}'


def test_records_under_a_key_are_proposed_and_not_guessed(read: Load) -> None:
    with pytest.raises(ReadError) as raised:
        read(WRAPPED)
    assert raised.value.message == "data.json is one JSON object. Its records stand under data."
    assert raised.value.hint == "Read them with --field data."
    assert dict(raised.value.proposal) == {"field": ["data"]}


def test_every_key_that_holds_records_is_proposed(read: Load) -> None:
    with pytest.raises(ReadError) as raised:
        read('{"train": [{"a": 1}], "classes": ["x", "y"], "test": [{"a": 2}], "none": []}')
    assert "--field" in raised.value.hint
    assert dict(raised.value.proposal) == {"field": ["train", "test"]}


def test_a_named_field_is_read_with_the_place_of_each_record(read: Load, tmp_path: Path) -> None:
    table = read("\ufeff" + WRAPPED, field="data")
    assert (table.format, table.source.field) == ("json", "data")
    assert _list(table) == [(1, {"a": Json("2.50")}), (2, {"a": "x"})]
    whole = (tmp_path / "data.json").read_bytes()
    places = [table.place(row) for row in range(2)]
    assert [whole[p.offset : p.offset + p.length] for p in places] == [b'{"a": 2.50}', b'{"a": "x"}']


def test_a_named_field_may_hold_what_would_be_columns(read: Load) -> None:
    content = '{"a": [{"n": 1}, 2], "b": ["x", "y"]}'
    assert _list(read(content)) == [(1, {"a": Json('{"n": 1}'), "b": "x"}), (2, {"a": Json("2"), "b": "y"})]
    table = read(content, field="a")
    assert _list(table) == [(1, {"n": Json("1")})]
    assert [(entry.line, entry.reason) for entry in table.quarantine()] == [(2, "a number, not an object")]


AFTER_THE_ARRAY: list[tuple[str, str]] = [
    ('{"data": [{"a": 1}], "b": ', "after the array: it ends in the middle of a value"),
    ('{"data": [{"a": 1}]', "after the array: it ends in the middle of a value"),
    ('{"data": [{"a": 1}] "b": 2}', "after the array: expecting a comma or } at byte 21"),
    ('{"data": [{"a": 1}]} {}', "after the array: more text after the object, at byte 22"),
    ('{"data": [{"a": 1}, {"a": ', "the file ends before the array is closed: ] is missing"),
]


@pytest.mark.parametrize(("content", "reason"), AFTER_THE_ARRAY)
def test_what_breaks_after_the_records_is_told(read: Load, content: str, reason: str) -> None:
    table = read(content, field="data")
    assert [(entry.line, entry.reason) for entry in table.quarantine()] == [(2, reason)]
    assert (len(table), table.counts.read) == (1, 2)


def test_only_the_first_records_of_a_field_are_kept_when_asked(read: Load) -> None:
    content = json.dumps({"data": [{"n": n} for n in range(10)], "z": 1})
    assert (len(read(content, field="data", first=4)), read(content, field="data", first=4).complete) == (
        4,
        False,
    )
    assert read(content, field="data", first=10).complete


REFUSED: list[tuple[str, str | None, str, str]] = [
    ('{"a": 1}', None, "data.json is one JSON object, not an array of objects.", "Put it in [ ]"),
    ('{\n  "a": 1,\n  "b": [2]\n}', None, "data.json is one JSON object, not an array", "Put it in [ ]"),
    ("{}", None, "data.json is one JSON object, not an array of objects.", ""),
    ('{"a": {"0": 1}, "b": {"0": 2}}', None, "data.json is one JSON object", "orient='records'"),
    ('{"a": [1, 2], "b": [1]}', None, "whose arrays differ in length: b has 1, a has 2.", "null"),
    ('{"columns": ["a"], "data": [[1]]}', None, "a table that pandas split into columns, data", "records"),
    ('{"a": [], "b": []}', None, "data.json holds no record.", ""),
    ('{"a": [1], "a": [2]}', None, "data.json has two fields named a.", ""),
    ('{"a": [1], "b": [2}', None, "data.json is no JSON object: ", ".jsonl"),
    ('{"a": ', None, "data.json is no JSON object: it ends in the middle of a value.", ".jsonl"),
    ('{"a": [1]} x', None, "more text after the object, at byte 12.", ".jsonl"),
    ('{"a" [1]}', None, "expecting a colon at byte 6.", ".jsonl"),
    ('{a: [1]}', None, "expecting a key in double quotes at byte 2.", ".jsonl"),
    ('{"a": }', None, "expecting a value at byte 7.", ".jsonl"),
    ('{"a": [1],}', None, "expecting a key in double quotes at byte 11.", ".jsonl"),
    (WRAPPED, "rows", "data.json has no field rows.", "version, note, data, more"),
    (WRAPPED, "note", "The field note of data.json is not an array.", ""),
    ('{"data": [{"a": 1}], "data": [{"a": 2}]}', "data", "data.json has two fields named data.", ""),
    ('[{"a": 1}]', "data", "data.json is an array, which has no fields.", ""),
    ('{"data": [1]}', "data", "data.json holds no record. Line 1: a number, not an object.", ""),
]  # fmt: skip


@pytest.mark.parametrize(("content", "field", "message", "hint"), REFUSED)
def test_an_object_that_is_no_table_is_refused_in_words(
    read: Load, content: str, field: str | None, message: str, hint: str
) -> None:
    with pytest.raises(ReadError) as raised:
        read(content, field=field)
    assert message in raised.value.message
    assert hint in raised.value.hint


def test_a_missing_field_proposes_those_that_hold_records(read: Load) -> None:
    with pytest.raises(ReadError) as raised:
        read(WRAPPED, field="rows")
    assert dict(raised.value.proposal) == {"field": ["data"]}


def test_whole_columns_over_the_limit_are_refused_with_a_way_out(
    read: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_object, "_LOOKED_AT_BYTES", 50)
    monkeypatch.setattr(json_object, "_COLUMNS_BYTES", 100)
    assert len(read('{"a": ["' + "x" * 20 + '"], "b": ["' + "y" * 20 + '"]}')) == 1
    with pytest.raises(ReadError, match="holds whole columns, and is over 100 bytes") as raised:
        read('{"a": ["' + "x" * 200 + '"]}')
    assert "lines=True" in raised.value.hint
    with pytest.raises(ReadError, match="under data") as raised:
        read('{"data": [{"a": "' + "x" * 200 + '"}], "more": []}')


def test_one_object_a_line_named_json_is_json_lines_whatever_its_first_line_holds(read: Load) -> None:
    assert read('{"a": [1], "b": [2]}\n{"a": [3]}\n').format == "jsonl"
    table = read('{"a": NaN}\n{"a": "y"}\n')
    assert (table.format, table.counts.quarantined, len(table)) == ("jsonl", 1, 1)
    long = '{"a": "' + "x" * 2_000_000 + '"}\n'
    assert (read(long * 2).format, len(read(long * 2))) == ("jsonl", 2)


class Pieces:
    """A stream that gives its bytes in pieces of one size."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content, self._size = content, size

    def read(self, size: int, /) -> bytes:
        piece, self._content = self._content[: self._size], self._content[self._size :]
        return piece


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab"\\[]{},: é\n', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(
    value=st.dictionaries(st.text('ab"\\{é', max_size=4), VALUES, max_size=5),
    size=st.integers(1, 9),
    indent=st.none() | st.integers(0, 2),
    escaped=st.booleans(),
)
def test_keys_are_found_wherever_a_read_cuts_them(
    value: dict, size: int, indent: int | None, escaped: bool
) -> None:
    content = json.dumps(value, indent=indent, ensure_ascii=escaped).encode()
    keys, found = KeyReader(Pieces(content, size), 1 << 20), {}
    while (key := keys.next_key()) is not None:
        start, opening = keys.offset, keys.opening()
        keys.skip_value()
        found[key] = json.loads(content[start : keys.offset])
        assert content[start : keys.offset].startswith(opening[:1])
    assert found == value


def test_a_value_without_end_is_not_held_in_memory() -> None:
    keys = KeyReader(Pieces(b'{"a": "' + b"x" * 5_000, 1_000), 2_000)
    with pytest.raises(Fault, match=r"a value over 1\.95 KB at byte 7"):
        assert keys.next_key() == "a"
        keys.skip_value()


@settings(deadline=None, max_examples=examples(60))
@given(
    cut=st.integers(0, 60),
    change=st.sampled_from(list(b'{}[],:"\\ 1n\xff')),
    field=st.none() | st.just("data"),
)
def test_every_record_of_a_damaged_object_is_counted_or_it_is_refused(
    cut: int, change: int, field: str | None
) -> None:
    content = bytearray(b'{"v": [1, 2], "w": [null, "x"]}' if field is None else WRAPPED.encode())
    content[cut % len(content)] = change
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.json")
        path.write_bytes(content)
        try:
            source = Source(path=str(path), field=field)
            table = read_source(source, Path(folder, "t"), Settings(workspace=Path(folder)))
        except ReadError as error:
            assert error.message
            return
        found: list[Record] = list(table.page().rows)
        assert table.counts.accepted == len(found)
        assert table.counts.quarantined == len(list(table.quarantine()))
