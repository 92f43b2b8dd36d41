"""The shell of what a finished run gives: its model, its card, and how other programs open it.

Everything comes from `/api/v1/runs/{id}/takeaway`, and is drawn by assets/scripts/runs/takeaway.js.
"""

from typing import Any

from studio.job import list_runs
from studio.ui.screen import Screen

TAKEAWAY = """<section class="st card takeaway" aria-label="Take it away" data-card hidden>
  <header><h2>Take it away</h2><span class="quiet">what this run has made, for use elsewhere</span></header>
  <div data-body></div>
</section>"""


def tell_takeaway(screen: Screen, run: str) -> dict[str, Any]:
    """Which run it is about, and its state: another value whenever there may be more to give."""
    states = {state.run: state.state for state in list_runs(screen.workspace.runs)}
    return {"run": run, "state": states.get(run, "")}
