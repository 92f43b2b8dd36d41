"""What a finding looks at: the texts of every record, some records at a time.

    question   answer      asked                    answered      question
    "Hi?"      "Hello."    "Hi?"                    "Hello."      "Hi?"
    alpaca                 instruction \\n input     output        instruction

`asked` and `answered` are the values that the prompt and the answer read, without what the template writes
around them; `whole` is the text as it is rendered. In a conversation what is answered is the assistant's last
message, and the question the last of the user's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from studio.errors import TemplateError
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
from studio.template.values import express_text, text_of

NAMES = ("asked", "answered", "question", "whole")

_MOST_ROWS = 16_384
_BATCH_BYTES = 8 << 20  # of the source that are looked at at once, so that long records take no more memory

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
    for texts in iter_texts(table, expressions, template.columns, rows, _fit_batch(table)):
        yield pl.DataFrame(dict(zip(NAMES, texts, strict=True)))


def read_texts(template: Template, record: Mapping[str, Any]) -> dict[str, str]:
    """What is asked, answered and the question of one record: what `iter_sides` gives for it."""
    if template.conversation is not None:
        return _read_turns(template, record)
    sides = Sides.of(template)
    return {
        "asked": _join_texts(record, sides.asked),
        "answered": _join_texts(record, sides.answered),
        "question": _join_texts(record, sides.asked[:1]),
    }


def _read_turns(template: Template, record: Mapping[str, Any]) -> dict[str, str]:
    try:
        turns = template.render(record).messages
    except TemplateError:  # a conversation that does not render says nothing
        turns = ()
    asked = turns[:-1] if turns and turns[-1].role == "assistant" else turns
    said = {turn.role: turn.content for turn in turns}
    return {
        "asked": "\n".join(turn.content for turn in asked),
        "answered": said.get("assistant", ""),
        "question": said.get("user", ""),
    }


def _join_texts(record: Mapping[str, Any], names: Sequence[str]) -> str:
    return "\n".join(text for name in names if (text := text_of(record.get(name))))


def iter_values(table: Table, template: Template, rows: Rows | None) -> Iterator[pl.Series]:
    """What is asked and answered of the same records, together; none is null."""
    asked, answered, *_ = _express_sides(template, table.columns)
    both = pl.concat_str(asked, answered, separator="\n")
    for [values] in iter_texts(table, [both], template.columns, rows, _fit_batch(table)):
        yield values.str.strip_chars_end("\n")


def _fit_batch(table: Table) -> int:
    return max(1, min(_MOST_ROWS, _BATCH_BYTES * len(table) // max(1, table.bytes)))


def _express_sides(template: Template, columns: Sequence[Column]) -> list[pl.Expr]:
    by_name = {column.name: column for column in columns}
    sides = Sides.of(template)
    if template.conversation is None:
        asked, answered = (
            _join_values([by_name[name] for name in names]) for names in (sides.asked, sides.answered)
        )
        question = _join_values([by_name[name] for name in sides.asked[:1]])
    else:
        found = express_answered(template, columns)
        assert found is not None
        asked, answered = express_asked(template, columns), found
        turns = template.render_column(columns)["messages"]
        question = turns.list.eval(_CONTENT.filter(_ROLE == "user")).list.last().fill_null("")
    return [asked, answered, question, express_whole(template, columns)]


def _join_values(columns: Sequence[Column]) -> pl.Expr:
    """The values that are not empty, a line end between two."""
    if not columns:
        return pl.lit("")
    texts = [express_text(column) for column in columns]
    if len(texts) == 1:
        return texts[0]
    there = [pl.when(text != "").then(text) for text in texts]
    return pl.concat_str(there, separator="\n", ignore_nulls=True)
