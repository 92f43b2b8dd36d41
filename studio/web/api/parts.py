"""What the export of a table's draft would write: the first lines of each part, and each part as a download.

    GET /tables/{id}/export/preview        {"parts": [{"name": "train", "records": 1260, "lines": [...]}]}
    GET /tables/{id}/export/parts/train    the very bytes of that part's file, as they are made

Nothing is kept of either.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from studio.errors import SourceError, SplitError, StudioError, TemplateError
from studio.export import preview_lines, stream_export
from studio.export.writing import choose_encoding
from studio.formats import FILES
from studio.pipeline import refuse_unsettled, resolve_recipe, resolve_template, select_left
from studio.recipe import Recipe
from studio.settings import Settings
from studio.split import Splits
from studio.table import Table
from studio.web.api.answers import answer
from studio.web.api.context import Id, SearchesOf, WorkspaceOf, name_download

SHOWN = 3  # records of each part
MOST_CHARACTERS = 6_000  # of one line that is shown
_PATIENCE = 120.0  # seconds in which the parts of any table are cut
_UNREADABLE = ("parquet", "dataset")
_GO: Mapping[type[StudioError], str] = {TemplateError: "prompt", SplitError: "split", SourceError: "load"}

router = APIRouter(tags=["export"], prefix="/tables/{table_id}/export")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemBody:
    """What is wrong, what to do, and the stage `go` where it is done."""

    message: str
    hint: str
    go: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineBody:
    """A line of a file with its end, and how many of its characters are not shown."""

    text: str
    cut: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBody:
    """A part of the export: its file, its records, and the beginning of the file with the first of them."""

    name: str
    file: str
    records: int
    shown: int
    lines: list[LineBody]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkBody:
    """Something to know before the export is written."""

    kind: Literal["info", "error"]
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewBody:
    """What would be written now; `done` is false while the parts are still being cut.

    `streams` is whether a part can be downloaded as it is made; `readable` whether the lines are the file's
    own, and not the values of a file that is no text.
    """

    done: bool
    parts: Sequence[PartBody] = ()
    records: int = 0
    unused: int = 0
    changes: str = ""
    streams: bool = False
    readable: bool = True
    remarks: Sequence[RemarkBody] = ()
    problem: ProblemBody | None = None


@router.get("/preview", response_model=PreviewBody)
def show_preview(request: Request, table_id: Id, workspace: WorkspaceOf, searches: SearchesOf) -> Response:
    """The parts with their first lines, or what stands in the way, in words."""
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    try:
        refuse_unsettled(recipe, table)
        resolve_recipe(recipe, table)
        splits = searches.cut(table_id, table, recipe)
        if splits is None:
            return answer(request, PreviewBody(done=False))
        parts = list(_preview_parts(recipe, table, splits, workspace.settings))
    except StudioError as error:
        problem = ProblemBody(message=error.message, hint=error.hint, go=_GO.get(type(error), ""))
        return answer(request, PreviewBody(done=True, problem=problem))
    left, file = select_left(recipe, table), FILES[recipe.export.file]
    body = PreviewBody(
        done=True,
        parts=parts,
        records=left.records,
        unused=splits.unused,
        changes=left.words,
        streams=file.streams,
        readable=file.name not in _UNREADABLE,
        remarks=list(_remark_on(recipe, table)),
    )
    return answer(request, body)


@router.get("/parts/{part}")
def download_part(table_id: Id, part: str, workspace: WorkspaceOf, searches: SearchesOf) -> StreamingResponse:
    """One part as it is made: the very bytes that its file would have. What fails on the way ends early."""
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    refuse_unsettled(recipe, table)
    template, resolved = resolve_template(recipe, table), resolve_recipe(recipe, table)
    splits = searches.cut(table_id, table, recipe, _PATIENCE)
    if splits is None:
        raise StudioError("The parts are still being cut.", "Try again when the preview is there.")
    pieces = stream_export(table, template, splits, resolved, part)
    first = next(pieces, b"")  # what is wrong with the first records is said in words
    headers = name_download(f"{part}{FILES[recipe.export.file].suffix}")
    return StreamingResponse(chain([first], pieces), media_type="application/octet-stream", headers=headers)


def _preview_parts(recipe: Recipe, table: Table, splits: Splits, settings: Settings) -> Iterator[PartBody]:
    template = resolve_template(recipe, table)
    encoding = choose_encoding(template, recipe)
    shown = preview_lines(table, template, splits, encoding, settings, SHOWN)
    for name, records in splits.counts.items():
        yield PartBody(
            name=name,
            file=f"{name}{FILES[encoding.file].suffix}",
            records=records,
            shown=min(SHOWN, records),
            lines=list(_cut_lines(shown[name])),
        )


def _cut_lines(text: str) -> Iterator[LineBody]:
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):  # splitlines would split at other characters too
        cut = max(0, len(line) - MOST_CHARACTERS)
        yield LineBody(text=line[:MOST_CHARACTERS], cut=cut)


def _remark_on(recipe: Recipe, table: Table) -> Iterator[RemarkBody]:
    counts = table.counts
    if table.partial:
        hint = "Read the rest in Load first, or export what is there."
        yield RemarkBody(
            kind="info", message=f"Only {len(table):,} records of the source were read.", hint=hint
        )
    elif not table.complete:
        hint = "It is a stream, and the rest of it was not asked for."
        yield RemarkBody(kind="info", message=f"These are the first {len(table):,} records.", hint=hint)
    if counts.quarantined:
        one = counts.quarantined == 1
        lines = "1 line is" if one else f"{counts.quarantined:,} lines are"
        hint = f"{'It' if one else 'They'} can be mended in Load."
        yield RemarkBody(kind="info", message=f"{lines} in quarantine and not exported.", hint=hint)
    for warning in FILES[recipe.export.file].warnings:
        yield RemarkBody(kind="info", message=warning, hint="")
