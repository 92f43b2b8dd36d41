"""The Hugging Face Hub: the first records of a dataset, stored as a table.

`datasets` is slow to import and keeps threads and caches, so that it lives in a child process of its own.
The child writes one line per message, the first letter its kind:

    O {"revision": "9f2c…", "config": "default", "split": "train"}     what was opened
    R {"question": "…", "answer": "…"}                                 a record
    Z {"complete": false}                                              the end; whether the split ended too
    E {"message": "…", "hint": "…"}                                    a problem in words, instead of the rest

Records come as `datasets` gives them: it unifies types within a column (1 beside 2.5 becomes 1.0) and fills
missing keys with null. Media stay undecoded, and bytes are described by their size. No code of the dataset
is ever run.
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
from datetime import date, timedelta
from datetime import time as clock
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
        TableWriter(folder, source=records.source, kind="hub", limits=settings.limits) as writer,
    ):
        if progress is not None:
            records.on_read = lambda: progress(records.bytes_read, None, writer.accepted)
        read_jsonl(records, writer, settings.limits, None)
        refuse_without_record(writer)
        return writer.finish(complete=records.complete, sha256=None, size=records.bytes_read)


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
    """A stream of JSON Lines from the child.

    `source` is what it opened; `complete` holds once it is read to the end.
    """

    def __init__(
        self, child: subprocess.Popen[bytes], log: IO[bytes], source: Source, silence: float
    ) -> None:
        self._child, self._log, self._silence = child, log, silence
        self._name = source.name
        self._heard = time.monotonic()
        self._silent = False
        self.complete = False
        self.bytes_read = 0
        self.on_read: Callable[[], None] = lambda: None
        threading.Thread(target=self._watch, daemon=True).start()
        self.source = replace(source, **json.loads(self._next("O")))

    def read(self, size: int, /) -> bytes:
        """The next record with its line end; b"" after the last."""
        line = self._next("RZ")
        if self._kind == "Z":
            self.complete = json.loads(line)["complete"]
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
        "first": source.first,
    }


def _environment(current: "os._Environ[str]", settings: Settings) -> dict[str, str]:
    passed = {
        name: value
        for name, value in current.items()
        if name.upper().startswith(_PASSED) or name.upper() in _PROXIES
    }
    seconds = str(max(1, int(settings.limits.network_seconds)))
    return passed | {
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "PYTHONUTF8": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DOWNLOAD_TIMEOUT": seconds,
        "HF_HUB_ETAG_TIMEOUT": seconds,
    }


# Below: the child process.


def main(request: dict[str, Any]) -> None:
    """Write the messages of one request to standard output; what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def send(kind: str, value: Any) -> None:
        text = json.dumps(value, ensure_ascii=False, default=_describe)
        out.write(f"{kind}{text}\n".encode("utf-8", "surrogatepass"))
        out.flush()

    try:
        opened, rows = _open_dataset(request)
        send("O", opened)
        sent = 0
        for row in rows.take(request["first"] + 1):
            if sent < request["first"]:
                send("R", row)
            sent += 1
        send("Z", {"complete": sent <= request["first"]})
    except BrokenPipeError:
        os._exit(0)  # nobody listens any more
    except Exception as error:
        problem = _explain(error, request["name"])
        send("E", {"message": problem.message, "hint": problem.hint})


def _open_dataset(request: dict[str, Any]) -> tuple[dict[str, str], Any]:
    import datasets
    from huggingface_hub import HfApi

    name = request["name"]
    commit = HfApi().dataset_info(name, revision=request["revision"]).sha
    configs = datasets.get_dataset_config_names(name, revision=commit)
    config = _choose(request["config"], configs, "default", f"configs of {name}")
    splits = datasets.load_dataset(name, config, revision=commit, streaming=True)
    split = _choose(request["split"], list(splits), "train", f"splits of {name}")
    opened = {"revision": str(commit), "config": config, "split": split}
    rows = splits[split]
    return opened, rows.decode(False) if rows.features else rows


def _choose(asked: str | None, found: list[str], usual: str, what: str) -> str:
    listed = ", ".join(found[:30]) + (", …" if len(found) > 30 else "")
    if asked is not None:
        if asked not in found:
            raise HubError(f"{asked} is none of the {what}.", f"They are: {listed}.")
        return asked
    if len(found) == 1:
        return found[0]
    if usual in found:
        return usual
    raise HubError(f"One of the {what} must be named.", f"They are: {listed}.")


def _describe(value: Any) -> Any:
    """What JSON has no spelling for: times in ISO 8601, bytes as their size, anything else as its text."""
    if isinstance(value, date | clock):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | bytearray):
        return f"<{len(value):,} bytes>"
    return str(value)


def _explain(error: Exception, name: str) -> HubError:
    from datasets.data_files import EmptyDatasetError
    from datasets.exceptions import DataFilesNotFoundError, DatasetNotFoundError
    from huggingface_hub import errors as hub

    if isinstance(error, HubError):
        return error
    if isinstance(error, hub.GatedRepoError) or "gated dataset" in str(error):
        return HubError(
            f"{name} is gated: the Hub asks you to accept its terms.",
            f"Accept them on the page of {name}, then set HF_TOKEN to your token.",
        )
    if isinstance(error, hub.RevisionNotFoundError):
        return HubError(f"{name} has no such revision on the Hub.", "Check the part after @.")
    if isinstance(error, hub.RepositoryNotFoundError | DatasetNotFoundError):
        return HubError(
            f"The Hub has no dataset {name} that you may read.",
            "Check the name; for a private dataset set HF_TOKEN. A file of yours needs its path.",
        )
    if isinstance(error, DataFilesNotFoundError | EmptyDatasetError):
        return HubError(f"{name} holds no data files that can be read.", "Look at its files on the Hub.")
    if isinstance(error, hub.OfflineModeIsEnabled):
        return HubError(f"{name} was not read: HF_HUB_OFFLINE is set.", "Unset it to use the Hub.")
    # By name, because which HTTP library raises it changes with the version of huggingface_hub.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & {"TransportError", "ConnectionError", "TimeoutError"}:
        return HubError(
            f"The Hub cannot be reached for {name}.", "Check the network, or load a file instead."
        )
    first = (str(error).strip().splitlines() or [""])[0][:300]
    return HubError(
        f"{name} cannot be read from the Hub: {type(error).__name__}: {first}", "Try another dataset."
    )


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
