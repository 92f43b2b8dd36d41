"""From a recipe to a running job: the parts are rendered as an export is, frozen, and given to the worker."""

from pathlib import Path

from studio.job import require_training, start_job
from studio.pipeline import build_table, open_recipe_source, resolve_recipe, resolve_template
from studio.recipe import ExportSpec, Recipe
from studio.run import RunDir
from studio.table import Table
from studio.workspace import Workspace


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
) -> RunDir:
    """The same from the recipe alone; its source is found as `pipeline.build` finds it."""
    require_training()  # before a long read that would be for nothing
    with workspace.scratch() as scratch:
        table = open_recipe_source(recipe, scratch / "table", workspace, source_file, recipe_folder)
        return launch_table(recipe, table, workspace)
