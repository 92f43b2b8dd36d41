"""A template as a file: YAML, as `studio render --template FILE` reads it.

    # My prompt
    type: prompt-completion
    prompt: "### Question:\\n{question}\\n\\n### Answer:"
    completion: "\\n{answer}"

What is read holds plain values alone: no objects, and no aliases, with which a few lines can stand for
millions.
"""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from studio.errors import TemplateError
from studio.recipe.text import dump_yaml, load_yaml
from studio.settings import Limits
from studio.template import Template, parse_template

_HINT = "Write type and its parts, such as prompt and completion; the studio writes such a file."
_DEEPEST, _MOST_EVENTS = 20, 5_000
_PARTS = 4  # a file may hold as many texts of the greatest length


def to_yaml(template: Template, name: str = "") -> str:
    """The template as YAML, without its column map; `name` stands in a comment above it."""
    comment = f"# {' '.join(name.split())}\n" if name else ""
    return comment.encode(errors="replace").decode() + dump_yaml(to_whole(template))


def read_yaml(text: str, name: str = "template") -> Template:
    """The template in a YAML text; `name` stands in the messages. Raises TemplateError."""
    check_length(text, name)
    try:
        refuse_bombs(text, name)
        values = load_yaml(text)
        if not isinstance(values, Mapping):
            raise TemplateError(f"{name} holds no template.", _HINT)
        template = parse_template(values)
        to_whole(template)
        return template
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        raise _refuse(name, place, getattr(error, "problem", None) or str(error)) from error
    except ValueError as error:  # a date that is none, a number with more digits than Python writes
        raise TemplateError(f"{name}: not read: {error}.", _HINT) from error


def to_whole(template: Template) -> dict[str, Any]:
    """Its mapping, which UTF-8 can write. Raises TemplateError for half a pair of surrogates in it."""
    mapping = template.to_mapping()
    try:
        json.dumps(mapping, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise TemplateError(
            "The template holds half a pair of surrogates, which is no character.", "Take it out."
        ) from error
    return mapping


def check_length(text: str, name: str) -> None:
    """Raise TemplateError for a text that is longer than any template."""
    limit = Limits().template_characters * _PARTS
    if len(text) > limit:
        raise TemplateError(f"{name} has {len(text):,} characters; the limit is {limit:,}.", "Shorten it.")


def refuse_bombs(text: str, name: str) -> None:
    """Raise TemplateError for YAML with an alias, or with more in it than a template; YAMLError for no YAML.

    Looks at one event after the other, so that the end of a hostile text is not reached.
    """
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise _refuse(name, event.start_mark, "it is nested too deep")
        if number > _MOST_EVENTS:
            raise _refuse(name, event.start_mark, "it holds too much for a template")
        if isinstance(event, yaml.AliasEvent):
            raise _refuse(name, event.start_mark, f"the alias *{event.anchor}")


def _refuse(name: str, mark: Any, what: str) -> TemplateError:
    where = f", line {mark.line + 1}" if mark else ""
    return TemplateError(f"{name}{where}: not read: {what}.", _HINT)
