"""Statistics over HTTP: what the columns of a table hold, each as soon as it is known."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from studio.table.statistics import ColumnStats
from studio.web.api.answers import answer
from studio.web.api.context import Id, SearchesOf, WorkspaceOf
from studio.web.api.rows import Indexes, choose_columns

router = APIRouter(tags=["statistics"], prefix="/tables/{table_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatsBody:
    """The figures that are ready, of `records` that are not excluded; `done` when all that were asked are."""

    records: int
    done: bool
    columns: list[ColumnStats]


@router.get("/stats", response_model=StatsBody)
def show_stats(
    request: Request, table_id: Id, workspace: WorkspaceOf, searches: SearchesOf, columns: Indexes = ""
) -> Response:
    """The figures of the columns; what is not ready within a second comes when asked again."""
    table = workspace.result(table_id)
    ready, done = searches.describe(table_id, table, choose_columns(table, columns))
    body = StatsBody(
        records=len(table) - len(table.changes.excluded),
        done=done,
        columns=ready,
    )
    return answer(request, body)
