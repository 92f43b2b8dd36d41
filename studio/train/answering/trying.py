"""Prompts answered one after another by models that stay in memory, token by token.

python -I -m studio.train.answering.trying RUN_FOLDER IDLE_SECONDS base tuned

A line of JSON asks, lines of JSON answer:

    {"ask": 1, "prompt": "### Question:\\n…", "decoding": {"method": "greedy", "max_new_tokens": 64}}
    {"event": "asked", "ask": 1, "prompt": "### Question:\\n…", "tokens": 12, "cut": false}
    {"event": "text", "ask": 1, "which": "tuned", "text": " Lamini"}   … {"event": "answer", "ask": 1, …}
    {"stop": 1}

Ends by itself when nobody has asked for long, and at once when its reader is gone.
"""

import io
import json
import os
import queue
import resource
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from studio.errors import StudioError
from studio.run import RunDir
from studio.run.faults import name_failure

Say = Callable[..., None]


def main(arguments: list[str]) -> int:
    """Answer until nobody asks any more; the exit status is 0 unless the models could not be opened."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Whatever a library prints goes to the log: the lines are for the reader alone.
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    desk = Desk(sys.stdin)
    say = make_voice(lines)
    folder, idle, *wanted = arguments
    try:
        # torch takes seconds, and a reader that leaves has to be noticed meanwhile.
        from studio.train.answering.models import Models

        models = Models(RunDir(Path(folder)), wanted)
    except BaseException as error:
        say("failed", **explain(error))
        return 1
    say("ready", hashes=models.hashes)
    while (asked := desk.next(float(idle))) is not None:
        try:
            models.answer(asked, say, partial(desk.has_stopped, asked["ask"]))
        except Exception as error:
            say("failed", ask=asked["ask"], **explain(error))
    return 0


class Desk:
    """What was asked and not yet answered, and what was stopped; the process ends when its reader is gone."""

    def __init__(self, lines: io.TextIOBase | Any) -> None:
        self._stopped: set[int] = set()
        self._asked: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._hear, args=(lines,), daemon=True).start()

    def next(self, seconds: float) -> dict[str, Any] | None:
        """The next question; None when none has come for so long."""
        try:
            return self._asked.get(timeout=seconds)
        except queue.Empty:
            return None

    def has_stopped(self, number: int) -> bool:
        """Whether the answer to this question is not wanted any more."""
        return number in self._stopped

    def _hear(self, lines: Any) -> None:
        for line in lines:
            said = json.loads(line)
            if "stop" in said:
                self._stopped.add(said["stop"])
            else:
                self._asked.put(said)
        os._exit(0)


def make_voice(lines: Any) -> Say:
    """Says an event as a line; of two that speak at once, one waits."""
    lock = threading.Lock()

    def say(event: str, **values: Any) -> None:
        with lock:
            lines.write(json.dumps({"event": event, **values}) + "\n")
            lines.flush()

    return say


def explain(error: BaseException) -> dict[str, str]:
    """What went wrong, in words."""
    if isinstance(error, StudioError):
        return {"message": error.message, "hint": error.hint}
    traceback.print_exc()
    kind, reason = name_failure(error)
    hint = "answers/log.txt of the run holds more." if kind == "bug" else "Close other programs, or try less."
    return {"message": f"The models could not answer: {reason}", "hint": hint}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
