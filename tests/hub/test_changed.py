"""Changes of a Hub dataset: its own splits of what is left, rows known by spelling, edits in datasets."""

import datetime as dt

import pyarrow as pa
import pytest

from studio.hub import to_dataset
from studio.overlay import name_rows, resolve_overlay
from studio.pipeline import plan_splits, select_left
from studio.recipe import parse_recipe
from studio.record import Exclusion
from studio.settings import Settings
from studio.table import Changes
from tests.hub.conftest import Read, Serve, parquet
from tests.rows import rows_by_part

PUBLISHED = "source: {hub: org/parts}\ntemplate: {style: question-answer}\nsplit: {method: published}\n"


@pytest.mark.detail
def test_a_published_split_keeps_what_is_left_of_it(serve: Serve, read: Read, settings: Settings) -> None:
    files = {
        "train-1.jsonl": b'{"n": 1}\n{"n": 2}\n',
        "train-2.jsonl": b'{"n": 3}\n',
        "test.jsonl": b'{"n": 4}\n{"n": 5}\n',
    }
    serve("org/parts", files)
    table = read("org/parts", split="all")
    named = name_rows(table, [1, 2, 3], settings)
    assert {len(one.file) > 0 for one in named} == {True}
    changed = table.with_changes(resolve_overlay(table, [], named, settings))
    recipe = parse_recipe(PUBLISHED)
    assert [count for _, count in select_left(recipe, changed).published if count] == [1, 1]
    splits = plan_splits(recipe, changed)
    assert rows_by_part(splits) == {"train": [0], "test": [4]}
    assert splits.unused == 0
    again = read("org/parts", split="all")
    assert resolve_overlay(again, [], named, settings) == Changes(excluded=(1, 2, 3))
    assert isinstance(named[0], Exclusion)


def test_edited_values_are_those_of_the_dataset(serve: Serve, read: Read) -> None:
    days = pa.array([dt.date(2024, 2, 29), dt.date(2024, 3, 1)])
    serve("org/edited", {"train.parquet": parquet({"day": days, "n": pa.array([1, 2])})})
    table = read("org/edited")
    edited = table.with_changes(Changes(edits={1: {"day": "some day", "n": "7"}}))
    assert to_dataset(edited)[1] == {"day": "some day", "n": 7}
    assert to_dataset(table)[1] == {"day": dt.date(2024, 3, 1), "n": 2}
    assert to_dataset(edited)._fingerprint != to_dataset(table)._fingerprint
