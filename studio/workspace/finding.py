"""What the tables of a workspace were read from, looked for among them."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from studio.reader import is_unchanged
from studio.source import Source
from studio.table import Table


def find_table(tables: Iterable[tuple[str, Table]], source: Source) -> str | None:
    """The id of the whole table of this very source, if its files have not changed since it was read."""
    if source.path is None:
        return None
    asked = replace(source, path=str(Path(source.path).absolute()), sha256=None)
    for table_id, table in tables:
        same = asked in (table.asked, replace(table.source, sha256=None))
        if same and not table.partial and not table.repaired and is_unchanged(table):
            return table_id
    return None


def find_source(tables: Iterable[tuple[str, Table]], sha256: str) -> Path | None:
    """The file with this hash from which a table was read, if it is still there."""
    for _, table in tables:
        path = Path(table.source.path) if table.source.path else None
        if table.sha256 == sha256 and path and path.is_file():
            return path
    return None
