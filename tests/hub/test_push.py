"""Files into a dataset of the Hub: what would be sent, what is refused, and what is read back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.card import describe_card
from studio.errors import HubError
from studio.hub.push import check_repo_name, plan_push, push_files
from tests.hub.conftest import Read, Serve
from tests.hub_server import COMMIT, HubServer
from tests.test_card import APACHE, make_manifest

TOKEN = "hf_CanaryCanaryCanaryCanary"
Offer = Callable[..., HubServer]


@pytest.fixture
def hub(server: HubServer, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """The Hub, on which the token may write to `me` and `org`; nothing is sent by Xet."""
    serve("someone/else", {})
    server.accounts = {TOKEN: ("me", "org"), "hf_Readonly": ("reader",)}
    for name in ("me/docs", "org/docs"):
        server.datasets.pop(name, None)
        server.repositories.pop(name, None)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", "/nonexistent")
    return server


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """An export of two parts with its card; the train part is large enough to be sent as a large file."""
    folder = tmp_path / "export"
    folder.mkdir()
    rows = {"train": 90, "test": 3}
    for part, count in rows.items():
        lines = [
            {"prompt": f"{part} {n}?", "completion": f" Yes, {n}: \u00e9\u2028 " + "x" * 40}
            for n in range(count)
        ]
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    manifest = make_manifest()
    for part, described in manifest["parts"].items():
        described |= {"records": rows[part], "bytes": (folder / f"{part}.jsonl").stat().st_size}
    (folder / "README.md").write_text(describe_card(manifest, APACHE))
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return {path.name: path for path in sorted(folder.iterdir())}


def push(files: dict[str, Path], repo: str = "me/docs", **said: Any) -> dict[str, Any]:
    return push_files(files, repo, **({"private": True, "replace": False, "token": TOKEN} | said))


def test_what_is_pushed_is_read_back_the_same(
    hub: HubServer, files: dict[str, Path], read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[int, int]] = []
    done = push(files, progress=lambda sent, total: said.append((sent, total)))
    assert done["url"] == f"{hub.endpoint}/datasets/me/docs"
    assert done["commit"] == COMMIT
    assert said[-1] == (done["bytes"], done["bytes"])
    assert hub.repositories["me/docs"].private
    assert list(hub.large.values()) == [files["train.jsonl"].read_bytes()]
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    table = read("me/docs", split="all")
    parts = [files[f"{part}.jsonl"].read_text().splitlines() for part in table.splits]
    assert [dict(table.record(row)) for row in range(len(table))] == [
        json.loads(line) for lines in parts for line in lines
    ]
    assert dict(zip(table.splits, map(len, parts), strict=True)) == {"train": 90, "test": 3}


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(hub: HubServer, files: dict[str, Path]) -> None:
    plan = plan_push(files, "org/docs", private=True, token=TOKEN)
    assert [plan.user, plan.exists, plan.private, plan.asks] == ["me", False, True, False]
    assert {file.path: (file.bytes, file.state) for file in plan.files} == {
        name: (path.stat().st_size, "new") for name, path in files.items()
    }
    assert plan.bytes == sum(path.stat().st_size for path in files.values())
    assert not any(asked.split()[0] in ("POST", "PUT") for asked in hub.asked)


def test_nothing_is_overwritten_without_a_yes_and_nothing_is_deleted(
    hub: HubServer, files: dict[str, Path]
) -> None:
    push(files)
    held = dict(hub.datasets["me/docs"])
    assert push(files)["bytes"] == 0
    files["test.jsonl"].write_text("{}\n")
    hub.datasets["me/docs"] = held | {"notes.txt": b"mine"}
    with pytest.raises(HubError) as raised:
        push(files)
    assert "me/docs exists, and holds other files: test.jsonl, notes.txt." in raised.value.message
    assert "Overwritten would be test.jsonl." in raised.value.message
    assert "replace" in raised.value.hint
    assert hub.datasets["me/docs"] == held | {"notes.txt": b"mine"}
    plan = plan_push(files, "me/docs", private=True, token=TOKEN)
    assert plan.asks
    assert [file.path for file in plan.files if file.state == "changed"] == ["test.jsonl"]
    assert plan.others == ("notes.txt",)
    done = push(files, replace=True)
    assert done["bytes"] == 3
    assert hub.datasets["me/docs"] == held | {"notes.txt": b"mine", "test.jsonl": b"{}\n"}


def test_a_public_repository_is_not_written_to_where_a_private_one_is_meant(
    hub: HubServer, files: dict[str, Path]
) -> None:
    push(files, private=False)
    assert not hub.repositories["me/docs"].private
    with pytest.raises(HubError, match="me/docs is public: everyone would see the files"):
        push(files)
    assert plan_push(files, "me/docs", private=True, token=TOKEN).private is False


@pytest.mark.parametrize(
    ("repo", "token", "message", "hint"),
    [
        ("docs", TOKEN, "'docs' is no name of a dataset", "org/name"),
        ("me/a b", TOKEN, "'me/a b' is no name", "letters"),
        ("me/../x", TOKEN, "is no name", "org/name"),
        ("me/docs.git", TOKEN, "is no name", "org/name"),
        ("me/docs", "", "The Hub needs a token to push", "settings/tokens"),
        ("me/docs", "hf_Unknown1234", "The Hub does not know this token", "settings/tokens"),
        ("me/docs", "hf_Readonly", "Your token may not write to me/docs", "role write for me"),
    ],
)
def test_who_may_not_push_is_told_why(
    hub: HubServer, files: dict[str, Path], repo: str, token: str, message: str, hint: str
) -> None:
    with pytest.raises(HubError) as raised:
        push(files, repo, token=token)
    assert message in raised.value.message
    assert hint in raised.value.hint
    assert "me/docs" not in hub.datasets


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"moved": True}, "was made or changed by another meanwhile"),
        ({"full": True}, "takes no more for now"),
    ],
)
def test_a_commit_that_the_hub_refuses_changes_nothing(
    hub: HubServer, serve: Serve, files: dict[str, Path], state: dict[str, bool], message: str
) -> None:
    serve("me/docs", {}, private=True, readers=frozenset((TOKEN,)), **state)
    held = dict(hub.datasets["me/docs"])
    with pytest.raises(HubError, match=message):
        push(files, replace=True)
    assert hub.datasets["me/docs"] == held


def test_a_card_that_the_hub_refuses_is_told(hub: HubServer, files: dict[str, Path]) -> None:
    files["README.md"].write_text("---\nlicense: refused\n---\n")
    with pytest.raises(HubError, match=r"does not take the dataset card: .*license"):
        push(files)


def test_a_hub_that_cannot_be_reached_and_one_that_is_not_to_be_are_said(
    hub: HubServer, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", f"http://{TOKEN}.invalid:1")
    with pytest.raises(HubError, match="The Hub cannot be reached for me/docs") as raised:
        push(files)
    assert TOKEN not in f"{raised.value.message} {raised.value.hint}"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="HF_HUB_OFFLINE is set"):
        push(files)


def test_names_that_the_hub_takes_are_taken() -> None:
    for name in ("me/docs", "Org-1/lamini_docs.v2", "a/b"):
        assert check_repo_name(name) == name
