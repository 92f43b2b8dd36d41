"""One background fine-tune: start, watch, wait, cancel, list.

A job is a detached process and its run directory: `python -I -m studio.train runs/<id>`. It outlives the
server; any process that sees the folder can follow or cancel it. Knows nothing of torch, tables or screens.
"""

import importlib.util
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.durable import name_aside
from studio.errors import RunError
from studio.job.request import BASE_MODELS, LABELS, TRAIN_OPTIONS, check_request, freeze_data
from studio.record import ExampleType
from studio.run import (
    Event,
    RunDir,
    RunSpec,
    RunState,
    hold_run,
    read_events,
    read_spec,
    read_state,
    write_json,
    write_state,
)
from studio.tokenizing import INSTALL_HINT
from studio.worker import pass_environment, signal_worker, spawn_worker

__all__ = [
    "BASE_MODELS",
    "INSTALL_HINT",
    "LABELS",
    "TRAIN_OPTIONS",
    "cancel_job",
    "check_request",
    "describe_run",
    "list_runs",
    "require_training",
    "start_job",
    "summarize_run",
    "training_available",
    "wait_job",
    "watch_job",
]

WORKER = (sys.executable, "-I", "-m", "studio.train")
KILL_AFTER = 5.0  # seconds between the terminate and the kill of a worker that does not stop

_ENVIRONMENT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "OMP_NUM_THREADS"),
    *("HF_HOME", "HF_ENDPOINT", "HF_HUB_OFFLINE", "CUDA_VISIBLE_DEVICES", "CUDA_HOME"),
)
_FIXED_ENVIRONMENT = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
_MODULES = ("torch", "transformers", "trl", "tokenizers", "datasets", "accelerate")


def training_available() -> bool:
    """Whether the [train] extra is installed; nothing of it is imported."""
    return all(importlib.util.find_spec(name) is not None for name in _MODULES)


def require_training() -> None:
    """RunError that says how to install the [train] extra, when it is not there."""
    if not training_available():
        raise RunError("Fine-tuning needs the [train] extra.", f"Install it: {INSTALL_HINT}")


def start_job(
    runs_folder: Path,
    *,
    run_id: str,
    data: Mapping[str, Path],
    example_type: ExampleType,
    recipe: Mapping[str, Any] | None = None,
    template: Mapping[str, Any] | None = None,
    base_model: str = "tiny",
    train: Mapping[str, Any] | None = None,
    max_new_tokens: int = 64,
    command: Sequence[str] | None = None,
) -> RunDir:
    """Freeze the data, write the spec, start the worker, and return at once.

    `data` maps train, and if wanted validation and test, to JSONL files of `{prompt, completion}` or `{text}`
    lines. `command`, by default WORKER, is followed by the run's folder and the lock's descriptor. RunError,
    with nothing left behind, when the extra is missing or the request cannot be trained.
    """
    options = dict(train or {})
    if command is None:
        require_training()
    check_request(data, example_type, base_model, options)
    run_dir = RunDir(runs_folder / run_id)
    if run_dir.path.exists():
        raise RunError(f"There is already a run {run_id}.", "Give the new run another id.")
    staged = RunDir(name_aside(run_dir.path))
    try:
        spec = RunSpec(
            run=run_id,
            recipe=dict(recipe or {}),
            template=dict(template or {}),
            example_type=example_type,
            base_model=base_model,
            train=options,
            data=freeze_data(staged, data, example_type),
            max_new_tokens=max_new_tokens,
        )
        lock = _stage_run(staged, spec)
        staged.path.rename(run_dir.path)
    except BaseException:
        shutil.rmtree(staged.path, ignore_errors=True)
        raise
    environment = pass_environment(os.environ, _ENVIRONMENT) | _FIXED_ENVIRONMENT
    spawn_worker(run_dir.path, command or WORKER, lock, log=run_dir.log, environment=environment)
    return run_dir


def watch_job(run_dir: RunDir, *, pause: float = 0.25) -> Iterator[Event]:
    """Every event from the first on, as they are written, until the run is over."""
    offset = 0
    while True:
        finished = read_state(run_dir).finished
        events, offset = read_events(run_dir, offset)
        yield from events
        if finished:
            return
        time.sleep(pause)


def wait_job(run_dir: RunDir, timeout: float | None = None, *, pause: float = 0.1) -> RunState:
    """The state once the run is over, or as it stands after `timeout` seconds."""
    end = None if timeout is None else time.monotonic() + timeout
    while not (state := read_state(run_dir)).finished:
        if end is not None and time.monotonic() >= end:
            break
        time.sleep(pause)
    return state


def cancel_job(run_dir: RunDir, *, patience: float = 30.0, wait: bool = False) -> RunState:
    """Ask the worker to save a checkpoint and stop; after `patience` seconds terminate it, then kill it.

    Returns the state at once (`cancelling`), or the final one with `wait`. RunError when the run is over.
    """
    state = read_state(run_dir)
    if state.finished:
        raise RunError(f"Run {run_dir.run} is already over: {state.state}.", "There is nothing to cancel.")
    run_dir.stop.touch()
    enforcer = threading.Thread(target=_enforce_stop, args=(run_dir, patience), daemon=True)
    enforcer.start()
    if wait:
        enforcer.join()
    return read_state(run_dir)


def list_runs(runs_folder: Path) -> list[RunState]:
    """The states of all runs in a folder, the last started first; what is not a run is passed over."""
    states = []
    for path in runs_folder.iterdir() if runs_folder.is_dir() else ():
        if path.name.startswith(".") or not path.is_dir():
            continue
        try:
            states.append(read_state(RunDir(path)))
        except RunError:
            continue
    # A run that has not begun yet is the newest of all.
    return sorted(states, key=lambda state: (state.started or "9", state.run), reverse=True)


def describe_run(run_dir: RunDir) -> dict[str, Any]:
    """`run state step steps attempt reason started seconds recipe metrics`."""
    state = read_state(run_dir).to_dict()
    names = ("run", "state", "step", "steps", "attempt", "reason", "started", "seconds")
    return {name: state[name] for name in names} | {
        "recipe": dict(read_spec(run_dir).recipe),
        "metrics": state["metrics"],
    }


def summarize_run(run_dir: RunDir) -> dict[str, Any]:
    """`run state steps seconds base_test_loss test_loss bits_per_byte folder`; null where not measured."""
    state = read_state(run_dir)
    base, tuned = state.metrics.get("base") or {}, state.metrics.get("tuned") or {}
    return {
        "run": state.run,
        "state": state.state,
        "steps": state.steps,
        "seconds": state.seconds,
        "base_test_loss": base.get("loss"),
        "test_loss": tuned.get("loss"),
        "bits_per_byte": tuned.get("bits_per_byte"),
        "folder": str(run_dir.path),
    }


def _stage_run(staged: RunDir, spec: RunSpec) -> int:
    """Write everything that the worker reads; returns the held lock, which the worker inherits."""
    write_json(staged.spec_file, spec.to_dict())
    write_state(staged, RunState(run=spec.run, state="queued"))
    (staged.path / "eval").mkdir()
    staged.events.touch()
    return hold_run(staged)


def _enforce_stop(run_dir: RunDir, patience: float) -> None:
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, KILL_AFTER)):
        if wait_job(run_dir, seconds).finished:
            return
        signal_worker(run_dir.lock, number)
    wait_job(run_dir, KILL_AFTER)
