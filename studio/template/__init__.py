"""A Template: text with placeholders that turns one record into one Example.

The grammar (design §6) is tiny on purpose, in mustache's words:

    {column}                the column's text; JSON spelling if not a string; null and missing as nothing
    {#column}…{/column}     only when the column is not empty; {^column}…{/column} only when it is
    {"any name"}            a name that is no identifier, as a JSON string; {{ and }} are literal braces

Empty is missing, null, "", [] and {}. Cell text is never expanded again, nothing is trimmed, nothing is code.
`render` (one record) and `render_column` (a whole table, as polars expressions) give the same text.
Knows neither tables nor files nor the names of built-in styles.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import polars as pl

from studio.errors import TemplateError
from studio.record import Column, Example, ExampleType, Message
from studio.template.grammar import Node, Placeholder, parse_text, spell_name, walk_names
from studio.template.values import express_empty, express_text, is_empty, text_of

_FIELDS: dict[str, tuple[str, ...]] = {
    "text": ("text",),
    "prompt-completion": ("prompt", "completion"),
    "messages": ("messages",),
}


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
    """Parts by example type, and the column map (placeholder → actual column) applied when rendering."""

    type: ExampleType
    parts: tuple[Part, ...]
    column_map: Mapping[str, str] = field(default_factory=dict)

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Every name as written, in order of first appearance, once."""
        found = (name for part in self.parts for name, _ in walk_names(part.nodes))
        return tuple(dict.fromkeys(found))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every actual column that rendering reads, in order of first appearance."""
        return tuple(dict.fromkeys(self.column_map.get(name, name) for name in self.placeholders))

    def mapped(self, column_map: Mapping[str, str]) -> "Template":
        """The same template reading other columns; placeholders not in the map keep their name."""
        return replace(self, column_map=dict(column_map))

    def asked(self) -> "Template":
        """What is given before the answer, as a template of type text: the prompt, or the messages before the
        assistant's last. Of a template of type text it is everything: where its answer begins is not known.
        """
        return self._join(self.parts[: self._answer_at()])

    def answered(self) -> "Template | None":
        """The answer, as a template of type text: the completion, or the assistant's last message."""
        at = self._answer_at()
        return None if at is None else self._join(self.parts[at : at + 1])

    def whole(self) -> "Template":
        """All parts, as a template of type text."""
        return self._join(self.parts)

    def _answer_at(self) -> int | None:
        answers = [at for at, part in enumerate(self.parts) if part.name in ("completion", "assistant")]
        return answers[-1] if answers else None

    def _join(self, parts: Sequence[Part]) -> "Template":
        return replace(self, type="text", parts=(Part("text", "\n".join(part.source for part in parts)),))

    def check(self, names: Iterable[str]) -> None:
        """Raise TemplateError at the first placeholder whose column is not among `names`."""
        known = list(names)
        for part in self.parts:
            for name, position in walk_names(part.nodes):
                column = self.column_map.get(name, name)
                if column not in known:
                    raise _unknown_column(column, known, part.name, position)

    def render(self, record: Mapping[str, Any]) -> Example:
        """One record (a `Record`, or any mapping of names to plain values) as an Example."""
        texts = [_render_nodes(part.nodes, record, self.column_map) for part in self.parts]
        if self.type == "text":
            return Example(type="text", text=texts[0])
        if self.type == "prompt-completion":
            return Example(type="prompt-completion", prompt=texts[0], completion=texts[1])
        turns = zip(self.parts, texts, strict=True)
        return Example(type="messages", messages=tuple(Message(role=p.name, content=t) for p, t in turns))

    def render_column(self, columns: Sequence[Column]) -> dict[str, pl.Expr]:
        """Field name → expression over a frame that holds `columns`; one text per row, never null.

        A template of messages gives one field `messages`, a list of {role, content} structs.
        """
        self.check(column.name for column in columns)
        by_name = {column.name: column for column in columns}
        mapped = {name: by_name[self.column_map.get(name, name)] for name in self.placeholders}
        texts = [_express_nodes(part.nodes, mapped) for part in self.parts]
        if self.type != "messages":
            return dict(zip(_FIELDS[self.type], texts, strict=True))
        turns = [
            pl.struct(pl.lit(part.name).alias("role"), text.alias("content"))
            for part, text in zip(self.parts, texts, strict=True)
        ]
        return {"messages": pl.concat_list(turns)}

    def to_mapping(self) -> dict[str, Any]:
        """The template as it stands in a recipe or a file, without the column map."""
        if self.type == "messages":
            turns = [{"role": part.name, "content": part.source} for part in self.parts]
            return {"type": self.type, "messages": turns}
        return {"type": self.type} | {part.name: part.source for part in self.parts}


