"""docs/formats.md says what the code does: its tables are read here and tried."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from studio.errors import SourceError
from studio.reader import read_source
from studio.reader.sniffing import format_of_name
from studio.record import Json
from studio.source import DATA_SUFFIXES, parse_source

PAGE = (Path(__file__).parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")
KEPT = '{"kept": "so that the file is not refused"}'


def rows_below(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def to_bytes(text: str) -> bytes:
    parts = re.split(r"‹([0-9A-F]{2})›", text)
    return b"".join(
        bytes.fromhex(part) if index % 2 else part.encode("utf-8") for index, part in enumerate(parts)
    )


RULES = rows_below("JSON: what is kept, and what is refused")


@pytest.mark.parametrize(
    ("example", "result", "shown"), [row[1:] for row in RULES], ids=[r[0] for r in RULES]
)
def test_a_line_becomes_what_the_page_says(tmp_path, settings, example, result, shown):
    path = tmp_path / "example.jsonl"
    path.write_bytes(KEPT.encode() + b"\n" + to_bytes(example[1:-1]) + b"\n")
    table = read_source(parse_source(str(path)), tmp_path / "table", settings)
    counts = table.counts
    found = {"kept": counts.accepted - 1, "quarantined": counts.quarantined, "blank": counts.blank}
    assert found == {"kept": 0, "quarantined": 0, "blank": 0} | {result: 1}
    if result == "quarantined":
        (line,) = table.quarantine()
        assert shown in line.reason
    if result == "kept":
        column = next(column for column in table.columns if column.name != "kept")
        value = table.record(1)[column.name]
        if shown == "null":
            assert value is None
            return
        kind, spelling = re.fullmatch(r"(\w+) `(.*)`", shown).groups()
        assert column.type == kind
        assert (value.spelling if isinstance(value, Json) else value).encode() == to_bytes(spelling)


CSV_RULES = rows_below("CSV: what is kept, and what is refused")


@pytest.mark.parametrize(
    ("example", "result", "shown"), [r[1:] for r in CSV_RULES], ids=[r[0] for r in CSV_RULES]
)
def test_a_row_becomes_what_the_page_says(tmp_path, settings, example, result, shown):
    path = tmp_path / "example.csv"
    path.write_bytes(b"a,b\nkept,row\n" + to_bytes(example[1:-1]).replace("⏎".encode(), b"\n") + b"\n")
    table = read_source(parse_source(str(path)), tmp_path / "table", settings)
    counts = table.counts
    found = {"kept": counts.accepted - 1, "quarantined": counts.quarantined, "blank": counts.blank}
    assert found == {"kept": 0, "quarantined": 0, "blank": 0} | {result: 1}
    if result == "quarantined":
        assert shown in next(table.quarantine()).reason
    if result == "kept":
        cells = re.findall(r"`([^`]*)`(?: |$)", shown)
        assert [table.record(1)["a"], table.record(1)["b"]] == [cell.replace("⏎", "\n") for cell in cells]


TYPED = {
    "int8": (pa.int8(), -5),
    "uint64": (pa.uint64(), 2**64 - 1),
    "float": (pa.float32(), 0.1),
    "double": (pa.float64(), 2.5),
    "bool": (pa.bool_(), True),
    "string": (pa.string(), "02139"),
    "date32[day]": (pa.date32(), dt.date(2020, 1, 31)),
    "timestamp[ns]": (pa.timestamp("ns"), 1_577_836_800_123_456_789),
    "timestamp[us, tz=Europe/Berlin]": (
        pa.timestamp("us", "Europe/Berlin"),
        dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
    ),
    "time64[us]": (pa.time64("us"), dt.time(1, 2, 3)),
    "duration[ms]": (pa.duration("ms"), dt.timedelta(seconds=1)),
    "decimal128(5, 2)": (pa.decimal128(5, 2), Decimal("2.50")),
    "binary": (pa.binary(), b"\x89PNG\r\n\x1a\nxx"),
    "list<element: int64>": (pa.list_(pa.int64()), [1, 2]),
    "struct<a: int64>": (pa.struct([("a", pa.int64())]), {"a": 1}),
}
TYPED_RULES = rows_below("Typed files: what a value becomes")


@pytest.mark.parametrize(("named", "shown"), TYPED_RULES, ids=[row[0] for row in TYPED_RULES])
def test_a_typed_value_becomes_what_the_page_says(tmp_path, settings, named, shown):
    kind, value = TYPED[named.strip("`")]
    path = tmp_path / "example.parquet"
    pq.write_table(pa.table({"a": pa.array([value], kind)}), path)
    table = read_source(parse_source(str(path)), tmp_path / "table", settings)
    stored = table.record(0)["a"]
    spelling = stored.spelling if isinstance(stored, Json) else stored
    assert f"{table.columns[0].type} `{spelling}`" == shown
    assert table.columns[0].source_type == named.strip("`")


def test_every_name_that_is_read_is_on_the_page_and_no_other():
    named = re.findall(r"`(\.\w+)`", " ".join(row[1] for row in rows_below("Formats")))
    assert sorted(named) == sorted(DATA_SUFFIXES)
    for suffix in named:
        assert format_of_name(f"file{suffix}")


def test_a_kind_of_file_that_is_not_on_the_page_is_refused():
    with pytest.raises(SourceError, match="not a kind of file"):
        format_of_name("file.docx")
