"""Split: which part of the records is for training, and which is kept aside.

Pairs with studio/split. The plan is kept in the table's draft recipe as soon as it can be carried out. What
the parts look like, and their twins, the page asks of /api/v1/tables/{id}/split.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from studio.errors import SplitError
from studio.near import NEAR
from studio.pipeline import select_left
from studio.profile import find_category
from studio.recipe import Recipe, SplitSpec
from studio.selection import Selection
from studio.split import PART_NAMES, count_parts, parse_plan
from studio.table import Table
from studio.ui.place import Place
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view, wire
from studio.workspace import Workspace

PARTS = """<div class="st stack">
  <section class="card split-parts" aria-label="Parts">
    <header><h2>Parts</h2><span class="quiet" data-all></span></header>
    <div data-problem aria-live="polite"></div>
    <div class="split-bar" data-bar role="img"></div>
    <dl class="figures" data-figures></dl>
    <footer class="quiet" data-words></footer>
  </section>
  <ul class="hints" data-hints aria-label="Hints"></ul>
  <section class="card" aria-label="Twins" data-twins-card hidden>
    <header><h2>Twins across parts</h2>
      <span class="quiet">records that would be scored on what was learnt</span></header>
    <div class="twins" data-twins aria-live="polite"></div>
  </section>
  <section class="card" aria-label="What each part looks like" data-looks-card hidden>
    <header><h2>What each part looks like</h2></header>
    <div data-looks></div>
  </section>
