"""A SplitPlan: the method, its parts and their sizes, and what is wrong with what was asked.

{method: grouped, train: 0.9, test: 0.1}           fractions, by the prompt
{method: stratified, by: topic, train: 900, test: 100}    counts
{method: grouped, near: 0.8, train: 0.9, test: 0.1}       near-duplicates are kept together as well
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, get_args

from studio.errors import SplitError

Method = Literal["random", "sequential", "stratified", "grouped", "hash", "published"]
PartName = Literal["train", "validation", "test"]
METHODS: tuple[str, ...] = get_args(Method)
PART_NAMES: tuple[str, ...] = get_args(PartName)

LEAST_NEAR = 0.5
"""The lowest similarity that can be asked for: texts that share less than half are not near."""

_TAKE_BY = ("stratified", "grouped", "hash")
_NEAR_HINT = f"Give a similarity from {LEAST_NEAR} to 1, such as near: 0.8."


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPlan:
    """`parts` are (name, size) in the order written, which is the order in which they are cut.

    The sizes are fractions of the records; where any is above 1, all are counts of records. `by` names the
    column whose values are the keys; None is the prompt. From the similarity `near` on, keys are the same for
    the method `grouped`. The method `published` has no parts: they are the splits that the source came in.
    """

    method: str
    parts: tuple[tuple[str, Decimal], ...]
    seed: int = 42
    by: str | None = None
    near: float | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise SplitError(f"No split method named {self.method}.", f"Methods are: {', '.join(METHODS)}.")
        _check_by(self.method, self.by)
        _check_near(self.method, self.near)
        if self.method == "published":
            if self.parts:
                raise SplitError(
                    "A published split has no fractions.", "Leave them out, or choose another method."
                )
            return
        if not self.parts:
            raise SplitError("The split has no part.", "Give at least one fraction, for example train: 1.0.")
        for name, size in self.parts:
            _check_part(name, size)
        _check_counts(self) if self.counted else _check_fractions(self)

    @property
    def counted(self) -> bool:
        """Whether the sizes are counts of records."""
        return any(size > 1 for _, size in self.parts)

    @property
    def takes_all(self) -> bool:
        """Whether the parts are fractions that make up the whole, so that the last takes the rest."""
        return not self.counted and sum(size for _, size in self.parts) == 1

    @property
    def wants_keys(self) -> bool:
        """Whether the records must be known by their keys."""
        return self.method in _TAKE_BY


def parse_plan(mapping: Mapping[str, Any]) -> SplitPlan:
    """A plan from {method, by, near, seed, train, validation, test}; the parts are in the mapping's order.

    A part that is None is not asked. Sizes are read as decimals (`Decimal(str(f))`), so that 0.1 is 0.1.
    """
    unknown = set(mapping) - {"method", "by", "near", "seed", *PART_NAMES}
    if unknown:
        raise SplitError(
            f"The split has an unknown key {min(unknown)}.", f"Parts are: {', '.join(PART_NAMES)}."
        )
    by = mapping.get("by")
    if by is not None and not isinstance(by, str):
        raise SplitError(f"The split is by {by!r}, not the name of a column.", "Put the name in quotes.")
    asked = [(name, mapping[name]) for name in mapping if name in PART_NAMES and mapping[name] is not None]
    return SplitPlan(
        method=mapping.get("method", "random"),
        parts=tuple((name, _parse_size(name, value)) for name, value in asked),
        seed=mapping.get("seed", 42),
        by=by,
        near=_parse_near(mapping.get("near")),
    )


def _check_by(method: str, by: str | None) -> None:
    if by is not None and method not in _TAKE_BY:
        raise SplitError(
            f"The method {method} goes by no column, and {by} was given.",
            f"Leave it out, or choose one of {', '.join(_TAKE_BY)}.",
        )
    if by is None and method == "stratified":
        raise SplitError(
            "A stratified split goes by a column, and none was given.", "Name it, for example by: topic."
        )


def _check_part(name: str, size: Decimal) -> None:
    if name not in PART_NAMES:
        raise SplitError(f"No part named {name}.", f"Parts are: {', '.join(PART_NAMES)}.")
    if size <= 0:
        raise SplitError(
            f"The fraction of {name} is {size}.", "Give a number above 0 and up to 1, or a count of records."
        )


def _check_near(method: str, near: float | None) -> None:
    if near is not None and method != "grouped":
        raise SplitError(
            f"The method {method} keeps no near-duplicates together, and near was given.",
            "Leave it out, or choose the method grouped.",
        )
    check_near(near)


def check_near(near: float | None) -> None:
    """Raise SplitError for a similarity that cannot be asked for; None is none."""
    if near is not None and not LEAST_NEAR <= near <= 1:
        raise SplitError(f"near is {near:g}, no similarity that can be asked for.", _NEAR_HINT)


def _check_fractions(plan: SplitPlan) -> None:
    total = sum(size for _, size in plan.parts)
    if total > 1:
        terms = " + ".join(f"{name} {size}" for name, size in plan.parts)
        raise SplitError(
            f"The fractions add up to {total} ({terms}).",
            "They may add up to at most 1; whole numbers above 1 are counts of records.",
        )


def _check_counts(plan: SplitPlan) -> None:
    if plan.method == "hash":
        raise SplitError(
            "The method hash takes fractions, and counts were given.",
            "Its parts stay the same when records are added only if they are fractions, for example 0.9.",
        )
    for name, size in plan.parts:
        if size == size.to_integral_value():
            continue
        if size > 1:
            raise SplitError(
                f"The size of {name} is {size}, which is neither a fraction nor a count.",
                "Give a number up to 1, or a whole number of records.",
            )
        other, count = next((other, count) for other, count in plan.parts if count > 1)
        raise SplitError(
            f"{name} {size} is a fraction, and {other} {count} is a count.",
            "Give all parts as fractions, or all as whole numbers of records.",
        )


def _parse_near(value: Any) -> float | None:
    if value is None or (isinstance(value, int | float | Decimal) and not isinstance(value, bool)):
        return None if value is None else float(value)
    raise SplitError(f"near is {value!r}, not a number.", _NEAR_HINT)


def _parse_size(name: str, value: Any) -> Decimal:
    try:
        size = Decimal(str(value))
        if size.is_finite() and not isinstance(value, bool):
            return Decimal(int(size)) if size > 1 and size == size.to_integral_value() else size
    except InvalidOperation:
        pass
    raise SplitError(
        f"The fraction of {name} is {value!r}, not a number.", "Give a decimal such as 0.9, or a count."
    )
