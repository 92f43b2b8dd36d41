"""Every stage end to end, without a screen: a recipe and a source become an export.

    load_table → resolve_overlay → select_left → plan_splits → resolve_template → write_export

The page calls the same functions on a table that it has already; `build` starts from the recipe alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.errors import SourceError, TemplateError
from studio.export import Export, Progress, preview_lines, refuse_existing, stream_export, write_export
from studio.export.writing import choose_encoding
from studio.formats import resolve_file, resolve_format, resolve_names
from studio.keys import iter_given, iter_keys, iter_prompts
from studio.near import NearGroups, find_near, merge_groups
from studio.overlay import resolve_overlay
from studio.reader import Progress as ReadProgress
from studio.reader import read_source, refuse_edited
from studio.recipe import ExportSpec, Recipe, SourceSpec, StyleSpec
from studio.record import Example, Repair
from studio.selection import Selection, select_rows
from studio.settings import Settings
from studio.source import Source
from studio.split import Keys, RowIds, SplitPlan, Splits, count_parts, number_keys, split_rows
from studio.styles import STYLES, style_template
from studio.table import Table
from studio.template import Template
from studio.workspace import Workspace


def load_table(
    source: Source,
    folder: Path,
    settings: Settings,
    *,
    repairs: Sequence[Repair] = (),
    live: bool = False,
    progress: ReadProgress | None = None,
) -> Table:
    """Read a source of any kind into a new table at `folder`, whole or not at all.

    A table that is `live` can be opened while it grows, and keeps what was read. Raises SourceError,
    ReadError or HubError in words; nothing is left behind then, unless it is live.
    """
    if source.hub is not None:
        from studio.hub import read_hub

        return read_hub(source, folder, settings, repairs=repairs, live=live, progress=progress)
    return read_source(source, folder, settings, repairs=repairs, live=live, progress=progress)


def resolve_template(recipe: Recipe, table: Table) -> Template:
    """The recipe's template with its column map, checked against the table. Raises TemplateError."""
    names = [column.name for column in table.columns]
    if isinstance(recipe.template, StyleSpec):
        return style_template(recipe.template.style, names, recipe.columns)
    own = recipe.own_template()
    assert own is not None
    template = own.mapped(recipe.columns)
    template.check(names)
    return template


def nearest_template(recipe: Recipe, table: Table) -> Template:
    """The recipe's template with its column map even where it does not fit; of a style its first variant."""
    try:
        return resolve_template(recipe, table)
    except TemplateError:
        own = recipe.own_template()
        if own is None:
            assert isinstance(recipe.template, StyleSpec)
            own = STYLES[recipe.template.style].templates[0]
        return own.mapped(recipe.columns)


def preview_example(recipe: Recipe, table: Table, row: int) -> Example:
    """The example that the record at `row` becomes in an export and in training."""
    return resolve_template(recipe, table).render(table.record(row))


def select_left(recipe: Recipe, table: Table) -> Selection:
    """The records that are neither excluded nor filtered out. Raises TableError for an unknown column."""
    return select_rows(table, recipe.conditions())


def plan_splits(
    recipe: Recipe, table: Table, left: Selection | None = None, near: NearGroups | None = None
) -> Splits:
    """The row ids of every part: the records `left` in table order are cut.

    `near` are the near-duplicates by which the plan goes, where they were found already. Raises SplitError,
    and TableError when the split goes by a column that is not there.
    """
    left = left or select_left(recipe, table)
    plan = recipe.split.to_plan()
    keys = read_keys(plan, recipe, table, left) if plan.wants_keys else ()
    groups = None if plan.near is None else _group_near(plan, recipe, table, left, keys, near)
    splits = split_rows(left.records, plan, left.published, keys, groups)
    if left.rows is None:
        return splits
    parts = {name: left.rows[places].astype(np.int64) for name, places in splits.parts.items()}
    return replace(splits, parts=parts)


def read_keys(plan: SplitPlan, recipe: Recipe, table: Table, left: Selection) -> Keys:
    """The keys of the records `left`: the column's values as they are for `stratified`, otherwise normalised;
    without a column the normalised prompts. Raises TableError for an unknown column.
    """
    if plan.by is None:
        return iter_prompts(table, resolve_template(recipe, table), left.rows)
    return iter_keys(table, plan.by, left.rows, normalised=plan.method != "stratified")


def find_near_prompts(recipe: Recipe, table: Table, left: Selection, near: float) -> NearGroups:
    """The near-duplicates among the prompts of the records `left`: of each the values that it reads."""
    return find_near(iter_given(table, resolve_template(recipe, table), left.rows), near)


