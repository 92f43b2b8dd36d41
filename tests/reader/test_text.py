"""Plain text: a record a line, or a block of lines; what is not UTF-8 is quarantined, nothing is trimmed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import ReadError
from studio.reader import read_source
from studio.reader.strict import Fault
from studio.reader.text import decode_text
from studio.record import Repair
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table
from tests.examples import examples

Read = Callable[..., Table]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """`read(content, records, first=…, repairs=…, **limits)`: the table of a text file."""

    def write_and_read(
        content: str | bytes,
        records: str | None = None,
        first: int | None = None,
        repairs: tuple[Repair, ...] = (),
        **limits: int,
    ) -> Table:
        path = tmp_path / "notes.txt"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        source = Source(path=str(path), records=records, first=first)
        folder = tmp_path / f"table-{len(list(tmp_path.iterdir()))}"
        own = Settings(workspace=tmp_path, limits=Limits(**limits))
        return read_source(source, folder, own, repairs=repairs)

    return write_and_read


def list_texts(table: Table) -> list[tuple[int, str]]:
    return [(record.line, record["text"]) for record in table.page(0, 100).rows]


def test_every_line_is_a_record_as_it_stands(read: Read) -> None:
    table = read("\ufeff first \r\n\n\t\r\n{a}\ttab\rlone\n\u2028 \x85\x0b x\n\u3000\n\0\nlast")
    assert list_texts(table) == [
        (1, " first "), (4, "{a}\ttab\rlone"), (5, "\u2028 \x85\x0b x"), (6, "\u3000"), (7, "\0"),
        (8, "last"),
    ]  # fmt: skip
    assert [(column.name, column.type) for column in table.columns] == [("text", "text")]
    assert (table.counts.read, table.counts.blank, table.source.records) == (8, 2, "line")


def test_a_block_of_lines_is_a_record_when_asked(read: Read) -> None:
    table = read("one\r\n two\r\n\r\n  \n\nthree \n\nfour\nfive", "block")
    assert list_texts(table) == [(1, "one\r\n two"), (6, "three "), (8, "four\nfive")]
    assert (table.counts.read, table.counts.blank, table.source.records) == (7, 4, "block")
    names = table.bookkeeping
    places = table.frame.select(names.offset, names.length).collect().rows()
    assert places == [(0, 10), (17, 6), (25, 9)]


def test_text_that_is_not_utf_8_is_quarantined(read: Read) -> None:
    content = b"one\ncaf\xe9\r\n\ntwo\nthr\xffee\nfour\n\nfive\n"
    lines = read(content)
    assert list_texts(lines) == [(1, "one"), (4, "two"), (6, "four"), (8, "five")]
    assert [(entry.line, entry.raw, entry.reason) for entry in lines.quarantine()] == [
        (2, "caf\\xe9\r", "not UTF-8 at byte 4"),
        (5, "thr\\xffee", "not UTF-8 at byte 4"),
    ]
    blocks = read(content, "block")
    assert list_texts(blocks) == [(8, "five")]
    assert [(entry.line, entry.raw, entry.reason) for entry in blocks.quarantine()] == [
        (1, "one\ncaf\\xe9\r", "not UTF-8 at byte 4 of line 2"),
        (4, "two\nthr\\xffee\nfour", "not UTF-8 at byte 4 of line 5"),
    ]
    with pytest.raises(ReadError) as raised:
        read(b"caf\xe9\n")
    assert raised.value.message == "notes.txt holds no record. Line 1: not UTF-8 at byte 4."
    assert "encoding" in raised.value.hint


def test_what_is_over_the_limit_is_quarantined_by_its_start(read: Read) -> None:
    content = "one\n" + "x" * 3000 + "\ntwo\n" + "y" * 1000 + "\n\n" + "z\n" * 2000 + "\nend\n"
    lines = read(content, line_bytes=2048)
    assert len(lines) == 2004
    assert [(entry.line, len(entry.raw), entry.reason) for entry in lines.quarantine()] == [
        (2, 2048, "line over 2 KB; only its start is kept here")
    ]
    blocks = read(content, "block", line_bytes=2048)
    assert list_texts(blocks) == [(2007, "end")]
    assert [(entry.line, entry.raw[:5], entry.reason, entry.hash) for entry in blocks.quarantine()] == [
        (1, "one\nx", "block over 2 KB; only its start is kept here", ""),
        (6, "z\nz\nz", "block over 2 KB; only its start is kept here", ""),
    ]


@pytest.mark.parametrize("records", ["line", "block"])
def test_only_the_first_records_are_kept_when_asked(read: Read, records: str) -> None:
    content = "\none\n\ntwo\n\n\nthree\n\n"
    tables = [read(content, records, first=number) for number in (1, 2, 3, 4)]
    assert [(len(table), table.complete) for table in tables] == [
        (1, False),
        (2, False),
        (3, True),
        (3, True),
    ]
    assert [table.counts.blank for table in tables] == [2, 4, 5, 5]


def test_a_mended_line_takes_its_place_among_the_others(read: Read) -> None:
    content = b"one\ncaf\xe9\r\n" + b"more\r\n" * 2000
    [refused] = read(content).quarantine()
    mended = (Repair(line=2, hash=refused.hash, raw='{"text": "café"}\r'),)
    table = read(content, repairs=mended)
    assert list_texts(table)[:3] == [(1, "one"), (2, '{"text": "café"}'), (3, "more")]
    assert (table.counts.quarantined, len(table)) == (0, 2002)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [(b"", "nothing but whitespace"), (b" \r", "nothing but whitespace"), (b"a\xff", "not UTF-8 at byte 2")],
)
def test_a_mended_line_that_is_no_text_is_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(Fault) as raised:
        decode_text(raw)
    assert raised.value.reason == reason


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), max_size=5)))
def test_any_lines_come_back_equal(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    folder = tmp_path_factory.mktemp("text")
    path = folder / "a.txt"
    path.write_bytes("\n".join(["start", *lines, ""]).encode())
    table = read_source(Source(path=str(path)), folder / "table", Settings(workspace=folder))
    kept = [line for line in lines if line.encode().strip()]
    assert [text for _, text in list_texts(table)][1:] == [line.removesuffix("\r") for line in kept]
    assert table.counts.blank == len(lines) - len(kept)
