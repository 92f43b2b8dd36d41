"""Condition: what one column must be, in a recipe, an address and a command alike.

{"column": "answer", "is": "length", "value": [20, null], "not": true}

missing, null       a record without the key; one whose value is null
empty               both of these, and "", [] and {}
equals, contains    the text of a string, the JSON spelling of anything else; contains ignores case
one-of              what equals one of several texts
length              so many characters of the same text, both bounds included
number              numbers from the one to the other; those of text are text
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import polars as pl

from studio.errors import TableError
from studio.record import Column
from studio.table.search import MOST_CHARACTERS, Search, is_whole
from studio.table.values import (
    express_empty,
    express_missing,
    express_null,
    express_number,
    express_text,
    find_column,
    quote_name,
)

if TYPE_CHECKING:
    from studio.table.stored import Table

Test = Literal["empty", "missing", "null", "equals", "contains", "length", "number", "one-of"]

Bounds = tuple[int | float | None, int | float | None]
"""The least and the most, both included; None is no bound."""

MOST_VALUES = 1_000
_LEAST_WHOLE, _MOST_WHOLE = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class Condition:
    """`value` is a text, several texts, bounds, or None, as the test takes it; `negated` turns it round."""

    column: str
    test: Test
    value: str | tuple[str, ...] | Bounds | None = None
    negated: bool = False

    def mask(self, table: "Table") -> pl.Expr:
        """Whether the condition holds, as an expression over the table's frame; never null."""
        found = _MASKS[self.test](table, find_column(table, self.column), self.value)
        return ~found if self.negated else found

    def check(self, table: "Table") -> None:
        """Raise TableError when the table has no such column, or one that this cannot be asked of."""
        column = find_column(table, self.column)
        if self.test == "number" and column.type in ("text", "boolean"):
            held = "text" if column.type == "text" else "true and false"
            raise TableError(
                f"{quote_name(column.name)} holds {held}, not numbers.",
                "Ask for a length, or for what it equals or contains.",
            )

    def to_mapping(self) -> dict[str, Any]:
        """The condition as it is written; `parse_condition` gives it back."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        held = {} if value is None else {"value": value}
        return {"column": self.column, "is": self.test, **held, **({"not": True} if self.negated else {})}


def parse_condition(mapping: Any) -> Condition:
    """A condition as it is written. Raises TableError, in words, for what is none."""
    if not isinstance(mapping, Mapping) or set(mapping) - {"column", "is", "value", "not"}:
        raise TableError(
            f"{_cut(mapping)} is no condition.", 'A condition has "column", "is", "value", "not".'
        )
    column, test, negated = mapping.get("column"), mapping.get("is"), mapping.get("not", False)
    if not isinstance(column, str) or not is_whole(column):
        raise TableError(f"The condition {_cut(mapping)} names no column.", 'Give its name as "column".')
    if not isinstance(test, str) or test not in _VALUES:
        raise TableError(f"No condition is called {_cut(test)}.", f"There are: {', '.join(get_args(Test))}.")
    if not isinstance(negated, bool):
        raise TableError(f'"not" is {_cut(negated)} in a condition.', "Give true or false.")
    known: Any = test
    return Condition(column, known, _VALUES[test](mapping.get("value")), negated)


def _mask_length(_: "Table", column: Column, bounds: Bounds) -> pl.Expr:
    return _within(express_text(column).str.len_chars().cast(pl.Int64), bounds, whole=True)


def _mask_number(_: "Table", column: Column, bounds: Bounds) -> pl.Expr:
    return _within(express_number(column), bounds, whole=column.type == "integer")


def _mask_one_of(_: "Table", column: Column, texts: tuple[str, ...]) -> pl.Expr:
    return express_text(column).is_in(list(texts)).fill_null(False)


def _within(value: pl.Expr, bounds: Bounds, *, whole: bool) -> pl.Expr:
    least, most = bounds
    held = value.is_not_null()
    if least is not None:
        held &= _at_least(value, least) if whole else value >= pl.lit(float(least))
    if most is not None:
        held &= _at_most(value, most) if whole else value <= pl.lit(float(most))
    return held.fill_null(False)


def _at_least(value: pl.Expr, bound: float) -> pl.Expr:
    if bound > _MOST_WHOLE:
        return pl.lit(False)
    return value >= pl.lit(math.ceil(max(bound, _LEAST_WHOLE)), pl.Int64)


def _at_most(value: pl.Expr, bound: float) -> pl.Expr:
    if bound < _LEAST_WHOLE:
        return pl.lit(False)
    return value <= pl.lit(math.floor(min(bound, _MOST_WHOLE)), pl.Int64)


_MASKS: Mapping[str, Callable[["Table", Column, Any], pl.Expr]] = {
    "empty": lambda _, column, __: express_empty(column),
    "missing": lambda table, column, _: express_missing(table, column),
    "null": lambda table, column, _: express_null(table, column),
    "equals": lambda table, column, text: _mask_one_of(table, column, (text,)),
    "contains": lambda _, column, text: Search(text).mask(column),
    "one-of": _mask_one_of,
    "length": _mask_length,
    "number": _mask_number,
}


def _read_nothing(value: Any) -> None:
    if value is not None:
        raise TableError(f"The condition has the value {_cut(value)} and takes none.", "Leave it out.")


def _read_text(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS or not is_whole(value):
        hint = f"Give a text of at most {MOST_CHARACTERS:,} characters."
        raise TableError(f"The value of the condition is {_cut(value)}.", hint)
    return value


def _read_texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not 0 < len(value) <= MOST_VALUES:
        hint = f"Give a list of 1 to {MOST_VALUES:,} texts."
        raise TableError(f"The value of the condition is {_cut(value)}.", hint)
    return tuple(map(_read_text, value))


def _read_bounds(value: Any) -> Bounds:
    if not isinstance(value, list | tuple) or len(value) != 2 or not all(map(_is_bound, value)):
        hint = "Give two numbers, [least, most]; null for no bound."
        raise TableError(f"The bounds of the condition are {_cut(value)}.", hint)
    least, most = (None if bound is None else _fit(bound) for bound in value)
    return (least, most)


def _is_bound(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (number and not math.isnan(_fit(value)))


def _fit(bound: float) -> float:
    """The same number, or the infinity of its side where it is beyond what a float can hold."""
    try:
        float(bound)
    except OverflowError:
        return math.inf if bound > 0 else -math.inf
    return bound


_VALUES: Mapping[str, Callable[[Any], Any]] = {
    "empty": _read_nothing,
    "missing": _read_nothing,
    "null": _read_nothing,
    "equals": _read_text,
    "contains": _read_text,
    "one-of": _read_texts,
    "length": _read_bounds,
    "number": _read_bounds,
}


def _cut(value: Any) -> str:
    return f"{value!r:.60}"
