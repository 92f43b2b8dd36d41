"""What the libraries that people use read of an export: the same records, in every format and file."""

import json
import os
import subprocess
import sys

import pytest

from studio.formats import FILES, FORMATS
from studio.pipeline import build_table, load_table
from studio.recipe import Recipe
from studio.source import parse_source

ROWS = [
    {"instruction": "2020-01-01", "input": "", "output": "NA"},
    {"instruction": "12", "input": "1e5", "output": '“é😀”,"\u2028\n\nx'},
    {"instruction": " =1", "input": "null", "output": "\r\n"},
]
GUARDED = {" =1": "' =1"}
SHAPES = [(kind, "jsonl") for kind in FORMATS] + [
    *(("alpaca", file) for file in FILES if file != "jsonl"),
    *(("sharegpt", file) for file in ("jsonl.zst", "json", "parquet", "dataset")),
]


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """(format, file) → what `datasets` reads of it, and the expected records; one process reads all."""
    folder = tmp_path_factory.mktemp("exports")
    (folder / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    from studio.settings import Settings

    table = load_table(
        parse_source(str(folder / "data.jsonl")), folder / "table", Settings(workspace=folder / "work")
    )
    made = {}
    for kind, file in SHAPES:
        values = {
            "source": {"path": "data.jsonl"},
            "template": {"style": "alpaca"},
            "export": {"format": kind, "file": file},
        }
        made[kind, file] = build_table(Recipe.model_validate(values), table, folder / f"{kind}-{file}")
    command = [sys.executable, "-m", "tests.real_readers", *(str(export.folder) for export in made.values())]
    env = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(folder / "hf")}
    shown = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    found = json.loads(shown.stdout)
    lines = {kind: made[kind, "jsonl"].part("train").read_text().split("\n")[:-1] for kind in FORMATS}
    expected = {kind: [json.loads(line) for line in own] for kind, own in lines.items()}
    return {shape: (found[export.folder.name], expected[shape[0]]) for shape, export in made.items()}


@pytest.mark.parametrize(("kind", "file"), SHAPES)
def test_datasets_reads_the_records_that_were_exported(read, kind, file):
    found, expected = read[kind, file]
    if file == "csv":
        expected = [{name: GUARDED.get(text, text) for name, text in row.items()} for row in expected]
    assert found == expected
