"""Cells: one value of a record as the page is told it, cut where it is long, with what a search found in it.

    {"kind": "text", "text": "Does …", "truncated": false, "characters": 86, "start": 0, "hits": [[5, 9]]}

Texts leave here as data; whoever shows them must never treat them as markup.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from studio.conversation import read_turns
from studio.record import Json, Message, Record
from studio.table.search import Search, Span, count_units, find_hits

CellKind = Literal["text", "json", "number", "boolean", "null", "missing"]

LEAD = 120  # characters before the first hit that a cut text still begins with
CONTEXT = 40
_SEARCHED = 1_000_000  # characters of a value in which hits are looked for
_MOST_HITS = 1_000
_MOST_TURNS = 100
_NO_SEARCH = Search()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a conversation, its role as in the source."""

    role: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value: its text or JSON spelling from character `start` on, cut at its end if `truncated`.

    `characters` is the whole length. `hits` are places in `text`, in UTF-16 units. `turns` are the first of
    the `turns_total` of a conversation, None for any other value.
    """

    kind: CellKind
    text: str
    truncated: bool
    characters: int
    start: int = 0
    hits: Sequence[Span] = ()
    edited: bool = False
    turns: list[Turn] | None = None
    turns_total: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """At most so many characters of each cell, with the hits of a search; `leading` begins near the first."""

    most: int
    search: Search = _NO_SEARCH
    leading: bool = False


def describe_cells(records: Sequence[Record], names: Sequence[str], shown: Shown) -> list[list[Cell]]:
    """The cells of records, those of the columns named, row by row."""
    if not shown.search.text:
        return [[_describe(record, name, (), shown) for name in names] for record in records]
    values = [record.values_by_name.get(name) for record in records for name in names]
    hits = iter(_find_all(values, shown.search))
    return [[_describe(record, name, next(hits), shown) for name in names] for record in records]


def name_kind(spelling: str) -> CellKind:
    """What a JSON spelling that is no string is shown as."""
    if spelling in ("true", "false"):
        return "boolean"
    return "json" if spelling[:1] in ("{", "[", '"') else "number"


def text_of(value: str | Json) -> str:
    """A value as it is shown."""
    return value.spelling if isinstance(value, Json) else value


def _find_all(values: Sequence[str | Json | None], search: Search) -> list[list[Span]]:
    found: list[list[Span]] = [[] for _ in values]
    for spelled in (False, True):
        places = [
            index
            for index, value in enumerate(values)
            if value is not None and isinstance(value, Json) == spelled
        ]
        texts = [text_of(values[index] or "")[:_SEARCHED] for index in places]
        for index, hits in zip(places, find_hits(search, texts, spelled=spelled), strict=True):
            found[index] = hits
    return found


def _describe(record: Record, name: str, hits: Sequence[Span], shown: Shown) -> Cell:
    value = record.values_by_name.get(name)
    if value is None:
        kind: CellKind = "null" if name in record.values_by_name else "missing"
        return Cell(kind=kind, text="", truncated=False, characters=0)
    whole = text_of(value)
    start = max(0, hits[0][0] - CONTEXT) if hits and shown.leading and hits[0][0] > LEAD else 0
    text = whole[start : start + shown.most]
    turns = read_turns(value.spelling) if isinstance(value, Json) else None
    return Cell(
        kind=name_kind(value.spelling) if isinstance(value, Json) else "text",
        text=text,
        truncated=start + len(text) < len(whole),
        characters=len(whole),
        start=start,
        hits=count_units(text, _cut_hits(hits, start, len(text))) if hits else (),
        turns=None if turns is None else _cut_turns(turns, shown.most),
        turns_total=len(turns or ()),
    )


def _cut_hits(hits: Sequence[Span], start: int, length: int) -> list[Span]:
    """The hits in a piece of the text, as places in that piece."""
    moved = ((max(0, first - start), min(length, last - start)) for first, last in hits)
    return [span for span in moved if span[0] < span[1]][:_MOST_HITS]


def _cut_turns(turns: Sequence[Message], most: int) -> list[Turn]:
    """The first turns, of so many characters together; the last of them may be cut."""
    shown: list[Turn] = []
    for turn in turns[:_MOST_TURNS]:
        if most <= 0:
            break
        shown.append(Turn(role=turn.role[:100], text=turn.content[:most]))
        most -= len(turn.content)
    return shown
