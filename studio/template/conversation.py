"""A conversation that stands in a column: its turns as messages with standard roles, or why it has none.

    [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]
        →   Message(role="user", content="Hi"), Message(role="assistant", content="Hello")

Every turn is kept, in order; other keys of a turn are passed over. Nothing is guessed: a role that is not
known, a content that is no text, or a value that is no list of turns is an error.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import polars as pl

from studio.errors import TemplateError
from studio.record import Message
from studio.template.grammar import spell_name

STANDARD_ROLES = ("system", "user", "assistant", "tool")
_SHOWN = 40
_HINT = "Put the record right or exclude it, or say in the template how its turns are written."
_MESSAGES = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Where the turns stand, and under which keys; `roles` maps a role of the source to a standard one.

    `column` is a placeholder: the template's column map applies. `system` is grammar text for a first
    message of role system, for conversations that do not begin with one.
    """

    column: str
    role: str = "role"
    content: str = "content"
    roles: Mapping[str, str] = field(default_factory=dict)
    system: str = ""

    def to_mapping(self) -> dict[str, Any]:
        """As it stands in a template's mapping; no roles and no system prompt are left out."""
        more = {"roles": dict(self.roles), "system": self.system}
        given = {name: value for name, value in more.items() if value}
        return {"from": self.column, "role": self.role, "content": self.content, **given}


class _Misfit(ValueError):  # noqa: N818 - a finding about a value, not an error of the program
    """Why a value is no conversation, in words that follow the name of its column."""


def read_messages(conversation: Conversation, spelling: str, column: str, place: str) -> tuple[Message, ...]:
    """The messages of one record, at least one; `spelling` is the JSON of its value, "" for none.

    Raises TemplateError that begins with the `place` of the record and names the `column`.
    """
    try:
        turns = _read_turns(conversation, spelling)
    except _Misfit as misfit:
        message = f"{place}, column {spell_name(column)}: {misfit}."
        raise TemplateError(message, _HINT, part="from") from misfit
    return tuple(Message(role=role, content=content) for role, content in turns)


def express_messages(conversation: Conversation, spelling: pl.Expr, system: pl.Expr) -> pl.Expr:
    """The messages of every row, as a list of {role, content}; null where `read_messages` raises.

    `system` is the rendered system prompt.
    """

    def read_rows(rows: pl.Series) -> pl.Series:
        pairs = zip(rows.struct.field("spelling"), rows.struct.field("system"), strict=True)
        return pl.Series(rows.name, [_read_row(conversation, *pair) for pair in pairs], dtype=_MESSAGES)

    both = pl.struct(spelling.alias("spelling"), system.alias("system"))
    return both.map_batches(read_rows, return_dtype=_MESSAGES, is_elementwise=True)


def needs_prompt(first_role: str, system: str) -> bool:
    """Whether the rendered system prompt comes before messages that begin with this role."""
    return bool(system) and first_role != "system"


def _read_row(conversation: Conversation, spelling: str, system: str) -> list[dict[str, str]] | None:
    try:
        turns = _read_turns(conversation, spelling)
    except _Misfit:
        return None
    prompt = [("system", system)] if needs_prompt(turns[0][0], system) else []
    return [{"role": role, "content": content} for role, content in (*prompt, *turns)]


def _read_turns(conversation: Conversation, spelling: str) -> list[tuple[str, str]]:
    if not spelling:
        raise _Misfit("it is empty, where a list of turns is wanted")
    try:
        turns = _DECODER.decode(spelling)
    except RecursionError:
        raise _Misfit("it is nested too deep") from None
    except json.JSONDecodeError:
        raise _Misfit("it holds text that is not JSON, where a list of turns is wanted") from None
    if not isinstance(turns, list):
        raise _Misfit(f"it holds {_name_kind(turns)}, not a list of turns")
    if not turns:
        raise _Misfit("it holds no turn")
    return [_read_turn(conversation, number, turn) for number, turn in enumerate(turns, 1)]


def _read_turn(conversation: Conversation, number: int, turn: Any) -> tuple[str, str]:
    if not isinstance(turn, dict):
        keys = f"{spell_name(conversation.role)} and {spell_name(conversation.content)}"
        raise _Misfit(f"turn {number} is {_name_kind(turn)}, not an object with {keys}")
    for key in (conversation.role, conversation.content):
        value = turn.get(key)
        if not isinstance(value, str):
            what = (
                f"a {spell_name(key)} that is {_name_kind(value)}, not text"
                if key in turn
                else f"no {spell_name(key)}"
            )
            raise _Misfit(f"turn {number} has {what}")
        if not value.isascii() and _has_surrogate(value):
            raise _Misfit(f"turn {number} holds half a pair of surrogates")
    role = turn[conversation.role]
    standard = conversation.roles.get(role, role)
    if standard not in STANDARD_ROLES:
        known = ", ".join(map(spell_name, dict.fromkeys((*conversation.roles, *STANDARD_ROLES))))
        raise _Misfit(
            f"turn {number} has the role {json.dumps(role[:_SHOWN], ensure_ascii=False)}; known are {known}"
        )
    return standard, turn[conversation.content]


def _has_surrogate(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _name_kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) == len(pairs):
        return values
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            break
        seen.add(name)
    raise _Misfit(f"an object has the key {json.dumps(name[:_SHOWN])} twice")


def _refuse_constant(name: str) -> NoReturn:
    raise _Misfit(f"it holds {name}, which is not JSON")


# Numbers are not converted: Python limits the digits of an integer, JSON does not.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_int=lambda digits: 0,
    parse_float=lambda digits: 0.0,
    parse_constant=_refuse_constant,
)
