"""The overlay: lines and hashes of a recipe become rows, each the very record, or an error names the line."""

import gzip
import hashlib
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import pyarrow as pa
import pytest
from pyarrow import parquet

from studio.errors import RecipeError, SourceError
from studio.overlay import find_rows, name_rows, resolve_overlay
from studio.pipeline import load_table
from studio.recipe import dump_recipe, parse_recipe
from studio.record import Edit, Exclusion
from studio.settings import Settings
from studio.source import parse_source
from studio.table import Changes, Table

Load = Callable[[str, bytes], Table]


@pytest.fixture
def load(tmp_path: Path, settings: Settings) -> Load:
    def load_bytes(name: str, data: bytes) -> Table:
        path = tmp_path / name
        path.write_bytes(data)
        return load_table(
            parse_source(str(path)), tmp_path / f"table-{len(list(tmp_path.iterdir()))}", settings
        )

    return load_bytes


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


LINES = b'{"q": "a",  "n": 1}\n{"q": \n{"q": "b", "n": 2}\n\n{"n": 3, "q": "c"}\n'


def test_the_hash_is_of_the_source_line_where_a_plain_file_has_it(load: Load, settings: Settings) -> None:
    named = name_rows(load("a.jsonl", LINES), [0, 2], settings)
    assert [one.line for one in named] == [1, 5]
    assert [one.hash for one in named] == [digest(b'{"q": "a",  "n": 1}'), digest(b'{"n": 3, "q": "c"}')]
    [row] = name_rows(load("a.csv", b'q,n\n"a\nb",1\nc,2\n'), [0], settings)
    assert (row.line, row.hash) == (2, digest(b'"a\nb",1'))
    [element] = name_rows(load("a.json", b'[{"q": 1},\n {"q":\n2}]'), [1], settings)
    assert (element.line, element.hash) == (2, digest(b'{"q":\n2}'))


def test_the_hash_is_of_the_spelling_where_no_plain_file_has_a_line(
    load: Load, settings: Settings, tmp_path: Path
) -> None:
    [packed] = name_rows(load("a.jsonl.gz", gzip.compress(LINES)), [2], settings)
    assert (packed.line, packed.hash) == (5, digest(b'{"q": "c", "n": 3}'))
    parquet.write_table(pa.table({"q": ["a", "b"], "n": [1, 2]}), tmp_path / "b.parquet")
    table = load("b.parquet", (tmp_path / "b.parquet").read_bytes())
    [typed] = name_rows(table, [1], settings)
    assert (typed.line, typed.hash) == (2, digest(b'{"q": "b", "n": 2}'))


def test_a_record_named_by_its_spelling_is_found_in_the_plain_file(load: Load, settings: Settings) -> None:
    named = name_rows(load("a.jsonl.gz", gzip.compress(LINES)), [0, 2], settings)
    assert resolve_overlay(load("a.jsonl", LINES), [], named, settings) == Changes(excluded=(0, 2))


def test_lines_are_resolved_to_rows_in_table_order(load: Load, settings: Settings) -> None:
    table = load("a.jsonl", LINES)
    third, first = Exclusion(line=5, hash=digest(b'{"n": 3, "q": "c"}')), digest(b'{"q": "a",  "n": 1}')
    edits = [
        Edit(line=1, hash=first, column="n", value="7"),
        Edit(line=1, hash=first, column="q", value=None),
    ]
    changes = resolve_overlay(table, edits, [third], settings)
    assert changes == Changes(edits={0: {"q": None, "n": "7"}}, excluded=(2,))
    assert list(changes.edits[0]) == ["q", "n"]


def test_every_misfit_is_named_at_once_with_its_line(load: Load, settings: Settings) -> None:
    table = load("a.jsonl", LINES)
    first, third = digest(b'{"q": "a",  "n": 1}'), digest(b'{"q": "b", "n": 2}')
    edits = [
        Edit(line=1, hash=first, column="n", value="seven"),
        Edit(line=3, hash=third, column="x", value=""),
        Edit(line=3, hash=third, column="q", value="1"),
        Edit(line=3, hash=third, column="q", value="2"),
    ]
    exclusions = [Exclusion(line=2, hash=first), Exclusion(line=5, hash="0" * 16)]
    with pytest.raises(RecipeError) as caught:
        resolve_overlay(table, edits, exclusions, settings)
    for words in (
        "line 2 holds no record",
        "line 5 is another record than the one with the hash 0000000000000000",
        "line 3 edits q twice",
        "line 1: 'seven' does not fit the column n",
        "line 3 edits the column x, which is not there",
    ):
        assert words in caught.value.message
    assert "Give the file that the recipe was made with" in caught.value.hint


def test_several_files_are_told_apart_by_name(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(b'{"q": 1}\n{"q": 2}\n')
    (folder / "b.jsonl").write_bytes(b'{"q": 1}\n{"q": 3}\n')
    table = load_table(parse_source(str(folder)), tmp_path / "table", settings)
    named = name_rows(table, [1, 2, 3], settings)
    assert [(one.file, one.line) for one in named] == [("a.jsonl", 2), ("b.jsonl", 1), ("b.jsonl", 2)]
    assert find_rows(table, [("b.jsonl", 2), ("", 1), ("c.jsonl", 1)]) == {("b.jsonl", 2): 3, ("", 1): 0}
    assert resolve_overlay(table, [], named, settings).excluded == (1, 2, 3)


def test_a_source_that_has_changed_gives_no_hashes(load: Load, settings: Settings, tmp_path: Path) -> None:
    table = load("a.jsonl", LINES)
    (tmp_path / "a.jsonl").write_bytes(LINES + b"{}\n")
    with pytest.raises(SourceError, match="has changed"):
        name_rows(table, [0], settings)


def test_a_source_that_is_gone_names_its_records_by_their_spelling(
    load: Load, settings: Settings, tmp_path: Path
) -> None:
    table = load("a.jsonl", LINES)
    named = name_rows(table, [2], settings)
    (tmp_path / "a.jsonl").unlink()
    assert name_rows(table, [2], settings)[0].hash == digest(b'{"q": "c", "n": 3}') != named[0].hash


def test_twenty_thousand_exclusions_are_written_read_and_found(load: Load, settings: Settings) -> None:
    lines = b"".join(
        json.dumps({"question": f"What is {n}?", "answer": f"It is {n}."}).encode() + b"\n"
        for n in range(100_000)
    )
    table = load("a.jsonl", lines)
    times = [perf_counter()]
    named = name_rows(table, range(0, 100_000, 5), settings)
    times.append(perf_counter())
    recipe = parse_recipe("source: {path: a.jsonl}\ntemplate: {style: question-answer}\n")
    recipe = recipe.model_copy(update={"overlay": recipe.overlay.with_changes([], named)})
    text = dump_recipe(recipe)
    times.append(perf_counter())
    again = parse_recipe(text)
    times.append(perf_counter())
    changes = resolve_overlay(table, [], again.overlay.to_exclusions(), settings)
    times.append(perf_counter())
    assert again == recipe
    assert changes.excluded == tuple(range(0, 100_000, 5))
    steps = zip(("hash", "write", "read", "find and verify"), pairwise(times), strict=True)
    print("20 000 exclusions:", ", ".join(f"{what} {end - start:.2f} s" for what, (start, end) in steps))
