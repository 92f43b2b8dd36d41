"""The template grammar: one text becomes literal pieces, placeholders and sections.

    "### Question:\\n{question}"  →  ("### Question:\\n", Placeholder("question", 14))

Scanned left to right, doubled braces first; a lone brace is an error. Knows nothing of columns or records.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from studio.errors import TemplateError
from studio.settings import Limits

_STRING = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
_BARE = re.compile(r"[^\W\d][\w-]*")
_TAG = re.compile(rf"\{{([#^/]?)({_BARE.pattern}|{_STRING})\}}")
_BRACE = re.compile(r"[{}]")
_DEEPEST = 50
_VALID = "Valid are {column}, {#column}…{/column}, {^column}…{/column}, and {{ or }} for a brace itself."


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`{name}`, first written at `position` (zero-based character)."""

    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Section:
    """`{#name}…{/name}`, or `{^name}…{/name}` when `inverted`."""

    name: str
    position: int
    inverted: bool
    children: tuple["Node", ...]


Node = str | Placeholder | Section


@lru_cache(maxsize=256)
def parse_text(source: str, part: str = "text") -> tuple[Node, ...]:
    """The nodes of one text, in order. Raises TemplateError with the position of what is wrong."""
    if len(source) > Limits().template_characters:
        limit = Limits().template_characters
        raise TemplateError(
            f"The {part} has {len(source):,} characters; the limit is {limit:,}.", "Shorten it."
        )
    open_sections: list[tuple[Section, list[Node]]] = []
    nodes: list[Node] = []
    for token, position in _scan_tokens(source, part):
        if isinstance(token, str):
            nodes.append(token)
            continue
        mark, name = token.groups()
        name = _decode_name(name, part, position)
        if mark in ("#", "^"):
            if len(open_sections) >= _DEEPEST:
                raise _problem(f"sections nest deeper than {_DEEPEST}", part, position)
            open_sections.append((Section(name, position, mark == "^", ()), nodes))
            nodes = []
        elif mark == "/":
            section, outer = _close_section(open_sections, name, part, position)
            outer.append(replace(section, children=tuple(nodes)))
            nodes = outer
        else:
            nodes.append(Placeholder(name, position))
    if open_sections:
        section = open_sections[-1][0]
        raise _problem(f"the section of {section.name} is never closed", part, section.position)
    return tuple(nodes)


def spell_name(name: str) -> str:
    """A column name as a template writes it: bare where that is allowed, otherwise as a JSON string."""
    return name if _BARE.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def walk_names(nodes: Iterable[Node]) -> Iterator[tuple[str, int]]:
    """Every name in the nodes with its zero-based position, in written order."""
    for node in nodes:
        if isinstance(node, str):
            continue
        yield node.name, node.position
        if isinstance(node, Section):
            yield from walk_names(node.children)


def _scan_tokens(source: str, part: str) -> Iterator[tuple[str | re.Match[str], int]]:
    """Literal pieces and tags with their position, left to right, doubled braces first."""
    position = 0
    while brace := _BRACE.search(source, position):
        start = brace.start()
        if start > position:
            yield source[position:start], position
        doubled = source[start : start + 2]
        if doubled in ("{{", "}}"):
            yield doubled[0], start
            position = start + 2
        elif tag := _TAG.match(source, start):
            yield tag, start
            position = tag.end()
        else:
            raise _problem(f"{source[start : start + 20]!r} is no placeholder", part, start)
    if position < len(source):
        yield source[position:], position


def _decode_name(written: str, part: str, position: int) -> str:
    if not written.startswith('"'):
        return written
    try:
        return str(json.loads(written))
    except ValueError as error:
        raise _problem(f"{written} is not a JSON string", part, position) from error


def _close_section(
    open_sections: list[tuple[Section, list[Node]]], name: str, part: str, position: int
) -> tuple[Section, list[Node]]:
    if not open_sections:
        raise _problem(f"the section of {name} is closed but was never opened", part, position)
    section, outer = open_sections.pop()
    if section.name != name:
        raise _problem(f"the section of {section.name} must close before that of {name}", part, position)
    return section, outer


def _problem(what: str, part: str, position: int) -> TemplateError:
    message = f"At character {position + 1} of the {part}: {what}."
    return TemplateError(message, _VALID, part=part, position=position)
