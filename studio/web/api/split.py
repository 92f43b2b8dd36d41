"""The split of a table's draft over HTTP: its parts, what each looks like, and the twins across them.

    GET /tables/{id}/split

A request that would take longer than a second answers what is known; asked again it knows more, until `done`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from studio.leaks import Pair, Twins
from studio.pipeline import resolve_template
from studio.recipe import Recipe
from studio.record import Record
from studio.review import Hint, PartReview, Proposal, Review
from studio.table import Table
from studio.template.sides import asked_columns
from studio.template.values import text_of
from studio.web.api.answers import answer
from studio.web.api.context import Id, SearchesOf, WorkspaceOf

MOST_PAIRS = 10
_SHOWN_CHARACTERS = 240

router = APIRouter(tags=["split"], prefix="/tables/{table_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBody:
    """Two records that are twins, and what each asks, cut after some characters."""

    row: int
    twin: int
    exact: bool
    text: str
    twin_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinsBody:
    """How many of the `records` of `part` have a twin in `of`, and the first of them."""

    part: str
    of: str
    records: int
    exact: int
    prompt: int
    pairs: list[PairBody]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitBody:
    """What is known of the split; `parts` is None while not even the counts are."""

    done: bool
    method: str
    by: str | None
    seed: int
    records: int | None = None
    changes: str = ""
    parts: list[PartReview] | None = None
    unused: int | None = None
    hints: list[Hint] | None = None
    category: str | None = None
    twins: list[TwinsBody] | None = None
    repeated: int | None = None
    proposal: Proposal | None = None


@router.get("/split", response_model=SplitBody)
def show_split(request: Request, table_id: Id, workspace: WorkspaceOf, searches: SearchesOf) -> Response:
    """The split of the draft; a problem with it is answered in words."""
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    review = searches.review(table_id, table, recipe)
    return answer(request, _describe(recipe, table, review))


def _describe(recipe: Recipe, table: Table, review: Review | None) -> SplitBody:
    plan = recipe.split.to_plan()
    if review is None:
        return SplitBody(done=False, method=plan.method, by=plan.by, seed=plan.seed)
    return SplitBody(
        done=review.done,
        method=review.method,
        by=review.by,
        seed=review.seed,
        records=review.records,
        changes=review.changes,
        parts=list(review.parts),
        unused=review.unused,
        hints=list(review.hints),
        category=review.category,
        twins=None if review.twins is None else [_describe_twins(recipe, table, one) for one in review.twins],
        repeated=review.repeated,
        proposal=review.proposal,
    )


def _describe_twins(recipe: Recipe, table: Table, twins: Twins) -> TwinsBody:
    pairs = twins.pairs[:MOST_PAIRS]
    return TwinsBody(
        part=twins.part,
        of=twins.of,
        records=twins.records,
        exact=twins.exact,
        prompt=twins.prompt,
        pairs=list(_describe_pairs(recipe, table, pairs)) if pairs else [],
    )


def _describe_pairs(recipe: Recipe, table: Table, pairs: tuple[Pair, ...]) -> Iterator[PairBody]:
    columns = asked_columns(resolve_template(recipe, table))
    for pair in pairs:
        yield PairBody(
            row=pair.row,
            twin=pair.twin,
            exact=pair.exact,
            text=_cut_text(table.record(pair.row), columns),
            twin_text=_cut_text(table.record(pair.twin), columns),
        )


def _cut_text(record: Record, columns: tuple[str, ...]) -> str:
    """What differs from prompt to prompt: the values that it reads."""
    text = " · ".join(value for column in columns if (value := text_of(record.get(column))))
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
