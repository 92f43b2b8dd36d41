"""Fine-tune: choose a base model and its options, know before launch, start a job, watch it.

Pairs with studio/job. The form and the plan come from `/api/v1` (`models`, `training`, `tables/{id}/train`,
`plan` and `runs`), and are drawn by assets/scripts/finetune; the panel of a run follows its events.
"""

from typing import Any

import gradio as gr

from studio.job import INSTALL_HINT, list_runs, training_available
from studio.ui.finetune_tab.form import FORM, PLAN
from studio.ui.finetune_tab.job import JOB, RUNS
from studio.ui.finetune_tab.takeaway import TAKEAWAY
from studio.ui.place import Place, runs_of
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view, wire

INSTALL = """<div class="st notice"><b>Training is not installed; everything else works.</b>
  <span>Install it, then start the studio again:</span><code>{command}</code></div>"""


def build_finetune_tab(screen: Screen) -> None:
    """The places of the stage's views; each is told only of which table and run it is."""
    page_head("Fine-tune", "A job of its own in the background: close the page, and it goes on.")
    notice = notice_view("finetune")
    needs_table("Fine-tune")
    if not training_available():
        missing = INSTALL.format(command=INSTALL_HINT)
        gr.HTML(html_template=missing, js_on_load=None, apply_default_css=False)
    with gr.Row(elem_id="finetune-grid", elem_classes=["with-table"]):
        with gr.Column():
            form = view("finetuneForm", FORM, elem_id="finetune-form", value={})
        with gr.Column():
            view("finetunePlan", PLAN, elem_id="finetune-plan", value={})
            job = view("job", JOB, events=["changed"], elem_id="job", value={})
            away = view("takeaway", TAKEAWAY, elem_id="takeaway", value={})
    runs = view("runList", RUNS, elem_id="runs", value={})

    def show(place: Place) -> list[Any]:
        screen.workspace.table(place.table)
        shown = place.run or next((state.run for state in runs_of(screen.workspace, place.table)), "")
        return [
            {"table": place.table},
            {"run": shown},
            {"run": shown},
            _list_runs(screen, shown),
        ]

    def refresh(run: str) -> list[Any]:
        return [_list_runs(screen, run)]

    screen.on_visit("finetune", show, [form, job, away, runs], notice)
    screen.after(wire(job.changed, refresh, [screen.run], [runs], notice))


def _list_runs(screen: Screen, run: str) -> dict[str, Any]:
    """What the list of runs is about: another value whenever the list has changed."""
    return {"run": run, "states": {state.run: state.state for state in list_runs(screen.workspace.runs)}}
