"""What cannot be read is said in words, and a token stands in nothing that is kept."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from studio.errors import HubError, StudioError
from studio.hub import read_hub
from studio.recipe import SourceSpec
from studio.settings import Settings
from studio.source import Source
from tests.hub.conftest import Read, Serve, parquet

TWO = {
    "README.md": b"---\nconfigs:\n- {config_name: one, data_files: one.jsonl}\n"
    b"- {config_name: two, data_files: two.jsonl}\n---\n",
    "one.jsonl": b'{"a": 1}\n',
    "two.jsonl": b'{"b": "x"}\n',
}
PLAIN = {"train.jsonl": b'{"a": 1}\n', "test.jsonl": b'{"a": 2}\n'}
NOTHING = {"README.md": b"---\nconfigs:\n- {config_name: a, data_files: none/*.csv}\n---\n"}
CANARY = "hf_CanaryCanaryCanaryCanary"


@pytest.mark.parametrize(
    ("files", "asked", "message", "hint"),
    [
        (TWO, {}, "One of the configs of org/some must be named.", "They are: one, two."),
        (TWO, {"config": "six"}, "six is none of the configs of org/some.", "They are: one, two."),
        (PLAIN, {"split": "dev"}, "dev is none of the splits of org/some.", "train, test"),
        (PLAIN, {"revision": "v9"}, "org/some has no such revision on the Hub.", "@"),
        ({}, {}, "org/some holds no data files that can be read.", "Look"),
        (NOTHING, {}, "The split train of org/some has no data files.", "Look"),
        ({"some.py": b"import os", **PLAIN}, {}, "org/some is made by a program (some.py)", "refs%2Fconvert"),
        (
            {"train.tar": b"x"},
            {},
            "The split train of org/some consists of files that are not read: .tar",
            "Parquet",
        ),
        (
            {"README.md": b"---\nconfigs: {a: b}\n---\n"},
            {},
            "The configs in the README of org/some cannot",
            "authors",
        ),
        (
            {"README.md": b"---\na: [\n---\n"},
            {},
            "The metadata in README.md of org/some cannot be read",
            "authors",
        ),
        (
            {"train.parquet": b"PAR1 and no more PAR1"},
            {},
            "train.parquet is damaged, or not what its name says: ",
            "Tell the dataset's authors",
        ),
        ({"train.jsonl": b"<!doctype html>"}, {}, "train.jsonl is a web page", "downloads the file itself"),
    ],
    ids=lambda value: value.split()[0] if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_said_in_words(
    serve: Serve,
    read: Read,
    tmp_path: Path,
    files: dict[str, bytes],
    asked: dict[str, str],
    message: str,
    hint: str,
) -> None:
    serve("org/some", files)
    with pytest.raises(StudioError) as raised:
        read("org/some", **asked)
    assert raised.value.message.startswith(message)
    assert hint in raised.value.hint
    assert not (tmp_path / "table-0").exists()


@pytest.mark.detail
def test_missing_and_private_datasets_are_told_alike(serve: Serve, read: Read) -> None:
    serve("org/private", PLAIN, private=True, readers=frozenset((CANARY,)))
    for name in ("org/none", "org/private"):
        with pytest.raises(HubError, match=f"The Hub has no dataset {name} that you may read"):
            read(name)


def test_a_gated_dataset_is_read_with_the_persons_token_which_is_kept_nowhere(
    serve: Serve,
    read: Read,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    serve("org/gated", PLAIN, gated=True, readers=frozenset((CANARY,)))
    with pytest.raises(HubError, match="org/gated is gated") as raised:
        read("org/gated")
    assert "hf auth login" in raised.value.hint
    monkeypatch.setenv("HF_TOKEN", CANARY)
    table = read("org/gated")
    monkeypatch.delenv("HF_TOKEN")
    (tmp_path / "hf").mkdir(exist_ok=True)
    (tmp_path / "hf" / "token").write_text(CANARY)
    assert len(read("org/gated")) == 1
    (tmp_path / "hf" / "token").unlink()
    monkeypatch.setenv("HF_TOKEN", CANARY)
    monkeypatch.setenv("HF_ENDPOINT", f"http://{CANARY}.invalid")
    with pytest.raises(HubError) as unreachable:
        read("org/gated")
    said = [
        str(SourceSpec.from_source(table.source)),
        caplog.text,
        unreachable.value.message,
        raised.value.message,
    ]
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    print(f"{len(kept)} files and {len(said)} texts scanned for the token")
    assert not [text for text in said[:2] + said[3:] if CANARY in text]
    assert not [data for data in kept if CANARY.encode() in data]


def test_texts_that_repeat_beyond_memory_end_the_child_only(serve: Serve, read: Read) -> None:
    shared = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), ["x" * 8_000_000])
    bomb = parquet({"text": shared})
    serve("org/bomb", {"train.parquet": bomb})
    with pytest.raises(HubError, match="org/bomb takes more memory than the 4 GB"):
        read("org/bomb")
    print(f"{len(bomb):,} bytes would have been {8_000_000 * 2000:,}")


def test_a_hub_that_cannot_be_reached_is_said(
    serve: Serve, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve("org/plain", PLAIN)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(HubError, match="The Hub cannot be reached for org/plain"):
        read("org/plain")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        read("org/plain")


@pytest.mark.detail
def test_a_hub_that_says_nothing_is_given_up(serve: Serve, tmp_path: Path, settings: Settings) -> None:
    serve("org/silent", PLAIN, pause=60)
    hasty = replace(settings, limits=replace(settings.limits, network_seconds=1))
    with pytest.raises(HubError, match="The Hub sent nothing of org/silent for 4 seconds"):
        read_hub(Source(hub="org/silent"), tmp_path / "silent", hasty)


def test_a_folder_named_like_the_dataset_is_not_taken_for_it(
    serve: Serve, read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve("org/plain", PLAIN)
    (tmp_path / "org" / "plain").mkdir(parents=True)
    (tmp_path / "org" / "plain" / "train.jsonl").write_text('{"b": "local"}\n')
    (tmp_path / "datasets.py").write_text("raise SystemExit('imported from here')")
    monkeypatch.chdir(tmp_path)
    assert read("org/plain").names == ("a",)
