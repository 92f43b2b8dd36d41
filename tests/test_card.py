"""The dataset card: what the Hub and `datasets` read of it, and that text of the data stays text."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from studio.card import LICENSES, describe_card
from studio.card.metadata import name_size
from studio.errors import ExportError
from studio.formats import FILES, FORMATS, resolve_names

APACHE = {"license": "apache-2.0"}
TEMPLATE = {"prompt": "### Question:\n{question}\n\n```\n### Answer:", "completion": "\n{answer}"}
COUNTS = {"read": 13, "accepted": 12, "quarantined": 1, "blank": 0}


def make_manifest(kind: str = "prompt-completion", file: str = "jsonl", **changes: Any) -> dict[str, Any]:
    return {
        "manifest": 1,
        "recipe": {
            "version": 1,
            "source": {"path": "docs.jsonl"},
            "template": TEMPLATE,
            "split": {"method": "random", "train": 0.5, "test": 0.5, "seed": 7},
        },
        "source": {
            "name": "docs.jsonl",
            "format": "jsonl",
            "bytes": 999,
            "sha256": "ab" * 32,
            "complete": True,
        },
        "export": {"format": kind, "names": resolve_names(kind, {}), "file": file, "made": "As it is."},
        "warnings": [],
        "counts": COUNTS | {"excluded": 1, "edited": 0, "filtered": 0, "unused": 7},
        "parts": {
            name: {"file": f"{name}{FILES[file].suffix}", "records": 2, "bytes": 30, "sha256": "cd" * 32}
            for name in ("train", "test")
        },
        "versions": {"studio": "0.1.0"},
    } | changes


def read_metadata(card: str) -> dict[str, Any]:
    metadata: dict[str, Any] = yaml.safe_load(card.split("\n---\n")[0])
    return metadata


def show(card: str) -> str:
    """The HTML of the body, as a page with tables and without HTML of its own shows it."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(card.split("\n---\n", 1)[1])


def test_the_hubs_own_library_reads_the_card() -> None:
    from huggingface_hub import DatasetCard, DatasetCardData

    text = describe_card(make_manifest(), APACHE | {"language": ["en", "no"], "title": "Lamini docs"})
    card = DatasetCard(text)
    assert isinstance(card.data, DatasetCardData)
    assert card.data.license == "apache-2.0"
    assert card.data.language == ["en", "no"]
    assert card.data.pretty_name == "Lamini docs"
    assert card.data.size_categories == ["n<1K"]
    assert card.data.to_dict()["dataset_info"]["splits"][1] == {
        "name": "test", "num_bytes": 30, "num_examples": 2,
    }  # fmt: skip
    assert describe_card(make_manifest(), APACHE) == describe_card(make_manifest(), APACHE)


