"""What a person thinks of pairs: better, worse or the same, one line a decision in `eval/marks.jsonl`.

    {"left": "base", "right": "tuned", "key": "9f2c…", "mark": "better"}
    {"left": "base", "right": "tuned", "undo": true}

Lines are only ever appended, the last one of a key counts; a mark is of two sides, so that what was said of
one checkpoint is not said of another. A line that is torn or not one of these is passed over.
"""

import fcntl
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from studio.errors import RunError
from studio.run import RunDir, read_lines

Mark = Literal["better", "worse", "same"]

MARKS: tuple[Mark, ...] = get_args(Mark)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """`marks` by key; `undo` is the key of the decision that would be taken back next, empty for none."""

    marks: Mapping[str, Mark] = field(default_factory=dict)
    undo: str = ""

    def count(self, keys: Iterable[str]) -> dict[str, int]:
        """The tally over the pairs with these keys: `better worse same`."""
        counts = Counter(self.marks[key] for key in keys if key in self.marks)
        return {mark: counts[mark] for mark in MARKS}


def read_marks(run_dir: RunDir, left: str = "base", right: str = "tuned") -> Marks:
    """What was decided of the pairs of two sides."""
    marks: dict[str, Mark] = {}
    before: list[tuple[str, Mark | None]] = []
    for line in read_lines(_file(run_dir)):
        if (line.get("left"), line.get("right")) != (left, right):
            continue
        key, mark = line.get("key"), line.get("mark")
        if line.get("undo") is True:
            if before:
                _put(marks, *before.pop())
        elif isinstance(key, str) and (mark is None or mark in MARKS):
            before.append((key, marks.get(key)))
            _put(marks, key, mark)
    return Marks(marks=marks, undo=before[-1][0] if before else "")


def mark_pair(
    run_dir: RunDir, key: str, mark: Mark | None, left: str = "base", right: str = "tuned"
) -> Marks:
    """Note a decision, None to take the mark of a pair away. RunError for a mark that there is not."""
    if mark is not None and mark not in MARKS:
        raise RunError(f"There is no mark {mark!r}.", f"Choose one of: {', '.join(MARKS)}.")
    if read_marks(run_dir, left, right).marks.get(key) != mark:
        _append(run_dir, {"left": left, "right": right, "key": key, "mark": mark})
    return read_marks(run_dir, left, right)


def undo_mark(run_dir: RunDir, left: str = "base", right: str = "tuned") -> Marks:
    """Take the last decision back. RunError when there is none."""
    if not read_marks(run_dir, left, right).undo:
        raise RunError("There is no mark to undo.", "Nothing was marked since.")
    _append(run_dir, {"left": left, "right": right, "undo": True})
    return read_marks(run_dir, left, right)


def _put(marks: dict[str, Mark], key: str, mark: Mark | None) -> None:
    if mark is None:
        marks.pop(key, None)
    else:
        marks[key] = mark


def _append(run_dir: RunDir, line: Mapping[str, Any]) -> None:
    path = _file(run_dir)
    path.parent.mkdir(exist_ok=True)
    with path.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # released with the file
        torn = file.seek(0, os.SEEK_END) and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n"
        file.write((b"\n" if torn else b"") + json.dumps(line, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _file(run_dir: RunDir) -> Path:
    return run_dir.path / "eval" / "marks.jsonl"
