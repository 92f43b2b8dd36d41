"""What bytes really are: the format by name and head, and in words what a file is instead."""

import io

import pytest

from studio.errors import ReadError, SourceError
from studio.reader.sniffing import detect_format, format_of_name
from studio.reader.streams import PeekableStream
from studio.settings import Limits


def _detect(content: bytes, name: str) -> str:
    return detect_format(PeekableStream(io.BytesIO(content)), format_of_name(name), name, Limits())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jsonl", "jsonl"),
        ("A.NDJSON.GZ", "jsonl"),
        ("a.json.zst", "json"),
        ("a.tsv", "csv"),
        ("a.txt.bz2", "text"),
        ("a.parquet", "parquet"),
        ("a.feather", "arrow"),
        ("a.ipc", "arrow"),
        ("a.xlsx", "excel"),
    ],
)
def test_a_name_tells_its_format_packed_or_not(name: str, kind: str) -> None:
    assert format_of_name(name) == kind


@pytest.mark.parametrize("name", ["a.xls", "a.xlsm", "a.xlsb", "a.ods"])
def test_other_spreadsheets_are_refused_with_what_to_do(name: str) -> None:
    with pytest.raises(SourceError, match="a spreadsheet of a kind that is not read") as raised:
        format_of_name(name)
    assert ".xlsx" in raised.value.hint


def test_a_name_without_a_format_is_refused_with_the_names_that_have_one() -> None:
    with pytest.raises(SourceError, match=r"a\.bin is not a kind of file that is read") as raised:
        format_of_name("a.bin")
    assert ".jsonl" in raised.value.hint


FOUND: list[tuple[str, bytes, str]] = [
    ("a.json", b' \n[{"a": 1}]', "json"),
    ("a.json", b'{"a": 1}', "json"),
    ("a.json", b'{"a": 1}\n', "json"),
    ("a.json", b'{\n"a": 1}', "json"),
    ("a.json", b'{"data": [\n{"a": 1},\n{"a": 2}\n]}', "json"),
    ("a.json", b'{"a": 1}\n{"a": 2}', "jsonl"),
    ("a.json", b'\xef\xbb\xbf{"a": "}\\"{"}\r\n\n{"a": 2}\n', "jsonl"),
    ("a.json", b'{"a": nonsense}\n{"a": 2}\n', "jsonl"),
    ("a.jsonl", b'[\n{"a": 1}\n]', "json"),
    ("a.jsonl", b'{"data": [{"a": 1}]}', "jsonl"),
    ("a.csv", b"PARTS,b\n1,2\n", "csv"),
    ("a.parquet", b"PAR1...", "parquet"),
    ("a.arrow", b"ARROW1\0\0...", "arrow"),
    ("a.arrow", b"\xff\xff\xff\xff\x10\0\0\0", "arrow"),
    ("a.xlsx", b"PK\x03\x04...", "excel"),
]


@pytest.mark.parametrize(("name", "content", "kind"), FOUND, ids=range(len(FOUND)))
def test_the_head_tells_which_of_the_formats_of_a_name_it_is(name: str, content: bytes, kind: str) -> None:
    assert _detect(content, name) == kind


LATIN = "name;note\nJosé;déjà vu à l'été\nZoë;über große Öfen\nRené;très bien, merci\n"
REFUSED: list[tuple[str, bytes, str, str]] = [
    ("a.parquet", b"", "a.parquet is empty.", "download"),
    ("a.parquet", b"PARE...", "a.parquet is an encrypted Parquet file.", "without encryption"),
    ("a.parquet", b'{"a": 1}', "a.parquet is not a Parquet file.", "download"),
    ("a.parquet", b"<!DOCTYPE html>", "a.parquet is a web page (HTML), not data.", "raw"),
    ("a.parquet", b"version https://git-lfs.github.com/spec/v1\n", "a git-lfs pointer", "git lfs pull"),
    ("a.arrow", b"PAR1....", "a.arrow is a Parquet file.", "Name it .parquet."),
    ("a.feather", b"FEA1....", "a.feather is a Feather file of version 1.", "version 2"),
    ("a.ipc", b"text", "a.ipc is not an Arrow file.", "download"),
    ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook, or one with a password", ".xlsx"),
    ("a.xlsx", b"a,b\n1,2\n", "a.xlsx is not an Excel workbook.", "Name it after what it is"),
    ("a.csv", b"PK\x03\x04...", "a zip archive (or a spreadsheet)", ".xlsx"),
    ("a.jsonl", b"PAR1....", "a.jsonl is a Parquet file.", "Name it .parquet."),
    ("a.jsonl", b"ARROW1\0\0", "a.jsonl is an Arrow file.", "Name it .arrow."),
    ("a.json", b'"text"', "a.json holds neither a JSON array nor an object.", ".jsonl"),
    ("a.jsonl", b"<?xml version='1.0'?>", "a web page", "download"),
    ("a.txt", bytes(range(7)) * 9 + bytes(90), "a.txt is a binary file.", "UTF-8"),
    ("a.txt", "text".encode("utf-16-le") * 9, "text in UTF-16 without a mark", "--encoding utf-16-le"),
    ("a.csv", LATIN.encode("cp1252"), "text in another encoding than UTF-8", "--encoding windows-1252"),
]


@pytest.mark.parametrize(("name", "content", "message", "hint"), REFUSED, ids=range(len(REFUSED)))
def test_bytes_that_are_not_what_their_name_says_are_named(
    name: str, content: bytes, message: str, hint: str
) -> None:
    with pytest.raises(ReadError) as raised:
        _detect(content, name)
    assert message in raised.value.message
    assert hint in raised.value.hint


def test_a_few_lines_that_are_not_utf_8_do_not_make_another_encoding() -> None:
    assert _detect(b"name\ncaf\xe9 au lait\nplain\n", "a.csv") == "csv"
    assert _detect(LATIN.encode("cp1252") + "naïve été\n".encode(), "a.csv") == "csv"
    assert _detect(b"\xe9\x01 noise\n" * 9, "a.txt") == "text"
