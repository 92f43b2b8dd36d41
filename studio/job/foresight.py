"""Know before launch: a plan with what the check of all records and a calibration say of it.

    foresee_run(recipe, table, workspace)   →  RunPlan(steps=237, tokens=505_236, seconds=412.0, …)

Begins the check, or joins it; measures nothing itself.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.check import CheckState, start_check, wait_check
from studio.job.outlook import Outlook, look_ahead
from studio.job.plan import RunPlan, count_steps, plan_run
from studio.recipe import Recipe
from studio.table import Table
from studio.workspace import Workspace

Measured = Mapping[str, Any]
"""What a calibration answers: `steps`, `seconds`, `tokens_per_step`, `memory` and others."""


def foresee_run(
    recipe: Recipe,
    table: Table,
    workspace: Workspace,
    *,
    measured: Measured | None = None,
    wait: float | None = 0.0,
) -> RunPlan:
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
        steps = count_steps(plan.options, outlook.records, plan.model)
        plan = replace(plan, outlook=outlook, records=outlook.records, steps=steps)
    if measured is not None:
        plan = _add_measured(plan, measured)
    tokens, reason = count_tokens(plan, measured)
    return replace(plan, tokens=tokens, tokens_reason=reason)


def count_tokens(plan: RunPlan, measured: Measured | None = None) -> tuple[int | None, str]:
    """How many tokens are read in the whole training, about as many where it ends within an epoch; or None,
    and why they are not known.
    """
    if plan.steps is None:
        return None, "The steps are chosen when the time of one is measured."
    by_tokens = plan.model.kind == "tiny" and "per_device_train_batch_size" not in plan.options
    if plan.outlook is not None and not by_tokens:
        return round(_count_epochs(plan, plan.outlook) * plan.outlook.tokens), ""
    if measured is not None:
        return round(plan.steps * float(measured["tokens_per_step"])), ""
    if by_tokens:
        return None, "The batches of tiny go by tokens: measure the time to know them."
    return None, _explain(plan.check)


def _count_epochs(plan: RunPlan, outlook: Outlook) -> float:
    options = plan.options
    if "max_steps" not in options:
        return float(options["num_train_epochs"])
    rows: int = options["per_device_train_batch_size"] * options.get("gradient_accumulation_steps", 1)
    return (plan.steps or 0) * rows / max(1, outlook.records)


def _add_measured(plan: RunPlan, measured: Measured) -> RunPlan:
    return replace(
        plan,
        steps=plan.steps or int(measured["steps"]),
        seconds=float(measured["seconds"]),
        measured=int(measured["memory"]),
    )


def _explain(check: CheckState | None) -> str:
    if check is not None and check.state == "failed":
        return f"The check of all records failed: {check.message}"
    return "The lengths of the records are being counted."
