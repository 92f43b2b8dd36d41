"""What a value is inside a prompt: its text, and whether it is empty; for one value and for a whole column.

The pairs `text_of` / `express_text` and `is_empty` / `express_empty` must agree on every value.
"""

import json
import re
from typing import Any

import polars as pl
from polars import selectors as cs

from studio.record import Column, Json

_EMPTY_CONTAINER = r"^(?:\[[ \t\n\r]*\]|\{[ \t\n\r]*\})$"
_EMPTY_JSON = re.compile(_EMPTY_CONTAINER)


def text_of(value: Any) -> str:
    """A value as a placeholder writes it: strings as they are, null as nothing, the rest in JSON spelling."""
    if isinstance(value, str):
        return value
    if isinstance(value, Json):
        return value.spelling
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def is_empty(value: Any) -> bool:
    """Whether a section calls the value empty: None, "", [] and {}; not whitespace, 0 or false."""
    if isinstance(value, Json):
        return value.spelling in ("null", '""') or _EMPTY_JSON.match(value.spelling) is not None
    return value is None or (isinstance(value, str | list | tuple | dict) and not value)


def express_text(column: Column) -> pl.Expr:
    """The column's text as a polars expression: what `text_of` gives for each record, never null."""
    value = cs.by_name(column.name).as_expr()
    if column.type == "json":
        quoted = value.str.starts_with('"')
        decoded = pl.when(quoted).then(value).otherwise(None).str.json_decode(pl.String)
        value = pl.when(quoted).then(decoded).otherwise(value)
    return value.cast(pl.String).fill_null("")


def express_empty(column: Column) -> pl.Expr:
    """Whether the column is empty, as a polars expression; never null."""
    value = cs.by_name(column.name).as_expr()
    if column.type == "text":
        return value.is_null() | (value == "").fill_null(True)
    if column.type == "json":
        bare = value.is_in(["null", '""']) | value.str.contains(_EMPTY_CONTAINER)
        return value.is_null() | bare.fill_null(True)
    return value.is_null()
