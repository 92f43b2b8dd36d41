"""The parent's end of the child process: its start, its messages, and the files that it passes on.

Knows nothing of `datasets`. What a message is, __main__.py says.
"""

import json
import os
import re
import selectors
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from studio.errors import HubError
from studio.settings import Settings
from studio.source import Source

_SILENCE = 4  # times the network limit: the libraries try again a few times before they give up
_TICK = 0.5  # seconds of waiting after which the listener is told
_PIPE_BYTES = 1 << 20
_PASSED = ("HF_", "LC_", "SSL_", "PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME", "SYSTEMROOT")
_NAMED = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    "HUGGING_FACE_HUB_TOKEN",
)
_TOKEN = re.compile(r"\bhf_\w{6,}|(?<=Bearer )\S+")


class Message(NamedTuple):
    """One message of the child; `body` is empty but for kind B."""

    kind: str
    head: dict[str, Any]
    body: bytes


@contextmanager
def ask_child(ask: str, source: Source, settings: Settings) -> "Iterator[Child]":
    """Start a child on a request; it ends with the block, whatever it is doing."""
    request = {
        "ask": ask,
        "hub": source.hub,
        "config": source.config,
        "split": source.split,
        "revision": source.revision,
    }
    with tempfile.TemporaryDirectory() as elsewhere, tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "studio.hub"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=elsewhere,  # an empty folder: nothing in it can be taken for a module or a dataset
            env=pass_hub_environment(os.environ, settings),
        )
        try:
            with selectors.DefaultSelector() as ready:
                silence = settings.limits.network_seconds * _SILENCE
                child = Child(process, log, source.name, ready, silence)
                child.tell(json.dumps(request))
                yield child
        finally:
            process.kill()
            process.communicate()


class Child:
    """Messages in their order. `on_wait` is called now and then while none comes."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        log: IO[bytes],
        name: str,
        ready: selectors.BaseSelector,
        silence: float,
    ) -> None:
        assert process.stdout is not None
        self._process, self._log, self._name, self._silence = process, log, name, silence
        self._pipe, self._ready = process.stdout.fileno(), ready
        self._ready.register(self._pipe, selectors.EVENT_READ)
        self._held = b""
        self.on_wait: Callable[[], None] = lambda: None

    def tell(self, line: str) -> None:
        """Write a line to the child; one that has ended says why when its next message is asked for."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass

    def next(self, kinds: str) -> Message:
        """The next message, of one of these kinds. Raises HubError for a problem, also in the child."""
        while (end := self._held.find(b"\n")) < 0:
            self._fill()
        line, self._held = self._held[:end], self._held[end + 1 :]
        kind, head = line[:1].decode("ascii", "replace"), json.loads(line[1:] or b"{}")
        if kind == "E":
            raise HubError(**head)
        if kind not in kinds:
            raise self._broken()
        size = head["bytes"] if kind == "B" else 0
        while len(self._held) < size:
            self._fill()
        body, self._held = self._held[:size], self._held[size:]
        return Message(kind, head, body)

    def _fill(self) -> None:
        until = time.monotonic() + self._silence
        while not self._ready.select(min(_TICK, self._silence)):
            self.on_wait()
            if time.monotonic() > until:
                raise HubError(
                    f"The Hub sent nothing of {self._name} for {self._silence:g} seconds.", "Try again later."
                )
        piece = os.read(self._pipe, _PIPE_BYTES)
        if not piece:
            raise self._broken()
        self._held += piece

    def _broken(self) -> HubError:
        self._process.kill()
        self._process.wait()
        self._log.seek(0)
        said = self._log.read().decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        words = hide_token(said[-1])[:300]
        return HubError(f"Reading {self._name} from the Hub broke off: {words}", "Try again.")


class HubFile:
    """One file as the child passes it on: a stream of bytes that gives what is there, and waits for no more.

    `format` is empty for a file as it is stored; see __main__.py. `options` are fields of a Source.
    """

    def __init__(self, child: Child, head: Mapping[str, Any]) -> None:
        self._child = child
        self._held = b""
        self._ended = False
        self.name, self.split, self.format = head["name"], head["split"], head["format"]
        self.options: Mapping[str, Any] = head["options"]
        self.stored = 0

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; b"" only at the end. `stored` is how much of the stored file that was."""
        while not self._held and not self._ended:
            message = self._child.next("BN")
            self._ended = message.kind == "N"
            self._held, self.stored = message.body, message.head.get("at", self.stored)
        size = len(self._held) if size < 0 else size
        piece, self._held = self._held[:size], self._held[size:]
        return piece


class HubStream:
    """The files of a dataset, one after another. `opened` is what the child has opened, `total` its bytes."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self._wish = "file"
        self._done = 0
        self._file: HubFile | None = None
        opened = child.next("O").head
        self.total: int = opened.pop("bytes")
        self.splits: tuple[str, ...] = tuple(opened.pop("splits"))
        self.opened: Mapping[str, Any] = opened

    @property
    def bytes_read(self) -> int:
        """How much of the stored files has been passed on."""
        return self._done + (self._file.stored if self._file is not None else 0)

    def __iter__(self) -> Iterator[HubFile]:
        """Each file, asked for when it is its turn; what was not read of one before is passed over."""
        self._child.tell("file")
        while (message := self._child.next("FZ")).kind == "F":
            self._file = HubFile(self._child, message.head)
            yield self._file
            self._child.tell(self._wish)
            self._done, self._wish = self.bytes_read, "file"
            while self._file.read():
                pass
            self._file = None

    def end_split(self) -> None:
        """Say that enough of the present split has been read: the next file is of the next one."""
        self._wish = "split"


def pass_hub_environment(current: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """What a process that asks the Hub is given of the environment, the token among it, and nothing else."""
    passed = {
        name: value
        for name, value in current.items()
        if name.upper().startswith(_PASSED) or name.upper() in _NAMED
    }
    seconds = str(max(1, int(settings.limits.network_seconds)))
    return passed | {
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "PYTHONUTF8": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_UPDATE_DOWNLOAD_COUNTS": "0",  # `datasets` would tell a server beside the Hub of every load
        "HF_HUB_DOWNLOAD_TIMEOUT": seconds,
        "HF_HUB_ETAG_TIMEOUT": seconds,
    }


def hide_token(text: str) -> str:
    """The text without what looks like a token of the Hub."""
    return _TOKEN.sub("…", text)
