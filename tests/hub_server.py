"""A small Hugging Face Hub on 127.0.0.1: what `datasets` and `huggingface_hub` ask for to stream a dataset.

`HubServer.datasets` maps org/name to its files; a name in `gated` answers as a gated dataset does.
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class HubServer:
    """A context manager; `endpoint` is what HF_ENDPOINT is set to, `asked` what was requested of it."""

    def __init__(
        self, datasets: Mapping[str, Mapping[str, bytes]], gated: frozenset[str] = frozenset()
    ) -> None:
        self.datasets, self.gated = datasets, gated
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(hub: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._route(b"")

        def do_HEAD(self) -> None:
            self._route(b"")

        def do_POST(self) -> None:
            self._route(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def _route(self, body: bytes) -> None:
            path = unquote(urlsplit(self.path).path)
            hub.asked.append(f"{self.command} {path}")
            parts = path.strip("/").split("/")
            if parts[:2] == ["api", "datasets"]:
                self._answer_api("/".join(parts[2:4]), parts[4:], body)
            elif parts[0] == "datasets" and parts[3:4] == ["resolve"]:
                self._answer_file("/".join(parts[1:3]), "/".join(parts[5:]))
            else:
                self._send(404, b"{}")

        def _answer_api(self, name: str, rest: list[str], body: bytes) -> None:
            if name not in hub.datasets:
                self._refuse("RepoNotFound", "Repository not found", 404)
                return
            if rest[:1] == ["revision"] and rest[1] not in ("main", COMMIT):
                self._refuse("RevisionNotFound", "Revision not found", 404)
                return
            files = hub.datasets[name]
            if rest[:1] == ["tree"]:
                self._json([_entry(path, data) for path, data in files.items()])
            elif rest[:1] == ["paths-info"]:
                asked = _paths(body)
                self._json([_entry(path, data) for path, data in files.items() if path in asked])
            elif rest[:1] in ([], ["revision"]):
                self._json(_info(name, files, name in hub.gated))
            else:
                self._send(404, b"{}")

        def _answer_file(self, name: str, path: str) -> None:
            if name in hub.gated:
                self._refuse("GatedRepo", "Access to this dataset is restricted", 403)
            elif path not in hub.datasets.get(name, {}):
                self._refuse("EntryNotFound", "Entry not found", 404)
            else:
                self._send_file(hub.datasets[name][path])

        def _send_file(self, data: bytes) -> None:
            start, end = 0, len(data)
            asked = self.headers.get("Range", "").removeprefix("bytes=")
            if asked:
                first, _, last = asked.partition("-")
                start, end = int(first), min(int(last) + 1 if last else end, end)
            headers = {"ETag": f'"{_digest(data)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
            if asked:
                headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
            self._send(206 if asked else 200, data[start:end], headers)

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


def _info(name: str, files: Mapping[str, bytes], gated: bool) -> dict[str, Any]:
    return {
        "_id": "0", "id": name, "sha": COMMIT, "private": False, "gated": "manual" if gated else False,
        "disabled": False, "downloads": 0, "likes": 0, "tags": [], "lastModified": "2024-01-01T00:00:00.000Z",
        "createdAt": "2024-01-01T00:00:00.000Z", "siblings": [{"rfilename": path} for path in files],
    }  # fmt: skip


def _entry(path: str, data: bytes) -> dict[str, Any]:
    return {"type": "file", "path": path, "size": len(data), "oid": _digest(data)}


def _digest(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()
