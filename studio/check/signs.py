"""Signs of trouble in the cells that a template reads, as polars expressions over a table's frame.

    missing value    {answer} is null, and nothing says {#answer}…{/answer}
    control tokens   a cell holds <|endoftext|>, which is no text to this tokenizer
    template marks   a cell holds "### Response:", which the template itself writes

Knows nothing of tokens beyond their names.
"""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl
from polars import selectors as cs

from studio.check.arrays import Flag
from studio.record import Column
from studio.template import Template, template_literals
from studio.template.grammar import Node, Placeholder
from studio.template.values import express_empty, express_text


def express_signs(
    template: Template, columns: Sequence[Column], control: Sequence[str]
) -> dict[Flag, pl.Expr]:
    """Whether a record has each of the signs; never null. `control` are the texts of control tokens."""
    by_name = {column.name: column for column in columns}
    read = [by_name[name] for name in template.columns]
    return {
        Flag.MISSING_VALUE: _express_missing(template, by_name),
        Flag.CONTROL_TOKENS: _express_any(read, control),
        Flag.TEMPLATE_MARKS: _express_any(read, template_literals(template)),
    }


def _express_missing(template: Template, columns: Mapping[str, Column]) -> pl.Expr:
    mapped = {name: columns[template.column_map.get(name, name)] for name in template.placeholders}
    lacking = [found for part in template.parts for found in _list_lacking(part.nodes, mapped, pl.lit(True))]
    return pl.any_horizontal(lacking).fill_null(False) if lacking else pl.lit(False)


def _list_lacking(nodes: Iterable[Node], columns: Mapping[str, Column], shown: pl.Expr) -> list[pl.Expr]:
    """For every placeholder whether it is shown and has no value."""
    found: list[pl.Expr] = []
    for node in nodes:
        if isinstance(node, Placeholder):
            found.append(shown & cs.by_name(columns[node.name].name).as_expr().is_null())
        elif not isinstance(node, str):
            empty = express_empty(columns[node.name])
            inside = shown & (empty if node.inverted else ~empty)
            found += _list_lacking(node.children, columns, inside)
    return found


def _express_any(columns: Sequence[Column], texts: Sequence[str]) -> pl.Expr:
    """Whether a cell of the columns holds one of the texts."""
    if not columns or not texts:
        return pl.lit(False)
    return pl.any_horizontal([express_text(column).str.contains_any(list(texts)) for column in columns])
