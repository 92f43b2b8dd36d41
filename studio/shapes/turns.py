"""Shapes by values: columns that hold a conversation, a list of turns.

    conversations: [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]
        →   the style sharegpt: a list of turns with from and value in 100 of 100 records looked at

A record counts when the template that is proposed renders it, so that what is said here is what will be seen.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from studio.errors import TemplateError
from studio.record import Column
from studio.shapes.names import measure_name
from studio.shapes.shape import Found, Shape, count_records, join_words, spell_names
from studio.styles.turns import SHAREGPT_KEYS
from studio.template.grammar import spell_name
from studio.template.values import text_of

_KEYS = (("role", "content"), ("from", "value"), ("role", "text"), ("role", "value"), ("from", "content"))
_KEYS_MORE = (("speaker", "text"), ("speaker", "content"), ("author", "content"), ("author", "text"))
_ROLES = {
    "human": "user",
    "prompter": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "ai": "assistant",
}
_ANSWERING = ("assistant", *(role for role, standard in _ROLES.items() if standard == "assistant"))
_LONGEST = 500_000
_USED = 2  # a conversation holds both what is asked and what is answered
_SHOWN_ROLES = 6

Turns = list[dict[str, Any]]


def find_conversations(columns: Sequence[Column], records: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    """The columns that hold conversations, with the template for each; a rejected side is passed over."""
    names = [column.name for column in columns]
    for column in columns:
        if column.type in ("json", "text") and not (column.name == "rejected" and "chosen" in names):
            shape = _look_into(column.name, names, records)
            if shape is not None:
                yield Found(shape, used=_USED)


def _look_into(name: str, names: Sequence[str], records: Sequence[Mapping[str, Any]]) -> Shape | None:
    given = [turns for record in records if (turns := _read_turns(text_of(record.get(name)))) is not None]
    keys = _choose_keys(given)
    if keys is None or len(given) * 2 < len(records):
        return None
    roles = Counter(turn[keys[0]] for turns in given for turn in turns if isinstance(turn.get(keys[0]), str))
    if name == "chosen" and "rejected" in names and roles and _begins_with_answer(given, keys[0]):
        return None  # what was asked stands in another column, and a template joins no two lists of turns
    shape = _propose(name, names, keys, list(roles))
    if not set(roles) & set(_ANSWERING):
        shape = shape.doubt(f"not certain: {spell_name(name)} holds no turn of an assistant")
    return _count_rendered(shape, name, names, keys, records)


def _propose(name: str, names: Sequence[str], keys: tuple[str, str], roles: Sequence[str]) -> Shape:
    """The style that reads turns of these keys and roles, or else a template of its own."""
    paired = name == "chosen" and "rejected" in names
    seen = f"the roles are {join_words([spell_name(role) for role in roles[:_SHOWN_ROLES]])}"
    known = {role: _ROLES[role.casefold()] for role in roles if role.casefold() in _ROLES}
    if keys == ("role", "content") and not known:
        named = ("preference", "Preference pair of conversations", "preference-chosen-turns", "chosen")
        named = named if paired else ("messages", "OpenAI messages", "messages", "messages")
    elif keys == ("from", "value") and set(known) <= set(SHAREGPT_KEYS["roles"]):
        named = ("sharegpt", "ShareGPT conversations", "sharegpt", "conversations")
    else:
        own = {"type": "messages", "from": name, "role": keys[0], "content": keys[1]}
        template = own | ({"roles": known} if known else {})
        return Shape(name="conversation", label="Conversation", template=template, reasons=(seen,))
    shape, label, style, placeholder = named
    near = [(distance, one) for one in names if (distance := measure_name(one, "system")) in (0, 1, 2)]
    told = min(near)[1] if near else ""
    columns = {placeholder: name, "system": told} if told else {placeholder: name}
    more = (f"{spell_name(told)} comes first where a conversation has no system turn",) if told else ()
    return Shape(
        name=shape,
        label=label,
        style=style,
        columns={own: column for own, column in columns.items() if own != column},
        reasons=(seen, *more),
    )


def _count_rendered(
    shape: Shape, name: str, names: Sequence[str], keys: tuple[str, str], records: Sequence[Mapping[str, Any]]
) -> Shape:
    """The shape with how many records it renders, and why it does not render the first of the others."""
    template = shape.to_template(names)
    refused = []
    for record in records:
        try:
            template.render(record)
        except TemplateError as error:
            refused.append(error.message)
    where = count_records(len(records) - len(refused), len(records))
    seen = f"{spell_name(name)} is a list of turns with {spell_names(keys)} in {where}"
    doubts = [f"not certain: {len(refused):,} cannot be read: {first}" for first in refused[:1]]
    return replace(shape, reasons=(seen, *shape.reasons)).doubt(*doubts)


def _read_turns(spelling: str) -> Turns | None:
    """The turns of one value; None for any other value."""
    if not spelling[:50].lstrip().startswith("[") or len(spelling) > _LONGEST:
        return None
    try:
        turns = json.loads(spelling)
    except (ValueError, RecursionError):
        return None
    return (
        turns if turns and isinstance(turns, list) and all(isinstance(turn, dict) for turn in turns) else None
    )


def _choose_keys(given: Sequence[Turns]) -> tuple[str, str] | None:
    """The keys of role and content that most of the turns have; None when the most have none of the known."""
    turns = [turn for one in given for turn in one]
    counts = {keys: sum(set(keys) <= set(turn) for turn in turns) for keys in (*_KEYS, *_KEYS_MORE)}
    best = max(counts, key=lambda keys: counts[keys])
    return best if counts[best] * 2 > len(turns) else None


def _begins_with_answer(given: Sequence[Turns], role: str) -> bool:
    return sum(turns[0].get(role) in _ANSWERING for turns in given) * 2 > len(given)
