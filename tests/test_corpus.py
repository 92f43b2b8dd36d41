"""Our reader over the fault corpus: nothing is changed, nothing is lost, every bad line is told.

The truth of every file stands in `tests/corpus`, written by hand; here it is only compared.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.errors import StudioError
from studio.reader import read_source
from studio.settings import Limits, Settings
from studio.source import parse_source
from studio.table import Table
from tests.corpus import CASES, JSONL, PARQUET, Case
from tests.corpus.comparing import list_changes

Outcome = Table | StudioError
Outcomes = Callable[[Case], Outcome]
Tables = list[tuple[Case, Table]]

EVERY = [pytest.param(case, id=f"{kind}: {case.name}") for kind, cases in CASES.items() for case in cases]
LOADED = [param for param in EVERY if not param.values[0].refused]
WITH_LINES = [case for case in JSONL if not case.refused and case.suffix == ".jsonl"]
FLOORS = {"JSONL": 62, "CSV": 24, "Parquet": 11}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    """What our reader makes of a case; each is read once."""
    known: dict[int, Outcome] = {}

    def read(case: Case) -> Outcome:
        if id(case) not in known:
            known[id(case)] = _read(case, tmp_path_factory.mktemp("case"))
        return known[id(case)]

    return read


@pytest.fixture
def tables(outcomes: Outcomes) -> Tables:
    """Every case that is not to be refused, with its table."""
    return [(case, _load(case, outcomes)) for cases in CASES.values() for case in cases if not case.refused]


def _read(case: Case, folder: Path) -> Outcome:
    settings = Settings(workspace=folder, limits=Limits(**case.limits))
    try:
        return read_source(parse_source(str(case.write(folder))), folder / "table", settings)
    except StudioError as error:
        assert not (folder / "table").exists(), "a refused file left a table behind"
        return error


def _load(case: Case, outcomes: Outcomes) -> Table:
    outcome = outcomes(case)
    assert isinstance(outcome, Table), f"{case.name}: refused: {outcome}"
    return outcome


@pytest.mark.parametrize("case", [param for param in EVERY if param.values[0].refused])
def test_what_holds_no_record_is_refused_in_words(case: Case, outcomes: Outcomes) -> None:
    outcome = outcomes(case)
    assert isinstance(outcome, StudioError), "it was read"
    assert case.refused in outcome.message
    assert outcome.hint


@pytest.mark.parametrize("case", LOADED)
def test_every_value_comes_back_as_it_was_written(case: Case, outcomes: Outcomes) -> None:
    table = _load(case, outcomes)
    assert list_changes(case, table) == []
    assert [record.row for record in table.page(limit=len(table)).rows] == list(range(len(table)))


@pytest.mark.parametrize("case", LOADED)
def test_every_bad_line_is_told_and_every_line_is_counted(case: Case, outcomes: Outcomes) -> None:
    table = _load(case, outcomes)
    told = [(entry.line, entry.reason) for entry in table.quarantine()]
    assert [line for line, _ in told] == [line for line, _ in case.bad]
    for (_, words), (_, part) in zip(told, case.bad, strict=True):
        assert part in words
    counts = table.counts
    assert (counts.accepted, counts.quarantined, counts.blank) == (
        len(case.records),
        len(case.bad),
        case.blank,
    )
    assert counts.read == counts.accepted + counts.quarantined + counts.blank
    assert table.complete


def test_one_record_is_the_same_as_in_a_page(tables: Tables) -> None:
    for _, table in tables:
        last = len(table) - 1
        assert table.record(last) == table.page(last, 1).rows[0] == table.page(0, len(table)).rows[last]


def test_missing_and_null_are_counted_apart(tables: Tables) -> None:
    for case, table in tables:
        rows = [values for _, values in case.records]
        for column in table.columns:
            cells = [row[column.name] for row in rows if column.name in row]
            assert (case.name, column.missing) == (case.name, len(rows) - len(cells))
            assert (case.name, column.null) == (case.name, cells.count(None))


@pytest.mark.parametrize("case", WITH_LINES, ids=lambda case: case.name)
def test_the_place_of_a_line_leads_back_to_its_bytes(case: Case, outcomes: Outcomes) -> None:
    table = _load(case, outcomes)
    content = _as_utf8(case.bytes)
    lines = content.split(b"\n")
    names = table.bookkeeping
    for line, offset, length in table.frame.select(names.line, names.offset, names.length).collect().rows():
        assert content[offset : offset + length] == lines[line - 1].removeprefix(b"\xef\xbb\xbf")
    for entry in table.quarantine():
        shown = lines[entry.line - 1].decode("utf-8", "backslashreplace")
        assert entry.raw == shown or ("only its start" in entry.reason and shown.startswith(entry.raw))


@pytest.mark.parametrize("case", PARQUET, ids=lambda case: case.name)
def test_the_type_that_a_column_has_in_parquet_is_told(case: Case, outcomes: Outcomes) -> None:
    if case.source_types:
        told = {column.name: column.source_type for column in _load(case, outcomes).columns}
        assert {name: told[name] for name in case.source_types} == dict(case.source_types)


def test_every_csv_cell_is_text(tables: Tables) -> None:
    assert {column.type for _, table in tables if table.format == "csv" for column in table.columns} == {
        "text"
    }


def test_the_delimiter_of_a_csv_is_told(tables: Tables) -> None:
    told = {case.name: table.source.delimiter for case, table in tables if table.format == "csv"}
    others = {"semicolons": ";", "semicolons and a row of another width": ";", "bars": "|"}
    others |= dict.fromkeys(
        ["tabs in a csv", "tabs", "tabs and rows of other widths", "one column of commas"], "\t"
    )
    assert told == dict.fromkeys(told, ",") | others


def test_every_name_is_a_column_of_its_own_in_order_of_appearance(tables: Tables) -> None:
    for case, table in tables:
        assert list(table.names) == list(dict.fromkeys(name for _, row in case.records for name in row))


def test_the_figures_of_the_corpus(outcomes: Outcomes, capsys: pytest.CaptureFixture[str]) -> None:
    assert {kind: len(cases) >= FLOORS[kind] for kind, cases in CASES.items()} == dict.fromkeys(FLOORS, True)
    for kind, cases in CASES.items():
        assert len({case.name for case in cases}) == len(cases)
        tables = {case.name: outcomes(case) for case in cases}
        planted = sum(len(case.bad) for case in cases)
        reported = sum(len(set(_told(tables[case.name])) & {line for line, _ in case.bad}) for case in cases)
        changed = sum(_count_changed(case, tables[case.name]) for case in cases)
        refused = sum(bool(case.refused) for case in cases)
        with capsys.disabled():
            print(
                f"\n{len(cases)} {kind} fault files ({refused} to be refused in words), "
                f"{planted} bad lines planted, {reported} reported, {changed} values changed",
                end="",
            )
        assert (reported, changed) == (planted, 0)


def _told(outcome: Outcome) -> list[int]:
    return [entry.line for entry in outcome.quarantine()] if isinstance(outcome, Table) else []


def _count_changed(case: Case, outcome: Outcome) -> int:
    """Cells that are not what the file says, those of a file that was refused for no reason included."""
    if isinstance(outcome, Table):
        return len(list_changes(case, outcome))
    return 0 if case.refused else sum(len(values) for _, values in case.records)


def _as_utf8(content: bytes) -> bytes:
    return content.decode("utf-16").encode() if content.startswith(b"\xff\xfe") else content


def test_what_large_files_are_decoded_by_holds_to_the_same_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines of a large file are decoded to columns; small ones are here, too."""
    monkeypatch.setattr("studio.reader.flat._ENOUGH_BYTES", 0)
    for number, case in enumerate(JSONL):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcome = _read(case, folder)
        assert isinstance(outcome, Table) is not bool(case.refused), case.name
        if isinstance(outcome, Table):
            assert list_changes(case, outcome) == [], case.name
            assert [entry.line for entry in outcome.quarantine()] == [line for line, _ in case.bad], case.name
