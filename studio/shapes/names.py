"""Shapes by the names of columns: those that a style asks for, in another spelling, or near to them.

    ["Instruction", "input_text", "output"]   →   alpaca-short, its input read from input_text

A name in another case or with other separators is the same name; one with a common ending, in the plural, or
of the same meaning is near and is said to be; one that differs by a letter is not certain. Then the values:
a column that has nothing in it, or lists where a text is wanted, is not certain either.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from studio.record import Column, Json
from studio.shapes.shape import Found, Shape, count_records, spell_names
from studio.styles import STYLES
from studio.template.values import is_empty

_CLOSE = 0.88  # so that promt is prompt, and content is not context
_SHORTEST_TYPO = 5
_LONGEST_NAME = 100
_ENDING = re.compile(r"_(?:text|str|string|value|field|col|column|content|message|data)$")
_BEGINNING = re.compile(r"^(?:the|user|model|raw|my|full)_")
_MEANINGS = {
    "question": ("query", "q"),
    "answer": ("a", "reply"),
    "instruction": ("task",),
    "input": ("inp",),
    "output": ("target", "out"),
    "response": ("reply",),
    "context": ("passage", "background"),
    "chosen": ("preferred", "accepted"),
    "rejected": ("dispreferred", "refused"),
    "system": ("system_prompt", "system_instruction"),
    "text": ("content", "document", "body", "story", "page"),
}


@dataclass(frozen=True, slots=True)
class _Rule:
    """A shape by its names; `optional` ones may be empty, `evidence` is looked for and not used."""

    name: str
    label: str
    style: str
    fields: tuple[str, ...]
    evidence: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


_RULES = (
    _Rule("question-answer", "Question and answer", "question-answer", ("question", "answer")),
    _Rule(
        "alpaca",
        "Alpaca, with an input",
        "alpaca-short",
        ("instruction", "input", "output"),
        optional=("input",),
    ),
    _Rule("alpaca-without-input", "Alpaca, without an input", "alpaca-short", ("instruction", "output")),
    _Rule("dolly", "Dolly", "dolly", ("instruction", "context", "response"), optional=("context",)),
    _Rule("rag", "Question, context and answer", "rag", ("context", "question", "answer")),
    _Rule(
        "instruction-response",
        "Instruction and response",
        "instruction-response",
        ("instruction", "response"),
    ),
    _Rule("input-output", "Input and output", "input-output", ("input", "output")),
    _Rule("prompt-completion", "Prompt and completion", "completion", ("prompt", "completion")),
    _Rule("prompt-response", "Prompt and response", "completion", ("prompt", "response")),
    *(
        _Rule("preference", "Preference pair", "preference-chosen", (asked, "chosen"), ("rejected",))
        for asked in ("prompt", "question", "instruction")
    ),
    _Rule("text", "Text", "text", ("text",)),
)


@dataclass(frozen=True, slots=True)
class _Match:
    """The column for a field, and how far its name is: 0 same, 1 spelled otherwise, 2 near, 3 a typo."""

    column: str
    distance: int


def find_named(columns: Sequence[Column], records: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    """The shapes whose names are among the columns, then the styles for one task, then the only text."""
    names = [column.name for column in columns]
    found: set[str] = set()
    for rule in (*_RULES, *_list_tasks()):
        matched = _match_fields((*rule.fields, *rule.evidence), names)
        if matched is None or rule.style in found:
            continue
        found.add(rule.style)
        yield _to_found(rule, matched, records, tasks=rule not in _RULES)
    texts = [column.name for column in columns if column.type == "text"]
    if not found and len(texts) == 1:
        shape = Shape(name="text", label="Text", style="text", columns={"text": texts[0]})
        why = f"not certain: {spell_names(texts)} is only taken because no other column holds text"
        yield Found(shape.doubt(why), used=1)


def _list_tasks() -> Iterator[_Rule]:
    """The variants of the styles for one task, each with its placeholders as names."""
    for style in STYLES.values():
        if style.group == "Tasks" and style.name not in {rule.style for rule in _RULES}:
            for template in style.templates:
                yield _Rule(style.name, style.label, style.name, template.placeholders)


def _to_found(
    rule: _Rule, matched: Mapping[str, _Match], records: Sequence[Mapping[str, Any]], *, tasks: bool
) -> Found:
    used = {name: match.column for name, match in matched.items() if name in rule.fields}
    shape = Shape(
        name=rule.name,
        label=rule.label,
        style=rule.style,
        columns={name: column for name, column in used.items() if name != column},
        reasons=(f"has {spell_names([match.column for match in matched.values()])}", *_say_near(matched)),
    )
    wanted = [column for name, column in used.items() if name not in rule.optional]
    doubts = [*_doubt_names(matched), *_doubt_values(wanted, records, lists=tasks)]
    distance = sum(match.distance for match in matched.values())
    return Found(shape.doubt(*doubts), used=len(matched), distance=distance)


def _match_fields(fields: Sequence[str], names: Sequence[str]) -> dict[str, _Match] | None:
    """A column of its own for each field, the nearest names first; None when a field has none."""
    near = sorted(
        (distance, fields.index(field), place)
        for field in fields
        for place, name in enumerate(names)
        if (distance := measure_name(name, field)) is not None
    )
    matched: dict[str, _Match] = {}
    for distance, field_place, place in near:
        field, name = fields[field_place], names[place]
        if field not in matched and name not in {match.column for match in matched.values()}:
            matched[field] = _Match(name, distance)
    return {field: matched[field] for field in fields} if len(matched) == len(fields) else None


def measure_name(name: str, field: str) -> int | None:
    """How far a column's name is from the name that a style asks for; None when it is another word."""
    if name == field:
        return 0
    plain, core = _simplify(name)
    if plain == field:
        return 1
    if any(word in (field, f"{field}s", *_MEANINGS.get(field, ())) for word in (plain, core)):
        return 2
    if len(field) < _SHORTEST_TYPO or abs(len(plain) - len(field)) > 1 or plain[:1] != field[:1]:
        return None
    return 3 if difflib.SequenceMatcher(None, plain, field).ratio() >= _CLOSE else None


