"""studio train: what a fine-tune would do, and the fine-tune itself."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.following import stay_until_over
from studio.cli.work import open_workspace

if TYPE_CHECKING:
    from studio.job.plan import RunPlan


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
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Start although the memory is likely not to do.")
    ] = False,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Check the records, and start a fine-tune in the background; it goes on when this command has ended.

    Ends with 3 when a finding stops it.
    """
    from studio.cli.checking import warn_findings
    from studio.job import describe_run
    from studio.job.launch import launch_recipe, plan_recipe
    from studio.recipe import load_recipe

    work = open_workspace(workspace)
    if plan:
        _say_plan(
            plan_recipe(load_recipe(recipe), work, source_file=source, recipe_folder=recipe.parent), as_json
        )
        return
    run = launch_recipe(
        load_recipe(recipe),
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


def _say_plan(plan: "RunPlan", as_json: bool) -> None:
    steps = "as many steps as fit in about a minute" if plan.steps is None else f"{plan.steps:,} steps"
    held = f"; {plan.held_back:,} more choose the best checkpoint" if plan.held_back else ""
    lines = [
        f"{plan.model.name}: {plan.model.words}",
        f"{plan.records:,} records to learn from{held}; {steps}",
        f"about {plan.memory.total / 1e9:.1f} GB of memory, an estimate",
        *(f"{name}: {value}" for name, value in plan.options.items()),
        *([f"It would be refused: {plan.problem}"] if plan.problem else []),
    ]
    say(plan.to_dict(), lines, as_json=as_json)
