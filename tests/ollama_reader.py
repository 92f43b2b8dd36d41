"""A Modelfile as Ollama reads it, and its TEMPLATE as Go's text/template executes it, as far as ours go.

After parser/parser.go and template/template.go of ollama/ollama: what is not printable is dropped outside of
line ends, a value ends at the line end after its closing quotes, and what follows `.Response` is left out.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

COMMANDS = ("from", "license", "template", "system", "adapter", "parameter", "message")
_ANSWER = "\ud800"  # where the answer goes: no character of a text
_ACTION = re.compile(r"\{\{ (.*?) \}\}", re.DOTALL)


def read_modelfile(text: str) -> list[tuple[str, str]]:
    """(command, value) in order; a parameter's value begins with its name. Raises ValueError."""
    found, at = [], 0
    while at < len(text):
        if text[at] in " \t\r\n":
            at += 1
        elif text[at] == "#":
            at = text.find("\n", at) % (len(text) + 1)
        else:
            word = re.compile(r"[A-Za-z]+ ").match(text, at)
            if word is None or word[0].strip().lower() not in COMMANDS:
                raise ValueError(f"no command at {text[at : at + 20]!r}")
            at = word.end()
            name = ""
            if word[0].lower() == "parameter ":
                said = re.compile(r"[A-Za-z0-9_]+ ").match(text, at)
                assert said is not None
                name, at = said[0], said.end()
            value, at = _read_value(text, at)
            found.append((word[0].strip().lower(), name + value))
    assert any(command == "from" for command, _ in found)
    return found


def _read_value(text: str, at: int) -> tuple[str, int]:
    held = ""
    while at < len(text):
        letter, at = text[at], at + 1
        if letter in "\r\n \t":
            value = _unquote(held.strip())
            if value is not None and letter in "\r\n":
                return value, at
            held += letter
        elif letter == " " or unicodedata.category(letter)[0] in "LMNPS":
            held += letter
    value = _unquote(held.strip())
    if value is None:
        raise ValueError("unexpected end")
    return value, at


def _unquote(text: str) -> str | None:
    for quotes in ('"""', '"'):
        if text.startswith(quotes):
            whole = len(text) >= 2 * len(quotes) and text.endswith(quotes)
            return text[len(quotes) : -len(quotes)] if whole else None
    return text


def ask(template: str, prompt: str = "", system: str = "", turns: Sequence[tuple[str, str]] = ()) -> str:
    """What Ollama gives the model: of a `prompt`, or of `turns` where the template reads .Messages."""
    messages = [{".Role": role, ".Content": content} for role, content in turns]
    values = {".Prompt": prompt, ".System": system, ".Messages": messages, ".Response": ""}
    tokens = _ACTION.split(template)
    nodes, rest = _parse(tokens, 0)
    assert rest >= len(tokens)
    return _execute(nodes, values).partition(_ANSWER)[0]


def _parse(tokens: list[str], at: int) -> tuple[list[Any], int]:
    """Nodes up to an `end` or an `else`, and where that stands: texts at even places, actions at odd ones."""
    nodes: list[Any] = []
    while at < len(tokens):
        if at % 2 == 0:
            nodes.append(tokens[at])
        elif tokens[at] == "end" or tokens[at].startswith("else"):
            return nodes, at
        elif tokens[at].startswith(("if ", "range ")):
            node, at = _parse_block(tokens, at, tokens[at])
            nodes.append(node)
        else:
            nodes.append((tokens[at],))
        at += 1
    return nodes, at


def _parse_block(tokens: list[str], at: int, head: str) -> tuple[Any, int]:
    inside, at = _parse(tokens, at + 1)
    if tokens[at] == "end":
        return (head, inside, []), at
    if tokens[at] == "else":
        other, at = _parse(tokens, at + 1)
        return (head, inside, other), at
    node, at = _parse_block(tokens, at, tokens[at].removeprefix("else "))
    return (head, inside, [node]), at


def _execute(nodes: list[Any], values: dict[str, Any]) -> str:
    text = ""
    for node in nodes:
        if isinstance(node, str):
            text += node
        elif len(node) == 1:
            text += _evaluate(node[0], values)
        elif node[0].startswith("range "):
            text += "".join(_execute(node[1], one) for one in values[node[0].removeprefix("range ")])
        else:
            text += _execute(node[1] if _holds(node[0].removeprefix("if "), values) else node[2], values)
    return text


def _evaluate(action: str, values: dict[str, Any]) -> str:
    if action.startswith('"'):
        assert action.endswith('"')
        return action[1:-1].encode("ascii").decode("unicode_escape")
    return _ANSWER if action == ".Response" else str(values[action])


def _holds(claim: str, values: dict[str, Any]) -> bool:
    if claim.startswith("eq "):
        _, name, word = claim.split(" ")
        return bool(values[name] == word.strip('"'))
    return not values[claim[4:]] if claim.startswith("not ") else bool(values[claim])
