"""The split of a table's draft over HTTP: its parts, what each looks like, and the twins across them.

    GET /tables/{id}/split          twins by prompt
    GET /tables/{id}/split?near=1   near twins as well

A request that would take longer than a second answers what is known; asked again it knows more, until `done`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from studio.leaks import NearPair, Pair, Twins
from studio.near import NEAR
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
_SHOWN_BEFORE = 60  # characters before the first in which near twins differ

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
class NearPairBody:
    """Two records that ask nearly the same, how similar they are, and what each asks where they differ."""

    row: int
    twin: int
    similarity: float
    text: str
    twin_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinsBody:
    """How many of the `records` of `part` have a twin in `of`, and the first of them.

    `near` counts the others that have a near twin there, and is None where those were not looked for.
    """

    part: str
    of: str
    records: int
    exact: int
    prompt: int
    pairs: list[PairBody]
    near: int | None
    near_pairs: list[NearPairBody]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitBody:
    """What is known of the split; `parts` is None while not even the counts are.

    From the similarity `near` on the split keeps prompts together, from `looked` on near twins were looked
    for.
    """

    done: bool
    method: str
    by: str | None
    near: float | None
    seed: int
    records: int | None = None
    changes: str = ""
    parts: list[PartReview] | None = None
    unused: int | None = None
    hints: list[Hint] | None = None
    category: str | None = None
    twins: list[TwinsBody] | None = None
    repeated: int | None = None
    looked: float | None = None
    proposal: Proposal | None = None


@router.get("/split", response_model=SplitBody)
def show_split(
    request: Request, table_id: Id, workspace: WorkspaceOf, searches: SearchesOf, near: bool = False
) -> Response:
    """The split of the draft, on demand with its near twins; a problem with it is answered in words."""
    recipe, table = workspace.draft(table_id), workspace.result(table_id)
    review = searches.review(table_id, table, recipe, NEAR if near else None)
    return answer(request, _describe(recipe, table, review))


def _describe(recipe: Recipe, table: Table, review: Review | None) -> SplitBody:
    plan = recipe.split.to_plan()
    if review is None:
        return SplitBody(done=False, method=plan.method, by=plan.by, near=plan.near, seed=plan.seed)
    return SplitBody(
        done=review.done,
        method=review.method,
        by=review.by,
        near=review.near,
        seed=review.seed,
        records=review.records,
        changes=review.changes,
        parts=list(review.parts),
        unused=review.unused,
        hints=list(review.hints),
        category=review.category,
        twins=None if review.twins is None else [_describe_twins(recipe, table, one) for one in review.twins],
        repeated=review.repeated,
        looked=review.looked,
        proposal=review.proposal,
    )


def _describe_twins(recipe: Recipe, table: Table, twins: Twins) -> TwinsBody:
    pairs, near_pairs = twins.pairs[:MOST_PAIRS], twins.near_pairs[:MOST_PAIRS]
    return TwinsBody(
        part=twins.part,
        of=twins.of,
        records=twins.records,
        exact=twins.exact,
        prompt=twins.prompt,
        pairs=list(_describe_pairs(recipe, table, pairs)) if pairs else [],
        near=twins.near,
        near_pairs=list(_describe_near(recipe, table, near_pairs)) if near_pairs else [],
    )


def _describe_pairs(recipe: Recipe, table: Table, pairs: tuple[Pair, ...]) -> Iterator[PairBody]:
    columns = asked_columns(resolve_template(recipe, table))
    for pair in pairs:
        yield PairBody(
            row=pair.row,
            twin=pair.twin,
            exact=pair.exact,
            text=_cut_text(_read_text(table.record(pair.row), columns)),
            twin_text=_cut_text(_read_text(table.record(pair.twin), columns)),
        )


def _describe_near(recipe: Recipe, table: Table, pairs: tuple[NearPair, ...]) -> Iterator[NearPairBody]:
    columns = asked_columns(resolve_template(recipe, table))
    for pair in pairs:
        one, other = (_read_text(table.record(row), columns) for row in (pair.row, pair.twin))
        differs = (at for at, (here, there) in enumerate(zip(one, other, strict=False)) if here != there)
        start = max(0, next(differs, min(len(one), len(other))) - _SHOWN_BEFORE)
        yield NearPairBody(
            row=pair.row,
            twin=pair.twin,
            similarity=round(pair.similarity, 4),
            text=_cut_text(one, start),
            twin_text=_cut_text(other, start),
        )


def _read_text(record: Record, columns: tuple[str, ...]) -> str:
    """What differs from prompt to prompt: the values that it reads."""
    return " · ".join(value for column in columns if (value := text_of(record.get(column))))


def _cut_text(text: str, start: int = 0) -> str:
    """Some of a text, from `start` on where it is too long to be shown whole."""
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    shown = text[start : start + _SHOWN_CHARACTERS]
    return ("…" if start else "") + shown + ("…" if start + len(shown) < len(text) else "")
