"""The export of a table's draft: what it is, and what else it could be.

    GET /tables/{id}/export    {"format": "prompt-completion", "file": "jsonl", "formats": [...], ...}
    PUT /tables/{id}/export    {"names": {"prompt": "question"}}

What cannot be chosen says why.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from studio.card import LICENSES, check_card
from studio.catalog import name_dataset
from studio.errors import ExportError
from studio.export import explain_making
from studio.exporting import is_quick
from studio.formats import FILES, FORMATS, PRESETS, resolve_file, resolve_format
from studio.pipeline import nearest_template, resolve_export
from studio.recipe import ExportSpec, Recipe
from studio.table import Table
from studio.template import Template
from studio.trainers import TRAINERS, check_config
from studio.web.api.answers import answer
from studio.web.api.context import Id, WorkspaceOf
from studio.workspace import Workspace

router = APIRouter(tags=["export"], prefix="/tables/{table_id}/export")


class ExportChange(BaseModel):
    """What to change of the draft's export; the rest stays, but for names that a new format does not have."""

    model_config = ConfigDict(extra="forbid")

    format: str | None = None
    names: dict[str, str] | None = None
    file: str | None = None
    card: dict[str, Any] | None = None
    configs: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatBody:
    """A shape of a record; `reason` says why the template cannot be written in it, `how` how it is."""

    name: str
    label: str
    description: str
    fields: Sequence[str]
    turns: Sequence[str]
    how: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetBody:
    """A format with names, under a name of its own."""

    name: str
    label: str
    description: str
    format: str
    names: Mapping[str, str]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBody:
    """A type of file; `reason` says why it cannot hold the format."""

    name: str
    label: str
    suffix: str
    description: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainerBody:
    """A trainer whose config can be written, into `file`; `reason` says why not for what is chosen."""

    name: str
    label: str
    file: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportBody:
    """What the draft has, with the format stated, and what there is to choose from."""

    table: str
    name: str
    type: str
    format: str
    names: Mapping[str, str]
    file: str
    card: Mapping[str, Any] | None
    configs: Sequence[str]
    formats: list[FormatBody]
    presets: list[PresetBody]
    files: list[FileBody]
    trainers: list[TrainerBody]
    licenses: Sequence[str]
    quick: bool


@router.get("", response_model=ExportBody)
def show_draft(request: Request, table_id: Id, workspace: WorkspaceOf) -> Response:
    """What is chosen, and what else could be."""
    return answer(request, _describe(workspace, table_id, workspace.draft(table_id)))


@router.put("", response_model=ExportBody)
def change_draft(request: Request, table_id: Id, change: ExportChange, workspace: WorkspaceOf) -> Response:
    """Keep a change in the draft. Refused in words when it cannot be."""
    table = workspace.result(table_id)
    recipe = workspace.change_draft(table_id, lambda draft: apply_change(draft, table, change))
    return answer(request, _describe(workspace, table_id, recipe))


def apply_change(recipe: Recipe, table: Table, change: ExportChange) -> Recipe:
    """The recipe with what is changed. Raises ExportError for what the template cannot be written in.

    A file type that cannot hold a newly chosen format gives way to JSON Lines.
    """
    template, before = nearest_template(recipe, table), recipe.export
    asked = change.model_dump(include=change.model_fields_set)
    kind = resolve_format(template, asked.get("format") or before.format)
    known = (*FORMATS[kind].fields, *FORMATS[kind].turns)
    given = {field: name for field, name in before.names.items() if field in known}
    given = asked["names"] if asked.get("names") is not None else given
    asked["format"] = None if kind == template.type else kind
    asked["names"] = {name: text.strip() for name, text in given.items() if text.strip() not in ("", name)}
    if "file" not in asked and _refusal(resolve_file, kind, before.file):
        asked["file"] = "jsonl"
    try:
        spec = ExportSpec.model_validate(before.model_dump() | asked)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise ExportError(
            f"The export's {place} cannot be kept: {problem['msg']}.", "Choose another."
        ) from error
    resolve_export(spec, template)
    if spec.card is not None:
        check_card(spec.card.model_dump())
    return recipe.model_copy(update={"export": spec})


def _describe(workspace: Workspace, table_id: str, recipe: Recipe) -> ExportBody:
    table = workspace.result(table_id)
    template, spec = nearest_template(recipe, table), recipe.export
    kind = spec.format or template.type
    return ExportBody(
        table=table_id,
        name=name_dataset(workspace, table_id, table),
        type=template.type,
        format=kind,
        names=spec.names,
        file=spec.file,
        card=None if spec.card is None else spec.card.model_dump(),
        configs=spec.configs,
        formats=[_describe_format(name, template, table) for name in FORMATS],
        presets=[
            PresetBody(
                name=preset.name,
                label=preset.label,
                description=preset.description,
                format=preset.format,
                names=preset.names,
                reason=_refusal(resolve_format, template, preset.format),
            )
            for preset in PRESETS.values()
        ],
        files=[
            FileBody(
                name=file.name,
                label=file.label,
                suffix=file.suffix,
                description=file.description,
                reason=_refusal(resolve_file, kind, file.name),
            )
            for file in FILES.values()
        ],
        trainers=[_describe_trainer(one, kind, spec.file) for one in TRAINERS],
        licenses=LICENSES,
        quick=is_quick(recipe, table),
    )


def _describe_format(name: str, template: Template, table: Table) -> FormatBody:
    format_ = FORMATS[name]
    wanted = " or ".join(format_.made_from)
    fits = template.type in format_.made_from
    reason = "" if fits else f"Needs a template of {wanted}; this one is of {template.type}."
    return FormatBody(
        name=name,
        label=format_.label,
        description=format_.description,
        fields=format_.fields,
        turns=format_.turns,
        how="" if reason else explain_making(table, template, name),
        reason=reason,
    )


def _describe_trainer(name: str, kind: str, file: str) -> TrainerBody:
    trainer = TRAINERS[name]
    reason = _refusal(check_config, name, kind, file)
    return TrainerBody(name=name, label=trainer.label, file=trainer.file, reason=reason)


def _refusal(check: Callable[..., Any], *values: Any) -> str:
    """Why something cannot be chosen, in words; "" where it can."""
    try:
        check(*values)
    except ExportError as error:
        return f"{error.message} {error.hint}"
    return ""
