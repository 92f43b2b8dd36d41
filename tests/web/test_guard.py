"""The guard lets the studio's own page and the command line pass, and nothing of another site."""

import socket
from collections.abc import Iterable
from typing import Any

import anyio
import pytest

from studio.web.guard import HEADERS, LOOPBACK, Guard, Hosts, find_refusal
from tests.web.boundary import Served

HOST = ("Host", "127.0.0.1:7860")
OWN = ("Origin", "http://127.0.0.1:7860")
Fields = list[tuple[str, str]]


def site(value: str, mode: str = "cors", dest: str = "empty") -> Fields:
    return [("Sec-Fetch-Site", value), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest)]


LINK = site("cross-site", "navigate", "document")
PAGE, ROWS, JOIN = "/", "/api/v1/tables", "/gradio_api/queue/join"

REFUSED: list[tuple[int, str, str, Fields]] = [
    # No host of ours
    (421, "GET", PAGE, []),
    (421, "GET", PAGE, [("Host", "")]),
    (421, "GET", PAGE, [("Host", "evil.example")]),
    (421, "GET", PAGE, [("Host", "evil.example:7860")]),
    (421, "GET", PAGE, [("Host", "127.0.0.1.evil.example")]),
    (421, "GET", PAGE, [("Host", "localhost.evil.example:7860")]),
    (421, "GET", PAGE, [("Host", "localhost.")]),
    (421, "GET", PAGE, [("Host", "0.0.0.0:7860")]),
    (421, "GET", PAGE, [("Host", "127.0.0.2:7860")]),
    (421, "GET", PAGE, [("Host", "127.1:7860")]),
    (421, "GET", PAGE, [("Host", "2130706433:7860")]),
    (421, "GET", PAGE, [("Host", "0x7f000001")]),
    (421, "GET", PAGE, [("Host", "[::ffff:127.0.0.1]:7860")]),
    (421, "GET", PAGE, [("Host", "::1")]),
    (421, "GET", PAGE, [("Host", "192.168.1.5:7860")]),
    (421, "GET", PAGE, [("Host", "user@127.0.0.1:7860")]),
    (421, "GET", PAGE, [("Host", "127.0.0.1:7860, evil.example")]),
    (421, "GET", PAGE, [("Host", "127.0.0.1:7860/evil.example")]),
    (421, "GET", PAGE, [("Host", "127.0.0.1:port")]),
    (421, "GET", PAGE, [("Host", "127.0.0.1:")]),
    (421, "GET", PAGE, [("Host", "local host")]),
    (421, "GET", PAGE, [HOST, HOST]),
    (421, "GET", PAGE, [HOST, ("Host", "evil.example")]),
    (421, "GET", PAGE, [("Host", "evil.example"), HOST]),
    (421, "GET", PAGE, [("Host", "evil.example"), ("X-Forwarded-Host", "127.0.0.1:7860")]),
    (421, "GET", "http://evil.example/", [HOST]),
    (421, "OPTIONS", "*", [HOST]),
    # Another origin
    (403, "POST", JOIN, [HOST, ("Origin", "http://evil.example")]),
    (403, "POST", JOIN, [HOST, ("Origin", "null")]),
    (403, "POST", JOIN, [HOST, ("Origin", "")]),
    (403, "POST", JOIN, [HOST, ("Origin", "http://127.0.0.1")]),
    (403, "POST", JOIN, [HOST, ("Origin", "http://127.0.0.1:3000")]),
    (403, "POST", JOIN, [HOST, ("Origin", "http://localhost:7860")]),
    (403, "POST", JOIN, [HOST, ("Origin", "https://127.0.0.1:7860")]),
    (403, "POST", JOIN, [HOST, ("Origin", "file://")]),
    (403, "POST", JOIN, [HOST, ("Origin", "http://127.0.0.1:7860.evil.example")]),
    (403, "POST", JOIN, [HOST, ("Origin", "http://evil.example/http://127.0.0.1:7860")]),
    (403, "POST", JOIN, [HOST, OWN, ("Origin", "http://evil.example")]),
    (403, "POST", JOIN, [HOST, OWN, OWN]),
    (403, "PUT", "/api/v1/uploads/a.jsonl", [HOST, ("Origin", "http://evil.example")]),
    (
        403,
        "OPTIONS",
        ROWS,
        [HOST, ("Origin", "http://a.example"), ("Access-Control-Request-Method", "PUT")],
    ),
    (403, "GET", ROWS, [HOST, ("Origin", "http://evil.example")]),
    (403, "GET", PAGE, [HOST, ("Origin", "http://evil.example"), *LINK]),
    (403, "HEAD", ROWS, [HOST, ("Origin", "null")]),
    # Another site, without an origin
    (403, "POST", JOIN, [HOST, *site("cross-site")]),
    (403, "POST", JOIN, [HOST, *site("same-site")]),
    (403, "POST", JOIN, [HOST, *site("cross-site", "navigate", "document")]),
    (403, "POST", PAGE, [HOST, *LINK]),
    (403, "POST", JOIN, [HOST, OWN, *site("cross-site")]),
    (403, "GET", ROWS, [HOST, *site("cross-site", "no-cors", "image")]),
    (403, "GET", ROWS, [HOST, *site("cross-site", "no-cors", "script")]),
    (403, "GET", ROWS, [HOST, *site("same-site", "cors")]),
    (403, "GET", PAGE, [HOST, *site("cross-site", "navigate", "iframe")]),
    (403, "GET", PAGE, [HOST, *site("cross-site", "navigate", "embed")]),
    (403, "GET", PAGE, [HOST, *site("cross-site", "no-cors", "document")]),
    (403, "GET", PAGE, [HOST, ("Sec-Fetch-Site", "cross-site")]),
    (403, "GET", PAGE, [HOST, *LINK, ("Sec-Fetch-Mode", "cors")]),
    (403, "GET", ROWS, [HOST, *LINK]),
    (403, "GET", "/gradio_api/heartbeat/x", [HOST, *LINK]),
    (403, "GET", ROWS, [HOST, *site("Same-Origin")]),
    (403, "GET", ROWS, [HOST, *site("")]),
    (403, "GET", ROWS, [HOST, *site("same-origin"), ("Sec-Fetch-Site", "cross-site")]),
    (403, "GET", ROWS, [HOST, ("Referer", "http://evil.example/page")]),
    (403, "POST", JOIN, [HOST, ("Referer", "http://127.0.0.1:7860.evil.example/")]),
    (403, "POST", JOIN, [HOST, ("Referer", "http://127.0.0.1:7860@evil.example/")]),
    (403, "GET", ROWS, [HOST, ("Referer", "http://127.0.0.1:7860/"), ("Referer", "http://evil.example/")]),
]

