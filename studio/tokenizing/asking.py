"""What a child process that reads a stranger's files is asked, and what it says until it has an answer.

    {"say": "fetching tokenizer.json"}
    {"made": {"name": "org/name", "revision": "9f2c…"}}   or   {"problem": "…", "hint": "…"}

One line of JSON each. Knows nothing of tokenizers or models.
"""

import json
import os
import selectors
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.hub.child import hide_token

PATIENCE = 120.0  # seconds without a word of the child
_PIECE = 1 << 16


def ask_child(
    command: Sequence[str],
    asked: Mapping[str, Any],
    environment: Mapping[str, str],
    what: str,
    kind: type[StudioError],
    say: Callable[[str], None],
) -> dict[str, Any]:
    """What the child has made in the folder `asked` names; it ends with this call, whatever it is doing.

    Raises an error of this kind, in the words of the child, about `what`.
    """
    log = Path(asked["folder"]) / "log.txt"
    with log.open("wb") as errors:
        child = subprocess.Popen(  # noqa: S603
            [*command, json.dumps(dict(asked))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=asked["folder"],
            env=dict(environment),
        )
    try:
        for line in _hear(child, what, kind):
            said = json.loads(line)
            if "problem" in said:
                raise kind(said["problem"], said["hint"])
            if "made" in said:
                return dict(said["made"])
            say(said["say"])
    finally:
        child.kill()
        child.communicate()
    words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it said nothing"]
    raise kind(f"Reading {what} broke off: {hide_token(words[-1])[:300]}", "Try again.")


def _hear(child: "subprocess.Popen[bytes]", what: str, kind: type[StudioError]) -> Iterator[bytes]:
    """The lines of the child until it ends, each within PATIENCE."""
    assert child.stdout is not None
    pipe, held, until = child.stdout.fileno(), b"", time.monotonic() + PATIENCE
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        while True:
            if not ready.select(max(0.0, until - time.monotonic())):
                raise kind(f"Nothing came of {what} for {PATIENCE:g} seconds.", "Try again later.")
            piece = os.read(pipe, _PIECE)
            if not piece:
                return
            *lines, held = (held + piece).split(b"\n")
            if lines:
                until = time.monotonic() + PATIENCE
            yield from lines
