"""Prompt: a style or the person's own template, the column map, and what one record becomes.

Pairs with studio/template and studio/styles. Every choice is kept in the table's draft recipe; an own
template that does not parse is not kept, and the screen says what is wrong with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from studio.errors import TemplateError
from studio.pipeline import preview_example, resolve_template
from studio.recipe import PromptSpec, Recipe, StyleSpec, TextSpec
from studio.record import Example, Record
from studio.settings import Limits
from studio.styles import STYLES, Style, fit_columns, fitting_styles
from studio.table import Table
from studio.template import Template, parse_template
from studio.ui.place import Place, as_row
from studio.ui.screen import Screen
from studio.ui.widgets import needs_table, notice_view, page_head, view, wire
from studio.workspace import Workspace

STYLE_LIST = """<section class="st card" aria-label="Prompt styles">
  <header><h2>Prompt style</h2><span class="quiet">the best fit first</span></header>
  <label class="style-search"><input type="search" placeholder="Search styles" aria-label="Search styles"
    data-search></label>
  <div class="choices" role="radiogroup" aria-label="Prompt style" data-styles></div>
</section>"""
COLUMN_MAP = """<section class="st card" aria-label="Column map" data-card hidden>
  <header><h2>Column map</h2><span class="quiet">which column fills which placeholder</span></header>
  <div class="map" data-map></div>
</section>"""
EXAMPLE = """<section class="st card" aria-label="Example">
  <header>
    <h2>Example</h2>
    <span class="quiet" data-type></span>
    <span class="stepper">
      <button class="icon" type="button" data-act="previous" aria-label="Previous row">←</button>
      <label>Row <input type="number" min="0" step="1" aria-label="Row"></label>
      <button class="icon" type="button" data-act="next" aria-label="Next row">→</button>
    </span>
  </header>
  <div data-problem aria-live="polite"></div>
  <div class="example" data-text tabindex="0" role="region" aria-label="Rendered example"></div>
  <div class="legend">
    <span class="is-prompt"><i></i>Prompt: given</span>
    <span class="is-completion"><i></i>Completion: learned</span>
  </div>
  <ul class="remarks" data-remarks></ul>
</section>"""
TYPES = [("Prompt and completion", "prompt-completion"), ("Plain text", "text")]
GRAMMAR = "{column} is replaced; {#column}…{/column} shows only when it is not empty; {{ and }} are braces."


@dataclass(frozen=True, slots=True)
class PromptHandlers:
    """What the events of the tab do; `shown` is the example on the screen, which knows its row."""

    workspace: Workspace

    def show(self, place: Place) -> list[Any]:
        """The tab for a table and a row."""
        return _describe_all(*self._open(place.table), place.row)

    def choose(self, event: gr.EventData, table_id: str, shown: Any) -> list[Any]:
        """A style was chosen."""
        recipe, table = self._open(table_id)
        recipe = choose_style(recipe, table, _read_text(event, "style"))
        self.workspace.save_draft(table_id, recipe)
        return _describe_all(recipe, table, _read_row(shown))

    def change_type(self, table_id: str, shown: Any, kind: str) -> list[Any]:
        """The example type was changed: the template becomes the person's own."""
        recipe, table = self._open(table_id)
        own = convert_template(current_template(recipe, table), kind)
        recipe = recipe.model_copy(update={"template": own})
        self.workspace.save_draft(table_id, recipe)
        return _describe_all(recipe, table, _read_row(shown))

    def edit(self, table_id: str, shown: Any, kind: str, *texts: str) -> list[Any]:
        """A template was typed or pasted."""
        recipe, table = self._open(table_id)
        try:
            recipe = recipe.model_copy(update={"template": read_template(kind, *texts)})
        except TemplateError as error:
            return [gr.skip(), gr.skip(), _describe_problem(error, table, _read_row(shown))]
        self.workspace.save_draft(table_id, recipe)
        example = describe_example(recipe, table, _read_row(shown))
        return [describe_styles(recipe, table), describe_columns(recipe, table), example]

    def map_column(self, event: gr.EventData, table_id: str, shown: Any) -> list[Any]:
        """A column was chosen for a placeholder."""
        recipe, table = self._open(table_id)
        mapping = {**recipe.columns, _read_text(event, "placeholder"): _read_text(event, "column")}
        kept = {name: column for name, column in mapping.items() if column and column != name}
        recipe = recipe.model_copy(update={"columns": kept})
        self.workspace.save_draft(table_id, recipe)
        return [describe_columns(recipe, table), describe_example(recipe, table, _read_row(shown))]

    def step(self, event: gr.EventData, table_id: str) -> list[Any]:
        """Another row is to be shown."""
        recipe, table = self._open(table_id)
        return [describe_example(recipe, table, as_row(_read(event, "row")))]

    def _open(self, table_id: str) -> tuple[Recipe, Table]:
        return self.workspace.draft(table_id), self.workspace.result(table_id)


