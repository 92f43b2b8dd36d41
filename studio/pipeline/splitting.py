"""The records that are left, and the part that each goes to."""

from dataclasses import replace

import numpy as np

from studio.keys import iter_given, iter_keys, iter_prompts
from studio.near import NearGroups, find_near, merge_groups
from studio.pipeline.resolving import resolve_template
from studio.recipe import Recipe
from studio.selection import Selection, select_rows
from studio.split import Keys, RowIds, SplitPlan, Splits, count_parts, number_keys, split_rows
from studio.table import Table


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
