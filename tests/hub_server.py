"""A small Hugging Face Hub on 127.0.0.1: what `datasets` and `huggingface_hub` ask for to read and to write.

`HubServer.datasets` and `models` map org/name to files, `repositories` says what else is true of one of them.
`accounts` maps a token to the names under which it may write, the first its own. How files are written,
hub_uploads.py knows.
"""

import hashlib
import json
import threading
import time
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

from tests import hub_uploads

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CHUNK = 1 << 10


@dataclass(frozen=True, kw_only=True)
class Repository:
    """How a dataset is given.

    gated: only to who brings one of the tokens `readers`. private: likewise, and others are told that there
    is none. renamed: to this name. pause: seconds before each KiB of a file. cut: path → the byte at which
    every connection breaks; once: it breaks only the first time. moved: another writes to it all the time.
    full: it takes no more.
    """

    gated: bool = False
    private: bool = False
    readers: frozenset[str] = frozenset()
    renamed: str = ""
    pause: float = 0.0
    cut: Mapping[str, int] = field(default_factory=dict)
    once: bool = False
    moved: bool = False
    full: bool = False


class HubServer:
    """A context manager; `endpoint` is what HF_ENDPOINT is set to.

    `asked` is what was requested of it, `sent` how many bytes of a file it has sent, by path, `large` the
    large files that it was given, by their hash.
    """

    def __init__(
        self,
        datasets: MutableMapping[str, Mapping[str, bytes]],
        repositories: MutableMapping[str, Repository] | None = None,
        models: MutableMapping[str, Mapping[str, bytes]] | None = None,
        accounts: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.datasets, self.models = datasets, {} if models is None else models
        self.repositories = {} if repositories is None else repositories
        self.accounts, self.large = accounts or {}, dict[str, bytes]()
        self.asked: list[str] = []
        self.sent: dict[str, int] = {}
        self.cut: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def repository(self, name: str) -> Repository:
        return self.repositories.get(name, Repository())


def _handler(hub: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._route(b"")

        def do_HEAD(self) -> None:
            self._route(b"")

        def do_POST(self) -> None:
            self._route(self._body())

        def do_PUT(self) -> None:
            self._route(self._body())

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _route(self, body: bytes) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.asked.append(f"{self.command} {path}")
            written = hub_uploads.answer(hub, self.command, path, self._token(), body)
            if written is not None:
                status, value, headers = written
                self._send(status, json.dumps(value).encode(), {"Content-Type": "application/json"} | headers)
                return
            parts = path.strip("/").split("/")
            shelf = hub.datasets if "datasets" in parts[:2] else hub.models
            if parts[0] == "api" and parts[1:2] in (["datasets"], ["models"]):
                name, rest = "/".join(parts[2:4]), parts[4:]
            elif parts[0] == "datasets" and parts[3:4] == ["resolve"]:
                name, rest = "/".join(parts[1:3]), parts[3:]
            elif parts[2:3] == ["resolve"]:
                name, rest = "/".join(parts[:2]), parts[2:]
            else:
                self._send(404, b"{}")
                return
            repository = hub.repository(name)
            if repository.renamed:
                self._send(307, b"", {"Location": self.path.replace(name, repository.renamed)})
            elif name not in shelf or (repository.private and not self._may_read(repository)):
                self._refuse("RepoNotFound", "Repository not found", 401 if self._token() is None else 404)
            elif rest[:1] == ["resolve"]:
                self._answer_file(shelf[name], name, "/".join(rest[2:]))
            else:
                self._answer_api(shelf[name], name, rest, body)

        def _token(self) -> str | None:
            said = self.headers.get("Authorization")
            return said.removeprefix("Bearer ") if said else None

        def _may_read(self, repository: Repository) -> bool:
            open_to_all = not repository.gated and not repository.private
            return open_to_all or self._token() in repository.readers

        def _answer_api(self, files: Mapping[str, bytes], name: str, rest: list[str], body: bytes) -> None:
            if rest[:1] == ["revision"] and rest[1] not in ("main", COMMIT):
                self._refuse("RevisionNotFound", "Revision not found", 404)
            elif rest[:1] == ["tree"]:
                self._answer_tree(files, "/".join(rest[2:]))
            elif rest[:1] == ["paths-info"]:
                asked = _paths(body)
                self._json([_entry(path, data) for path, data in files.items() if path in asked])
            elif rest[:1] in ([], ["revision"]):
                self._json(_info(name, files, hub.repository(name)))
            else:
                self._send(404, b"{}")

        def _answer_tree(self, files: Mapping[str, bytes], folder: str) -> None:
            prefix = f"{folder}/" if folder else ""
            inside = {path: data for path, data in files.items() if path.startswith(prefix)}
            if not inside:
                self._refuse("EntryNotFound", f"{folder} does not exist", 404)
                return
            folders = {path.rpartition("/")[0] for path in inside if "/" in path[len(prefix) :]}
            entries = [_entry(path, data) for path, data in inside.items()]
            entries += [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in folders]
            if parse_qs(urlsplit(self.path).query).get("recursive") != ["true"]:
                entries = [entry for entry in entries if "/" not in entry["path"][len(prefix) :]]
                nearest = {f"{prefix}{path[len(prefix) :].split('/')[0]}" for path in folders}
                entries += [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0}
                            for path in nearest - {entry["path"] for entry in entries}]  # fmt: skip
            self._json(entries)

        def _answer_file(self, files: Mapping[str, bytes], name: str, path: str) -> None:
            repository = hub.repository(name)
            if not self._may_read(repository):
                self._refuse("GatedRepo", "Access to this repository is restricted", 403)
            elif path not in files:
                self._refuse("EntryNotFound", "Entry not found", 404)
            else:
                self._send_file(name, path, files[path])

        def _send_file(self, name: str, path: str, data: bytes) -> None:
            start, end = 0, len(data)
            asked = self.headers.get("Range", "").removeprefix("bytes=")
            if asked:
                first, _, last = asked.partition("-")
                start, end = int(first), min(int(last) + 1 if last else end, end)
            self.send_response(206 if asked else 200)
            self.send_header("ETag", f'"{_digest(data)}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Accept-Ranges", "bytes")
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
            self.send_header("Content-Length", str(end - start))
            self.end_headers()
            if self.command != "HEAD":
                self._send_slowly(name, path, data, start, end)

        def _send_slowly(self, name: str, path: str, data: bytes, start: int, end: int) -> None:
            repository = hub.repository(name)
            stop = min(end, repository.cut.get(path, end))
            if repository.once and path in hub.cut:
                stop = end
            chunk = CHUNK if repository.pause else max(1, stop - start)
            try:
                for at in range(start, stop, chunk):
                    time.sleep(repository.pause)
                    self.wfile.write(data[at : min(at + chunk, stop)])
                    hub.sent[path] = hub.sent.get(path, 0) + min(chunk, stop - at)
            except OSError:
                self.close_connection = True
            if stop < end:
                hub.cut.add(path)
                self.close_connection = True

        def _json(self, value: Any) -> None:
            self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

        def _refuse(self, code: str, message: str, status: int) -> None:
            headers = {"X-Error-Code": code, "X-Error-Message": message}
            self._send(status, json.dumps({"error": message}).encode(), headers)

        def _send(self, status: int, data: bytes, headers: Mapping[str, str] | None = None) -> None:
            self.send_response(status)
            for key, value in (headers or {}).items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _paths(body: bytes) -> list[str]:
    try:
        return list(json.loads(body)["paths"])
    except ValueError:
        return [
            unquote(pair.partition("=")[2]) for pair in body.decode().split("&") if pair.startswith("paths=")
        ]


def _info(name: str, files: Mapping[str, bytes], repository: Repository) -> dict[str, Any]:
    return {
        "_id": "0", "id": name, "sha": COMMIT, "private": repository.private,
        "gated": "manual" if repository.gated else False,
        "disabled": False, "downloads": 0, "likes": 0, "tags": [], "lastModified": "2024-01-01T00:00:00.000Z",
        "createdAt": "2024-01-01T00:00:00.000Z",
        "siblings": [
            {"rfilename": path, "size": len(data), "blobId": hub_uploads.hash_blob(data)}
            for path, data in files.items()
        ],
        "cardData": _card(files.get("README.md", b"")),
    }  # fmt: skip


def _card(readme: bytes) -> Any:
    """What the Hub itself has read in a README."""
    parts = readme.decode().split("---\n")
    try:
        return yaml.safe_load(parts[1]) if len(parts) > 2 else None
    except yaml.YAMLError:
        return None


def _entry(path: str, data: bytes) -> dict[str, Any]:
    return {"type": "file", "path": path, "size": len(data), "oid": _digest(data)}


def _digest(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()
