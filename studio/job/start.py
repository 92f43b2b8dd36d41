"""A run from its request to its worker. Knows nothing of what the worker does."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.durable import make_aside
from studio.errors import RunError
from studio.job.request import check_request, freeze_data
from studio.record import ExampleType
from studio.run import RunDir, RunSpec, RunState, hold_run, write_json, write_state
from studio.run.queue import join_queue
from studio.tokenizing import INSTALL_HINT
from studio.weights import Description, link_model
from studio.worker import pass_environment, spawn_worker

WORKER = (sys.executable, "-I", "-m", "studio.train")

_ENVIRONMENT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "OMP_NUM_THREADS"),
    *("HF_HOME", "HF_ENDPOINT", "HF_HUB_OFFLINE", "CUDA_VISIBLE_DEVICES", "CUDA_HOME"),
)
FIXED_ENVIRONMENT = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
_MODULES = ("torch", "transformers", "trl", "tokenizers", "datasets", "accelerate", "peft")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A base model: its description, the folder of its weights, and its prepared tokenizer."""

    description: Description
    folder: Path
    tokenizer: Path


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
    base: Base | None = None,
    train: Mapping[str, Any] | None = None,
    max_new_tokens: int = 64,
    test_records: Path | None = None,
    command: Sequence[str] | None = None,
) -> RunDir:
    """Freeze the data, write the spec, start the worker, and return at once.

    `data` maps train, and if wanted validation and test, to JSONL files of `{prompt, completion}`, `{text}`
    or `{messages}` lines. `base` is what a base model other than tiny is made of: its weights are linked, all
    else is copied, so that nothing can change under the run. `test_records` are the lines of the test part
    with all their columns, by which scores can be told apart. `command`, by default WORKER, is followed by
    the run's folder and the lock's descriptor. RunError, with nothing left behind, when the extra is missing
    or the request cannot be trained.
    """
    options = dict(train or {})
    if command is None:
        require_training()
    model = base.description if base is not None else None
    check_request(data, example_type, base_model, options, model)
    run_dir = RunDir(runs_folder / run_id)
    if run_dir.path.exists():
        raise RunError(f"There is already a run {run_id}.", "Give the new run another id.")
    runs_folder.mkdir(parents=True, exist_ok=True)
    aside, aside_lock = make_aside(run_dir.path)
    staged = RunDir(aside)
    try:
        aside.chmod(0o700)
        spec = RunSpec(
            run=run_id,
            recipe=dict(recipe or {}),
            template=dict(template or {}),
            example_type=example_type,
            base_model=base_model,
            train=options,
            data=freeze_data(staged, data, example_type),
            model=model.to_dict() if model is not None else {},
            max_new_tokens=max_new_tokens,
        )
        if base is not None:
            link_model(base.folder, staged.base)
            shutil.copytree(base.tokenizer, staged.tokenizer)
        if test_records is not None:
            shutil.copyfile(test_records, staged.test_records)
        join_queue(staged, runs_folder)
        lock = _stage_run(staged, spec)
        staged.path.rename(run_dir.path)
    except BaseException:
        shutil.rmtree(staged.path, ignore_errors=True)
        raise
    finally:
        os.close(aside_lock)
    spawn_run(run_dir, lock, command)
    return run_dir


def spawn_run(run_dir: RunDir, lock: int, command: Sequence[str] | None = None) -> None:
    """Start the worker of a run whose lock is held, with no more of the environment than it needs."""
    environment = pass_environment(os.environ, _ENVIRONMENT) | FIXED_ENVIRONMENT
    spawn_worker(run_dir.path, command or WORKER, lock, log=run_dir.log, environment=environment)


def _stage_run(staged: RunDir, spec: RunSpec) -> int:
    """Write everything that the worker reads; returns the held lock, which the worker inherits."""
    write_json(staged.spec_file, spec.to_dict())
    write_state(staged, RunState(run=spec.run, state="queued"))
    (staged.path / "eval").mkdir()
    staged.events.touch()
    return hold_run(staged)
