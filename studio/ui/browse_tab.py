"""Browse: the records of the table, 50 a page, with search and one record beside them.

Pairs with studio/table. The rows come from /api/v1/tables and are drawn by assets/scripts/table.js.
"""

from typing import Any

from studio.ui.place import Place
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view

RECORDS = """<div class="st">
<section class="records" aria-label="Records">
  <div class="tools">
    <label class="search">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3 3"/>
      </svg>
      <input type="search" placeholder="Search all columns" aria-label="Search all columns">
      <span class="key" aria-hidden="true">/</span>
    </label>
    <span class="quiet" data-count role="status" aria-live="polite"></span>
  </div>
  <div class="scroll" tabindex="-1">
    <table><thead><tr></tr></thead><tbody></tbody></table>
    <p class="no-match" hidden>No record matches. Change the search or clear it.</p>
  </div>
  <aside class="record" aria-label="Record">
    <header>
      <h2></h2>
      <button class="icon" type="button" data-act="up" aria-label="Previous record">↑</button>
      <button class="icon" type="button" data-act="down" aria-label="Next record">↓</button>
      <button class="icon" type="button" data-act="close" aria-label="Close record">✕</button>
    </header>
    <div class="fields" data-fields tabindex="0" role="region" aria-label="Fields of the record"></div>
  </aside>
  <footer>
    <span class="keys" aria-hidden="true">
      <span class="key">j</span><span class="key">k</span><span>record</span>
      <span class="key">[</span><span class="key">]</span><span>page</span>
      <span class="key">Enter</span><span>open</span><span class="key">Esc</span><span>close</span>
    </span>
    <span class="quiet" data-range></span>
    <button class="button small" type="button" data-act="previous" aria-label="Previous page">
      Previous</button>
    <button class="button small" type="button" data-act="next" aria-label="Next page">Next</button>
  </footer>
</section></div>"""


def build_browse_tab(screen: Screen) -> None:
    """The records; everything but the choice of the table happens in the browser."""
    page_head("Browse", "Every record as it was read, never changed.")
    notice = notice_view("browse")
    needs_table("Browse")
    records = view("records", RECORDS, elem_id="records", elem_classes=["with-table"], value={})

    def show(place: Place) -> list[Any]:
        table = screen.workspace.table(place.table)
        return [{"table": place.table, "complete": table.complete, "partial": table.partial}]

    screen.on_visit("browse", show, [records], notice)
