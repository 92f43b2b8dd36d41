"""How long a fine-tune would take, measured: a few seconds of its own training in a child process.

    start_calibration   →  calibrations/<key>/, and a process: python -m studio.train.calibrating
    read_calibration    →  where it stands; done, with what it measured
    find_calibration    →  the one of a recipe on a table, None when it was never measured

    {"seconds_per_step": 0.061, "tokens_per_second": 16000.0, "tokens_per_step": 980.0, "steps": 840,
     "seconds": 53.1, "memory": 812000000}

Its key says of which records, texts, options and base model it is. What it measures is a short piece of the
very training, on some of the train part's records: `seconds` are those of the whole training, the scores at
the end left out, `memory` is what the process took at most.
"""

import hashlib
import json
import os
import random
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonlines
import numpy as np

from studio.check.key import describe_stored
from studio.durable import name_aside, remove_folder
from studio.errors import RunError, WorkspaceError
from studio.job.launch import prepare_base
from studio.job.plan import RunPlan, plan_run, refuse_plan
from studio.job.request import check_request, freeze_data
from studio.job.start import FIXED_ENVIRONMENT, Base, require_training
from studio.pipeline import plan_splits, refuse_unsettled, resolve_template
from studio.recipe import Recipe
from studio.run import RunDir, RunSpec, write_json
from studio.run.queue import find_devices
from studio.table import Table
from studio.task import TaskState, read_task, start_task, stop_task
from studio.template import Template
from studio.tokens.chosen import Chosen, choose_rows
from studio.weights import link_model
from studio.worker import is_held, pass_environment
from studio.workspace import Workspace

MODULE = "studio.train.calibrating"
ROWS = 256
KEPT = 10
VERSION = 1  # of what is measured

_VARIABLES = ("OMP_NUM_THREADS", "CUDA_HOME")


def start_calibration(
    recipe: Recipe, table: Table, workspace: Workspace, *, anyway: bool = False
) -> TaskState:
    """Begin to measure, or join who does; returns at once, or once the base model has been fetched.

    Raises RunError when the [train] extra is missing, the recipe cannot be trained, a fine-tune is at work
    on every device, or, unless `anyway`, the memory would not do; and the stages' errors.
    """
    require_training()
    refuse_unsettled(recipe, table)
    plan = plan_run(recipe, table, workspace)
    if not anyway:
        refuse_plan(plan)
    device = _find_free_device(workspace)
    folder = workspace.calibrations / _name_calibration(recipe, table, plan)
    if _goes_on(folder):
        return read_task(folder)
    base = prepare_base(recipe, table, workspace)
    request = _write_rows(recipe, table, folder, plan, base)
    environment = pass_environment(os.environ, _VARIABLES) | FIXED_ENVIRONMENT | {"HF_HUB_OFFLINE": "1"}
    environment |= {} if device == "cpu" else {"CUDA_VISIBLE_DEVICES": device}
    state = start_task(folder, MODULE, request, secrets=environment)
    _prune(workspace)
    return state


def read_calibration(workspace: Workspace, calibration_id: str) -> TaskState:
    """Where a calibration stands. Raises WorkspaceError when there is none of this id."""
    return read_task(workspace.calibration_folder(calibration_id))


def find_calibration(
    recipe: Recipe, table: Table, workspace: Workspace, plan: RunPlan | None = None
) -> TaskState | None:
    """The last calibration of what a recipe would train; None when there is none. `plan` when it is known."""
    plan = plan or plan_run(recipe, table, workspace)
    with suppress(WorkspaceError):
        return read_task(workspace.calibrations / _name_calibration(recipe, table, plan))
    return None


def stop_calibration(workspace: Workspace, calibration_id: str) -> TaskState:
    """End a calibration that goes on; one that is over stays as it is."""
    return stop_task(workspace.calibration_folder(calibration_id))


def _name_calibration(recipe: Recipe, table: Table, plan: RunPlan) -> str:
    template = resolve_template(recipe, table)
    told = {
        "version": VERSION,
        "table": describe_stored(table),
        "template": template.to_mapping(),
        "columns": dict(sorted(template.column_map.items())),
        "filter": [condition.to_mapping() for condition in recipe.conditions()],
        "split": recipe.split.to_plan(),
        "base_model": [recipe.train.base_model, plan.model.to_dict()],
        "options": plan.options,
    }
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, default=repr).encode()).hexdigest()[:32]


def _find_free_device(workspace: Workspace) -> str:
    """A device on which no fine-tune is at work: what is measured beside one says nothing."""
    for device in find_devices(os.environ):
        if not is_held(workspace.runs / ".devices" / quote(device, safe="")):
            return device
    raise RunError(
        "A fine-tune is at work, and beside it no time can be measured.",
        "Wait until it ends. A new fine-tune can be launched all the same: it waits in the queue.",
    )


def _goes_on(folder: Path) -> bool:
    try:
        return read_task(folder).goes_on
    except WorkspaceError:
        return False


def _write_rows(
    recipe: Recipe, table: Table, folder: Path, plan: RunPlan, base: Base | None
) -> dict[str, Any]:
    """Put what a run would be given into the folder, but for most of the rows; returns the request."""
    template = resolve_template(recipe, table)
    splits = plan_splits(recipe, table)
    chosen = choose_rows(splits.counts, recipe.train.seed, whole=base is not None)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    staged = RunDir(name_aside(folder / "run"))
    try:
        lines = folder / f"{staged.run}.jsonl"
        _render_rows(template, table, np.asarray(splits.parts["train"]), chosen, lines)
        model = base.description if base is not None else None
        check_request({"train": lines}, template.type, recipe.train.base_model, plan.options, model)
        spec = RunSpec(
            run=folder.name,
            recipe={},
            template=template.to_mapping(),
            example_type=template.type,
            base_model=recipe.train.base_model,
            train=plan.options,
            data=freeze_data(staged, {"train": lines}, template.type),
            model=model.to_dict() if model is not None else {},
        )
        if base is not None:
            link_model(base.folder, staged.base)
            shutil.copytree(base.tokenizer, staged.tokenizer)
        write_json(staged.spec_file, spec.to_dict())
        remove_folder(folder / "run")
        staged.path.rename(folder / "run")
    finally:
        lines.unlink(missing_ok=True)
        shutil.rmtree(staged.path, ignore_errors=True)
    return {"records": len(chosen.train), "validation": len(chosen.validation or chosen.held_back)}


def _render_rows(template: Template, table: Table, train: Any, chosen: Chosen, path: Path) -> None:
    """Up to ROWS of the rows that the run learns from, a seeded choice, as lines of its train part."""
    places = chosen.train
    if len(places) > ROWS:
        places = tuple(sorted(random.Random(ROWS).sample(places, ROWS)))  # noqa: S311
    with jsonlines.open(path, "w") as writer:
        for record in table.take([int(row) for row in train[list(places)]]):
            writer.write(template.render(record).to_dict())


def _prune(workspace: Workspace) -> None:
    folders = sorted(workspace.calibrations.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for folder in folders[:-KEPT]:
        if not is_held(folder / "lock"):
            remove_folder(folder)
