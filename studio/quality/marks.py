"""Characters that should not be there: marks of a template, mojibake, control characters.

    "caf\\u00c3\\u00a9"                →   mojibake: “Ã©” stands for “é”
    "### Response:\\nIt is a way …"  →   already-formatted: holds ### Response:

What takes Python's own regular expressions is tried on the few texts alone that a linear-time expression,
which lets none of them through, has left over.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from studio.shapes.formatted import ANY_MARK, find_marks

Places = NDArray[np.uint32]

CONTROL = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u{202a}-\u{202e}\u{2066}-\u{2069}\u{feff}\u{fff9}-\u{fffb}"
    r"\u{fffe}\u{ffff}]"
)
"""C0 but for tab, line feed and carriage return; DEL; C1; direction overrides; marks within text."""

_MOST = 20_000  # characters of a text in which mojibake is looked for
_LOST = "\ufffd"


def express_control() -> pl.Expr:
    """Whether a text holds a control character; never null."""
    return _either(lambda text: text.str.contains(CONTROL))


def explain_control(*texts: str) -> str:
    """Which, and where the first stands."""
    for text in texts:
        for place, char in enumerate(text, 1):
            if _is_control(char):
                return f"U+{ord(char):04X}{_name(char)} at character {place:,}"
    return ""


def _is_control(char: str) -> bool:
    kind = unicodedata.category(char)
    return (kind == "Cc" and char not in "\t\n\r") or char in _OTHER_CONTROL


_OTHER_CONTROL = (
    "".join(
        chr(code)
        for span in ((0x202A, 0x202F), (0x2066, 0x206A), (0xFEFF, 0xFF00), (0xFFF9, 0xFFFC))
        for code in range(*span)
    )
    + "\ufffe\uffff"
)


def _name(char: str) -> str:
    name = unicodedata.name(char, "").lower()
    return f" ({name})" if name else ""


def find_formatted(texts: pl.DataFrame) -> Places:
    """The places of the records of a batch that hold the marks of a template."""
    return _confirm(texts, ANY_MARK, lambda text: bool(find_marks(text)))


def explain_formatted(*texts: str) -> str:
    """The marks."""
    marks = next(filter(None, map(find_marks, texts)), ())
    return f"holds {' and '.join(marks)}"


def find_mojibake(texts: pl.DataFrame) -> Places:
    """The places of the records of a batch that hold text which was decoded wrongly."""
    return _confirm(texts, _mojibake_pattern(), is_mojibake)


def is_mojibake(text: str) -> bool:
    """Whether a text holds the sign for lost bytes, or characters that ftfy finds bad and can put right."""
    from ftfy import fix_encoding
    from ftfy.badness import is_bad

    text = text[:_MOST]
    return _LOST in text or (is_bad(text) and fix_encoding(text) != text)


def explain_mojibake(*texts: str) -> str:
    """What stands there, and for what; or that bytes were lost."""
    from ftfy import fix_encoding
    from ftfy.badness import BADNESS_RE

    text = next(filter(is_mojibake, texts), "")[:_MOST]
    bad = BADNESS_RE.search(text)
    if bad is None or _LOST in text:
        return "holds � where bytes were lost"
    words = [word for word in text.split() if BADNESS_RE.search(word) and fix_encoding(word) != word]
    if not words:
        return f"holds “{text[max(0, bad.start() - 5) : bad.end() + 5]}”"
    return f"“{words[0][:40]}” stands for “{fix_encoding(words[0])[:40]}”"


@cache
def _mojibake_pattern() -> str:
    """ftfy's pattern as polars takes it: without blanks and remarks, the signs in a class escaped."""
    from ftfy.badness import BADNESS_RE

    pieces = re.findall(r"\[[^\]]*\]|\\.|#[^\n]*|\s+|.", BADNESS_RE.pattern, re.DOTALL)
    kept = [piece for piece in pieces if not piece.isspace() and not piece.startswith("#")]
    return "".join(["(?:", *(_escape_class(piece) for piece in kept), f")|{_LOST}"])


def _escape_class(piece: str) -> str:
    if not piece.startswith("["):
        return piece
    return "[" + re.sub(r"([&~\[])", r"\\\1", piece[1:-1]) + "]"


def _confirm(texts: pl.DataFrame, pattern: str, holds: Callable[[str], bool]) -> Places:
    maybe = texts.select(_either(lambda text: text.str.contains(pattern))).to_series().arg_true()
    pairs = texts.select("asked", "answered")[maybe].iter_rows()
    found = [place for place, pair in zip(maybe, pairs, strict=True) if any(map(holds, pair))]
    return np.array(found, np.uint32)


def _either(say: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    return say(pl.col("asked")) | say(pl.col("answered"))
