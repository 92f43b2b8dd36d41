"""The pass: every record is looked at once, some at a time, and the findings hold row numbers alone.

    scan_records(table, template, rows, also)   →   {"empty-answer": Rows([17, 90]), …}, facts

Of the texts no more than hashes and lengths are held, some 30 bytes a record, besides what was found.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from studio.keys import Rows, normalise_texts
from studio.near import find_near
from studio.quality.answers import express_answers
from studio.quality.kinds import KINDS
from studio.quality.languages import Codes, detect_language, find_mixed
from studio.quality.lengths import measure_spread
from studio.quality.marks import express_control, find_formatted, find_mojibake
from studio.quality.private import find_emails, find_secrets
from studio.quality.texts import Sides, iter_sides, iter_values
from studio.split import number_keys
from studio.table import Table
from studio.template import Template, template_literals

NO_TWIN = np.uint32(0xFFFFFFFF)
RECORD = np.dtype([("row", "<u4"), ("twin", "<u4"), ("similarity", "<f4"), ("note", "<u4")])

Numbers = NDArray[np.int64]
Places = NDArray[np.int64]
Found = NDArray[Any]
"""The records of a finding, of type RECORD, in table order: `twin` is the row that each is compared with, or
NO_TWIN; `note` is of the finding's own."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found of `records` by code; `skipped` says why others of the codes were not looked for.

    `facts` are figures of all records that the words about a finding name.
    """

    records: int
    found: Mapping[str, Found]
    skipped: Mapping[str, str]
    facts: Mapping[str, Any]


def find_skipped(template: Template) -> dict[str, str]:
    """The codes that a template leaves no way to look for, and why."""
    sides = Sides.of(template)
    skipped: dict[str, str] = {}
    if not sides.answered:
        why = "The template does not tell the answer from the rest."
        skipped |= {code: why for code, kind in KINDS.items() if kind.needs_answer}
    elif not sides.asked:
        why = "The prompt reads no column."
        skipped |= dict.fromkeys(("conflicting-answers", "question-in-answer"), why)
    if not template_literals(template):
        skipped["already-formatted"] = (
            "The template adds no marks of its own, so that none can be there twice."
        )
    return skipped


def scan_records(
    table: Table,
    template: Template,
    rows: Rows | None,
    also: Iterable[str] = (),
    progress: Progress | None = None,
) -> Findings:
    """Look at the records at `rows` (None: all) for everything that is not optional, and for `also`.

    `progress` is called with the records looked at and all of them.
    """
    asked = set(also)
    skipped = find_skipped(template)
    wanted = [code for code, kind in KINDS.items() if code not in skipped and kind.optional in {"", *asked}]
    places = np.arange(len(table), dtype=np.uint32) if rows is None else rows
    scan = _Scan(wanted=frozenset(wanted))
    near = "near-duplicates" in wanted
    total = len(places) * (2 if near else 1)
    done = 0
    for texts in iter_sides(table, template, rows):
        scan.add(texts, done)
        done += texts.height
        if progress:
            progress(done, total)
    found = scan.finish(places) if len(places) else {code: np.empty(0, RECORD) for code in wanted}
    if near and len(places):
        known = found["exact-duplicates"]["row"]
        found["near-duplicates"] = _find_near(table, template, places, known, progress)
    return Findings(
        records=len(places),
        found={code: found[code] for code in wanted},
        skipped=skipped,
        facts=scan.facts,
    )


@dataclass(slots=True, kw_only=True)
class _Scan:
    """What is known of the records so far; places count the records that are looked at."""

    wanted: frozenset[str]
    single: dict[str, list[tuple[NDArray[np.uint32], NDArray[np.uint32]]]] = field(default_factory=dict)
    wholes: list[pl.Series] = field(default_factory=list)
    prompts: list[pl.Series] = field(default_factory=list)
    answers: list[pl.Series] = field(default_factory=list)
    told: list[NDArray[np.bool_]] = field(default_factory=list)
    lengths: list[NDArray[np.uint32]] = field(default_factory=list)
    languages: list[tuple[Codes, Codes]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, texts: pl.DataFrame, start: int) -> None:
        """Look at a batch, whose first record is the `start`-th."""
        texts = texts.with_columns(
            normalise_texts(texts["question"]).alias("normal_question"),
            normalise_texts(texts["answered"]).alias("normal_answer"),
        )
        signs = {"control-characters": express_control(), **express_answers()}
        flags = texts.select(**{code: sign for code, sign in signs.items() if code in self.wanted})
        for code in flags.columns:
            self._note(code, start, flags[code].arg_true().to_numpy())
        for code, find in _FINDERS.items():
            if code in self.wanted:
                self._note(code, start, *find(texts))
        self._measure(texts)

    def finish(self, rows: Rows) -> dict[str, Found]:
        """The findings; `rows` are those of the places."""
        found = {code: _join(rows, parts) for code, parts in self.single.items()}
        found |= {code: _join(rows, []) for code in self.wanted if code not in found}
        found |= self._find_twins(rows)
        if self.lengths:
            found |= self._find_lengths(rows)
        if self.languages:
            found["mixed-languages"] = self._find_mixed(rows)
        return found

    def _note(
        self, code: str, start: int, places: NDArray[np.uint32], notes: NDArray[np.uint32] | None = None
    ) -> None:
        if len(places):
            notes = np.zeros(len(places), np.uint32) if notes is None else notes
            self.single.setdefault(code, []).append((places.astype(np.uint32) + np.uint32(start), notes))

    def _measure(self, texts: pl.DataFrame) -> None:
        self.wholes.append(texts["whole"].hash())
        if "conflicting-answers" in self.wanted:
            same = texts["asked"].equals(texts["question"])
            asked = texts["normal_question"] if same else normalise_texts(texts["asked"])
            self.prompts.append(asked.hash())
            self.answers.append(texts["normal_answer"].hash())
            self.told.append(((asked != "") & (texts["normal_answer"] != "")).to_numpy())
        if "long-answer" in self.wanted:
            characters = texts["answered"].str.len_chars()
            blank = texts["normal_answer"] == ""
            self.lengths.append(characters.set(blank, 0).to_numpy())
        if "mixed-languages" in self.wanted:
            self.languages.append((_detect_each(texts["asked"]), _detect_each(texts["answered"])))

    def _find_twins(self, rows: Rows) -> dict[str, Found]:
        found = {"exact-duplicates": _find_repeated(rows, number_keys(self.wholes))}
        if "conflicting-answers" in self.wanted:
            prompts, answers = number_keys(self.prompts), number_keys(self.answers)
            told = np.flatnonzero(np.concatenate(self.told))
            found["conflicting-answers"] = _find_conflicts(rows, told, prompts[told], answers[told])
        return found

    def _find_lengths(self, rows: Rows) -> dict[str, Found]:
        lengths = np.concatenate(self.lengths)
        spread = measure_spread(lengths)
        if spread is None:
            return {}
        self.facts |= {"median": spread.median, "low": spread.low, "high": spread.high}
        there = lengths > 0
        far = {"long-answer": lengths > spread.high, "short-answer": there & (lengths < spread.low)}
        return {
            code: _describe(rows, np.flatnonzero(mask), notes=lengths[mask]) for code, mask in far.items()
        }

    def _find_mixed(self, rows: Rows) -> Found:
        asked, answered = map(np.concatenate, zip(*self.languages, strict=True))
        mixed, most_asked, most_answered = find_mixed(asked, answered)
        untold = int(((asked == 0) & (answered == 0)).sum())
        self.facts |= {"languages": [most_asked, most_answered], "untold": untold}
        notes = asked[mixed].astype(np.uint32) << 8 | answered[mixed]
        return _describe(rows, np.flatnonzero(mixed), notes=notes)


_FINDERS: Mapping[str, Callable[[pl.DataFrame], tuple[NDArray[np.uint32], ...]]] = {
    "already-formatted": lambda texts: (find_formatted(texts),),
    "mojibake": lambda texts: (find_mojibake(texts),),
    "secrets": find_secrets,
    "emails": lambda texts: (find_emails(texts),),
}


def _find_repeated(rows: Rows, numbers: Numbers) -> Found:
    firsts = _first_places(numbers)
    later = np.flatnonzero(firsts != np.arange(len(numbers)))
    return _describe(rows, later, twins=firsts[later], similarity=1.0)


def _find_conflicts(rows: Rows, told: Places, prompts: Numbers, answers: Numbers) -> Found:
    """Those whose prompt stands earlier with another answer; each is compared with the first of its prompt.

    `told` are the places of the records that ask and answer anything, to which the numbers belong.
    """
    firsts = _first_places(prompts)
    other = np.flatnonzero(answers != answers[firsts])
    return _describe(rows, told[other], twins=told[firsts[other]])


def _first_places(numbers: Numbers) -> Places:
    """For each place the first one of its number."""
    _, firsts, which = np.unique(numbers, return_index=True, return_inverse=True)
    return firsts[which]


def _detect_each(texts: pl.Series) -> Codes:
    return np.fromiter(map(detect_language, texts), np.uint8, len(texts))


def _join(rows: Rows, parts: list[tuple[NDArray[np.uint32], NDArray[np.uint32]]]) -> Found:
    if not parts:
        return np.empty(0, RECORD)
    places, notes = (np.concatenate(one) for one in zip(*parts, strict=True))
    return _describe(rows, places, notes=notes)


def _find_near(table: Table, template: Template, rows: Rows, known: Rows, progress: Progress | None) -> Found:
    """Those nearly like an earlier one, but not `known` to be the very same; each with the nearest."""

    def tell(done: int) -> None:
        if progress:
            progress(len(rows) + done, 2 * len(rows))

    pairs = find_near(iter_values(table, template, rows), progress=tell).pairs
    order = np.lexsort((pairs.twins, -pairs.similarity, pairs.places))
    later, nearest = np.unique(pairs.places[order], return_index=True)
    found = order[nearest]
    other = ~np.isin(rows[later], known)
    return _describe(
        rows,
        later[other],
        twins=pairs.twins[found][other],
        similarity=pairs.similarity[found][other].astype(np.float32),
    )


def _describe(
    rows: Rows,
    places: NDArray[Any],
    *,
    twins: NDArray[np.int64] | None = None,
    similarity: float | NDArray[np.float32] = np.nan,
    notes: NDArray[np.uint32] | int = 0,
) -> Found:
    found = np.empty(len(places), RECORD)
    found["row"] = rows[places]
    found["twin"] = NO_TWIN if twins is None else rows[twins]
    found["similarity"] = similarity
    found["note"] = notes
    return found
