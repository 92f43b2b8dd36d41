"""The fields of an exported record as polars expressions.

ShareGPT's turns of a record:  [{"from": "human", "value": "What is LoRA?"}, {"from": "gpt", "value": "…"}]
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from studio.formats.format import FORMATS, reads_as_alpaca, resolve_names
from studio.record import Column
from studio.template import Part, Template

SHAREGPT_ROLES = {"user": "human", "assistant": "gpt"}
"""A role without another name there keeps its own: system, tool."""

OPENAI_ROLES = ("system", "developer", "user", "assistant")
"""Of a turn with another role, such as tool, OpenAI wants more than its content."""

_ROLE = pl.element().struct.field("role")
_CONTENT = pl.element().struct.field("content")


def express_fields(
    template: Template, columns: Sequence[Column], kind: str, names: Mapping[str, str]
) -> list[pl.Expr]:
    """One expression per field of the format, in order, named as in the file.

    A list of turns is null where the record cannot be written: see `misfit_words`. Raises TemplateError for a
    column that is not there, and ExportError for names that cannot be.
    """
    resolved = resolve_names(kind, names)
    texts = _express_texts(template, columns, kind, resolved)
    return [texts[field].alias(resolved[field]) for field in FORMATS[kind].fields]


def misfit_words(kind: str) -> str:
    """Why a record that the template renders has no turns in this format; "" where it always has."""
    if kind != "openai":
        return ""
    roles = ", ".join(OPENAI_ROLES)
    return (
        f"has turns that {FORMATS[kind].label} does not take; wanted are {roles}, the last by the assistant"
    )


def _express_texts(
    template: Template, columns: Sequence[Column], kind: str, names: Mapping[str, str]
) -> dict[str, pl.Expr]:
    if kind == "alpaca":
        return _express_alpaca(template, columns)
    texts = template.render_column(columns)
    if FORMATS[kind].turns:
        return {FORMATS[kind].fields[0]: _express_turns(texts, kind, names)}
    if kind == "text" and template.type == "prompt-completion":
        return {"text": texts["prompt"] + texts["completion"]}
    return texts


def _express_alpaca(template: Template, columns: Sequence[Column]) -> dict[str, pl.Expr]:
    if not reads_as_alpaca(template):
        texts = template.render_column(columns)
        return {"instruction": texts["prompt"], "input": pl.lit(""), "output": texts["completion"]}
    sources = {
        name: f"{{{name}}}" if name in template.placeholders else "" for name in FORMATS["alpaca"].fields
    }
    own = replace(template, parts=tuple(Part(name, source) for name, source in sources.items()))
    return own.render_column(columns)


def _express_turns(texts: Mapping[str, pl.Expr], kind: str, names: Mapping[str, str]) -> pl.Expr:
    """The list of turns under the format's own names and roles."""
    turns = texts.get("messages")
    if turns is None:
        turns = pl.concat_list(
            _turn("user", texts["prompt"]),
            _turn("assistant", texts["completion"]),
        )
    if kind == "openai":
        fits = turns.list.eval(_ROLE.is_in(OPENAI_ROLES)).list.all()
        fits &= turns.list.last().struct.field("role") == "assistant"
        turns = pl.when(fits).then(turns)
    role, content = (names[name] for name in FORMATS[kind].turns)
    if (kind != "sharegpt") and (role, content) == ("role", "content"):
        return turns
    spoken = _ROLE.replace(SHAREGPT_ROLES) if kind == "sharegpt" else _ROLE
    return turns.list.eval(pl.struct(spoken.alias(role), _CONTENT.alias(content)))


def _turn(role: str, content: pl.Expr) -> pl.Expr:
    return pl.struct(pl.lit(role).alias("role"), content.alias("content"))
