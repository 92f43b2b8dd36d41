"""Uploads arrive whole or not at all, under names that any system can hold."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from studio.errors import SourceError
from studio.settings import Settings
from studio.web.api.uploads import PART, check_name, sweep_uploads
from studio.web.app import create_app
from studio.workspace import Workspace
from tests.web.boundary import UPLOAD_BYTES, Served


def put(
    client: TestClient, name: str, body: bytes | Iterator[bytes] = b"{}\n"
) -> tuple[int, dict[str, object]]:
    answer = client.put(f"/api/v1/uploads/{quote(name, safe='')}", content=body)
    return answer.status_code, answer.json()


def list_files(workspace: Workspace) -> list[Path]:
    return [path for path in workspace.uploads.rglob("*") if path.is_file()]


def test_an_upload_is_stored_byte_for_byte_under_its_name(client: TestClient, workspace: Workspace) -> None:
    body = bytes(range(256)) * 1_000
    status, answer = put(client, "lamini docs.jsonl", body)
    assert (status, answer["name"], answer["bytes"]) == (201, "lamini docs.jsonl", len(body))
    path = workspace.upload_path(str(answer["id"]))
    assert (path.name, path.read_bytes()) == ("lamini docs.jsonl", body)


def test_an_upload_without_a_length_is_stored_too(client: TestClient, workspace: Workspace) -> None:
    status, answer = put(client, "a.jsonl", iter([b"ab", b"", b"c"] * 40_000))
    assert (status, answer["bytes"]) == (201, 120_000)
    assert workspace.upload_path(str(answer["id"])).read_bytes() == b"abc" * 40_000


def test_names_in_any_script_are_welcome(client: TestClient, workspace: Workspace) -> None:
    for name in (
        "données été.csv",
        "数据.jsonl",
        "a (1).json",
        "100%.csv",
        "a'b\"c.csv",
        "x&y=z;#?.csv",
        "ß" * 90,
    ):
        status, answer = put(client, name)
        assert (status, answer["name"]) == (201, name)
        assert workspace.upload_path(str(answer["id"])).name == name


HOSTILE = [
    "../a.jsonl", "...", ".hidden", "-rf", " a.csv", "a.csv ", "a.", "a/b", "a\\b",
    "C:\\a.csv", "a.csv:ads", "/etc/passwd", "//x", "a\nb", "a\rb", "a\tb", "a\x00b", "a\x1b[31m",
    "a\u202evsj.exe", "a\u200bb", "a\u2028b",
    "con", "NUL.csv", "com1.json", "Lpt9", "x" * 201, "ß" * 101, "a.part", PART,
    "....//....//etc", "..%2f..%2fa", "a\x7fb", "\ufeffa.csv",
]  # fmt: skip


def test_hostile_names_are_refused_and_leave_nothing(client: TestClient, workspace: Workspace) -> None:
    before = sorted(workspace.root.parent.rglob("*"))
    for name in HOSTILE:
        status, answer = put(client, name)
        assert status == (404 if "\n" in name else 400), name
        assert status == 404 or str(answer["hint"]).startswith("Rename"), name
        assert "\x1b" not in str(answer) and "\u202e" not in str(answer)
    assert sorted(workspace.root.parent.rglob("*")) == before
    for name in (*HOSTILE, "", ".", ".."):
        with pytest.raises(SourceError):
            check_name(name)
    print(f"uploads: {len(HOSTILE)} hostile names, 0 stored")


def test_an_upload_over_the_limit_leaves_nothing(client: TestClient, workspace: Workspace) -> None:
    said, _ = put(client, "a.jsonl", b"x" * (UPLOAD_BYTES + 1))
    unsaid, answer = put(client, "a.jsonl", (b"x" * 50_000 for _ in range(10)))
    assert (said, unsaid) == (413, 413)
    assert f"{UPLOAD_BYTES:,}" in str(answer["error"])
    assert list(workspace.uploads.iterdir()) == []
    assert put(client, "a.jsonl", b"x" * UPLOAD_BYTES)[0] == 201


def test_an_upload_that_breaks_off_leaves_nothing(served: Served) -> None:
    workspace = Workspace(Settings(workspace=served.workspace))
    head = "PUT /api/v1/uploads/a.jsonl HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 200000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(head.encode() + b"x" * 100_000)
        while not list_files(workspace):
            pass
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        while list(workspace.uploads.iterdir()):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert connection.recv(4096)


def test_files_are_readable_by_their_owner_alone(served: Served) -> None:
    body = b"{}"
    head = f"PUT /api/v1/uploads/b.jsonl HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(head.encode() + body)
        assert b" 201 " in connection.makefile("rb").readline()
    modes = {path.stat().st_mode & 0o077 for path in served.workspace.rglob("*")}
    assert modes == {0}


def test_a_start_sweeps_what_a_killed_server_left_but_no_living_upload(settings: Settings) -> None:
    workspace = Workspace(settings)
    for name in ("dead", "living", "whole"):
        (workspace.uploads / name).mkdir()
    (workspace.uploads / "dead" / PART).write_bytes(b"half")
    (workspace.uploads / "whole" / "a.jsonl").write_bytes(b"{}")
    from studio.web.api.uploads import _open_part

    (workspace.uploads / "living").rmdir()
    with _open_part(workspace.uploads / "living"), TestClient(create_app(settings, ui=False)):
        assert sorted(path.name for path in workspace.uploads.iterdir()) == ["living", "whole"]
    assert sweep_uploads(workspace.uploads) == 1


def test_a_full_disk_is_said_in_words(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: object, folder: Path, name: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.web.api.uploads._finish", refuse)
    status, answer = put(client, "a.jsonl")
    assert status == 507
    assert "full" in str(answer["error"])
