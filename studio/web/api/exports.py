"""Exports: what one holds, its files one by one, and all of them in one zip that is never held whole.

Reads the files that the export itself names, and no other.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.responses import FileResponse, StreamingResponse

from studio.errors import WorkspaceError
from studio.export import Export
from studio.web.api.context import Id, WorkspaceOf, name_download

_CHUNK = 1 << 20
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_TYPES = {".jsonl": "application/jsonl", ".json": "application/json", ".yaml": "application/yaml"}

router = APIRouter(tags=["exports"])


class FileBody(BaseModel):
    """A file that can be downloaded."""

    name: str
    bytes: int


class ExportBody(BaseModel):
    """The manifest of an export, and its files."""

    model_config = ConfigDict(extra="allow")

    id: str
    files: list[FileBody]


# Before the route of the export itself, whose id would match the whole name.
@router.get("/exports/{export_id}.zip")
def download_zip(export_id: Id, workspace: WorkspaceOf) -> StreamingResponse:
    """All files in one zip, whose bytes are the same each time."""
    files = _list_files(workspace.export(export_id))
    headers = name_download(f"export-{export_id[:8]}.zip")
    return StreamingResponse(stream_zip(files), media_type="application/zip", headers=headers)


@router.get("/exports/{export_id}")
def show_export(export_id: Id, workspace: WorkspaceOf) -> ExportBody:
    """The manifest and the files of an export."""
    export = workspace.export(export_id)
    files = [FileBody(name=path.name, bytes=path.stat().st_size) for path in _list_files(export)]
    manifest: dict[str, Any] = export.manifest
    return ExportBody(**manifest | {"id": export_id, "files": files})


@router.get("/exports/{export_id}/files/{name}")
def download_file(export_id: Id, name: str, workspace: WorkspaceOf) -> FileResponse:
    """One file of an export, as it is on disk."""
    files = {path.name: path for path in _list_files(workspace.export(export_id))}
    if name not in files:
        raise WorkspaceError(f"This export has no file {name!r:.80}.", f"Its files are: {', '.join(files)}.")
    path = files[name]
    kind = _TYPES.get(path.suffix, "application/octet-stream")
    return FileResponse(path, media_type=kind, headers=name_download(name))


def stream_zip(files: list[Path]) -> Iterator[bytes]:
    """The bytes of a zip of these files, piece by piece: in this order, dated 1980, so that they repeat."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            with path.open("rb") as source, archive.open(_describe_entry(path), "w") as target:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
                    yield sink.take()
    yield sink.take()


class _Sink:
    """A file that can only be written to: without `tell` and `seek`, zipfile writes sizes after the data."""

    def __init__(self) -> None:
        self._pending: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pending.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do: what is written waits to be taken."""

    def close(self) -> None:
        """Nothing to do: there is no file behind it."""

    def take(self) -> bytes:
        data = b"".join(self._pending)
        self._pending.clear()
        return data


def _describe_entry(path: Path) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path.name, date_time=_FIRST_DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, on every system, so that the bytes repeat
    entry.external_attr = 0o644 << 16
    entry.file_size = path.stat().st_size  # tells zipfile whether the sizes need 64 bits
    return entry


def _list_files(export: Export) -> list[Path]:
    """The export's own files; what else a manifest may name, and links, are left out."""
    inside = [
        path for path in export.files if path.parent == export.folder and path.name not in ("", ".", "..")
    ]
    return [path for path in inside if path.is_file() and not path.is_symlink()]
