"""A Review of a split: its parts with their counts, what each looks like, and which records leak across them.

    recipe, table   →   train 1 260, test 140; 1 of the test records has its prompt in train; group them

What is only a hint says so. Nothing here is kept in a recipe or a manifest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from studio.leaks import Twins, find_near_twins, find_twins, mark_records
from studio.near import NearGroups
from studio.pipeline import find_near_prompts, plan_splits, resolve_template, select_left
from studio.profile import Profile, find_category, profile_parts
from studio.recipe import Recipe
from studio.split import SplitPlan
from studio.table import Table

SOUND_START = 1_000
NOISY_TEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """A rule of thumb of the field that the split does not meet."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Another method, and why; with `near`, it keeps near-duplicates together."""

    method: str
    reason: str
    near: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReview:
    """A part with its records; `profile` is None until it is known."""

    name: str
    records: int
    profile: Profile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What is known of a split of `records` by now.

    From the similarity `near` on the split keeps prompts together; from `looked` on near twins were looked
    for. `category` is the column whose values the profiles count. `twins` are those across every two parts;
    `repeated` records have a prompt that an earlier one has. They are None while they are not known.
    """

    records: int
    changes: str
    method: str
    by: str | None
    near: float | None
    seed: int
    parts: tuple[PartReview, ...]
    unused: int
    hints: tuple[Hint, ...]
    category: str | None = None
    twins: tuple[Twins, ...] | None = None
    repeated: int | None = None
    looked: float | None = None
    proposal: Proposal | None = None
    done: bool = False


def review_split(recipe: Recipe, table: Table, look: float | None = None) -> Review:
    """All that is to be said of the recipe's split. Raises SplitError, TableError or TemplateError."""
    *_, last = iter_review(recipe, table, look)
    return last


def iter_review(recipe: Recipe, table: Table, look: float | None = None) -> Iterator[Review]:
    """The review as it becomes known: the counts, then the profiles, then the twins.

    Last come the near twins, of prompts that are so similar as to `look` at, or as the split says itself.
    """
    plan, left = recipe.split.to_plan(), select_left(recipe, table)
    look = look if plan.near is None else plan.near
    by_prompt = plan.near is not None and plan.by is None
    near = find_near_prompts(recipe, table, left, look) if by_prompt and look is not None else None
    splits = plan_splits(recipe, table, left, near)
    review = Review(
        records=left.records,
        changes=left.words,
        method=plan.method,
        by=plan.by,
        near=plan.near,
        seed=plan.seed,
        parts=tuple(PartReview(name=name, records=count) for name, count in splits.counts.items()),
        unused=splits.unused,
        hints=tuple(_find_hints(splits.counts)),
    )
    yield review
    template = resolve_template(recipe, table)
    category = plan.by if plan.method == "stratified" else find_category(table)
    profiles = profile_parts(splits.parts, table, template, left.rows, category)
    review = replace(
        review,
        category=category if any(profile.categories for profile in profiles.values()) else None,
        parts=tuple(replace(part, profile=profiles[part.name]) for part in review.parts),
    )
    yield review
    marks = mark_records(table, template, left.rows)
    twins = find_twins(splits.parts, marks)
    proposal = _propose_method(plan, len(splits.parts), twins, marks.repeated, marks.distinct)
    review = replace(review, twins=twins, repeated=marks.repeated, proposal=proposal, done=look is None)
    yield review
    if look is None:
        return
    near = near or find_near_prompts(recipe, table, left, look)
    twins = find_near_twins(splits.parts, marks, near, twins)
    proposal = _propose_near(len(splits.parts), twins, near, look) or proposal
    yield replace(review, twins=twins, looked=look, proposal=proposal, done=True)


def _find_hints(counts: Mapping[str, int]) -> Iterator[Hint]:
    train, test = counts.get("train"), counts.get("test")
    if train is not None and train < SOUND_START:
        yield Hint(
            code="small-train",
            message=f"About {SOUND_START:,} good pairs is a sound start; train has {train:,}.",
        )
    if test is not None and test < NOISY_TEST:
        yield Hint(
            code="small-test",
            message=f"A test part under {NOISY_TEST} records makes scores noisy; this one has {test:,}.",
        )


def _propose_method(
    plan: SplitPlan, parts: int, twins: tuple[Twins, ...], repeated: int, distinct: int
) -> Proposal | None:
    """Grouped, where a prompt stands more than once and may stand in two parts."""
    by_prompt = plan.by is None and plan.method in ("grouped", "hash")
    if by_prompt or not repeated or not 2 <= parts <= distinct:
        return None
    times = "1 record repeats" if repeated == 1 else f"{repeated:,} records repeat"
    across = ", and not all in the same part" if any(found.prompt for found in twins) else ""
    return Proposal(
        method="grouped",
        reason=f"{times} the prompt of an earlier one{across}. Grouped keeps the same prompt in one part.",
    )


def _propose_near(parts: int, twins: tuple[Twins, ...], near: NearGroups, look: float) -> Proposal | None:
    """Grouped with near-duplicates, where some of them stand in two parts and can be kept in one."""
    groups = int(near.groups.max(initial=-1)) + 1
    if not any(found.near for found in twins) or groups < parts:
        return None
    repeated = len(near.groups) - groups
    times = "1 record repeats" if repeated == 1 else f"{repeated:,} records repeat"
    return Proposal(
        method="grouped",
        near=look,
        reason=f"{times} the prompt of an earlier one or nearly, and not all in the same part. Grouped with "
        "near-duplicates keeps those in one part.",
    )
