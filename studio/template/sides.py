"""The two sides of an example as text, over a whole table: what is asked, and what is answered.

    prompt-completion   the prompt                                     the completion
    messages            the messages before the assistant's last       the assistant's last message
    text                everything: where its answer begins is not known

Messages are joined with a line end each; a conversation that does not render is asked nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from studio.record import Column
from studio.template.values import express_text
from studio.template.whole import Part, Template

_ROLE = pl.element().struct.field("role")
_CONTENT = pl.element().struct.field("content")


def express_asked(template: Template, columns: Sequence[Column]) -> pl.Expr:
    """What is given before the answer; never null."""
    if template.conversation is None:
        return _join(template, columns, template.parts[: _answer_at(template)])
    turns = template.render_column(columns)["messages"]
    answered = turns.list.last().struct.field("role") == "assistant"
    return _contents(pl.when(answered).then(turns.list.head(turns.list.len() - 1)).otherwise(turns))


def express_given(template: Template, columns: Sequence[Column]) -> pl.Expr:
    """Of what is asked that which differs from record to record: the values that it reads, a line each; never
    null. The template's own words would make all prompts alike.
    """
    if template.conversation is not None:
        return express_asked(replace(template, parts=()), columns)
    by_name = {column.name: column for column in columns}
    values = [express_text(by_name[name]) for name in asked_columns(template)]
    return pl.concat_str(values, separator="\n") if values else pl.lit("")


def express_answered(template: Template, columns: Sequence[Column]) -> pl.Expr | None:
    """The answer, never null; None where it is not known which part is the answer."""
    if template.conversation is not None:
        turns = template.render_column(columns)["messages"]
        answers = turns.list.eval(_CONTENT.filter(_ROLE == "assistant"))
        return answers.list.last().fill_null("")
    at = _answer_at(template)
    return None if at is None else _join(template, columns, template.parts[at : at + 1])


def express_whole(template: Template, columns: Sequence[Column]) -> pl.Expr:
    """All of it; never null."""
    if template.conversation is not None:
        return _contents(template.render_column(columns)["messages"])
    return _join(template, columns, template.parts)


def asked_columns(template: Template) -> tuple[str, ...]:
    """The columns that what is asked reads, in order of first appearance."""
    if template.conversation is not None:
        return template.columns
    return replace(template, parts=template.parts[: _answer_at(template)]).columns


def answered_columns(template: Template) -> tuple[str, ...]:
    """The columns that the answer reads, in order of first appearance; none where it is not known."""
    if template.conversation is not None:
        return template.columns
    at = _answer_at(template)
    return () if at is None else replace(template, parts=template.parts[at : at + 1]).columns


def _answer_at(template: Template) -> int | None:
    answers = [at for at, part in enumerate(template.parts) if part.name in ("completion", "assistant")]
    return answers[-1] if answers else None


def _join(template: Template, columns: Sequence[Column], parts: Sequence[Part]) -> pl.Expr:
    source = "\n".join(part.source for part in parts)
    return replace(template, type="text", parts=(Part("text", source),)).render_column(columns)["text"]


def _contents(turns: pl.Expr) -> pl.Expr:
    return turns.list.eval(_CONTENT).list.join("\n").fill_null("")
