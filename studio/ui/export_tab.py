"""Export: what a record becomes, in which file; how its parts begin; and the exports that were written.

Pairs with studio/export, studio/exporting and studio/formats. Everything comes from `/api/v1/tables/{id}`
(`export` and `exports`), and is drawn by assets/scripts/export; here it is only said which table it is about.
"""

from typing import Any

from studio.ui.place import Place
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view

PAGE = """<div class="st export-page">
  <div class="stack">
    <div data-wrong></div>
    <section class="card" aria-label="Shape">
      <header><h2>Shape</h2><span class="quiet">what a record becomes</span></header>
      <div class="choices" role="radiogroup" aria-label="Shape" data-formats></div>
      <footer class="presets" data-presets></footer>
    </section>
    <section class="card" aria-label="File">
      <header><h2>File</h2></header>
      <div class="export-form" data-file></div>
    </section>
    <details class="card fold">
      <summary><h2>Dataset card</h2><span class="quiet" data-card-said></span></summary>
      <div class="export-form" data-card></div>
    </details>
    <details class="card fold">
      <summary><h2>Configs for trainers</h2><span class="quiet" data-configs-said></span></summary>
      <div class="export-form" data-configs></div>
    </details>
  </div>
  <div class="stack">
    <section class="card file-preview" aria-label="Preview" data-preview>
      <header>
        <h2>Preview</h2>
        <div class="segments" role="radiogroup" aria-label="Part" data-parts></div>
        <span class="quiet end" data-counts></span>
      </header>
      <div class="file-body" data-lines aria-live="polite"></div>
      <ul class="export-remarks" aria-label="Before it is written" data-remarks hidden></ul>
      <footer><span class="ways" data-write></span><span data-now></span></footer>
    </section>
    <div class="stack" data-exports></div>
  </div>
</div>"""


def build_export_tab(screen: Screen) -> None:
    """The place of the stage's view; which table it is about is all that it is told."""
    page_head(
        "Export", "The same recipe on the same source gives the same bytes, here and on the command line."
    )
    notice = notice_view("export")
    needs_table("Export")
    page = view("exportPage", PAGE, elem_id="export-page", elem_classes=["with-table"], value={})

    def show(place: Place) -> list[Any]:
        screen.workspace.table(place.table)
        return [{"table": place.table}]

    screen.on_visit("export", show, [page], notice)
