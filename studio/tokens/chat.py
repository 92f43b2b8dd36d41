"""A chat template, rendered in a process of its own: Jinja from a stranger never runs in this one.

    {"messages": [[{"role": "user", "content": "Hi"}, …], …]}
    {"texts": ["<|im_start|>user\\nHi<|im_end|>\\n…"], "answers": [[[38, 51]]]}

One line of JSON asks for a batch, one answers. Knows nothing of tokens. What answers is `studio.tokenizing`,
which renders in the sandbox of transformers.
"""

import json
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from studio.errors import TokenizerError
from studio.record import Message
from studio.tokens.about import ChatTemplate
from studio.worker import pass_environment

RENDERER = (sys.executable, "-I", "-m", "studio.tokenizing", "render")
PATIENCE = 60.0  # seconds for one answer, the start of the process with it
_MOST_BYTES = 256 << 20
_PIECE = 1 << 20
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ")
_FIXED = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


class ChatRefusedError(TokenizerError):
    """A conversation that the chat template does not take; `place` is its position in the batch."""

    def __init__(self, message: str, hint: str, *, place: int) -> None:
        super().__init__(message, hint)
        self.place = place


class Chat:
    """The process that renders one chat template; it starts when it is first needed, and ends on `close`."""

    def __init__(self, name: str, template: ChatTemplate) -> None:
        self._name, self._template = name, template
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def render(self, batch: Sequence[Sequence[Message]]) -> list[tuple[str, list[tuple[int, int]]]]:
        """For each conversation its text, and the ranges of characters that the assistant says.

        Raises ChatRefusedError for one that the template does not take, TokenizerError when the process is
        silent or breaks off.
        """
        asked = {"messages": [[asdict(message) for message in messages] for messages in batch]}
        with self._lock:
            said = self._ask(asked)
        return [
            (text, [(start, stop) for start, stop in answers])
            for text, answers in zip(said["texts"], said["answers"], strict=True)
        ]

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            process = self._process or self._start()
            _tell(process, asked)
            said: dict[str, Any] = json.loads(_hear(process, time.monotonic() + PATIENCE))
        except _BrokenError as error:
            self.close()
            raise TokenizerError(
                f"The chat template of {self._name} {error}.",
                "Choose another tokenizer, or a template of prompt and completion.",
            ) from error
        if "problem" in said:
            raise self._explain(said)
        return said

    def _start(self) -> "subprocess.Popen[bytes]":
        self._process = subprocess.Popen(  # noqa: S603
            RENDERER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=tempfile.gettempdir(),
            env=pass_environment(os.environ, _ENVIRONMENT) | _FIXED,
        )
        _tell(self._process, asdict(self._template))
        return self._process

    def _explain(self, said: dict[str, Any]) -> TokenizerError:
        message = f"The chat template of {self._name} does not take an example: {said['problem']}"
        hint = "Change the roles or their order, or choose another tokenizer."
        if said["place"] is not None:
            return ChatRefusedError(message, hint, place=said["place"])
        return TokenizerError(
            f"The chat template of {self._name} cannot be used: {said['problem']}",
            "Choose another tokenizer, or a template of prompt and completion.",
        )


class _BrokenError(Exception):
    """Says what became of the process."""


def _tell(process: "subprocess.Popen[bytes]", values: dict[str, Any]) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps(values).encode() + b"\n")
        process.stdin.flush()
    except BrokenPipeError as error:
        raise _BrokenError("broke off") from error


def _hear(process: "subprocess.Popen[bytes]", until: float) -> bytes:
    """The next line that the process writes, before the time is over."""
    assert process.stdout is not None
    pipe, held = process.stdout.fileno(), bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        while not held.endswith(b"\n"):
            if not ready.select(max(0.0, until - time.monotonic())):
                raise _BrokenError(f"did not answer within {PATIENCE:g} seconds")
            piece = os.read(pipe, _PIECE)
            if not piece:
                raise _BrokenError("broke off")
            held += piece
            if len(held) > _MOST_BYTES:
                raise _BrokenError("makes too long a text")
    return bytes(held)
