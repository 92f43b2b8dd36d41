"""What readers make of the fault corpus: exact, changed without a word, or refused; asserts nothing.

    python benchmarks/silent_changes.py [--show] [--only CSV]

Wanted: ours changes 0 of at least 62 JSONL, 24 CSV and 11 Parquet files, and tells of every bad line. The
libraries are called with their own defaults (the tab of a .tsv is named), and judged mildly: a number may
lose its spelling, a missing key, an empty cell and a null may be one, and what the corpus calls lenient (a
line over our limit, two objects on one line, NaN as itself) may be read. `changed` is all else that loads
without an error: another value, a row too many or too few, a bad line passed over. `in vain` are those of
the refused that hold good records.
"""

import argparse
import json
import math
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "POLARS_VERBOSE": "0"}
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import datasets
import numpy as np
import pandas as pd
import polars as pl

from studio.errors import StudioError
from studio.reader import read_source
from studio.record import Json
from studio.settings import Limits, Settings
from studio.source import Source
from tests.corpus import CASES, Case
from tests.corpus.comparing import list_changes

Rows = list[dict[str, Any]]
Judge = Callable[[Case, Path, Path], str]


def load_with_datasets(path: Path, folder: Path) -> Rows:
    """As `load_dataset` gives them."""
    builder = {".csv": "csv", ".tsv": "csv", ".parquet": "parquet"}.get(_kind(path), "json")
    options = {"sep": "\t"} if _kind(path) == ".tsv" else {}
    loaded = datasets.load_dataset(
        builder, data_files=str(path), split="train", cache_dir=str(folder), **options
    )
    return list(loaded)


def load_with_pandas(path: Path, folder: Path) -> Rows:
    """As a DataFrame has them."""
    match _kind(path):
        case ".csv":
            frame = pd.read_csv(path)
        case ".tsv":
            frame = pd.read_csv(path, sep="\t")
        case ".parquet":
            frame = pd.read_parquet(path)
        case _:
            frame = pd.read_json(path, lines=True)
    return frame.to_dict("records")


def load_with_polars(path: Path, folder: Path) -> Rows:
    """As a DataFrame has them."""
    match _kind(path):
        case ".csv":
            return pl.read_csv(path).to_dicts()
        case ".tsv":
            return pl.read_csv(path, separator="\t").to_dicts()
        case ".parquet":
            return pl.read_parquet(path).to_arrow().to_pylist()  # Python's own times have no nanoseconds
    return pl.read_ndjson(path).to_dicts()


def judge_ours(case: Case, path: Path, folder: Path) -> str:
    """Every value by its spelling, every bad line by its number."""
    settings = Settings(workspace=folder, limits=Limits(**case.limits))
    try:
        table = read_source(Source(path=str(path)), folder / "table", settings)
    except StudioError:
        return "refused"
    told = [entry.line for entry in table.quarantine()]
    faithful = not case.refused and not list_changes(case, table) and told == [line for line, _ in case.bad]
    return "exact" if faithful else "changed"


def judge_library(load: Callable[[Path, Path], Rows]) -> Judge:
    """Every value by what it means, the rows in their order."""

    def judge(case: Case, path: Path, folder: Path) -> str:
        try:
            rows = load(path, folder)
        except KeyboardInterrupt:
            raise
        except BaseException:  # a panic of polars is no Exception
            return "refused"
        return "exact" if _is_faithful(case, rows) else "changed"

    return judge


READERS: dict[str, Judge] = {
    "ours": judge_ours,
    "datasets": judge_library(load_with_datasets),
    "pandas": judge_library(load_with_pandas),
    "polars": judge_library(load_with_polars),
}


def _kind(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).suffix


def _is_faithful(case: Case, rows: Rows) -> bool:
    bad = {line for line, _ in case.bad}
    if case.suffix == ".parquet":  # a value that JSON has no word for is no fault of a library that knows it
        rows, bad = [row for line, row in enumerate(rows, 1) if line not in bad], set()
    strict = not bad and _are_same_rows([values for _, values in case.records], rows)
    return strict or (bool(case.lenient) and _are_same_rows(case.lenient, rows))


