"""Changes: what a person took out of a table or put right in it, by row; the stored records stay as they are.

    Changes(edits={90: {"answer": "It is a way to fine-tune."}}, excluded=(17, 18))

An edited value stands in the place of the stored one wherever the table is read, exact in the column's own
type. Knows nothing of sources, hashes or recipes.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from types import MappingProxyType
from typing import Any, TypeVar

import polars as pl
from polars import selectors as cs

from studio.errors import TableError
from studio.record import Column
from studio.table.columns import DTYPES, Bookkeeping

_DEPTH = 200
_SHOWN = 40
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"|([\[\]{}])', re.DOTALL)
_WANTED = {
    "integer": ("whole numbers", "Write a whole number such as 12, or null."),
    "float": ("decimal numbers", "Write a decimal number such as 2.5, or null."),
    "boolean": ("true and false", "Write true, false, or null."),
}

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """`edits` is row → column → value: the text of a text column, the JSON spelling of any other, or None.

    `excluded` are the rows that later stages leave out, in ascending order.
    """

    edits: Mapping[int, Mapping[str, str | None]] = field(default_factory=lambda: MappingProxyType({}))
    excluded: tuple[int, ...] = ()

    @property
    def cells(self) -> int:
        """How many values are edited."""
        return sum(map(len, self.edits.values()))

    @property
    def words(self) -> str:
        """Such as "12 excluded, 3 edited"; empty where nothing is."""
        counts = {"excluded": len(self.excluded), "edited": self.cells}
        return ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)


NO_CHANGES = Changes()


def fit_changes(changes: Changes, columns: Sequence[Column], records: int, name: str) -> Changes:
    """The changes as a table of so many records keeps them: in order, each value in its column's spelling.

    Raises TableError for a row or a column that is not there, and for a value that does not fit its column.
    """
    known = {column.name: column for column in columns}
    for row in (*changes.edits, *changes.excluded):
        if not 0 <= row < records:
            raise TableError(f"{name} has no row {row}.", f"Rows are 0 to {records - 1}.")
    edits = {}
    for row in sorted(changes.edits):
        cells = changes.edits[row]
        for column in cells:
            if column not in known:
                raise TableError(
                    f"{name} has no column {column}.", f"Columns are: {', '.join(known)}."[: _SHOWN * 50]
                )
        edits[row] = {column: fit_value(known[column], value) for column, value in cells.items()}
    return Changes(
        edits={row: cells for row, cells in edits.items() if cells}, excluded=_sort(changes.excluded)
    )


def fit_value(column: Column, value: str | None) -> str | None:
    """The value in the spelling in which the column keeps it; None for null, which may stand in any column.

    Raises TableError when it is no value of the column's type, which no edit changes.
    """
    if value is None:
        return None
    if column.type == "text":
        return _refuse_surrogates(value, column)
    spelling = value.strip(" \t\n\r")
    if spelling == "null":
        return None
    if column.type == "json":
        return _fit_json(spelling, column)
    if _keeps(spelling, column):
        return spelling
    kind, hint = _WANTED[column.type]
    raise TableError(
        f"{_cut(value)} does not fit the column {column.name}: its values are {kind}.",
        _propose(spelling, column) or hint,
    )


def apply_edits(
    frame: Frame, start: int, stop: int, changes: Changes, columns: Sequence[Column], bookkeeping: Bookkeeping
) -> Frame:
    """The rows `start` to `stop` of a table with the edited values; one that was missing is there.

    `frame` has the columns of the table and its bookkeeping, in this order, and keeps them.
    """
    cells = _gather(changes.edits, start, stop)
    if not cells:
        return frame
    index = _name_index({*(column.name for column in columns), *bookkeeping.names})
    at = pl.col(index)
    edited = [_express_values(column, cells[column.name], at) for column in columns if column.name in cells]
    missing = cs.by_name(bookkeeping.missing).as_expr()
    for number, column in enumerate(columns):
        if column.name in cells and column.missing:
            there = missing.list.eval(pl.element().filter(pl.element() != number))
            missing = pl.when(at.is_in(list(cells[column.name]))).then(there).otherwise(missing)
    edited.append(missing.alias(bookkeeping.missing))
    return frame.with_row_index(index, offset=start).with_columns(edited).drop(index)


def _gather(
    edits: Mapping[int, Mapping[str, str | None]], start: int, stop: int
) -> dict[str, dict[int, str | None]]:
    """Column → row → value of the edits within the rows."""
    rows: Iterator[int] = (row for row in edits if start <= row < stop)
    if stop - start < len(edits):
        rows = (row for row in range(start, stop) if row in edits)
    found: dict[str, dict[int, str | None]] = defaultdict(dict)
    for row in rows:
        for name, value in edits[row].items():
            found[name][row] = value
    return found


def _express_values(column: Column, values: Mapping[int, str | None], at: pl.Expr) -> pl.Expr:
    rows, dtype = list(values), DTYPES[column.type]
    spelled = pl.Series(values=list(values.values()), dtype=pl.String)
    native = spelled == "true" if column.type == "boolean" else spelled.cast(dtype)
    new = at.replace_strict(rows, native, default=None, return_dtype=dtype)
    return pl.when(at.is_in(rows)).then(new).otherwise(cs.by_name(column.name).as_expr()).alias(column.name)


def _name_index(taken: set[str]) -> str:
    name = "_row"
    while name in taken:
        name = "_" + name
    return name


def _sort(rows: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(rows)))


def _keeps(spelling: str, column: Column) -> bool:
    """Whether the spelling comes back from the column's native type as it is."""
    if column.type == "boolean":
        return spelling in ("true", "false")
    if not _NUMBER.fullmatch(spelling):
        return False
    return _respell(spelling, column) == spelling


