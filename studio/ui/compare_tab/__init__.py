"""Compare: what a model makes of the test records before and after, with scores, differences and marks.

Pairs with studio/compare. Scores come from /api/v1/runs/{id}/comparison, the records from …/pairs; all is
drawn by assets/scripts/compare, and here it is only said which table and run it is about.
"""

from typing import Any

from studio.ui.compare_tab.comparison import COMPARISON
from studio.ui.compare_tab.judge import JUDGE
from studio.ui.compare_tab.try_prompt import TRY
from studio.ui.place import Place
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view

WAYS = """<button class="button small" type="button" data-to="try">Try a prompt</button>
  <button class="button small" type="button" data-to="judge">Judge</button>
  <button class="button small" type="button" data-act="copy-link">Copy link</button>"""


def build_compare_tab(screen: Screen) -> None:
    """The places of the stage's views; what is compared stands in the page's address."""
    page_head(
        "Compare",
        "Records of the test part, which training never saw; both sides decode in the same way.",
        script="compareHead",
        ways=WAYS,
    )
    notice = notice_view("compare")
    needs_table("Compare")
    comparison = view("comparison", COMPARISON, elem_id="comparison", elem_classes=["with-table"], value={})
    tried = view("tryPrompt", TRY, elem_id="try", elem_classes=["with-table"], value={})
    judge = view("judge", JUDGE, elem_id="judge", elem_classes=["with-table"], value={})

    def show(place: Place) -> list[Any]:
        about = {"table": place.table, "run": place.run}
        return [about, about, about]

    screen.on_visit("compare", show, [comparison, tried, judge], notice)
