"""A prompt of one's own, asked of one or two models of a run, and what they said, kept as a history.

    {"at": "2026-01-05T10:11:12Z", "values": {"question": "Who are you?"}, "prompt": "### Question:\n…",
     "tokens": 12, "cut": false, "decoding": {"method": "greedy", "max_new_tokens": 64},
     "answers": [{"which": "base", "completion": "…", "finished": true, "weights_sha256": "…", …}, …]}

A line of `eval/tries.jsonl`, written when the answers have ended, also when they were stopped.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.answers.answerer import Answerer, Answerers
from studio.answers.asking import Asked
from studio.errors import RunError
from studio.job import require_training
from studio.run import RunDir, read_lines
from studio.run.decoding import Decoding
from studio.run.sides import BASE, TUNED, find_side

USUAL = (BASE, TUNED)

Hear = Callable[[dict[str, Any]], None]


class Try:
    """One question under way: events one by one, and a stop. What was said is kept when it ends.

    Raises RunError, in words, for models that there are not, and while they answer another question.
    """

    def __init__(
        self,
        run_dir: RunDir,
        asked: Asked,
        answerers: Answerers,
        decoding: Decoding | None = None,
        wanted: Sequence[str] = USUAL,
    ) -> None:
        self._run_dir, self._answerers = run_dir, answerers
        self._decoding = decoding or Decoding()
        self._wanted = check_wanted(run_dir, wanted)
        self._record = _begin_record(asked, self._decoding)
        self._texts = dict.fromkeys(self._wanted, "")
        self._answers: dict[str, dict[str, Any]] = {}
        self._answerer: Answerer | None = answerers.take(run_dir, self._wanted)
        self._answerer.ask({**asked.to_dict(), "decoding": self._decoding.to_dict()})

    @property
    def over(self) -> bool:
        """Whether no more events come."""
        return self._answerer is None

    def next(self, seconds: float = 1.0) -> dict[str, Any] | None:
        """The next event, or None when none has come for so long.

        `ready` {hashes}, where the models were not warm, `asked` {prompt, tokens, cut}, `text` {which, text},
        `answer` {which, completion, …}, at the end `done` {try: the line kept} or `failed` {message, hint}.
        """
        if self._answerer is None:
            return None
        said = self._answerer.hear(seconds)
        if said is not None:
            self._note(said)
        return said

    def stop(self) -> None:
        """End it now, if it goes on; what was said so far is kept."""
        if self._answerer is None:
            return
        self._answerer.stop()
        for which, text in self._texts.items():
            if text and which not in self._answers:
                sha256 = self._answerer.hashes.get(which, "")
                self._answers[which] = _cut_answer(which, text, sha256)
        self._end()

    def _note(self, said: dict[str, Any]) -> None:
        event = said["event"]
        if event == "asked":
            self._record |= {name: said[name] for name in ("prompt", "tokens", "cut")}
        if event == "text":
            self._texts[said["which"]] += said["text"]
        if event == "answer":
            self._answers[said["which"]] = {name: said[name] for name in said if name != "event"}
        if event in ("done", "failed"):
            self._end()
            said["try"] = self._record

    def _end(self) -> None:
        assert self._answerer is not None
        self._answerers.give_back(self._answerer)
        self._answerer = None
        self._record["answers"] = [self._answers[one] for one in self._wanted if one in self._answers]
        if self._answers and self._run_dir.path.exists():  # it may have been removed meanwhile
            append_try(self._run_dir, self._record)


def try_prompt(
    run_dir: RunDir,
    asked: Asked,
    decoding: Decoding | None = None,
    wanted: Sequence[str] = USUAL,
    *,
    answerers: Answerers | None = None,
    hear: Hear = lambda event: None,
) -> dict[str, Any]:
    """The line of the history that a question makes, once all its models have answered; `hear` is told of
    every event on the way. An interrupt stops it. Raises RunError in the models' words when they cannot.
    """
    if answerers is None:
        with Answerers() as own:
            return try_prompt(run_dir, asked, decoding, wanted, answerers=own, hear=hear)
    tried = Try(run_dir, asked, answerers, decoding, wanted)
    try:
        while not tried.over:
            said = tried.next()
            if said is not None:
                hear(said)
    finally:
        tried.stop()
    if said is None or said["event"] == "failed":
        raise RunError(said["message"] if said else "The models are gone.", said["hint"] if said else "")
    record: dict[str, Any] = said["try"]
    return record


def check_wanted(run_dir: RunDir, wanted: Sequence[str]) -> tuple[str, ...]:
    """The names of one or two models that can answer. Raises RunError in words for others."""
    chosen = tuple(dict.fromkeys(wanted))
    if not 1 <= len(chosen) <= 2:
        raise RunError(f"{len(chosen)} models cannot answer side by side.", "Name one or two.")
    require_training()
    for which in chosen:
        find_side(run_dir, which)
    return chosen


def list_tries(run_dir: RunDir) -> list[dict[str, Any]]:
    """The history of a run, the newest first."""
    return list(read_lines(history_file(run_dir)))[::-1]


def append_try(run_dir: RunDir, record: Mapping[str, Any]) -> None:
    """Add a line to the history."""
    path = history_file(run_dir)
    path.parent.mkdir(exist_ok=True)
    with path.open("ab") as file:
        file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")


def history_file(run_dir: RunDir) -> Path:
    """Where the history of a run lies."""
    return run_dir.metrics.parent / "tries.jsonl"


def _begin_record(asked: Asked, decoding: Decoding) -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "values": asked.values,
        "prompt": asked.prompt,
        "tokens": None,
        "cut": False,
        "decoding": decoding.to_dict(),
        "answers": [],
    }


def _cut_answer(which: str, text: str, sha256: str) -> dict[str, Any]:
    return {
        "which": which,
        "completion": text,
        "finished": False,
        "stopped": True,
        "tokens": None,
        "seconds": None,
        "weights_sha256": sha256,
    }
