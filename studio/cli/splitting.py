"""The command that looks at a split: its parts, what each looks like, the twins across them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.reading import RecipeSource, SourceOrRecipe, takes_reading_options

if TYPE_CHECKING:
    from studio.recipe import Recipe
    from studio.review import Review
    from studio.table import Table

_PAIRS_SHOWN = 5

Size = Annotated[float | None, typer.Option(help="Its fraction, such as 0.9, or a count of records.", min=0)]


@takes_reading_options
def split(
    source: SourceOrRecipe,
    options: dict[str, Any],
    method: Annotated[
        str | None, typer.Option(help="random, sequential, stratified, grouped, hash or published.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Column to go by.", metavar="COLUMN")] = None,
    train: Size = None,
    validation: Size = None,
    test: Size = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same parts (42).")] = None,
    near: Annotated[
        float | None,
        typer.Option(
            help="Look for near-duplicates as well, from this similarity on, such as 0.8; the method grouped "
            "keeps them in one part.",
            metavar="SIMILARITY",
        ),
    ] = None,
    source_file: RecipeSource = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show the parts of a split, and the records that have a twin in another part; writes nothing."""
    from dataclasses import asdict

    from studio.cli.tables import opened_any
    from studio.proposal import propose_recipe
    from studio.review import review_split

    sizes = {"train": train, "validation": validation, "test": test}
    asked = {"method": method, "by": by, "near": near, "seed": seed, **sizes}
    with opened_any(source, workspace, options, source_file) as (recipe, table):
        review = review_split(_with_split(recipe or propose_recipe(table), asked), table, near)
        answer = {"source": table.name, **asdict(review)}
        del answer["done"]
        say(answer, _review_lines(table, review), as_json=as_json)


def _with_split(recipe: "Recipe", asked: dict[str, Any]) -> "Recipe":
    """The recipe with what was asked in the place of its own: sizes all together, what it goes by with its
    method. Near-duplicates that cannot be kept together are only looked for.
    """
    from studio.recipe import SplitSpec
    from studio.split import PART_NAMES, check_near, parse_plan

    check_near(asked["near"])
    if (asked["method"] or recipe.split.to_plan().method) != "grouped":
        asked = asked | {"near": None}
    given = {name: value for name, value in asked.items() if value not in (None, 0.0) or name == "seed"}
    given = {name: value for name, value in given.items() if value is not None}
    own = recipe.split.to_mapping()
    if given.keys() & set(PART_NAMES):
        own = {name: value for name, value in own.items() if name not in PART_NAMES}
    if given.get("method", own["method"]) != own["method"]:
        own.pop("by", None)
        own.pop("near", None)
    if given.get("method") == "published":
        own = {}
    wanted = own | given
    parse_plan(wanted)  # for its own error
    return recipe.model_copy(update={"split": SplitSpec.model_validate(wanted)})


def _review_lines(table: "Table", review: "Review") -> Iterator[str]:
    by = f" by {review.by}" if review.by is not None else ""
    by += f" with near-duplicates from {review.near:g} on" if review.near is not None else ""
    yield f"{table.name}: {review.records:,} records, {review.method}{by}, seed {review.seed}"
    for part in review.parts:
        looks = [f"{part.records:,} records"]
        if part.profile is not None:
            looks.append(f"prompts of {part.profile.prompt:,.0f} characters at the median")
            if part.profile.completion is not None:
                looks.append(f"completions of {part.profile.completion:,.0f}")
        yield f"  {part.name}: {', '.join(looks)}"
    if review.unused:
        yield f"  unused: {review.unused:,} records"
    for twins in review.twins or ():
        yield (
            f"{twins.part}: {twins.prompt:,} of {twins.records:,} have their prompt in {twins.of},"
            f" {twins.exact:,} their whole text"
        )
        for pair in twins.pairs[:_PAIRS_SHOWN]:
            yield f"  row {pair.row} and row {pair.twin}{' (exact)' if pair.exact else ''}"
        if twins.near is not None:
            yield f"{twins.part}: {twins.near:,} more have it nearly, {review.looked:g} or more alike"
        for near in twins.near_pairs[:_PAIRS_SHOWN]:
            yield f"  row {near.row} and row {near.twin} ({near.similarity:.2f})"
    if review.proposal is not None:
        also = f" --near {review.proposal.near:g}" if review.proposal.near is not None else ""
        yield f"proposed: --method {review.proposal.method}{also}. {review.proposal.reason}"
    yield from (f"hint: {hint.message}" for hint in review.hints)
