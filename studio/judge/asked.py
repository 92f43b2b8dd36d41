"""What a person asks of a judge, and the calls that this takes.

Asked(model="llama3.2", endpoint="http://127.0.0.1:11434/v1")  on 140 test records   →   280 calls
"""

import hashlib
import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from studio.compare import Pair
from studio.errors import JudgeError
from studio.judge.endpoint import check_endpoint
from studio.judge.prompt import MODES, PROMPTS, SHOWN, Mode, parse_prompt
from studio.settings import Settings
from studio.template import Template

SIDES = ("base", "tuned")
PER_RECORD = 2  # calls: one for each answer, or one for each order of the two
_SPARE = 0.1  # of the calls, for those that have to be asked again
_SEED = 42
_LONGEST_MODEL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A judge and how it is asked. `prompt` is empty for the mode's own.

    `budget` is how many requests may be sent in all, repeated ones included; None: as many as what is missing
    of all records takes, and a tenth more. `temperature`, `max_tokens` and `seed` are sent to the judge
    unless they are None; the seed also chooses the records where the budget does not reach for all (42 when
    it is None).
    """

    model: str
    endpoint: str
    mode: Mode = "single"
    prompt: str = ""
    budget: int | None = None
    temperature: float | None = 0.0
    max_tokens: int | None = None
    seed: int | None = _SEED

    @property
    def template(self) -> Template:
        """The prompt as it is rendered."""
        return parse_prompt(self.prompt or PROMPTS[self.mode], self.mode)

    @property
    def parameters(self) -> dict[str, Any]:
        """What is sent beside the model and the prompt."""
        values = {"temperature": self.temperature, "max_tokens": self.max_tokens, "seed": self.seed}
        return {name: value for name, value in values.items() if value is not None}

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, the prompt spelled out."""
        return asdict(self) | {"prompt": self.prompt or PROMPTS[self.mode]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question to the judge: the answers that it is shown, in their order, of the test record `row`."""

    row: int
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgePlan:
    """What a judging takes: `records` of the `of` test records, `calls`, of which `asked` are answered.

    `sent` requests of the `budget` were sent before. `characters` are those of all prompts; `example` is the
    first prompt as the judge reads it.
    """

    judge: str
    records: int
    of: int
    calls: int
    asked: int
    budget: int
    sent: int
    characters: int
    example: str

    @property
    def sentence(self) -> str:
        """What it takes, for a person."""
        if self.asked == self.calls:
            words = f"All {_count(self.calls, 'call')} of this are answered already."
        else:
            words = f"This takes {_count(self.calls, 'call')}"
            words += f", of which {self.asked:,} are answered already" if self.asked else ""
            words += f"; at most {_count(self.budget, 'request')} are sent, repeated ones included"
            words += f"; {self.sent:,} were." if self.sent else "."
            words += " That is the whole budget: give a larger one." if self.sent >= self.budget else ""
        if self.records < self.of:
            words += f" The budget is enough for {self.records:,} of {self.of:,} records, chosen by the seed."
        return words

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, with the sentence."""
        return asdict(self) | {"sentence": self.sentence}


def check_asked(asked: Asked, settings: Settings) -> Asked:
    """The same with its address as it is called. Raises StudioError for what cannot be asked."""
    model = asked.model.strip()
    if not model or len(model) > _LONGEST_MODEL or not model.isprintable():
        raise JudgeError(
            "The judge needs the name of a model.", "For instance llama3.2, as the endpoint names it."
        )
    if asked.mode not in MODES:
        raise JudgeError(f"There is no mode {asked.mode!r:.40}.", f"Modes are {' and '.join(MODES)}.")
    _refuse_numbers(asked, settings)
    asked = replace(asked, model=model, endpoint=check_endpoint(asked.endpoint))
    _ = asked.template
    return asked


def _refuse_numbers(asked: Asked, settings: Settings) -> None:
    most = settings.limits.judge_calls
    if asked.budget is not None and not PER_RECORD <= asked.budget <= most:
        raise JudgeError(
            f"A budget of {asked.budget:,} requests cannot be kept.",
            f"Give {PER_RECORD} to {most:,}: one record takes {PER_RECORD}.",
        )
    if asked.temperature is not None and not (
        math.isfinite(asked.temperature) and 0 <= asked.temperature <= 2
    ):
        raise JudgeError(f"A temperature of {asked.temperature} is none.", "Give 0 to 2, or leave it empty.")
    if asked.max_tokens is not None and not 1 <= asked.max_tokens <= 100_000:
        raise JudgeError(f"{asked.max_tokens} tokens are no limit.", "Give 1 to 100,000, or leave it empty.")
    if asked.seed is not None and not 0 <= asked.seed < 2**31:
        raise JudgeError(f"{asked.seed} is no seed.", f"Give 0 to {2**31 - 1:,}, or leave it empty.")


def name_judging(asked: Asked, answers: str) -> str:
    """12 hex digits of all that a judge's scores depend on; `answers` is the hash of what is judged.

    The budget is not among it: with a larger one the same judging goes on.
    """
    told = {name: value for name, value in asked.to_dict().items() if name != "budget"}
    spelled = json.dumps([told, answers], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(spelled.encode()).hexdigest()[:12]


def set_budget(asked: Asked, records: int, answered: int, sent: int, settings: Settings) -> int:
    """How many requests may be sent in all: what was asked, or what is missing takes and a tenth more.

    `answered` calls and `sent` requests are those of the same judging before.
    """
    if asked.budget is not None:
        return asked.budget
    missing = records * PER_RECORD - answered
    return max(PER_RECORD, min(settings.limits.judge_calls, sent + math.ceil(missing * (1 + _SPARE))))


def list_calls(asked: Asked, rows: Sequence[int], budget: int) -> tuple[Call, ...]:
    """The calls that the budget reaches for, by row; a larger one only adds records."""
    order = random.Random(_SEED if asked.seed is None else asked.seed).sample(list(rows), len(rows))  # noqa: S311
    chosen = sorted(order[: budget // PER_RECORD])
    return tuple(Call(row=row, order=shown) for row in chosen for shown in _orders(asked.mode))


def render_call(asked: Asked, call: Call, pair: Pair) -> str:
    """What the judge reads; whitespace at the ends of the record's texts is left out, as in the book."""
    texts = {"input": pair.prompt.strip(), "expected": pair.expected.strip()}
    for name, side in zip(SHOWN[asked.mode], call.order, strict=True):
        texts[name] = (getattr(pair, side).completion or "").strip()
    return asked.template.render(texts).text or ""


def _orders(mode: Mode) -> Iterator[tuple[str, ...]]:
    base, tuned = SIDES
    yield from ((base,), (tuned,)) if mode == "single" else ((base, tuned), (tuned, base))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def from_dict(values: Mapping[str, Any]) -> Asked:
    """The inverse of `Asked.to_dict`."""
    return Asked(**{name: values[name] for name in Asked.__dataclass_fields__})