def parse_template(mapping: Mapping[str, Any]) -> Template:
    """A template from its mapping: {type: text, text: "…"}, {type: prompt-completion, prompt: "…",
    completion: "…"}, or {type: messages, messages: [{role: user, content: "…"}, …]}.

    Without `type` it follows from the keys. Raises TemplateError for keys that do not fit, and bad grammar.
    """
    kind: Any = mapping.get("type") or _infer_type(mapping)
    if kind not in get_args(ExampleType):
        raise TemplateError(
            f"No example type named {kind}.", f"Types are: {', '.join(get_args(ExampleType))}."
        )
    wanted = {"type", *_FIELDS[kind]}
    if set(mapping) - {"type"} != wanted - {"type"}:
        given = ", ".join(sorted(set(mapping) - {"type"})) or "nothing"
        raise TemplateError(
            f"A {kind} template has {' and '.join(_FIELDS[kind])}; this one has {given}.",
            "Give exactly these parts.",
        )
    template = Template(type=kind, parts=tuple(_parts(kind, mapping)))
    for part in template.parts:
        parse_text(part.source, part.name)
    return template


def fields_of(kind: str) -> tuple[str, ...]:
    """The field names of an example type, in order."""
    return _FIELDS[kind]


def _infer_type(mapping: Mapping[str, Any]) -> str:
    for kind, fields in _FIELDS.items():
        if set(mapping) & set(fields):
            return kind
    raise TemplateError(
        "The template has no parts.",
        "Give text; or prompt and completion; or messages with role and content.",
    )


def _parts(kind: str, mapping: Mapping[str, Any]) -> Iterator[Part]:
    if kind != "messages":
        for name in _FIELDS[kind]:
            yield Part(name, _require_text(mapping[name], name))
        return
    turns = mapping["messages"]
    if not isinstance(turns, list | tuple) or not turns:
        raise TemplateError(
            "messages is not a list of turns.", 'Write [{role: user, content: "{question}"}, …].'
        )
    for turn in turns:
        if not isinstance(turn, Mapping) or set(turn) != {"role", "content"}:
            raise TemplateError(f"A message is {turn!r}.", "Each message has exactly role and content.")
        yield Part(_require_text(turn["role"], "role"), _require_text(turn["content"], "content"))


def _require_text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise TemplateError(f"The {name} of the template is {value!r}, not text.", "Put it in quotes.")
    return value


def _unknown_column(column: str, known: list[str], part: str, position: int) -> TemplateError:
    near = difflib.get_close_matches(column, known, n=1)
    hint = (
        f"Did you mean {spell_name(near[0])}?"
        if near
        else "Use one of the columns, or map the placeholder to one."
    )
    message = (
        f"No column named {spell_name(column)} (character {position + 1} of the {part}). "
        f"Columns are: {', '.join(map(spell_name, known))}."
    )
    return TemplateError(message, hint, part=part, position=position)


def _render_nodes(nodes: Iterable[Node], record: Mapping[str, Any], names: Mapping[str, str]) -> str:
    pieces: list[str] = []
    for node in nodes:
        if isinstance(node, str):
            pieces.append(node)
            continue
        value = record.get(names.get(node.name, node.name))
        if isinstance(node, Placeholder):
            pieces.append(text_of(value))
        elif is_empty(value) == node.inverted:
            pieces.append(_render_nodes(node.children, record, names))
    return "".join(pieces)


def _express_nodes(nodes: Iterable[Node], columns: Mapping[str, Column]) -> pl.Expr:
    pieces: list[pl.Expr] = []
    for node in nodes:
        if isinstance(node, str):
            pieces.append(pl.lit(node))
        elif isinstance(node, Placeholder):
            pieces.append(express_text(columns[node.name]))
        else:
            shown = express_empty(columns[node.name])
            shown = shown if node.inverted else ~shown
            inside = _express_nodes(node.children, columns)
            pieces.append(pl.when(shown).then(inside).otherwise(pl.lit("")))
    return pl.concat_str(pieces) if pieces else pl.lit("")
