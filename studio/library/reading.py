"""A text that holds a template of some kind: which kind it is, and the template.

Of a file's name only the ending is looked at; what the text holds decides.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.errors import TemplateError
from studio.library.chat_template import TOKENS, read_chat_template
from studio.library.promptsource import is_promptsource_file, read_promptsource
from studio.library.written import read_yaml
from studio.settings import Limits
from studio.template import Template

Kind = Literal["yaml", "promptsource", "chat-template"]

_OWN = re.compile(
    r"(?:[ \t]*(?:#.*)?\n)*[\"' \t{]*(?:type|text|prompt|completion|messages|from)[\"']?[ \t]*:"
)
_CHAT = re.compile(r"\{[%{][^{}]*\bmessages\b")
_JINJA = re.compile(r"\{[%{]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A template that was read, which kind of text it stood in, and what to know of it in `words`."""

    template: Template
    kind: Kind
    words: str


def read_any(text: str, file_name: str = "", *, system: bool = False) -> Reading:
    """The template in a text: a file of the studio, promptsource's Jinja, or a tokenizer's chat template.

    `system` asks for a chat template's system prompt too. Raises TemplateError, in the words of the kind that
    the text looks like.
    """
    name = file_name or "The text"
    config = _read_config(text)
    if config is not None:
        return _read_chat(config["chat_template"], name, system, _read_tokens(config))
    if is_promptsource_file(text):
        return _read_promptsource(text, name)
    jinja = file_name.endswith((".jinja", ".jinja2", ".j2"))
    if file_name.endswith((".yaml", ".yml", ".json")) or (not jinja and _OWN.match(text)):
        template = read_yaml(text, name)
        return Reading(template=template, kind="yaml", words=f"A template of {template.type}.")
    if _CHAT.search(text) and "|||" not in text:
        return _read_chat(text, name, system, None)
    if _JINJA.search(text):
        return _read_promptsource(text, name)
    raise TemplateError(
        f"{name} holds no template.",
        "Give a template's YAML, promptsource's {{ question }} ||| {{ answer }}, or a chat template.",
    )


def _read_promptsource(text: str, name: str) -> Reading:
    words = (
        "Read from promptsource's Jinja. Cells stay as they are; promptsource takes blank space off the ends."
    )
    return Reading(template=read_promptsource(text, name), kind="promptsource", words=words)


def _read_chat(text: Any, name: str, system: bool, tokens: Mapping[str, str | None] | None) -> Reading:
    if isinstance(text, list):  # several by their names
        text = {one.get("name"): one.get("template") for one in text if isinstance(one, dict)}.get("default")
    if not isinstance(text, str):
        raise TemplateError(f"{name} holds no chat template.", "Give the chat_template.jinja beside it.")
    words = (
        "Read from a chat template, for one question and one answer: map prompt and completion to your "
        "columns. The tokens that begin and end a text are left to the tokenizer."
    )
    template = read_chat_template(text, name, system=system, tokens=tokens)
    return Reading(template=template, kind="chat-template", words=words)


def _read_config(text: str) -> dict[str, Any] | None:
    """The values of a tokenizer_config.json or chat_template.json; None for any other text."""
    if '"chat_template"' not in text or len(text) > Limits().body_bytes:
        return None
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) and "chat_template" in values else None


def _read_tokens(config: Mapping[str, Any]) -> dict[str, str | None] | None:
    """The tokenizer's own tokens; None for a file that names none of them."""
    spelled = {token: config[token] for token in TOKENS if token in config}
    texts = {name: one.get("content") if isinstance(one, dict) else one for name, one in spelled.items()}
    return {name: one if isinstance(one, str) else None for name, one in texts.items()} or None
