"""From a recipe to a running job: the records are checked, the parts are rendered as an export is, frozen,
and given to the worker.
"""

from collections.abc import Callable
from pathlib import Path

from studio.check import Report, check_table, choose_length, open_report, start_check, wait_check
from studio.errors import CheckError
from studio.job import BASE_MODELS, require_training, start_job
from studio.pipeline import build_table, open_recipe_source, resolve_recipe, resolve_template
from studio.recipe import ExportSpec, Recipe
from studio.run import RunDir
from studio.table import Table
from studio.workspace import Workspace

WAIT_SECONDS = 3.0  # that a launch by the page waits for a check


def launch_checked(recipe: Recipe, table: Table, workspace: Workspace) -> RunDir:
    """`launch_table`, if the check of these records does not stop it; raises CheckError in words.

    A check that is not done in time stops nothing: the worker looks at the rows once more.
    """
    require_training()
    if recipe.train.base_model in BASE_MODELS:
        begun = start_check(recipe, table, workspace, recipe.train.base_model)
        state = wait_check(workspace, begun.id, seconds=WAIT_SECONDS)
        if state.state == "done":
            refuse_blocked(open_report(workspace, state, choose_length(recipe)))
    return launch_table(recipe, table, workspace)


def refuse_blocked(report: Report) -> None:
    """Raise CheckError, in words, when a report stops a launch."""
    if report.blocking:
        named = ", ".join(f"{finding.title} ({finding.count:,} records)" for finding in report.blocking)
        raise CheckError(f"The check stops this fine-tune: {named}.", report.blocking[0].explanation)


def launch_table(recipe: Recipe, table: Table, workspace: Workspace) -> RunDir:
    """Start a fine-tune on a stored table, and return at once.

    The data is what an export under the template's own type and field names holds. Raises RunError when the
    [train] extra is missing or the recipe cannot be trained, and the stages' errors; nothing is left then.
    """
    require_training()
    template = resolve_template(recipe, table)
    options = recipe.train.model_dump(exclude_none=True, exclude={"base_model"})
    with workspace.scratch() as scratch:
        plain = recipe.model_copy(update={"export": ExportSpec()})
        export = build_table(plain, table, scratch / "data")
        return start_job(
            workspace.runs,
            run_id=workspace.new_id(),
            data={part: export.part(part) for part in export.manifest["parts"]},
            example_type=template.type,
            recipe=resolve_recipe(recipe, table).to_mapping(),
            template=template.to_mapping(),
            base_model=recipe.train.base_model,
            train=options,
        )


def launch_recipe(
    recipe: Recipe,
    workspace: Workspace,
    *,
    source_file: Path | None = None,
    recipe_folder: Path | None = None,
    on_report: Callable[[Report], None] = lambda report: None,
) -> RunDir:
    """The same from the recipe alone; its source is found as `pipeline.build` finds it.

    All records are checked before, and `on_report` is told; raises CheckError when that stops the launch.
    """
    require_training()  # before a long read that would be for nothing
    with workspace.scratch() as scratch:
        table = open_recipe_source(recipe, scratch / "table", workspace, source_file, recipe_folder)
        if recipe.train.base_model in BASE_MODELS:
            report = check_table(recipe, table, workspace, recipe.train.base_model)
            on_report(report)
            refuse_blocked(report)
        return launch_table(recipe, table, workspace)
