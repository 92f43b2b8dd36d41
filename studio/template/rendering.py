"""The two walks over a parsed text: one record as pieces, a whole table as one polars expression.

    ("Q: ", Placeholder("question", 3))  and  {"question": "Why?"}   →   ("Q: ", None), ("Why?", "question")

Both give the same text. What a value is inside a prompt is said in values.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from studio.record import Column
from studio.template.grammar import Node, Placeholder
from studio.template.values import express_empty, express_text, is_empty, text_of

Walked = list[tuple[str, str | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a rendered text, never empty; `column` is None where the text is the template's own."""

    text: str
    column: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPart:
    """One rendered text in pieces; `name` is its field, or the role of a message."""

    name: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The pieces joined with nothing: the rendered text."""
        return "".join(piece.text for piece in self.pieces)


def walk_nodes(nodes: Iterable[Node], record: Mapping[str, Any], names: Mapping[str, str]) -> Walked:
    """The text of the nodes for one record in order, each stretch with the column that it came from.

    `names` maps placeholders to columns. A stretch may be empty.
    """
    found: Walked = []
    _walk_into(found, nodes, record, names)
    return found


def join_text(walked: Walked) -> str:
    """The text of what was walked."""
    return "".join([text for text, _ in walked])


def make_pieces(walked: Walked) -> tuple[Piece, ...]:
    """What was walked as pieces, without the empty, the template's own neighbours made one."""
    pieces: list[Piece] = []
    for text, column in walked:
        if not text:
            continue
        if column is None and pieces and pieces[-1].column is None:
            text = pieces.pop().text + text
        pieces.append(Piece(text=text, column=column))
    return tuple(pieces)


def express_nodes(nodes: Iterable[Node], columns: Mapping[str, Column]) -> pl.Expr:
    """The text of the nodes for every row as a polars expression, never null; `columns` by placeholder."""
    pieces: list[pl.Expr] = []
    for node in nodes:
        if isinstance(node, str):
            pieces.append(pl.lit(node))
        elif isinstance(node, Placeholder):
            pieces.append(express_text(columns[node.name]))
        else:
            shown = express_empty(columns[node.name])
            shown = shown if node.inverted else ~shown
            inside = express_nodes(node.children, columns)
            pieces.append(pl.when(shown).then(inside).otherwise(pl.lit("")))
    return pl.concat_str(pieces) if pieces else pl.lit("")


def _walk_into(
    found: Walked, nodes: Iterable[Node], record: Mapping[str, Any], names: Mapping[str, str]
) -> None:
    for node in nodes:
        if isinstance(node, str):
            found.append((node, None))
            continue
        column = names.get(node.name, node.name)
        value = record.get(column)
        if isinstance(node, Placeholder):
            found.append((text_of(value), column))
        elif is_empty(value) == node.inverted:
            _walk_into(found, node.children, record, names)
