"""A source is told from its text: a path that exists, a URL, a Hub id."""

from pathlib import Path

import pytest

from studio.errors import SourceError
from studio.source import Source, parse_source


def test_an_existing_path_wins_over_a_hub_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_source("org/name") == Source(hub="org/name")
    Path("org").mkdir()
    Path("org/name").touch()
    assert parse_source("org/name") == Source(path="org/name")


def test_paths_urls_and_hub_ids_have_a_name_to_show(tmp_path: Path) -> None:
    file = tmp_path / "my data.jsonl"
    file.touch()
    assert (parse_source(str(file)).name, parse_source(str(file)).streamed) == ("my data.jsonl", False)
    url = parse_source(" https://example.org/a/my%20data.json.gz?download=true ", first=5)
    assert (url.name, url.streamed, url.first) == ("my data.json.gz", True, 5)
    assert parse_source("https://example.org").name == "example.org"
    hub = parse_source("lamini/lamini_docs", config="default", split="test")
    assert (hub.name, hub.streamed, hub.config, hub.split) == ("lamini/lamini_docs", True, "default", "test")


@pytest.mark.parametrize(
    ("text", "hub", "revision"),
    [
        ("hf://datasets/org/name", "org/name", None),
        ("hf://datasets/org/name@v1.0", "org/name", "v1.0"),
    ],
)
def test_hub_addresses_carry_their_revision(text: str, hub: str, revision: str | None) -> None:
    assert parse_source(text) == Source(hub=hub, revision=revision)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "No source was given."),
        ("  ", "No source was given."),
        ("nothing.jsonl", "There is no file nothing.jsonl."),
        ("data/train.jsonl", "There is no file data/train.jsonl."),
        ("a/b/c", "There is no file a/b/c."),
        ("x" * 5000, "There is no file xxx"),
        ("nul\0.jsonl", "There is no file nul"),
        ("file:///etc/passwd", "file:///etc/passwd is an address of a kind that is not read."),
        ("s3://bucket/a.jsonl", "s3://bucket/a.jsonl is an address of a kind that is not read."),
        ("hf://datasets/squad", "hf://datasets/squad is not a Hub dataset."),
        ("hf://datasets/a/b/c.jsonl", "hf://datasets/a/b/c.jsonl is not a Hub dataset."),
        ("https://", "https:// names no host."),
        ("https://[::1/a.jsonl", "https://[::1/a.jsonl is not a URL"),
        ("https://me:secret@example.org/a.jsonl", "The URL on example.org carries a user name or password."),
    ],
)
def test_what_is_no_source_is_named(text: str, message: str) -> None:
    with pytest.raises(SourceError) as raised:
        parse_source(text)
    assert raised.value.message.startswith(message)
    assert "secret" not in raised.value.message + raised.value.hint
    assert raised.value.hint


def test_a_missing_file_is_answered_with_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").touch()
    with pytest.raises(SourceError) as raised:
        parse_source(str(tmp_path / "trian.jsonl"))
    assert raised.value.hint == "In that folder are: train.jsonl."


def test_a_config_needs_a_hub_dataset_and_first_a_record() -> None:
    with pytest.raises(SourceError, match="has no config, split or revision"):
        parse_source("https://example.org/a.jsonl", split="train")
    with pytest.raises(SourceError, match="first 0 records"):
        parse_source("org/name", first=0)
