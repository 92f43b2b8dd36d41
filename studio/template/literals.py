"""The marks of a template: the lines of its own text by which a formatted cell is known.

"### Question:\\n{question}\\n\\n### Answer:"   →   ("### Question:", "### Answer:")
"""

from collections.abc import Iterator

from studio.template.grammar import walk_literals
from studio.template.whole import Template

_SHORTEST = 3


def template_literals(template: Template) -> tuple[str, ...]:
    """The delimiters of a template, stripped and distinct, in written order; empty when it has none.

    A delimiter is a line of literal text that begins with neither a letter nor a digit, or ends with a colon.
    """
    return tuple(dict.fromkeys(line for line in _iter_lines(template) if _delimits(line)))


def _iter_lines(template: Template) -> Iterator[str]:
    for part in template.parts:
        for literal in walk_literals(part.nodes):
            yield from (line.strip() for line in literal.splitlines())


def _delimits(line: str) -> bool:
    return len(line) >= _SHORTEST and (not line[0].isalnum() or line.endswith(":"))
