"""The choice of a template: what there is to choose from, what is chosen, and how it is kept in the draft.

A template that does not parse is not kept: the answer says what is wrong and where, and the text stays with
whoever wrote it. One that parses but does not fit the columns is kept, as a person may map them next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, TypeAdapter, ValidationError

from studio.errors import RecipeError, TemplateError
from studio.pipeline import nearest_template
from studio.recipe import Recipe, StyleSpec, TemplateSpec, TrainSpec
from studio.record import FeatureType
from studio.settings import Limits
from studio.shapes import Formatted, Shape, detect_formatted, detect_shapes, look_at
from studio.styles import STYLES, Style, fit_columns, fitting_styles
from studio.table import Table
from studio.template import parse_template
from studio.web.api.answers import answer
from studio.web.api.context import Id, WorkspaceOf
from studio.web.api.preview import MappedPlaceholder, describe_placeholders, describe_problem

router = APIRouter(tags=["prompt"], prefix="/tables/{table_id}/prompt")
_TEMPLATE: TypeAdapter[Any] = TypeAdapter(TemplateSpec)


class PromptChange(BaseModel):
    """What to change of the draft; the rest stays, but for a column map that a chosen style does not need."""

    template: dict[str, Any] | None = None
    columns: dict[str, str] | None = None
    max_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleBody:
    """A prompt style, with the columns that it uses of the table, or else those that it lacks."""

    name: str
    label: str
    group: str
    description: str
    source: str
    type: str
    has: Sequence[str]
    lacks: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedColumn:
    """A column of the table."""

    name: str
    type: FeatureType


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeBody:
    """What the records look like, why, and the template proposed for it; `style` where it is one of those."""

    label: str
    style: str | None
    template: Mapping[str, Any]
    columns: Mapping[str, str]
    reasons: Sequence[str]
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceBody:
    """What is chosen, a style or "own"; `template` is the text in effect, `columns` its column map."""

    table: str
    chosen: str
    template: Mapping[str, Any]
    columns: Mapping[str, str]
    placeholders: Sequence[MappedPlaceholder]
    max_length: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptBody(ChoiceBody):
    """What is chosen, and what there is to choose from; `styles` stand in the order of their fit."""

    records: int
    names: list[NamedColumn]
    styles: list[StyleBody]
    shapes: Sequence[ShapeBody]
    formatted: Sequence[Formatted]


@router.get("", response_model=PromptBody)
def show_prompt(request: Request, table_id: Id, workspace: WorkspaceOf) -> Response:
    """What there is to choose from, and what is chosen."""
    table = workspace.result(table_id)
    choice = describe_choice(workspace.draft(table_id), table, table_id)
    return answer(request, describe_prompt(choice, table))


@router.put("", response_model=ChoiceBody)
def change_prompt(request: Request, table_id: Id, change: PromptChange, workspace: WorkspaceOf) -> Response:
    """Keep a choice in the draft; a template that does not parse is refused with the place of its fault."""
    table = workspace.result(table_id)
    try:
        recipe = workspace.change_draft(table_id, lambda draft: apply_change(draft, table, change))
    except TemplateError as error:
        body = asdict(describe_problem(error))
        return JSONResponse({"error": body.pop("message"), **body}, 400)
    return answer(request, describe_choice(recipe, table, table_id))


def apply_change(recipe: Recipe, table: Table, change: PromptChange) -> Recipe:
    """The recipe with what is changed. Raises TemplateError, and RecipeError for a length that cannot be."""
    update: dict[str, Any] = {}
    if change.template is not None:
        update["template"] = read_template(change.template)
    if change.columns is not None:
        update["columns"] = {
            name: column for name, column in change.columns.items() if column not in ("", name)
        }
    template = update.get("template", recipe.template)
    mapped = change.template is None or change.columns is not None
    if not mapped and isinstance(template, StyleSpec) and template.style in fitting_styles(table.names):
        update["columns"] = {}
    if "max_length" in change.model_fields_set:
        update["train"] = _set_length(recipe.train, change.max_length)
    return recipe.model_copy(update=update)


def read_template(mapping: Mapping[str, Any]) -> Any:
    """A template as a recipe holds it: a style by its name, or an own one. Raises TemplateError."""
    if "style" in mapping:
        if mapping["style"] not in list(STYLES):
            raise TemplateError(
                f"No prompt style named {mapping['style']}.", f"Styles are: {', '.join(STYLES)}."
            )
        return StyleSpec(style=mapping["style"])
    whole = parse_template(mapping).to_mapping()
    try:
        return _TEMPLATE.validate_python(whole)
    except ValidationError as error:
        places = ", ".join(str(problem["loc"][-1]) for problem in error.errors())
        raise TemplateError(f"The template cannot be kept: {places} is empty.", "Fill it in.") from error


def describe_choice(recipe: Recipe, table: Table, table_id: str) -> ChoiceBody:
    """What is chosen."""
    template = nearest_template(recipe, table)
    return ChoiceBody(
        table=table_id,
        chosen=recipe.template.style if isinstance(recipe.template, StyleSpec) else "own",
        template=template.to_mapping(),
        columns=recipe.columns,
        placeholders=describe_placeholders(template, recipe.columns, table),
        max_length=recipe.train.max_length,
    )


def describe_prompt(choice: ChoiceBody, table: Table) -> PromptBody:
    """What is chosen, with everything that could be; some records are looked at for it."""
    fits = fitting_styles(table.names)
    ordered = [*fits, *(name for name in STYLES if name not in fits)]
    records = look_at(table)
    columns = table.columns[: Limits().columns]
    return PromptBody(
        **{name: getattr(choice, name) for name in ChoiceBody.__dataclass_fields__},
        records=len(table),
        names=[NamedColumn(name=column.name, type=column.type) for column in columns],
        styles=[_describe_style(STYLES[name], table.names) for name in ordered],
        shapes=[_describe_shape(shape, table.names) for shape in detect_shapes(table.columns, records)],
        formatted=detect_formatted(records, table.names),
    )


def _describe_shape(shape: Shape, names: Sequence[str]) -> ShapeBody:
    return ShapeBody(
        label=shape.label,
        style=shape.style,
        template=shape.to_template(names).to_mapping(),
        columns=shape.columns,
        reasons=shape.reasons,
        certain=shape.certain,
    )


def _describe_style(style: Style, names: Sequence[str]) -> StyleBody:
    has = fit_columns(style.name, names)
    first = style.templates[0]
    return StyleBody(
        name=style.name,
        label=style.label,
        group=style.group,
        description=style.description,
        source=style.source,
        type=first.type,
        has=has,
        lacks=[] if has else [name for name in first.columns if name not in names],
    )


def _set_length(train: TrainSpec, length: int | None) -> TrainSpec:
    try:
        return TrainSpec.model_validate({**train.model_dump(), "max_length": length})
    except ValidationError as error:
        raise RecipeError(
            f"A max length of {length} cannot be trained with.", "Give 16 to 2048 tokens, or none."
        ) from error
