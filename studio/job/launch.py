"""From a recipe to a running job: the records are checked, the parts are rendered as an export is, frozen,
and given to the worker, with a base model that is ready to be opened.
"""

from collections.abc import Callable
from pathlib import Path

from studio.check import (
    Report,
    check_table,
    choose_length,
    open_report,
    start_check,
    wait_check,
)
from studio.errors import CheckError
from studio.job import require_training, start_job
from studio.job.plan import plan_run, refuse_plan
from studio.job.records import write_test_records
from studio.job.start import Base
from studio.models import look_at_model, prepare_model
from studio.pipeline import build_table, open_recipe_source, resolve_recipe, resolve_template
from studio.recipe import ExportSpec, Recipe
from studio.run import RunDir
from studio.table import Table
from studio.tokenizing import prepare_tokenizer
from studio.workspace import Workspace

WAIT_SECONDS = 3.0  # that a launch by the page waits for a check

Progress = Callable[[str], None]


def launch_checked(recipe: Recipe, table: Table, workspace: Workspace, *, anyway: bool = False) -> RunDir:
    """`launch_table`, if the check of these records does not stop it; raises CheckError in words.

    A check that is not done in time stops nothing: the worker looks at the rows once more.
    """
    require_training()
    begun = start_check(recipe, table, workspace, recipe.train.base_model)
    state = wait_check(workspace, begun.id, seconds=WAIT_SECONDS)
    if state.state == "done":
        refuse_blocked(open_report(workspace, state, _choose_length(recipe, workspace)))
    return launch_table(recipe, table, workspace, anyway=anyway)


def refuse_blocked(report: Report) -> None:
    """Raise CheckError, in words, when a report stops a launch."""
    if report.blocking:
        named = ", ".join(f"{finding.title} ({finding.count:,} records)" for finding in report.blocking)
        raise CheckError(f"The check stops this fine-tune: {named}.", report.blocking[0].explanation)


def launch_table(
    recipe: Recipe,
    table: Table,
    workspace: Workspace,
    *,
    anyway: bool = False,
    progress: Progress | None = None,
) -> RunDir:
    """Start a fine-tune on a stored table, and return at once, or once its base model has been fetched.

    The data is what an export under the template's own type and field names holds. Raises RunError when the
    [train] extra is missing, the recipe cannot be trained or, unless `anyway`, the memory would not do, and
    the stages' errors; nothing is left then.
    """
    require_training()
    template = resolve_template(recipe, table)
    plan = plan_run(recipe, table, workspace)
    if not anyway:
        refuse_plan(plan)
    base = prepare_base(recipe, table, workspace, progress)
    if base is not None and base.description.kind == "hub":
        pinned = f"{base.description.name}@{base.description.revision}"
        recipe = recipe.model_copy(update={"train": recipe.train.model_copy(update={"base_model": pinned})})
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
            base=base,
            train=plan.options,
            test_records=write_test_records(plain, table, scratch / "records.jsonl"),
        )


def prepare_base(
    recipe: Recipe, table: Table, workspace: Workspace, progress: Progress | None = None
) -> Base | None:
    """The recipe's base model and its tokenizer, both at one commit; None for tiny, which the run makes."""
    model = prepare_model(workspace, recipe.train.base_model, progress)
    if model.folder is None:
        return None
    tokenizer = prepare_tokenizer(workspace, recipe, table, model.choice, progress)
    return Base(description=model.description, folder=model.folder, tokenizer=tokenizer)


def launch_recipe(
    recipe: Recipe,
    workspace: Workspace,
    *,
    source_file: Path | None = None,
    recipe_folder: Path | None = None,
    on_report: Callable[[Report], None] = lambda report: None,
    anyway: bool = False,
    progress: Progress | None = None,
) -> RunDir:
    """The same from the recipe alone; its source is found as `pipeline.build` finds it.

    All records are checked before, and `on_report` is told; raises CheckError when that stops the launch.
    """
    require_training()  # before a long read that would be for nothing
    with workspace.scratch() as scratch:
        table = open_recipe_source(recipe, scratch / "table", workspace, source_file, recipe_folder)
        length = _choose_length(recipe, workspace)
        report = check_table(recipe, table, workspace, recipe.train.base_model, length)
        on_report(report)
        refuse_blocked(report)
        return launch_table(recipe, table, workspace, anyway=anyway, progress=progress)


def _choose_length(recipe: Recipe, workspace: Workspace) -> int:
    """The max length of the run: the recipe's, or the usual one, of a model that takes so many tokens."""
    length = choose_length(recipe)
    context = look_at_model(workspace, recipe.train.base_model).context
    return length if recipe.train.max_length or context is None else min(length, context)
