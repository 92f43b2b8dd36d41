"""A file of the Hub as its bytes arrive, over one connection that is taken up again where it broke.

Part of the child process. Nothing is read ahead, so that the first records of a slow file come at once.
"""

import time
from collections.abc import Iterator

from studio.errors import HubError

_WAITS = (0.01, 0.03, 0.1)  # of the network limit, before another try, as long as no byte comes


def iter_chunks(name: str, commit: str, path: str, size: int) -> Iterator[bytes]:
    """The stored bytes of a file, in pieces as the network delivers them.

    Raises HubError when the connection keeps breaking, or when the Hub sends another file than was begun.
    """
    from huggingface_hub import constants, hf_hub_url

    url = hf_hub_url(name, path, repo_type="dataset", revision=commit)
    done = tries = 0
    while done < size or not tries:
        before, broken = done, None
        for chunk in _iter_from(url, done):
            if isinstance(chunk, Exception):
                broken = chunk
                break
            done += len(chunk)
            yield chunk
        if done >= size and broken is None:
            return
        tries = 1 if done > before else tries + 1
        if tries > len(_WAITS):
            raise HubError(
                f"The connection to the Hub broke off at byte {done:,} of {size:,} in {path}.",
                "Try again; what has arrived until then is whole records.",
            ) from broken
        time.sleep(_WAITS[tries - 1] * constants.HF_HUB_DOWNLOAD_TIMEOUT)


def _iter_from(url: str, start: int) -> Iterator[bytes | Exception]:
    """The bytes from `start` on; an exception instead of the next piece when the network fails."""
    from huggingface_hub import constants
    from huggingface_hub.utils import (  # type: ignore[attr-defined]
        build_hf_headers,
        hf_raise_for_status,
        http_stream_backoff,
    )

    headers = build_hf_headers() | {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    timeout = constants.HF_HUB_DOWNLOAD_TIMEOUT
    with http_stream_backoff("GET", url, headers=headers, timeout=timeout, max_retries=2) as response:
        hf_raise_for_status(response)
        if start and not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            raise HubError("The Hub does not continue a file where it broke off.", "Try again later.")
        try:
            yield from response.iter_bytes()
        except Exception as error:
            if not is_network_error(error):
                raise
            # Handed on, because what is raised inside of the block makes the library ask again.
            yield error


def is_network_error(error: BaseException) -> bool:
    """By name, because which HTTP library raises it changes with the version of huggingface_hub."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    return bool(kinds & {"TransportError", "ConnectionError", "TimeoutError"})
