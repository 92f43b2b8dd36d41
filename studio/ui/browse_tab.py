"""Browse: the records of the table page by page, with search, filters, figures, and one record beside.

Pairs with studio/table. Everything comes from /api/v1/tables and is drawn by assets/scripts/browse.
"""

from typing import Any

from studio.ui.place import Place
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view

LINK = '<button class="button small" type="button" data-act="copy-link">Copy link</button>'
_TOOLS = """<div class="tools">
    <div class="search">
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3 3"/>
      </svg>
      <input type="search" placeholder="Search all columns" aria-label="Search all columns"
        autocomplete="off" spellcheck="false" aria-describedby="search-problem">
      <button class="icon" type="button" data-act="clear" aria-label="Clear the search" hidden>✕</button>
      <span class="options" role="group" aria-label="How to search">
        <button type="button" data-option="case" aria-pressed="false" aria-label="Match case"
          title="Match case">Aa</button>
        <button type="button" data-option="word" aria-pressed="false" aria-label="Whole words"
          title="Whole words"><u>ab</u></button>
        <button type="button" data-option="regex" aria-pressed="false" aria-label="Regular expression"
          title="Regular expression">.*</button>
      </span>
      <span class="key" aria-hidden="true">/</span>
    </div>
    <button class="button small" type="button" data-act="filter" aria-haspopup="dialog"
      aria-expanded="false">Add filter</button>
    <button class="button small" type="button" data-act="columns" aria-haspopup="dialog"
      aria-expanded="false">Columns</button>
    <button class="button small" type="button" data-quality aria-expanded="false">Quality</button>
    <select class="narrow-only" data-sort aria-label="Sort"></select>
    <div data-changes></div>
    <span class="quiet" data-count role="status" aria-live="polite"></span>
  </div>"""
_TABLE = """<div class="scroll" tabindex="-1">
    <table role="table" aria-label="Records of the table"><colgroup></colgroup>
      <thead role="rowgroup"><tr role="row"></tr></thead><tbody role="rowgroup"></tbody></table>
    <div class="no-rows" data-no-rows hidden></div>
  </div>"""
_RECORD = """<aside class="record" aria-label="Record">
    <header>
      <h2></h2>
      <button class="icon" type="button" data-act="up" aria-label="Previous record">↑</button>
      <button class="icon" type="button" data-act="down" aria-label="Next record">↓</button>
      <button class="icon" type="button" data-act="close" aria-label="Close record">✕</button>
    </header>
    <div class="fields" data-fields tabindex="0" role="region" aria-label="Fields of the record"></div>
  </aside>"""
_QUALITY = '<aside class="quality" aria-label="Quality"></aside>'
_FOOT = """<footer>
    <span class="keys" aria-hidden="true">
      <span class="key">j</span><span class="key">k</span><span>move</span>
      <span class="key">[</span><span class="key">]</span><span>page</span>
      <span class="key">Enter</span><span>open</span><span class="key">?</span><span>all keys</span>
    </span>
    <div class="selection" role="group" aria-label="Selection" data-selection hidden></div>
    <span class="pages">
      <label class="go-to"><span aria-hidden="true">Row</span> <input type="text" inputmode="numeric"
        autocomplete="off" data-go-to aria-label="Go to row" placeholder="number"></label>
      <select data-size aria-label="Records a page">
        <option value="25">25 a page</option><option value="50">50 a page</option>
        <option value="100">100 a page</option>
      </select>
      <span class="quiet" data-range></span>
      <button class="button small" type="button" data-act="previous" aria-label="Previous page">
        <span>Previous</span></button>
      <button class="button small" type="button" data-act="next" aria-label="Next page">
        <span>Next</span></button>
    </span>
  </footer>"""
RECORDS = f"""<div class="st">
<section class="records" aria-label="Records">
  {_TOOLS}
  <div class="asked">
    <p class="wrong" id="search-problem" role="alert" data-wrong></p>
    <div data-problem></div>
    <div class="filters" role="group" aria-label="Filters" data-filters hidden></div>
  </div>
  {_TABLE}
  {_QUALITY}
  {_RECORD}
  {_FOOT}
</section></div>"""


def build_browse_tab(screen: Screen) -> None:
    """The records; everything but the choice of the table happens in the browser."""
    page_head("Browse", script="browseHead", ways=LINK)
    notice = notice_view("browse")
    needs_table("Browse")
    records = view("records", RECORDS, elem_id="records", elem_classes=["with-table"], value={})

    def show(place: Place) -> list[Any]:
        table = screen.workspace.table(place.table)
        return [{"table": place.table, "complete": table.complete, "partial": table.partial}]

    screen.on_visit("browse", show, [records], notice)
