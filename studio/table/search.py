"""Search: a text that any column may contain, and where it was found.

    Search("lora", word=True)   finds "LoRA, adapters", not "exploratory"

The text is taken literally, or as a regular expression of polars' engine, whose time is linear in the text;
it is never evaluated. What is marked is what that same engine found.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice

import polars as pl

from studio.errors import TableError
from studio.record import Column
from studio.table.values import express_text

Span = tuple[int, int]

MOST_CHARACTERS = 10_000
MOST_EXPRESSION = 200  # characters of a regular expression
MOST_REPEATS = 1_000  # that the counts of a regular expression may ask for, multiplied

_HALVES = re.compile("[\ud800-\udfff]")
_COUNTS = re.compile(r"\{(\d{1,9})(?:,(\d{0,9}))?\}")
# A line end in a JSON spelling is a backslash and a letter, which is no part of the word after it.
_WORD_START, _SPELLED_END, _WORD_END = r"\b{start-half}", r"\\[bfnrt]", r"\b{end-half}"


@dataclass(frozen=True, slots=True)
class Search:
    """Nothing is looked for when `text` is empty.

    Without `case` letters match in every case, and the four letters i of Turkish are one. A `word` has no
    letter, digit or underscore beside it. As `regex` the text is a regular expression.
    """

    text: str = ""
    case: bool = False
    word: bool = False
    regex: bool = False

    def pattern(self, *, spelled: bool = False) -> str:
        """The search as a regular expression; for values that are `spelled` as JSON it knows the escapes.

        A spelled word is the second group of what is found; otherwise all of it is what was looked for.
        """
        if not self.word:
            return self._flags + self._body(spelled)
        if spelled:
            return f"{self._flags}({_WORD_START}|{_SPELLED_END})((?:{self._body(True)})){_WORD_END}"
        return self._begun_with(_WORD_START, spelled=False)

    def mask(self, column: Column) -> pl.Expr:
        """Whether the column contains the text; never null."""
        texts, spelled = express_text(column), column.type == "json"
        if self.case and not self.word and not self.regex and not spelled:
            return texts.str.contains(self.text, literal=True).fill_null(False)
        if not (self.word and spelled):
            return texts.str.contains(self.pattern(spelled=spelled)).fill_null(False)
        # Two expressions are quicker than one with a choice before the literal that the engine jumps to.
        ways = [self._begun_with(begin, spelled=True) for begin in (_WORD_START, _SPELLED_END)]
        return pl.any_horizontal([texts.str.contains(way).fill_null(False) for way in ways])

    @property
    def _flags(self) -> str:
        return "" if self.case else "(?i)"

    def _begun_with(self, begin: str, *, spelled: bool) -> str:
        return f"{self._flags}{begin}(?:{self._body(spelled)}){_WORD_END}"

    def _body(self, spelled: bool) -> str:
        if self.regex:
            return self.text
        return "".join(_letter_pattern(letter, spelled, self.case) for letter in self.text)

    def check(self) -> None:
        """Raise TableError, in the engine's words, when it does not take the search."""
        if not self.text:
            return
        if len(self.text) > MOST_CHARACTERS:
            raise TableError(
                f"The search has {len(self.text):,} characters.", f"At most {MOST_CHARACTERS:,} are taken."
            )
        if not is_whole(self.text):
            raise TableError("The search holds half a character.", "Write the whole character.")
        if self.regex:
            _check_length(self.text)
            _check_pattern(self.text)
        _check_pattern(self.pattern(spelled=True))


def is_whole(text: str) -> bool:
    """Whether the text has no half of a character, which no stored text has either."""
    return not _HALVES.search(text)


def find_hits(search: Search, texts: Sequence[str], *, spelled: bool = False) -> list[list[Span]]:
    """For each text the places of what was looked for, as (from, to) in characters; none of them is empty."""
    if not search.text or not texts:
        return [[] for _ in texts]
    begin, end = _choose_marks(texts)
    found = "${1}%s${2}%s" if search.word and spelled else "%s${0}%s"
    values = pl.Series(values=list(texts), dtype=pl.String)
    marked = values.str.replace_all(search.pattern(spelled=spelled), found % (begin, end))
    return [_read_marks(text, begin, end) for text in marked]


def highlight(search: Search, texts: Sequence[str], *, spelled: bool = False) -> list[list[Span]]:
    """`find_hits` in the units of a browser's strings (UTF-16)."""
    hits = find_hits(search, texts, spelled=spelled)
    return [count_units(text, spans) for text, spans in zip(texts, hits, strict=True)]


def count_units(text: str, spans: Sequence[Span]) -> list[Span]:
    """Places in characters as places in UTF-16 units."""
    if text.isascii() or not spans:
        return list(spans)
    units = list(accumulate((1 + (c > "\uffff") for c in islice(text, spans[-1][1])), initial=0))
    return [(units[start], units[stop]) for start, stop in spans]


def _choose_marks(texts: Sequence[str]) -> tuple[str, str]:
    """Two characters that stand in none of the texts, of those that stand for nothing."""
    candidates = map(chr, chain(range(0xFDD0, 0xFDF0), range(0xE000, 0xF900), range(0xF0000, 0xFFFFE)))
    begin, end = islice((mark for mark in candidates if not any(mark in text for text in texts)), 2)
    return begin, end


def _read_marks(marked: str, begin: str, end: str) -> list[Span]:
    first, *rest = marked.split(begin)
    hits, position = [], len(first)
    for piece in rest:
        inside, _, after = piece.partition(end)
        if inside:
            hits.append((position, position + len(inside)))
        position += len(inside) + len(after)
    return hits


def _check_length(expression: str) -> None:
    if len(expression) > MOST_EXPRESSION:
        raise TableError(
            f"The expression has {len(expression):,} characters.", f"At most {MOST_EXPRESSION} are taken."
        )
    counts = _COUNTS.findall(expression)
    repeats = math.prod(max(int(least), int(most or 0), 1) for least, most in counts)
    if repeats > MOST_REPEATS:
        raise TableError(
            f"The expression asks for {repeats:,} repeats.", f"At most {MOST_REPEATS:,} are taken."
        )


def _check_pattern(pattern: str) -> None:
    try:
        pl.Series(values=[""], dtype=pl.String).str.contains(pattern)
    except pl.exceptions.PolarsError as error:
        raise TableError(
            f"This is no regular expression: {_engine_words(error)}.",
            "Correct it, or turn regular expressions off to look for the text as it stands.",
        ) from error


def _engine_words(error: Exception) -> str:
    """What the engine says is wrong, without the drawing of where."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if line.startswith("error:")), "".join(lines[-1:]))
    return said.removeprefix("error:").removeprefix("regex error:").strip().rstrip(".")


def _letter_pattern(letter: str, spelled: bool, case: bool) -> str:
    # Case-folding knows i and I only; a Turkish reader looks for İ and ı with the same key.
    literal = "[iıİ]\u0307?" if letter in "iIıİ" and not case else pl.escape_regex(letter)
    if not spelled or (letter.isascii() and letter.isalnum()):
        return literal
    cased = (letter,) if case else (letter, letter.lower(), letter.upper())
    escapes = sorted({json.dumps(one)[1:-1] for one in cased} - {letter})
    # The digits of an escape may be in either case.
    return f"(?:{'|'.join([literal, *(f'(?i:{pl.escape_regex(escape)})' for escape in escapes)])})"
