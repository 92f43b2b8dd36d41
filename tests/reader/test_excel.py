"""Excel sheets: a header, rows below it, every cell as it stands; errors and strays in the quarantine."""

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import ReadError
from studio.reader import read_source
from studio.reader.excel.cells import (
    classify_format,
    classify_known_format,
    decode_number,
    decode_text,
    decode_time,
)
from studio.reader.excel.workbook import count_column, name_column
from studio.record import Json, Repair
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table
from tests.examples import examples

Load = Callable[..., Table]


@pytest.fixture
def read(tmp_path: Path) -> Load:
    """`read(rows or bytes, repairs=(), limits={…}, **options)`: the table of a workbook."""

    def write_and_read(
        content: "list[list[Any]] | bytes",
        repairs: tuple[Repair, ...] = (),
        limits: dict[str, int] | None = None,
        **options: Any,
    ) -> Table:
        path = tmp_path / "book.xlsx"
        path.write_bytes(content if isinstance(content, bytes) else _save(Data=content))
        folder = tmp_path / f"table-{len(list(tmp_path.iterdir()))}"
        source = replace(Source(path=str(path)), **options)
        chosen = Settings(workspace=tmp_path, limits=Limits(**(limits or {})))
        return read_source(source, folder, chosen, repairs=repairs)

    return write_and_read


