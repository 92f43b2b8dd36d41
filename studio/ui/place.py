"""Place: which table, run and record a page is about, as its URL says, and what each stage holds there.

    ?tab=prompt&table=3f…&row=5   →   Place(table="3f…", run="", row=5)

A place is only ids; the work itself is on disk. Knows nothing of gradio, nor of how a stage looks.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.catalog import name_dataset
from studio.errors import StudioError
from studio.ingest import read_ingest
from studio.job import list_runs
from studio.pipeline import count_splits
from studio.recipe import Recipe, StyleSpec
from studio.run import RunState
from studio.table import Table
from studio.workspace import Workspace

_ID = re.compile(r"[0-9a-f]{32}")
_LAST_ROW = 10**12


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Ids of what a page shows; empty where there is nothing. `row` is zero-based."""

    table: str = ""
    run: str = ""
    row: int = 0


def read_place(values: object) -> Place:
    """The place that a page asked for; what is no id or no row is taken as not asked."""
    asked = values if isinstance(values, Mapping) else {}
    table, run, row = (asked.get(name) for name in ("table", "run", "row"))
    return Place(table=_as_id(table), run=_as_id(run), row=as_row(row))


def as_row(value: object) -> int:
    """A row as a page may ask for it; anything else is the first."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LAST_ROW:
        return 0
    return int(value)


def settle_place(workspace: Workspace, asked: Place) -> Place:
    """The place to show: the asked table or else the newest; the asked run or else the table's newest."""
    tables = workspace.table_ids()
    table = asked.table if asked.table in tables else next(iter(tables), "")
    if asked.run in workspace.run_ids():
        run = asked.run
    else:
        run = next((state.run for state in runs_of(workspace, table)), "")
    return Place(table=table, run=run, row=asked.row)


def runs_of(workspace: Workspace, table_id: str) -> Iterator[RunState]:
    """The runs made from a table on this page, the newest first."""
    made = set(workspace.runs_of(table_id)) if table_id else set()
    return (state for state in list_runs(workspace.runs) if state.run in made)


def describe_place(workspace: Workspace, asked: Place, place: Place) -> dict[str, Any]:
    """What the frame shows: the tables to choose from, what each stage holds, the run that is under way."""
    tables = [line for table_id in workspace.table_ids() if (line := _describe_table(workspace, table_id))]
    running = (state.run for state in list_runs(workspace.runs) if not state.finished)
    return {
        "table": next((line for line in tables if line["id"] == place.table), None),
        "asked": asked.table,
        "lost": bool(asked.table) and asked.table != place.table,
        "tables": tables,
        "stages": _describe_stages(workspace, place) if place.table else {},
        "running": next(running, None),
    }


def _describe_table(workspace: Workspace, table_id: str) -> dict[str, Any] | None:
    try:
        table = workspace.table(table_id)
    except StudioError:
        return None
    return {
        "id": table_id,
        "name": name_dataset(workspace, table_id, table),
        "format": table.format,
        "records": len(table),
        "complete": table.complete,
        "partial": table.partial,
        "reading": _is_growing(workspace, table_id, table),
        "bytes": table.bytes,
    }


def _is_growing(workspace: Workspace, table_id: str, table: Table) -> bool:
    """Whether the rest of a table is being read; the table of a killed worker would say so for ever."""
    return table.partial and read_ingest(workspace, table_id).state == "reading"


def _describe_stages(workspace: Workspace, place: Place) -> dict[str, str]:
    table, recipe = workspace.result(place.table), workspace.draft(place.table)
    runs = list(runs_of(workspace, place.table))
    return {
        "load": _describe_load(table),
        "browse": f"{len(table) - len(table.changes.excluded):,}",
        "prompt": recipe.template.style if isinstance(recipe.template, StyleSpec) else "own",
        "split": _describe_split(recipe, table),
        "export": "✓" if workspace.exports_of(place.table) else "",
        "finetune": _describe_runs(runs),
        "compare": next((words for state in runs if (words := _describe_scores(state))), ""),
    }


def _describe_load(table: Table) -> str:
    if table.counts.quarantined:
        return f"{table.counts.quarantined:,} bad"
    return "partial" if table.partial else "✓"


def _describe_split(recipe: Recipe, table: Table) -> str:
    method = recipe.split.to_plan().method
    if method in ("grouped", "hash"):  # every key would have to be read for the counts
        return method
    try:
        return "/".join(str(count) for count in count_splits(recipe, table).values())
    except StudioError:
        return "!"


def _describe_runs(runs: Sequence[RunState]) -> str:
    """The state of the run at work, else of the newest."""
    at_work = (run for run in runs if not run.finished and run.state != "queued")
    shown = next(at_work, runs[0] if runs else None)
    return shown.state if shown else ""


def _describe_scores(state: RunState) -> str:
    losses = [(state.metrics.get(side) or {}).get("loss") for side in ("base", "tuned")]
    if any(loss is None for loss in losses):
        return ""
    return " → ".join(f"{loss:.2f}" for loss in losses)


def _as_id(value: object) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""