ROWS: dict[str, list[dict[str, Any]]] = {
    "text": [{"text": "2020-01-01"}, {"text": "x"}],
    "prompt-completion": [{"prompt": "2020-01-01", "completion": "1"}, {"prompt": "x", "completion": ""}],
    "messages": [{"messages": [{"role": "user", "content": text}]} for text in ("2020-01-01", "x")],
    "openai": [{"messages": [{"role": "user", "content": text}]} for text in ("2020-01-01", "x")],
    "sharegpt": [{"conversations": [{"from": "human", "value": text}]} for text in ("2020-01-01", "x")],
    "alpaca": [{"instruction": text, "input": "", "output": "1"} for text in ("2020-01-01", "x")],
    "records": [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
}


def write_part(folder: Path, name: str, file: str, rows: list[dict[str, Any]]) -> None:
    from datasets import Dataset

    lines = [json.dumps(row).encode() for row in rows]
    path = folder / f"{name}{FILES[file].suffix}"
    if file == "dataset":
        Dataset.from_list(rows).save_to_disk(path)
    elif file == "parquet":
        Dataset.from_list(rows).to_parquet(path)
    elif file == "csv":
        path.write_text("\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]) + "\n")
    else:
        packed = {"jsonl.gz": gzip.compress(b"\n".join(lines)), "json": b"[" + b",".join(lines) + b"]"}
        path.write_bytes(packed.get(file, b"\n".join(lines)))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr("datasets.config.HF_DATASETS_OFFLINE", True)
    yield tmp_path / "cache"


SHAPES = [(kind, "jsonl") for kind in FORMATS] + [
    ("text", file) for file in FILES if file not in ("jsonl", "jsonl.zst")
]


@pytest.mark.parametrize(("kind", "file"), SHAPES)
def test_datasets_finds_the_splits_and_types_that_the_card_says(
    tmp_path: Path, cache: Path, kind: str, file: str
) -> None:
    from datasets import load_dataset

    folder = tmp_path / "export"
    folder.mkdir()
    for name in ("train", "test"):
        write_part(folder, name, file, ROWS[kind])
    manifest = make_manifest(kind, file)
    (folder / "README.md").write_text(describe_card(manifest, APACHE))
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "dataset_info.json").write_text('{"docs_train": {"file_name": "train.jsonl"}}')
    found = load_dataset(str(folder), cache_dir=str(cache))
    assert {name: list(part) for name, part in found.items()} == dict.fromkeys(("train", "test"), ROWS[kind])


@pytest.mark.parametrize(
    ("card", "message", "hint"),
    [
        ({}, "A dataset card needs a licence.", "other"),
        ({"license": "Apache 2"}, "knows no licence 'Apache 2'", "Did you mean apache-2.0"),
        ({"license": "other"}, "The licence other needs a name", "my-license-1.0"),
        ({"license": "other", "license_name": "my own"}, "The licence other needs a name", "without spaces"),
        (APACHE | {"language": ["English"]}, "'English' is no code of a language", "en"),
    ],
)
def test_what_the_hub_would_refuse_is_said(card: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(ExportError) as raised:
        describe_card(make_manifest(), card)
    assert message in raised.value.message
    assert hint in raised.value.hint


def test_a_licence_of_ones_own_has_a_name_and_a_link() -> None:
    said = {"license": "other", "license_name": "my-1.0", "license_link": "LICENSE"}
    metadata = read_metadata(describe_card(make_manifest(), said))
    assert {name: metadata[name] for name in said} == said
    assert len(set(LICENSES)) == len(LICENSES)


@pytest.mark.parametrize(
    ("records", "name"),
    [(0, "n<1K"), (999, "n<1K"), (1_000, "1K<n<10K"), (10**6, "1M<n<10M"), (10**9, "1B<n<10B")],
)
def test_a_size_has_the_name_that_the_hub_gives_it(records: int, name: str) -> None:
    assert name_size(records) == name


HOSTILE = [
    "a\n---\nlicense: mit\n---\n# b",
    "x | y | <script>alert(1)</script> ![a](http://e.x/i.png)",
    "`code` [link](javascript:alert(1)) https://evil.example **b** &amp; ~~s~~",
    "- {a: b}: 'c' \"d\" # e \u202e\u2028\x85\x00 @m",
    "no",
    "1. one",
    "- two ## ",
    "www.evil.example +++ HTTP://evil.example x@evil.example",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_text_in_the_metadata_and_on_the_page(name: str) -> None:
    manifest = make_manifest()
    manifest["source"]["name"] = f"{name}.jsonl"
    manifest["recipe"]["source"] = {"hub": name, "revision": name}
    manifest["recipe"]["split"] = {"method": "grouped", "by": name, "train": 1.0, "seed": 1}
    manifest["export"]["names"] = {"prompt": name, "completion": "answer"}
    card = describe_card(manifest, APACHE)
    metadata = read_metadata(card)
    assert metadata["license"] == "apache-2.0"
    assert metadata["dataset_info"]["features"][0] == {"name": name, "dtype": "string"}
    assert card.count("\n---\n") == 1
    page = show(card)
    for tag in ("<script", "<img", "<a ", "<em>x", "<del>", "<strong>"):
        assert tag not in page
    body = card.split("\n---\n")[1]
    for link in (
        "p://e",
        "P://e",
        "s://e",
        "www.e",
        "x@e",
    ):  # what GitHub and the Hub make links of without being told
        assert link not in body
    assert page.count("<h1>") == 1
    assert page.count("<tr>") == len(COUNTS) + 4 + 2 + 1 + 1 + 6


@pytest.mark.parametrize("text", ["```\n# out\n````\n", "~~~\n---\n<b>", "\n\n    x"])
def test_a_template_stands_in_its_block_whatever_is_in_it(text: str) -> None:
    manifest = make_manifest(template={"text": text})
    page = show(describe_card(manifest, APACHE))
    assert page.count("<h1>") == 1
    assert "<b>" not in page
    shown = page.split('<pre><code class="language-text">')[1].split("</code>")[0]
    assert shown.replace("&lt;", "<").replace("&gt;", ">").rstrip("\n") == text.rstrip("\n")


def test_the_page_says_how_it_was_made() -> None:
    page = show(describe_card(make_manifest(), APACHE))
    for words in (
        "4 records for fine-tuning",
        "train 2, test 2",
        "with the seed 7",
        "ab" * 32,
        "quarantined",
    ):
        assert words in page
    assert "### Question:" in page
    assert "could not be read: 1." in page
    styled = make_manifest()
    styled["recipe"] |= {"template": {"style": "question-answer"}, "columns": {"question": "q"}}
    assert "style: question-answer\ncolumns:\n  question: q" in show(describe_card(styled, APACHE))
    assert "No template was applied" in show(describe_card(make_manifest("records"), APACHE))
