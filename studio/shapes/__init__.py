"""Shapes: what kind of records a table holds, which template fits them, and why.

    columns instruction, input, output                     →   Alpaca: the style alpaca-short
    conversations: [{"from": "human", "value": "Hi"}, …]   →   ShareGPT: the style sharegpt
    question: "### Question:\\n…\\n\\n### Answer:", answer    →   formatted already: both columns as they are

Looks at the names of the columns and at some records, and says what it saw. Nothing is guessed silently: what
names and values do not settle is not certain, and the reasons say why.

    detect_shapes, look_at         the proposals, the best first; the records to look at   (here)
    Shape                          one proposal and its reasons                            (shape.py)
    detect_formatted, Formatted    cells that hold the marks of a template                 (formatted.py)
    names.py, turns.py             by the names of columns; by the turns of conversations

Knows nothing of files, recipes or the screen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from studio.record import Column
from studio.shapes.formatted import FORMATTED_SHARE, Formatted, detect_formatted, holds_answer
from studio.shapes.names import find_named
from studio.shapes.shape import Found, Shape, count_records, join_words, spell_names
from studio.shapes.turns import find_conversations
from studio.table import Table
from studio.template import Template
from studio.template.grammar import walk_names

__all__ = [
    "FORMATTED_SHARE",
    "RECORDS_LOOKED_AT",
    "Formatted",
    "Shape",
    "detect_formatted",
    "detect_shapes",
    "look_at",
]

RECORDS_LOOKED_AT = 200
_ADDS_NOTHING = ("completion", "text", "concatenate")

Records = Sequence[Mapping[str, Any]]


def look_at(table: Table) -> Records:
    """The records that a shape is told from: all of a small table, of a larger one some from all over it."""
    count = min(len(table), RECORDS_LOOKED_AT)
    return table.take([place * len(table) // count for place in range(count)])


def detect_shapes(columns: Sequence[Column], records: Records) -> tuple[Shape, ...]:
    """The shapes that fit the columns, the best first; empty when none does.

    The certain come before the others, then those that use more of the columns. Each one's template checks
    against the columns. A style on a column that is formatted already is not certain; the columns as they
    are come instead.
    """
    looked, names = records[:RECORDS_LOOKED_AT], [column.name for column in columns]
    found = [*find_conversations(columns, looked), *find_named(columns, looked)]
    formatted = detect_formatted(looked, names)
    if formatted:
        plain = [*_use_as_they_are(formatted, found, names, looked)]
        taken = [(one.shape.style, one.shape.columns) for one in plain]
        others = [one for one in found if (one.shape.style, one.shape.columns) not in taken]
        found = [*plain, *(_warn(one, formatted, names) for one in others)]
    return tuple(one.shape for one in sorted(found, key=lambda one: one.rank))


def _use_as_they_are(
    formatted: Sequence[Formatted], found: Sequence[Found], names: Sequence[str], records: Records
) -> Iterator[Found]:
    """The shapes that add nothing to columns most of whose cells are formatted already."""
    pairs = [pair for one in found for pair in _iter_pairs(one.shape.to_template(names))]
    used = {"rejected"} if "chosen" in names else set()
    for one in formatted:
        if not one.mostly or one.column in used:
            continue
        whole = holds_answer(one, records)
        answer = None if whole else next((pair[1] for pair in pairs if pair[0] == one.column), None)
        mapped = {"prompt": one.column, "completion": answer} if answer else {"text": one.column}
        used |= set(mapped.values())
        yield Found(_keep_as_is(one, mapped), used=len(mapped))


def _keep_as_is(formatted: Formatted, mapped: Mapping[str, str]) -> Shape:
    one = spell_names([formatted.column])
    if "text" in mapped:
        what = f"{one} is the whole text as it is"
    else:
        what = f"{one} is the prompt and {spell_names([mapped['completion']])} the completion, as they are"
    return Shape(
        name="formatted",
        label="Formatted already",
        style="text" if "text" in mapped else "completion",
        columns={placeholder: column for placeholder, column in mapped.items() if placeholder != column},
        reasons=(_say_marks(formatted), f"{what}; a style would write such marks twice"),
    )


def _warn(found: Found, formatted: Sequence[Formatted], names: Sequence[str]) -> Found:
    """The same shape, with what stands against it when it reads columns that are formatted already."""
    columns = found.shape.to_template(names).columns
    against = [one for one in formatted if one.column in columns]
    if not against or found.shape.style in _ADDS_NOTHING:
        return found
    reasons = [f"{_say_marks(one)}: this template would come on top of them" for one in against]
    return replace(found, shape=found.shape.doubt(*reasons))


def _say_marks(formatted: Formatted) -> str:
    where = count_records(formatted.records, formatted.of)
    return f"{spell_names([formatted.column])} holds {join_words(formatted.marks)} in {where}"


def _iter_pairs(template: Template) -> Iterator[tuple[str, str]]:
    """Each column of the prompt with the first of the completion."""
    if template.type == "prompt-completion":
        asked, answered = (
            [template.column_map.get(name, name) for name, _ in walk_names(part.nodes)]
            for part in template.parts
        )
        yield from ((column, answered[0]) for column in asked if answered)
