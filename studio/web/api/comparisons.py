"""What a fine-tune changed: the scores of both models, and the records of the test part side by side."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from studio.compare import Comparison, open_comparison
from studio.errors import RunError
from studio.run import RunDir
from studio.web.api.context import Id, Limit, Offset, WorkspaceOf, check_limit

router = APIRouter(tags=["comparisons"])


class ComparisonBody(BaseModel):
    """Scores before and after, and one page of the examples; `records` are all that were compared."""

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


@router.get("/runs/{run_id}/comparison")
def show_comparison(
    run_id: Id, workspace: WorkspaceOf, offset: Offset = 0, limit: Limit = 5
) -> ComparisonBody:
    """What the fine-tune changed: the scores on the whole test part, and some of its records side by side."""
    check_limit(limit, workspace.settings.limits.page_rows)
    run_dir = workspace.run(run_id)
    if not run_dir.state_file.exists():
        raise RunError(f"Run {run_id} has no state.", "Start the run again.")
    comparison = _open_comparison(run_dir.path, run_dir.state_file.stat().st_mtime_ns)
    return ComparisonBody.model_validate(comparison.to_dict(offset, limit))


# A finished run changes no more, and its intervals take a second to compute: the pages share them.
@lru_cache(maxsize=8)
def _open_comparison(folder: Path, changed: int) -> Comparison:
    return open_comparison(RunDir(folder))
