"""Arrow files, Arrow streams and Feather: the same records as from Parquet, and damage told in words."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather as pf
import pytest

from studio.errors import ReadError
from studio.reader import read_source, typed
from studio.record import Json
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table

Load = Callable[..., Table]
Dump = Callable[[pa.Table], bytes]


@pytest.fixture
def read(tmp_path: Path) -> Load:
    """`read(content, name="rows.arrow", first=None, look=None, **limits)`: the table of those bytes."""

    def write_and_read(
        content: bytes,
        name: str = "rows.arrow",
        first: int | None = None,
        look: int | None = None,
        **limits: int,
    ) -> Table:
        path = tmp_path / name
        path.write_bytes(content)
        folder = tmp_path / f"table-{len(list(tmp_path.iterdir()))}"
        source = replace(Source(path=str(path)), first=first)
        return read_source(source, folder, Settings(workspace=tmp_path, limits=Limits(**limits)), look=look)

    return write_and_read


def _dump_file(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, table.schema, **options) as file:
        file.write_table(table, max_chunksize=2)
    return sink.getvalue()


def _dump_stream(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table, max_chunksize=2)
    return sink.getvalue()


def _dump_feather(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pf.write_feather(table, sink, compression="lz4")
    return sink.getvalue()


def _rows(table: Table) -> list[tuple[int, dict]]:
    return [(record.line, dict(record)) for record in table.page(limit=1_000).rows]


ROWS = pa.table(
    {
        "t": pa.array(["02139", None, "é"]),
        "c": pa.array(["x", "y", "x"]).dictionary_encode(),
        "n": pa.array([1, 2**63 - 1, None]),
        "m": pa.array([[{"role": "user"}], [], None]),
    }
)
WRITERS: dict[str, tuple[Dump, str]] = {
    "file": (_dump_file, "rows.arrow"),
    "stream": (_dump_stream, "rows.arrow"),
    "feather": (_dump_feather, "rows.feather"),
    "compressed": (
        lambda table: _dump_file(table, options=pa.ipc.IpcWriteOptions(compression="zstd")),
        "a.ipc",
    ),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_arrow_holds_the_same_records(read: Load, kind: str) -> None:
    dump, name = WRITERS[kind]
    table = read(dump(ROWS), name=name)
    assert (table.format, table.complete) == ("arrow", True)
    assert _rows(table) == [
        (1, {"t": "02139", "c": "x", "n": Json("1"), "m": Json('[{"role":"user"}]')}),
        (2, {"t": None, "c": "y", "n": Json("9223372036854775807"), "m": Json("[]")}),
        (3, {"t": "é", "c": "x", "n": None, "m": None}),
    ]
    assert [column.source_type for column in table.columns] == [
        "string",
        "dictionary<values=string, indices=int32, ordered=0>",
        "int64",
        "list<item: struct<role: string>>",
    ]


@pytest.mark.parametrize("kind", WRITERS)
def test_only_the_first_rows_are_kept_when_asked(read: Load, kind: str) -> None:
    dump, name = WRITERS[kind]
    found = [read(dump(ROWS), name=name, first=count) for count in (1, 2, 3)]
    assert [(len(table), table.complete) for table in found] == [(1, False), (2, False), (3, True)]


def test_a_batch_of_any_size_is_taken_a_piece_at_a_time(read: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed, "MOST_ROWS", 100)
    rows = pa.table({"t": [f"text {n}" for n in range(1_050)], "l": [[n] for n in range(1_050)]})
    sink = io.BytesIO()
    with pa.ipc.new_file(sink, rows.schema) as file:
        file.write_table(rows)
    table = read(sink.getvalue())
    assert [row["t"] for _, row in _rows(table)] == [f"text {n}" for n in range(1_000)]
    assert dict(table.record(1_049)) == {"t": "text 1049", "l": Json("[1049]")}


def test_text_that_is_not_utf_8_costs_its_row_also_inside_of_lists(read: Load) -> None:
    bad = pa.array([b"ok", b"caf\xe9", b"x"], pa.binary()).view(pa.string())
    table = read(_dump_file(pa.table({"t": bad, "l": pa.ListArray.from_arrays([0, 1, 2, 3], bad)})))
    assert [(entry.line, entry.reason) for entry in table.quarantine()] == [
        (2, "t is text that is not UTF-8 (at byte 4)")
    ]
    nested = read(_dump_file(pa.table({"s": pa.StructArray.from_arrays([bad], ["k"])})))
    assert [(entry.line, entry.reason, entry.raw) for entry in nested.quarantine()] == [
        (2, "s holds text that is not UTF-8 (at byte 4)", r'{"s":{"k":"caf\\xe9"}}')
    ]
    dictionary = pa.DictionaryArray.from_arrays(pa.array([0, 1, 0]), bad)
    assert len(read(_dump_file(pa.table({"c": dictionary})))) == 2


def _damage(content: bytes, found: bytes, replacement: bytes) -> bytes:
    assert content.count(found) == 1
    return content.replace(found, replacement)


OFFSETS = pa.array([0, 3, 6], pa.int32()).buffers()[1].to_pybytes()[:12]
TWO = pa.table({"t": ["abc", "def"]})
REFUSED: list[tuple[str, bytes, str]] = [
    ("a file that is cut", _dump_file(ROWS)[:-20], "rows.arrow is cut off, or damaged Arrow: "),
    ("a stream that is cut", _dump_stream(ROWS)[:-200], "rows.arrow is cut off, or damaged Arrow: "),
    ("a mark only", b"ARROW1\0\0", "rows.arrow is cut off, or damaged Arrow: "),
    ("text beyond its bytes", _damage(_dump_file(TWO), OFFSETS, OFFSETS[:8] + b"\xff\xff\xff\x7f"),
     "rows.arrow is cut off, or damaged Arrow: "),
    ("text that runs backwards", _damage(_dump_file(TWO), OFFSETS, OFFSETS[:4] + b"\x09\0\0\0" + OFFSETS[8:]),
     "rows.arrow is cut off, or damaged Arrow: "),
    ("no columns", _dump_file(pa.table({})), "rows.arrow has no columns, and so holds no record."),
    ("no rows", _dump_file(TWO.slice(0, 0)), "rows.arrow holds no record."),
    ("twins", _dump_file(pa.Table.from_arrays([pa.array([1])] * 2, names=["a", "a"])),
     "two columns named 'a'."),
    ("a type of its own", _dump_file(pa.table({"i": pa.array([(1, 2, 3)], pa.month_day_nano_interval())})),
     "The column i of rows.arrow is of type month_day_nano_interval, which is not read."),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_file_without_a_sound_table_is_refused_in_words(read: Load, content: bytes, message: str) -> None:
    with pytest.raises(ReadError) as raised:
        read(content)
    assert message in raised.value.message
    assert raised.value.hint


def test_an_index_beyond_its_dictionary_is_refused(read: Load) -> None:
    codes = pa.DictionaryArray.from_arrays(pa.array([71, 67], pa.int32()), pa.array(map(str, range(90))))
    content = _dump_file(pa.table({"c": codes}))
    assert _rows(read(content)) == [(1, {"c": "71"}), (2, {"c": "67"})]
    with pytest.raises(ReadError, match="damaged Arrow"):
        read(_damage(content, b"\x47\0\0\0\x43\0\0\0", b"\x47\0\0\0\x5a\0\0\0"))


def test_more_than_the_limit_of_text_is_refused(read: Load) -> None:
    rows = pa.table({"t": ["x" * 1_000] * 100})
    with pytest.raises(ReadError, match=r"holds more than 48\.8 KB of text"):
        read(_dump_stream(rows), decoded_bytes=50_000)
