"""Typed values in the words of JSON: every value exactly, or its row at fault."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.reader.spelling import inner_types, is_worded, word

BAD_TEXT = pa.array([b"ok", b"caf\xe9", None], pa.binary()).view(pa.string())
NANOSECONDS = pa.array([0, -1, 1614859200000000001, None])

SPELLED: list[tuple[pa.Array, list[str]]] = [
    (pa.array(["02139", 'a "b"\n\\', "", None]), ['"02139"', r'"a \"b\"\n\\"', '""', "null"]),
    (pa.array(["\u2028é\x7f"]), ['"\u2028é\x7f"']),
    (pa.array(["x", None], pa.large_string()), ['"x"', "null"]),
    (pa.array(["x", None], pa.string_view()), ['"x"', "null"]),
    (pa.array(["x", "y", None, "x"]).dictionary_encode(), ['"x"', '"y"', "null", '"x"']),
    (pc.run_end_encode(pa.array([1, 1, 2])), ["1", "1", "2"]),
    (pa.array([2**64 - 1, 0, None], pa.uint64()), ["18446744073709551615", "0", "null"]),
    (pa.array([-(2**63), 2**53 + 1]), ["-9223372036854775808", "9007199254740993"]),
    (pa.array([True, False, None]), ["true", "false", "null"]),
    (pa.nulls(2), ["null", "null"]),
    (pa.array([2.5, -0.0, 0.1, 1e-7, 5e-324, None]), ["2.5", "-0.0", "0.1", "1e-7", "5e-324", "null"]),
    (pa.array([0.1, 3.0], pa.float32()), ["0.10000000149011612", "3.0"]),
    (pa.array([1.5, None], pa.float16()), ["1.5", "null"]),
    (pa.array([Decimal("2.50"), Decimal("-0.10"), None], pa.decimal128(20, 2)), ["2.50", "-0.10", "null"]),
    (pa.array([Decimal(0), Decimal("1E-20")], pa.decimal256(60, 20)),
     ["0.00000000000000000000", "0.00000000000000000001"]),
    (pa.array([Decimal(12300)], pa.decimal128(9, -2)), ["12300"]),
    (pa.array([dt.date(2024, 2, 29), dt.date(1, 1, 1)]), ['"2024-02-29"', '"0001-01-01"']),
    (pa.array([dt.date(2024, 2, 29)], pa.date64()), ['"2024-02-29"']),
    (pa.array([86_399], pa.time32("s")), ['"23:59:59"']),
    (pa.array([1], pa.time64("ns")), ['"00:00:00.000000001"']),
    (NANOSECONDS.cast(pa.timestamp("ns")),
     ['"1970-01-01T00:00:00.000000000"', '"1969-12-31T23:59:59.999999999"', '"2021-03-04T12:00:00.000000001"',
      "null"]),
    (pa.array([1614859200, 253402300800]).cast(pa.timestamp("s")),
     ['"2021-03-04T12:00:00"', '"10000-01-01T00:00:00"']),
    (pa.array([1614859200250]).cast(pa.timestamp("ms", "Europe/Berlin")), ['"2021-03-04T12:00:00.250Z"']),
    (pa.array([93784500, -5, None]).cast(pa.duration("ms")), ['"PT93784.500S"', '"-PT0.005S"', "null"]),
    (pa.array([3]).cast(pa.duration("s")), ['"PT3S"']),
    (pa.array([b"\x89PNG\r\n\x1a\n" + bytes(12_337), b""]), ['"<12,345 bytes, PNG>"', '"<0 bytes>"']),
    (pa.array([b"\0", None]), ['"<1 byte>"', "null"]),
    (pa.array([b"abcd"], pa.binary(4)), ['"<4 bytes>"']),
    (pa.array([UUID(int=7).bytes], pa.uuid()), ['"00000000-0000-0000-0000-000000000007"']),
    (pa.array(['{"a": 1}'], pa.json_()), [r'"{\"a\": 1}"']),
    (pa.array([["a", None], [], None]), ['["a",null]', "[]", "null"]),
    (pa.array([[1, 2], None], pa.list_(pa.int8(), 2)), ["[1,2]", "null"]),
    (pa.array([[1], None, [2, 3]], pa.list_view(pa.int8())), ["[1]", "null", "[2,3]"]),
    (pa.array([[("k", 1), ("k", None)], [], None], pa.map_(pa.string(), pa.int8())),
     ['[["k",1],["k",null]]', "[]", "null"]),
    (pa.array([{"a%b": 1, "é": [0.5]}, {"a%b": None, "é": None}, None]),
     ['{"a%b":1,"é":[0.5]}', '{"a%b":null,"é":null}', "null"]),
    (pa.array([{}, None], pa.struct([])), ["{}", "null"]),
    (pa.array([{"bytes": b"GIF89a", "path": "../etc/passwd"}]),
     ['{"bytes":"<6 bytes, GIF>","path":"../etc/passwd"}']),
    (pa.array([{"at": dt.datetime(2021, 3, 4, 12), "d": Decimal("2.50")}]),
     ['{"at":"2021-03-04T12:00:00.000000","d":2.50}']),
]  # fmt: skip


@pytest.mark.parametrize(("values", "spelled"), SPELLED, ids=lambda case: str(getattr(case, "type", "")))
def test_every_type_has_its_spelling_also_behind_an_offset(values: pa.Array, spelled: list[str]) -> None:
    assert [text.decode() for text in word(values).spell()] == spelled
    assert [text.decode() for text in word(values.slice(1)).spell()] == spelled[1:]
    assert word(values.slice(0, 0)).spell() == []
    assert word(values).faults == {}


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"\xff\xd8\xff", "JPEG"), (b"RIFF....WAVE", "WAV"), (b"RIFF....WEBP", "WEBP"), (b"ID3", "MP3"),
     (b"fLaC", "FLAC"), (b"OggS", "OGG"), (b"%PDF-1.7", "PDF")],
)  # fmt: skip
def test_media_are_told_by_what_they_begin_with(head: bytes, kind: str) -> None:
    assert word(pa.array([head])).spell() == [f'"<{len(head)} bytes, {kind}>"'.encode()]


NAN = "NaN, which JSON cannot spell"
FAULTS: list[tuple[pa.Array, dict[int, str]]] = [
    (pa.array([1.5, float("nan"), None, float("-inf")]), {1: NAN, 3: "-Infinity, which JSON cannot spell"}),
    (pa.array([float("inf")], pa.float16()), {0: "Infinity, which JSON cannot spell"}),
    (pa.array([[1.5], [], [0.5, float("nan")]]), {2: NAN}),
    (pa.array([{"a": [{"b": float("nan")}]}, None]), {0: NAN}),
    (pa.array([[("k", float("nan"))], []], pa.map_(pa.string(), pa.float32())), {0: NAN}),
    (BAD_TEXT, {1: "text that is not UTF-8 (at byte 4)"}),
    (pa.ListArray.from_arrays([0, 0, 2, 3], BAD_TEXT), {1: "text that is not UTF-8 (at byte 4)"}),
    (pa.array([2**62, 0]).cast(pa.timestamp("s")), {0: "a time outside the calendar"}),
    (pa.array([2**31 - 1], pa.int32()).cast(pa.date32()), {0: "a time outside the calendar"}),
]


@pytest.mark.parametrize(("values", "faults"), FAULTS, ids=lambda case: str(getattr(case, "type", "")))
def test_what_json_cannot_spell_is_told_of_its_row(values: pa.Array, faults: dict[int, str]) -> None:
    assert word(values).faults == faults
    assert word(values.slice(1)).faults == {row - 1: what for row, what in faults.items() if row}


def test_a_type_without_words_is_known_before_anything_is_read() -> None:
    assert not is_worded(pa.month_day_nano_interval())
    assert not is_worded(pa.dense_union([pa.field("a", pa.int8())]))
    assert list(inner_types(pa.list_(pa.month_day_nano_interval()))) == [pa.month_day_nano_interval()]


@given(st.lists(st.none() | st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False))))
def test_every_float_reads_back_as_the_same(rows: list[Any]) -> None:
    spelled = word(pa.array(rows, pa.list_(pa.float64()))).spell()
    read = [
        None if text == b"null" else [None if t == "null" else float(t) for t in _split(text)]
        for text in spelled
    ]
    assert read == rows


def _split(text: bytes) -> list[str]:
    inside = text.decode()[1:-1]
    return inside.split(",") if inside else []


@given(st.lists(st.none() | st.text()))
def test_every_text_reads_back_as_the_same(texts: list[str | None]) -> None:
    assert [json.loads(text) for text in word(pa.array(texts, pa.string())).spell()] == texts
