"""A small OpenAI-compatible endpoint on 127.0.0.1 that scores, and fails, stalls or talks nonsense as told.

`script` says what becomes of each request in turn, then again from the start: a text is the reply; a number
is the status of a refusal; a function gets the question and gives either; STALL never answers, HANG_UP cuts
the connection, and bytes are sent as they are.
"""

import json
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

STALL, HANG_UP, REDIRECT, ECHO_KEY = "<stall>", "<hang up>", "<redirect>", "<echo the key>"
Step = str | int | bytes | Callable[[str], str]


class JudgeServer:
    """A context manager; `endpoint` is what a person gives. `asked` holds every request's body, in order."""

    def __init__(
        self, script: Sequence[Step] = ("85",), *, key: str = "", wait: str = "0", models: Sequence[str] = ()
    ) -> None:
        self.script, self.key, self.wait, self.models = list(script), key, wait, tuple(models)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def questions(self) -> list[str]:
        """What was asked, in order."""
        return [body["messages"][0]["content"] for body in self.asked]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def stall(self) -> None:
        self._over.wait(60)


def score_by(words: dict[str, str], default: str = "50") -> Callable[[str], str]:
    """A judge that looks for words in its question; the first that is there decides."""
    return lambda question: next((score for word, score in words.items() if word in question), default)


def _handler(server: JudgeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            step = server.script[len(server.asked) % len(server.script)]
            server.asked.append(body)
            server.headers.append(dict(self.headers))
            if self.path != "/v1/chat/completions":
                self._send(404, b"404 page not found")
            elif server.key and self.headers.get("Authorization") != f"Bearer {server.key}":
                self._refuse(401, f"Incorrect API key provided: {self.headers.get('Authorization')}")
            elif server.models and body["model"] not in server.models:
                self._refuse(404, f"model {body['model']!r} not found, try pulling it first")
            else:
                self._play(step, body)

        def _play(self, step: Step, body: dict[str, Any]) -> None:
            if callable(step):
                step = step(body["messages"][0]["content"])
            if step == STALL:
                server.stall()
                self.close_connection = True
            elif step == HANG_UP:
                self.close_connection = True
            elif step == REDIRECT:
                self._send(307, b"", {"Location": "http://127.0.0.1:9/v1/chat/completions"})
            elif isinstance(step, bytes):
                self._send(200, step)
            elif isinstance(step, int):
                self._refuse(step, "The server is overloaded", {"Retry-After": server.wait})
            else:
                said = str(self.headers.get("Authorization")) if step == ECHO_KEY else step
                self._answer(said, body["model"])

        def _answer(self, text: str, model: str) -> None:
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            value = {"id": "c", "object": "chat.completion", "model": model, "choices": [choice]}
            self._send(200, json.dumps(value | {"usage": {"total_tokens": 7}}).encode())

        def _refuse(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
            self._send(status, json.dumps({"error": {"message": message}}).encode(), headers)

        def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                if value:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
