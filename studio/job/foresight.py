"""Know before launch: a plan with what the check of all records and a calibration say of it.

    foresee_run(recipe, table, workspace)   →  RunPlan(steps=237, tokens=505_236, seconds=412.0, …)

Begins the check, or joins it. A calibration is begun when it is asked for (`measure_run`) and found again by
every later look, as long as nothing is changed that the time of a step depends on.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.check import CheckState, remove_checks, start_check, wait_check
from studio.errors import StudioError
from studio.job.calibration import find_calibration, start_calibration
from studio.job.outlook import Outlook, look_ahead
from studio.job.plan import RunPlan, count_steps, plan_run
from studio.pipeline import open_recipe_source
from studio.recipe import Recipe
from studio.table import Table
from studio.task import TaskState, wait_task
from studio.workspace import Workspace

_WITHOUT_PACE = (
    *("max_steps", "num_train_epochs", "learning_rate", "lr_scheduler_type", "warmup_steps"),
    *("weight_decay", "lora_alpha", "early_stopping_patience"),
)

Measured = Mapping[str, Any]
"""What a calibration answers: `steps`, `seconds`, `tokens_per_step`, `memory` and others."""


def measure_run(recipe: Recipe, table: Table, workspace: Workspace, *, anyway: bool = False) -> TaskState:
    """Begin to measure how long a fine-tune would take, or join who does. Raises as `start_calibration`."""
    return start_calibration(_keep_pace(recipe), table, workspace, anyway=anyway)


def foresee_run(recipe: Recipe, table: Table, workspace: Workspace, *, wait: float | None = 0.0) -> RunPlan:
    """The plan of a fine-tune with all that is known of it by now.

    `wait` are the seconds to wait for the check, None waits until it is over. Raises as `plan_run` and
    `start_check` do.
    """
    plan = plan_run(recipe, table, workspace)
    check = start_check(recipe, table, workspace, recipe.train.base_model)
    if check.goes_on and wait != 0:
        check = wait_check(workspace, check.id, seconds=wait)
    plan = replace(plan, check=check)
    if check.state == "done":
        whole = plan.model.kind != "tiny"
        outlook = look_ahead(recipe, table, workspace, check, plan.options, whole=whole)
        steps = count_steps(plan.options, outlook.rows, plan.model)
        plan = replace(plan, outlook=outlook, records=outlook.records, steps=steps)
    calibration = find_calibration(_keep_pace(recipe), table, workspace)
    measured = calibration.answer if calibration is not None and calibration.state == "done" else None
    if measured is not None:
        plan = add_measured(plan, measured)
    plan = replace(plan, calibration=calibration)
    tokens, reason = count_tokens(plan, measured)
    return replace(plan, tokens=tokens, tokens_reason=reason)


def count_tokens(plan: RunPlan, measured: Measured | None = None) -> tuple[int | None, str]:
    """How many tokens are read in the whole training, about as many where it ends within an epoch; or None,
    and why they are not known.
    """
    if plan.steps is None:
        return None, "Known once the time is measured."
    by_tokens = plan.model.kind == "tiny" and "per_device_train_batch_size" not in plan.options
    if plan.outlook is not None and not by_tokens:
        return round(_count_epochs(plan, plan.outlook) * plan.outlook.tokens), ""
    if measured is not None:
        return round(plan.steps * float(measured["tokens_per_step"])), ""
    if by_tokens:
        return None, "Known once the time is measured."
    return None, _explain(plan.check)


def _count_epochs(plan: RunPlan, outlook: Outlook) -> float:
    options = plan.options
    if "max_steps" not in options:
        return float(options["num_train_epochs"])
    rows: int = options["per_device_train_batch_size"] * options.get("gradient_accumulation_steps", 1)
    return (plan.steps or 0) * rows / max(1, outlook.rows)


def add_measured(plan: RunPlan, measured: Measured) -> RunPlan:
    """The plan with its time: that of its own steps, and of evaluations as the calibration counted them."""
    pace, counted = float(measured["seconds_per_step"]), int(measured["steps"])
    steps = plan.steps or counted
    beside = max(0.0, float(measured["seconds"]) - pace * counted)
    seconds = pace * steps + beside
    return replace(plan, steps=steps, seconds=round(seconds, 1), measured=int(measured["memory"]))


def _keep_pace(recipe: Recipe) -> Recipe:
    """The recipe without the options on which the time of a step does not depend."""
    return recipe.model_copy(update={"train": recipe.train.model_copy(update=dict.fromkeys(_WITHOUT_PACE))})


def _explain(check: CheckState | None) -> str:
    if check is not None and check.state == "failed":
        return f"The check of all records failed: {check.message}"
    return "The lengths of the records are being counted."


def plan_recipe(
    recipe: Recipe,
    workspace: Workspace,
    *,
    source_file: Path | None = None,
    recipe_folder: Path | None = None,
    calibrate: bool = False,
) -> RunPlan:
    """What `launch_recipe` would do, once all records are checked; nothing is started, and no weights are
    fetched but to measure the time, when `calibrate` says so. Raises StudioError when that fails.
    """
    with workspace.scratch() as scratch:
        table = open_recipe_source(recipe, scratch / "table", workspace, source_file, recipe_folder)
        try:
            if calibrate:
                _measure(recipe, table, workspace)
            return foresee_run(recipe, table, workspace, wait=None)
        finally:
            if table.folder.name not in workspace.table_ids():
                remove_checks(workspace, table.folder)


def _measure(recipe: Recipe, table: Table, workspace: Workspace) -> None:
    calibration = measure_run(recipe, table, workspace)
    state = wait_task(workspace.calibration_folder(calibration.id))
    if state.state != "done":
        raise StudioError(state.message or "The time was not measured.", state.hint or "Try again.")
