"""How a model chooses the tokens of an answer: greedily, or by drawing with a seed.

    {"method": "greedy", "max_new_tokens": 64}
    {"method": "sample", "max_new_tokens": 64, "temperature": 0.8, "top_p": 0.95, "seed": 42}

What stands beside every answer, so that it can be had again. Knows numbers; nothing of models.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.errors import RunError

Method = Literal["greedy", "sample"]

MOST_NEW_TOKENS = 4_096
MOST_TEMPERATURE = 5.0
_DRAWN = ("temperature", "top_p", "seed")  # what only drawing needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """`greedy` takes the likeliest token each time; `sample` draws from the likeliest that make up `top_p`.

    `temperature` and `top_p` are of drawing alone, as is the `seed`: the same gives the same text. Raises
    RunError, in words, for a value outside of its limits.
    """

    method: Method = "greedy"
    max_new_tokens: int = 64
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int = 42

    def __post_init__(self) -> None:
        if self.method not in ("greedy", "sample"):
            raise RunError(f"There is no decoding {self.method!r:.40}.", "Choose greedy or sample.")
        _check_whole("max_new_tokens", self.max_new_tokens, 1, MOST_NEW_TOKENS)
        _check_number(
            "temperature", self.temperature, MOST_TEMPERATURE, "For no chance at all choose greedy."
        )
        _check_number("top_p", self.top_p, 1.0, "1 draws from all tokens.")
        _check_whole("seed", self.seed, 0, 2**32 - 1)

    @property
    def drawn(self) -> bool:
        """Whether chance has a part in it."""
        return self.method == "sample"

    @property
    def name(self) -> str:
        """Eight hexadecimal digits that only the same decoding has."""
        text = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def to_dict(self) -> dict[str, Any]:
        """What matters of it: greedy carries no temperature, no top_p and no seed."""
        values: dict[str, Any] = {"method": self.method, "max_new_tokens": self.max_new_tokens}
        if self.drawn:
            values |= {name: getattr(self, name) for name in _DRAWN}
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Decoding":
        """The inverse of `to_dict`. Raises RunError for a name that there is not or a value out of limits."""
        unknown = next((name for name in values if name not in cls.__dataclass_fields__), None)
        if unknown is not None:
            known = ", ".join(cls.__dataclass_fields__)
            raise RunError(f"A decoding has no {unknown!r:.40}.", f"It has: {known}.")
        return cls(**values)


def _check_whole(name: str, value: Any, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise RunError(f"{name} is {value!r:.40}.", f"Give a whole number from {least:,} to {most:,}.")


def _check_number(name: str, value: Any, most: float, words: str) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not 0 < value <= most:
        raise RunError(f"{name} is {value!r:.40}.", f"Give a number above 0, at most {most:g}. {words}")
