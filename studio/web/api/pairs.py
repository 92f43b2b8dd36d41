"""Pairs: the test records with the answers of two sides, as a person asks for them, and what they marked.

    GET /runs/{id}/pairs?sort=worse&only=worse&search=LoRA&offset=10&limit=10

Also while the run is being scored: then it is said how many of the records are done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi import Query as Parameter
from pydantic import BaseModel, ConfigDict, Field

from studio.compare import Pair, parse_address
from studio.compare.between import name_side, read_pairs_between
from studio.compare.judged import Judged, read_judged
from studio.compare.marks import Mark, Marks, mark_pair, read_marks, undo_mark
from studio.compare.nearest import find_nearest
from studio.compare.query import (
    Ask,
    Only,
    Sort,
    count_changes,
    describe_pair,
    find_pair,
    key_pair,
    query_pairs,
    texts_of,
)
from studio.job import label_base, list_runs
from studio.run import RunDir, RunPhase, RunState, read_spec, read_state
from studio.run.label import read_label
from studio.table.search import highlight
from studio.web.api.context import Id, Limit, Offset, WorkspaceOf, check_limit

router = APIRouter(tags=["comparisons"])

PAIRS = "/runs/{run_id}/pairs"

Asked = Annotated[str, Parameter(max_length=64)]
Side = Annotated[str, Parameter(max_length=100)]
Key = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The two sides that a request is about, their pairs, and what was marked of them."""

    run_dir: RunDir
    sides: tuple[str, str]
    pairs: tuple[Pair, ...]

    def tally(self, marks: Marks) -> "TallyBody":
        """How many pairs have each mark."""
        return TallyBody(**marks.count(map(key_pair, self.pairs)), undo=marks.undo)


def open_compared(run_id: Id, workspace: WorkspaceOf, left: Side = "base", right: Side = "tuned") -> Compared:
    """Sides are `base`, `tuned`, `step-N` of the run, or of another as `RUN/tuned`."""
    run_dir = workspace.run(run_id)
    addresses = parse_address(left, run_id), parse_address(right, run_id)
    return Compared(
        run_dir=run_dir,
        sides=(name_side(addresses[0], run_id), name_side(addresses[1], run_id)),
        pairs=read_pairs_between(*addresses, workspace),
    )


ComparedOf = Annotated[Compared, Depends(open_compared)]


class TallyBody(BaseModel):
    """How many pairs have each mark, and the key whose mark would be taken back next; empty for none."""

    better: int
    worse: int
    same: int
    undo: str


class PairsBody(BaseModel):
    """One page of the pairs asked for: `total` of them, of `records` that both sides have answered.

    `of` is how many test records there are to answer, None until it is known. `counts` says how many records
    each `only` leaves. A pair is `row key prompt expected base tuned improvement change mark judge hits`:
    `judge` the points of both sides, None where nobody judged; the hits of a search are [from, to] in UTF-16
    units, by text: prompt, expected, base, tuned.
    """

    state: RunPhase
    reason: str
    of: int | None
    records: int
    total: int
    counts: dict[Only, int]
    tally: TallyBody
    pairs: list[dict[str, Any]]


class RunToCompareBody(BaseModel):
    """A run, and whether there is anything to compare: `records` are the test records that it has scored."""

    run: str
    name: str
    label: str
    state: RunPhase
    step: int
    steps: int
    records: int
    started: str


class MarkBody(BaseModel):
    """The mark that a pair is to have; null takes it away."""

    model_config = ConfigDict(extra="forbid")

    mark: Mark | None


class NearestBody(BaseModel):
    """The nearest training records of a pair."""

    records: list[dict[str, Any]]


@router.get("/tables/{table_id}/compared")
def list_compared(table_id: Id, workspace: WorkspaceOf, run: Asked = "") -> list[RunToCompareBody]:
    """The runs made from a table, and the one asked for, the newest first, whatever became of them."""
    workspace.table(table_id)
    wanted = {*workspace.runs_of(table_id), run}
    states = [state for state in list_runs(workspace.runs) if state.run in wanted]
    return [_describe_run(workspace.run(state.run), state) for state in states]


@router.get(PAIRS)
def list_pairs(
    compared: ComparedOf,
    workspace: WorkspaceOf,
    sort: Sort = "order",
    only: Only = "all",
    search: str = "",
    offset: Offset = 0,
    limit: Limit = 10,
) -> PairsBody:
    """The test records with both answers, sorted and filtered; also while the run is being scored."""
    check_limit(limit, workspace.settings.limits.page_rows)
    ask, pairs = Ask(sort=sort, only=only, search=search), compared.pairs
    state, marks = read_state(compared.run_dir), read_marks(compared.run_dir, *compared.sides)
    asked = query_pairs(pairs, marks.marks, ask)
    return PairsBody(
        state=state.state,
        reason=state.reason,
        of=_count_test(compared.run_dir, state.metrics.get("records")),
        records=len(pairs),
        total=len(asked),
        counts=count_changes(pairs, marks.marks),
        tally=compared.tally(marks),
        pairs=_describe_pairs(asked[offset : offset + limit], marks, ask, _read_judged(compared)),
    )


@router.put(f"{PAIRS}/{{key}}/mark")
def put_mark(key: Key, body: MarkBody, compared: ComparedOf) -> TallyBody:
    """Note what a person thinks of a pair."""
    find_pair(compared.pairs, key)
    return compared.tally(mark_pair(compared.run_dir, key, body.mark, *compared.sides))


@router.post(f"{PAIRS}/undo")
def post_undo(compared: ComparedOf) -> TallyBody:
    """Take the last mark back."""
    return compared.tally(undo_mark(compared.run_dir, *compared.sides))


@router.get(f"{PAIRS}/{{key}}/nearest")
def list_nearest(key: Key, compared: ComparedOf) -> NearestBody:
    """The records nearest to a pair of those that the run learnt from."""
    near = find_nearest(compared.run_dir, find_pair(compared.pairs, key))
    return NearestBody(records=[one.to_dict() for one in near])


def _describe_run(run_dir: RunDir, state: RunState) -> RunToCompareBody:
    return RunToCompareBody(
        run=state.run,
        name=read_label(run_dir)["name"],
        label=label_base(read_spec(run_dir).base_model),
        state=state.state,
        step=state.step,
        steps=state.steps,
        records=state.metrics.get("records") or 0,
        started=state.started,
    )


def _count_test(run_dir: RunDir, scored: int | None) -> int | None:
    part = read_spec(run_dir).data.get("test")
    return scored if scored is not None else (part.records if part else 0)


def _read_judged(compared: Compared) -> Judged:
    """A judge is asked about the base and the tuned model alone."""
    return read_judged(compared.run_dir) if compared.sides == ("base", "tuned") else {}


def _describe_pairs(pairs: Sequence[Pair], marks: Marks, ask: Ask, judged: Judged) -> list[dict[str, Any]]:
    texts = [texts_of(pair) for pair in pairs]
    hits = {name: highlight(ask.searched, [one[name] for one in texts]) for name in (texts or [{}])[0]}
    return [
        describe_pair(pair, marks.marks)
        | {
            "judge": judged.get(key_pair(pair)),
            "hits": {name: found[at] for name, found in hits.items()} if ask.search else {},
        }
        for at, pair in enumerate(pairs)
    ]
