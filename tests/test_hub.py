"""A Hub dataset is streamed by a child process; a small Hub on 127.0.0.1 answers it."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from studio.errors import HubError
from studio.hub import read_hub
from studio.record import Json
from studio.settings import Settings
from studio.source import Source, parse_source
from tests.hub_server import COMMIT, HubServer

PLAIN = {
    "README.md": b"# Plain\n",
    "train.jsonl": b"".join(
        json.dumps({"question": f"q{n} \u00e9\u2028", "zip": "02139", "when": "2024-02-31", "n": n}).encode()
        + b"\n"
        for n in range(12)
    ),
    "test.jsonl": b'{"question": "t", "zip": "", "when": "", "n": 0}\n',
}
TWO = {
    "README.md": b"---\nconfigs:\n- config_name: one\n  data_files: one.jsonl\n"
    b"- config_name: two\n  data_files: two.jsonl\n---\n",
    "one.jsonl": b'{"a": 1}\n',
    "two.jsonl": b'{"b": "x"}\n',
}
GATED = {"README.md": b"", "train.jsonl": b'{"a": 1}\n'}


@pytest.fixture(scope="module")
def server() -> Iterator[HubServer]:
    datasets = {"org/plain": PLAIN, "org/two": TWO, "org/gated": GATED, "org/pictures": {"README.md": b""}}
    with HubServer(datasets, gated=frozenset({"org/gated"})) as hub:
        yield hub


@pytest.fixture
def at_hub(server: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return server


@pytest.mark.usefixtures("at_hub")
def test_the_first_records_are_stored_with_what_was_opened(tmp_path: Path, settings: Settings) -> None:
    table = read_hub(parse_source("org/plain", first=5), tmp_path / "t", settings)
    assert (len(table), table.complete, table.format, table.sha256) == (5, False, "hub", None)
    assert table.source == Source(hub="org/plain", config="default", split="train", revision=COMMIT, first=5)
    assert dict(table.record(4)) == {
        "question": "q4 é\u2028", "zip": "02139", "when": "2024-02-31", "n": Json("4"),
    }  # fmt: skip
    again = read_hub(table.source, tmp_path / "again", settings)
    assert again.page().rows == table.page().rows


@pytest.mark.usefixtures("at_hub")
def test_a_named_split_that_ends_in_time_is_complete(tmp_path: Path, settings: Settings) -> None:
    told: list[int] = []
    source = parse_source("hf://datasets/org/plain@main", split="test")
    table = read_hub(
        source, tmp_path / "t", settings, progress=lambda size, total, records: told.append(size)
    )
    assert (len(table), table.complete, table.source.first) == (1, True, 1000)
    assert told == [table.bytes]


@pytest.mark.usefixtures("at_hub")
@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        (Source(hub="org/two"), "One of the configs of org/two must be named.", "They are: one, two."),
        (
            Source(hub="org/two", config="six"),
            "six is none of the configs of org/two.",
            "They are: one, two.",
        ),
        (Source(hub="org/plain", split="dev"), "dev is none of the splits of org/plain.", "train, test"),
        (Source(hub="org/none"), "The Hub has no dataset org/none that you may read.", "HF_TOKEN"),
        (Source(hub="org/plain", revision="v9"), "org/plain has no such revision on the Hub.", "@"),
        (Source(hub="org/gated"), "org/gated is gated", "Accept them"),
        (Source(hub="org/pictures"), "org/pictures holds no data files that can be read.", "Look"),
    ],
    ids=lambda value: value.name if isinstance(value, Source) else "",
)
def test_what_the_hub_refuses_is_said_in_words(
    tmp_path: Path, settings: Settings, source: Source, message: str, hint: str
) -> None:
    with pytest.raises(HubError) as raised:
        read_hub(source, tmp_path / "t", settings)
    assert raised.value.message.startswith(message)
    assert hint in raised.value.hint
    assert not (tmp_path / "t").exists()


def test_a_hub_that_cannot_be_reached_is_said(
    at_hub: HubServer, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(HubError, match="The Hub cannot be reached for org/plain"):
        read_hub(Source(hub="org/plain"), tmp_path / "t", settings)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        read_hub(Source(hub="org/plain"), tmp_path / "t", settings)


def test_a_folder_named_like_the_dataset_is_not_taken_for_it(
    at_hub: HubServer, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "org" / "plain").mkdir(parents=True)
    (tmp_path / "org" / "plain" / "train.jsonl").write_text('{"a": "local"}\n')
    monkeypatch.chdir(tmp_path)
    table = read_hub(Source(hub="org/plain", first=1), tmp_path / "t", settings)
    assert table.names == ("question", "zip", "when", "n")


LATE = b"\n".join(
    [
        b'{"when": "2019-04-25T12:57:54Z", "n": 1}',
        b'{"when": "2024-02-31", "n": 2.50, "late": [1,  2]}',
        b"not json",
        b"",
        b'{"when": null}',
    ]
)


def test_lines_of_json_files_come_as_they_stand_there(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"README.md": b"", "train.jsonl.gz": gzip.compress(LATE)}
    with HubServer({"org/late": files, "org/table": {"README.md": b"", "train.csv": b"a,b\nx,y\n"}}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        table = read_hub(parse_source("org/late"), tmp_path / "late", settings)
        other = read_hub(parse_source("org/table"), tmp_path / "table", settings)
    assert asdict(table.counts) == {"read": 5, "accepted": 3, "quarantined": 1, "blank": 1}
    assert table.complete
    assert [dict(record) for record in table.page().rows] == [
        {"when": "2019-04-25T12:57:54Z", "n": Json("1")},
        {"when": "2024-02-31", "n": Json("2.50"), "late": Json("[1,  2]")},
        {"when": None},
    ]
    assert dict(other.record(0)) == {"a": "x", "b": "y"}


def test_a_data_file_outside_the_repository_is_not_opened(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.jsonl"
    secret.write_text('{"password": "canary"}\n')
    readme = f"---\nconfigs:\n- config_name: default\n  data_files: {secret}\n---\n".encode()
    with HubServer({"org/thief": {"README.md": readme}}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        with pytest.raises(HubError) as caught:
            read_hub(parse_source("org/thief"), tmp_path / "thief", settings)
    print(caught.value.message)
    assert "canary" not in caught.value.message
    assert not (tmp_path / "thief").exists()
