"""docs/formats.md says what the code does: its tables are read here and tried."""

import re
from pathlib import Path

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


def test_every_name_that_is_read_is_on_the_page_and_no_other():
    named = re.findall(r"`(\.\w+)`", " ".join(row[1] for row in rows_below("Formats")))
    assert sorted(named) == sorted(DATA_SUFFIXES)
    for suffix in named:
        assert format_of_name(f"file{suffix}")


def test_a_kind_of_file_that_is_not_on_the_page_is_refused():
    with pytest.raises(SourceError, match="not a kind of file"):
        format_of_name("file.docx")
