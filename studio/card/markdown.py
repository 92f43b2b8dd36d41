"""Text of unknown origin inside Markdown.

escape_text("a|b\\n<i>")   →   a\\|b \\<i\\>
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

_MARKS = re.compile(r"[\\`*_{}\[\]<>()#|~&@!$]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_AT_START = re.compile(r"^(\d*)([-+=.)])")  # a list, a rule or the underline of a heading
_UNSEEN = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
_TICKS = re.compile("`+")
_NUMBER = re.compile(r"[+-]?[\d,.]+( \[[+-][\d.]+, [+-][\d.]+\])?")
_NO_CODE = re.compile(r"[`|\\\n\r]")


def plain_text(text: str) -> str:
    """One line without control and formatting characters: they become spaces, which are never doubled."""
    seen = "".join(" " if unicodedata.category(letter) in _UNSEEN else letter for letter in text)
    return " ".join(seen.split())


def escape_text(text: str) -> str:
    """Text that shows as it is, on one line: no markup, link, table cell or HTML begins in it."""
    return _AT_START.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", plain_text(text)))


def fence_text(text: str, language: str = "") -> str:
    """A block of code whose fence is longer than any row of backticks in it."""
    longest = max((len(found) for found in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.removesuffix(chr(10))}\n{fence}"


def tabulate(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table; what stands in backticks is code, and all else shows as it is."""
    lines = [head, ["---"] * len(head), *([_cell(str(value)) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell(text: str) -> str:
    code = len(text) > 2 and text[0] == text[-1] == "`" and not _NO_CODE.search(text[1:-1])
    return text if code or _NUMBER.fullmatch(text) else escape_text(text)
