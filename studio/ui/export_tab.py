"""Export: one JSONL file per part, the recipe that replays them, and a manifest.

Pairs with studio/export.py and studio/formats.py. Downloads are plain links to /api/v1/exports.
"""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from studio.formats import resolve_format, resolve_names
from studio.pipeline import build_table, nearest_template
from studio.recipe import ExportSpec
from studio.table import Table
from studio.template import Template
from studio.ui.place import Place
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view, wire
from studio.workspace import Workspace

FILES = '<div class="st stack" data-exports></div>'
FORMATS = [("The template's own", "own"), ("Text: prompt and completion joined", "text")]
SHOWN = 10


@dataclass(frozen=True, slots=True)
class ExportHandlers:
    """What the events of the tab do; `values` are those of the form."""

    workspace: Workspace

    def show(self, place: Place) -> list[Any]:
        """The form as the draft has it, and the exports of the table."""
        recipe, table = self.workspace.draft(place.table), self.workspace.result(place.table)
        form = fill_form(recipe.export, nearest_template(recipe, table))
        return [*form, list_exports(self.workspace, place.table)]

    def choose(self, table_id: str, *values: str) -> list[Any]:
        """A format was chosen: other fields have names."""
        return fill_form(*self._keep(table_id, *values))

    def name_fields(self, table_id: str, *values: str) -> list[Any]:
        """A field got another name."""
        self._keep(table_id, *values)
        return []

    def write(self, table_id: str, *values: str) -> list[Any]:
        """Write the export of the draft."""
        self._keep(table_id, *values)
        export_id = self.workspace.new_id()
        recipe, table = self.workspace.draft(table_id), self.workspace.result(table_id)
        build_table(recipe, table, self.workspace.export_folder(export_id))
        self.workspace.note_table(export_id, table_id)
        return [list_exports(self.workspace, table_id)]

    def _keep(self, table_id: str, *values: str) -> tuple[ExportSpec, Template]:
        template = nearest_template(self.workspace.draft(table_id), self.workspace.result(table_id))
        export = read_form(template, *values)
        self.workspace.change_draft(table_id, lambda draft: draft.model_copy(update={"export": export}))
        return export, template


def build_export_tab(screen: Screen) -> None:
    """The controls of the stage and their events."""
    page_head(
        "Export", "The same recipe on the same source gives the same bytes, here and on the command line."
    )
    notice = notice_view("export")
    needs_table("Export")
    with gr.Row(elem_id="export-grid", elem_classes=["aside", "with-table"]):
        with gr.Column(variant="panel"):
            form = _format_form()
            write = gr.Button("Write export", variant="primary", elem_id="write-export")
        with gr.Column():
            files = view("exportFiles", FILES, elem_id="export-files", value={})

    on = ExportHandlers(screen.workspace)
    kind, *names = form
    where = [screen.table, *form]
    writing = "(...values) => { Studio.busy('export-notice', 'Writing the export …'); return values; }"
    screen.on_visit("export", on.show, [*form, files], notice)
    wire(kind.input, on.choose, where, form, notice)
    for name in names:
        wire(name.change, on.name_fields, where, [], notice)
    screen.after(wire(write.click, on.write, where, [files], notice, slow=True, js=writing))


def read_form(template: Template, format_: str, prompt: str, completion: str, text: str) -> ExportSpec:
    """The export that the form asks for. Raises ExportError for a format or names that cannot be."""
    wanted = None if format_ == "own" else format_
    kind = resolve_format(template, wanted)
    given = {"prompt": prompt, "completion": completion} if kind == "prompt-completion" else {"text": text}
    names = {field: name.strip() for field, name in given.items() if name.strip() not in ("", field)}
    if kind == "messages":
        names = {}
    resolve_names(kind, names)
    return ExportSpec.model_validate({"format": wanted, "names": names})


def fill_form(export: ExportSpec, template: Template) -> list[Any]:
    """Values for the form; only the fields that the format has are shown."""
    kind = resolve_format(template, _possible_format(export, template))
    choices = FORMATS if template.type == "prompt-completion" else FORMATS[:1]
    chosen = "own" if kind == template.type else kind
    fields = [
        gr.update(value=export.names.get(field, field), visible=kind == of)
        for field, of in (
            ("prompt", "prompt-completion"),
            ("completion", "prompt-completion"),
            ("text", "text"),
        )
    ]
    return [gr.update(value=chosen, choices=choices), *fields]


def name_command(table: Table, recipe_file: str = "recipe.yaml") -> str:
    """The command line that writes the same export."""
    source = "" if table.source.streamed else f" --source {shlex.quote(table.name)}"
    return f"studio build {recipe_file} --out export{source}"


def _format_form() -> list[Any]:
    kind = gr.Radio(FORMATS, label="Format", value="own")
    with gr.Row(elem_classes=["fields"]):
        prompt = gr.Textbox(label="Name of the prompt", value="prompt", max_lines=1, elem_classes=["mono"])
        completion = gr.Textbox(
            label="Name of the completion", value="completion", max_lines=1, elem_classes=["mono"]
        )
        text = gr.Textbox(
            label="Name of the text", value="text", max_lines=1, elem_classes=["mono"], visible=False
        )
    return [kind, prompt, completion, text]


def _possible_format(export: ExportSpec, template: Template) -> str | None:
    return export.format if (template.type, export.format) == ("prompt-completion", "text") else None


def list_exports(workspace: Workspace, table_id: str) -> Mapping[str, Any]:
    """Ids of the table's newest exports, the command that writes the same, and what is excluded now."""
    table = workspace.result(table_id)
    exports = workspace.exports_of(table_id)[:SHOWN]
    return {"exports": exports, "command": name_command(table), "changes": table.changes.words}
