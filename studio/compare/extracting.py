"""The response in a generated text: the step between a model that repeats its prompt and its scores.

    "…### Instruction:\\nName a pet.\\n\\n### Response:\\nA cat.\\n\\n### Instruction:\\nName"   →   "A cat."

After chapter 7 of "Build a Large Language Model (From Scratch)" (Raschka 2024), which cuts the prompt by its
length, takes "### Response:" away and strips; here the prompt is cut only where it stands, and what a model
makes up after its answer is cut too. Knows no model.
"""

import re
from collections.abc import Sequence

RESPONSE_MARKERS = ("### Response:", "### Answer:", "### Output:")
"""What stands before a response, in the prompt styles of the courses."""
NEXT_MARKERS = ("### Instruction", "### Question", "### Input", "### Response", "### Answer", "### End")
"""What begins a line with which a model goes on to a turn of its own making."""
_ENDS = ("<|endoftext|>", "</s>", "<|im_end|>", "<|eot_id|>")


def extract_response(text: str, prompt: str | None = None, markers: Sequence[str] = RESPONSE_MARKERS) -> str:
    """The response in a text that a model generated, without whitespace at its ends; "" where it is empty.

    The prompt is cut where the text begins with it, whitespace at its ends aside. Otherwise everything to the
    end of the first marker is cut; without prompt and marker nothing is. A marker with which the rest begins
    goes too. The response ends at a line that begins with one of NEXT_MARKERS, or at an end token.
    """
    rest = _without_prompt(text, prompt)
    rest = _after_marker(text, markers) if rest is None else _without_lead(rest, markers)
    return _first_turn(rest).strip()


def _without_prompt(text: str, prompt: str | None) -> str | None:
    """What follows the prompt; None where the text does not begin with it."""
    asked = (prompt or "").strip()
    begun = text.lstrip()
    return begun[len(asked) :] if asked and begun.startswith(asked) else None


def _after_marker(text: str, markers: Sequence[str]) -> str:
    found = [(at, marker) for marker in markers if marker and (at := text.find(marker)) >= 0]
    if not found:
        return text
    at, marker = min(found)
    return text[at + len(marker) :]


def _without_lead(rest: str, markers: Sequence[str]) -> str:
    begun = rest.lstrip()
    lead = next((marker for marker in markers if marker and begun.startswith(marker)), "")
    return begun.removeprefix(lead) if lead else rest


def _first_turn(rest: str) -> str:
    turns = "|".join(map(re.escape, NEXT_MARKERS))
    ends = "|".join(map(re.escape, _ENDS))
    end = re.search(rf"^[ \t]*(?:{turns})\b|{ends}", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest
