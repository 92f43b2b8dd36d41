"""A Template: text with placeholders that turns one record into one Example.

The grammar (design §6) is tiny on purpose, in mustache's words:

    {column}                the column's text; JSON spelling if not a string; null and missing as nothing
    {#column}…{/column}     only when the column is not empty; {^column}…{/column} only when it is
    {"any name"}            a name that is no identifier, as a JSON string; {{ and }} are literal braces

Empty is missing, null, "", [] and {}. Cell text is never expanded again, nothing is trimmed, nothing is code.
`render` (one record), `render_pieces` (the same, with the column that each stretch came from) and
`render_column` (a whole table, as polars expressions) give the same text.

    Template, Part              what was written, and what becomes of a record       (whole.py)
    parse_template, fields_of   its mapping in a recipe or a file                    (mapping.py)
    Conversation                messages that stand in a column                      (conversation.py)
    RenderedPart, Piece         a rendered text and where it came from               (rendering.py, values.py)
    scan_text, Span             a source as an editor colours it                     (grammar.py)
    template_literals           the lines by which formatted text is known           (literals.py)

Knows neither tables nor files nor the names of built-in styles.
"""

from studio.template.conversation import STANDARD_ROLES, Conversation
from studio.template.grammar import Span, scan_text
from studio.template.literals import template_literals
from studio.template.mapping import fields_of, parse_template
from studio.template.rendering import Piece, RenderedPart
from studio.template.whole import Part, Template

__all__ = [
    "STANDARD_ROLES",
    "Conversation",
    "Part",
    "Piece",
    "RenderedPart",
    "Span",
    "Template",
    "fields_of",
    "parse_template",
    "scan_text",
    "template_literals",
]
