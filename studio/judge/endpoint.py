"""An OpenAI-compatible endpoint: one question as a POST to ADDRESS/chat/completions, and its answer.

Only http and https; the address that was looked up is the one connected to; no redirect is followed, so that
the key goes nowhere else; proxies of the environment are not used. An answer has a size and a time that it
may not pass, and the key is taken out of every word of it. Knows nothing of scores.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from studio.errors import JudgeError
from studio.reader.hosts import is_public, list_addresses

OLLAMA = "http://127.0.0.1:11434/v1"
"""Where Ollama listens."""
_PATH = "/chat/completions"
_LONGEST = 500
_LONGEST_KEY = 500
_CONNECT_SECONDS = 10.0
_SHOWN = 300  # characters of an endpoint's own words
_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_EXAMPLE = f"Give something like https://api.openai.com/v1, or {OLLAMA} for Ollama."


class PassingError(Exception):
    """A problem that may be over in a moment; `wait` is the seconds that the endpoint asks for, if any."""

    def __init__(self, words: str, wait: float | None = None) -> None:
        super().__init__(words)
        self.words = words
        self.wait = wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model said; `finish` is why it ended, in the endpoint's word, `tokens` what it counted."""

    text: str
    finish: str = ""
    model: str = ""
    tokens: int | None = None


def check_endpoint(text: str) -> str:
    """The address without what is added to it. Raises JudgeError when it is none, or carries a secret."""
    given = text.strip().rstrip("/").removesuffix(_PATH).rstrip("/")
    try:
        address = httpx.URL(given)
        port = _default_port(address) if address.port is None else address.port
        fits = address.scheme in ("http", "https") and bool(address.raw_host) and 0 < port < 1 << 16
    except (httpx.InvalidURL, ValueError):
        fits = False
    if not fits or len(given) > _LONGEST or not given.isprintable() or " " in given:
        raise JudgeError("The judge's address is no http:// or https:// URL.", _EXAMPLE)
    if address.userinfo or address.query or address.fragment or "?" in given or "#" in given:
        raise JudgeError(
            f"The judge's address on {address.host} carries a login or a query.",
            "Take it out: the address is kept with the scores. A key belongs into the field of the key.",
        )
    return given


def check_key(key: str) -> str:
    """The key without space around it. Raises JudgeError for what cannot be one."""
    key = key.strip()
    if len(key) > _LONGEST_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise JudgeError("The key is none: it has a space, or letters that keys have not.", "Copy it again.")
    return key


def check_reach(endpoint: str, *, private: bool, has_key: bool) -> None:
    """Raise JudgeError unless the endpoint's host is there and may be called: see `Endpoint`."""
    try:
        _find_addresses(httpx.URL(endpoint), private=private, has_key=has_key)
    except PassingError as error:
        raise JudgeError(f"The judge cannot be asked: {error.words}.", "Check the address.") from error


