"""Words about what was found: a finding with its figures, and why one record is in it.

row 17 of truncated-answer   →   "…can be used to train and", ends with “used to train and”
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.quality.answers import EXPLANATIONS, explain_refusal, explain_repeated, explain_truncated
from studio.quality.kinds import KINDS
from studio.quality.languages import UNKNOWN, name_language
from studio.quality.marks import explain_control, explain_formatted, explain_mojibake
from studio.quality.private import list_emails, name_secrets
from studio.quality.scan import NO_TWIN, Found
from studio.quality.texts import read_texts
from studio.table import Table
from studio.template import Template

SHOWN_CHARACTERS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A record of a finding: the text that shows it, cut, and why it is there.

    `twin` is the row that it is compared with, and `twin_text` that one's text; `similarity` is how much of
    their words two near-duplicates share.
    """

    row: int
    text: str
    why: str
    twin: int | None = None
    twin_text: str = ""
    similarity: float | None = None


def describe_finding(code: str, facts: Mapping[str, Any]) -> str:
    """What a finding means, with the figures that it goes by."""
    words = KINDS[code].explanation
    if code in ("long-answer", "short-answer"):
        if "median" not in facts:
            return f"{words} There are too few answers to say what is usual."
        bound = f"over {facts['high']:,}" if code == "long-answer" else f"under {facts['low']:,}"
        return f"{words} Half have under {facts['median']:,} characters; these have {bound}."
    if code == "mixed-languages" and "languages" in facts:
        return f"{words} {_describe_languages(facts)}"
    return words


def _describe_languages(facts: Mapping[str, Any]) -> str:
    asked, answered = facts["languages"]
    most = " and ".join(
        f"{what} in {name_language(code)}"
        for what, code in (("asked", asked), ("answered", answered))
        if code != UNKNOWN
    )
    return (
        f"Most are {most}; {facts['untold']:,} are too short to tell."
        if most
        else (f"No language is that of most; {facts['untold']:,} are too short to tell.")
    )


def explain_record(table: Table, template: Template, code: str, found: Found) -> list[Described]:
    """The records of a part of a finding, in words and in its order."""
    twins = found["twin"][found["twin"] != NO_TWIN]
    wanted = np.unique(np.concatenate([found["row"], twins])).tolist()
    texts = {record.row: read_texts(template, record) for record in table.take(wanted)}
    return [_describe(code, one, texts) for one in found]


def _describe(code: str, found: Any, texts: Mapping[int, Mapping[str, str]]) -> Described:
    row, twin = int(found["row"]), int(found["twin"])
    own = texts[row]
    other = texts.get(twin) if twin != NO_TWIN else None
    similarity = float(found["similarity"])
    return Described(
        row=row,
        text=_show(code, own),
        why=_EXPLAIN[code](own, other or {}, int(found["note"])) if code in _EXPLAIN else EXPLANATIONS[code],
        twin=None if other is None else twin,
        twin_text="" if other is None else _show(code, other),
        similarity=None if np.isnan(similarity) else round(similarity, 3),
    )


def _show(code: str, texts: Mapping[str, str]) -> str:
    shows = KINDS[code].shows
    if shows == "end":
        text = texts["answered"].rstrip()
        return text if len(text) <= SHOWN_CHARACTERS else "…" + text[-SHOWN_CHARACTERS:]
    text = texts[shows]
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"


def _explain_languages(own: Mapping[str, str], other: Mapping[str, str], note: int) -> str:
    asked, answered = (name_language(code) for code in (note >> 8, note & 0xFF))
    return f"asked: {asked}, answered: {answered}"


_EXPLAIN: Mapping[str, Callable[[Mapping[str, str], Mapping[str, str], int], str]] = {
    "exact-duplicates": lambda own, other, note: "the very same text",
    "near-duplicates": lambda own, other, note: "nearly the same text",
    "conflicting-answers": lambda own, other, note: f"both answer “{' '.join(own['asked'].split())[:120]}”",
    "question-in-answer": lambda own, other, note: explain_repeated(own["question"]),
    "long-answer": lambda own, other, note: f"{note:,} characters",
    "short-answer": lambda own, other, note: f"answered “{own['answered'].strip()[:60]}”",
    "truncated-answer": lambda own, other, note: explain_truncated(own["answered"]),
    "refusal": lambda own, other, note: explain_refusal(own["answered"]),
    "already-formatted": lambda own, other, note: explain_formatted(own["asked"], own["answered"]),
    "mojibake": lambda own, other, note: explain_mojibake(own["asked"], own["answered"]),
    "control-characters": lambda own, other, note: explain_control(own["asked"], own["answered"]),
    "mixed-languages": _explain_languages,
    "secrets": lambda own, other, note: f"looks like: {name_secrets()[note]}",
    "emails": lambda own, other, note: ", ".join(dict.fromkeys(list_emails(own["asked"], own["answered"]))),
}
