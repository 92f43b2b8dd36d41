"""What a finding looks at: the texts of every record, some records at a time.

    question   answer      asked                    answered      question
    "Hi?"      "Hello."    "Hi?"                    "Hello."      "Hi?"
    alpaca                 instruction \\n input     output        instruction

`asked` and `answered` are the values that the prompt and the answer read, without what the template writes
around them; `prompt` and `whole` are the texts as they are rendered, by which records are twins. In a
conversation what is answered is the assistant's last message.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from studio.keys import Rows, iter_texts
from studio.record import Column
from studio.table import Table
from studio.template import Template
from studio.template.sides import (
    answered_columns,
    asked_columns,
    express_answered,
    express_asked,
    express_whole,
)
from studio.template.values import express_text

NAMES = ("asked", "answered", "question", "prompt", "whole")

_ROLE = pl.element().struct.field("role")
_CONTENT = pl.element().struct.field("content")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The columns that are asked and answered; none answered where the template does not tell."""

    asked: tuple[str, ...]
    answered: tuple[str, ...]

    @classmethod
    def of(cls, template: Template) -> "Sides":
        return cls(asked=asked_columns(template), answered=answered_columns(template))


def iter_sides(table: Table, template: Template, rows: Rows | None) -> Iterator[pl.DataFrame]:
    """The texts `NAMES` of the records at `rows` (None: all), in table order; none is null."""
    expressions = _express_sides(template, table.columns)
    for texts in iter_texts(table, expressions, template.columns, rows):
        yield pl.DataFrame(dict(zip(NAMES, texts, strict=True)))


def iter_values(table: Table, template: Template, rows: Rows | None) -> Iterator[pl.Series]:
    """What is asked and answered of the same records, together; none is null."""
    asked, answered, *_ = _express_sides(template, table.columns)
    both = pl.concat_str(asked, answered, separator="\n")
    for [values] in iter_texts(table, [both], template.columns, rows):
        yield values.str.strip_chars_end("\n")


def _express_sides(template: Template, columns: Sequence[Column]) -> list[pl.Expr]:
    by_name = {column.name: column for column in columns}
    sides = Sides.of(template)
    prompt, whole = express_asked(template, columns), express_whole(template, columns)
    if template.conversation is None:
        asked, answered = (
            _join_values([by_name[name] for name in names]) for names in (sides.asked, sides.answered)
        )
        question = _join_values([by_name[name] for name in sides.asked[:1]])
    else:
        found = express_answered(template, columns)
        assert found is not None
        asked, answered = prompt, found
        turns = template.render_column(columns)["messages"]
        question = turns.list.eval(_CONTENT.filter(_ROLE == "user")).list.last().fill_null("")
    return [asked, answered, question, prompt, whole]


def _join_values(columns: Sequence[Column]) -> pl.Expr:
    """The values that are not empty, a line end between two."""
    if not columns:
        return pl.lit("")
    texts = [express_text(column) for column in columns]
    if len(texts) == 1:
        return texts[0]
    there = [pl.when(text != "").then(text) for text in texts]
    return pl.concat_str(there, separator="\n", ignore_nulls=True)
