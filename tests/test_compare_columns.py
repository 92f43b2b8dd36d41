"""Scores by the category of a record: its columns are kept at the launch, in the order of the test part."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.compare import open_comparison
from studio.errors import RunError
from studio.job.records import write_test_records
from studio.pipeline import build_table, load_table
from studio.recipe import parse_recipe
from studio.source import parse_source
from tests.compared import make_line, make_run
from tests.scripted_jobs import start_scripted, wait_for


def test_the_kept_records_are_those_of_the_test_part_in_its_order(settings, tmp_path, write_jsonl):
    rows = [{"question": f"Q{n}", "answer": f"A{n}", "topic": "ab"[n % 2], "level": n} for n in range(40)]
    table = load_table(parse_source(str(write_jsonl(rows))), tmp_path / "table", settings)
    recipe = parse_recipe(
        "source: {path: data.jsonl}\ntemplate: {style: question-answer}\n"
        "filter: [{column: topic, is: equals, value: a}]\nsplit: {train: 0.7, test: 0.3, seed: 7}"
    )
    kept = write_test_records(recipe, table, tmp_path / "records.jsonl")
    assert kept is not None
    export = build_table(recipe, table, tmp_path / "out")
    tested = [json.loads(line) for line in export.part("test").read_text().splitlines()]
    records = [json.loads(line) for line in kept.read_text().splitlines()]
    assert len(records) == 6
    assert all(record in rows for record in records)
    pairs = zip(records, tested, strict=True)
    assert all(line["completion"].endswith(record["answer"]) for record, line in pairs)
    untested = recipe.model_copy(update={"split": recipe.split.model_copy(update={"test": None})})
    assert write_test_records(untested, table, tmp_path / "none.jsonl") is None


def test_a_run_keeps_them_beside_its_data(tmp_path: Path):
    records = tmp_path / "records.jsonl"
    records.write_text('{"topic": "a"}\n')
    run_dir = start_scripted(tmp_path, "say('succeeded')", test_records=records)
    assert run_dir.test_records.read_text() == '{"topic": "a"}\n'
    wait_for(lambda: '"succeeded"' in run_dir.state_file.read_text())


def compare(folder: Path, records: list[dict[str, Any]]) -> Any:
    base = [make_line(row, "no") for row in range(len(records))]
    tuned = [make_line(row, "yes" if row % 2 else "no", loss=0.5) for row in range(len(records))]
    return open_comparison(make_run(folder, base, tuned, records=records))


def test_scores_are_told_by_category_the_most_frequent_first(tmp_path: Path):
    topics: list[Any] = ["even", "odd", "even", "odd", "even", "odd", "even", None, "", 3]
    comparison = compare(tmp_path, [{"topic": topic, "n": n} for n, topic in enumerate(topics)])
    assert comparison.columns == ["topic", "n"]
    found = comparison.categories("topic")
    assert [(one.value, one.records) for one in found] == [("even", 4), ("odd", 3), (None, 2), ("3", 1)]
    assert [one.tuned["exact_match"] for one in found] == [0.0, 1.0, 0.5, 1.0]
    assert found[1].difference["exact_match"].low == 1.0
    assert (found[3].difference["exact_match"].value, found[3].difference["exact_match"].low) == (1.0, None)
    answer = comparison.to_dict(by="topic")
    assert (answer["by"], [one["records"] for one in answer["categories"]]) == ("topic", [4, 3, 2, 1])
    assert comparison.to_dict()["categories"] is None


def test_what_is_no_category_is_said(tmp_path: Path):
    comparison = compare(tmp_path, [{"topic": "ab"[n % 2], "question": f"Q{n}"} for n in range(60)])
    with pytest.raises(RunError, match="No column named 'colour'") as caught:
        comparison.categories("colour")
    assert caught.value.hint == "Columns are: topic, question."
    with pytest.raises(RunError, match="question has 60 different values") as caught:
        comparison.categories("question")
    assert caught.value.hint.endswith("topic.")


def test_a_run_that_kept_no_columns_says_so(tmp_path: Path):
    run_dir = make_run(tmp_path, [make_line(0, "a")], [make_line(0, "b")])
    assert open_comparison(run_dir).columns == []
    with pytest.raises(RunError, match="kept no columns"):
        open_comparison(run_dir).categories("topic")


@pytest.mark.parametrize("text", ['{"topic": "a"}\n{"topic"', '{"topic": "a"}\n', "[1]\n[2]\n"])
def test_records_that_are_damaged_are_named(tmp_path: Path, text: str):
    run_dir = make_run(tmp_path, [make_line(n, "a") for n in range(2)], [make_line(n, "b") for n in range(2)])
    run_dir.test_records.write_text(text)
    comparison = open_comparison(run_dir)
    [note] = comparison.notes
    assert note.startswith("The columns of the test records are damaged: data/test.records.jsonl of run r1.")
    assert comparison.columns == []
