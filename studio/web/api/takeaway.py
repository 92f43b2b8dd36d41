"""Taking a model away: what a finished run gives, its files one by one or in a zip, its card, the push of it.

    GET  /runs/{id}/takeaway            {"bundles": [{"what": "model", "files": […], "bytes": …}], …}
    GET  /runs/{id}/model.zip           the whole model; adapter.zip, where one was trained
    GET  /runs/{id}/files/model/config.json
    GET  /runs/{id}/card                the model card; /runs/{id}/modelfile what Ollama reads
    POST /runs/{id}/push                {"what": "model", "repo": "org/name", "dry_run": true, "token": "…"}

A run that has not succeeded gives nothing, in words. A zip's length is sent before it, so that a browser
shows how far it is, and knows one that broke off.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse

from studio.errors import RunError
from studio.packing import stream_zip
from studio.publish.pushing import read_push, stop_push
from studio.takeaway import (
    Bundle,
    describe_card,
    describe_modelfile,
    describe_takeaway,
    open_bundle,
    require_success,
    start_model_push,
)
from studio.web.api.context import Id, WorkspaceOf, name_download
from studio.web.api.push import PushBody, PushRequest, describe_push, read_asked, read_token

router = APIRouter(tags=["runs"])

What = Literal["model", "adapter"]
WhatAsked = Annotated[What, Query(description="Whose card it is.")]
_TYPES = {".json": "application/json", ".md": "text/markdown", ".txt": "text/plain", ".jinja": "text/plain"}


class BundleFileBody(BaseModel):
    """One file of a bundle."""

    name: str
    bytes: int


class BundleBody(BaseModel):
    """A model or an adapter: its files, their size in all, and that of the archive, in bytes."""

    what: What
    name: str
    files: list[BundleFileBody]
    bytes: int
    archive: int


class ModelfileBody(BaseModel):
    """What Ollama reads; `text` is empty where there can be none, and `words` say why."""

    text: str
    words: list[str]


class CommandsBody(BaseModel):
    """Commands for a person's own shell, and a word on them."""

    commands: list[str]
    words: str


class TakeawayBody(BaseModel):
    """Everything that a finished run gives; `use` are lines of Python that ask the model."""

    run: str
    bundles: list[BundleBody]
    modelfile: ModelfileBody
    ollama: list[str]
    gguf: CommandsBody
    use: list[str]


class ModelPushRequest(PushRequest):
    """What of a run is pushed, and where to."""

    what: What = "model"


@router.get("/runs/{run_id}/takeaway")
def show_takeaway(run_id: Id, workspace: WorkspaceOf) -> TakeawayBody:
    """What a run gives."""
    return TakeawayBody.model_validate(describe_takeaway(workspace.run(run_id)))


@router.get("/runs/{run_id}/card")
def show_card(run_id: Id, workspace: WorkspaceOf, what: WhatAsked = "model") -> PlainTextResponse:
    """The model card, the README.md of what is taken away."""
    return PlainTextResponse(describe_card(workspace.run(run_id), what))


@router.get("/runs/{run_id}/modelfile")
def show_modelfile(run_id: Id, workspace: WorkspaceOf) -> PlainTextResponse:
    """Ollama's Modelfile; 400 with the reason where there can be none."""
    run_dir = workspace.run(run_id)
    require_success(run_dir)
    found = describe_modelfile(run_dir)
    if not found.text:
        raise RunError(found.words[0], "Take the model away for transformers.")
    return PlainTextResponse(found.text, headers=name_download("Modelfile"))


@router.get("/runs/{run_id}/model.zip")
def download_model(run_id: Id, workspace: WorkspaceOf) -> StreamingResponse:
    """The whole model in one zip."""
    return _send_zip(open_bundle(workspace.run(run_id), "model"))


@router.get("/runs/{run_id}/adapter.zip")
def download_adapter(run_id: Id, workspace: WorkspaceOf) -> StreamingResponse:
    """The adapter alone in one zip."""
    return _send_zip(open_bundle(workspace.run(run_id), "adapter"))


@router.get("/runs/{run_id}/files/{what}/{name}")
def download_file(run_id: Id, what: What, name: str, workspace: WorkspaceOf) -> Response:
    """One file of a model or an adapter; a part of it where the request asks for a range."""
    files = open_bundle(workspace.run(run_id), what).files
    if name not in files:
        raise RunError(f"The {what} has no file {name!r:.80}.", f"Its files are: {', '.join(files)}.")
    content = files[name]
    kind = _TYPES.get(Path(name).suffix, "application/octet-stream")
    headers: dict[str, Any] = name_download(name)
    if isinstance(content, bytes):
        return Response(content, media_type=kind, headers=headers)
    return FileResponse(content, media_type=kind, headers=headers)


@router.post("/runs/{run_id}/push")
def push_model(run_id: Id, request: ModelPushRequest, workspace: WorkspaceOf) -> PushBody:
    """Begin a push or a dry run; it goes on when the page is left."""
    asked = read_asked(request, request.what)
    return describe_push(start_model_push(workspace, run_id, asked, read_token(request)))


@router.get("/runs/{run_id}/push")
def show_model_push(run_id: Id, workspace: WorkspaceOf) -> PushBody:
    """Where the last push of this run stands."""
    workspace.run(run_id)
    return describe_push(read_push(workspace, run_id))


@router.delete("/runs/{run_id}/push")
def end_model_push(run_id: Id, workspace: WorkspaceOf) -> PushBody:
    """Stop the push; what was not committed by then is not on the Hub."""
    workspace.run(run_id)
    return describe_push(stop_push(workspace, run_id))


def _send_zip(bundle: Bundle) -> StreamingResponse:
    headers = name_download(f"{bundle.name}.zip") | {"content-length": str(bundle.to_dict()["archive"])}
    stream = stream_zip(bundle.packed, compressed=False)
    return StreamingResponse(stream, media_type="application/zip", headers=headers)
