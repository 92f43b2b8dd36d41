"""promptsource's simple templates: text and columns, divided into prompt and answer.

    {{ premise }} Is it true that {{ hypothesis }}? ||| {{ answer }}
        →   prompt "{premise} Is it true that {hypothesis}?", completion "{answer}"

Parsed with Jinja's parser and never run. promptsource takes the blank space off both ends of what it renders;
here that is done with the template's own text, and the cells stay as they are.
"""

import re
from collections.abc import Iterator

import yaml
from jinja2 import nodes

from studio.errors import TemplateError
from studio.library.jinja import describe_node, escape_braces, parse_jinja, refuse
from studio.library.written import check_length, refuse_bombs
from studio.template import Template, parse_template
from studio.template.grammar import spell_name

_DIVIDER = "|||"
_FILE = re.compile(r"^templates:", re.MULTILINE)
_HINT = "Only text, {{ column }} and one ||| can be read in; write the rest in the template's own grammar."
_SHOWN = 10

Piece = tuple[str, bool]
"""A text, and whether it is a placeholder's name."""


def read_promptsource(text: str, name: str = "template") -> Template:
    """The template of a text in promptsource's Jinja, or of a templates.yaml that holds one.

    Raises TemplateError that names the line and the construct which cannot be read in.
    """
    source = _read_file(text, name) if is_promptsource_file(text) else text
    sides = _divide(list(_iter_pieces(parse_jinja(source, name), name)), name)
    prompt, completion = ("".join(_write(piece) for piece in _strip(side)) for side in sides)
    if not prompt or not completion:
        side = "before" if completion else "after"
        raise TemplateError(f"{name}: nothing stands {side} |||.", "Write the prompt ||| the answer.")
    return parse_template({"type": "prompt-completion", "prompt": prompt, "completion": completion})


def is_promptsource_file(text: str) -> bool:
    """Whether a text is a templates.yaml of promptsource."""
    return _FILE.search(text) is not None and "jinja:" in text


def _iter_pieces(template: nodes.Template, name: str) -> Iterator[Piece]:
    for node in template.body:
        if not isinstance(node, nodes.Output):
            raise refuse(name, node.lineno, f"{describe_node(node)} cannot be read in", _HINT)
        for part in node.nodes:
            if isinstance(part, nodes.TemplateData):
                yield part.data, False
            elif isinstance(part, nodes.Const) and isinstance(part.value, str):
                yield part.value, False
            elif isinstance(part, nodes.Name) and part.name != "answer_choices":
                yield part.name, True
            else:
                what = "answer_choices" if isinstance(part, nodes.Name) else describe_node(part)
                raise refuse(name, part.lineno, f"{what} cannot be read in", _HINT)


def _divide(pieces: list[Piece], name: str) -> tuple[list[Piece], list[Piece]]:
    """What stands before the divider, and after it."""
    literal = "".join(text for text, is_name in pieces if not is_name)
    place = next((at for at, (text, is_name) in enumerate(pieces) if not is_name and _DIVIDER in text), None)
    if place is None or literal.count(_DIVIDER) != 1:
        how = "no |||" if place is None else "||| more than once"
        raise TemplateError(f"{name} has {how}.", "Write the prompt ||| the answer.")
    before, _, after = pieces[place][0].partition(_DIVIDER)
    return [*pieces[:place], (before, False)], [(after, False), *pieces[place + 1 :]]


def _strip(side: list[Piece]) -> list[Piece]:
    """A side without blank space at the ends of its own text."""
    for end in (0, -1):
        while side and not side[end][1]:
            text = side[end][0].lstrip() if end == 0 else side[end][0].rstrip()
            if text:
                side[end] = (text, False)
                break
            side.pop(end)
    return side


def _write(piece: Piece) -> str:
    text, is_name = piece
    return f"{{{spell_name(text)}}}" if is_name else escape_braces(text)


def _read_file(text: str, name: str) -> str:
    """The Jinja of the one template in a templates.yaml, whose tags are passed over."""
    check_length(text, name)
    try:
        refuse_bombs(text, name)
        found = list(_find_templates(yaml.compose(text, Loader=yaml.SafeLoader)))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = f"not YAML: {getattr(error, 'problem', None) or error}"
        raise refuse(name, mark.line + 1 if mark else 1, what, "Mend the line.") from error
    if len(found) == 1:
        return found[0][1]
    names = ", ".join(title for title, _ in found[:_SHOWN])
    what = f"{len(found)} templates: {names}" if found else "no template with a jinja text"
    raise TemplateError(f"{name} holds {what}.", "Give the jinja text of one of them.")


def _find_templates(node: yaml.Node | None) -> Iterator[tuple[str, str]]:
    """Name and Jinja of every template below a node."""
    if not isinstance(node, yaml.MappingNode):
        return
    values = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    jinja, title = values.get("jinja"), values.get("name")
    if isinstance(jinja, yaml.ScalarNode):
        yield title.value if isinstance(title, yaml.ScalarNode) else "unnamed", jinja.value
        return
    for value in values.values():
        yield from _find_templates(value)