def _group_near(
    plan: SplitPlan, recipe: Recipe, table: Table, left: Selection, keys: Keys, near: NearGroups | None
) -> RowIds:
    """The groups of records with the same key or nearly the same."""
    if near is None:
        assert plan.near is not None
        near = (
            find_near_prompts(recipe, table, left, plan.near)
            if plan.by is None
            else find_near(iter_keys(table, plan.by, left.rows, normalised=True), plan.near)
        )
    return merge_groups(near.groups, number_keys(keys))


def count_splits(recipe: Recipe, table: Table) -> dict[str, int]:
    """How many records every part gets, in plan order; about as many where whole groups are cut, since no
    key is read. Raises SplitError.
    """
    left = select_left(recipe, table)
    return count_parts(left.records, recipe.split.to_plan(), left.published)


def resolve_recipe(recipe: Recipe, table: Table) -> Recipe:
    """The recipe with everything stated that the source and the defaults decided.

    Two recipes that mean the same on the same source become equal, so that their manifests are.
    """
    template = resolve_template(recipe, table)
    mapping = {name: column for name, column in recipe.columns.items() if name != column}
    used = {name: column for name, column in mapping.items() if name in template.placeholders}
    return recipe.model_copy(
        update={
            "source": SourceSpec.from_source(replace(table.source, sha256=table.sha256)),
            "columns": used,
            "export": resolve_export(recipe.export, template),
        }
    )


def resolve_export(spec: ExportSpec, template: Template) -> ExportSpec:
    """The export with its format stated, names that say nothing left out, trainers once and in order.

    Raises ExportError for a format that the template cannot be written in, a file that cannot hold it, and
    names that are none.
    """
    kind = resolve_format(template, spec.format)
    resolve_file(kind, spec.file)
    resolved = resolve_names(kind, spec.names)
    names = {field: name for field, name in resolved.items() if field != name}
    return spec.model_copy(
        update={"format": kind, "names": names, "configs": sorted(dict.fromkeys(spec.configs))}
    )


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


def refuse_unsettled(recipe: Recipe, table: Table) -> None:
    """Raise when what is stored is not what the recipe would read from its source."""
    if table.reading:
        raise SourceError(
            f"{table.name} is still being read.", "Wait until it is done, or stop it and take what is there."
        )
    repaired = len(recipe.overlay.repair)
    if repaired != table.repaired:
        raise SourceError(
            f"{table.name} was read with {table.repaired} repairs, and the recipe has {repaired}.",
            "Load it again, so that they are applied.",
        )
    asked = len(recipe.overlay.edit), len(recipe.overlay.exclude)
    if asked != (table.changes.cells, len(table.changes.excluded)):
        raise SourceError(
            f"{table.name} has {table.changes.words or 'no changes'}, and the recipe {asked[1]} excluded and "
            f"{asked[0]} edited.",
            "They were changed meanwhile, or are not applied: try again.",
        )
    refuse_edited(table)


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


def open_recipe_source(
    recipe: Recipe,
    folder: Path,
    workspace: Workspace,
    source_file: Path | None = None,
    recipe_folder: Path | None = None,
) -> Table:
    """The workspace's table of the recipe's unchanged source, or else a new one at `folder`; overlaid.

    Raises SourceError when its hash is another than the recipe's, and RecipeError when the overlay names
    records that are not there.
    """
    source = recipe.source.to_source()
    if source_file is not None or source.path is not None:
        path = source_file or _find_file(recipe.source, workspace, recipe_folder or Path())
        source = replace(source, path=str(path), url=None, hub=None, sha256=None)
    repairs = recipe.overlay.to_repairs()
    known = None if repairs else workspace.find_table(source)
    table = (
        load_table(source, folder, workspace.settings, repairs=repairs)
        if known is None
        else workspace.table(known)
    )
    refuse_other_source(recipe, table)
    changes = resolve_overlay(
        table, recipe.overlay.to_edits(), recipe.overlay.to_exclusions(), workspace.settings
    )
    return table.with_changes(changes)


def refuse_other_source(recipe: Recipe, table: Table) -> None:
    """Raise SourceError when the table's file is not the one whose hash the recipe has."""
    wanted = recipe.source.sha256
    if wanted is not None and table.sha256 is not None and table.sha256 != wanted:
        raise SourceError(
            f"{table.name} is not the recipe's file: SHA-256 {table.sha256[:12]}…, not {wanted[:12]}….",
            "Give the original file, or take sha256 out of the recipe to accept this one.",
        )


def _find_file(spec: SourceSpec, workspace: Workspace, recipe_folder: Path) -> Path:
    assert spec.path is not None
    beside = recipe_folder / spec.path
    if beside.exists():
        return beside
    known = workspace.find_source(spec.sha256) if spec.sha256 else None
    if known is None:
        raise SourceError(
            f"There is no file {beside}.", "Put it beside the recipe, or give it with --source FILE."
        )
    return known
