"""The child process: reads a stranger's tokenizer with transformers, or renders its chat template.

    python -I -m studio.tokenizing load {"name": "org/name", "revision": "main", "folder": "…", "hub": true}
        {"say": "fetching tokenizer.json"}
        {"made": {"name": "org/name", "revision": "9f2c…"}}   or   {"problem": "…", "hint": "…"}

    python -I -m studio.tokenizing render
        its standard input: the chat template, then one batch of conversations a line; an answer for each

What is made lies in the folder's `made/`, what it is made from in its `given/`. What libraries print goes to
standard error.
"""

import json
import os
import resource
import sys
from typing import Any, BinaryIO, cast

_MOST_BYTES = 4 << 30


def main(arguments: list[str]) -> int:
    """Do what is asked; the exit status is always 0, a problem is told."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit_memory()
    # A tokenizer needs no torch, and transformers would spend seconds on importing it.
    sys.modules["torch"] = cast(Any, None)
    if arguments[0] == "load":
        from studio.tokenizing.reading import read_tokenizer

        for said in read_tokenizer(json.loads(arguments[1])):
            _tell(out, said)
    else:
        from studio.tokenizing.rendering import answer_batches

        for said in answer_batches(sys.stdin.buffer):
            _tell(out, said)
    return 0


def _tell(out: BinaryIO, said: dict[str, Any]) -> None:
    try:
        out.write(json.dumps(said).encode() + b"\n")
        out.flush()
    except BrokenPipeError:
        os._exit(0)  # nobody listens any more


def _limit_memory() -> None:
    try:
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    except (OSError, ValueError):  # a system without this limit, or under a lower one already
        pass
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
