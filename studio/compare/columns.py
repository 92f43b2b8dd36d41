"""The columns of the test records, beyond the prompt and the answer that were made of them.

    {"category": "numbers", "difficulty": 2}   →   the categories "numbers", "2"

They were frozen at the launch, line by line beside the test part. Knows files alone.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from studio.compare.pairs import Pair
from studio.errors import RunError
from studio.run import RunDir, read_spec

MOST_CATEGORIES = 50

Values = Mapping[int, Mapping[str, Any]]


def read_columns(run_dir: RunDir) -> dict[int, dict[str, Any]]:
    """Row → the record's columns; empty for a run that kept none. RunError where they are damaged."""
    if not run_dir.test_records.exists():
        return {}
    try:
        with run_dir.test_records.open("rb") as lines:
            records = dict(enumerate(map(json.loads, lines)))
        test = read_spec(run_dir).data.get("test")
        if test is not None and len(records) == test.records and all(map(_is_object, records.values())):
            return records
    except ValueError:
        pass
    raise RunError(
        f"The columns of the test records are damaged: data/test.records.jsonl of run {run_dir.run}.",
        "Start the run again.",
    )


def list_columns(values: Values) -> list[str]:
    """The names of all columns, in order of their first appearance."""
    return list(dict.fromkeys(name for record in values.values() for name in record))


def group_pairs(pairs: Sequence[Pair], values: Values, column: str) -> list[tuple[str | None, list[Pair]]]:
    """The pairs by their value in a column, the most frequent first; None for a missing or empty one.

    RunError for a column that is not there, or that has more than MOST_CATEGORIES different values.
    """
    columns = list_columns(values)
    if not columns:
        raise RunError(
            "This run has kept no columns of its test records but the prompt and the answer.",
            "Older runs kept none, nor do runs of bare files: start it again from its data.",
        )
    if column not in columns:
        raise RunError(f"No column named {column!r:.80}.", f"Columns are: {', '.join(columns)}.")
    groups: dict[str | None, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[_spell_value(values.get(pair.row, {}).get(column))].append(pair)
    if len(groups) > MOST_CATEGORIES:
        few = [name for name in columns if _count_values(values, name) <= MOST_CATEGORIES]
        raise RunError(
            f"Column {column} has {len(groups):,} different values on {len(pairs):,} records: no categories.",
            f"Choose one with at most {MOST_CATEGORIES}: {', '.join(few) or 'this data has none'}.",
        )
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0] is None, group[0] or ""))


def _count_values(values: Values, column: str) -> int:
    return len(Counter(_spell_value(record.get(column)) for record in values.values()))


def _spell_value(value: Any) -> str | None:
    if value is None or value == "":
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode()  # half a character is no Unicode


def _is_object(record: Any) -> bool:
    return isinstance(record, dict)
