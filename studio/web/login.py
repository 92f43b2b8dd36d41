"""A name and a password before everything but /healthz, as HTTP Basic.

The password is kept as a scrypt hash, in memory only. Guessing is held to ten failures a minute and address.
Knows nothing of hosts or routes.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field

import anyio.to_thread
from starlette.types import ASGIApp, Receive, Scope, Send

from studio.errors import SettingsError
from studio.web.refusals import Refusal

VARIABLE = "STUDIO_LOGIN"
FAILURES_PER_MINUTE = 10

_MINUTE = 60.0
_LEAST_CHARACTERS = 8
_CHALLENGE = {"www-authenticate": 'Basic realm="Dataset Studio", charset="UTF-8"'}
_UNKNOWN = Refusal(401, "A login is needed.", "Give the name and password that the studio was started with.")
_THROTTLED = Refusal(429, "Too many failed logins from this address.", "Wait a minute, then try again.")


@dataclass(frozen=True, slots=True)
class Login:
    """Who may enter. Holds no password, only what proves one; `str` and `repr` show neither."""

    name: str
    _salt: bytes = field(repr=False)
    _proof: bytes = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> "Login":
        """The login of `name:password`; SettingsError, without the password, when it is none."""
        name, colon, password = text.partition(":")
        hint = f"Set {VARIABLE}=name:password with a password of at least {_LEAST_CHARACTERS} characters."
        if not name or not colon:
            raise SettingsError(f"{VARIABLE} is not a name and a password.", hint)
        if len(password) < _LEAST_CHARACTERS:
            raise SettingsError(f"The password in {VARIABLE} is too short.", hint)
        salt = secrets.token_bytes(16)
        return cls(name, salt, _prove(text.encode(), salt))

    def accepts(self, credentials: bytes) -> bool:
        """Whether the UTF-8 bytes `name:password` are the right ones; takes the same time for all."""
        return hmac.compare_digest(_prove(credentials, self._salt), self._proof)


def take_login(env: MutableMapping[str, str] = os.environ) -> Login | None:
    """The login of STUDIO_LOGIN, if it is set; the variable is removed, so that no child inherits it."""
    text = env.pop(VARIABLE, "")
    return Login.parse(text) if text else None


class Throttle:
    """Counts the failures of each address over the last minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: dict[str, list[float]] = {}

    def admits(self, address: str) -> bool:
        """Whether the address may try once more."""
        return len(self._recent(address)) < FAILURES_PER_MINUTE

    def count(self, address: str) -> None:
        """Count an attempt as failed, before it is judged, so that parallel guesses gain nothing."""
        for known in list(self._failures):
            if not self._recent(known):
                del self._failures[known]
        self._failures.setdefault(address, []).append(self._clock())

    def forgive(self, address: str) -> None:
        """Take back the last counted attempt: it was the right password."""
        if self._failures.get(address):
            self._failures[address].pop()

    def _recent(self, address: str) -> list[float]:
        since = self._clock() - _MINUTE
        recent = [moment for moment in self._failures.get(address, []) if moment > since]
        if address in self._failures:
            self._failures[address] = recent
        return recent


class LoginGate:
    """ASGI middleware: lets pass who knows the login, and /healthz."""

    def __init__(self, app: ASGIApp, *, login: Login, throttle: Throttle | None = None) -> None:
        self.app = app
        self.login = login
        self.throttle = throttle or Throttle()
        # scrypt is slow on purpose; what it accepted once is recognised by a keyed hash from then on.
        self._key = secrets.token_bytes(32)
        self._accepted: bytes | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/healthz":
            await self.app(scope, receive, send)
            return
        refusal = await self._judge(scope)
        if refusal is None:
            await self.app(scope, receive, send)
            return
        headers = _CHALLENGE if refusal.status == 401 else {"retry-after": f"{_MINUTE:.0f}"}
        await refusal.response(headers)(scope, receive, send)

    async def _judge(self, scope: Scope) -> Refusal | None:
        address = scope["client"][0] if scope.get("client") else ""
        if not self.throttle.admits(address):
            return _THROTTLED
        credentials = _read_credentials(scope)
        if credentials is None:
            return _UNKNOWN
        return None if await self._accept(credentials, address) else _UNKNOWN

    async def _accept(self, credentials: bytes, address: str) -> bool:
        seen = hmac.digest(self._key, credentials, "sha256")
        if self._accepted is not None and hmac.compare_digest(seen, self._accepted):
            return True
        self.throttle.count(address)
        if not await anyio.to_thread.run_sync(self.login.accepts, credentials):
            return False
        self.throttle.forgive(address)
        self._accepted = seen
        return True


def _read_credentials(scope: Scope) -> bytes | None:
    values = [value for name, value in scope["headers"] if name.lower() == b"authorization"]
    if len(values) != 1:
        return None
    scheme, _, encoded = values[0].partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except binascii.Error:
        return None


def _prove(credentials: bytes, salt: bytes) -> bytes:
    return hashlib.scrypt(credentials, salt=salt, n=2**14, r=8, p=1)
