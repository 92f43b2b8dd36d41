"""The folder of one fine-tune: the file names, the state and the event lines that two processes agree on.

    runs/<id>/ spec.json state.json lock heartbeat stop log.txt events.jsonl
               data/{train,validation,test}.jsonl   checkpoints/step-N/   final/   eval/   README.md

One line of events.jsonl:

    {"event": "progress", "step": 40, "steps": 900, "loss": 5.1, "learning_rate": 0.004, "seconds": 3.2}

The worker holds an flock on `lock` as long as it lives, so that the kernel tells the living from the dead.
Only the holder writes `state.json`. Knows nothing of how a worker is started, nor of models.
"""

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import jsonlines

from studio.durable import write_file
from studio.errors import RunError
from studio.record import ExampleType
from studio.worker import hold_lock, is_held

RunPhase = Literal[
    "queued", "starting", "running", "evaluating", "cancelling", "stalled", "succeeded", "failed", "cancelled"
]
FINAL: frozenset[RunPhase] = frozenset({"succeeded", "failed", "cancelled"})
STALLED_AFTER = 60.0
MAX_LENGTH = 512  # tokens of an example that a run learns from, unless it says otherwise
DIED = "the worker died"

_SECRETS = re.compile(r"hf_[A-Za-z0-9]{8,}|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One frozen part: its path inside the run's folder, its lines, and the SHA-256 of its bytes."""

    file: str
    records: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """What is to be trained, fixed at launch; `train` is in TRL SFTConfig names, `data` by part name."""

    run: str
    recipe: Mapping[str, Any]
    template: Mapping[str, Any]
    example_type: ExampleType
    base_model: str
    train: Mapping[str, Any]
    data: Mapping[str, DataFile]
    max_new_tokens: int = 64

    def to_dict(self) -> dict[str, Any]:
        """The spec as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "RunSpec":
        """The inverse of `to_dict`."""
        data = {part: DataFile(**file) for part, file in values["data"].items()}
        return cls(**{**values, "data": data})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """Where a run stands. `kind` classes a failure: died, memory, disk, data, bug; empty otherwise.

    `step` of `steps` (0 until known); `started` is ISO 8601 in UTC, empty until the worker starts.
    """

    run: str
    state: RunPhase
    step: int = 0
    steps: int = 0
    attempt: int = 1
    kind: str = ""
    reason: str = ""
    started: str = ""
    seconds: float = 0.0
    metrics: Mapping[str, Any] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in FINAL

    def to_dict(self) -> dict[str, Any]:
        """The state as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One progress line; None stands for a field that the line does not have.

    `event`: state, log, data, calibration, progress, evaluation, scoring, checkpoint. Losses: nats a token;
    `seconds` since the start; `eta` seconds left. `details` carries what only one kind of event has.
    """

    event: str
    step: int | None = None
    steps: int | None = None
    loss: float | None = None
    eval_loss: float | None = None
    learning_rate: float | None = None
    seconds: float | None = None
    eta: float | None = None
    state: str | None = None
    message: str | None = None
    details: Mapping[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields that have a value."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Event":
        """An event of a line; fields that this version does not know are left out."""
        return cls(**{name: value for name, value in values.items() if name in cls.__dataclass_fields__})


class _Inside:
    """A path inside a run's folder, as an attribute of RunDir."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __get__(self, run_dir: "RunDir", owner: type) -> Path:
        return run_dir.path.joinpath(*self.names)


@dataclass(frozen=True, slots=True)
class RunDir:
    """The paths of one run: `base` the model as it was before the first step, `final` the tuned one."""

    path: Path

    spec_file = _Inside("spec.json")
    state_file = _Inside("state.json")
    lock = _Inside("lock")
    heartbeat = _Inside("heartbeat")
    stop = _Inside("stop")
    log = _Inside("log.txt")
    events = _Inside("events.jsonl")
    data = _Inside("data")
    checkpoints = _Inside("checkpoints")
    base = _Inside("base")
    final = _Inside("final")
    base_completions = _Inside("eval", "base.jsonl")
    tuned_completions = _Inside("eval", "tuned.jsonl")
    metrics = _Inside("eval", "metrics.json")
    card = _Inside("README.md")

    @property
    def run(self) -> str:
        """The run's id."""
        return self.path.name


def read_spec(run_dir: RunDir) -> RunSpec:
    """The spec of a run; RunError where the folder holds none."""
    return RunSpec.from_dict(_read_json(run_dir, run_dir.spec_file))


def write_state(run_dir: RunDir, state: RunState) -> None:
    """Write the state; for the holder of the lock alone."""
    write_json(run_dir.state_file, state.to_dict())


def read_state(run_dir: RunDir) -> RunState:
    """Where the run stands now: what its worker wrote, put right by whether that worker lives.

    A dead worker's run is `failed` with its last log lines, or `cancelled` when it had been asked to stop; a
    living one that was asked to stop is `cancelling`, and one with an old heartbeat is `stalled`.
    """
    # The lock first: a worker that ends between the two reads has then already written its final state.
    alive = is_held(run_dir.lock)
    state = RunState(**_read_json(run_dir, run_dir.state_file))
    if state.finished:
        return state
    if not alive:
        return _read_death(run_dir, state)
    if run_dir.stop.exists():
        return replace(state, state="cancelling")
    beat = run_dir.heartbeat.stat().st_mtime if run_dir.heartbeat.exists() else time.time()
    return replace(state, state="stalled") if time.time() - beat > STALLED_AFTER else state


def hold_run(run_dir: RunDir) -> int:
    """Take the run's lock and return its descriptor; RunError when another process works on the run."""
    try:
        return hold_lock(run_dir.lock)
    except BlockingIOError as error:
        raise RunError(
            f"Run {run_dir.run} is already at work.", "Wait until it ends, or cancel it."
        ) from error


def read_events(run_dir: RunDir, offset: int = 0) -> tuple[list[Event], int]:
    """The events from byte `offset` on, oldest first, and the offset to go on from.

    A last line that is not yet whole is left for the next call; a line that is not JSON is passed over.
    """
    try:
        with run_dir.events.open("rb") as file:
            file.seek(offset)
            whole = file.read()
    except FileNotFoundError:
        return [], offset
    whole = whole[: whole.rfind(b"\n") + 1]
    with jsonlines.Reader(whole.decode("utf-8", "replace").split("\n")) as reader:
        lines = reader.iter(type=dict, skip_empty=True, skip_invalid=True)
        return [Event.from_dict(line) for line in lines if "event" in line], offset + len(whole)


def write_event(run_dir: RunDir, event: Event) -> None:
    """Append one event as one line."""
    with run_dir.events.open("ab") as file:
        file.write(json.dumps(event.to_dict(), ensure_ascii=False).encode() + b"\n")


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole objects of a line file, in order; nothing when it is not there."""
    if path.exists():
        with jsonlines.open(path) as reader:
            yield from reader.iter(type=dict, skip_empty=True, skip_invalid=True)


def read_log(run_dir: RunDir, lines: int = 200) -> str:
    """The last lines of the log, cleaned by `clean_log`; empty when there is none."""
    try:
        with run_dir.log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 400 * lines))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join(clean_log(text).splitlines()[-lines:])


def clean_log(text: str) -> str:
    """`text` with control characters spelled out and tokens hidden; newlines and tabs stay."""
    hidden = _SECRETS.sub("[hidden]", text.replace("\r\n", "\n"))
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), hidden)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a JSON file in one step; a reader sees the old one or the new."""
    write_file(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _read_death(run_dir: RunDir, state: RunState) -> RunState:
    if run_dir.stop.exists():
        return replace(state, state="cancelled", reason="stopped before it could save a checkpoint")
    tail = read_log(run_dir, 5)
    reason = f"{DIED}. Its last log lines:\n{tail}" if tail else f"{DIED} and left no log"
    return replace(state, state="failed", kind="died", reason=reason)


def _read_json(run_dir: RunDir, path: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunError(f"There is no run {run_dir.run}.", "`studio runs list` names the runs.") from error
    except ValueError as error:
        raise RunError(f"{path.name} of run {run_dir.run} is damaged.", "Start the run again.") from error
    return values
