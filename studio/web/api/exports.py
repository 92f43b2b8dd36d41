"""Exports: written, listed, stopped and taken away; their files one by one, or in one zip that is never held.

    POST /tables/{id}/exports    {"id": "9c…", "state": "running", "done": 0, "total": 0, …}
    GET /tables/{id}/exports     {"exports": [{"id": "9c…", "state": "done", …}]}

Reads the files that the export itself names, and no other.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import FileResponse, StreamingResponse

from studio.errors import WorkspaceError
from studio.export import Export
from studio.exporting import (
    Exporting,
    list_exports,
    read_export,
    remove_export,
    restore_previous,
    start_export,
    stop_export,
)
from studio.packing import stream_zip
from studio.task import Phase
from studio.web.api.context import Id, WorkspaceOf, name_download

_TYPES = {".jsonl": "application/jsonl", ".json": "application/json", ".yaml": "application/yaml"}

router = APIRouter(tags=["exports"])


class FileBody(BaseModel):
    """A file that can be downloaded."""

    name: str
    bytes: int
    sha256: str | None


class ProblemBody(BaseModel):
    """Why something failed, and what to do."""

    message: str
    hint: str


class ExportBody(BaseModel):
    """The manifest of an export, and its files."""

    model_config = ConfigDict(extra="allow")

    id: str
    files: list[FileBody]


class ExportingBody(BaseModel):
    """Where an export stands: `done` of `total` records, 0 where the total is unknown; times in seconds.

    `problem` says why it failed, `previous` whether one is kept that it took the place of.
    """

    id: str
    state: Phase
    done: int
    total: int
    seconds: float
    left: float | None
    problem: ProblemBody | None
    previous: bool


class ExportsBody(BaseModel):
    """The exports of a table: those that are being written, then the newest."""

    exports: list[ExportingBody]


class ExportRequest(BaseModel):
    """The export whose place the new one takes, if any; the other is kept as the previous one."""

    model_config = ConfigDict(extra="forbid")

    replace: Annotated[str, Field(max_length=64)] | None = None


@router.get("/tables/{table_id}/exports")
def show_exports(table_id: Id, workspace: WorkspaceOf) -> ExportsBody:
    """What was written of a table, what is being written, and what could not be."""
    workspace.table(table_id)
    return ExportsBody(exports=[_describe(one) for one in list_exports(workspace, table_id)])


@router.post("/tables/{table_id}/exports")
def begin(table_id: Id, asked: ExportRequest, workspace: WorkspaceOf) -> ExportingBody:
    """Write the export of the draft; a large one goes on after the answer."""
    return _describe(start_export(workspace, table_id, replace=asked.replace))


@router.post("/exports/{export_id}/stop")
def stop(export_id: Id, workspace: WorkspaceOf) -> ExportingBody:
    """End an export that is being written, so that nothing is left of it; one that is done stays."""
    return _describe(stop_export(workspace, export_id))


@router.post("/exports/{export_id}/previous", status_code=204)
def restore(export_id: Id, workspace: WorkspaceOf) -> None:
    """Put the one that it took the place of beside it."""
    read_export(workspace, export_id)
    restore_previous(workspace, export_id)


@router.delete("/exports/{export_id}", status_code=204)
def remove(export_id: Id, workspace: WorkspaceOf) -> None:
    """Take an export away, finished or not; the one that it took the place of is back."""
    remove_export(workspace, export_id)


# Before the route of the export itself, whose id would match the whole name.
@router.get("/exports/{export_id}.zip")
def download_zip(export_id: Id, workspace: WorkspaceOf) -> StreamingResponse:
    """All files in one zip, whose bytes are the same each time."""
    files = list_files(workspace.export(export_id))
    headers = name_download(f"export-{export_id[:8]}.zip")
    return StreamingResponse(stream_zip(files), media_type="application/zip", headers=headers)


@router.get("/exports/{export_id}")
def show_export(export_id: Id, workspace: WorkspaceOf) -> ExportBody:
    """The manifest and the files of an export."""
    export = workspace.export(export_id)
    manifest: dict[str, Any] = export.manifest
    files = [
        FileBody(name=name, bytes=path.stat().st_size, sha256=_find_hash(manifest, name))
        for name, path in list_files(export).items()
    ]
    return ExportBody(**manifest | {"id": export_id, "files": files})


@router.get("/exports/{export_id}/files/{name:path}")
def download_file(export_id: Id, name: str, workspace: WorkspaceOf) -> FileResponse:
    """One file of an export, as it is on disk."""
    files = list_files(workspace.export(export_id))
    if name not in files:
        raise WorkspaceError(f"This export has no file {name!r:.80}.", f"Its files are: {', '.join(files)}.")
    path = files[name]
    kind = _TYPES.get(path.suffix, "application/octet-stream")
    return FileResponse(path, media_type=kind, headers=name_download(path.name))


def _describe(export: Exporting) -> ExportingBody:
    failed = export.state == "failed"
    return ExportingBody(
        id=export.id,
        state=export.state,
        done=export.done,
        total=export.total,
        seconds=export.seconds,
        left=export.left,
        problem=ProblemBody(message=export.message, hint=export.hint) if failed else None,
        previous=export.previous,
    )


def list_files(export: Export) -> dict[str, Path]:
    """Name → path of the export's own files; what else a manifest may name, and links, are left out."""
    folder = export.folder.resolve()
    files = {
        path.relative_to(export.folder).as_posix(): path for path in export.files if _is_below(path, export)
    }
    return {name: path for name, path in files.items() if path.is_file() and path.resolve() == folder / name}


def _is_below(path: Path, export: Export) -> bool:
    return path.is_relative_to(export.folder) and path != export.folder and ".." not in path.parts


def _find_hash(manifest: Mapping[str, Any], name: str) -> str | None:
    """The SHA-256 that the manifest states of a file; the manifest itself has none."""
    files = manifest.get("files") or {part["file"]: part for part in manifest["parts"].values()}
    found: str | None = files.get(name, {}).get("sha256")
    return found
