"""A whole Template: its parts by example type, rendered for one record or for a whole table."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from studio.errors import TemplateError
from studio.record import Column, Example, ExampleType, Message, Record
from studio.template.conversation import Conversation, express_messages, needs_prompt, read_messages
from studio.template.grammar import Node, parse_text, spell_name, walk_names
from studio.template.rendering import (
    RenderedPart,
    Walked,
    express_nodes,
    join_text,
    make_pieces,
    walk_nodes,
)
from studio.template.values import express_text, text_of


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a template; `name` is its field, or the role in a template of messages."""

    name: str
    source: str

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The parsed source, in order."""
        return parse_text(self.source, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Parts by example type, and the column map (placeholder → actual column) applied when rendering.

    With a `conversation` the type is messages, and the messages come from a column; the only part is then
    the system prompt, where there is one.
    """

    type: ExampleType
    parts: tuple[Part, ...]
    conversation: Conversation | None = None
    column_map: Mapping[str, str] = field(default_factory=dict)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Every name as written, in order of first appearance, once; that of a conversation comes first."""
        first = () if self.conversation is None else (self.conversation.column,)
        found = (name for part in self.parts for name, _ in walk_names(part.nodes))
        return tuple(dict.fromkeys((*first, *found)))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every actual column that rendering reads, in order of first appearance."""
        return tuple(dict.fromkeys(map(self._column_of, self.placeholders)))

    def mapped(self, column_map: Mapping[str, str]) -> "Template":
        """The same template reading other columns; placeholders not in the map keep their name."""
        return replace(self, column_map=dict(column_map))

    def check(self, names: Iterable[str]) -> None:
        """Raise TemplateError at the first placeholder whose column is not among `names`."""
        known = list(names)
        if self.conversation and self._column_of(self.conversation.column) not in known:
            raise _unknown_column(self._column_of(self.conversation.column), known, "from", None)
        for part in self.parts:
            for name, position in walk_names(part.nodes):
                column = self._column_of(name)
                if column not in known:
                    raise _unknown_column(column, known, part.name, position)

    def render(self, record: Mapping[str, Any]) -> Example:
        """One record (a `Record`, or any mapping of names to plain values) as an Example.

        Raises TemplateError, which names the record's line, when its conversation is none.
        """
        texts = [(name, join_text(walked)) for name, walked in self._walk(record)]
        if self.type == "text":
            return Example(type="text", text=texts[0][1])
        if self.type == "prompt-completion":
            return Example(type="prompt-completion", prompt=texts[0][1], completion=texts[1][1])
        messages = tuple(Message(role=role, content=content) for role, content in texts)
        return Example(type="messages", messages=messages)

    def render_pieces(self, record: Mapping[str, Any]) -> tuple[RenderedPart, ...]:
        """What `render` gives, in pieces that tell which column they came from; raises as it does."""
        return tuple(
            RenderedPart(name=name, pieces=make_pieces(walked)) for name, walked in self._walk(record)
        )

    def render_column(self, columns: Sequence[Column]) -> dict[str, pl.Expr]:
        """Field name → expression over a frame that holds `columns`; one text per row, never null.

        They are for `with_columns`: one that reads no column is a single value, which `select` leaves single.
        A template of messages gives one field `messages`, a list of {role, content} structs; it is null
        where `render` raises.
        """
        self.check(column.name for column in columns)
        by_name = {column.name: column for column in columns}
        mapped = {name: by_name[self._column_of(name)] for name in self.placeholders}
        texts = [express_nodes(part.nodes, mapped) for part in self.parts]
        if self.conversation is not None:
            spelling = express_text(mapped[self.conversation.column])
            system = texts[0] if texts else pl.lit("")
            return {"messages": express_messages(self.conversation, spelling, system)}
        if self.type != "messages":
            return {part.name: text for part, text in zip(self.parts, texts, strict=True)}
        turns = [
            pl.struct(pl.lit(part.name).alias("role"), text.alias("content"))
            for part, text in zip(self.parts, texts, strict=True)
        ]
        return {"messages": pl.concat_list(turns)}

    def to_mapping(self) -> dict[str, Any]:
        """The template as it stands in a recipe or a file, without the column map."""
        if self.conversation is not None:
            return {"type": self.type} | self.conversation.to_mapping()
        if self.type == "messages":
            turns = [{"role": part.name, "content": part.source} for part in self.parts]
            return {"type": self.type, "messages": turns}
        return {"type": self.type} | {part.name: part.source for part in self.parts}

    def _column_of(self, placeholder: str) -> str:
        return self.column_map.get(placeholder, placeholder)

    def _walk(self, record: Mapping[str, Any]) -> Iterator[tuple[str, Walked]]:
        """The name of each text and what its pieces are, in order: the walk that every rendering makes."""
        walked = [(part.name, walk_nodes(part.nodes, record, self.column_map)) for part in self.parts]
        if self.conversation is None:
            yield from walked
            return
        column = self._column_of(self.conversation.column)
        turns = read_messages(self.conversation, text_of(record.get(column)), column, _name_place(record))
        if needs_prompt(turns[0].role, "".join(join_text(prompt) for _, prompt in walked)):
            yield from walked
        for turn in turns:
            yield turn.role, [(turn.content, column)]


def _name_place(record: Mapping[str, Any]) -> str:
    if not isinstance(record, Record):
        return "This record"
    return f"Line {record.line} of {record.file}" if record.file else f"Line {record.line}"


def _unknown_column(column: str, known: list[str], part: str, position: int | None) -> TemplateError:
    near = difflib.get_close_matches(column, known, n=1)
    hint = (
        f"Did you mean {spell_name(near[0])}?"
        if near
        else "Use one of the columns, or map the placeholder to one."
    )
    place = f"the {part}" if position is None else f"character {position + 1} of the {part}"
    message = (
        f"No column named {spell_name(column)} ({place}). Columns are: {', '.join(map(spell_name, known))}."
    )
    return TemplateError(message, hint, part=part, position=position)
