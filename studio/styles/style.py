"""Style: a named built-in Template, as data. Knows nothing of tables, nor which styles there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from studio.template import Template, parse_template

Variant = tuple[str, ...]
"""(prompt, completion), or (text,)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A prompt style; of its `variants` the first whose columns all exist is used.

    `source` says after what it was written; `example` is a record that it fits.
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
        return _parse_variants(self.variants)


@cache
def _parse_variants(variants: tuple[Variant, ...]) -> tuple[Template, ...]:
    fields = {1: ("text",), 2: ("prompt", "completion")}
    return tuple(parse_template(dict(zip(fields[len(one)], one, strict=True))) for one in variants)
