"""The process that holds the models of one run, asked and heard over its pipes; and those that are warm.

It starts with the first question, stays for some minutes after the last, and ends with the process that has
started it, however that ends. What it says is told in `studio.train.answering.trying`.
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from studio.errors import RunError
from studio.run import RunDir
from studio.worker import SYSTEM_VARIABLES, pass_environment

COMMAND = (sys.executable, "-I", "-m", "studio.train.answering.trying")
IDLE_SECONDS = 300.0  # that models stay in memory after the last answer
MOST_WARM = 2
PATIENCE = 5.0  # seconds in which an answer that was stopped has ended

_ENVIRONMENT = (
    *(*SYSTEM_VARIABLES, "LD_LIBRARY_PATH", "OMP_NUM_THREADS"),
    *("CUDA_VISIBLE_DEVICES", "CUDA_HOME"),
)
_FIXED = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONUTF8": "1"}
GONE: Mapping[str, Any] = {
    "event": "failed",
    "message": "The process of the models is gone.",
    "hint": "Ask again. There may be too little memory; answers/log.txt of the run may say more.",
}


class Answerer:
    """A process with the models of these names; it opens them at once, and answers one question at a time.

    `hashes` are those of the models' weights, once they are open.
    """

    def __init__(self, run_dir: RunDir, wanted: tuple[str, ...]) -> None:
        self.key = make_key(run_dir, wanted)
        self.busy = False
        self.used = time.monotonic()
        self.hashes: Mapping[str, str] = {}
        self._asked = 0
        self._failed = False
        self._said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._process = _start(run_dir, wanted)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return not self._failed and self._process.poll() is None

    def ask(self, question: Mapping[str, Any]) -> None:
        """Ask; what was said of an earlier question is not heard any more."""
        self._asked += 1
        self._write({"ask": self._asked, **question})

    def hear(self, seconds: float) -> dict[str, Any] | None:
        """The next that it says of this question, without its number; None when nothing comes for so long."""
        end = time.monotonic() + seconds
        while True:
            try:
                said = self._said.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                return None
            if "ask" not in said:
                self.hashes = said.get("hashes", self.hashes)
                self._failed = said["event"] == "failed"
            if said.pop("ask", self._asked) == self._asked:
                return said

    def stop(self) -> None:
        """Stop the answer; it ends with what there is of it."""
        self._write({"stop": self._asked})

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()

    def _write(self, values: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):  # one that is gone says so where it is heard
            self._process.stdin.write(json.dumps(values) + "\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with suppress(ValueError, OSError):
            for line in self._process.stdout:
                self._said.put(json.loads(line))
        self._said.put(dict(GONE))


class Answerers:
    """The processes that are warm, MOST_WARM at most; a context manager that ends them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._warm: list[Answerer] = []

    def __enter__(self) -> "Answerers":
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def take(self, run_dir: RunDir, wanted: tuple[str, ...]) -> Answerer:
        """The process of these models, warm or begun now, for one question; `give_back` it.

        Raises RunError while it, or as many as may be warm, answer others.
        """
        end = time.monotonic() + PATIENCE
        while (found := self._try_take(run_dir, wanted)) is None:
            if time.monotonic() > end:
                raise RunError("The models answer other prompts.", "Wait until that is done, or stop it.")
            time.sleep(0.05)
        return found

    def give_back(self, answerer: Answerer) -> None:
        """Let others ask it."""
        with self._lock:
            answerer.busy, answerer.used = False, time.monotonic()

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            while self._warm:
                self._warm.pop().close()

    def _try_take(self, run_dir: RunDir, wanted: tuple[str, ...]) -> Answerer | None:
        key = make_key(run_dir, wanted)
        with self._lock:
            for dead in [one for one in self._warm if not one.alive and not one.busy]:
                self._warm.remove(dead)
                dead.close()
            found = next((one for one in self._warm if one.key == key), None)
            if found is None and self._make_room():
                found = Answerer(run_dir, wanted)
                self._warm.append(found)
            if found is None or found.busy:
                return None
            found.busy = True
            return found

    def _make_room(self) -> bool:
        if len(self._warm) < MOST_WARM:
            return True
        idle = [one for one in self._warm if not one.busy]
        if not idle:
            return False
        oldest = min(idle, key=lambda one: one.used)
        self._warm.remove(oldest)
        oldest.close()
        return True


def make_key(run_dir: RunDir, wanted: tuple[str, ...]) -> tuple[Any, ...]:
    """What is equal only for the same models: a run that has gone on since has others."""
    return run_dir.path.absolute(), wanted, run_dir.state_file.stat().st_mtime_ns


def _start(run_dir: RunDir, wanted: tuple[str, ...]) -> "subprocess.Popen[str]":
    folder = run_dir.path.absolute()
    log = folder / "answers" / "log.txt"
    log.parent.mkdir(mode=0o700, exist_ok=True)
    command = (*COMMAND, str(folder), str(IDLE_SECONDS), *wanted)
    with log.open("wb") as errors:
        return subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            env=pass_environment(os.environ, _ENVIRONMENT) | _FIXED,
            cwd=folder,
        )
