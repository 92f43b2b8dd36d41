"""A template's mapping, as it stands in a recipe or a file, read as a Template.

{type: prompt-completion, prompt: "### Question:\\n{question}", completion: "{answer}"}
"""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from studio.errors import TemplateError
from studio.record import ExampleType
from studio.template.conversation import STANDARD_ROLES, Conversation
from studio.template.grammar import parse_text
from studio.template.whole import Part, Template

_FIELDS: dict[str, tuple[str, ...]] = {
    "text": ("text",),
    "prompt-completion": ("prompt", "completion"),
    "messages": ("messages",),
}
_CONVERSATION = ("from", "role", "content", "roles", "system")


def parse_template(mapping: Mapping[str, Any]) -> Template:
    """A template from its mapping: {type: text, text: "…"}; {type: prompt-completion, prompt: "…",
    completion: "…"}; {type: messages, messages: [{role: user, content: "…"}, …]}; or, for a column that
    holds a conversation, {type: messages, from: conversations, role: from, content: value,
    roles: {human: user, gpt: assistant}, system: "…"}, of which all but `from` may be left out.

    Without `type` it follows from the keys. Raises TemplateError for keys that do not fit, and bad grammar.
    """
    kind: Any = mapping.get("type") or _infer_type(mapping)
    if kind not in get_args(ExampleType):
        raise TemplateError(
            f"No example type named {kind}.", f"Types are: {', '.join(get_args(ExampleType))}."
        )
    if kind == "messages" and "from" in mapping:
        template = _read_conversation(mapping)
    else:
        _refuse_keys(kind, mapping)
        template = Template(type=kind, parts=tuple(_parts(kind, mapping)))
    for part in template.parts:
        parse_text(part.source, part.name)
    return template


def fields_of(kind: str) -> tuple[str, ...]:
    """The field names of an example type, in order."""
    return _FIELDS[kind]


def _infer_type(mapping: Mapping[str, Any]) -> str:
    if "from" in mapping:
        return "messages"
    for kind, fields in _FIELDS.items():
        if set(mapping) & set(fields):
            return kind
    raise TemplateError(
        "The template has no parts.",
        "Give text; or prompt and completion; or messages with role and content; or from.",
    )


def _refuse_keys(kind: str, mapping: Mapping[str, Any]) -> None:
    given = set(mapping) - {"type"}
    if given != set(_FIELDS[kind]):
        shown = ", ".join(sorted(map(str, given))) or "nothing"
        raise TemplateError(
            f"A {kind} template has {' and '.join(_FIELDS[kind])}; this one has {shown}.",
            "Give exactly these parts.",
        )


def _parts(kind: str, mapping: Mapping[str, Any]) -> Iterator[Part]:
    if kind != "messages":
        for name in _FIELDS[kind]:
            yield Part(name, _require_text(mapping[name], name))
        return
    turns = mapping["messages"]
    if not isinstance(turns, list | tuple) or not turns:
        raise TemplateError(
            "messages is not a list of turns.", 'Write [{role: user, content: "{question}"}, …].'
        )
    for turn in turns:
        if not isinstance(turn, Mapping) or set(turn) != {"role", "content"}:
            raise TemplateError(f"A message is {turn!r}.", "Each message has exactly role and content.")
        yield Part(_require_name(turn["role"], "role"), _require_text(turn["content"], "content"))


def _read_conversation(mapping: Mapping[str, Any]) -> Template:
    unknown = sorted(str(key) for key in mapping if key not in ("type", *_CONVERSATION))
    if unknown:
        raise TemplateError(
            f"A template with from has no {unknown[0]}.", f"Its keys are: {', '.join(_CONVERSATION)}."
        )
    given = {name: value for name, value in mapping.items() if value is not None}
    column = _require_name(mapping["from"], "from")
    system = _require_text(given.get("system", ""), "system")
    keys = {key: _require_name(given.get(key, key), key) for key in ("role", "content")}
    if keys["role"] == keys["content"]:
        raise TemplateError(
            f"Role and content of a turn are both under {keys['role']}.", "Give two keys of a turn."
        )
    roles = _read_roles(given.get("roles", {}))
    conversation = Conversation(column=column, **keys, roles=roles, system=system)
    parts = (Part("system", system),) if system else ()
    return Template(type="messages", parts=parts, conversation=conversation)


def _read_roles(roles: Any) -> Mapping[str, str]:
    if not isinstance(roles, Mapping):
        raise TemplateError(f"roles is {roles!r}, not a mapping.", "Write {human: user, gpt: assistant}.")
    for name, standard in roles.items():
        _require_name(name, "roles")
        if standard not in STANDARD_ROLES:
            raise TemplateError(
                f"The role {name} stands for {standard!r}.", f"Roles are: {', '.join(STANDARD_ROLES)}."
            )
    return dict(roles)


def _require_text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise TemplateError(f"The {name} of the template is {value!r}, not text.", "Put it in quotes.")
    return value


def _require_name(value: Any, name: str) -> str:
    text = _require_text(value, name)
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise TemplateError(f"The {name} of the template holds half a pair of surrogates.", "Type it again.")
    return text
