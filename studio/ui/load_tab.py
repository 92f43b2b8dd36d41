"""Load: a file from the person's disk, a path, a URL, a Hub id, or the sample; what became of every line.

Pairs with studio/source.py and studio/ingest. The page's own scripts ask /api/v1 to read a source and to say
what became of it; here stands only where they draw.
"""

from typing import Any

import gradio as gr

from studio.ui.place import Place
from studio.ui.screen import Screen
from studio.ui.widgets import notice_view, page_head, view

UPLOAD = """<div class="st">
  <div class="drop" data-drop>
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d="M8 10V2.5m0 0L5 5.5m3-3 3 3M2.5 10.5v2a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-2"/>
    </svg>
    <p><b>Drop a file here</b> or choose one</p>
    <p class="quiet">JSON Lines, JSON, CSV, Parquet, Arrow, Excel or text, packed or not;
      or a recipe.yaml, to have everything in it again. It stays on this machine.</p>
    <label class="button primary">Choose a file
      <input type="file" class="off-screen" aria-label="Choose a file">
    </label>
  </div>
  <div data-progress aria-live="polite"></div>
</div>"""
SOURCE = """<div class="st card source">
<form>
  <div class="entry">
    <label for="source">Path, folder, pattern, https URL or Hugging Face id</label>
    <div class="source-line">
      <input id="source" type="text" autocomplete="off" autocapitalize="off" spellcheck="false"
        placeholder="docs.jsonl   ·   https://…/train.jsonl   ·   lamini/lamini_docs">
      <button id="load-source" class="button primary" type="submit">Load</button>
    </div>
  </div>
  <div data-hub hidden>
    <p class="quiet" data-status role="status"></p>
    <div class="entries" data-choosers hidden>
      <label class="entry">Config <select data-config></select></label>
      <label class="entry">Split <select data-split></select></label>
    </div>
  </div>
  <fieldset data-stream hidden>
    <legend>How much of it</legend>
    <label><input type="radio" name="amount" value="first" checked> The first</label>
    <input name="first" type="number" min="1" step="1" value="1000" aria-label="First records">
    <span data-of>records</span>
    <label><input type="radio" name="amount" value="all"> All of it</label>
  </fieldset>
  <details data-how>
    <summary>How it is read <span class="quiet" data-set></span></summary>
    <p class="quiet">Only where a file leaves a choice; for an upload too.</p>
    <div class="entries" data-entries></div>
  </details>
</form>
<footer class="about-sample">
  <p><b>New here?</b> Questions and answers about this studio and about fine-tuning, to try and to read.</p>
  <button id="use-sample" class="button" type="button">Use the sample</button>
</footer></div>"""
LOADING = '<div class="st stack" data-said></div>'
READINGS = """<div class="st stack"><div class="stack" data-readings></div>
  <p class="off-screen" role="status"></p></div>"""
REPORT = '<div class="st stack" data-report></div>'
WELCOME = (
    "Turn a file of records into a fine-tuned model: load it here, then follow the stages on the left. "
    "New here? The sample is one click."
)


def build_load_tab(screen: Screen) -> None:
    """The views of the stage; everything but the choice of the table happens in the browser."""
    settings = screen.workspace.settings
    page_head("Load", WELCOME)
    notice = notice_view("load")
    with gr.Row(elem_classes=["two"]):
        view("upload", UPLOAD, elem_id="upload", value={"limit": settings.limits.upload_bytes})
        form = {"first": settings.limits.stream_records, "paths": settings.local_paths}
        view("source", SOURCE, elem_id="source-form", value=form)
    view("loading", LOADING, elem_id="loading", value={})
    view("readings", READINGS, elem_id="readings", value={})
    report = view("report", REPORT, elem_id="report", value={})

    def show(place: Place) -> list[Any]:
        return [{"table": place.table}]

    screen.on_visit("load", show, [report], notice)
