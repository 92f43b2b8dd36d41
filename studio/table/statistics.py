"""Statistics: what a column holds at a glance: how often it has nothing, how long or large its values are.

    answer: text, 12 to 3 840 characters, 16 bars of lengths       split: category, "train" 900, "test" 100

A bar stands for a condition that gives exactly its records. Excluded records are not counted, edited values
count as they are now. Knows nothing of how it is drawn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars import selectors as cs

from studio.record import Column, FeatureType
from studio.table.bars import Bar, Number, count_lengths, count_numbers
from studio.table.values import (
    express_empty,
    express_missing,
    express_null,
    express_number,
    express_text,
)

if TYPE_CHECKING:
    from studio.table.stored import Table

Shape = Literal["text", "number", "category", "boolean", "json", "empty"]

MOST_CATEGORIES = 100
_CATEGORY_BARS = 8
_CATEGORY_CHARACTERS = 64
_PROBE_RECORDS = 2_000
_BLOCK_ROWS = 65_536
_MOST_DISTINCT = 200_000  # records up to which different texts are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnStats:
    """The figures of a column.

    `low` and `high` are the least and the most characters of a text or JSON spelling, or the numbers
    themselves. `distinct` is how many different values there are, None when they were not counted. `sampled`
    is how many records were looked at, None for all. `other` records have a value that is in no bar; empty
    texts are in none either.
    """

    index: int
    name: str
    type: FeatureType
    shape: Shape
    missing: int
    null: int
    empty: int
    sampled: int | None = None
    low: Number | None = None
    high: Number | None = None
    distinct: int | None = None
    bars: tuple[Bar, ...] = ()
    other: int = 0


def describe_columns(table: "Table", indexes: Sequence[int] | None = None) -> Iterator[ColumnStats]:
    """The figures of the table's columns, or of those at `indexes`, one after another."""
    kept = table.kept
    for index in range(len(table.columns)) if indexes is None else indexes:
        yield _describe(table, kept, index)


def describe_column(table: "Table", column: str) -> ColumnStats:
    """The figures of one column."""
    return next(describe_columns(table, [table.names.index(column)]))


def _describe(table: "Table", kept: NDArray[np.uint32] | None, index: int) -> ColumnStats:
    column = table.columns[index]
    stats = ColumnStats(
        index=index,
        name=column.name,
        type=column.type,
        shape="empty",
        missing=column.missing,
        null=column.null,
        empty=column.empty,
    )
    values = _Values(table, column, kept)
    if table.changes.edits or kept is not None:
        stats = _recount_nothing(stats, values)
    records = len(table) if kept is None else len(kept)
    if stats.missing + stats.null + stats.empty >= records:
        return stats
    return _fill(stats, column, values)


@dataclass(frozen=True, slots=True)
class _Values:
    """A column of the records that count, of which expressions can be had as a series without a name."""

    table: "Table"
    column: Column
    kept: NDArray[np.uint32] | None

    def of(self, expression: pl.Expr, first: int | None = None) -> pl.Series:
        names = [self.column.name, self.table.bookkeeping.missing]
        size = first or _BLOCK_ROWS
        blocks = self.table.iter_batches(size, names)
        found = [block.select(expression.alias("value")) for block in islice(blocks, 1 if first else None)]
        values = pl.concat(found).to_series().alias("")
        if self.kept is None:
            return values
        return values.gather(self.kept[self.kept < len(values)])


def _recount_nothing(stats: ColumnStats, values: _Values) -> ColumnStats:
    table, column = values.table, values.column
    missing = int(values.of(express_missing(table, column)).sum())
    null = int(values.of(express_null(table, column)).sum())
    nothing = int(values.of(express_empty(column)).sum())
    return replace(stats, missing=missing, null=null, empty=nothing - missing - null)


def _fill(stats: ColumnStats, column: Column, values: _Values) -> ColumnStats:
    if column.type == "boolean":
        return _fill_booleans(stats, values.of(express_text(column)))
    if column.type in ("integer", "float"):
        return _fill_numbers(stats, values.of(express_number(column)))
    if column.type == "text":
        counts = _count_values(values, column)
        if counts is not None:
            return _fill_category(stats, counts)
    numbers = _find_numbers(values, column) if column.type == "json" else None
    if numbers is not None:
        return _fill_numbers(stats, numbers)
    return _fill_lengths(stats, values, column)


def _fill_booleans(stats: ColumnStats, spelled: pl.Series) -> ColumnStats:
    bars = tuple(Bar(value=value, count=int((spelled == value).sum())) for value in ("true", "false"))
    return replace(stats, shape="boolean", distinct=sum(bar.count > 0 for bar in bars), bars=bars)


def _fill_numbers(stats: ColumnStats, numbers: pl.Series) -> ColumnStats:
    found = numbers.drop_nulls()
    array = found.to_numpy()
    return replace(
        stats,
        shape="number",
        low=array.min().item(),
        high=array.max().item(),
        distinct=found.n_unique(),
        bars=count_numbers(array),
    )


def _fill_category(stats: ColumnStats, counts: list[tuple[str, int]]) -> ColumnStats:
    shown = counts[:_CATEGORY_BARS]
    return replace(
        stats,
        shape="category",
        low=min(len(value) for value, _ in counts),
        high=max(len(value) for value, _ in counts),
        distinct=len(counts),
        bars=tuple(Bar(value=value, count=count) for value, count in shown),
        other=sum(count for _, count in counts[_CATEGORY_BARS:]),
    )


def _fill_lengths(stats: ColumnStats, values: _Values, column: Column) -> ColumnStats:
    found = values.of(express_text(column).str.len_chars()).drop_nulls().to_numpy()
    if column.type == "text":
        found = found[found > 0]
    distinct = None
    if len(found) <= _MOST_DISTINCT:
        texts = values.of(express_text(column)).drop_nulls()
        distinct = texts.n_unique() - (column.type == "text" and bool((texts == "").any()))
    return replace(
        stats,
        shape="text" if column.type == "text" else "json",
        low=int(found.min()),
        high=int(found.max()),
        distinct=distinct,
        bars=count_lengths(found),
    )


def _count_values(values: _Values, column: Column) -> list[tuple[str, int]] | None:
    """The values and how often each is there, the most first; None where they are many, long or unique."""
    probe = values.of(express_text(column), _PROBE_RECORDS)
    if not _are_few(probe.unique()):
        return None
    found = pl.DataFrame({"value": values.of(express_text(column))}).filter(pl.col("value") != "")
    counts = found.group_by("value").agg(pl.len().alias("count"))
    if not _are_few(counts["value"]) or len(found) < 2 * len(counts):
        return None
    return list(counts.sort("count", "value", descending=[True, False]).iter_rows())


def _are_few(distinct: pl.Series) -> bool:
    """Whether these different values are few and short; what is empty does not count."""
    shown = distinct.drop_nulls()
    shown = shown.filter(shown != "")
    longest = shown.str.len_chars().to_numpy().max(initial=0)
    return len(shown) <= MOST_CATEGORIES and bool(longest <= _CATEGORY_CHARACTERS)


def _find_numbers(values: _Values, column: Column) -> pl.Series | None:
    """The values of a json column as numbers; None when any is something else."""
    stored = cs.by_name(column.name).as_expr()
    for first in (_PROBE_RECORDS, None):
        numbers = values.of(express_number(column), first)
        if numbers.null_count() != values.of(stored, first).null_count():
            return None
    return numbers
