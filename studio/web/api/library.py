"""The templates that are kept under a name, over HTTP; reading one in, and writing one as a file.

{"name": "My prompt", "type": "text", "template": {"type": "text", "text": "{body}"}}

A name is part of the address, whatever it holds.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from studio.library import (
    Saved,
    has_template,
    read_any,
    read_template,
    remove_template,
    save_template,
    saved_templates,
    to_yaml,
)
from studio.template import parse_template
from studio.web.api.context import WorkspaceOf, name_download
from studio.web.refusals import Refusal, RefusedError

router = APIRouter(tags=["templates"], prefix="/templates")
_YAML = "application/yaml"


class TemplateBody(BaseModel):
    """A template as a recipe holds it, under its name."""

    name: str
    type: str
    template: dict[str, Any]


class ReadingBody(BaseModel):
    """A template that was read in: of which kind it was, and what to know of it."""

    template: dict[str, Any]
    kind: str
    words: str


class SaveRequest(BaseModel):
    """A template to keep; with `replace` False one of the same name is not replaced (409)."""

    model_config = ConfigDict(extra="forbid")

    template: dict[str, Any]
    replace: bool = True


class ReadRequest(BaseModel):
    """A text that holds a template; `name` is that of its file, empty for one that was pasted.

    `system` asks for the system prompt of a chat template too.
    """

    model_config = ConfigDict(extra="forbid")

    text: str
    name: Annotated[str, Field(max_length=1_000)] = ""
    system: bool = False


class WriteRequest(BaseModel):
    """A template to write as a file, with the name that stands in it."""

    model_config = ConfigDict(extra="forbid")

    template: dict[str, Any]
    name: Annotated[str, Field(max_length=1_000)] = ""


@router.get("")
def list_templates(workspace: WorkspaceOf) -> list[TemplateBody]:
    """Every template that is kept, by its name."""
    return [_describe(saved) for saved in saved_templates(workspace)]


@router.post("/read")
def read(asked: ReadRequest) -> ReadingBody:
    """The template in a text of any known kind; nothing of it is run, and nothing is kept."""
    reading = read_any(asked.text, asked.name, system=asked.system)
    return ReadingBody(template=reading.template.to_mapping(), kind=reading.kind, words=reading.words)


@router.post("/write")
def write(asked: WriteRequest) -> Response:
    """A template that need not be kept as a YAML file."""
    return _answer_yaml(to_yaml(parse_template(asked.template), asked.name), asked.name)


# `:path`, so that a name may have a slash in it.
@router.get("/{name:path}/file")
def download(name: str, workspace: WorkspaceOf) -> Response:
    """The template as a YAML file."""
    return _answer_yaml(to_yaml(read_template(workspace, name), name), name)


@router.put("/{name:path}")
def save(name: str, asked: SaveRequest, workspace: WorkspaceOf) -> TemplateBody:
    """Keep a template under a name."""
    if not asked.replace and has_template(workspace, name):
        words = f"There is a template named {name.strip()} already.", "Choose another name, or replace it."
        raise RefusedError(Refusal(409, *words))
    template = parse_template(asked.template)
    kept = save_template(workspace, name, template, replace=True)
    return _describe(Saved(name=kept, template=template))


@router.delete("/{name:path}", status_code=204)
def remove(name: str, workspace: WorkspaceOf) -> None:
    """Delete the template of this name; recipes hold their own text and stay as they are."""
    remove_template(workspace, name)


def _describe(saved: Saved) -> TemplateBody:
    return TemplateBody(name=saved.name, type=saved.template.type, template=saved.template.to_mapping())


def _answer_yaml(text: str, name: str) -> Response:
    plain = " ".join(name.split()).encode(errors="replace").decode()
    file = "".join("-" if sign in '/\\:*?"<>|' else sign for sign in plain)
    return Response(text, media_type=_YAML, headers=name_download(f"{file or 'template'}.yaml"))