def _respell(spelling: str, column: Column) -> str | None:
    native = pl.Series(values=[spelling], dtype=pl.String).cast(DTYPES[column.type], strict=False)
    text: str | None = native.cast(pl.String)[0]
    return text


def _propose(spelling: str, column: Column) -> str | None:
    """How a number would have to be written that is only written in another way."""
    if column.type == "boolean" or not _NUMBER.fullmatch(spelling):
        return None
    text = _respell(spelling, column)
    if text is None or not _NUMBER.fullmatch(text) or float(text) != float(spelling):
        return None
    return f"Write {text}, which is how this column keeps it."


def _fit_json(spelling: str, column: Column) -> str:
    _refuse_surrogates(spelling, column)
    try:
        value = json.loads(
            spelling,
            object_pairs_hook=_refuse_twins,
            parse_constant=_refuse_constant,
            parse_int=str,
            parse_float=str,
        )
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        said = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise TableError(
            f"{_cut(spelling)} does not fit the column {column.name}, whose values are JSON: {said}.",
            'Write a JSON value: a text in quotes as "text", a number, a list, an object, or null.',
        ) from error
    if _measure_depth(spelling) > _DEPTH:
        raise TableError(f"This value is nested deeper than {_DEPTH}.", "Write it with fewer levels.")
    if spelling.startswith('"'):
        return json.dumps(value, ensure_ascii=False)  # as the store spells a text among other values
    # Line ends stand only between values there, and would break a line of JSON Lines in two.
    return spelling.replace("\r", " ").replace("\n", " ")


def _measure_depth(spelling: str) -> int:
    brackets = (found[1] for found in _STRING_OR_BRACKET.finditer(spelling) if found[1])
    return max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0)


def _refuse_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError(f"the key {name!r:.60} stands twice")
        fields[name] = value
    return fields


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _refuse_surrogates(text: str, column: Column) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TableError(
            f"The value for the column {column.name} holds half a character (character {error.start + 1}).",
            "Write the whole character.",
        ) from error
    return text


def _cut(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")
