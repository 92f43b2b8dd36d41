"""Shape: one proposal of how to make a prompt of a table's records, with its reasons in plain words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from studio.styles import style_template
from studio.template import Template, parse_template
from studio.template.grammar import spell_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the records look like, and the template for them: a `style`, or else the mapping of an own one.

    `columns` maps placeholders to columns of another name. `reasons` say what was seen, in plain words;
    `certain` is False where they hold a doubt.
    """

    name: str
    label: str
    style: str | None = None
    template: Mapping[str, Any] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    certain: bool = True

    def to_template(self, names: Iterable[str]) -> Template:
        """The template with its column map, for a table of these column names. Raises TemplateError."""
        if self.style is not None:
            return style_template(self.style, names, self.columns)
        assert self.template is not None
        return parse_template(self.template).mapped(self.columns)

    def doubt(self, *reasons: str) -> "Shape":
        """The same shape with reasons against it; as certain as before when there are none."""
        return replace(self, reasons=(*self.reasons, *reasons), certain=self.certain and not reasons)


@dataclass(frozen=True, slots=True)
class Found:
    """A shape before it is ranked: how many columns it uses, and how far their names are from its own."""

    shape: Shape
    used: int
    distance: int = 0

    @property
    def rank(self) -> tuple[bool, int, int]:
        """The best is the smallest; those of one rank stay in the order in which they were found."""
        return not self.shape.certain, -self.used, self.distance


def spell_names(names: Sequence[str]) -> str:
    """Column names in a sentence: instruction, input and output."""
    return join_words([spell_name(name) for name in names])


def join_words(words: Sequence[str]) -> str:
    """Words in a sentence: a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def count_records(some: int, looked: int) -> str:
    """How many of those that were looked at."""
    return f"{some:,} of {looked:,} records looked at"
