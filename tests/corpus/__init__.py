"""The fault corpus: small files that go wrong in one way each, with their truth written down by hand.

    case.py                                         Case: the bytes, and what a reader must make of them
    jsonl_values.py, jsonl_lines.py, jsonl_files.py JSON Lines: odd but valid values, bad lines, whole files
    csv_files.py                                    CSV and TSV
    parquet_files.py                                Parquet

`tests/test_corpus.py` holds our reader to it; `benchmarks/silent_changes.py` shows what others make of it.
Knows nothing of any reader: no truth here was ever computed by one.
"""

from tests.corpus.case import Case, Cell, Row
from tests.corpus.csv_files import CSV
from tests.corpus.jsonl_files import FILES
from tests.corpus.jsonl_lines import LINES
from tests.corpus.jsonl_values import VALUES
from tests.corpus.parquet_files import PARQUET

JSONL = VALUES + LINES + FILES
CASES: dict[str, tuple[Case, ...]] = {"JSONL": JSONL, "CSV": CSV, "Parquet": PARQUET}

__all__ = ["CASES", "CSV", "JSONL", "PARQUET", "Case", "Cell", "Row"]