ACCEPTED: list[tuple[str, str, Fields]] = [
    ("GET", PAGE, [HOST]),
    ("GET", PAGE, [("Host", "localhost:7860")]),
    ("GET", PAGE, [("Host", "LOCALHOST:9000")]),
    ("GET", PAGE, [("Host", "[::1]:7860")]),
    ("GET", PAGE, [("Host", "127.0.0.1")]),
    ("GET", PAGE, [HOST, *site("none", "navigate", "document")]),
    ("GET", PAGE, [HOST, *LINK]),
    ("HEAD", PAGE, [HOST, *LINK]),
    ("GET", PAGE, [HOST, ("Referer", "http://evil.example/page")]),
    ("GET", ROWS, [HOST]),
    ("GET", ROWS, [HOST, *site("same-origin")]),
    ("GET", ROWS, [HOST, *site("same-origin"), ("Referer", "http://127.0.0.1:7860/?tab=browse")]),
    ("GET", ROWS, [HOST, ("Referer", "http://127.0.0.1:7860/?tab=browse")]),
    ("POST", JOIN, [HOST, OWN, *site("same-origin")]),
    ("POST", JOIN, [HOST, OWN]),
    ("PUT", "/api/v1/uploads/a.jsonl", [HOST]),
]


def make_scope(method: str, path: str, fields: Fields, kind: str = "http") -> dict[str, Any]:
    headers = [(name.lower().encode(), value.encode()) for name, value in fields]
    return {"type": kind, "method": method, "path": path, "headers": headers, "query_string": b""}


