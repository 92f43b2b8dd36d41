"""Parquet: rows and types as they are, what JSON cannot spell in the quarantine, damage in words."""

import datetime as dt
import gzip
import io
import sys
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studio.errors import ReadError
from studio.reader import parquet, read_source, typed
from studio.record import Json, Repair
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table

Load = Callable[..., Table]
NAN = float("nan")


@pytest.fixture
def read(tmp_path: Path) -> Load:
    """`read(table or bytes, name="rows.parquet", look=None, repairs=(), first=None, write={…}, **limits)`."""

    def write_and_read(
        content: pa.Table | bytes,
        name: str = "rows.parquet",
        look: int | None = None,
        repairs: tuple[Repair, ...] = (),
        first: int | None = None,
        write: dict[str, Any] | None = None,
        **limits: int,
    ) -> Table:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else _dump(content, **(write or {})))
        source = replace(Source(path=str(path)), first=first)
        folder = tmp_path / f"table-{len(list(tmp_path.iterdir()))}"
        chosen = Settings(workspace=tmp_path, limits=Limits(**limits))
        return read_source(source, folder, chosen, repairs=repairs, look=look)

    return write_and_read


def _dump(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def _rows(table: Table) -> list[tuple[int, dict]]:
    return [(record.line, dict(record)) for record in table.page(limit=1_000).rows]


def test_columns_keep_their_types_and_tell_those_of_the_file(read: Load) -> None:
    noon = dt.datetime(2021, 3, 4, 12, tzinfo=dt.UTC)
    columns = {
        "text": pa.array(["02139", None]),
        "count": pa.array([1, None], pa.int8()),
        "huge": pa.array([2**64 - 1, 1], pa.uint64()),
        "score": pa.array([0.5, None], pa.float32()),
        "good": pa.array([True, None]),
        "price": pa.array([Decimal("2.50"), Decimal("1.00")]),
        "at": pa.array([noon, None], pa.timestamp("us", "UTC")),
        "tags": pa.array([["a"], None]),
        "image": pa.array([{"bytes": b"GIF89a", "path": "a.gif"}, None]),
        "nothing": pa.nulls(2),
    }
    table = read(pa.table(columns))
    assert [(column.name, column.type, column.source_type) for column in table.columns] == [
        ("text", "text", "string"),
        ("count", "integer", "int8"),
        ("huge", "json", "uint64"),
        ("score", "float", "float"),
        ("good", "boolean", "bool"),
        ("price", "json", "decimal128(3, 2)"),
        ("at", "text", "timestamp[us, tz=UTC]"),
        ("tags", "json", "list<element: string>"),
        ("image", "json", "struct<bytes: binary, path: string>"),
        ("nothing", "text", "null"),
    ]
    first, second = table.page().rows
    assert dict(first) == {
        "text": "02139",
        "count": Json("1"),
        "huge": Json("18446744073709551615"),
        "score": Json("0.5"),
        "good": Json("true"),
        "price": Json("2.50"),
        "at": "2021-03-04T12:00:00.000000Z",
        "tags": Json('["a"]'),
        "image": Json('{"bytes":"<6 bytes, GIF>","path":"a.gif"}'),
        "nothing": None,
    }
    assert [name for name, value in second.items() if value is not None] == ["huge", "price"]
    assert all(column.missing == 0 for column in table.columns)


def test_a_type_stays_what_it_is_however_the_rows_are_cut(
    read: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typed, "_VALUES", 20)
    rows = pa.table(
        {
            "n": pa.array([None] * 300 + [1] * 300, pa.int64()),
            "u": pa.array([1] * 300 + [2**64 - 1] * 300, pa.uint64()),
            "d": pa.array([Decimal("2.5")] * 300 + [Decimal("2.0")] * 300),
            "t": ["x"] * 300 + [None] * 300,
        }
    )
    table = read(rows, write={"row_group_size": 70})
    assert {column.name: column.type for column in table.columns} == {
        "n": "integer", "u": "json", "d": "json", "t": "text",
    }  # fmt: skip
    assert [record.line for record in table.page(limit=600).rows] == list(range(1, 601))
    assert dict(table.record(599)) == {
        "n": Json("1"), "u": Json("18446744073709551615"), "d": Json("2.0"), "t": None,
    }  # fmt: skip


def test_rows_that_json_cannot_spell_are_quarantined_with_their_reason(read: Load) -> None:
    bad = pa.array([b"ok", b"ok", b"ok", b"caf\xe9"], pa.binary()).view(pa.string())
    rows = {
        "score": pa.array([0.5, NAN, 1.5, 2.5]),
        "more": pa.array([[0.5], [], [1.0, float("inf")], None]),
        'a "b"': bad,
    }
    table = read(pa.table(rows))
    assert [(entry.line, entry.reason, entry.raw) for entry in table.quarantine()] == [
        (2, "score is NaN, which JSON cannot spell", r'{"score":NaN,"more":[],"a \"b\"":"ok"}'),
        (3, "more holds Infinity, which JSON cannot spell",
         r'{"score":1.5,"more":[1.0,Infinity],"a \"b\"":"ok"}'),
        (4, 'a "b" is text that is not UTF-8 (at byte 4)', r'{"score":2.5,"more":null,"a \"b\"":"caf\\xe9"}'),
    ]  # fmt: skip
    assert _rows(table) == [(1, {"score": Json("0.5"), "more": Json("[0.5]"), 'a "b"': "ok"})]
    assert (table.counts.read, table.counts.quarantined) == (4, 3)


def test_a_repaired_row_stands_where_it_was(read: Load) -> None:
    rows = pa.table({"score": [0.5, NAN, 1.5, NAN], "t": ["a", "b", "c", "d"]})
    refused = list(read(rows).quarantine())
    mended = Repair(line=2, hash=refused[0].hash, raw='{"score": 7, "t": "B"}')
    table = read(rows, repairs=(mended,))
    assert [(line, row["t"]) for line, row in _rows(table)] == [(1, "a"), (2, "B"), (3, "c")]
    assert [entry.line for entry in table.quarantine()] == [4]
    assert read(rows, repairs=(mended,), first=2).counts.accepted == 2


FIRST: list[tuple[list[float], int, tuple[int, int, bool]]] = [
    ([1.0, NAN, 2.0, 3.0], 1, (1, 0, False)),
    ([1.0, NAN, 2.0, 3.0], 2, (2, 1, False)),
    ([1.0, NAN, 2.0, 3.0], 3, (3, 1, True)),
    ([1.0, NAN, 2.0, 3.0], 4, (3, 1, True)),
    ([1.0, NAN, 2.0, NAN], 2, (2, 1, False)),
]


@pytest.mark.parametrize(("numbers", "first", "found"), FIRST)
def test_only_the_first_rows_are_kept_when_asked(
    read: Load, numbers: list[float], first: int, found: tuple[int, int, bool]
) -> None:
    table = read(pa.table({"x": numbers}), first=first)
    assert (len(table), table.counts.quarantined, table.complete) == found


def test_the_first_rows_come_from_the_head_of_the_file(read: Load) -> None:
    texts = [f"a text of its own, number {number}" for number in range(200_000)]
    content = bytearray(_dump(pa.table({"t": texts}), compression="none", data_page_size=20_000))
    half = len(content) // 2
    content[half : half + 200_000] = bytes(200_000)
    table = read(bytes(content), look=50)
    assert (len(table), table.complete, table.sha256) == (50, False, None)
    with pytest.raises(ReadError, match=r"rows\.parquet is cut off, or damaged Parquet: "):
        read(bytes(content))


def test_names_that_the_table_needs_itself_are_the_columns_own(read: Load) -> None:
    names = ["_line", "_missing", "^x$", "*", "", "a.b", "é"]
    table = read(pa.Table.from_arrays([pa.array(["x"])] * len(names), names=names))
    assert table.names == tuple(names)
    assert set(dict(table.record(0)).values()) == {"x"}


def test_times_of_the_old_kind_keep_their_year(read: Load) -> None:
    times = pa.array([dt.datetime(9999, 12, 31), dt.datetime(2021, 3, 4, 12, 0, 0, 1), None])
    table = read(pa.table({"at": times}), write={"use_deprecated_int96_timestamps": True})
    assert [row["at"] for _, row in _rows(table)] == [
        "9999-12-31T00:00:00.000000",
        "2021-03-04T12:00:00.000001",
        None,
    ]
    fine = pa.table({"at": pa.array([1614859200000000001], pa.timestamp("ns"))})
    assert _rows(read(fine)) == [(1, {"at": "2021-03-04T12:00:00.000000001"})]
    with pytest.raises(ReadError, match=r"times of an old kind \(INT96\) with nanoseconds, in at"):
        read(fine, write={"use_deprecated_int96_timestamps": True})


def test_a_row_has_a_number_and_no_bytes(read: Load) -> None:
    table = read(pa.table({"t": ["a", "b"]}))
    assert [table.place(row) for row in range(2)] == [(0, 1, 0, 0), (0, 2, 1, 0)]


def test_a_packed_file_is_read_as_the_same(read: Load) -> None:
    rows = pa.table({"t": ["a", "b"]})
    assert _rows(read(gzip.compress(_dump(rows)), name="rows.parquet.gz")) == _rows(read(rows))


CHECKED = pa.table({"t": ["x" * 100] * 50})
REFUSED: list[tuple[str, bytes, str]] = [
    ("cut", _dump(CHECKED)[:-30], "rows.parquet is cut off, or damaged Parquet: "),
    ("a mark only", b"PAR1PAR1", "rows.parquet is cut off, or damaged Parquet: "),
    ("encrypted", b"PARE" + bytes(8) + b"PARE", "rows.parquet is an encrypted Parquet file."),
    ("no columns", _dump(pa.table({})), "rows.parquet has no columns, and so holds no record."),
    ("no rows", _dump(pa.table({"a": pa.array([], pa.string())})), "rows.parquet holds no record."),
    ("twins", _dump(pa.Table.from_arrays([pa.array([1])] * 2, names=["a", "a"])), "two columns named 'a'."),
    ("inner twins", _dump(pa.table({"s": pa.StructArray.from_arrays([pa.array([1])] * 2, ["k", "k"])})),
     "The column s of rows.parquet has two fields named 'k'."),
    ("a NUL", _dump(pa.table({"a\0": [1]})), "a NUL character in the name of a column."),
    ("all at fault", _dump(pa.table({"a": [NAN]})), "holds no record. Line 1: a is NaN, which JSON"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_file_without_a_sound_table_is_refused_in_words(read: Load, content: bytes, message: str) -> None:
    with pytest.raises(ReadError) as raised:
        read(content)
    assert message in raised.value.message
    assert raised.value.hint


def test_a_page_that_does_not_match_its_checksum_is_refused(read: Load) -> None:
    content = bytearray(_dump(CHECKED, compression="none", use_dictionary=False, write_page_checksum=True))
    at = content.index(b"x" * 100, content.index(b"x" * 100) + 500)
    content[at] = ord("y")
    with pytest.raises(ReadError, match="damaged Parquet"):
        read(bytes(content))


def test_more_columns_than_a_table_may_have_are_refused(read: Load) -> None:
    wide = pa.table({f"k{number}": [1] for number in range(11)})
    assert len(read(wide).columns) == 11
    with pytest.raises(ReadError, match="more than 10 columns"):
        read(wide, columns=10)
    with pytest.raises(ReadError, match=r"The column a of rows\.parquet is nested too deeply"):
        read(pa.table({"a": [[[["x"]]]]}), depth=3)


def test_a_row_over_the_limit_keeps_only_its_start(read: Load) -> None:
    table = read(pa.table({"t": ["x", "y" * 3_000_000, "z"]}), line_bytes=1 << 20)
    [refused] = table.quarantine()
    assert (refused.line, refused.reason) == (2, "row over 1 MB; only its start is kept here")
    assert (len(refused.raw), refused.hash, len(table)) == (10_000, "", 2)


def test_a_file_that_grows_too_much_is_refused(read: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = pa.table({"t": ["0" * 1_000_000 + str(number) for number in range(40)]})
    with pytest.raises(ReadError, match=r"rows\.parquet grows from .* to 38\.1 MB when read"):
        read(zeros, write={"compression": "zstd"})
    again = pa.table({"t": ["x" * 100_000] * 5_000})
    monkeypatch.setattr(parquet, "MOST_DECODED_BYTES", 1 << 20)
    monkeypatch.setattr(typed, "MOST_DECODED_BYTES", 1 << 20)
    for rows in (again, pa.table({"t": again["t"].dictionary_encode()})):
        with pytest.raises(ReadError, match="more than 100 MB of text"):
            read(rows, decoded_bytes=100 << 20)
        assert len(read(rows, first=30)) == 30


def test_nothing_that_a_cell_names_is_opened(read: Load, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"\x89PNG\r\n\x1a\n")
    opened: list[str] = []
    listening = True

    def listen(event: str, details: tuple[Any, ...]) -> None:
        if listening and event in ("open", "socket.connect"):
            opened.append(str(details[0]))

    sys.addaudithook(listen)
    table = read(
        pa.table({"image": [{"bytes": None, "path": str(secret)}], "url": ["http://127.0.0.1:9/x.png"]})
    )
    table.page()
    listening = False
    assert opened
    assert not [path for path in opened if "secret" in path or "127.0.0.1" in path]
