"""What a judge is asked, and what may be taken for its answer.

    "Given the input `{input}` and correct output `{expected}`, score …"  and a reply "85"   →   [85]

The words of the single prompt are those of chapter 7 of "Build a Large Language Model (From Scratch)"
(Raschka 2024). A prompt is a Template's text, so that a brace of its own is written twice.
"""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Literal

from studio.errors import JudgeError
from studio.template import Template, parse_template

Mode = Literal["single", "pairwise"]
MODES: tuple[Mode, ...] = ("single", "pairwise")

_SCALE = "on a scale from 0 to 100, where 100 is the best score"
PROMPTS: Mapping[Mode, str] = {
    "single": (
        "Given the input `{input}` and correct output `{expected}`, score the model response `{response}` "
        f"{_SCALE}. Respond with the integer number only."
    ),
    "pairwise": (
        "Given the input `{input}` and correct output `{expected}`, score each of two model responses "
        f"{_SCALE}.\n\nFirst response: `{{first}}`\n\nSecond response: `{{second}}`\n\nRespond with two "
        "integer numbers only, with a space between them: first that of the first response, then that of "
        "the second."
    ),
}
"""What a judge is asked unless a person writes something else."""
SHOWN: Mapping[Mode, tuple[str, ...]] = {"single": ("response",), "pairwise": ("first", "second")}
"""The placeholders of the answers, in the order in which their scores are asked for."""

_DIGITS = re.compile(r"\d+")
_INTEGER = re.compile(r"100|[1-9]?[0-9]", re.ASCII)
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
_SIGNS = "+-−–.,/_"  # before a number they make another of it
_BETWEEN = re.compile(r"[,;]?\s+")  # of two scores; "85 out of 100" is one


def list_placeholders(mode: Mode) -> tuple[str, ...]:
    """The names that a prompt of this mode may use."""
    return ("input", "expected", *SHOWN[mode])


def parse_prompt(text: str, mode: Mode) -> Template:
    """The prompt as a Template. Raises TemplateError for its grammar, JudgeError for its placeholders."""
    template = parse_template({"type": "text", "text": text})
    known = list_placeholders(mode)
    spelled = ", ".join(f"{{{name}}}" for name in known)
    for name in template.placeholders:
        if name not in known:
            raise JudgeError(
                f"The judge's prompt asks for {{{name}}}, which there is not.", f"Use {spelled}."
            )
    for name in SHOWN[mode]:
        if name not in template.placeholders:
            raise JudgeError(
                f"The judge's prompt has no {{{name}}}, so the judge would not see what it scores.",
                f"Put {{{name}}} where the answer shall stand. There are {spelled}.",
            )
    return template


def read_scores(reply: str, count: int) -> tuple[int, ...] | None:
    """The `count` integers from 0 to 100 of a reply, in order; None unless exactly so many stand in it.

    Nothing is guessed: "85/100" holds two numbers, "8.5" and "-5" are none, and nothing but space, a comma or
    a semicolon stands between two scores. What stands before `</think>` is a thought, not the reply.
    """
    said = _THOUGHT.sub("", reply)
    found = list(_DIGITS.finditer(said))
    if len(found) != count or not all(_stands_alone(said, number) for number in found):
        return None
    gaps = (said[one.end() : other.start()] for one, other in pairwise(found))
    return tuple(int(number[0]) for number in found) if all(map(_BETWEEN.fullmatch, gaps)) else None


def _stands_alone(said: str, number: re.Match[str]) -> bool:
    before, after = said[: number.start()][-1:], said[number.end() :][:1]
    return bool(
        _INTEGER.fullmatch(number[0])
        and not before.isalnum()
        and before not in tuple(_SIGNS)
        and not after.isalnum()
        and after != "_"
    )