class Endpoint:
    """An endpoint that is asked one question at a time; a context manager.

    `private` lets it be on this machine or a private network. A key is sent in the clear to no other. An
    answer may take `seconds` and have `most_bytes`.
    """

    def __init__(self, address: str, key: str, *, private: bool, seconds: float, most_bytes: int) -> None:
        self._address = httpx.URL(f"{address}{_PATH}")
        self._key, self._private = key, private
        self._seconds, self._most = seconds, most_bytes
        limits = httpx.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS))
        self._client = httpx.Client(timeout=limits, trust_env=False, follow_redirects=False)

    def __enter__(self) -> "Endpoint":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def ask(self, question: Mapping[str, Any]) -> Answer:
        """The answer to one question. Raises PassingError; JudgeError for what no repetition mends."""
        body = json.dumps(question, ensure_ascii=False).encode()
        status, headers, answer = self._send(body)
        if status != HTTPStatus.OK:
            raise self._explain(status, headers, answer)
        return self._read(answer)

    def _send(self, body: bytes) -> tuple[int, httpx.Headers, bytes]:
        host = self._address.host
        try:
            with self._open(body) as response:
                return response.status_code, response.headers, b"".join(self._chunks(response))
        except httpx.ConnectError as error:
            raise PassingError(f"{host} cannot be reached: {self._hide(str(error))}") from error
        except httpx.TimeoutException as error:
            raise PassingError(f"{host} did not answer within {self._seconds:g} seconds") from error
        except httpx.TransportError as error:
            raise PassingError(f"the connection to {host} broke: {self._hide(str(error))}") from error

    def _open(self, body: bytes) -> Any:
        """The response, unread, of the first address that takes the connection."""
        headers = {
            "Host": self._address.netloc.decode("ascii"),
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        }
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        addresses = _find_addresses(self._address, private=self._private, has_key=bool(self._key))
        name = self._address.raw_host.decode("ascii")
        for last, ip in enumerate(addresses, start=1 - len(addresses)):
            url = self._address.copy_with(host=ip)
            request = self._client.build_request(
                "POST", url, content=body, headers=headers, extensions={"sni_hostname": name}
            )
            try:
                return _Closing(self._client.send(request, stream=True))
            except httpx.ConnectError:
                if last == 0:
                    raise
        raise PassingError(f"{self._address.host} has no address")

    def _chunks(self, response: httpx.Response) -> Iterator[bytes]:
        until, size = time.monotonic() + self._seconds, 0
        for chunk in response.iter_raw():
            size += len(chunk)
            if size > self._most:
                raise PassingError(f"{self._address.host} sent more than {self._most:,} bytes")
            if time.monotonic() > until:
                raise PassingError(
                    f"{self._address.host} did not end its answer within {self._seconds:g} seconds"
                )
            yield chunk

    def _explain(self, status: int, headers: httpx.Headers, answer: bytes) -> Exception:
        host, said = self._address.host, self._quote(answer)
        if status in _PASSING:
            return PassingError(f"{host} answered {_name_status(status)}{said}", _read_wait(headers))
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            what = "does not take this key" if self._key else "asks for a key"
            return JudgeError(f"{host} {what} ({status}){said}.", "Give a key that the endpoint knows.")
        if 300 <= status < 400:
            return JudgeError(
                f"{host} redirects to another address ({status}), where the key is not taken.",
                "Give the address that it redirects to, if you trust it.",
            )
        if status == HTTPStatus.NOT_FOUND:
            return JudgeError(
                f"{host} has no such model or address (404){said}.",
                "Check both: the address mostly ends with /v1, and `ollama pull` fetches a model.",
            )
        return JudgeError(
            f"{host} refuses the question: {_name_status(status)}{said}.",
            "Where it names temperature, seed or max_tokens, leave that field empty.",
        )

    def _read(self, answer: bytes) -> Answer:
        try:
            value = json.loads(answer)
            choice = value["choices"][0]
            text = _join_content(choice["message"]["content"])
        except (ValueError, LookupError, TypeError) as error:
            raise PassingError(
                f"{self._address.host} answered, but not with a chat completion{self._quote(answer)}"
            ) from error
        usage = value.get("usage")
        tokens = usage.get("total_tokens") if isinstance(usage, dict) else None
        return Answer(
            text=self._hide(text),
            finish=self._hide(str(choice.get("finish_reason") or "")),
            model=self._hide(str(value.get("model") or "")),
            tokens=tokens if isinstance(tokens, int) else None,
        )

    def _quote(self, answer: bytes) -> str:
        """What an endpoint says of a problem, as the end of a sentence; its own field where it has one."""
        words = answer.decode("utf-8", "replace")
        try:
            value = json.loads(words)
            error = value.get("error", value) if isinstance(value, dict) else value
            words = str(error.get("message", words) if isinstance(error, dict) else error)
        except ValueError:
            pass
        words = " ".join(self._hide(words).split()).rstrip(".")
        return f": {words[:_SHOWN]}{'…' if len(words) > _SHOWN else ''}" if words else ""

    def _hide(self, text: str) -> str:
        """The text without the key, which some endpoints repeat; half a character is spelled out."""
        whole = text.encode("utf-8", "backslashreplace").decode()
        return whole.replace(self._key, "…") if self._key else whole


class _Closing:
    """A response that is closed with its block."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    def __enter__(self) -> httpx.Response:
        return self._response

    def __exit__(self, *_: object) -> None:
        self._response.close()


def _find_addresses(address: httpx.URL, *, private: bool, has_key: bool) -> list[str]:
    host = address.host
    try:
        found = list_addresses(address.raw_host.decode("ascii"), address.port or _default_port(address))
    except (OSError, UnicodeError) as error:
        raise PassingError(f"there is no host named {host}, or there is no network") from error
    open_to_all = [text for text in found if is_public(text)]
    if not private and len(open_to_all) < len(found):
        raise JudgeError(
            f"{host} is on this machine or a private network.",
            "Where others can open the studio only public addresses are called; STUDIO_PRIVATE_URLS=yes "
            "allows the others.",
        )
    if has_key and address.scheme == "http" and open_to_all:
        raise JudgeError(
            f"The key would go to {host} unencrypted.", "Give an https:// address, or leave the key empty."
        )
    return found


def _default_port(address: httpx.URL) -> int:
    return 443 if address.scheme == "https" else 80


def _join_content(content: Any) -> str:
    """The text of a message: a string, its parts of text, or nothing."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if part.get("type") == "text")
    if content is not None and not isinstance(content, str):
        raise TypeError
    return content or ""


def _name_status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _read_wait(headers: httpx.Headers) -> float | None:
    """Seconds of a Retry-After, which is a number or a date."""
    said = headers.get("retry-after", "").strip()
    if said.replace(".", "", 1).isdecimal() and said.isascii():
        return float(said)
    try:
        return max(0.0, parsedate_to_datetime(said).timestamp() - time.time())
    except (ValueError, TypeError, IndexError):
        return None
