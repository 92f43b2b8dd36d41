"""CSV and TSV: cells are text as they stand; a row that is none is quarantined, and costs no other."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import ReadError
from studio.reader import read_source
from studio.reader.csv_file import decode_row, read_header
from studio.reader.csv_file.dialect import Dialect
from studio.reader.csv_file.rows import iter_rows
from studio.reader.opening import open_source
from studio.reader.strict import Fault
from studio.record import Json, Repair
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table
from tests.examples import examples

Load = Callable[..., Table]

UNREADABLE = "The header of data.csv cannot be read: "


@pytest.fixture
def read(tmp_path: Path) -> Load:
    """`read({name: content}, repairs=…, **options)`: the table of a file, or of a folder of several."""

    def write_and_read(files: dict[str, str], repairs: tuple[Repair, ...] = (), **options: object) -> Table:
        folder = tmp_path / f"files-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content.encode())
        path = folder if len(files) > 1 else folder / next(iter(files))
        source = replace(Source(path=str(path)), **options)
        return read_source(source, folder / "table", Settings(workspace=tmp_path), repairs=repairs)

    return write_and_read


def test_every_cell_is_text_as_it_stands(load: Load) -> None:
    table = load('zip,note\r\n02139,"a ""b"", c"\r\n,"two\r\nlines"\r\n', name="data.csv")
    assert [column.type for column in table.columns] == ["text", "text"]
    assert [(record.line, dict(record)) for record in table.page().rows] == [
        (2, {"zip": "02139", "note": 'a "b", c'}),
        (3, {"zip": "", "note": "two\r\nlines"}),
    ]


def test_bad_rows_are_quarantined_with_the_line_where_they_start(load: Load) -> None:
    rows = b'\xef\xbb\xbfa,b\n1,"x\ny"\n1,2,3\n\n  \n1\ncaf\xe9,2\n"a"b,2\n3,x\ry\nlast,row\n'
    table = load(rows, name="data.csv")
    assert [(entry.line, entry.reason) for entry in table.quarantine()] == [
        (4, "3 cells, but the header has 2"),
        (7, "1 cell, but the header has 2"),
        (8, "not UTF-8 at byte 4 of line 8"),
        (9, "not CSV: text after a closing quote"),
        (10, "not CSV: a lone carriage return outside of quotes"),
    ]
    assert [record.line for record in table.page().rows] == [2, 11]
    assert (table.counts.read, table.counts.blank) == (9, 2)


def test_a_quote_that_is_never_closed_costs_its_own_line_and_no_other(load: Load) -> None:
    table = load('a,b\n1,2\n3,"open\n4,5\n6,"x, y"\n7,8\n9,"open\n10,11\n', name="data.csv")
    assert [(entry.line, entry.raw, entry.reason) for entry in table.quarantine()] == [
        (3, '3,"open', "not CSV: text after a closing quote"),
        (7, '9,"open', "not CSV: a quote that is never closed"),
    ]
    assert [(record.line, record["b"]) for record in table.page().rows] == [
        (2, "2"), (4, "5"), (5, "x, y"), (6, "8"), (8, "11"),
    ]  # fmt: skip


def test_a_ragged_row_of_several_lines_is_quarantined_whole(load: Load) -> None:
    table = load('a,b\n1,"x\n\ny",3\n4,5\n', name="data.csv")
    [refused] = table.quarantine()
    assert (refused.line, refused.raw) == (2, '1,"x\n\ny",3')
    assert [record.line for record in table.page().rows] == [5]


def test_a_row_over_the_limit_costs_one_line(load: Load) -> None:
    long = "x" * 3000
    table = load(
        f'a,b\n1,"{long}\n2,3\n{long},4\n5,"{"y" * 1000}\n{"y" * 1000}\nz"\n', "d.csv", line_bytes=2048
    )
    assert [(entry.line, entry.reason, len(entry.raw)) for entry in table.quarantine()] == [
        (2, "line over 2 KB; only its start is kept here", 2048),
        (4, "line over 2 KB; only its start is kept here", 2048),
    ]
    assert [record.line for record in table.page().rows] == [3, 5]
    short = load('a\n"' + "y\n" * 2000 + '"\n', name="d.csv", line_bytes=2048)
    [first, last] = short.quarantine()
    assert (first.line, first.raw) == (2, '"y')
    assert first.reason == "not CSV: a quote that is not closed within 2 KB"
    assert (last.line, last.reason) == (2002, "not CSV: a quote that is never closed")
    assert (len(short), short.counts.read) == (1999, 2001)


def test_only_the_first_rows_are_kept_when_asked(load: Load) -> None:
    assert [
        (len(table), table.complete, table.counts.quarantined)
        for table in (
            load("a\n" + "x\n" * 10, name="data.csv", first=3),
            load("a\nx\nx,y\nx\nx\nx,y\n", name="data.csv", first=3),
            load("a\nx\nx,y\nx\nx\n\n  \n", name="data.csv", first=4),
        )
    ] == [(3, False, 0), (3, False, 1), (4, True, 1)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b,a\n1,2,3\n", "data.csv has two columns named 'a'."),
        (b"caf\xe9,b\n1,2\n", UNREADABLE + "not UTF-8 at byte 4 of line 1."),
        ('a,"b\n1,2\n', UNREADABLE + "not CSV: a quote that is never closed."),
        ("a,b\r1\r", UNREADABLE + "not CSV: a lone carriage return outside of quotes."),
        ("a,b\n", "data.csv holds no record."),
        ("a,b\n1\n", "data.csv holds no record. Line 2: 1 cell, but the header has 2."),
        ("a,b\0\n1,2", "data.csv has a NUL character in its header."),
    ],
)  # fmt: skip
def test_a_header_that_cannot_name_columns_is_refused(load: Load, content: str | bytes, message: str) -> None:
    with pytest.raises(ReadError) as raised:
        load(content, name="data.csv")
    assert raised.value.message == message


def test_an_index_column_without_a_name_is_a_column(load: Load) -> None:
    table = load(",a\n0,x\n", name="data.csv")
    assert dict(table.record(0)) == {"": "0", "a": "x"}


def test_a_blank_line_is_none_where_it_has_as_many_cells_as_the_header(load: Load) -> None:
    tabs = load("a\tb\n\t\n \n1\t2\n", name="data.tsv")
    assert [dict(record) for record in tabs.page().rows] == [{"a": "", "b": ""}, {"a": "1", "b": "2"}]
    assert tabs.counts.blank == 1
    one = load('\n \na\n  \n\n""\n', name="data.csv")
    assert [(record.line, record["a"]) for record in one.page().rows] == [(4, "  "), (6, "")]
    assert one.counts.blank == 3


DELIMITERS = [
    ("a,b;c\td", ","),
    ("a;b", ";"),
    ("a\tb", "\t"),
    ("a|b", "|"),
    ("a;b|c|d", "|"),
    ("a", ","),
    ('"a,b";c', ";"),
    ('"a\n,b";c', ";"),
    ('"a,""b""";"c"', ";"),
    ('5" a;b', ";"),
    ("\n  \na;b", ";"),
    ("\ufeffa;b", ";"),
]