def build_prompt_tab(screen: Screen) -> None:
    """The controls of the stage and their events."""
    page_head("Prompt", "What you see here is what is exported, trained on, and asked afterwards.")
    notice = notice_view("prompt")
    needs_table("Prompt")
    with gr.Row(elem_id="prompt-grid", elem_classes=["with-table"]):
        with gr.Column():
            styles = view("styles", STYLE_LIST, events=["choose"], elem_id="styles", value={})
            editor, typing = _editor()
            columns = view("columnMap", COLUMN_MAP, events=["map"], elem_id="column-map", value={})
        with gr.Column():
            example = view("example", EXAMPLE, events=["step"], elem_id="example", value={})

    on = PromptHandlers(screen.workspace)
    kind = editor[0]
    where, everything = [screen.table, example], [styles, *editor, columns, example]
    screen.on_visit("prompt", on.show, everything, notice)
    screen.after(wire(styles.choose, on.choose, where, everything, notice))
    screen.after(wire(kind.input, on.change_type, [*where, kind], everything, notice))
    screen.after(wire(typing.edit, on.edit, [*where, *editor], [styles, columns, example], notice))
    wire(columns.map, on.map_column, where, [columns, example], notice)
    wire(example.step, on.step, [screen.table], [example], notice)


def _editor() -> tuple[list[Any], gr.HTML]:
    """The example type and the texts of a template (prompt and completion, or text); and what hears typing.

    A Textbox says `input` for keys alone, not for what is pasted, and `change` for what the server wrote too.
    """
    with gr.Column(variant="panel", elem_id="template-editor"):
        typing = view("typing", "<div class='st' hidden></div>", events=["edit"], value={})
        kind = gr.Radio(TYPES, label="Example type", value="prompt-completion")
        shared = {"lines": 3, "max_lines": 14, "elem_classes": ["mono"]}
        prompt = gr.Textbox(label="Prompt template", info=GRAMMAR, **shared)
        completion = gr.Textbox(label="Completion template", **shared)
        text = gr.Textbox(label="Text template", info=GRAMMAR, visible=False, **shared)
    return [kind, prompt, completion, text], typing


def choose_style(recipe: Recipe, table: Table, style: str) -> Recipe:
    """The recipe with another style; a column map is kept only where the style does not fit without one."""
    if style not in STYLES:
        raise TemplateError(f"No prompt style named {style}.", f"Styles are: {', '.join(STYLES)}.")
    columns = {} if style in fitting_styles(table.names) else recipe.columns
    return recipe.model_copy(update={"template": StyleSpec(style=style), "columns": columns})


def read_template(kind: str, prompt: str, completion: str, text: str) -> PromptSpec | TextSpec:
    """The own template that stands in the editor. Raises TemplateError where it does not parse."""
    spec = TextSpec(text=text) if kind == "text" else PromptSpec(prompt=prompt, completion=completion)
    parse_template(spec.model_dump())
    return spec


def convert_template(template: Template, kind: str) -> PromptSpec | TextSpec:
    """An own template of type `kind` with the same text; all of a text becomes the prompt."""
    sources = [part.source for part in template.parts]
    if kind == "text":
        return TextSpec(text="".join(sources))
    return PromptSpec(prompt=sources[0], completion="".join(sources[1:]))


def current_template(recipe: Recipe, table: Table) -> Template:
    """The recipe's template; of a style that does not fit the columns, its first variant."""
    try:
        return resolve_template(recipe, table)
    except TemplateError:
        own = recipe.own_template()
        if own is None:
            assert isinstance(recipe.template, StyleSpec)
            own = STYLES[recipe.template.style].templates[0]
        return own.mapped(recipe.columns)


