"""Matching: the rows that a query wants, found block by block so that the first are there at once.

    iter_matches(table, query)   →   (65_536, [3, 17, …]), (131_072, [70_001, …]), …

Rows come in table order; those of a sorted query all at once, at the end. Records that a person took out are
found like any other: it is for later stages to leave them out.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars import selectors as cs

from studio.record import Column
from studio.table.query import Query
from studio.table.sorting import sort_numbers, sort_texts
from studio.table.values import express_empty, express_number, express_text, find_column

if TYPE_CHECKING:
    from studio.table.stored import Table

RowIds = NDArray[np.uint32]

NO_ROWS: RowIds = np.empty(0, np.uint32)
_BLOCK_ROWS = 65_536


def iter_matches(table: "Table", query: Query) -> Iterator[tuple[int, RowIds]]:
    """Yield how many records have been looked at, and the rows among the new ones that are wanted.

    What has looked at all of them is the last.
    """
    if query.sort is None:
        yield from _iter_wanted(table, query)
        return
    found = []
    for searched, rows in _iter_wanted(table, query):
        found.append(rows)
        if searched < len(table):
            yield searched, NO_ROWS
    yield len(table), sort_rows(table, np.concatenate(found or [NO_ROWS]), query)


def find_rows(table: "Table", query: Query) -> RowIds:
    """All rows that are wanted, in the query's order."""
    return np.concatenate([NO_ROWS, *(rows for _, rows in iter_matches(table, query))])


def sort_rows(table: "Table", rows: RowIds, query: Query) -> RowIds:
    """The rows in the query's order: numbers by value, then text by its letters in lower case.

    Equal values keep the order of the table; what is empty comes last either way.
    """
    assert query.sort is not None
    number, text = _express_keys(find_column(table, query.sort))
    keys = [number.alias("number"), text.alias("text")]
    found = [block.select(keys) for block in table.iter_batches(_BLOCK_ROWS, [query.sort])]
    values = pl.concat(found)
    if len(rows) < len(values):
        values = values[rows]
    numbers, texts = values["number"], values["text"]
    counted, told = numbers.is_not_null().to_numpy(), texts.is_not_null().to_numpy()
    return np.concatenate(
        [
            rows[counted][sort_numbers(numbers.drop_nulls(), query.descending)],
            rows[told][sort_texts(texts.drop_nulls(), query.descending)],
            rows[~counted & ~told],
        ]
    )


def _iter_wanted(table: "Table", query: Query) -> Iterator[tuple[int, RowIds]]:
    mask, among = query.mask(table), query.among
    if mask is None:
        yield len(table), np.arange(len(table), dtype=np.uint32) if among is None else among.rows
        return
    start = 0
    for block in table.iter_batches(_BLOCK_ROWS, query.reads(table)):
        if among is None:
            rows = _find(block, mask) + np.uint32(start)
        else:
            low, high = np.searchsorted(among.rows, (start, start + len(block)))
            inside = among.rows[low:high]
            rows = inside[_find(block[inside - np.uint32(start)], mask)] if len(inside) else NO_ROWS
        start += len(block)
        yield start, rows


def _find(block: pl.DataFrame, mask: pl.Expr) -> RowIds:
    """The places in a block for which the mask holds."""
    return block.select(mask.arg_true().alias("row")).to_series().to_numpy().astype(np.uint32)


def _express_keys(column: Column) -> tuple[pl.Expr, pl.Expr]:
    """The number and the text to sort by, of which at most one is there; none for what comes last."""
    no_number, no_text = pl.lit(None, pl.Float64), pl.lit(None, pl.String)
    if column.type == "boolean":
        return cs.by_name(column.name).as_expr().cast(pl.UInt8), no_text
    if column.type in ("integer", "float"):
        return express_number(column), no_text
    text = pl.when(~express_empty(column)).then(express_text(column))
    if column.type == "text":
        return no_number, text
    number = express_number(column)
    return number, pl.when(number.is_null()).then(text)
