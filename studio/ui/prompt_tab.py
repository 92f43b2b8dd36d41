"""Prompt: a style or the person's own template, the column map, and what one record becomes, with its tokens.

Pairs with studio/template and studio/styles. Everything comes from /api/v1/tables/{id}/prompt and its
neighbours, and is drawn by assets/scripts/prompt; here it is only said which table the page is about.
"""

from typing import Any

import gradio as gr

from studio.ui.place import Place
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view

CHOICE = """<div class="st stack">
  <div data-wrong></div>
  <section class="card" aria-label="What the records look like" data-proposals hidden></section>
  <section class="card" aria-label="Prompt styles">
    <header><h2>Prompt style</h2><span class="quiet">the best fit first</span></header>
    <label class="style-search"><input type="search" placeholder="Search styles" aria-label="Search styles"
      data-search></label>
    <div class="choices" role="radiogroup" aria-label="Prompt style" data-styles></div>
  </section>
</div>"""
EDITOR = """<div class="st stack">
  <section class="card" aria-label="Template">
    <header><h2>Template</h2><span class="quiet" data-state role="status"></span></header>
    <div class="segments" role="radiogroup" aria-label="Example type" data-types></div>
    <div class="unsaved" data-unsaved></div>
    <div class="parts" data-parts></div>
    <p class="hint" data-hint></p>
  </section>
  <section class="card" aria-label="Column map" data-card hidden>
    <header><h2>Column map</h2><span class="quiet">which column fills which placeholder</span></header>
    <div class="map" data-map></div>
  </section>
  <section class="card" aria-label="Your templates" data-library></section>
</div>"""
PREVIEW = """<section class="st preview" aria-label="Preview">
  <header>
    <h2>Preview</h2>
    <div class="segments" role="radiogroup" aria-label="What to show" data-switch></div>
    <span class="stepper">
      <button class="icon" type="button" data-act="previous" aria-label="Previous row">←</button>
      <label>Row <input type="number" min="0" step="1" aria-label="Row"></label>
      <button class="icon" type="button" data-act="next" aria-label="Next row">→</button>
      <button class="button small" type="button" data-act="finding" hidden>Next finding</button>
    </span>
  </header>
  <div data-problem aria-live="polite"></div>
  <div class="preview-body" data-body>
    <details class="raw-record" data-record>
      <summary>Record</summary>
      <div class="raw-fields" data-fields></div>
    </details>
    <div class="versions" data-versions></div>
    <div class="preview-foot">
      <div class="foot-words">
        <div class="what">
          <div class="legend" data-legend></div>
          <span class="quiet" data-type></span>
        </div>
        <span class="from quiet" data-from></span>
      </div>
      <label class="compare">Compare with <select data-compare aria-label="Compare with"></select></label>
    </div>
    <ul class="remarks" data-remarks></ul>
  </div>
</section>"""
TOKENS = '<section class="st" aria-label="Tokens" data-room></section>'
LENGTHS = '<section class="st card" aria-label="Token length" data-room></section>'
REPORT = '<section class="st card" aria-label="Report" data-room></section>'


def build_prompt_tab(screen: Screen) -> None:
    """The places of the stage's views; which table they are about is all that they are told."""
    page_head("Prompt", "What you see here is what is exported, trained on, and asked afterwards.")
    notice = notice_view("prompt")
    needs_table("Prompt")
    with gr.Row(elem_id="prompt-grid", elem_classes=["with-table"]):
        with gr.Column():
            choice = view("promptPage", CHOICE, elem_id="prompt-choice", value={})
            view("promptEditor", EDITOR, elem_id="prompt-editor", value={})
        with gr.Column():
            with gr.Column(elem_id="preview-card"):
                view("promptPreview", PREVIEW, elem_id="prompt-preview", value={})
                view("tokenView", TOKENS, elem_id="token-view", value={})
            view("lengths", LENGTHS, elem_id="token-lengths", value={})
            view("promptReport", REPORT, elem_id="prompt-report", value={})

    def show(place: Place) -> list[Any]:
        screen.workspace.table(place.table)
        return [{"table": place.table}]

    screen.on_visit("prompt", show, [choice], notice)
