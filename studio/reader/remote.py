"""The bytes behind a URL: over https only, from public addresses only, checked again on every hop.

The host is looked up here and the connection made to the very address that was checked, so that a name
cannot point elsewhere a moment later. Proxies of the environment are not used, for the same reason. Knows
nothing of formats.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx

from studio.errors import ReadError, SourceError
from studio.reader.hosts import is_public, list_addresses
from studio.reader.lines import ByteStream, describe_size
from studio.settings import Settings

_HOPS = 5
_CHUNK_BYTES = 64 << 10


@contextmanager
def open_url(url: str, settings: Settings) -> Iterator[tuple[ByteStream, int | None]]:
    """The body of `url` and its size if the server says it; bytes are fetched as they are read.

    Raises SourceError when it is refused or cannot be had, ReadError when the connection breaks later.
    """
    seconds = settings.limits.network_seconds
    with httpx.Client(timeout=seconds, trust_env=False, follow_redirects=False) as client:
        response = _follow(client, url, settings)
        try:
            size = response.headers.get("content-length", "")
            yield _Body(response, url), int(size) if size.isdigit() else None
        finally:
            response.close()


class _Body:
    """The bytes of a response, undecoded, in pieces of at most the size asked for."""

    def __init__(self, response: httpx.Response, url: str) -> None:
        self._chunks = response.iter_raw(_CHUNK_BYTES)
        self._host = httpx.URL(url).host
        self._held = b""
        self._bytes_read = 0

    def read(self, size: int, /) -> bytes:
        if not self._held:
            self._held = self._fetch()
        taken, self._held = self._held[:size], self._held[size:]
        return taken

    def _fetch(self) -> bytes:
        try:
            chunk = next(self._chunks, b"")
        except httpx.TimeoutException as error:
            raise ReadError(
                f"{self._host} stopped sending after {describe_size(self._bytes_read)}.", "Try again later."
            ) from error
        except httpx.TransportError as error:
            raise ReadError(
                f"The connection to {self._host} was cut after {describe_size(self._bytes_read)}.",
                "Try again.",
            ) from error
        self._bytes_read += len(chunk)
        return chunk


def _follow(client: httpx.Client, url: str, settings: Settings) -> httpx.Response:
    address = _parse(url)
    for _ in range(_HOPS + 1):
        response = _request(client, address, settings)
        if not response.is_redirect:
            return _checked(response, address)
        target = response.headers.get("location", "")
        response.close()
        address = address.join(_parse(target, base=address))
    raise SourceError(f"{url} redirects more than {_HOPS} times.", "Copy the file's own download link.")


def _parse(url: str, base: httpx.URL | None = None) -> httpx.URL:
    try:
        address = httpx.URL(url)
        return base.join(address) if base else address
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceError(f"{url} is not a URL: {error}.", "Copy the file's download link again.") from error


def _request(client: httpx.Client, address: httpx.URL, settings: Settings) -> httpx.Response:
    _refuse_unsafe(address, settings)
    host = address.raw_host.decode("ascii")
    headers = {"Host": address.netloc.decode("ascii"), "Accept-Encoding": "identity"}
    failure: Exception | None = None
    for ip in _look_up(host, address.port or (443 if address.scheme == "https" else 80), settings):
        request = client.build_request(
            "GET", address.copy_with(host=ip), headers=headers, extensions={"sni_hostname": host}
        )
        try:
            return client.send(request, stream=True)
        except httpx.ConnectError as error:
            failure = error
        except httpx.TimeoutException as error:
            raise SourceError(
                f"{host} did not answer within {settings.limits.network_seconds:g} seconds.",
                "Try again later.",
            ) from error
        except httpx.TransportError as error:
            raise SourceError(
                f"{host} could not be read: {error}.", "Check the link, or try again."
            ) from error
    raise SourceError(f"{host} cannot be reached: {failure}.", "Check the link and the network.") from failure


def _refuse_unsafe(address: httpx.URL, settings: Settings) -> None:
    allowed = ("https", "http") if settings.private_urls else ("https",)
    if address.scheme not in allowed:
        raise SourceError(
            f"{address.scheme or 'a URL without https'}:// is not read, only https://.",
            "Use the https:// link, or download the file yourself and give its path.",
        )
    if not address.raw_host:
        raise SourceError(f"{address} names no host.", "Copy the file's download link again.")
    if address.userinfo:
        raise SourceError(
            f"The URL on {address.host} carries a user name or password.",
            "Take them out; download the file yourself instead.",
        )


def _look_up(host: str, port: int, settings: Settings) -> list[str]:
    try:
        addresses = list_addresses(host, port)
    except (OSError, UnicodeError) as error:
        raise SourceError(
            f"There is no host named {host}, or there is no network.", "Check the link and the network."
        ) from error
    if not settings.private_urls and not all(map(is_public, addresses)):
        raise SourceError(
            f"{host} is on this machine or a private network.",
            "Only public addresses are read; download the file yourself and give its path.",
        )
    return addresses


def _checked(response: httpx.Response, address: httpx.URL) -> httpx.Response:
    status = response.status_code
    if status == HTTPStatus.OK:
        return response
    response.close()
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise SourceError(f"{address.host} has no {address.path} (404).", "Check the link.")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise SourceError(
            f"{address.host} does not let everybody read this file ({status}).",
            "Download it while logged in, and give its path.",
        )
    raise SourceError(f"{address.host} answered {status} {response.reason_phrase}.", "Try again later.")