def _save(**sheets: list[list[Any]]) -> bytes:
    """A workbook as openpyxl writes it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def _relations(**targets: str) -> str:
    lines = [
        f'<Relationship Id="{kind}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for kind, target in targets.items()
    ]
    return f'<Relationships xmlns="{PACKAGE}">{"".join(lines)}</Relationships>'


def _build(rows: str, texts: str = "", formats: str = "", *, book: str = "", **parts: str) -> bytes:
    """A workbook of one sheet named S, from the XML of its rows, its shared texts, and its number formats."""
    written = {
        "_rels/.rels": _relations(officeDocument="xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{book}'
        '<sheets><sheet name="S" sheetId="1" r:id="worksheet"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(
            worksheet="worksheets/sheet1.xml", sharedStrings="/xl/sharedStrings.xml", styles="styles.xml"
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{formats}</styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
    }
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (written | parts).items():
            if content:
                archive.writestr(name, content)
    return sink.getvalue()


HEADER = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>'


def _rows(table: Table) -> list[tuple[int, dict]]:
    return [(record.line, dict(record)) for record in table.page().rows]


def _refused(table: Table) -> list[tuple[int, str]]:
    return [(entry.line, entry.reason) for entry in table.quarantine()]


def test_rows_become_records_and_every_cell_stays_what_it_is(read: Load) -> None:
    table = read(
        [
            ["zip", "n", "x", "good", "note"],
            ["02139", 1, 2.5, True, "NA"],
            ["", 1.0, 0.125, False, " two\nlines "],
            ["null", 12345, 1e-7, None, None],
        ]
    )
    assert (table.format, table.source.sheet, table.complete) == ("excel", None, True)
    assert _rows(table) == [
        (2, {"zip": "02139", "n": Json("1"), "x": Json("2.5"), "good": Json("true"), "note": "NA"}),
        (3, {"zip": None, "n": Json("1"), "x": Json("0.125"), "good": Json("false"), "note": " two\nlines "}),
        (4, {"zip": "null", "n": Json("12345"), "x": Json("1e-7"), "good": None, "note": None}),
    ]  # fmt: skip
    assert [(column.name, column.type) for column in table.columns] == [
        ("zip", "text"), ("n", "integer"), ("x", "float"), ("good", "boolean"), ("note", "text"),
    ]  # fmt: skip


def test_times_are_iso_text_and_the_column_tells_their_kind(read: Load) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["day", "moment", "clock", "span", "mixed"])
    sheet.append(
        [
            dt.date(2024, 2, 29),
            dt.datetime(2024, 2, 29, 12, 0, 0, 250000),
            dt.time(12, 30),
            dt.timedelta(hours=36, milliseconds=5),
            dt.date(1900, 1, 1),
        ]
    )
    sheet.append([dt.date(9999, 12, 31), dt.datetime(2024, 2, 29), dt.time(0), dt.timedelta(0), "text"])
    sheet["A2"].number_format = sheet["A3"].number_format = "dd/mm/yyyy"
    sink = io.BytesIO()
    book.save(sink)
    table = read(sink.getvalue())
    assert [list(row.values()) for _, row in _rows(table)] == [
        ["2024-02-29", "2024-02-29T12:00:00.250", "12:30:00", "PT129600.005S", "1900-01-01"],
        ["9999-12-31", "2024-02-29T00:00:00", "00:00:00", "PT0S", "text"],
    ]
    assert [column.source_type for column in table.columns] == ["date", "datetime", "time", "duration", ""]


def test_empty_rows_are_blank_and_those_below_the_records_are_none(read: Load) -> None:
    table = read(
        [[None], ["a", "b"], [None, None], [1, 2], [None, None], [None, None], [3, None], [None, None]]
    )
    assert _rows(table) == [(4, {"a": Json("1"), "b": Json("2")}), (7, {"a": Json("3"), "b": None})]
    assert (table.counts.read, table.counts.blank) == (6, 4)


def test_a_value_where_no_column_is_named_costs_its_row(read: Load) -> None:
    table = read(
        [["a", None, "c", None, "e"], [1, "x", 2, None, 3], [4, None, 5, "y", 6], [7, None, 8, None, 9, 10]]
    )
    assert _rows(table) == [(2, {"a": Json("1"), "": "x", "c": Json("2"), "e": Json("3")})]
    assert _refused(table) == [
        (3, "a value in column D, which the header does not name"),
        (4, "a value in column F, but the header ends at column E"),
    ]
    assert [entry.raw for entry in table.quarantine()] == [
        '{"a": 4, "c": 5, "column D": "y", "e": 6}',
        '{"a": 7, "c": 8, "e": 9, "column F": 10}',
    ]


def test_the_index_that_pandas_writes_is_a_column_without_a_name(read: Load, tmp_path: Path) -> None:
    pd.DataFrame({"a": ["x", "y"]}).to_excel(tmp_path / "written.xlsx")
    table = read((tmp_path / "written.xlsx").read_bytes())
    assert _rows(table) == [(2, {"": Json("0"), "a": "x"}), (3, {"": Json("1"), "a": "y"})]
    assert [row for _, row in _rows(read([[None, "a"], [None, "x"], [7, "y"]]))] == [
        {"a": "x"},
        {"": Json("7"), "a": "y"},
    ]


def test_errors_and_formulas_without_a_value_cost_their_row(read: Load) -> None:
    rows = (
        HEADER + '<row r="2"><c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B2"><v>1</v></c></row>'
        '<row r="3"><c r="A3"><f>A2+1</f></c></row>'
        '<row r="4"><c r="A4"><f>1+1</f><v>2</v></c><c r="B4" t="str"><f>""</f><v></v></c></row>'
    )
    table = read(_build(rows))
    assert _rows(table) == [(4, {"a": Json("2"), "b": ""})]
    assert _refused(table) == [
        (2, "a is #DIV/0!, an error of the sheet"),
        (3, "a is a formula whose value was not saved"),
    ]
    [first, _] = table.quarantine()
    assert first.raw == '{"a": "#DIV/0!", "b": 1}'
    mended = read(_build(rows), repairs=(Repair(line=2, hash=first.hash, raw='{"a": null, "b": 1}'),))
    assert _rows(mended)[0] == (2, {"a": None, "b": Json("1")})


def test_texts_mean_what_excel_means_by_them(read: Load) -> None:
    texts = (
        "<si><t>a_x000D_b</t></si><si><t>_x005F_x000D_ x005F_</t></si>"
        "<si><r><t>rich </t></r><r><rPr><b/></rPr><t>text</t></r><rPh><t>spoken</t></rPh></si>"
        '<si><t xml:space="preserve"> _xD83D__xDE00_ </t></si><si><t>_xD83D_</t></si><si/>'
    )
    cells = [f'<row r="{n + 2}"><c r="A{n + 2}" t="s"><v>{n}</v></c></row>' for n in range(6)]
    inline = '<row r="8"><c r="A8" t="inlineStr"><is><r><t>in</t></r><t>line</t></is></c></row>'
    table = read(_build(HEADER + "".join(cells) + inline, texts))
    assert [row["a"] for _, row in _rows(table)] == [
        "a\rb",
        "_x000D_ x005F_",
        "rich text",
        " 😀 ",
        "",
        "inline",
    ]
    assert _refused(table) == [(6, "a is text with a lone surrogate")]


def test_cells_may_leave_their_names_out(read: Load) -> None:
    header = '<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>'
    row = '<row><c><v>1</v></c><c t="b"><v>1</v></c></row>'
    assert _rows(read(_build(header + row))) == [(2, {"a": Json("1"), "b": Json("true")})]


def test_what_stands_behind_the_cells_is_no_row(read: Load) -> None:
    sheet = (
        f'<worksheet xmlns="{MAIN}"><sheetData>{HEADER}<row r="2"><c r="A2"><v>1</v></c></row></sheetData>'
        "<controls><row>5</row></controls></worksheet>"
    )
    sheet = re.sub(r"<(/?)(?=\w)", r"<\1x:", sheet).replace("xmlns=", "xmlns:x=")
    assert _rows(read(_build("", **{"xl/worksheets/sheet1.xml": sheet}))) == [
        (2, {"a": Json("1"), "b": None})
    ]


def test_only_the_first_rows_are_kept_when_asked(read: Load) -> None:
    rows = [["a"], *[[n] for n in range(10)]]
    assert (len(read(rows, first=4)), read(rows, first=4).complete) == (4, False)
    assert read(rows, first=10).complete


def test_one_of_several_sheets_is_chosen_by_the_person(read: Load) -> None:
    content = _save(First=[["a"], [1]], Second=[["b"], [2]])
    with pytest.raises(ReadError) as raised:
        read(content)
    assert raised.value.message == "book.xlsx has 2 sheets: First, Second."
    assert dict(raised.value.proposal) == {"sheet": ["First", "Second"]}
    table = read(content, sheet="Second")
    assert (table.source.sheet, _rows(table)) == ("Second", [(2, {"b": Json("2")})])
    with pytest.raises(ReadError, match="has no sheet Third") as raised:
        read(content, sheet="Third")
    assert raised.value.hint == "It has: First, Second."


def test_the_only_sheet_that_is_shown_is_taken_and_named(read: Load) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.active.append([1])
    book.create_sheet("Lists").sheet_state = "hidden"
    book.create_chartsheet("Chart")
    sink = io.BytesIO()
    book.save(sink)
    table = read(sink.getvalue())
    assert (table.source.sheet, _rows(table)) == ("Sheet", [(2, {"a": Json("1")})])


HEADERS: list[tuple[list[Any], list[str]]] = [
    ([" a ", "A", "a.1"], [" a ", "A", "a.1"]),
    ([2024, 2.5, True], ["2024", "2.5", "true"]),
    ([dt.date(2024, 2, 29), "_line", "*"], ["2024-02-29", "_line", "*"]),
]


@pytest.mark.parametrize(("header", "names"), HEADERS)
def test_whatever_stands_in_the_header_names_its_column(
    read: Load, header: list[Any], names: list[str]
) -> None:
    assert list(read([header, [1, 2, 3]]).names) == names


BOMB = "<row r='2'><c r='A2' t='str'><v>" + "0" * 20_000_000 + "</v></c></row>"
DOCTYPE = '<!DOCTYPE x [<!ENTITY e "eeeeeeeeee">]><worksheet>&e;</worksheet>'
LOCKED = bytearray(_build(HEADER))
for _at in [at for at in range(len(LOCKED)) if LOCKED[at : at + 4] in (b"PK\3\4", b"PK\1\2")]:
    LOCKED[_at + (6 if LOCKED[_at + 2] == 3 else 8)] |= 1

REFUSED: list[tuple[str, bytes, str]] = [
    ("no workbook", _build(HEADER, **{"_rels/.rels": _relations(image="x.png")}), "but no Excel workbook."),
    ("any archive", _build(HEADER, **{"_rels/.rels": ""}), "but no Excel workbook."),
    ("no sheet part", _build("", **{"xl/worksheets/sheet1.xml": ""}), "but no Excel workbook."),
    ("cut", _build(HEADER)[:-40], "is a damaged zip archive"),
    ("locked", bytes(LOCKED), "is encrypted."),
    ("empty", _save(Data=[]), "The sheet Data of book.xlsx is empty."),
    ("header only", _save(Data=[["a", "b"]]), "book.xlsx holds no record."),
    ("twins", _save(Data=[["a", "a"], [1, 2]]), "The sheet Data of book.xlsx has two columns named 'a'."),
    ("an error in the header", _build('<row r="1"><c r="A1" t="e"><v>#REF!</v></c></row>'),
     "The sheet S of book.xlsx has no header: column A is #REF!, an error of the sheet."),
    ("rows that go back", _build(HEADER + HEADER), "is a damaged Excel workbook: row 1 comes after row 1."),
    ("a row beyond the last", _build('<row r="9999999"/>'), "row 9999999 comes after row 0."),
    ("cells that go back", _build('<row><c r="B1"/><c r="A1"/></row>'), "a cell in column 1 after column 2."),
    ("a cell beyond the last", _build('<row><c r="ZZZ1"/></row>'), "a cell in column 18278 after column 0."),
    ("a cell without a place", _build('<row><c r="7"/></row>'), "a cell named 7."),
    ("a text that is not there", _build('<row><c t="s"><v>7</v></c></row>'), "says what no workbook says."),
    ("a number that is none", _build("<row><c><v>x</v></c></row>"), "says what no workbook says."),
    ("a type that is none", _build("<row><c t='z'><v>x</v></c></row>"), "says what no workbook says."),
    ("no XML", _build("<row>"), "is a damaged Excel workbook: not XML: "),
    ("entities", _build("", **{"xl/worksheets/sheet1.xml": DOCTYPE}), "XML with a document type of its own."),
    ("deep", _build("<x>" * 200 + "</x>" * 200), "elements nested deeper than 100."),
    ("a bomb", _build(HEADER + BOMB), "grows more than 200 times when decompressed."),
]  # fmt: skip


@pytest.mark.parametrize(("content", "message"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_a_workbook_without_a_sound_table_is_refused_in_words(
    read: Load, content: bytes, message: str
) -> None:
    with pytest.raises(ReadError) as raised:
        read(content)
    assert message in raised.value.message
    assert raised.value.hint


def test_a_workbook_over_a_limit_is_refused(read: Load) -> None:
    rows = [["a", "b", "c"], ["x" * 5_000, 2, 3]]
    with pytest.raises(ReadError, match="has more than 2 columns"):
        read(rows, limits={"columns": 2})
    with pytest.raises(ReadError, match=r"an element over 1\.95 KB"):
        read(_build(f'<row><c t="str"><v>{"xy" * 90_000}</v></c></row>'), limits={"line_bytes": 2_000})


NUMBERS = [
    ("1", b"1"),
    ("1.0", b"1"),
    ("4.3499999999999996", b"4.35"),
    ("0.30000000000000004", b"0.30000000000000004"),
    ("1E-3", b"0.001"),
    ("1e300", b"1e300"),
    ("12345678901234567890", b"12345678901234567890"),
    ("-0.5", b"-0.5"),
]


@pytest.mark.parametrize(("text", "spelled"), NUMBERS)
def test_a_number_is_the_shortest_that_is_the_same(text: str, spelled: bytes) -> None:
    assert decode_number(text).spelling == spelled


FORMATS = {
    "General": None, "0.00": None, '#,##0 "days"': None, "0%;[Red]-0%": None, "0.00E+00": None, "@": None,
    "[$€-407] #,##0": None, r"0\d": None, "_(* #,##0_)": None,
    "yyyy-mm-dd": "date", "[$-409]mmm d, yyyy": "date", "MMM": "date", "DD.MM.YYYY": "date",
    "h:mm AM/PM": "time", "mm:ss.0": "time", "m/d/yy h:mm": "datetime",
    "[h]:mm": "duration", "[mm]:ss": "duration",
}  # fmt: skip


@pytest.mark.parametrize(("code", "kind"), FORMATS.items())
def test_a_number_format_tells_whether_numbers_are_times(code: str, kind: str | None) -> None:
    assert classify_format(code) == kind


def test_the_formats_that_every_workbook_has_are_known() -> None:
    kinds = {number: classify_known_format(number) for number in (0, 2, 14, 20, 22, 46, 49)}
    assert kinds == {0: None, 2: None, 14: "date", 20: "time", 22: "datetime", 46: "duration", 49: None}


DAYS = [
    ("45351", "date", False, b'"2024-02-29"', ""),
    ("45351.5", "date", False, b'"2024-02-29T12:00:00"', ""),
    ("43889", "date", True, b'"2024-02-29"', ""),
    ("0", "date", True, b'"1904-01-01"', ""),
    ("1", "date", False, b'"1900-01-01"', ""),
    ("59", "date", False, b'"1900-02-28"', ""),
    ("60", "date", False, b'"60"', "a day outside the calendar"),
    ("61", "date", False, b'"1900-03-01"', ""),
    ("0", "date", False, b'"0"', "a day outside the calendar"),
    ("-1", "datetime", False, b'"-1"', "a day outside the calendar"),
    ("2958466", "date", False, b'"2958466"', "a day outside the calendar"),
    ("0.5", "datetime", False, b'"12:00:00"', ""),
    ("1.5", "time", False, b'"1900-01-01T12:00:00"', ""),
    ("-0.5", "duration", False, b'"-PT43200S"', ""),
]


@pytest.mark.parametrize(("text", "kind", "since_1904", "spelled", "fault"), DAYS)
def test_a_number_of_days_is_the_day_that_excel_shows(
    text: str, kind: Any, since_1904: bool, spelled: bytes, fault: str
) -> None:
    value = decode_time(text, kind, since_1904)
    assert (value.spelling, value.fault) == (spelled, fault)


def test_columns_are_counted_in_letters() -> None:
    assert [name_column(column) for column in (1, 26, 27, 702, 703, 16_384)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]
    assert [count_column(name_column(column)) for column in range(1, 2_000)] == list(range(1, 2_000))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_escaped_text_reads_back_as_the_same(text: str) -> None:
    escaped = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text).replace("\r", "_x000D_")
    assert json.loads(decode_text(escaped).spelling) == text


CELLS = (
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.sampled_from(["a", "02139", " ", "é", "#N"])
)


@settings(deadline=None, max_examples=examples(25))
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=6))
def test_every_row_is_accepted_quarantined_or_blank(rows: list[list[Any]], tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("book")
    (folder / "a.xlsx").write_bytes(_save(Data=[["p", "q"], *rows, [1, 2]]))
    table = read_source(Source(path=str(folder / "a.xlsx")), folder / "t", Settings(workspace=folder))
    filled = [[cell for cell in row if cell is not None] for row in rows]
    assert table.counts.read == len(rows) + 1
    assert table.counts.blank == filled.count([])
    assert table.counts.quarantined == sum(any(cell is not None for cell in row[2:]) for row in rows)
