"""Jinja that is parsed and never run: the nodes of a text, and a refusal with its line and its construct.

Knows neither promptsource nor chat templates.
"""

from collections.abc import Callable
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

from studio.errors import TemplateError
from studio.library.written import check_length

_WORDS: dict[type[nodes.Node], Callable[[Any], str]] = {
    nodes.For: lambda node: "a loop ({% for %})",
    nodes.If: lambda node: "a condition ({% if %})",
    nodes.CondExpr: lambda node: "a condition (… if … else …)",
    nodes.Assign: lambda node: "an assignment ({% set %})",
    nodes.Filter: lambda node: f"the filter {node.name}",
    nodes.Test: lambda node: f"the test “is {node.name}”",
    nodes.Getattr: lambda node: f"the attribute .{node.attr}",
    nodes.Getitem: lambda node: "an index ([…])",
    nodes.Call: lambda node: f"the call of {getattr(node.node, 'name', getattr(node.node, 'attr', '…'))}",
    nodes.Macro: lambda node: f"the macro {node.name}",
    nodes.Include: lambda node: "{% include %}",
    nodes.Import: lambda node: "{% import %}",
    nodes.FromImport: lambda node: "{% from … import %}",
    nodes.Break: lambda node: "{% break %}",
    nodes.Continue: lambda node: "{% continue %}",
    nodes.Extends: lambda node: "{% extends %}",
}


class _Generation(Extension):
    """`{% generation %}…{% endgeneration %}`, which marks what an assistant says; here it is its body."""

    tags = {"generation"}  # noqa: RUF012 - as Jinja's extensions declare it

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        return nodes.Scope(parser.parse_statements(("name:endgeneration",), drop_needle=True), lineno=line)


def parse_jinja(text: str, name: str, *, chat: bool = False) -> nodes.Template:
    """The nodes of a text; with `chat` blank space is dropped as for chat templates. Raises TemplateError."""
    check_length(text, name)
    environment = Environment(  # noqa: S701 - nothing is rendered
        trim_blocks=chat, lstrip_blocks=chat, extensions=["jinja2.ext.loopcontrols", _Generation]
    )
    try:
        return environment.parse(text)
    except TemplateSyntaxError as error:
        message = f"{name}, line {error.lineno}: not Jinja: {str(error.message).rstrip('.')}."
        raise TemplateError(message, "Mend the line.") from error
    except RecursionError as error:
        raise TemplateError(f"{name} is nested too deep.", "Write it in a simpler way.") from error
    except ValueError as error:  # a number with more digits than Python reads
        raise TemplateError(f"{name}: not Jinja: {error}.", "Mend it.") from error


def describe_node(node: nodes.Node) -> str:
    """A construct in words."""
    words = _WORDS.get(type(node))
    return words(node) if words else f"the construct {type(node).__name__}"


def refuse(name: str, line: int, what: str, hint: str) -> TemplateError:
    """The error for a construct that cannot be turned into a template."""
    return TemplateError(f"{name}, line {line}: {what}.", hint)


def escape_braces(text: str) -> str:
    """A literal text as a template writes it."""
    return text.replace("{", "{{").replace("}", "}}")