</div>"""
METHODS = [
    ("Random, by a seed", "random"),
    ("Sequential, in table order", "sequential"),
    ("Stratified: of every value its share", "stratified"),
    ("Grouped: what is the same stays together", "grouped"),
    ("Hash: added records move none", "hash"),
    ("Published, as the source came", "published"),
]
SIZES = '<p class="st quiet">Fractions up to 1, or counts of records. 0 leaves a part out.</p>'

_COLUMN = "column:"  # before a column's name, which may be empty
_PROMPT = ("The prompt, whatever its case and blanks", "prompt")
_GO_BY = ("stratified", "grouped", "hash")


@dataclass(frozen=True, slots=True)
class SplitHandlers:
    """What the events of the tab do; `values` are those of the form."""

    workspace: Workspace

    def show(self, place: Place) -> list[Any]:
        """The form as the draft has it, and the counts."""
        return self._show(place.table, self.workspace.draft(place.table))

    def plan(self, table_id: str, *values: Any) -> list[Any]:
        """The form was changed: it is kept if it can be."""
        table = self.workspace.result(table_id)
        left = select_left(self.workspace.draft(table_id), table)

        def plan(draft: Recipe) -> Recipe:
            return draft.model_copy(update={"split": read_split(draft.split, table, left, *values)})

        try:
            split = self.workspace.change_draft(table_id, plan).split
        except SplitError as error:
            return [gr.skip(), gr.skip(), describe_problem(error, left)]
        shown = {"table": table_id, **describe_split(split, left)}
        return [offer_columns(split, table), offer_near(split), shown]

    def group(self, table_id: str, near: float | None = None) -> list[Any]:
        """The same parts, but with the same prompt in one, or what is so near to it."""
        recipe = self.workspace.change_draft(
            table_id, lambda draft: draft.model_copy(update={"split": group_prompts(draft.split, near)})
        )
        return self._show(table_id, recipe)

    def _show(self, table_id: str, recipe: Recipe) -> list[Any]:
        table = self.workspace.result(table_id)
        parts = describe_split(recipe.split, select_left(recipe, table))
        return [*fill_form(recipe.split, table), {"table": table_id, **parts}]


def build_split_tab(screen: Screen) -> None:
    """The controls of the stage and their events."""
    page_head("Split", "Train on one part; validation chooses when to stop, test is only ever scored.")
    notice = notice_view("split")
    needs_table("Split")
    with gr.Row(elem_id="split-grid", elem_classes=["aside", "with-table"]):
        with gr.Column(variant="panel"):
            form = _plan_form()
        with gr.Column():
            bar = view("splitBar", PARTS, events=["group", "group_near"], elem_id="split-bar", value={})

    on = SplitHandlers(screen.workspace)
    by, near = form[1:3]
    screen.on_visit("split", on.show, [*form, bar], notice)
    # One event for all of the form: of two, an earlier answer could be the last to be kept.
    typed = partial(gr.on, [control.input for control in form])
    screen.after(wire(typed, on.plan, [screen.table, *form], [by, near, bar], notice))
    screen.after(wire(bar.group, on.group, [screen.table], [*form, bar], notice))
    group_near = partial(on.group, near=NEAR)
    screen.after(wire(bar.group_near, group_near, [screen.table], [*form, bar], notice))


def _plan_form() -> list[Any]:
    """Method, what it goes by, whether nearly the same is the same, the three sizes, and the seed."""
    method = gr.Radio(METHODS, label="Method", value="random")
    by = gr.Dropdown([_PROMPT], label="By", value=_PROMPT[1], filterable=False, visible=False)
    near = gr.Checkbox(label="Near-duplicates too", info=_describe_near(NEAR), value=False, visible=False)
    with gr.Row(elem_classes=["fields"]):
        sizes = [gr.Number(label=name.capitalize(), minimum=0, step=0.05, value=0) for name in PART_NAMES]
    gr.HTML(html_template=SIZES, js_on_load=None, apply_default_css=False)
    seed = gr.Number(label="Seed", value=42, precision=0, info="The same seed gives the same parts.")
    return [method, by, near, *sizes, seed]


def read_split(
    current: SplitSpec,
    table: Table,
    left: Selection,
    method: str,
    by: str | None,
    near: bool,
    *values: float | None,
) -> SplitSpec:
    """The split that the form asks for, its parts in the order of the current one.

    A size of 0 or none leaves its part out; a similarity that the current one has stays. Raises SplitError.
    """
    *sizes, seed = values
    given = {name: value for name, value in zip(PART_NAMES, sizes, strict=True) if value}
    order = dict.fromkeys([*current.sizes, *PART_NAMES])
    plan: dict[str, Any] = {"method": method, "seed": 42 if seed is None else int(seed)}
    if method in _GO_BY:
        plan["by"] = _read_by(current, table, method, by)
    if method == "grouped" and near:
        plan["near"] = current.to_plan().near or NEAR
    plan |= {name: given[name] for name in order if name in given}
    if method == "published":  # the sizes wait in the form for another method
        plan = {"method": method}
    count_parts(left.records, parse_plan(plan), left.published)
    return SplitSpec.model_validate(plan)


def _read_by(current: SplitSpec, table: Table, method: str, by: str | None) -> str | None:
    """The column that is chosen; one that suits the method when that has just been chosen."""
    if method == current.to_plan().method and by is not None and by.startswith(_COLUMN):
        return by.removeprefix(_COLUMN)
    return (find_category(table) or table.names[0]) if method == "stratified" else None


def group_prompts(split: SplitSpec, near: float | None = None) -> SplitSpec:
    """The same parts and seed, grouped by the prompt, or what is so near to it."""
    sizes: Mapping[str, float] = split.sizes or {"train": 0.9, "test": 0.1}
    plan = {"method": "grouped", "near": near, **sizes, "seed": split.to_plan().seed}
    return SplitSpec.model_validate(plan)


def describe_split(split: SplitSpec, left: Selection) -> dict[str, Any]:
    """Records of every part, in the order in which they are cut, and the rest that no part asked for.

    The parts are left out where keys have to be read for them.
    """
    plan = split.to_plan()
    try:
        counts = count_parts(left.records, plan, left.published)
    except SplitError as error:
        return describe_problem(error, left)
    said = {"total": left.records, "changes": left.words, "look": secrets.token_hex(4)}
    if plan.method in ("grouped", "hash"):
        return said
    parts = [{"name": name, "records": records} for name, records in counts.items()]
    unused = left.records - sum(counts.values())
    return {**said, "parts": parts, "unused": unused, "method": plan.method, "by": plan.by, "seed": plan.seed}


def describe_problem(error: SplitError, left: Selection) -> dict[str, Any]:
    """Why there is no split."""
    problem = {"message": error.message, "hint": error.hint}
    return {"total": left.records, "changes": left.words, "problem": problem}


def offer_columns(split: SplitSpec, table: Table) -> dict[str, Any]:
    """The choice of what the method goes by: a column or the prompt; hidden where it goes by nothing."""
    plan = split.to_plan()
    choices = [] if plan.method == "stratified" else [_PROMPT]
    choices += [(name or '""', f"{_COLUMN}{name}") for name in table.names]
    value = _PROMPT[1] if plan.by is None else f"{_COLUMN}{plan.by}"
    update: dict[str, Any] = gr.update(choices=choices, value=value, visible=plan.method in _GO_BY)
    return update


def offer_near(split: SplitSpec) -> dict[str, Any]:
    """Whether near-duplicates are kept together; hidden where nothing is."""
    plan = split.to_plan()
    update: dict[str, Any] = gr.update(
        value=plan.near is not None,
        visible=plan.method == "grouped",
        info=_describe_near(plan.near or NEAR),
    )
    return update


def _describe_near(near: float) -> str:
    return f"Those that are {near * 100:.4g} % or more alike count as the same."


def fill_form(split: SplitSpec, table: Table) -> list[Any]:
    """Values for the form."""
    plan = split.to_plan()
    sizes = [split.sizes.get(name, 0) for name in PART_NAMES]
    return [plan.method, offer_columns(split, table), offer_near(split), *sizes, plan.seed]
