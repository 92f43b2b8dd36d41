"""Dialect: what parts the cells of a CSV and what quotes them; decided from its name and its header line.

Knows nothing of rows and types.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from studio.errors import ReadError
from studio.reader.lines import BOM
from studio.source import Source

if TYPE_CHECKING:
    from _csv import Reader

_HEAD_BYTES = 64 << 10
_FIELD_CHARACTERS = 2**31 - 1  # rows are bounded where they are gathered


class Named(Protocol):
    """A stream that has a name and can be looked into."""

    name: str
    title: str

    def peek(self, size: int, /) -> bytes:
        """The next `size` bytes, or all that are left."""
        ...


class Dialect(NamedTuple):
    """One character each; `quote` is "" when none is a quote."""

    delimiter: str
    quote: str

    @classmethod
    def of(cls, source: Source) -> "Dialect":
        """What the source says; a comma and the double quote where it says nothing."""
        return cls(source.delimiter or ",", '"' if source.quote is None else source.quote)

    def apply(self, source: Source) -> Source:
        """The source as one that asks for this dialect."""
        return replace(source, delimiter=self.delimiter, quote=self.quote)

    def parse(self, lines: Iterable[str]) -> "Reader":
        """The standard library's strict reader of lines with their ends; its `line_num` counts them."""
        csv.field_size_limit(_FIELD_CHARACTERS)
        quoting: Any = {"quotechar": self.quote} if self.quote else {"quoting": csv.QUOTE_NONE}
        return csv.reader(lines, delimiter=self.delimiter, strict=True, **quoting)


def decide_dialect(stream: Named, source: Source) -> Dialect:
    """The dialect that the source asks for, and where it leaves a choice:

    the delimiter is a tab for a file named .tsv; else a comma if the header line holds one outside of quotes;
    else the one of semicolon, tab and bar that it holds most often; else a comma. The quote is the double
    quote. Raises ReadError when the two are the same.
    """
    dialect = Dialect.of(source)
    if source.delimiter is None:
        tabs = stream.name.lower().endswith(".tsv")
        dialect = Dialect("\t" if tabs else _find_delimiter(stream, dialect.quote), dialect.quote)
    if dialect.delimiter == dialect.quote:
        raise ReadError(
            f"{stream.title} cannot have {dialect.quote!r} both between its cells and around them.",
            "Choose another delimiter, or another quote.",
        )
    return dialect


def _find_delimiter(stream: Named, quote: str) -> str:
    text = stream.peek(_HEAD_BYTES).removeprefix(BOM).decode("utf-8", "replace")
    if quote:
        q = re.escape(quote)
        text = re.sub(rf"(^|[,;\t|]){q}(?:[^{q}]|{q}{q})*(?:{q}|\Z)", r"\1x", text, flags=re.MULTILINE)
    header = next((line for line in text.split("\n") if line.strip()), "")
    found = "," if "," in header else max(";\t|", key=header.count)
    return found if found in header else ","


def is_open(error: csv.Error) -> bool:
    """Whether the lines ended inside of quotes."""
    return str(error).startswith("unexpected end of data")


def describe_fault(error: csv.Error) -> str:
    """The reason in a person's words."""
    if is_open(error):
        return "not CSV: a quote that is never closed"
    if "expected after" in str(error):
        return "not CSV: text after a closing quote"
    if "new-line character" in str(error):
        return "not CSV: a lone carriage return outside of quotes"
    return f"not CSV: {error}"
