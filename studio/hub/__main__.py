"""The child process: opens a Hub dataset and writes its lines to standard output, message by message.

JSON Lines are passed on byte by byte. Of other files `datasets` makes the records: it unifies types within a
column (1 beside 2.5 becomes 1.0) and fills missing keys with null; media stay undecoded, and bytes are
described by their size.
"""

import io
import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from datetime import time as clock
from typing import Any

from studio.errors import HubError

_JSON_FILE = re.compile(r"\.(jsonl|ndjson|json)(\.(gz|bz2|xz|zst))?$", re.IGNORECASE)
_LONGEST = 256 << 20  # bytes of a line that are held at once; the rest of a longer one is quarantined too


def main(request: dict[str, Any]) -> None:
    """Write the messages of one request to standard output; what libraries print goes to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def send(kind: bytes, line: bytes) -> None:
        out.write(kind + line + b"\n")
        out.flush()

    try:
        opened, lines = _open_dataset(request)
        send(b"O", _dump(opened))
        for line in lines:
            send(b"R", line)
        send(b"Z", b"")
    except BrokenPipeError:
        os._exit(0)  # nobody listens any more
    except Exception as error:
        problem = _explain(error, request["name"])
        send(b"E", _dump({"message": problem.message, "hint": problem.hint}))


def _open_dataset(request: dict[str, Any]) -> tuple[dict[str, str], Iterator[bytes]]:
    """What was opened, and its lines without their ends."""
    import datasets
    from huggingface_hub import HfApi

    name = request["name"]
    commit = str(HfApi().dataset_info(name, revision=request["revision"]).sha)
    configs = datasets.get_dataset_config_names(name, revision=commit)
    config = _choose(request["config"], configs, "default", f"configs of {name}")
    builder = datasets.load_dataset_builder(name, config, revision=commit)
    files = builder.config.data_files or {}
    split = _choose(request["split"], [str(split) for split in files], "train", f"splits of {name}")
    urls = [str(url) for url in files[split]]
    opened = {"revision": commit, "config": config, "split": split}
    if _holds_lines(urls) and getattr(builder.config, "field", None) is None:
        return opened, _read_lines(urls)
    rows = builder.as_streaming_dataset(split=split)
    return opened, (_dump(row) for row in (rows.decode(False) if rows.features else rows))


def _holds_lines(urls: list[str]) -> bool:
    """Whether every file is JSON Lines, whose spelling `datasets` would lose (it reads dates as times)."""
    if not all(_JSON_FILE.search(url) for url in urls):
        return False
    first = next((line.strip() for line in _read_lines(urls[:1]) if line.strip()), b"")
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        # A first record that is broken, unless it is the opening of one object over many lines.
        return first.startswith(b"{") and first != b"{"


def _read_lines(urls: list[str]) -> Iterator[bytes]:
    import fsspec

    for url in urls:
        with fsspec.open(url, "rb", compression="infer") as stream, io.BufferedReader(stream) as file:
            while line := file.readline(_LONGEST):
                yield line.removesuffix(b"\n")


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=_describe).encode("utf-8", "surrogatepass")


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