@pytest.mark.parametrize(("header", "delimiter"), DELIMITERS)
def test_the_delimiter_is_decided_by_the_header_line_and_shown(
    read: Load, header: str, delimiter: str
) -> None:
    cells = header.count(delimiter) + 1 if '"' not in header else 2
    table = read({"data.csv": header + "\n" + delimiter.join("x,;\t|y"[:1] * cells) + "\n"})
    assert (table.source.delimiter, table.source.quote) == (delimiter, '"')
    assert len(table.names) == len(table.record(0)) == cells


def test_a_tsv_is_cut_at_tabs_whatever_its_header(read: Load) -> None:
    table = read({"data.TSV": "a,b\n1,2\n"})
    assert (dict(table.record(0)), table.source.delimiter) == ({"a,b": "1,2"}, "\t")


def test_what_a_person_asks_for_is_what_decides(read: Load) -> None:
    semicolons = read({"data.csv": "a;b,c\n1;'2;3'\n"}, delimiter=";", quote="'")
    assert dict(semicolons.record(0)) == {"a": "1", "b,c": "2;3"}
    stars = read({"data.tsv": "a§b\n*x§y*§\n"}, delimiter="§", quote="*")
    assert dict(stars.record(0)) == {"a": "x§y", "b": ""}
    with pytest.raises(ReadError, match="both between its cells and around them"):
        read({"data.csv": "a\n1\n"}, delimiter="'", quote="'")


