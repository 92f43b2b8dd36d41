"""A stored table held against the truth of its case, value by value."""

import json
from collections.abc import Iterator
from typing import Any

from studio.record import Json
from studio.table import Table
from tests.corpus.case import Case, Cell

_NOTHING = "nothing at all"


def list_changes(case: Case, table: Table) -> list[tuple[int, str, Any, Any]]:
    """Line, column, truth and what came, for each cell that differs; a lost or made-up record counts too."""
    found = {record.line: record.values_by_name for record in table.page(limit=len(table)).rows}
    truth = dict(case.records)
    exact = case.suffix != ".parquet"
    return [
        (line, name, wanted, got)
        for line in sorted(truth.keys() | found.keys())
        for name, wanted, got in _differing(truth.get(line), found.get(line), exact)
    ]


def _differing(truth: Any, found: Any, exact: bool) -> Iterator[tuple[str, Any, Any]]:
    if truth is None or found is None:
        yield "the whole record", truth, found
        return
    for name in [*truth, *(name for name in found if name not in truth)]:
        wanted, got = truth.get(name, _NOTHING), found.get(name, _NOTHING)
        if _key(wanted, exact) != _key(got, exact):
            yield name, wanted, got


def _key(cell: Cell, exact: bool) -> Any:
    """What two equal cells share: the spelling, or of a typed source without one the exact value."""
    if exact or not isinstance(cell, Json):
        return cell
    return Json(repr(json.loads(cell.spelling, parse_int=Json, parse_float=Json, object_pairs_hook=tuple)))
