"""The two courses' data in every format: the bytes of each part are those that were looked at once.

Kept are the hash and the first line of each part, never the data. After a change that is meant:

    STUDIO_TEST_DATA=… python -m tests.test_export_golden
"""

import gzip
import hashlib
import json
import os
import tempfile
from pathlib import Path

import pytest

from studio.formats import FORMATS, PRESETS
from studio.pipeline import build_table, load_table
from studio.recipe import Recipe
from studio.settings import Settings
from studio.source import Source

GOLDEN = Path(__file__).parent / "golden" / "exports.json"
STYLES = {"lamini_docs.jsonl": "question-answer", "instruction-data.json": "alpaca-short"}
SHAPES = [
    *({"format": kind} for kind in FORMATS),
    *({"format": preset.format, "names": dict(preset.names)} for preset in PRESETS.values() if preset.names),
    {"format": "alpaca", "file": "json"},
    {"format": "alpaca", "file": "csv"},
]


def build_all(path: Path, folder: Path) -> dict[str, dict[str, list[str]]]:
    """Shape → part → hash and first line (or first 100 characters) of the course's file."""
    table = load_table(Source(path=str(path)), folder / "table", Settings(workspace=folder / "work"))
    found = {}
    for number, export in enumerate(SHAPES):
        values = {
            "source": {"path": path.name},
            "template": {"style": STYLES[path.name]},
            "split": {"train": 0.9, "test": 0.1, "seed": 42},
            "export": export,
        }
        made = build_table(Recipe.model_validate(values), table, folder / str(number))
        found[json.dumps(export)] = {name: describe(made.part(name)) for name in made.manifest["parts"]}
    return found


def describe(path: Path) -> list[str]:
    data = path.read_bytes()
    return [hashlib.sha256(data).hexdigest(), data.decode().split("\n")[0][:100]]


@pytest.mark.parametrize("name", STYLES)
def test_the_courses_data_has_the_same_bytes_in_every_format(
    lamini_docs: Path, instruction_data: Path, tmp_path: Path, name: str
) -> None:
    path = {"lamini_docs.jsonl": lamini_docs, "instruction-data.json": instruction_data}[name]
    assert build_all(path, tmp_path / "made") == json.loads(GOLDEN.read_text(encoding="utf-8"))[name]


def test_untouched_records_of_the_course_are_its_own_lines(lamini_docs: Path, tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path / "work")
    table = load_table(Source(path=str(lamini_docs)), tmp_path / "table", settings)
    values = {
        "source": {"path": "x"},
        "template": {"style": "question-answer"},
        "export": {"format": "records"},
    }
    made = build_table(Recipe.model_validate(values), table, tmp_path / "out")
    assert made.part("train").read_bytes() == lamini_docs.read_bytes().rstrip(b"\n") + b"\n"


def write_golden(data: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lamini = folder / "lamini_docs.jsonl"
        lamini.write_bytes(gzip.decompress((data / "lamini_docs.jsonl.gz").read_bytes()))
        paths = [lamini, data / "instruction-data.json"]
        found = {path.name: build_all(path, folder / path.stem) for path in paths}
    GOLDEN.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_golden(Path(os.environ["STUDIO_TEST_DATA"]))
