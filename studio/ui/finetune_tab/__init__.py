"""Fine-tune: start a job in the background, watch it, cancel it.

Pairs with studio/job. The panel follows /api/v1/runs/{id}/events; the job lives on when the page does not.
"""

from typing import Any

import gradio as gr

from studio.job import BASE_MODELS, INSTALL_HINT, LABELS, list_runs, training_available
from studio.job.launch import launch_checked
from studio.recipe import Recipe, dump_recipe, parse_recipe
from studio.ui.finetune_tab.job import JOB, RUNS
from studio.ui.finetune_tab.takeaway import TAKEAWAY, tell_takeaway
from studio.ui.place import Place, runs_of
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view, wire

INSTALL = """<div class="st notice"><b>Training is not installed; everything else works.</b>
  <span>Install it, then start the studio again:</span><code>{command}</code></div>"""
BUDGET = "Empty: as many as fit in about a minute."


def build_finetune_tab(screen: Screen) -> None:
    """The controls of the stage and their events."""
    page_head("Fine-tune", "A job of its own in the background: close the page, and it goes on.")
    notice = notice_view("finetune")
    needs_table("Fine-tune")
    available = training_available()
    if not available:
        missing = INSTALL.format(command=INSTALL_HINT)
        gr.HTML(html_template=missing, js_on_load=None, apply_default_css=False)
    with gr.Row(elem_id="finetune-grid", elem_classes=["aside", "with-table"]):
        with gr.Column(variant="panel"):
            form = _train_form()
            start = gr.Button("Start fine-tune", variant="primary", interactive=available)
        with gr.Column():
            job = view("job", JOB, events=["changed"], elem_id="job", value={})
            away = view("takeaway", TAKEAWAY, elem_id="takeaway", value={})
    runs = view("runList", RUNS, elem_id="runs", value={})

    def show(place: Place) -> list[Any]:
        recipe = screen.workspace.draft(place.table)
        shown = place.run or next((state.run for state in runs_of(screen.workspace, place.table)), "")
        return [*_fill_form(recipe), {"run": shown}, tell_takeaway(screen, shown), _list_runs(screen, shown)]

    def launch(table_id: str, base_model: str, steps: float | None, seed: float | None) -> list[Any]:
        recipe = screen.workspace.change_draft(
            table_id, lambda draft: read_form(draft, base_model, steps, seed)
        )
        run = launch_checked(recipe, screen.workspace.result(table_id), screen.workspace).run
        screen.workspace.note_table(run, table_id)
        return [run, {"run": run}, tell_takeaway(screen, run), _list_runs(screen, run)]

    def refresh(run: str) -> list[Any]:
        return [tell_takeaway(screen, run), _list_runs(screen, run)]

    starting = "(...values) => { Studio.busy('finetune-notice', 'Starting …'); return values; }"
    screen.on_visit("finetune", show, [*form, job, away, runs], notice)
    outputs = [screen.run, job, away, runs]
    started = wire(start.click, launch, [screen.table, *form], outputs, notice, slow=True, js=starting)
    screen.after(started)
    screen.after(wire(job.changed, refresh, [screen.run], [away, runs], notice))


def read_form(recipe: Recipe, base_model: str, steps: float | None, seed: float | None) -> Recipe:
    """The recipe with what the form asks for; no steps means the automatic budget."""
    asked = {"base_model": base_model, "max_steps": int(steps) if steps else None}
    train = recipe.train.model_copy(update={**asked, "seed": 42 if seed is None else int(seed)})
    # Through its own text, so that a value out of range is refused in the recipe's words.
    return parse_recipe(dump_recipe(recipe.model_copy(update={"train": train})), "The form")


def _train_form() -> list[Any]:
    models = [(f"{name}: {LABELS.get(name, name)}", name) for name in BASE_MODELS]
    base_model = gr.Dropdown(models, label="Base model", value=BASE_MODELS[0], filterable=False)
    with gr.Row(elem_classes=["fields"]):
        steps = gr.Number(label="Steps", value=None, minimum=1, precision=0, info=BUDGET)
        seed = gr.Number(label="Seed", value=42, precision=0, info="For the start and the order.")
    return [base_model, steps, seed]


def _fill_form(recipe: Recipe) -> list[Any]:
    return [recipe.train.base_model, recipe.train.max_steps, recipe.train.seed]


def _list_runs(screen: Screen, run: str) -> dict[str, Any]:
    """What the list of runs is about: another value whenever the list has changed."""
    return {"run": run, "states": {state.run: state.state for state in list_runs(screen.workspace.runs)}}
