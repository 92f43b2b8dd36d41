"""The child process: looks a dataset up on the Hub and passes on its files, message by message.

A message is a line, its first letter the kind, the rest JSON; the bytes that B announces follow its line:

    D {"name": "org/name", "revision": "9f2c…", "configs": {"default": ["train", "test"]}, …}
    O {"hub": "org/name", "revision": "9f2c…", "config": "default", "splits": ["train"], "bytes": 81920}
    F {"name": "data/train.jsonl.gz", "split": "train", "format": "", "options": {}}
    B {"bytes": 65536, "at": 65536}
    N {}
    Z {}
    E {"message": "…", "hint": "…"}

D answers "describe". O begins the answer to "read". Then the parent asks for one file after another: for the
next one (`file`), or for the first of the next split (`split`), also in the middle of a file. A file is F,
its bytes, and N; Z says that there is none. `format` is empty for a file as it is stored, "member" for one
that was in a zip, "typed" for the Arrow stream of what is in a Parquet or Arrow file, "media" for JSON Lines
that name media files. `at` is how much of the stored file has been passed on. The request is the first line
of standard input.
"""

import json
import os
import resource
import threading
from collections.abc import Iterator, Mapping, Sequence
from io import FileIO
from queue import Queue
from typing import Any

from studio.errors import HubError
from studio.hub.passing import iter_passed
from studio.hub.refusals import MEMORY_BYTES, explain
from studio.hub.repository import DataFiles, Repository, open_repository

Message = tuple[str, dict[str, Any], bytes]


def main() -> None:
    """Write the messages of one request to standard output; what libraries print goes to standard error."""
    _limit_memory()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    told = FileIO(0, closefd=False)
    request = json.loads(told.readline())
    try:
        for kind, head, body in _answer(request, told):
            out.write(f"{kind} {json.dumps(head)}\n".encode() + body)
            out.flush()
    except BrokenPipeError:
        os._exit(0)  # nobody listens any more
    except Exception as error:
        problem = explain(error, request["hub"])
        out.write(f"E {json.dumps({'message': problem.message, 'hint': problem.hint})}\n".encode())
        out.flush()


def _limit_memory() -> None:
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    except (OSError, ValueError):  # a system without this limit, or under a lower one already
        pass


def _answer(request: dict[str, Any], told: FileIO) -> Iterator[Message]:
    repository = open_repository(request["hub"], request["revision"])
    if request["ask"] == "describe":
        yield "D", _describe(repository), b""
    else:
        yield from _read(repository, request, told)


def _describe(repository: Repository) -> dict[str, Any]:
    return {
        "name": repository.name,
        "revision": repository.commit,
        "configs": {name: list(repository.find_splits(name)) for name in repository.configs},
        "config": repository.default,
        "gated": repository.gated,
        "records": repository.count_records(),
        "bytes": repository.count_bytes(),
    }


def _read(repository: Repository, request: dict[str, Any], told: FileIO) -> Iterator[Message]:
    name, asked = repository.name, request["split"]
    config = _choose(request["config"], list(repository.configs), repository.default, f"configs of {name}")
    found = repository.find_splits(config)
    splits = list(found)
    if asked != "all" or "all" in found:
        splits = [_choose(asked, splits, "train", f"splits of {name}")]
    parts = {split: repository.find_files(config, split, found[split]) for split in splits}
    size = sum(file.size for part in parts.values() for file in part.files)
    opened = {"hub": name, "revision": repository.commit, "config": config, "splits": splits, "bytes": size}
    yield "O", opened, b""
    yield from _pass_files(repository, parts, _listen(told))


def _pass_files(
    repository: Repository, parts: Mapping[str, DataFiles], wishes: "Queue[str]"
) -> Iterator[Message]:
    wishes.get()
    for split, part in parts.items():
        for passed in iter_passed(repository, part.kind, part.files):
            head = {"name": passed.name, "split": split, "format": passed.format, "options": part.options}
            yield "F", head, b""
            for piece, at in passed.pieces:
                yield "B", {"bytes": len(piece), "at": at}, piece
                if not wishes.empty():
                    break
            yield "N", {}, b""
            if wishes.get() == "split":
                break
    yield "Z", {}, b""


def _listen(told: FileIO) -> "Queue[str]":
    """What the parent asks for, as it does."""
    wishes: Queue[str] = Queue()

    def listen() -> None:
        while line := told.readline():
            wishes.put(line.decode().strip())
        os._exit(0)  # the parent has gone

    threading.Thread(target=listen, daemon=True).start()
    return wishes


def _choose(asked: str | None, found: Sequence[str], usual: str | None, what: str) -> str:
    listed = ", ".join(found[:30]) + (", …" if len(found) > 30 else "")
    if asked is not None:
        if asked not in found:
            raise HubError(f"{asked} is none of the {what}.", f"They are: {listed}.")
        return asked
    if len(found) == 1:
        return found[0]
    if usual in found:
        return str(usual)
    raise HubError(f"One of the {what} must be named.", f"They are: {listed}.")


if __name__ == "__main__":
    main()