@lru_cache(maxsize=10_000)
def _simplify(name: str) -> tuple[str, str]:
    """A name in one spelling of words, and the same without a common beginning or ending."""
    spaced = re.sub(r"(?<=[^\W_A-Z])(?=[A-Z])", "_", name[:_LONGEST_NAME])
    plain = re.sub(r"[\W_]+", "_", spaced).strip("_").casefold()
    return plain, _BEGINNING.sub("", _ENDING.sub("", plain))


def _say_near(matched: Mapping[str, _Match]) -> Iterator[str]:
    for field, match in matched.items():
        if match.distance in (1, 2):
            how = "the same name" if match.distance == 1 else "a near name"
            yield f"{spell_names([match.column])} is taken for {field}: {how}"


def _doubt_names(matched: Mapping[str, _Match]) -> Iterator[str]:
    for field, match in matched.items():
        if match.distance > 2:
            yield f"not certain: {spell_names([match.column])} only looks like {field}"


def _doubt_values(
    columns: Sequence[str], records: Sequence[Mapping[str, Any]], *, lists: bool
) -> Iterator[str]:
    """What the values hold against it: nothing in them, or (unless `lists` are welcome) no texts."""
    for column in columns:
        values = [value for record in records if not is_empty(value := record.get(column))]
        if records and not values:
            yield f"not certain: {spell_names([column])} is empty in all {len(records):,} records looked at"
        nested = sum(isinstance(value, Json) and value.spelling[:1] in "[{" for value in values)
        if nested * 2 > len(values) and not lists:
            where = count_records(nested, len(records))
            yield f"not certain: {spell_names([column])} is a list or an object in {where}"
