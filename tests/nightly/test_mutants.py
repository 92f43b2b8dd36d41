"""Mutation fuzz: whatever is done to a file's bytes, nothing crashes and no line that was left alone is lost.

STUDIO_MUTANTS=100000 pytest -m nightly tests/nightly/test_mutants.py
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import pytest

from studio.errors import StudioError
from studio.reader import read_source
from studio.reader.opening import Opened
from studio.settings import Settings
from studio.source import Source
from studio.table import Table
from tests.nightly.mutants import Mutant, make_mutant
from tests.nightly.oracle import Verdict, decode_cell, judge_mutant

FEW = 100
PIECES = [1 << 20, 1 << 20, 64, 7, 1]
MANY = int(os.environ.get("STUDIO_MUTANTS", 20_000))


@dataclass(slots=True)
class Tally:
    """What came of the mutants; the findings name the mutant by its number."""

    mutants: int = 0
    refused: int = 0
    unjudged: int = 0
    unaffected: int = 0
    crashes: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.mutants:,} mutants, {len(self.crashes)} crashes, {len(self.lost)} unaffected lines lost "
            f"(of {self.unaffected:,}), {len(self.unexplained)} disagreements with the standard library; "
            f"{self.refused:,} refused in words, {self.unjudged:,} not judged"
        )


def test_a_few_mutants_are_read_without_a_loss(capsys: pytest.CaptureFixture[str]) -> None:
    _check(range(FEW), capsys)


@pytest.mark.nightly
def test_many_mutants_are_read_without_a_loss(capsys: pytest.CaptureFixture[str]) -> None:
    _check(range(MANY), capsys)


def _check(numbers: Iterable[int], capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            _try_mutant(number, Path(folder), tally)
    with capsys.disabled():
        print(f"\n{tally}", end="")
    assert tally.unaffected > tally.mutants, "the mutants leave nothing alone, so that nothing is shown"
    assert tally.crashes[:5] == []
    assert tally.lost[:5] == []
    assert tally.unexplained[:5] == []


def _try_mutant(number: int, folder: Path, tally: Tally) -> None:
    mutant = make_mutant(number)
    verdict = judge_mutant(mutant)
    tally.mutants += 1
    tally.unjudged += verdict is None
    tally.unaffected += len(verdict.unaffected) if verdict else 0
    try:
        table = _read(mutant, folder, number)
    except StudioError as error:
        tally.refused += 1
        if verdict and verdict.records:
            tally.lost += [f"{_name(number, mutant)}: {error.message}"] * len(verdict.records)
    except Exception as error:  # anything else is the bug that is looked for
        tally.crashes.append(f"{_name(number, mutant)}: {error!r}")
    else:
        _compare(number, mutant, table, verdict, tally)


def _read(mutant: Mutant, folder: Path, number: int) -> Table:
    path = folder / f"mutant{mutant.case.suffix}"
    path.write_bytes(mutant.content)
    with _pieces_of(PIECES[number % len(PIECES)]):
        return read_source(Source(path=str(path)), folder / str(number), Settings(workspace=folder))


@contextmanager
def _pieces_of(most: int) -> Iterator[None]:
    """Small files come in one read; with fewer bytes at a time they are cut as large ones are."""
    whole = Opened.read
    with mock.patch.object(Opened, "read", lambda opened, size: whole(opened, min(size, most))):
        yield


def _compare(number: int, mutant: Mutant, table: Table, verdict: Verdict | None, tally: Tally) -> None:
    found = {record.line: dict(record) for record in table.page(limit=len(table)).rows}
    bad = [entry.line for entry in table.quarantine()]
    name = _name(number, mutant)
    counts = table.counts
    if (counts.accepted, counts.quarantined) != (len(found), len(bad)):
        tally.unexplained.append(f"{name}: {counts}, but {len(found)} records and {len(bad)} bad lines")
    if verdict is None:
        return
    for line, values in verdict.unaffected.items():
        if found.get(line) != values:
            tally.lost.append(f"{name}: line {line} is {found.get(line)}")
    tally.unexplained += (f"{name}: {what}" for what in _disagreements(found, bad, counts.blank, verdict))


def _disagreements(found: dict, bad: list[int], blank: int, verdict: Verdict) -> Iterator[str]:
    plain = {line: {name: decode_cell(cell) for name, cell in row.items()} for line, row in found.items()}
    for line in sorted(plain.keys() | verdict.records.keys()):
        if plain.get(line) != verdict.records.get(line):
            yield f"line {line} is {plain.get(line)}, but should be {verdict.records.get(line)}"
    if bad != list(verdict.bad):
        yield f"lines {bad} are quarantined, but {verdict.bad} should be"
    if blank != verdict.blank:
        yield f"{blank} lines are blank, but {verdict.blank} should be"


def _name(number: int, mutant: Mutant) -> str:
    return f"mutant {number} of {mutant.case.name}{mutant.case.suffix} {mutant.content[:300]!r}"
