"""What a fine-tune changed: the scores of two sides, the records of the test part side by side, and reports.

    GET /runs/{id}/comparison?right=step-40    {"verdict": "Token F1 +0.27 [0.22, 0.31] on 139 records: …", …}
    GET /runs/{id}/comparison.html             all of it as one page that opens offline

`left` and `right` are addresses: `base`, `tuned`, `step-40` of this run, or `ID/tuned` of another.
"""

from functools import lru_cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from studio.compare import Address, Comparison, list_comparable, open_comparison_of, parse_address
from studio.compare.report import REPORTS, name_report, open_report
from studio.compare.sides import list_files
from studio.errors import RunError
from studio.run.sides import BASE, TUNED
from studio.web.api.context import Id, Limit, Offset, WorkspaceOf, check_limit, name_download
from studio.workspace import Workspace

router = APIRouter(tags=["comparisons"])

Side = Annotated[str, Query(max_length=120)]
Column = Annotated[str | None, Query(max_length=1_000)]


class ComparisonBody(BaseModel):
    """Scores of both sides, and one page of the examples; `records` are all that were compared.

    `base` is the left side, `tuned` the right one; `difference` is right less left with its interval, `low`
    and `high` null where one record allows none. `categories` are there when `by` names a column.
    """

    run: str
    label: str
    records: int
    left: str
    right: str
    verdict: str
    notes: list[str]
    base: dict[str, float | None]
    tuned: dict[str, float | None]
    difference: dict[str, Any]
    expected: dict[str, float | None]
    decoding: dict[str, Any]
    hashes: dict[str, str]
    columns: list[str]
    by: str | None
    categories: list[dict[str, Any]] | None
    examples: list[dict[str, Any]]


class SideBody(BaseModel):
    """One side that can be compared; `name` is the one that a person gave to its run."""

    address: str
    run: str
    which: str
    name: str
    steps: int
    decoding: dict[str, Any]
    records: int
    loss: float
    bits_per_byte: float


class SidesBody(BaseModel):
    """The sides of a run, then those of other runs with the very same test part."""

    sides: list[SideBody]


def find_comparison(run_id: Id, workspace: WorkspaceOf, left: Side = BASE, right: Side = TUNED) -> Comparison:
    """The comparison of two addresses; each may name another run."""
    sides = [parse_address(text, run_id) for text in (left, right)]
    return _open_comparison(sides[0], sides[1], workspace, _stamp(sides, workspace))


ComparisonOf = Annotated[Comparison, Depends(find_comparison)]


@router.get("/runs/{run_id}/comparison")
def show_comparison(
    comparison: ComparisonOf,
    workspace: WorkspaceOf,
    by: Column = None,
    offset: Offset = 0,
    limit: Limit = 5,
) -> ComparisonBody:
    """What the fine-tune changed: the scores on the whole test part, and some of its records side by side."""
    check_limit(limit, workspace.settings.limits.page_rows)
    return ComparisonBody.model_validate(comparison.to_dict(offset, limit, by))


@router.get("/runs/{run_id}/sides")
def show_sides(run_id: Id, workspace: WorkspaceOf) -> SidesBody:
    """What can be compared with this run: what of it was evaluated, and other runs tested on the same."""
    others = [workspace.run(other) for other in workspace.run_ids()]
    found = list_comparable(workspace.run(run_id), others)
    return SidesBody(sides=[SideBody.model_validate(side) for side in found])


@router.get("/runs/{run_id}/comparison.{kind}")
def download_report(
    kind: str, comparison: ComparisonOf, workspace: WorkspaceOf, by: Column = None
) -> StreamingResponse:
    """All of a comparison to take away: `html`, `jsonl` with the answers of the right side, or `csv`."""
    pieces = open_report(comparison, kind, workspace, by)
    headers = name_download(name_report(comparison, kind))
    return StreamingResponse(pieces, media_type=REPORTS[kind], headers=headers)


def _stamp(sides: list[Address], workspace: Workspace) -> tuple[int, ...]:
    """When the files of both sides were last written."""
    stamps = []
    for side in sides:
        run_dir = workspace.run(side.run)
        if not run_dir.state_file.exists():
            raise RunError(f"Run {side.run} has no state.", "Start the run again.")
        stamps += [file.stat().st_mtime_ns for file in list_files(run_dir, side.which)]
    return tuple(stamps)


# A side that is whole changes no more, and to read and score it takes a while: the pages share it.
@lru_cache(maxsize=8)
def _open_comparison(
    left: Address, right: Address, workspace: Workspace, stamps: tuple[int, ...]
) -> Comparison:
    return open_comparison_of(left, right, workspace)
