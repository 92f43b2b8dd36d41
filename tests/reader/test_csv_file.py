"""CSV: text cells under a header; a row of another width goes to the quarantine."""

from collections.abc import Callable

import pytest

from studio.errors import ReadError
from studio.table import Table

Load = Callable[..., Table]


def test_every_cell_is_text_as_it_stands(load: Load) -> None:
    table = load('zip,note\r\n02139,"a ""b"", c"\r\n,"two\r\nlines"\r\n', name="data.csv")
    assert [column.type for column in table.columns] == ["text", "text"]
    assert [(record.line, dict(record)) for record in table.page().rows] == [
        (2, {"zip": "02139", "note": 'a "b", c'}),
        (3, {"zip": "", "note": "two\r\nlines"}),
    ]


def test_bad_rows_are_quarantined_with_the_line_where_they_start(load: Load) -> None:
    rows = b'\xef\xbb\xbfa,b\n1,"x\ny"\n1,2,3\n\n  \n1\ncaf\xe9,2\n"a"b,2\nlast,row\n'
    table = load(rows, name="data.csv")
    assert [(entry.line, entry.reason) for entry in table.quarantine()] == [
        (4, "3 cells, but the header has 2"),
        (7, "1 cell, but the header has 2"),
        (8, "not UTF-8 at byte 4 of line 8"),
        (9, "not CSV: ',' expected after '\"'"),
    ]
    assert [record.line for record in table.page().rows] == [2, 10]
    assert (table.counts.read, table.counts.blank) == (8, 2)


def test_a_quote_that_is_never_closed_takes_the_rest_along_visibly(load: Load) -> None:
    table = load('a,b\n1,2\n3,"open\n4,5\n', name="data.csv")
    [refused] = table.quarantine()
    assert (refused.line, refused.raw) == (3, '3,"open\n4,5')
    assert refused.reason.startswith("not CSV: unexpected end of data")


def test_only_the_first_rows_are_kept_when_asked(load: Load) -> None:
    table = load("a\n" + "x\n" * 10, name="data.csv", first=3)
    assert (len(table), table.complete) == (3, False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b,a\n1,2,3\n", "data.csv has two columns named 'a'."),
        ("a;b\n1;2\n", "data.csv is separated by semicolons, not commas."),
        ("a\tb\n1\t2\n", "data.csv is separated by tabs, not commas."),
        (b"caf\xe9,b\n1,2\n", "The header of data.csv cannot be read: not UTF-8 at byte 4 of line 1."),
        ("a,b\n", "data.csv holds no record."),
        ("a,b\n1\n", "data.csv holds no record. Line 2: 1 cell, but the header has 2."),
        ("a,b\0\n1,2", "data.csv has a NUL character in its header."),
    ],
)
def test_a_header_that_cannot_name_columns_is_refused(load: Load, content: str | bytes, message: str) -> None:
    with pytest.raises(ReadError) as raised:
        load(content, name="data.csv")
    assert raised.value.message == message


def test_an_index_column_without_a_name_is_a_column(load: Load) -> None:
    table = load(",a\n0,x\n", name="data.csv")
    assert dict(table.record(0)) == {"": "0", "a": "x"}
