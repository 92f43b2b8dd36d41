"""Split: which part of the records is for training, and which is kept aside.

Pairs with studio/split.py. The plan is kept in the table's draft recipe as soon as it can be carried out.
"""

from functools import partial
from typing import Any

import gradio as gr

from studio.errors import SplitError
from studio.pipeline import select_left
from studio.recipe import Recipe, SplitSpec
from studio.selection import Selection
from studio.split import PART_NAMES, count_parts, parse_plan
from studio.ui.place import Place
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view, wire

BAR = """<section class="st card" aria-label="Parts">
  <header><h2>Parts</h2><span class="quiet" data-all></span></header>
  <div data-problem aria-live="polite"></div>
  <div class="split-bar" data-bar role="img"></div>
  <dl class="figures" data-figures></dl>
  <footer class="quiet" data-words></footer>
</section>"""
METHODS = [
    ("Random, by a seed", "random"),
    ("Sequential, in table order", "sequential"),
    ("Published, as the source came", "published"),
]


def build_split_tab(screen: Screen) -> None:
    """The controls of the stage and their events."""
    page_head("Split", "Train on one part; validation chooses when to stop, test is only ever scored.")
    notice = notice_view("split")
    needs_table("Split")
    with gr.Row(elem_id="split-grid", elem_classes=["aside", "with-table"]):
        with gr.Column(variant="panel"):
            form = _plan_form()
        with gr.Column():
            bar = view("splitBar", BAR, elem_id="split-bar", value={})

    def show(place: Place) -> list[Any]:
        recipe = screen.workspace.draft(place.table)
        left = select_left(recipe, screen.workspace.result(place.table))
        return [*_fill_form(recipe), describe_split(recipe.split, left)]

    def plan(table_id: str, *values: Any) -> list[Any]:
        recipe = screen.workspace.draft(table_id)
        left = select_left(recipe, screen.workspace.result(table_id))
        try:
            split = read_split(left, *values)
        except SplitError as error:
            return [_describe_problem(error, left)]
        screen.workspace.save_draft(table_id, recipe.model_copy(update={"split": split}))
        return [describe_split(split, left)]

    screen.on_visit("split", show, [*form, bar], notice)
    # One event for all of the form: of two, an earlier answer could be the last to be kept.
    typed = partial(gr.on, [control.input for control in form])
    screen.after(wire(typed, plan, [screen.table, *form], [bar], notice))


def _plan_form() -> list[Any]:
    """Method, the three fractions in the order of the parts, and the seed."""
    method = gr.Radio(METHODS, label="Method", value="random")
    with gr.Row(elem_classes=["fields"]):
        fractions = [
            gr.Number(label=name.capitalize(), minimum=0, maximum=1, step=0.05, value=0)
            for name in PART_NAMES
        ]
    seed = gr.Number(label="Seed", value=42, precision=0, info="The same seed gives the same parts.")
    return [method, *fractions, seed]


def read_split(left: Selection, method: str, *values: float | None) -> SplitSpec:
    """The split that the form asks for; a fraction of 0 or none leaves its part out. Raises SplitError."""
    *fractions, seed = values
    parts = {name: value for name, value in zip(PART_NAMES, fractions, strict=True) if value}
    plan = {"method": method, **parts, "seed": 42 if seed is None else int(seed)}
    if method == "published":  # the fractions wait in the form for another method
        plan = {"method": method}
    count_parts(left.records, parse_plan(plan), left.published)
    return SplitSpec.model_validate(plan)


def describe_split(split: SplitSpec, left: Selection) -> dict[str, Any]:
    """Records of every part, in the order in which they are cut, and the rest that no part asked for."""
    plan = split.to_plan()
    try:
        counts = count_parts(left.records, plan, left.published)
    except SplitError as error:
        return _describe_problem(error, left)
    parts = [{"name": name, "records": records} for name, records in counts.items()]
    unused = left.records - sum(counts.values())
    return {
        "total": left.records,
        "changes": left.words,
        "parts": parts,
        "unused": unused,
        "method": plan.method,
        "seed": plan.seed,
    }


def _describe_problem(error: SplitError, left: Selection) -> dict[str, Any]:
    problem = {"message": error.message, "hint": error.hint}
    return {"total": left.records, "changes": left.words, "problem": problem}


def _fill_form(recipe: Recipe) -> list[Any]:
    plan = recipe.split.to_plan()
    fractions = {name: float(fraction) for name, fraction in plan.parts}
    return [plan.method, *(fractions.get(name, 0) for name in PART_NAMES), plan.seed]
