"""The overlay of a recipe: changes by line number and content hash, and the rows of a table that they mean.

    Exclusion(line=17, hash="fcde2b2edba56bf4")   ↔   row 15, as two lines above it are in quarantine

The hash of a record is the first 16 hex digits of SHA-256 of its source line where a plain file of this
machine keeps it, else of its spelling as a line of JSON. Knows nothing of YAML, nor where changes are kept.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from studio.errors import RecipeError, TableError
from studio.reader.raw import read_lines, spell_record
from studio.record import Column, Edit, Exclusion
from studio.settings import Settings
from studio.table import NO_CHANGES, Changes, Table
from studio.table.changes import fit_value

HASH_DIGITS = 16
_NAMED = 5
_AT_ONCE = 256

Named = TypeVar("Named", Edit, Exclusion)

Address = tuple[str, int]
"""A file's name, empty where the source is a single file, and a line in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Edits and exclusions that a table has the records for, by row, in table order."""

    edits: tuple[tuple[int, Edit], ...] = ()
    exclusions: tuple[tuple[int, Exclusion], ...] = ()

    def to_changes(self) -> Changes:
        """The same as a table takes them."""
        edits: dict[int, dict[str, str | None]] = defaultdict(dict)
        for row, edit in self.edits:
            edits[row][edit.column] = edit.value
        return Changes(edits=dict(edits), excluded=tuple(row for row, _ in self.exclusions))


def name_rows(table: Table, rows: Sequence[int], settings: Settings) -> list[Exclusion]:
    """Line, hash and file of records, by ascending row; the file is empty where there is only one.

    Raises SourceError when the source has changed since it was read.
    """
    single = len(table.files) == 1
    return [
        Exclusion(line=place.line, hash=found, file="" if single else table.files[place.file].name)
        for place, found in zip(table.places(rows), hash_rows(table, rows, settings), strict=True)
    ]


def hash_rows(table: Table, rows: Sequence[int], settings: Settings) -> list[str]:
    """The hashes of records, by ascending row. Raises SourceError when the source has changed."""
    lines = list(map(_hash_line, read_lines(table, rows, settings)))
    spelled = _hash_spelled(table, [row for row, own in zip(rows, lines, strict=True) if own is None])
    return [own or spelled[row] for row, own in zip(rows, lines, strict=True)]


def hash_bytes(data: bytes) -> str:
    """The hash by which a record is known."""
    return hashlib.sha256(data).hexdigest()[:HASH_DIGITS]


def find_rows(table: Table, addresses: Iterable[Address]) -> dict[Address, int]:
    """The rows of the records at these lines; a line without a record is absent."""
    numbers = {file.name: number for number, file in reversed(list(enumerate(table.files)))} | {"": 0}
    wanted: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for file, line in addresses:
        if file in numbers:
            wanted[numbers[file]][line].append(file)
    rows: dict[Address, int] = {}
    start = 0
    for places in table.iter_places() if wanted else ():
        files, lines = places["file"].to_numpy(), places["line"].to_numpy()
        for number, asked in wanted.items():
            for at in np.flatnonzero((files == number) & np.isin(lines, np.array(list(asked), np.uint64))):
                line = int(lines[at])
                rows |= {(file, line): start + int(at) for file in asked[line]}
        start += len(places)
    return rows


def place_overlay(table: Table, edits: Sequence[Edit], exclusions: Sequence[Exclusion]) -> Placed:
    """What the table has a record and a column for; the rest is passed over, and no hash is looked at."""
    rows = find_rows(table, {*map(_address, edits), *map(_address, exclusions)})
    columns = {column.name: column for column in table.columns}
    order = {name: number for number, name in enumerate(columns)}
    fitting = sorted((one for one in edits if _fits(columns, one)), key=lambda one: order[one.column])
    return Placed(edits=_sort(rows, fitting), exclusions=_sort(rows, exclusions))


