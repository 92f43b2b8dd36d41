"""Query: which records of a table are wanted, and in which order.

    Query(search=Search("LoRA"), conditions=(Condition("answer", "length", (20, None)),), sort="score")

The search looks into every column, a condition into one; all of them must hold. A query becomes one polars
expression over `Table.frame`. Knows nothing of pages.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from studio.errors import TableError
from studio.table.condition import Condition, parse_condition
from studio.table.search import Search, highlight
from studio.table.values import find_column

if TYPE_CHECKING:
    from studio.table.stored import Table

__all__ = ["Among", "Condition", "Query", "Search", "highlight", "parse_condition"]

MOST_CONDITIONS = 100
_NO_SEARCH = Search()


@dataclass(frozen=True, slots=True)
class Among:
    """Rows that something else has found, ascending; `name` is equal only where they are."""

    name: str
    rows: NDArray[np.uint32] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Query:
    """A search, conditions that must all hold, and the column to sort by; None keeps the table's order.

    With `among` only those rows are looked at.
    """

    search: Search = _NO_SEARCH
    conditions: tuple[Condition, ...] = ()
    sort: str | None = None
    descending: bool = False
    among: Among | None = None

    @property
    def is_everything(self) -> bool:
        """Whether every record is wanted, in the table's order."""
        narrowed = self.search.text or self.conditions or self.among is not None
        return not narrowed and self.sort is None

    def reads(self, table: "Table") -> list[str]:
        """The columns of the table's frame that the mask looks at."""
        named = {condition.column for condition in self.conditions}
        every = bool(self.search.text)
        return [*(name for name in table.names if every or name in named), table.bookkeeping.missing]

    def mask(self, table: "Table") -> pl.Expr | None:
        """Whether a record that is looked at is wanted, as an expression over the table's frame; None when
        every one is.
        """
        wanted = [condition.mask(table) for condition in self.conditions]
        if self.search.text:
            found = [self.search.mask(column) for column in table.columns]
            wanted.append(pl.any_horizontal(found) if found else pl.lit(False))
        return pl.all_horizontal(wanted) if wanted else None

    def check(self, table: "Table") -> None:
        """Raise TableError, in words, when this cannot be asked of the table."""
        self.search.check()
        if len(self.conditions) > MOST_CONDITIONS:
            raise TableError(
                f"{len(self.conditions)} conditions are too many.", f"Give at most {MOST_CONDITIONS}."
            )
        if self.among is not None and len(self.among.rows) and self.among.rows[-1] >= len(table):
            raise TableError("The records are others by now.", "Clear the filter.")
        for condition in self.conditions:
            condition.check(table)
        if self.sort is not None:
            find_column(table, self.sort)
