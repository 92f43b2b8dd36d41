"""The rows of a split as plain lists, which can be compared."""

from studio.split import Splits


def rows_by_part(splits: Splits) -> dict[str, list[int]]:
    return {name: rows.tolist() for name, rows in splits.parts.items()}
