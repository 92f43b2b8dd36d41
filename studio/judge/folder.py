"""The files of one judging, inside of the run that it is about.

    runs/<id>/eval/judge-<id>/ spec.json replies.jsonl sent scores.json
                               request.json state.json lock log.txt      those of a Task

One line of replies.jsonl, for each request that was answered or failed:

    {"row": 3, "order": ["tuned"], "attempt": 1, "seconds": 0.41, "reply": "85", "scores": [85], …}
    {"row": 4, "order": ["base"], "attempt": 1, "seconds": 30.0, "error": "… 503 Service Unavailable"}

`sent` has one byte for each request, written before it is sent, so that a killed worker hides none from the
budget. The key is in none of them.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from studio.compare import Pair, read_pairs
from studio.durable import write_file
from studio.errors import JudgeError
from studio.judge.asked import Asked, Call, from_dict
from studio.run import RunDir, read_lines

_PREFIX = "judge-"
_ID = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a judge replied to a call: `scores` in its order, None where the reply is no number."""

    call: Call
    text: str
    scores: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class JudgeDir:
    """The files of one judging."""

    path: Path

    @property
    def judge(self) -> str:
        """The id of the judging."""
        return self.path.name.removeprefix(_PREFIX)

    @property
    def run_dir(self) -> RunDir:
        """The run that is judged."""
        return RunDir(self.path.parent.parent)

    @property
    def replies(self) -> Path:
        return self.path / "replies.jsonl"

    @property
    def scores(self) -> Path:
        return self.path / "scores.json"

    @property
    def sent(self) -> int:
        """How many requests were sent so far."""
        try:
            return (self.path / "sent").stat().st_size
        except FileNotFoundError:
            return 0

    def note_sent(self) -> None:
        """Count one request."""
        with (self.path / "sent").open("ab") as file:
            file.write(b".")

    def write_spec(self, asked: Asked, budget: int, answers: str) -> None:
        """Keep what is asked, without the key."""
        told = {"judge": self.judge, "run": self.run_dir.run, **asked.to_dict(), "budget": budget}
        _write_json(self.path / "spec.json", told | {"answers": answers})

    def read_spec(self) -> Asked:
        """What was asked. Raises JudgeError where there is nothing, or it is damaged."""
        try:
            return from_dict(json.loads((self.path / "spec.json").read_bytes()))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise JudgeError(f"There is no judging {self.judge}.", "Begin it again.") from error

    def write_scores(self, scores: Mapping[str, Any]) -> None:
        """Keep what came of it."""
        _write_json(self.scores, scores)

    def add_line(self, call: Call, values: Mapping[str, Any]) -> None:
        """Append what became of one request."""
        line = {"row": call.row, "order": call.order, **values}
        with self.replies.open("ab") as file:
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def mend_lines(self) -> None:
        """End a line that a killed worker has left half written."""
        if self.replies.exists() and not self.replies.read_bytes().endswith(b"\n"):
            with self.replies.open("ab") as file:
                file.write(b"\n")

    def read_lines(self) -> list[dict[str, Any]]:
        """Every whole line, in the order in which the requests ended."""
        return list(read_lines(self.replies))


def open_folder(run_dir: RunDir, judge: str) -> JudgeDir:
    """The files of a judging of this run. Raises JudgeError for an id that is none."""
    if not _ID.fullmatch(judge):
        raise JudgeError(f"{judge!r:.40} is no judging.", "Its id is 12 hex digits.")
    return JudgeDir(run_dir.path / "eval" / f"{_PREFIX}{judge}")


def list_folders(run_dir: RunDir) -> list[JudgeDir]:
    """Every judging of a run, the one begun last first."""
    found = [path for path in (run_dir.path / "eval").glob(f"{_PREFIX}*") if (path / "spec.json").exists()]
    newest = sorted(
        found, key=lambda path: ((path / "spec.json").stat().st_mtime_ns, path.name), reverse=True
    )
    return [JudgeDir(path) for path in newest]


def read_answers(run_dir: RunDir) -> tuple[Pair, ...]:
    """What both sides of a finished run answered, in order; it is read once, for it changes no more."""
    files = (run_dir.base_completions, run_dir.tuned_completions)
    return _read_pairs(run_dir.path, *(file.stat().st_mtime_ns if file.exists() else 0 for file in files))


@lru_cache(maxsize=4)
def _read_pairs(path: Path, *changed: int) -> tuple[Pair, ...]:
    return read_pairs(RunDir(path))


def read_replies(lines: Iterable[Mapping[str, Any]]) -> dict[Call, Reply]:
    """The replies by their call; a request that failed has none."""
    found = {}
    for line in lines:
        if line.get("reply") is None:
            continue
        call = Call(row=line["row"], order=tuple(line["order"]))
        scores = None if line["scores"] is None else tuple(line["scores"])
        found[call] = Reply(call=call, text=line["reply"], scores=scores)
    return found


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    write_file(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")
