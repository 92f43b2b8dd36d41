"""docs/exports.md says what the code does: its tables are read here and tried."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from studio.export import Export
from studio.formats import FILES, FORMATS, PRESETS
from studio.pipeline import build
from studio.recipe import Recipe
from studio.settings import Settings
from studio.trainers import TRAINERS, describe_configs

PAGE = (Path(__file__).parent.parent / "docs" / "exports.md").read_text(encoding="utf-8")
ROWS = [
    {"instruction": f"Say {n}", "input": "", "output": f"=é{n}\u2028 \"'\\ " if n else "-1"} for n in range(4)
]
TEMPLATES: dict[str, dict[str, Any]] = {
    "text": {"text": "{instruction}: {output}"},
    "prompt-completion": {"prompt": "Q: {instruction}\n", "completion": "A: {output}"},
    "messages": {
        "messages": [
            {"role": "user", "content": "{instruction}"},
            {"role": "assistant", "content": "{output}"},
        ]
    },
}


def rows_of(first: str) -> dict[str, list[list[str]]]:
    """The table whose first head is `first`: first cell → the names in backticks, else the words, of each."""
    lines = PAGE.split(f"\n| {first} |")[1].split("\n\n")[0].splitlines()[2:]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {
        row[0].strip("`"): [re.findall(r"`([^`]+)`", cell) or [cell] for cell in row[1:]] for row in table
    }


def parse_lines(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.split(b"\n") if line]


def reads(name: str, kind: str, file: str) -> bool:
    return kind in TRAINERS[name].formats and file in TRAINERS[name].files


def words(found: list[str]) -> list[str]:
    return [word for word in found[0].split(", ") if word]


@pytest.fixture
def export(tmp_path: Path, settings: Settings, write_jsonl: Callable[..., Path]) -> Callable[..., Export]:
    source = write_jsonl(ROWS)

    def make(kind: str, file: str, made_from: str) -> Export:
        recipe = {
            "source": {"path": source.name},
            "template": TEMPLATES[made_from],
            "split": {"method": "sequential", "train": 3, "test": 1},
            "export": {
                "format": kind,
                "file": file,
                "card": {"license": "mit"},
                "configs": [name for name in TRAINERS if reads(name, kind, file)],
            },
        }
        folder = tmp_path / f"{kind}-{file}-{made_from}"
        return build(Recipe.model_validate(recipe), folder, settings=settings, recipe_folder=tmp_path)

    return make


def test_the_formats_of_the_page_are_those_of_the_code() -> None:
    found = rows_of("format")
    assert list(found) == list(FORMATS)
    for name, (fields, turns, made_from, checked) in found.items():
        one = FORMATS[name]
        assert [word for word in fields if word] == list(one.fields)
        assert [word for word in turns if word] == list(one.turns)
        assert words(made_from) == list(one.made_from)
        assert checked == [one.checked_by]


def test_the_presets_of_the_page_are_those_of_the_code() -> None:
    found = rows_of("preset")
    assert list(found) == list(PRESETS)
    for name, (kind, names) in found.items():
        said = dict(pair.split(": ") for pair in names if pair)
        assert (kind, said) == ([PRESETS[name].format], dict(PRESETS[name].names))


def test_the_trainers_of_the_page_are_those_of_the_code() -> None:
    found = rows_of("config")
    assert list(found) == list(TRAINERS)
    for name, (writes, formats, files) in found.items():
        one = TRAINERS[name]
        assert (writes, formats, files) == ([one.file], list(one.formats), list(one.files))


def test_the_files_of_the_page_are_those_of_the_code() -> None:
    found = rows_of("file")
    assert list(found) == list(FILES)
    for name, (_, records, turns, _) in found.items():
        assert (records == ["yes"]) == FILES[name].lines
        assert (turns == ["yes"]) == FILES[name].nested


HELD = [
    (kind, file)
    for kind, one in FORMATS.items()
    for file, said in FILES.items()
    if (said.lines or kind != "records") and (said.nested or not one.turns)
]


@pytest.mark.parametrize(("kind", "file"), HELD)
def test_every_format_in_every_file_is_opened_by_the_reader_that_the_page_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, export: Callable[..., Export], kind: str, file: str
) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_OFFLINE", True)
    part, _, _, reader = rows_of("file")[file]
    (example,) = FORMATS[kind].made_from[:1]
    made = export(kind, file, example)
    lines = export(kind, "jsonl", example) if file != "jsonl" else made
    expected = parse_lines(lines.part("train").read_bytes())
    assert made.part("train") == made.folder / part[0]
    found = open_part(made, file, reader[0], tmp_path)
    if file == "csv":
        expected = [{name: _guard(text) for name, text in row.items()} for row in expected]
    assert found == expected


def open_part(export: Export, file: str, reader: str, folder: Path) -> list[dict[str, Any]]:
    """The records of the train part; the reader is told nothing but the folder, which has its card."""
    if reader == "datasets.load_from_disk":
        from datasets import load_from_disk

        return list(load_from_disk(str(export.folder))["train"])
    if reader == "pyarrow.input_stream":
        with pa.input_stream(str(export.part("train")), compression="zstd") as stream:
            return parse_lines(stream.read())
    from datasets import load_dataset

    found = load_dataset(str(export.folder), cache_dir=str(folder / "cache"))
    assert {name: rows.num_rows for name, rows in found.items()} == {"train": 3, "test": 1}
    return [{name: value or "" for name, value in row.items()} for row in found["train"]]


def _guard(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


@pytest.mark.parametrize("name", TRAINERS)
def test_every_config_is_made_from_the_manifest_of_an_export(
    export: Callable[..., Export], name: str
) -> None:
    for kind in TRAINERS[name].formats:
        made = export(kind, "jsonl", FORMATS[kind].made_from[0])
        (described,) = describe_configs([name], made.manifest).items()
        assert (made.folder / described[0]).read_text() == described[1]
        assert {described[0], "README.md"} <= set(made.manifest["files"])
        assert "train.jsonl" in described[1]


@pytest.mark.parametrize("file", [file for file in TRAINERS["unsloth"].files if file != "jsonl.zst"])
def test_a_script_reads_every_file_that_its_trainer_is_said_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, export: Callable[..., Export], file: str
) -> None:
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
    for kind in ("text", "sharegpt"):
        made = export(kind, file, "prompt-completion")
        script = (made.folder / "train_trl.py").read_text()
        head = script.split("\n\n\ntrainer =")[0].replace("import torch\n", "")
        head = head.replace("from trl import SFTConfig, SFTTrainer\n", "")
        names: dict[str, Any] = {"__file__": str(made.folder / "train_trl.py")}
        exec(compile(head, "train_trl.py", "exec"), names)
        (part,) = re.findall(r'train_dataset=read\("([a-z./-]*)"\)', script)
        found = list(names["read"](part))
        texts = [f"Q: {row['instruction']}\nA: {row['output']}" for row in ROWS[:3]]
        if kind == "text":
            assert found == [{"text": text} for text in texts]
        else:
            assert [[turn["role"] for turn in row["messages"]] for row in found] == [
                ["user", "assistant"]
            ] * 3
            assert ["".join(turn["content"] for turn in row["messages"]) for row in found] == texts


def test_packed_lines_are_the_same_lines(export: Callable[..., Export]) -> None:
    plain, packed = (export("text", file, "text").part("train") for file in ("jsonl", "jsonl.gz"))
    assert gzip.decompress(packed.read_bytes()) == plain.read_bytes()
