"""The template grammar: one text becomes literal pieces, placeholders and sections.

    "### Question:\\n{question}"  →  ("### Question:\\n", Placeholder("question", 14))

Scanned left to right, doubled braces first; a lone brace is an error. Knows nothing of columns or records.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from studio.errors import TemplateError
from studio.settings import Limits

_STRING = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
_BARE = re.compile(r"[^\W\d][\w-]*")
_TAG = re.compile(rf"\{{([#^/]?)({_BARE.pattern}|{_STRING})\}}")
_UNFINISHED = re.compile(r'\{[#^/]?([^{}\s"]{0,40})\}?')
_BRACE = re.compile(r"[{}]")
_DEEPEST = 50
_VALID = "Valid are {column}, {#column}…{/column}, {^column}…{/column}, and {{ or }} for a brace itself."

SpanKind = Literal["text", "placeholder", "section", "brace", "error"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What stands from `start` to `end` (exclusive) of a source.

    A `brace` is a doubled one, a `section` the tag that opens or closes one. `name` is the column of a
    placeholder or a section; of an error, as much of a name as is there. `problem` says what is wrong with
    an error, in the words of the TemplateError where that is the one which `parse_text` raises.
    """

    start: int
    end: int
    kind: SpanKind
    name: str = ""
    problem: str = ""


@lru_cache(maxsize=256)
def parse_text(source: str, part: str = "text") -> tuple[Node, ...]:
    """The nodes of one text, in order, no two literal ones side by side.

    Raises TemplateError with the position of what is wrong.
    """
    _refuse_unfit(source, part)
    open_sections: list[tuple[Section, list[Node]]] = []
    nodes: list[Node] = []
    literal: list[str] = []
    for span in _iter_spans(source):
        if span.kind == "error":
            raise _problem(span.problem, part, span.start)
        if span.kind in ("text", "brace"):
            literal.append(source[span.start : span.end] if span.kind == "text" else source[span.start])
            continue
        if literal:
            nodes.append("".join(literal))
            literal = []
        mark = source[span.start + 1]
        if span.kind == "placeholder":
            nodes.append(Placeholder(span.name, span.start))
        elif mark == "/":
            section, outer = _close_section(open_sections, span, part)
            outer.append(replace(section, children=tuple(nodes)))
            nodes = outer
        else:
            if len(open_sections) >= _DEEPEST:
                raise _problem(f"sections nest deeper than {_DEEPEST}", part, span.start)
            open_sections.append((Section(span.name, span.start, mark == "^", ()), nodes))
            nodes = []
    if open_sections:
        section = open_sections[-1][0]
        raise _problem(f"the section of {spell_name(section.name)} is never closed", part, section.position)
    return (*nodes, "".join(literal)) if literal else tuple(nodes)


def scan_text(source: str, part: str = "text") -> tuple[Span, ...]:
    """A source as an editor colours it: spans in order that cover all of it, whatever is wrong with it.

    What `parse_text` refuses is an error in its words, and so is every other brace that is no placeholder. A
    source over the limit is one error.
    """
    spans = tuple(_iter_spans(source)) if len(source) <= Limits().template_characters else ()
    try:
        parse_text(source, part)
    except TemplateError as error:
        words, at = error.message, error.position
        if at is None:
            return (Span(start=0, end=len(source), kind="error", problem=words),)
        return tuple(
            replace(span, kind="error", problem=words) if span.start <= at < span.end else span
            for span in spans
        )
    return spans


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


def walk_literals(nodes: Iterable[Node]) -> Iterator[str]:
    """Every literal piece, those in sections too, in written order."""
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, Section):
            yield from walk_literals(node.children)


def _refuse_unfit(source: str, part: str) -> None:
    limit = Limits().template_characters
    if len(source) > limit:
        raise TemplateError(
            f"The {part} has {len(source):,} characters; the limit is {limit:,}.", "Shorten it.", part=part
        )
    try:
        source.encode()
    except UnicodeEncodeError as error:
        raise _problem("half a pair of surrogates is no character", part, error.start) from error


def _iter_spans(source: str) -> Iterator[Span]:
    """The spans of a source, left to right; whether sections open and close in order is not looked at."""
    position = 0
    while brace := _BRACE.search(source, position):
        if brace.start() > position:
            yield Span(start=position, end=brace.start(), kind="text")
        span = _span_at(source, brace.start())
        yield span
        position = span.end
    if position < len(source):
        yield Span(start=position, end=len(source), kind="text")


def _span_at(source: str, start: int) -> Span:
    """What begins with the brace at `start`; doubled braces first."""
    if source[start : start + 2] in ("{{", "}}"):
        return Span(start=start, end=start + 2, kind="brace")
    tag = _TAG.match(source, start)
    if tag is None:
        words = f"{source[start : start + 20]!r} is no placeholder"
        rest = _UNFINISHED.match(source, start)
        end, name = (rest.end(), rest[1]) if rest else (start + 1, "")
        return Span(start=start, end=end, kind="error", name=name, problem=words)
    name = _decode_name(tag[2])
    if name is None:
        words = f"{tag[2]} is not a JSON string"
        return Span(start=start, end=tag.end(), kind="error", problem=words)
    return Span(start=start, end=tag.end(), kind="section" if tag[1] else "placeholder", name=name)


def _decode_name(written: str) -> str | None:
    if not written.startswith('"'):
        return written
    try:
        name = str(json.loads(written))
        name.encode()
    except ValueError:
        return None
    return name


def _close_section(
    open_sections: list[tuple[Section, list[Node]]], span: Span, part: str
) -> tuple[Section, list[Node]]:
    name = spell_name(span.name)
    if not open_sections:
        raise _problem(f"the section of {name} is closed but was never opened", part, span.start)
    section, outer = open_sections.pop()
    if section.name != span.name:
        words = f"the section of {spell_name(section.name)} must close before that of {name}"
        raise _problem(words, part, span.start)
    return section, outer


def _problem(what: str, part: str, position: int) -> TemplateError:
    message = f"At character {position + 1} of the {part}: {what}."
    return TemplateError(message, _VALID, part=part, position=position)
