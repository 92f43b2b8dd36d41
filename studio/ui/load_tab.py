"""Load: a file from the person's disk, a path, a URL, a Hub id, or the sample; what became of every line.

Pairs with studio/source.py and studio/reader. Knows nothing of formats.
"""

from typing import Any

import gradio as gr

from studio.errors import SourceError
from studio.pipeline import load_table
from studio.settings import ASSETS, Settings
from studio.source import Source, parse_source
from studio.ui.place import Place
from studio.ui.screen import Screen
from studio.ui.widgets import notice_view, page_head, view, wire
from studio.workspace import Workspace

SAMPLE = ASSETS / "sample.jsonl"

UPLOAD = """<div class="st">
  <div class="drop" data-drop>
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d="M8 10V2.5m0 0L5 5.5m3-3 3 3M2.5 10.5v2a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-2"/>
    </svg>
    <p><b>Drop a file here</b> or choose one</p>
    <p class="quiet">.jsonl, .json, .csv, or a .gz of one. It stays on this machine.</p>
    <label class="button primary">Choose a file
      <input type="file" class="off-screen" aria-label="Choose a file"
        accept=".jsonl,.json,.csv,.gz,.ndjson,.txt">
    </label>
  </div>
  <div data-progress aria-live="polite"></div>
</div>"""
ABOUT_SAMPLE = """<div class="st about-sample"><hr>
  <p><b>New here?</b> Questions and answers about this studio and about fine-tuning, to try and to read.</p>
</div>"""
REPORT = '<div class="st stack" data-report></div>'
WELCOME = (
    "Turn a file of records into a fine-tuned model: load it here, then follow the stages on the left. "
    "New here? The sample is one click."
)


def build_load_tab(screen: Screen) -> None:
    """The controls of the stage and their events."""
    page_head("Load", WELCOME)
    notice = notice_view("load")
    with gr.Row(elem_classes=["two"]):
        with gr.Column():
            limit = {"limit": screen.workspace.settings.limits.upload_bytes}
            upload = view("upload", UPLOAD, events=["uploaded"], elem_id="upload", value=limit)
        with gr.Column(variant="panel"):
            source, options, read = _source_form()
            gr.HTML(html_template=ABOUT_SAMPLE, js_on_load=None, apply_default_css=False)
            sample = gr.Button("Use the sample", elem_id="use-sample")
    report = view("report", REPORT, elem_id="report", value={})
    loaded = view("arrival", '<div class="st" hidden></div>', value={})

    def load_upload(event: gr.EventData) -> list[Any]:
        path = screen.workspace.upload_path(str((event._data or {}).get("id")))
        return [_load(screen.workspace, parse_source(str(path)))]

    def load_source(text: str, config: str, split: str, first: float | None) -> list[Any]:
        return [_load(screen.workspace, read_form(text, config, split, first, screen.workspace.settings))]

    def load_sample() -> list[Any]:
        return [_load(screen.workspace, parse_source(str(SAMPLE)))]

    def show(place: Place) -> list[Any]:
        return [{"table": place.table}]

    reading = "(...values) => { Studio.busy('load-notice', 'Reading …'); return values; }"
    source.change(
        None,
        [source],
        None,
        js="(text) => { Studio.showStreamOptions(text); }",
        queue=False,
        api_visibility="private",
    )
    for listen in (read.click, source.submit):
        wire(listen, load_source, [source, *options], [loaded], notice, slow=True, js=reading)
    wire(upload.uploaded, load_upload, [], [loaded], notice, slow=True)
    wire(sample.click, load_sample, [], [loaded], notice, slow=True, js=reading)
    screen.on_visit("load", show, [report], notice)


def read_form(text: str, config: str, split: str, first: float | None, settings: Settings) -> Source:
    """The source that the form names; the options of a stream do not apply to a file."""
    if not settings.local_paths and not text.strip().lower().startswith(("https://", "http://", "hf://")):
        raise SourceError(
            "Files of the studio's own machine are not read from here, because others can reach this page.",
            "Upload the file, or give an https:// URL or hf://datasets/org/name.",
        )
    source = parse_source(text)
    if not source.streamed:
        return source
    hub = {"config": config or None, "split": split or None} if source.hub else {}
    return parse_source(text, **hub, first=int(first) if first else None)


def _source_form() -> tuple[gr.Textbox, list[Any], gr.Button]:
    source = gr.Textbox(
        label="Path, https URL or Hugging Face id",
        placeholder="data/lamini_docs.jsonl   ·   https://…/train.jsonl   ·   lamini/lamini_docs",
        max_lines=1,
        elem_id="source",
    )
    with gr.Row(elem_id="stream-options", elem_classes=["fields"]):
        config = gr.Textbox(label="Config", placeholder="default", max_lines=1, elem_classes=["hub-only"])
        split = gr.Textbox(label="Split", placeholder="train", max_lines=1, elem_classes=["hub-only"])
        first = gr.Number(label="First records", value=1000, minimum=1, precision=0)
    read = gr.Button("Load", variant="primary", elem_id="load-source")
    return source, [config, split, first], read


def _load(workspace: Workspace, source: Source) -> dict[str, str]:
    table_id = workspace.new_id()
    load_table(source, workspace.table_folder(table_id), workspace.settings)
    return {"table": table_id}
