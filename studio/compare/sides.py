"""What can be compared: the answers of one model to a run's test part, by their address.

    9c41…/base   9c41…/tuned   9c41…/step-40   9c41…/tuned.1a2b3c4d (with another decoding than the run's)

    eval/step-40.jsonl   {"row": 0, "prompt": "…", "expected": "…", "completion": "…", "finished": true, …}
    eval/step-40.json    {"which": "step-40", "decoding": {…}, "weights_sha256": "…", "records": 140, …}

The second file is written last: a side that has it is whole. The base and the tuned model of a run that
succeeded are also told of by the run's own metrics. Knows files, no model.
"""

import json
import math
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import RunError
from studio.run import RunDir, RunState, read_lines, read_spec, read_state
from studio.run.label import read_label
from studio.run.sides import BASE, TUNED, answers_file

MEASURED = ("loss", "perplexity", "bits_per_byte")

_WHICH = re.compile(r"(?:base|tuned|step-\d{1,9})(?:\.[0-9a-f]{8})?")
_TEXTS, _NUMBERS = ("prompt", "expected"), ("loss", "tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One side: `which` is `base`, `tuned` or `step-N` of the run, and what follows a dot its decoding."""

    run: str
    which: str = TUNED

    def __str__(self) -> str:
        return f"{self.run}/{self.which}"

    @property
    def model(self) -> str:
        """`base`, `tuned` or `step-N`, whatever the decoding."""
        return self.which.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """A whole side: its lines by row, and what was `measured` of all of them.

    `loss` is in nats a token, `bits_per_byte` of the text that is learnt; `weights_sha256` is empty where it
    was not written down; `chosen_of` is how many records the test part has, where only some were asked.
    """

    address: Address
    lines: Mapping[int, Mapping[str, Any]]
    measured: Mapping[str, float]
    decoding: Mapping[str, Any]
    weights_sha256: str
    chosen_of: int | None = None


def parse_address(text: str, run: str = "") -> Address:
    """`RUN`, `RUN/WHICH`, or `WHICH` alone of the run that is given; RunError for anything else."""
    name, slash, which = text.partition("/")
    if not slash and run and _WHICH.fullmatch(name):
        name, which = run, name
    if not name or not _WHICH.fullmatch(which or TUNED):
        raise RunError(
            f"{text!r:.80} names nothing that could be compared.",
            "Give RUN, RUN/base, RUN/tuned or a checkpoint, such as RUN/step-40.",
        )
    return Address(run=name, which=which or TUNED)


def read_side(run_dir: RunDir, which: str) -> Evaluated:
    """One side of a run, whole; RunError in words for one that is not there, or damaged."""
    state = read_state(run_dir)
    said = _read_neighbour(run_dir, which) or _read_metrics(run_dir, state, which)
    lines = read_lines_of(run_dir, which)
    if len(lines) != said["records"] or not all(map(_is_whole, lines.values())):
        raise RunError(
            f"The answers of run {state.run} are damaged: {_describe_file(run_dir, which)} holds "
            f"{len(lines):,} whole lines of {said['records']:,}.",
            "Start the run again." if which in (BASE, TUNED) else f"Evaluate {which} again.",
        )
    return Evaluated(
        address=Address(run=state.run, which=which),
        lines=lines,
        measured={name: float(said[name]) for name in MEASURED},
        decoding=said.get("decoding") or {},
        weights_sha256=str(said.get("weights_sha256") or ""),
        chosen_of=_count_test(run_dir, said["records"]),
    )


def read_lines_of(run_dir: RunDir, which: str) -> dict[int, dict[str, Any]]:
    """The answers of a side so far, by row; none when it has no file, or one that is no text."""
    try:
        lines = list(read_lines(answers_file(run_dir, which)))
    except UnicodeDecodeError:
        return {}
    return {line["row"]: line for line in lines if isinstance(line.get("row"), int)}


def list_files(run_dir: RunDir, which: str) -> list[Path]:
    """The files of a side that are there, with the run's state."""
    lines = answers_file(run_dir, which)
    files = (run_dir.state_file, lines, lines.with_suffix(".json"))
    return [file for file in files if file.exists()]


def list_sides(run_dir: RunDir) -> list[dict[str, Any]]:
    """What of a run has been evaluated: base, checkpoints by step, tuned.

    `address run which name steps decoding records loss bits_per_byte`; `name` is the one that a person gave
    to the run. Empty for a run without a test part and for one that did not end well.
    """
    state = read_state(run_dir)
    sides = []
    for which in sorted(_find_whole(run_dir, state), key=_order):
        said = _read_neighbour(run_dir, which) or _read_metrics(run_dir, state, which)
        sides.append(
            {
                "address": str(Address(run=state.run, which=which)),
                "run": state.run,
                "which": which,
                "name": read_label(run_dir)["name"],
                "steps": _count_steps(which, state),
                "decoding": said.get("decoding") or {},
                **{name: said[name] for name in ("records", "loss", "bits_per_byte")},
            }
        )
    return sides


def list_comparable(run_dir: RunDir, runs: list[RunDir]) -> list[dict[str, Any]]:
    """The sides of a run, then those of the other `runs` that have the very same test part.

    One that is damaged does not hide the others.
    """
    sides, ours = list_sides(run_dir), _hash_test(run_dir)
    for other in runs:
        if other.run != run_dir.run and ours and _hash_test(other) == ours:
            with suppress(RunError):
                sides += list_sides(other)
    return sides


def _count_test(run_dir: RunDir, asked: int) -> int | None:
    test = read_spec(run_dir).data.get("test")
    return test.records if test is not None and test.records > asked else None


def _hash_test(run_dir: RunDir) -> str:
    """The hash of a run's test part; empty where there is none, or the run is damaged."""
    try:
        spec = read_spec(run_dir)
    except (RunError, KeyError, TypeError):
        return ""
    return spec.data["test"].sha256 if "test" in spec.data else ""


def _find_whole(run_dir: RunDir, state: RunState) -> set[str]:
    folder = run_dir.base_completions.parent
    files = folder.glob("*.json") if folder.is_dir() else ()
    found = {
        path.stem for path in files if _WHICH.fullmatch(path.stem) and _read_neighbour(run_dir, path.stem)
    }
    if state.state == "succeeded" and state.metrics.get("records"):
        found |= {which for which in (BASE, TUNED) if isinstance(state.metrics.get(which), dict)}
    return found


def _order(which: str) -> tuple[int, int, str]:
    name, _, decoding = which.partition(".")
    step = int(name.removeprefix("step-")) if name.startswith("step-") else 0
    return {BASE: 0, TUNED: 2}.get(name, 1), step, decoding


def _count_steps(which: str, state: RunState) -> int:
    name = which.partition(".")[0]
    if name == BASE:
        return 0
    return int(name.removeprefix("step-")) if name != TUNED else state.metrics.get("best_step") or state.step


def _read_neighbour(run_dir: RunDir, which: str) -> dict[str, Any]:
    """What was written down when a side was whole; empty before, or when it is damaged."""
    try:
        said = json.loads(answers_file(run_dir, which).with_suffix(".json").read_bytes())
    except (OSError, ValueError):
        return {}
    whole = isinstance(said, dict) and all(_is_number(said.get(name)) for name in ("records", *MEASURED))
    return said if whole else {}


def _read_metrics(run_dir: RunDir, state: RunState, which: str) -> dict[str, Any]:
    """The same from the metrics of the run, which have the base and the tuned model."""
    if which not in (BASE, TUNED):
        raise RunError(
            f"Nothing of run {state.run} has been evaluated as {which}.",
            f"Evaluate it: studio compare {state.run[:8]} --evaluate {which.partition('.')[0]}",
        )
    if not state.finished:
        raise RunError(f"Run {state.run} is still {state.state}.", "Compare it when it has ended.")
    if state.state != "succeeded":
        because = f": {state.reason}" if state.reason else ""
        raise RunError(
            f"Run {state.run} is {state.state}{because}",
            "Resume it; until it succeeds there is nothing to compare.",
        )
    if not state.metrics.get("records"):
        raise RunError(
            f"Run {state.run} has no test part, so there is nothing to compare.",
            "Give the split a test part and train again.",
        )
    measured = state.metrics.get(which)
    if not isinstance(measured, dict) or not all(_is_number(measured.get(name)) for name in MEASURED):
        raise RunError(f"The metrics of run {state.run} are damaged.", "Start the run again.")
    return {**measured, "records": state.metrics["records"], "decoding": state.metrics.get("decoding")}


def _is_whole(line: Mapping[str, Any]) -> bool:
    """Whether a line has all that a comparison reads, each of its type."""
    return (
        all(isinstance(line.get(name), str) for name in _TEXTS)
        and all(_is_number(line.get(name)) for name in _NUMBERS)
        and isinstance(line.get("completion", 0), str | None)
        and isinstance(line.get("finished", 0), bool | None)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _describe_file(run_dir: RunDir, which: str) -> str:
    return answers_file(run_dir, which).relative_to(run_dir.path).as_posix()