def describe_styles(recipe: Recipe, table: Table) -> dict[str, Any]:
    """Every style, those that fit first, with the columns that it has or lacks; and which one is chosen."""
    fits = fitting_styles(table.names)
    chosen = recipe.template.style if isinstance(recipe.template, StyleSpec) else "own"
    ordered = [*fits, *(name for name in STYLES if name not in fits)]
    return {"chosen": chosen, "styles": [_describe_style(STYLES[name], table.names) for name in ordered]}


def _describe_style(style: Style, names: Sequence[str]) -> dict[str, Any]:
    has = fit_columns(style.name, names)
    wanted = style.templates[0].columns
    return {
        "name": style.name,
        "label": style.label,
        "group": style.group,
        "description": style.description,
        "source": style.source,
        "has": list(has),
        "lacks": [] if has else [name for name in wanted if name not in names],
    }


def describe_columns(recipe: Recipe, table: Table) -> dict[str, Any]:
    """The placeholders, each with the column that fills it ("" where none does), and all columns."""
    template = current_template(recipe, table)
    mapped = {name: recipe.columns.get(name, name) for name in template.placeholders}
    return {
        "placeholders": [
            {"name": name, "column": column if column in table.names else ""}
            for name, column in mapped.items()
        ],
        "columns": list(table.names)[: Limits().columns],
    }


def describe_example(recipe: Recipe, table: Table, row: int) -> dict[str, Any]:
    """What the record at `row` becomes, with a remark for each column that gave nothing; or the problem."""
    row = min(row, max(0, len(table) - 1))
    try:
        example = preview_example(recipe, table, row)
    except TemplateError as error:
        return _describe_problem(error, table, row)
    columns = resolve_template(recipe, table).columns
    remarks = [remark for name in columns if (remark := _remark_on(table.record(row), name, table))]
    shown = {"type": example.type, "remarks": remarks, **_cut_texts(example)}
    return {**_describe_row(table, row), **shown}


def _describe_problem(error: TemplateError, table: Table, row: int) -> dict[str, Any]:
    problem = {"message": error.message, "hint": error.hint}
    return {**_describe_row(table, row), "problem": problem}


def _describe_row(table: Table, row: int) -> dict[str, Any]:
    excluded = row < len(table) and table.is_excluded(row)
    return {"row": row, "total": len(table), "changes": table.changes.words, "excluded": excluded}


def _describe_all(recipe: Recipe, table: Table, row: int) -> list[Any]:
    """Values for the styles, the editor, the column map and the example."""
    template = current_template(recipe, table)
    sources = {part.name: part.source for part in template.parts}
    is_text = template.type == "text"
    editor = [
        template.type,
        gr.update(value=sources.get("prompt", ""), visible=not is_text),
        gr.update(value=sources.get("completion", ""), visible=not is_text),
        gr.update(value=sources.get("text", ""), visible=is_text),
    ]
    columns = describe_columns(recipe, table)
    return [describe_styles(recipe, table), *editor, columns, describe_example(recipe, table, row)]


def _cut_texts(example: Example) -> dict[str, Any]:
    """The example's fields as far as the screen shows them; `cut` where one is longer."""
    most = Limits().cell_characters
    fields = example.to_dict()
    texts = {name: text[:most] for name, text in fields.items() if isinstance(text, str)}
    cut = any(len(text) > most for text in fields.values() if isinstance(text, str))
    return {**fields, **texts, "cut": cut}


def _remark_on(record: Record, name: str, table: Table) -> dict[str, Any] | None:
    value = record.get(name)
    kind = "missing" if name not in record else "null" if value is None else "empty" if value == "" else ""
    if not kind:
        return None
    column = next(column for column in table.columns if column.name == name)
    return {"column": name, "kind": kind, "records": column.missing + column.null + column.empty}


def _read(event: gr.EventData, name: str) -> Any:
    return event._data.get(name) if isinstance(event._data, Mapping) else None


def _read_text(event: gr.EventData, name: str) -> str:
    value = _read(event, name)
    return value if isinstance(value, str) else ""


def _read_row(shown: object) -> int:
    return as_row(shown.get("row")) if isinstance(shown, Mapping) else 0
