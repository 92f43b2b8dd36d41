"""JSON Lines: what is accepted keeps its spelling; what is not is quarantined with its line and reason."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars import selectors as cs

from studio.reader import read_source
from studio.record import Json
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table
from tests.examples import examples

Load = Callable[..., Table]

GOOD = b'{"q": "first", "a": "one"}'

FAULTS: list[tuple[bytes, str]] = [
    (b'{"a": 1, "a": 2}', 'duplicate key "a"'),
    (b'{"a": 1, "\\u0061": 2}', 'duplicate key "a"'),
    (b'{"a:b": 1, "a:b": 2}', 'duplicate key "a:b"'),
    (b'{"a": {"b": 1, "b": 2}}', 'duplicate key "b"'),
    (b'{"a": [{"b": {"c": ":", "c": ""}}]}', 'duplicate key "c"'),
    (b'{"a": "x:y", "a": "x", "b": ":"}', 'duplicate key "a"'),
    (b'{"a": NaN}', "NaN is not JSON"),
    (b'{"a": [Infinity]}', "Infinity is not JSON"),
    (b'{"a": -Infinity}', "-Infinity is not JSON"),
    (b'{"a": "caf\xe9"}', "not UTF-8 at byte 11"),
    (b'{"\xff": 1}', "not UTF-8 at byte 3"),
    (b'{"a": "\xed\xa0\x80"}', "not UTF-8 at byte 8"),
    (b'{"a": "\\ud800"}', "a lone surrogate \\ud800 at character 8"),
    (b'{"a": ["\\udc00"]}', "a lone surrogate \\udc00 at character 9"),
    (b'{"a": "\\ud83d \\ude00"}', "a lone surrogate \\ud83d at character 8"),
    (b'{"\\udbff": 1}', "a lone surrogate \\udbff at character 3"),
    (b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}", "nested deeper than 200"),
    (b'{"a": ' + b'{"a":' * 5000 + b"1" + b"}" * 5001, "nested deeper than 200"),
    (b"[" * 100_000, "nested deeper than 200"),
    (b"[1, 2]", "a JSON array, not an object"),
    (b'"text"', "a JSON string, not an object"),
    (b"12", "a number, not an object"),
    (b"null", "null, not an object"),
    (b'{"a": "cut', "ends in the middle of a value"),
    (b'{"a": ', "ends in the middle of a value"),
    (b'{"a": [1, 2', "ends in the middle of a value"),
    (b"{", "ends in the middle of a value"),
    (b"{'a': 1}", "not JSON: expecting a key in double quotes at character 2"),
    (b"{a: 1}", "not JSON: expecting a key in double quotes at character 2"),
    (b'{"a" 1}', "not JSON: expecting ':' at character 6"),
    (b'{"a": 1,}', "not JSON: expecting a key in double quotes at character 9"),
    (b'{"a": 1 "b": 2}', "not JSON: expecting ',' at character 9"),
    (b'{"a": 01}', "not JSON: expecting ',' at character 8"),
    (b'{"a": +1}', "not JSON: expecting value at character 7"),
    (b'{"a": True}', "not JSON: expecting value at character 7"),
    (b'{"a": "\x01"}', "not JSON: a raw control character (U+0001) inside a string at character 8"),
    (b'{"a": "x\ty"}', "not JSON: a raw control character (U+0009) inside a string at character 9"),
    (b'{"a": "\\x41"}', "not JSON: Invalid \\escape at character 8"),
    (b'{"a": 1} {"b": 2}', "more text after the object, at character 10"),
    (b'{"a": 1};', "more text after the object, at character 9"),
    (b'{"a": 1}\x00', "more text after the object, at character 9"),
    (b"\xef\xbb\xbf" + GOOD, "a byte order mark (U+FEFF) stands before the object"),
    (b'{"a\\u0000b": 1}', "a key with a NUL character (U+0000)"),
    (b"# a comment", "not JSON: expecting value at character 1"),
    (b"plain text", "not JSON: expecting value at character 1"),
    (b"<<<<<<< HEAD", "not JSON: expecting value at character 1"),
    (b'{"a": "' + b"x" * 3000 + b'"}', "line over 2 KB; only its start is kept here"),
]


@pytest.mark.parametrize(("bad", "reason"), FAULTS, ids=range(len(FAULTS)))
def test_a_bad_line_is_quarantined_and_the_others_load(load: Load, bad: bytes, reason: str) -> None:
    limit = {"line_bytes": 2048} if reason.startswith("line over") else {}
    table = load(GOOD + b"\n" + bad + b"\n\n" + GOOD, **limit)
    [refused] = table.quarantine()
    assert (refused.file, refused.line, refused.reason) == ("records.jsonl", 2, reason)
    assert refused.raw == bad[: limit.get("line_bytes")].decode("utf-8", "backslashreplace")
    assert [record.line for record in table.page().rows] == [1, 4]
    assert dict(table.record(1)) == {"q": "first", "a": "one"}
    assert (table.counts.read, table.counts.blank) == (4, 1)


KEPT = [
    "1", "-0", "-0.0", "2.50", "1e400", "1E5", "12345678901234567890123", "0.1000", "9" * 5000, "true",
    "[]", "{ }", "[1, 2.0,3]", '{"b": [{"c": "d:e"}]}', '["\\u00e9"]', "9007199254740993",
    "[" * 199 + "]" * 199,
]  # fmt: skip


@pytest.mark.parametrize("spelling", KEPT)
def test_a_value_that_is_no_string_keeps_its_spelling(load: Load, spelling: str) -> None:
    alone = load(f'{{"a": {spelling}}}')
    among = load(f'{{"a": {spelling}}}\n{{"a": "text"}}\n{{"a": 1.5}}\n{{"a": null}}')
    assert alone.record(0)["a"] == Json(spelling)
    assert [row["a"] for row in among.page().rows] == [Json(spelling), "text", Json("1.5"), None]


LOOK_ALIKES = ["02139", "2024-01-31", "2021-03-04T05:06:07Z", "1e5", "NA", "null", "true", "", " ", "1_000",
               "NaN", "550e8400-e29b-41d4-a716-446655440000", "=1+1", "{question}", "٣", "𝟙"]  # fmt: skip


def test_text_that_looks_like_something_else_stays_text(load: Load) -> None:
    table = load("\n".join(json.dumps({"zip": text}) for text in LOOK_ALIKES))
    assert [column.type for column in table.columns] == ["text"]
    assert [record["zip"] for record in table.page().rows] == LOOK_ALIKES


def test_missing_and_null_are_kept_apart_and_a_late_key_widens_the_table(load: Load) -> None:
    table = load('{"a": "x"}\n{"a": null, "late": ""}\n{}')
    assert [dict(record) for record in table.page().rows] == [{"a": "x"}, {"a": None, "late": ""}, {}]
    a, late = table.columns
    assert (a.missing, a.null, a.empty) == (1, 1, 0)
    assert (late.missing, late.null, late.empty) == (2, 0, 1)


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["1", "2", "null"], "integer"),
        (["1.5", "2.25"], "float"),
        (["true", "false"], "boolean"),
        (["null", "null"], "text"),
        (["1", "2.5"], "json"),
        (["true", "1"], "json"),
        (["2.50", "1.5"], "json"),
        (['"1"', "1"], "json"),
        (["9223372036854775807", "-9223372036854775808"], "integer"),
        (["9223372036854775808"], "json"),
        (['["a"]', "null"], "json"),
    ],
)
def test_a_column_is_native_only_when_every_value_survives(load: Load, lines: list[str], kind: str) -> None:
    table = load("\n".join(f'{{"v": {value}}}' for value in lines))
    assert table.columns[0].type == kind
    spelled = [None if row["v"] is None else _spelling(row["v"]) for row in table.page().rows]
    assert spelled == [None if value == "null" else value for value in lines]


def _spelling(value: str | Json) -> str:
    return json.dumps(value) if isinstance(value, str) else value.spelling


def test_only_a_newline_ends_a_line(load: Load) -> None:
    text = "one\u2028two\u2029three\x85four\x0bfive"
    table = load(
        json.dumps({"a": text}, ensure_ascii=False).replace("\x0b", "\\u000b") + "\r\n" + '{"a": "b"}\r'
    )
    assert [record["a"] for record in table.page().rows] == [text, "b"]


def test_a_mark_at_the_start_and_whitespace_lines_are_no_fault(load: Load) -> None:
    table = load(b"\xef\xbb\xbf" + GOOD + b"\n  \t\n\r\n" + GOOD + b"\n")
    assert (table.counts.accepted, table.counts.blank, table.counts.quarantined) == (2, 2, 0)


def test_the_place_of_each_record_leads_back_to_its_bytes(load: Load, tmp_path: Path) -> None:
    table = load('\ufeff{"a": "é"}\nbad\n\n  {"a": "b"}\r\n{"a": 3}')
    whole = (tmp_path / "records.jsonl").read_bytes()
    where = table.bookkeeping
    places = table.frame.select(where.offset, where.length).collect().rows()
    assert [whole[at : at + size] for at, size in places] == [
        '{"a": "é"}'.encode(), b'  {"a": "b"}\r', b'{"a": 3}',
    ]  # fmt: skip


def test_lines_longer_than_a_read_are_whole_and_too_long_ones_are_counted_once(load: Load) -> None:
    long = json.dumps({"a": "x" * 3_000_000})
    table = load(long + "\n" + json.dumps({"a": "y" * 5_000_000}) + "\n" + long, line_bytes=4_000_000)
    assert (len(table), table.counts.quarantined) == (2, 1)
    assert len(table.record(1)["a"]) == 3_000_000
    assert next(iter(table.quarantine())).line == 2


def test_only_the_first_records_are_kept_when_asked(load: Load) -> None:
    lines = b"\n".join(b'{"n": %d}' % n for n in range(10))
    table = load(b"bad\n" + lines, first=3)
    assert (len(table), table.counts.quarantined, table.complete) == (3, 1, False)
    assert load(lines + b"\n\n", first=10).complete
    assert table.sha256 is not None


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.text().filter(lambda name: "\0" not in name)
OBJECTS = st.lists(st.dictionaries(NAMES, JSON_VALUES, max_size=4), min_size=1, max_size=8)


@settings(deadline=None, max_examples=examples(50))
@given(records=OBJECTS, escaped=st.booleans())
def test_any_objects_come_back_equal_and_spelled_the_same(records: list[dict], escaped: bool) -> None:
    spelled = [{k: json.dumps(v, ensure_ascii=escaped) for k, v in record.items()} for record in records]
    lines = ["{" + ", ".join(f"{json.dumps(k)}: {v}" for k, v in record.items()) + "}" for record in spelled]
    table = _read_lines("\n".join(lines).encode())
    found = [dict(record) for record in table]
    assert [{k: v.value if isinstance(v, Json) else v for k, v in row.items()} for row in found] == records
    for row, spellings in zip(found, spelled, strict=True):
        assert all(value.spelling == spellings[k] for k, value in row.items() if isinstance(value, Json))


PLAINLY_TEXT = (
    '{"q": "é'.encode() + b" " * 2000 + b'"}\n'
)  # whatever follows, the file is not taken for binary
KINDS = [
    *[b'{"a": "x", "b": "y"}', b'{"a": "\xc3\xa9:", "b": ""}\r', b'{"b": "\\n", "a": "{"}'] * 3,
    *[b'{"a": "x", "b": 1}', b'{"a": "y", "b": 2.50}', b'{"a": null, "b": -0}'] * 2,
    b'{"a": "x"}', b'{"a": null, "b": "x"}', b'{"a": "x", "b": null}', b'{"late": "x"}', b'{"late": true}',
    b'{"a": "x", "a": "y"}', b'{"a": {"b": 1, "b": 2}}', b'{"a": [{"b": ":"}]}', b"{}",
    b'{"a": "\\u003a", "b": "x"}', b'{"a": "\xff"}', b'{"a": "' + b"x" * 1500 + b'", "b": ""}',
    b"", b" ", b"{", b"x" * 3000,
]  # fmt: skip


@settings(deadline=None, max_examples=examples(60))
@given(lines=st.lists(st.sampled_from(KINDS), min_size=1, max_size=40), first=st.none() | st.integers(1, 30))
def test_lines_taken_together_give_what_they_give_one_by_one(lines: list[bytes], first: int | None) -> None:
    content = PLAINLY_TEXT + b"\n".join(lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("studio.reader.lines.CHUNK_BYTES", 500)
        patch.setattr("studio.reader.jsonl._BLOCK_BYTES", 500)
        patch.setattr("studio.reader.jsonl._FEW_LINES", 3)
        patch.setattr("studio.reader.flat._ENOUGH_BYTES", 0)
        together = _describe(content, first)
        patch.setattr("studio.reader.jsonl.are_braced", lambda *_: False)
        assert together == _describe(content, first)


def _describe(content: bytes, first: int | None) -> list:
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.jsonl")
        path.write_bytes(content)
        limits = Limits(line_bytes=2500)
        settings = Settings(workspace=Path(folder), limits=limits)
        table = read_source(Source(path=str(path), first=first), Path(folder, "t"), settings)
        places = table.frame.select(cs.by_name(*table.bookkeeping.names)).collect().rows()
        records = [dict(record) for record in table.page(limit=100).rows]
        return [table.columns, table.counts, table.complete, list(table.quarantine()), places, records]


@settings(deadline=None, max_examples=examples(50))
@given(
    data=st.lists(
        st.sampled_from([GOOD, b"", b"  ", b"{", b'{"a":1}', b"\xff", b"\r"]) | st.binary(max_size=20),
        max_size=18,
    )
)
def test_every_line_is_accepted_quarantined_or_blank(data: list[bytes]) -> None:
    content = PLAINLY_TEXT + b"\n".join(data)
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.jsonl")
        path.write_bytes(content)
        table = read_source(Source(path=str(path)), Path(folder, "t"), Settings(workspace=Path(folder)))
        quarantined = len(list(table.quarantine()))
    assert table.counts.read == content.count(b"\n") + (not content.endswith(b"\n"))
    assert (table.counts.accepted, table.counts.quarantined) == (len(table), quarantined)


def _read_lines(content: bytes) -> list:
    with TemporaryDirectory() as folder:
        path = Path(folder, "x.jsonl")
        path.write_bytes(content)
        table = read_source(Source(path=str(path)), Path(folder, "t"), Settings(workspace=Path(folder)))
        assert table.counts.quarantined == table.counts.blank == 0
        return list(table.page(limit=100).rows)