def resolve_overlay(
    table: Table, edits: Sequence[Edit], exclusions: Sequence[Exclusion], settings: Settings
) -> Changes:
    """The changes by row, each record being the one that the recipe means.

    Raises RecipeError that names the lines where no record is, or another, or whose edit does not fit.
    """
    if not edits and not exclusions:
        return NO_CHANGES
    named: list[Edit | Exclusion] = [*edits, *exclusions]
    rows = find_rows(table, {_address(one) for one in named})
    problems = [*_find_absent(rows, named), *_find_others(table, rows, named, settings)]
    problems += [*_find_twice(named), *_find_unfit(table, rows, edits)]
    if problems:
        more = f"; and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
        raise RecipeError(
            f"The overlay does not fit {table.name}: {'; '.join(problems[:_NAMED])}{more}.",
            "Give the file that the recipe was made with, or take these lines out of its overlay.",
        )
    return place_overlay(table, edits, exclusions).to_changes()


def find_same(
    table: Table, named: Sequence[Edit | Exclusion], settings: Settings
) -> set[tuple[Address, str]]:
    """The address and hash of those named for which the table has the very record.

    A line that was read over the network or from a packed file was known by its spelling, and may stand in a
    plain file now.
    """
    rows = find_rows(table, {_address(one) for one in named})
    there = sorted(set(rows.values()))
    own = dict(zip(there, hash_rows(table, there, settings), strict=True))
    asked = [(_address(one), one.hash) for one in named if _address(one) in rows]
    doubtful = sorted({rows[address] for address, known in asked if known != own[rows[address]]})
    spelled = _hash_spelled(table, doubtful)
    return {
        (address, known)
        for address, known in asked
        if known in (own[rows[address]], spelled.get(rows[address]))
    }


def _find_absent(rows: Mapping[Address, int], named: Iterable[Edit | Exclusion]) -> Iterator[str]:
    for address in dict.fromkeys(_address(one) for one in named):
        if address not in rows:
            yield f"{_say(address)} holds no record"


def _find_others(
    table: Table, rows: Mapping[Address, int], named: Sequence[Edit | Exclusion], settings: Settings
) -> Iterator[str]:
    there = [one for one in named if _address(one) in rows]
    same = find_same(table, there, settings)
    for address, known in dict.fromkeys((_address(one), one.hash) for one in there):
        if (address, known) not in same:
            yield f"{_say(address)} is another record than the one with the hash {known}"


def _find_twice(named: Iterable[Edit | Exclusion]) -> Iterator[str]:
    times = Counter((_address(one), one.column if isinstance(one, Edit) else None) for one in named)
    for (address, column), count in times.items():
        if count > 1:
            what = "is excluded" if column is None else f"edits {column}"
            yield f"{_say(address)} {what} twice"


def _find_unfit(table: Table, rows: Mapping[Address, int], edits: Sequence[Edit]) -> Iterator[str]:
    columns = {column.name: column for column in table.columns}
    for edit in edits:
        address = (edit.file, edit.line)
        if address not in rows:
            continue
        if edit.column not in columns:
            yield f"{_say(address)} edits the column {edit.column}, which is not there"
            continue
        try:
            fit_value(columns[edit.column], edit.value)
        except TableError as error:
            yield f"{_say(address)}: {error.message.rstrip('.')}"


def _hash_line(line: bytes | None) -> str | None:
    return None if line is None else hash_bytes(line)


def _hash_spelled(table: Table, rows: Sequence[int]) -> dict[int, str]:
    """The hashes of the spellings of records as they were stored."""
    stored = replace(table, changes=NO_CHANGES)
    return {
        record.row: hash_bytes(spell_record(record))
        for start in range(0, len(rows), _AT_ONCE)
        for record in stored.take(rows[start : start + _AT_ONCE])
    }


def _fits(columns: Mapping[str, Column], edit: Edit) -> bool:
    try:
        fit_value(columns[edit.column], edit.value)
    except (KeyError, TableError):
        return False
    return True


def _sort(rows: Mapping[Address, int], named: Iterable[Named]) -> tuple[tuple[int, Named], ...]:
    placed = [(rows[_address(one)], one) for one in named if _address(one) in rows]
    return tuple(sorted(placed, key=lambda one: one[0]))


def _address(one: Edit | Exclusion) -> Address:
    return one.file, one.line


def _say(address: Address) -> str:
    file, line = address
    return f"line {line} of {file}" if file else f"line {line}"
