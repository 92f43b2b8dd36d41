"""The Hugging Face Hub: the first records of a dataset, stored as a table.

`datasets` is slow to import and keeps threads and caches, so that it lives in a child process of its own.
The child writes one line per message, the first letter its kind:

    O {"revision": "9f2c…", "config": "default", "split": "train"}     what was opened
    R {"question": "…", "answer": "…"}                                 a line of the split
    Z                                                                  the end of the split
    E {"message": "…", "hint": "…"}                                    a problem in words, instead of the rest

Lines of JSON files come as they stand there. Records of other files come as `datasets` gives them. No code of
the dataset is ever run. The child is this folder's __main__.py.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from studio.errors import HubError
from studio.reader import Progress, read_jsonl, refuse_without_record
from studio.settings import Settings
from studio.source import Source
from studio.table import Table, TableWriter

_SILENCE = 4  # times the network limit: the libraries try again a few times before they give up
_PASSED = ("HF_", "LC_", "SSL_", "PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME", "SYSTEMROOT")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def read_hub(source: Source, folder: Path, settings: Settings, *, progress: Progress | None = None) -> Table:
    """Store the first records of a Hub dataset in `folder`, which must not exist.

    The table's source carries the commit, config and split that were opened, so that it can be opened
    again. Raises HubError with what to choose from when a config or split must be named, or with what the
    Hub answered.
    """
    source = replace(source, first=source.first or settings.limits.stream_records)
    with (
        stream_records(source, settings) as records,
        TableWriter(
            folder,
            source=records.source,
            kind="hub",
            limits=settings.limits,
            first=source.limit(settings.limits.stream_records),
        ) as writer,
    ):
        if progress is not None:
            records.on_read = lambda: progress(records.bytes_read, None, writer.accepted)
        complete = read_jsonl(records, writer, source, settings.limits)
        refuse_without_record(writer)
        return writer.finish(complete=complete, sha256=None, size=records.bytes_read)


@contextmanager
def stream_records(source: Source, settings: Settings) -> "Iterator[HubRecords]":
    """Open a Hub dataset in a child process, which ends with the block."""
    with tempfile.TemporaryDirectory() as elsewhere, tempfile.TemporaryFile() as log:
        # In an empty folder, because `datasets` takes a folder named org/name for the dataset.
        child = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "studio.hub", json.dumps(_request(source))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=elsewhere,
            env=_environment(os.environ, settings),
        )
        try:
            yield HubRecords(child, log, source, settings.limits.network_seconds * _SILENCE)
        finally:
            child.kill()
            child.communicate()


class HubRecords:
    """A stream of JSON Lines from the child; `source` is what it opened."""

    def __init__(
        self, child: subprocess.Popen[bytes], log: IO[bytes], source: Source, silence: float
    ) -> None:
        self._child, self._log, self._silence = child, log, silence
        self._name = source.name
        self._heard = time.monotonic()
        self._silent = False
        self.bytes_read = 0
        self.on_read: Callable[[], None] = lambda: None
        threading.Thread(target=self._watch, daemon=True).start()
        self.source = replace(source, **json.loads(self._next("O")))

    def read(self, size: int, /) -> bytes:
        """The next line with its end; b"" after the last."""
        line = self._next("RZ")
        if self._kind == "Z":
            return b""
        self.bytes_read += len(line)
        self.on_read()
        return line

    def _next(self, kinds: str) -> bytes:
        line = self._child.stdout.readline() if self._child.stdout else b""
        self._heard = time.monotonic()
        self._kind = line[:1].decode("ascii", "replace")
        if self._kind == "E":
            raise HubError(**json.loads(line[1:]))
        if not line.endswith(b"\n") or self._kind not in kinds:
            raise self._broken()
        return line[1:]

    def _broken(self) -> HubError:
        if self._silent:
            return HubError(
                f"The Hub sent nothing of {self._name} for {self._silence:g} seconds.", "Try again later."
            )
        self._log.seek(0)
        said = self._log.read().decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        return HubError(f"Reading {self._name} from the Hub broke off: {said[-1][:300]}", "Try again.")

    def _watch(self) -> None:
        while self._child.poll() is None:
            if time.monotonic() - self._heard > self._silence:
                self._silent = True
                self._child.kill()
            time.sleep(0.2)


def _request(source: Source) -> dict[str, Any]:
    return {
        "name": source.hub,
        "config": source.config,
        "split": source.split,
        "revision": source.revision,
    }


def _environment(current: "os._Environ[str]", settings: Settings) -> dict[str, str]:
    passed = {
        name: value
        for name, value in current.items()
        if name.upper().startswith(_PASSED) or name.upper() in _PROXIES
    }
    seconds = str(max(1, int(settings.limits.network_seconds)))
    return passed | {
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "PYTHONUTF8": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DOWNLOAD_TIMEOUT": seconds,
        "HF_HUB_ETAG_TIMEOUT": seconds,
    }
