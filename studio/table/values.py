"""Values of a column as someone reads them, as polars expressions: their text, their number, or nothing.

    text "LoRA" → LoRA     json "LoRA" → LoRA     json ["a"] → ["a"]     integer 3 → 3     null → null

Columns are selected by their exact name: `pl.col` would take `*` and `^x$` for patterns. The expressions that
templates use are their own, and agree with these on what is empty.
"""

import json
import re
from typing import TYPE_CHECKING

import polars as pl
from polars import selectors as cs

from studio.errors import TableError
from studio.record import Column
from studio.table.columns import EMPTY_JSON

if TYPE_CHECKING:
    from studio.table.stored import Table

_MOST_NAMED = 20


def find_column(table: "Table", name: str) -> Column:
    """The column of this name. Raises TableError, which lists what there is."""
    for column in table.columns:
        if column.name == name:
            return column
    named = ", ".join(quote_name(known) for known in table.names[:_MOST_NAMED]) or "none"
    rest = f" and {len(table.names) - _MOST_NAMED:,} more" if len(table.names) > _MOST_NAMED else ""
    raise TableError(f"No column named {quote_name(name)}.", f"Columns are: {named}{rest}.")


def quote_name(name: str) -> str:
    """A column's name in a sentence: in quotes where it is not a plain word."""
    return name if re.fullmatch(r"[\w.-]+", name) else json.dumps(name, ensure_ascii=False)


def express_text(column: Column) -> pl.Expr:
    """A value as it is read: strings as they are, others in their JSON spelling; null where there is none."""
    value = cs.by_name(column.name).as_expr()
    if column.type != "json":
        return value if column.type == "text" else value.cast(pl.String)
    quoted = value.str.starts_with('"')
    decoded = pl.when(quoted).then(value).otherwise(None).str.json_decode(pl.String)
    return pl.when(quoted).then(decoded).otherwise(value)


def express_number(column: Column) -> pl.Expr:
    """A value as a number; null where it is none."""
    value = cs.by_name(column.name).as_expr()
    if column.type in ("integer", "float"):
        return value
    return value.cast(pl.Float64, strict=False)


def express_empty(column: Column) -> pl.Expr:
    """Whether there is nothing to read: missing, null, `""`, `[]` or `{}`; never null."""
    value = cs.by_name(column.name).as_expr()
    if column.type == "text":
        return value.is_null() | (value == pl.lit("")).fill_null(False)
    if column.type == "json":
        return value.is_null() | value.str.contains(EMPTY_JSON).fill_null(False)
    return value.is_null()


def express_missing(table: "Table", column: Column) -> pl.Expr:
    """Whether a record has no such key; never null."""
    index = table.names.index(column.name)
    lacks = cs.by_name(table.bookkeeping.missing).as_expr()
    return lacks.list.contains(pl.lit(index, pl.UInt32)).fill_null(False)


def express_null(table: "Table", column: Column) -> pl.Expr:
    """Whether a record has the key and its value is null; never null."""
    return cs.by_name(column.name).as_expr().is_null() & ~express_missing(table, column)
