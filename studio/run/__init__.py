"""The folder of one fine-tune: the file names, the state and the event lines that two processes agree on.

    runs/<id>/ spec.json state.json lock place heartbeat stop log.txt events.jsonl
               data/{train,validation,test,test.records}.jsonl  checkpoints/step-N/  final/  eval/  README.md

One line of events.jsonl:

    {"event": "progress", "step": 40, "steps": 900, "loss": 5.1, "learning_rate": 0.004, "seconds": 3.2}

The worker holds an flock on `lock` as long as it lives, so that the kernel tells the living from the dead.
Only the holder writes `state.json`. Knows nothing of how a worker is started, nor of models.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from studio.errors import RunError
from studio.record import ExampleType
from studio.run.events import Event, read_events, read_lines, write_event
from studio.run.faults import name_death, read_heartbeat
from studio.run.folder import RunDir, read_json, write_json
from studio.run.log import clean_log, read_log
from studio.worker import hold_lock, is_held

__all__ = [
    "FINAL",
    "MAX_LENGTH",
    "STALLED_AFTER",
    "DataFile",
    "Event",
    "RunDir",
    "RunPhase",
    "RunSpec",
    "RunState",
    "clean_log",
    "hold_run",
    "read_events",
    "read_lines",
    "read_log",
    "read_spec",
    "read_state",
    "read_stored_state",
    "write_event",
    "write_json",
    "write_state",
]

RunPhase = Literal[
    "queued", "starting", "running", "evaluating", "cancelling", "stalled", "succeeded", "failed", "cancelled"
]
FINAL: frozenset[RunPhase] = frozenset({"succeeded", "failed", "cancelled"})
STALLED_AFTER = 5.0  # seconds without a heartbeat
START_SECONDS = 60.0  # that a worker may take to its first one
MAX_LENGTH = 512  # tokens of an example that a run learns from, unless it says otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One frozen part: its path inside the run's folder, its lines, and the SHA-256 of its bytes."""

    file: str
    records: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """What is to be trained, fixed at launch; `train` is in TRL SFTConfig names, `data` by part name.

    `model` describes a base model other than tiny; it is empty for that.
    """

    run: str
    recipe: Mapping[str, Any]
    template: Mapping[str, Any]
    example_type: ExampleType
    base_model: str
    train: Mapping[str, Any]
    data: Mapping[str, DataFile]
    max_new_tokens: int = 64
    model: Mapping[str, Any] = field(default_factory=dict)

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
    """Where a run stands. `kind` classes a failure, as `faults` does; empty otherwise.

    `step` of `steps` (0 until known); `device` is `cpu` or a GPU's name, `hardware` what it is and computes
    in; `started` is ISO 8601 in UTC; all are empty until the worker starts.
    """

    run: str
    state: RunPhase
    step: int = 0
    steps: int = 0
    attempt: int = 1
    device: str = ""
    hardware: str = ""
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


def read_spec(run_dir: RunDir) -> RunSpec:
    """The spec of a run; RunError where the folder holds none."""
    return RunSpec.from_dict(read_json(run_dir, run_dir.spec_file))


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
    state = read_stored_state(run_dir)
    if state.finished:
        return state
    if not alive:
        return _read_death(run_dir, state)
    if run_dir.stop.exists():
        return replace(state, state="cancelling")
    silent, allowed = _measure_silence(run_dir)
    if silent <= allowed:
        return state
    reason = f"no sign of life for {silent:.0f} seconds. It may be busy; cancel the run if this lasts."
    return replace(state, state="stalled", reason=reason)


def read_stored_state(run_dir: RunDir) -> RunState:
    """The last state that a worker wrote, whether or not it lives."""
    return RunState(**read_json(run_dir, run_dir.state_file))


def hold_run(run_dir: RunDir) -> int:
    """Take the run's lock and return its descriptor; RunError when another process works on the run."""
    try:
        return hold_lock(run_dir.lock)
    except BlockingIOError as error:
        raise RunError(
            f"Run {run_dir.run} is already at work.", "Wait until it ends, or cancel it."
        ) from error


def _read_death(run_dir: RunDir, state: RunState) -> RunState:
    if run_dir.stop.exists():
        return replace(state, state="cancelled", reason="stopped before it could save a checkpoint")
    kind, reason = name_death(run_dir)
    return replace(state, state="failed", kind=kind, reason=reason)


def _measure_silence(run_dir: RunDir) -> tuple[float, float]:
    """Seconds since the last heartbeat, or the launch, and how many are nothing to speak of."""
    try:
        silent = time.time() - run_dir.heartbeat.stat().st_mtime
    except FileNotFoundError:
        return _measure_age(run_dir.lock), START_SECONDS
    return silent, max(STALLED_AFTER, read_heartbeat(run_dir).get("quiet") or 0.0)


def _measure_age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:  # the whole folder has just been taken away: the next look says so
        return 0.0
