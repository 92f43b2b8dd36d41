"""The records of a run's test part with all their columns, kept so that scores can be told by category.

    data/test.records.jsonl   {"instruction": "Name a prime.", "output": "7", "category": "numbers"}

Line by line they are those of `data/test.jsonl`. Knows tables; the run is a path here.
"""

from pathlib import Path

from studio.pipeline import plan_splits
from studio.reader.raw import spell_record
from studio.recipe import Recipe
from studio.table import Table

_AT_ONCE = 4_096


def write_test_records(recipe: Recipe, table: Table, path: Path) -> Path | None:
    """Write what the test part was rendered from, in its order; None where there is no test part."""
    rows = plan_splits(recipe, table).parts.get("test")
    if rows is None:
        return None
    places = sorted(rows.tolist())
    with path.open("wb") as file:
        for start in range(0, len(places), _AT_ONCE):
            records = table.take(places[start : start + _AT_ONCE])
            file.writelines(spell_record(record) + b"\n" for record in records)
    return path
