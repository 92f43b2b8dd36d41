"""studio train: what a fine-tune would do, and the fine-tune itself."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.following import stay_until_over
from studio.cli.work import open_workspace
from studio.errors import SettingsError

if TYPE_CHECKING:
    from studio.job.plan import RunPlan
    from studio.recipe import Recipe


def train(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe.yaml.")],
    wait: Annotated[
        bool, typer.Option("--wait", help="Stay until the run is over, with its progress.")
    ] = False,
    source: Annotated[
        Path | None, typer.Option(help="The recipe's file, if elsewhere.", metavar="FILE")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only say what would be done: options, steps, memory.")
    ] = False,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="With --plan: measure the time by a few seconds of it.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Start although the memory is likely not to do.")
    ] = False,
    change: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="Another value than the recipe's, such as learning_rate=1e-4; may be repeated.",
            metavar="NAME=VALUE",
        ),
    ] = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Check the records, and start a fine-tune in the background; it goes on when this command has ended.

    Ends with 3 when a finding stops it. The options of --set are those of the recipe's train part.
    """
    from studio.cli.checking import warn_findings
    from studio.job import describe_run
    from studio.job.foresight import plan_recipe
    from studio.job.launch import launch_recipe
    from studio.recipe import load_recipe

    work, wanted = open_workspace(workspace), change_train(load_recipe(recipe), change or [])
    if calibrate and not plan:
        raise SettingsError("--calibrate goes with --plan alone.", "Add --plan, or leave it out.")
    if plan:
        found = plan_recipe(
            wanted, work, source_file=source, recipe_folder=recipe.parent, calibrate=calibrate
        )
        _say_plan(found, as_json)
        return
    run = launch_recipe(
        wanted,
        work,
        source_file=source,
        recipe_folder=recipe.parent,
        on_report=warn_findings,
        anyway=anyway,
        progress=lambda words: print(f"{words} …", file=sys.stderr),
    )
    if not wait:
        answer = describe_run(run)
        say(
            answer,
            [f"Started run {answer['run']}. Follow it: studio runs logs {answer['run']}"],
            as_json=as_json,
        )
        return
    stay_until_over(run, as_json)


def change_train(recipe: "Recipe", changes: Sequence[str]) -> "Recipe":
    """The recipe with other options of the fine-tune, each as NAME=VALUE; an empty value leaves one open.

    Raises SettingsError for what is no NAME=VALUE, RunError and ModelError for what does not do.
    """
    from studio.job.asked import read_train
    from studio.training import read_option

    if not changes:
        return recipe
    asked = recipe.train.model_dump(exclude_none=True)
    for change in changes:
        name, given, text = change.partition("=")
        if not given:
            raise SettingsError(f"--set {change} has no value.", "Write NAME=VALUE: learning_rate=1e-4.")
        asked[name] = read_option(name, text) if text else None
    return recipe.model_copy(update={"train": read_train(asked)})


def _say_plan(plan: "RunPlan", as_json: bool) -> None:
    steps = "as many steps as fit in about a minute" if plan.steps is None else f"{plan.steps:,} steps"
    held = f"; {plan.held_back:,} more choose the best checkpoint" if plan.held_back else ""
    parts = ", ".join(f"{part} {count:,}" for part, count in plan.files.parts.items())
    lines = [
        f"{plan.model.name}: {plan.model.words}",
        f"{plan.records:,} records to learn from{held}; {steps}",
        f"of {plan.files.source}, sha256 {(plan.files.sha256 or 'not known')[:12]}: {parts}",
        f"{plan.tokens:,} tokens in all" if plan.tokens is not None else plan.tokens_reason,
        *([f"about {plan.seconds:,.0f} s of training, measured"] if plan.seconds is not None else []),
        *_say_losses(plan),
        f"about {plan.memory.total / 1e9:.1f} GB of memory on {plan.device.name}, an estimate",
        *(f"{name}: {value}" for name, value in plan.options.items()),
        *([f"It would be refused: {plan.problem}"] if plan.problem else []),
        *(f"The check stops it: {one['title']} ({one['count']:,} records)" for one in plan.to_dict()["gate"]),
    ]
    say(plan.to_dict(), lines, as_json=as_json)


def _say_losses(plan: "RunPlan") -> Iterator[str]:
    if plan.outlook is not None and plan.outlook.lost + plan.outlook.cut:
        yield (
            f"within {plan.outlook.max_length:,} tokens {plan.outlook.lost:,} records lose their whole "
            f"answer and are left out, {plan.outlook.cut:,} lose its end"
        )
