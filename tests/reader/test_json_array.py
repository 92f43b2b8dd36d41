"""A JSON array: elements one by one, broken ones to the quarantine, nothing passed over."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import ReadError
from studio.reader.json_array import iter_elements
from studio.record import Json
from studio.table import Table

Load = Callable[..., Table]


class Pieces:
    """A stream that gives its bytes in pieces of one size."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content, self._size = content, size

    def read(self, size: int, /) -> bytes:
        piece, self._content = self._content[: self._size], self._content[self._size :]
        return piece


def test_elements_become_records_numbered_from_one(load: Load) -> None:
    table = load('[{"a": "x", "b": 2.50},\n  {"a": "]},{\\"["}\n]\n', name="data.json")
    assert (table.format, table.counts.read, table.complete) == ("json", 2, True)
    assert [(record.line, dict(record)) for record in table.page().rows] == [
        (1, {"a": "x", "b": Json("2.50")}),
        (2, {"a": ']},{"['}),
    ]


def test_the_place_of_an_element_leads_back_to_its_bytes(load: Load, tmp_path: Path) -> None:
    content = '\ufeff [ {"a": "é"} ,\n {"a": "b"}]'
    table = load(content, name="data.json")
    places = table.frame.select(table.bookkeeping.offset, table.bookkeeping.length).collect().rows()
    whole = (tmp_path / "data.json").read_bytes()
    assert [whole[at : at + size].decode() for at, size in places] == ['{"a": "é"}', '{"a": "b"}']


BROKEN: list[tuple[str, list[tuple[int, str, str]]]] = [
    ('[{"a":1},{"a":NaN},{"a":2}]', [(2, "NaN is not JSON", '{"a":NaN}')]),
    ('[{"a":1},7,{"a":2}]', [(2, "a number, not an object", "7")]),
    ('[{"a":1},{"a":3,"a":4},{"a":2}]', [(2, 'duplicate key "a"', '{"a":3,"a":4}')]),
    ('[{"a":1},,{"a":2}]', [(2, "an empty element: a comma too many", "")]),
    ('[{"a":1},{"a":2},]', [(3, "an empty element: a comma too many", "")]),
    ('[{"a":1},{"a":2}', [(3, "the file ends before the array is closed: ] is missing", "")]),
    ('[{"a":1},{"a":2},{"a":"cu', [
        (3, "the file ends before the array is closed: ] is missing", '{"a":"cu'),
    ]),
    ('[{"a":1},{"a":2}] [3]', [(3, "more text after the end of the array", "[3]")]),
    ('[{"a":1},{"a":3} {"a":4},{"a":2}]', [
        (2, "more text after the object, at character 9", '{"a":3} {"a":4}'),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("content", "refused"), BROKEN)
def test_what_is_broken_is_quarantined_and_the_rest_loads(
    load: Load, content: str, refused: list[tuple[int, str, str]]
) -> None:
    table = load(content, name="data.json")
    assert [(entry.line, entry.reason, entry.raw) for entry in table.quarantine()] == refused
    assert [row["a"] for row in table.page().rows] == [Json("1"), Json("2")]
    assert table.counts.read == 2 + len(refused)


def test_an_element_over_the_limit_keeps_only_its_start(load: Load) -> None:
    content = json.dumps([{"a": 1}, {"a": "x" * 4_000_000}, {"a": 2}])
    table = load(content, name="data.json", line_bytes=100_000)
    [refused] = table.quarantine()
    assert refused.line == 2
    assert refused.reason == "element over 97.7 KB; only its start is kept here"
    assert len(table) == 2


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ('"text"', "data.json holds neither a JSON array nor an object.", ".jsonl"),
        ("7", "data.json holds neither a JSON array nor an object.", ".jsonl"),
        ("[]", "data.json holds no record.", "Check"),
        ("[1, 2]", "data.json holds no record. Line 1: a number, not an object.", ""),
    ],
)
def test_a_file_that_is_no_array_of_objects_is_refused(
    load: Load, content: str, message: str, hint: str
) -> None:
    with pytest.raises(ReadError) as raised:
        load(content, name="data.json")
    assert raised.value.message.startswith(message)
    assert hint in raised.value.hint


def test_json_lines_named_json_and_an_array_named_jsonl_are_read_as_what_they_are(load: Load) -> None:
    assert load('{"a": "x"}\n{"a": "y"}\n', name="data.json").format == "jsonl"
    assert load('[\n{"a": "x"},\n{"a": "y"}\n]', name="data.jsonl").format == "json"


def test_only_the_first_elements_are_kept_when_asked(load: Load) -> None:
    content = json.dumps([{"n": n} for n in range(10)])
    assert (len(load(content, name="a.json", first=4)), load(content, name="a.json", first=4).complete) == (
        4,
        False,
    )
    assert load(content, name="a.json", first=10).complete


@given(
    records=st.lists(
        st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())), min_size=1, max_size=6
    ),
    size=st.integers(1, 9),
    indent=st.none() | st.integers(0, 2),
)
def test_elements_are_the_same_wherever_a_read_cuts_them(
    records: list[dict], size: int, indent: int | None
) -> None:
    content = json.dumps(records, indent=indent).encode()
    elements = list(iter_elements(Pieces(content, size), 1 << 20))
    assert [json.loads(element.raw) for element in elements] == records
    assert all(content[e.offset : e.offset + e.length] == e.raw for e in elements)
