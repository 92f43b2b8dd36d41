"""Every stage end to end, without a screen: a recipe and a source become an export.

    load_table → resolve_overlay → select_left → plan_splits → resolve_template → write_export

The page calls the same functions on a table that it has already; `build` starts from the recipe alone.

    load_table, open_recipe_source, refuse_other_source, refuse_unsettled       (sources.py)
    resolve_template, nearest_template, resolve_recipe, resolve_export          (resolving.py)
    select_left, plan_splits, read_keys, find_near_prompts, count_splits        (splitting.py)
"""

from collections.abc import Iterator
from pathlib import Path

from studio.export import Export, Progress, preview_lines, refuse_existing, stream_export, write_export
from studio.export.writing import choose_encoding
from studio.pipeline.resolving import nearest_template, resolve_export, resolve_recipe, resolve_template
from studio.pipeline.sources import load_table, open_recipe_source, refuse_other_source, refuse_unsettled
from studio.pipeline.splitting import count_splits, find_near_prompts, plan_splits, read_keys, select_left
from studio.recipe import Recipe
from studio.record import Example
from studio.settings import Settings
from studio.table import Table
from studio.workspace import Workspace

__all__ = [
    "build",
    "build_table",
    "count_splits",
    "find_near_prompts",
    "load_table",
    "nearest_template",
    "open_recipe_source",
    "plan_splits",
    "preview_example",
    "preview_export",
    "read_keys",
    "refuse_other_source",
    "refuse_unsettled",
    "resolve_export",
    "resolve_recipe",
    "resolve_template",
    "select_left",
    "stream_part",
]


def preview_example(recipe: Recipe, table: Table, row: int) -> Example:
    """The example that the record at `row` becomes in an export and in training."""
    return resolve_template(recipe, table).render(table.record(row))


def build_table(
    recipe: Recipe, table: Table, out: Path, *, replace: bool = False, progress: Progress | None = None
) -> Export:
    """Render, split and export a table that is already stored, and has the recipe's edits and exclusions.

    Raises SourceError when its source has changed since, or when it is still being read.
    """
    refuse_unsettled(recipe, table)
    template = resolve_template(recipe, table)
    left = select_left(recipe, table)
    splits = plan_splits(recipe, table, left)
    resolved = resolve_recipe(recipe, table)
    return write_export(table, template, splits, left, resolved, out, replace=replace, progress=progress)


def stream_part(recipe: Recipe, table: Table, part: str) -> Iterator[bytes]:
    """The very bytes of the part's file in the export that `build_table` would write, as they are made.

    What is wrong is raised at once where it can be known before the records are read; see `stream_export`.
    """
    refuse_unsettled(recipe, table)
    template = resolve_template(recipe, table)
    return stream_export(table, template, plan_splits(recipe, table), resolve_recipe(recipe, table), part)


def preview_export(recipe: Recipe, table: Table, settings: Settings, count: int = 3) -> dict[str, str]:
    """Part → the beginning of its file, with its first `count` records; the table may still be read."""
    template = resolve_template(recipe, table)
    encoding = choose_encoding(template, resolve_recipe(recipe, table))
    return preview_lines(table, template, plan_splits(recipe, table), encoding, settings, count)


def build(
    recipe: Recipe,
    out: Path,
    *,
    settings: Settings | None = None,
    source_file: Path | None = None,
    recipe_folder: Path | None = None,
    replace: bool = False,
    progress: Progress | None = None,
) -> Export:
    """Run a recipe from its source to an export folder at `out`.

    `source_file` stands in for the recipe's path, which is otherwise looked for in `recipe_folder` (by
    default the current one) and then, by its hash, in the workspace. Raises StudioErrors; nothing is left
    half-written.
    """
    refuse_existing(out, replace)
    workspace = Workspace(settings or Settings.from_env())
    with workspace.scratch() as scratch:
        table = open_recipe_source(recipe, scratch / "table", workspace, source_file, recipe_folder)
        return build_table(recipe, table, out, replace=replace, progress=progress)