class Echo:
    """An application that reads its whole body and answers with what came."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}
        self.received = b""
        self.disconnected = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnected = True
                break
            self.received += message.get("body", b"")
            if not message.get("more_body"):
                break
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"ALLOW")]}
        )
        await send({"type": "http.response.body", "body": b"through"})


def call(guard: Guard, scope: dict[str, Any], chunks: Iterable[bytes] = (b"",)) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    pending = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    pending[-1]["more_body"] = False

    async def receive() -> dict[str, Any]:
        return pending.pop(0) if pending else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    anyio.run(guard, scope, receive, send)
    return sent


def make_guard(app: Any, hosts: Hosts = LOOPBACK) -> Guard:
    return Guard(app, hosts=hosts, body_bytes=1_000, upload_bytes=5_000)


def test_every_foreign_request_is_refused_and_every_own_one_passes() -> None:
    wrongly = []
    for status, method, path, fields in REFUSED:
        refusal = find_refusal(make_scope(method, path, fields), LOOPBACK)
        if refusal is None or refusal.status != status:
            wrongly.append((status, method, path, fields, refusal))
    for method, path, fields in ACCEPTED:
        if find_refusal(make_scope(method, path, fields), LOOPBACK) is not None:
            wrongly.append((200, method, path, fields, "refused"))
    print(f"guard: {len(REFUSED)} foreign requests, {len(ACCEPTED)} own ones, {len(wrongly)} judged wrongly")
    assert wrongly == []
    assert len(REFUSED) >= 40


def test_a_refused_request_never_reaches_the_application() -> None:
    for status, method, path, fields in REFUSED:
        app = Echo()
        sent = call(make_guard(app), make_scope(method, path, fields))
        assert (sent[0]["status"], app.scope) == (status, {})


def test_the_same_requests_over_a_socket_are_never_accepted(served: Served) -> None:
    accepted = []
    for _, method, path, fields in REFUSED:
        status = ask(served.port, method, path, fields)
        if status not in (400, 403, 421):
            accepted.append((status, method, path, fields))
    print(f"guard: {len(REFUSED)} raw requests, {len(accepted)} accepted wrongly")
    assert accepted == []
    assert ask(served.port, "GET", "/healthz", [HOST]) == 200


def ask(port: int, method: str, path: str, fields: Fields) -> int:
    lines = [
        f"{method} {path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in fields),
        "Connection: close",
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return int(connection.makefile("rb").readline().split()[1])


def test_every_answer_has_each_header_once() -> None:
    passed = call(make_guard(Echo()), make_scope("GET", PAGE, [HOST]))
    refused = call(make_guard(Echo()), make_scope("GET", PAGE, []))
    for sent in (passed, refused):
        names = [name.decode() for name, _ in sent[0]["headers"]]
        assert all(names.count(name) == 1 for name in HEADERS)
        assert (b"x-frame-options", b"DENY") in sent[0]["headers"]


def test_what_a_proxy_claims_is_dropped() -> None:
    app = Echo()
    claims = [
        ("X-Forwarded-Host", "a"),
        ("x-forwarded-for", "b"),
        ("Forwarded", "c"),
        ("X-Gradio-Server", "d"),
    ]
    call(make_guard(app), make_scope("GET", PAGE, [HOST, *claims]))
    assert app.scope["headers"] == [(b"host", b"127.0.0.1:7860")]


@pytest.mark.parametrize("length", ["1001", "99999999999999999999999", "-1", "1e3", "", "+5"])
def test_a_body_that_says_it_is_too_long_is_refused_before_it_is_read(length: str) -> None:
    app = Echo()
    sent = call(make_guard(app), make_scope("POST", JOIN, [HOST, OWN, ("Content-Length", length)]))
    assert sent[0]["status"] in (400, 413)
    assert (b"connection", b"close") in sent[0]["headers"]
    assert app.scope == {}


def test_a_body_that_grows_too_long_is_cut_off() -> None:
    app = Echo()
    sent = call(make_guard(app), make_scope("POST", JOIN, [HOST, OWN]), [b"x" * 400] * 5)
    assert [message.get("status") for message in sent] == [413, None]
    assert app.disconnected
    assert len(app.received) == 800


def test_a_body_of_exactly_the_limit_passes() -> None:
    app = Echo()
    sent = call(make_guard(app), make_scope("POST", JOIN, [HOST, OWN]), [b"x" * 500] * 2)
    assert sent[0]["status"] == 200
    assert len(app.received) == 1_000


def test_an_upload_has_a_limit_of_its_own() -> None:
    upload = make_scope("PUT", "/api/v1/uploads/a.jsonl", [HOST])
    assert call(make_guard(Echo()), upload, [b"x" * 5_000])[0]["status"] == 200
    assert call(make_guard(Echo()), upload, [b"x" * 5_001])[0]["status"] == 413


def test_a_websocket_is_closed_before_it_is_open() -> None:
    app = Echo()
    sent = call(make_guard(app), make_scope("GET", PAGE, [HOST], kind="websocket"))
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert app.scope == {}


def test_an_exposed_server_answers_to_addresses_but_not_to_foreign_names() -> None:
    hosts = Hosts(names=frozenset({"studio.example"}), any_address=True)
    for host in ("192.168.1.5:7860", "[fe80::1]:7860", "studio.example", "STUDIO.example:443"):
        assert find_refusal(make_scope("GET", PAGE, [("Host", host)]), hosts) is None, host
    for host in ("evil.example", "0.0.0.0:7860", "[::]:7860", "192.168.1", "evil.studio.example"):
        assert find_refusal(make_scope("GET", PAGE, [("Host", host)]), hosts) is not None, host


def test_a_tls_proxy_may_stand_before_an_exposed_server() -> None:
    hosts = Hosts(names=frozenset({"studio.example"}))
    own = [("Host", "studio.example"), ("Origin", "https://studio.example")]
    foreign = [("Host", "studio.example"), ("Origin", "https://evil.example")]
    assert find_refusal(make_scope("POST", JOIN, own), hosts) is None
    assert find_refusal(make_scope("POST", JOIN, foreign), hosts) is not None
