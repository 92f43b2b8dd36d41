"""Compare: the same test prompts before and after, side by side, with their scores.

Pairs with studio/compare.py. Scores and pairs come from /api/v1/runs/{id}/comparison.
"""

from typing import Any

from studio.job import list_runs
from studio.ui.compare_tab.try_prompt import TRY
from studio.ui.place import Place, runs_of
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view

COMPARISON = """<div class="st stack">
  <section class="card" aria-label="Scores">
    <header><h2>Before and after</h2><span class="label" data-label></span>
      <label class="end">Run <select data-runs aria-label="Run"></select></label></header>
    <div data-problem aria-live="polite"></div>
    <div class="scroll-x" tabindex="0" role="region" aria-label="Table of scores" data-scores></div>
  </section>
  <section class="stack" aria-label="Completions" data-pairs></section>
  <nav class="pager" aria-label="Pages of completions" data-pager hidden>
    <span class="quiet" data-range></span>
    <button class="button small" type="button" data-act="previous">Previous</button>
    <button class="button small" type="button" data-act="next">Next</button></nav>
</div>"""


def build_compare_tab(screen: Screen) -> None:
    """The comparison; everything but the choice of the run happens in the browser."""
    page_head(
        "Compare", "Records of the test part, which training never saw; both models decode in the same way."
    )
    notice = notice_view("compare")
    needs_table("Compare")
    comparison = view("comparison", COMPARISON, elem_id="comparison", elem_classes=["with-table"], value={})
    tried = view("tryPrompt", TRY, elem_id="try", elem_classes=["with-table"], value={})

    def show(place: Place) -> list[Any]:
        return [
            {"run": place.run, "runs": describe_runs(screen, place)},
            {"table": place.table, "run": place.run},
        ]

    screen.on_visit("compare", show, [comparison, tried], notice)


def describe_runs(screen: Screen, place: Place) -> list[dict[str, Any]]:
    """The runs that ended well, the newest first: those of the table, and the one that was asked for.

    `records` is how many test records were answered; without a test part there are none.
    """
    made = {state.run for state in runs_of(screen.workspace, place.table)} | {place.run}
    return [
        {
            "run": state.run,
            "started": state.started,
            "steps": state.step,
            "records": state.metrics.get("records") or 0,
        }
        for state in list_runs(screen.workspace.runs)
        if state.run in made and state.state == "succeeded"
    ]
