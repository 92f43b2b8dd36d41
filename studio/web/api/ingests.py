"""Ingests: a source is read into a table, in the background when it is large.

    {"id": "3f…", "name": "c4.jsonl", "state": "reading", "bytes": 31457280, "total": 4294967296,
     "records": 137136, "left": 190.2}

A page that is reloaded asks again; the reading itself goes on.
"""

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from studio.errors import SourceError
from studio.ingest import (
    IngestState,
    dismiss_ingest,
    list_ingests,
    read_ingest,
    resume_ingest,
    start_ingest,
    stop_ingest,
)
from studio.ingest.state import IngestDir, read_request
from studio.settings import ASSETS, Settings
from studio.source import Source, parse_source, with_options
from studio.web.api.context import Id, WorkspaceOf
from studio.workspace import Workspace

SAMPLE = ASSETS / "sample.jsonl"

router = APIRouter(tags=["ingests"])


class IngestOptions(BaseModel):
    """How the bytes are read where a format leaves a choice; what is not given is decided and shown."""

    model_config = ConfigDict(extra="forbid")

    config: str | None = None
    split: str | None = None
    revision: str | None = None
    first: Annotated[int, Field(gt=0)] | Literal["all"] | None = None
    member: str | None = None
    sheet: str | None = None
    field: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    types: dict[str, str] = Field(default_factory=dict)
    records: Literal["line", "block"] | None = None


class IngestRequest(BaseModel):
    """What to read: exactly one of an address, a finished upload, the sample, and a table's source again."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[str, Field(max_length=8_000)] | None = None
    upload: str | None = None
    sample: bool = False
    again: str | None = None
    options: IngestOptions = Field(default_factory=IngestOptions)


class IngestBody(BaseModel):
    """Where a reading stands; `table` says whether there is something to browse by now."""

    id: str
    name: str
    state: Literal["reading", "done", "stopped", "failed", "interrupted"]
    bytes: int
    total: int | None
    records: int
    seconds: float
    left: float | None
    message: str
    hint: str
    proposal: dict[str, list[str]]
    reused: bool
    table: bool


@router.post("/ingests", status_code=201)
def start(asked: IngestRequest, workspace: WorkspaceOf) -> IngestBody:
    """Begin to read a source; a small file is done when this answers."""
    return describe_ingest(workspace, start_ingest(_resolve_source(asked, workspace), workspace))


@router.get("/ingests")
def list_all(workspace: WorkspaceOf) -> list[IngestBody]:
    """Every reading that goes on, or that did not end with a whole table; the newest first."""
    return [describe_ingest(workspace, state) for state in list_ingests(workspace)]


@router.get("/ingests/{table_id}")
def show(table_id: Id, workspace: WorkspaceOf) -> IngestBody:
    """Where the reading into the table of this id stands."""
    return describe_ingest(workspace, read_ingest(workspace, table_id))


@router.post("/ingests/{table_id}/stop")
def stop(table_id: Id, workspace: WorkspaceOf) -> IngestBody:
    """End a reading; what was read stays."""
    return describe_ingest(workspace, stop_ingest(workspace, table_id))


@router.post("/ingests/{table_id}/resume")
def resume(table_id: Id, workspace: WorkspaceOf) -> IngestBody:
    """Read a source to its end whose reading was stopped, failed or was interrupted."""
    return describe_ingest(workspace, resume_ingest(workspace, table_id))


@router.delete("/ingests/{table_id}", status_code=204)
def dismiss(table_id: Id, workspace: WorkspaceOf) -> None:
    """Forget a reading that has ended; the table that it left stays."""
    dismiss_ingest(workspace, table_id)


def _resolve_source(asked: IngestRequest, workspace: Workspace) -> Source:
    given = [asked.source, asked.upload, asked.sample or None, asked.again]
    if sum(value is not None for value in given) != 1:
        raise SourceError("Nothing was named to read.", "Give one of source, upload, sample and again.")
    options: dict[str, Any] = asked.options.model_dump(exclude_none=True)
    if asked.again is not None:
        return with_options(_clear(_source_of(asked.again, workspace), asked.options), **options)
    if asked.upload is not None:
        return parse_source(str(workspace.upload_path(asked.upload)), **options)
    if asked.sample:
        return parse_source(str(SAMPLE))
    assert asked.source is not None
    refuse_local_path(asked.source, workspace.settings)
    return parse_source(asked.source, **options)


def _source_of(table_id: str, workspace: Workspace) -> Source:
    """What was asked for a table, or for a reading that never came to be one."""
    folder = workspace.ingest_folder(table_id)
    if folder.is_dir() and not workspace.has_table(table_id):
        return read_request(IngestDir(folder)).source
    table = workspace.table(table_id)
    return replace(table.source if table.source.hub else table.asked, sha256=None)


def _clear(source: Source, options: IngestOptions) -> Source:
    """The source without the options that were given as empty, so that they are decided anew."""
    return replace(
        source,
        **{name: getattr(Source(), name) for name in options.model_fields_set if not getattr(options, name)},
    )


def refuse_local_path(text: str, settings: Settings) -> None:
    """SourceError for what could be a path, when the page may not read files of its machine."""
    if not settings.local_paths and not text.strip().lower().startswith(("https://", "http://", "hf://")):
        raise SourceError(
            "Files of the studio's own machine are not read from here, because others can reach this page.",
            "Upload the file, or give an https:// URL or hf://datasets/org/name.",
        )


def describe_ingest(workspace: Workspace, state: IngestState) -> IngestBody:
    """The answer of every route that begins, ends or looks at a reading."""
    return IngestBody.model_validate(
        {
            **{name: getattr(state, name) for name in IngestState.__dataclass_fields__},
            "left": state.left,
            "table": workspace.has_table(state.id),
        }
    )