def test_without_quotes_every_line_is_a_row(read: Load) -> None:
    lines = {"data.tsv": 'a\tb\n"open\t5"\n"x"y\t""\n'}
    with pytest.raises(ReadError, match="holds no record"):
        read(lines)
    table = read(lines, quote="")
    assert [dict(record) for record in table.page().rows] == [
        {"a": '"open', "b": '5"'},
        {"a": '"x"y', "b": '""'},
    ]
    assert table.source.quote == ""


def test_files_of_one_source_that_differ_decide_each_for_itself(read: Load) -> None:
    same = read({"a.csv": "a;b\n1;2\n", "b.csv": "a;b\n3;4\n"})
    assert same.source.delimiter == ";"
    other = read({"a.csv": "a;b\n1;2\n", "b.csv": "a,b\n3,4\n", "c.csv": "a;b\n5;6\n"})
    assert [record["b"] for record in other.page().rows] == ["2", "4", "6"]
    assert (other.source.delimiter, other.source.quote) == (None, '"')


@pytest.mark.parametrize(
    ("kind", "kept", "refused", "reason"),
    [
        ("integer", ["7", "-0", "1" * 30], ["07", "+1", "1.0", " 1", "1 ", "1_0", "x", "１"], "an integer"),
        ("float", ["2.50", "1", "1e400", "-0.0E+5"], ["1.", ".5", "NaN", "inf", "1,5", "1\n"], "a number"),
        ("boolean", ["true", "false"], ["True", "TRUE", "yes", "1"], "true or false"),
    ],
)  # fmt: skip
def test_a_column_is_of_another_type_when_asked(
    read: Load, kind: str, kept: list[str], refused: list[str], reason: str
) -> None:
    rows = "".join(f'"{cell}",7\n' for cell in [*kept, "", *refused])
    table = read({"data.csv": "a,b\n" + rows}, types={"a": kind})
    records = table.page().rows
    assert [record["a"] for record in records] == [*map(Json, kept), None]
    assert {record["b"] for record in records} == {"7"}
    assert [entry.reason for entry in table.quarantine()] == [
        f"a is {cell!r}, not {reason}" for cell in refused
    ]
    assert table.source.types == {"a": kind}


def test_many_rows_of_numbers_have_a_native_type(read: Load) -> None:
    rows = "".join(f"{number},{number / 4},{number}\n" for number in range(3000))
    table = read({"data.csv": "a,b,c\n" + rows}, types={"a": "integer", "b": "float"})
    assert [column.type for column in table.columns] == ["integer", "float", "text"]
    assert dict(table.record(2999)) == {"a": Json("2999"), "b": Json("749.75"), "c": "2999"}


def test_a_type_for_a_column_that_is_not_there_is_refused(read: Load) -> None:
    with pytest.raises(ReadError) as raised:
        read({"data.csv": "a,b\n1,2\n"}, types={"score": "integer"})
    assert raised.value.message == "data.csv has no column score that could be of type integer."
    assert raised.value.hint == "Columns are: a, b."


def test_a_mended_row_takes_its_place_among_the_others(read: Load) -> None:
    files = {"data.csv": 'a,b\n1,2\n3,"open\n4,5\n6\n7,8\n' + "9,10\n" * 2000}
    refused = list(read(files).quarantine())
    mended = ["3,open", '{"text": "6"}']
    repairs = tuple(
        Repair(line=entry.line, hash=entry.hash, raw=raw) for entry, raw in zip(refused, mended, strict=True)
    )
    table = read(files, repairs)
    assert [dict(record) for record in table.page(0, 6).rows] == [
        {"a": "1", "b": "2"}, {"a": "3", "b": "open"}, {"a": "4", "b": "5"}, {"text": "6"},
        {"a": "7", "b": "8"}, {"a": "9", "b": "10"},
    ]  # fmt: skip
    assert [record.line for record in table.page(0, 6).rows] == [2, 3, 4, 5, 6, 7]
    assert (table.counts.quarantined, len(table)) == (0, 2005)


