"""The guard: which requests may reach the studio, and the headers that every answer carries.

A page of another site can make a browser call a local server, and a hostile name server can make such a call
look local (DNS rebinding). So a request needs one known Host, and, unless it merely opens the page, an origin
of our own. Pure ASGI, so that streams pass unbuffered. Knows nothing of the routes but where uploads arrive.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.web.refusals import Refusal

UPLOAD_PATH = "/api/v1/uploads/"

# Gradio compiles its templates and starts from inline scripts, hence 'unsafe-inline' and 'unsafe-eval'.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "media-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

_ENCODED_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_HOST = re.compile(r"(?P<name>[a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
# What a proxy says of the client, and the header from which Gradio would take its own address.
_PROXY_HEADERS = frozenset({b"forwarded", b"x-real-ip", b"x-gradio-server"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """The names that a request may address.

    `any_address` admits every numeric address too: rebinding needs a name, so a number is safe.
    """

    names: frozenset[str] = frozenset({"127.0.0.1", "localhost", "[::1]"})
    any_address: bool = False

    def allows(self, host: str) -> bool:
        """Whether the lower-case Host value, with or without a port, is one of ours."""
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = match["name"]
        return name in self.names or (self.any_address and _is_address(name.strip("[]")))


LOOPBACK = Hosts()


class Guard:
    """ASGI middleware around everything: refuses with 400, 403, 413 or 421, and heads every answer.

    `body_bytes` is the limit of a request's body, `upload_bytes` that of an upload; both also hold for bodies
    that do not say how long they are.
    """

    def __init__(self, app: ASGIApp, *, hosts: Hosts, body_bytes: int, upload_bytes: int) -> None:
        self.app = app
        self.hosts = hosts
        self.body_bytes = body_bytes
        self.upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._pass(scope, receive, _Answer(scope, send))
        else:
            # The studio speaks no websocket; closing before accepting answers 403.
            await send({"type": "websocket.close", "code": 1008})

    async def _pass(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        limit = self._body_limit(scope)
        refusal = find_refusal(scope, self.hosts) or _refuse_length(scope, limit)
        if refusal is not None:
            await answer.refuse(refusal)
            return
        inner = {**scope, "headers": [pair for pair in scope["headers"] if not _is_proxy_header(pair[0])]}
        await self.app(inner, _Body(receive, answer, limit).receive, answer.send)

    def _body_limit(self, scope: Scope) -> int:
        upload = scope["method"] == "PUT" and scope["path"].startswith(UPLOAD_PATH)
        return self.upload_bytes if upload else self.body_bytes


def find_refusal(scope: Scope, hosts: Hosts) -> Refusal | None:
    """Why this request may not pass, judged by its head alone; None when it may.

    A client that sends neither Origin, Sec-Fetch-Site nor Referer is not a browser acting for another site
    (browsers send Origin with every state-changing request), and passes.
    """
    fields = _read_fields(scope)
    named = fields.get("host", [])
    if len(named) != 1 or not hosts.allows(named[0].lower()) or not scope["path"].startswith("/"):
        return Refusal(421, "This server does not answer to that name.", "Open the address that it printed.")
    host = named[0].lower()
    if _is_own_page(fields, host) or _opens_page(scope, fields):
        return None
    return Refusal(403, "This request came from another site.", "Use the studio's own page.")


def _is_own_page(fields: Mapping[str, list[str]], host: str) -> bool:
    origins, sites, referers = (fields.get(name, []) for name in ("origin", "sec-fetch-site", "referer"))
    if len(origins) > 1 or len(sites) > 1 or len(referers) > 1:
        return False
    own = _own_origins(host)
    if origins and origins[0].lower() not in own:
        return False
    if sites:
        return sites[0] in ("same-origin", "none")
    return not referers or "/".join(referers[0].lower().split("/", 3)[:3]) in own


def _opens_page(scope: Scope, fields: Mapping[str, list[str]]) -> bool:
    """A link on another site, followed by a person: it may open the page, and nothing else."""
    if scope["method"] not in ("GET", "HEAD") or scope["path"] != "/" or "origin" in fields:
        return False
    site, mode, dest = (fields.get(f"sec-fetch-{name}", []) for name in ("site", "mode", "dest"))
    if not site:
        return len(fields.get("referer", [])) == 1
    return len(site) == 1 and mode == ["navigate"] and dest == ["document"]


def _own_origins(host: str) -> tuple[str, ...]:
    if LOOPBACK.allows(host):
        return (f"http://{host}",)
    # Beyond loopback a TLS proxy may stand in front.
    return (f"http://{host}", f"https://{host}")


def _refuse_length(scope: Scope, limit: int) -> Refusal | None:
    lengths = [value for name, value in scope["headers"] if name.lower() == b"content-length"]
    if not lengths:
        return None
    if len(lengths) > 1 or not re.fullmatch(rb"\d{1,19}", lengths[0]):
        return Refusal(400, "The request's Content-Length is not a number.", "Send the request again.")
    return _too_large(limit) if int(lengths[0]) > limit else None


def _too_large(limit: int) -> Refusal:
    hint = "Send less at once; the limit of an upload is set with STUDIO_LIMIT_UPLOAD_BYTES."
    return Refusal(413, f"This is larger than the limit of {limit:,} bytes.", hint)


def _read_fields(scope: Scope) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        fields.setdefault(name.lower().decode("latin-1"), []).append(value.decode("latin-1"))
    return fields


def _is_proxy_header(name: bytes) -> bool:
    return name.lower().startswith(b"x-forwarded-") or name.lower() in _PROXY_HEADERS


def _is_address(text: str) -> bool:
    try:
        return not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        return False


class _Answer:
    """One response on its way out: it gets the headers, and ends where a refusal comes in between."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self._started = self._refused = False

    async def send(self, message: Message) -> None:
        if self._refused:
            return
        if message["type"] == "http.response.start":
            self._started = True
            message = {**message, "headers": self._headers(message.get("headers", []))}
        await self._send(message)

    async def refuse(self, refusal: Refusal) -> None:
        if not self._started:
            response = refusal.response()
            # The rest of the body is not wanted.
            response.headers["connection"] = "close"
            await response(self._scope, _no_more, self.send)
        self._refused = True

    def _headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        own = [pair for pair in headers if pair[0].lower().decode("latin-1") not in HEADERS]
        if self._scope["path"].startswith("/api/") and not any(name == b"cache-control" for name, _ in own):
            own.append((b"cache-control", b"no-store"))
        return own + _ENCODED_HEADERS


class _Body:
    """A request's body on its way in, counted; over the limit it ends as if the client had gone."""

    def __init__(self, receive: Receive, answer: _Answer, limit: int) -> None:
        self._receive, self._answer, self._left = receive, answer, limit
        self._limit = limit

    async def receive(self) -> Message:
        if self._left < 0:
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left >= 0:
            return message
        await self._answer.refuse(_too_large(self._limit))
        return {"type": "http.disconnect"}


async def _no_more() -> Message:
    return {"type": "http.disconnect"}
