"""Style: a named built-in Template, as data. Knows nothing of tables, nor which styles there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from studio.template import Template, parse_template

Variant = tuple[str, ...] | Mapping[str, Any]
"""(prompt, completion), or (text,), or the mapping of a template of any type."""

_FIELDS = {1: ("text",), 2: ("prompt", "completion")}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Style:
    """A prompt style; of its `variants` the first whose columns all exist is used.

    `source` says after what it was written; `example` is a record that it fits. Two styles are the same only
    when they are one.
    """

    name: str
    label: str
    group: str
    description: str
    source: str
    example: Mapping[str, Any]
    variants: tuple[Variant, ...]

    @property
    def templates(self) -> tuple[Template, ...]:
        """The variants, parsed, in order."""
        return _parse_variants(self)

    @property
    def reads_turns(self) -> bool:
        """Whether it reads a column of turns, so that names alone do not say that it fits."""
        return any(template.conversation is not None for template in self.templates)


@cache
def _parse_variants(style: Style) -> tuple[Template, ...]:
    return tuple(parse_template(_to_mapping(variant)) for variant in style.variants)


def _to_mapping(variant: Variant) -> Mapping[str, Any]:
    if isinstance(variant, tuple):
        return dict(zip(_FIELDS[len(variant)], variant, strict=True))
    return variant
