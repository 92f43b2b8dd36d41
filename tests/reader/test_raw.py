"""The bytes of a record as they stand in its source, and exports that copy them."""

import gzip

import pytest

from studio.errors import ExportError, SourceError
from studio.pipeline import build
from studio.reader import read_source
from studio.reader.raw import iter_record_lines, read_raw
from studio.recipe import parse_recipe
from studio.source import parse_source

LINES = (
    b'\xef\xbb\xbf{"a": 2.50,  "q":"x"}\r\n\n{"q":"\\u00e9","a":1e400}\n[1]\n{"a":12345678901234567890123}'
)
RECORDS = [b'{"a": 2.50,  "q":"x"}\r', b'{"q":"\\u00e9","a":1e400}', b'{"a":12345678901234567890123}']


def read(path, settings, tmp_path):
    return read_source(parse_source(str(path)), tmp_path / "table", settings)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_record_has_the_bytes_of_its_line(tmp_path, settings, pack):
    path = tmp_path / ("a.jsonl" if pack is bytes else "a.jsonl.gz")
    path.write_bytes(pack(LINES))
    table = read(path, settings, tmp_path)
    assert [read_raw(table, row, settings) for row in range(len(table))] == RECORDS
    assert list(iter_record_lines(table)) == RECORDS


def test_an_element_of_an_array_is_shown_as_it_stands_and_copied_on_one_line(tmp_path, settings):
    path = tmp_path / "a.json"
    path.write_bytes(b'[{"a": 2.50,\n  "q":"x"},\n{"a":null}]')
    table = read(path, settings, tmp_path)
    assert read_raw(table, 0, settings) == b'{"a": 2.50,\n  "q":"x"}'
    assert list(iter_record_lines(table)) == [b'{"a": 2.50,   "q":"x"}', b'{"a":null}']


def test_a_record_that_is_no_json_in_its_source_is_spelled_from_its_values(tmp_path, settings):
    path = tmp_path / "a.csv"
    path.write_text('zip,name\n02139,"a ""b"""\n')
    table = read(path, settings, tmp_path)
    assert read_raw(table, 0, settings) == b'02139,"a ""b"""'
    assert list(iter_record_lines(table)) == [b'{"zip": "02139", "name": "a \\"b\\""}']


def test_the_raw_line_of_a_file_that_has_changed_is_refused(tmp_path, settings):
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES)
    table = read(path, settings, tmp_path)
    path.write_bytes(LINES.replace(b"2.50", b"3.50"))
    with pytest.raises(SourceError, match="has changed"):
        read_raw(table, 0, settings)
    with pytest.raises(SourceError, match="has changed"):
        list(iter_record_lines(table))


def test_an_export_of_records_copies_the_source_bytes(tmp_path, settings):
    (tmp_path / "a.jsonl").write_bytes(LINES)
    recipe = parse_recipe(
        'source: {path: a.jsonl}\ntemplate: {text: "{a}"}\nexport: {format: records}\n'
        "split: {method: sequential, train: 0.7, test: 0.3}\n"
    )
    export = build(recipe, tmp_path / "out", settings=settings, recipe_folder=tmp_path)
    assert export.part("train").read_bytes() == b"\n".join(RECORDS[:2]) + b"\n"
    assert export.part("test").read_bytes() == RECORDS[2] + b"\n"


def test_untouched_records_have_no_fields_to_rename(tmp_path, settings):
    (tmp_path / "a.jsonl").write_bytes(LINES)
    recipe = parse_recipe(
        'source: {path: a.jsonl}\ntemplate: {text: "{a}"}\nexport: {format: records, names: {text: t}}\n'
    )
    with pytest.raises(ExportError, match="no field text"):
        build(recipe, tmp_path / "out", settings=settings, recipe_folder=tmp_path)


def test_whole_columns_have_no_lines_and_are_copied_by_value(tmp_path, settings):
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a": [2.50, null], "q": ["x", "y"]}')
    table = read(path, settings, tmp_path)
    with pytest.raises(SourceError, match="whole columns"):
        read_raw(table, 0, settings)
    assert list(iter_record_lines(table)) == [b'{"a": 2.50, "q": "x"}', b'{"a": null, "q": "y"}']


def test_an_option_that_means_nothing_for_the_format_is_refused(tmp_path, settings):
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES)
    with pytest.raises(SourceError, match="no delimiter: it is read as jsonl"):
        read_source(parse_source(str(path), delimiter=";"), tmp_path / "table", settings)