def test_a_mended_row_is_held_against_the_header() -> None:
    source = Source(path="data.csv", delimiter=";", types={"n": "integer"})

    def decode(raw: bytes) -> dict:
        return {name: bytes(value) for name, value in decode_row(raw, ["n", "b"], source, Limits()).items()}

    assert decode(b'1;"x\ny"\r\n') == {"n": b"1", "b": b'"x\\ny"'}
    assert decode(b";x") == {"n": b"null", "b": b'"x"'}
    assert decode(b' {"any": [1]} ') == {"any": b"[1]"}
    for raw, reason in [
        (b"1;2;3", "3 cells, but the header has 2"),
        (b"", "0 cells, but the header has 2"),
        (b'{"any": 1', "1 cell, but the header has 2"),
        (b"x;2", "n is 'x', not an integer"),
        (b"1;caf\xe9", "not UTF-8 at byte 6"),
        (b'1;"x', "not CSV: a quote that is never closed"),
        (b"1;2\n3;4", "2 rows, where one stood"),
    ]:
        with pytest.raises(Fault) as raised:
            decode(raw)
        assert raised.value.reason == reason


def test_a_row_is_mended_by_the_header_of_its_file_whatever_columns_came_later(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("\n \na;b\n1\n2;3\n")
    source = Source(path=str(path))
    with open_source(source, Settings(workspace=tmp_path)) as opened:
        header, source = read_header(opened, source, Limits())
    assert dict(decode_row(b"1;2", header, source, Limits())) == {"a": b'"1"', "b": b'"2"'}


class Drip:
    """A stream that gives so many bytes at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        self._content, self._size = content, size

    def read(self, size: int, /) -> bytes:
        taken, self._content = self._content[: self._size], self._content[self._size :]
        return taken


Row = tuple[int, bytes, list[str] | None]


def list_rows(content: bytes, size: int, limit: int) -> list[Row]:
    """Line, raw text and cells (None for what is no row) of each row."""
    found = []
    for rows in iter_rows(Drip(content, size), Dialect(",", '"'), limit, together=False):
        for index, line in enumerate(rows.lines):
            cells = None if index in rows.odd else rows.row(index)
            found.append((int(line) + rows.block.number, rows.raw(index), cells))
            assert content[rows.block.offset + rows.starts[index] :].startswith(rows.raw(index))
    return found


def judge_rows(content: bytes, limit: int) -> Iterator[Row]:
    """The same, slowly and plainly: the fewest lines that the standard library takes as a row, else one."""
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    at = 0
    while at < len(lines):
        row, count = None, 1
        for end in range(at + 1, len(lines) + 1):
            raw = b"\n".join(lines[at:end])
            if len(raw) > limit:
                break
            try:
                texts = [line.decode("utf-8", "surrogateescape") + "\n" for line in lines[at:end]]
                [row] = csv.reader(texts, strict=True)
            except csv.Error as error:
                if str(error) == "unexpected end of data":
                    continue
            count = end - at if row is not None else 1
            break
        raw = b"\n".join(lines[at : at + count])[:limit]
        yield at + 1, raw, None if b"\xe9" in raw else row
        at += count


@settings(max_examples=examples(150), deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [b"a", b"\xc2\xa2", b"\xe9", b",", b'"', b'""', b"\n", b"\r\n", b"\r", b'"\n', b',"', b"\0"]
        ),
        max_size=40,
    ),
    st.sampled_from([1, 2, 3, 7, 1000]),
    st.sampled_from([6, 20, 1000]),
)
def test_rows_are_those_of_the_standard_library_however_the_bytes_come(
    atoms: list[bytes], size: int, limit: int
) -> None:
    content = b"".join(atoms)
    assert list_rows(content, size, limit) == list(judge_rows(content, limit))


def test_a_stray_quote_does_not_make_the_reading_slow() -> None:
    body = b"a,b,c\n" + b'1,"open\n' + b'2,x ""y"",3\n' * 40_000
    rows = list_rows(body, 1 << 20, 1 << 20)
    assert [line for line, _, cells in rows if cells is None] == [2]
    assert len(rows) == 40_002