def _are_same_rows(truth: Sequence[Mapping[str, Any]], rows: Rows) -> bool:
    return len(truth) == len(rows) and all(map(_is_same_row, truth, rows))


def _is_same_row(truth: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    plain = {name: _decode(cell) for name, cell in truth.items()}
    return all(_is_same(plain.get(name), row.get(name)) for name in plain.keys() | row.keys())


def _decode(cell: Any) -> Any:
    return (
        json.loads(cell.spelling, parse_int=Decimal, parse_float=Decimal) if isinstance(cell, Json) else cell
    )


def _is_same(truth: Any, value: Any) -> bool:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(truth, float):
        return repr(value) == repr(truth)
    if truth is None or value is None or _is_gap(value):
        return truth in (None, "") and (value is None or _is_gap(value))
    if isinstance(truth, bool):
        return value is truth
    if isinstance(truth, Decimal):
        return _is_same_number(truth, value)
    if isinstance(truth, str):
        return value == truth if isinstance(value, str) else _is_same_typed(truth, value)
    if isinstance(truth, list):
        value = list(value.values()) if isinstance(value, dict) else value  # a key and a value of a map
        alike = isinstance(value, list | tuple) and len(truth) == len(value)
        return alike and all(map(_is_same, truth, value))
    return isinstance(value, dict) and _is_same_row(truth, value)


def _is_gap(value: Any) -> bool:
    return value is pd.NaT or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _is_same_number(truth: Decimal, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    return Decimal(repr(value) if isinstance(value, float) else value) == truth


def _is_same_typed(truth: str, value: Any) -> bool:
    """Whether a value that the file itself gives a type is what we tell in words."""
    if isinstance(value, bytes):
        return truth == f"<{len(value)} bytes>"
    return _shorten_time(str(value)) == _shorten_time(truth)


def _shorten_time(text: str) -> str:
    """An ISO time without its zone, which is UTC, and without zeros at the end of its fraction."""
    return re.sub(
        r"(:\d\d)(?:\.0+$|(\.\d+?)0*$)", r"\1\2", re.sub(r"(\+00:00|Z)$", "", text.replace(" ", "T"))
    )


def run_case(case: Case, judge: Judge) -> str:
    """The verdict on one reader and one file, in a folder of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        (Path(folder) / "source").mkdir()
        return judge(case, case.write(Path(folder) / "source"), Path(folder))


def print_table(verdicts: Mapping[str, Mapping[str, list[tuple[Case, str]]]]) -> None:
    """A line for each format and reader."""
    print(f"{'':8} {'files':>5}  {'reader':9} {'exact':>6} {'changed':>8} {'refused':>8} {'in vain':>8}")
    for kind, readers in verdicts.items():
        for name, found in readers.items():
            counts = [
                sum(verdict == word for _, verdict in found) for word in ("exact", "changed", "refused")
            ]
            in_vain = sum(verdict == "refused" and bool(case.records) for case, verdict in found)
            exact, changed, refused = counts
            print(f"{kind:8} {len(found):5}  {name:9} {exact:6} {changed:8} {refused:8} {in_vain:8}")


def main() -> None:
    """Read every file with every reader, and print how often each was exact, changed or refused."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--show", action="store_true", help="name the files that each reader changed")
    parser.add_argument("--only", choices=CASES, help="the files of one format")
    options = parser.parse_args()
    datasets.disable_progress_bars()
    datasets.logging.set_verbosity(datasets.logging.CRITICAL)
    warnings.simplefilter("ignore")
    verdicts = {
        kind: {name: [(case, run_case(case, judge)) for case in cases] for name, judge in READERS.items()}
        for kind, cases in CASES.items()
        if options.only in (None, kind)
    }
    print_table(verdicts)
    for kind, readers in verdicts.items() if options.show else ():
        for name, found in readers.items():
            changed = [case.name for case, verdict in found if verdict == "changed"]
            print(f"\n{kind}, changed by {name}: {'; '.join(changed) or 'none'}")


if __name__ == "__main__":
    main()
