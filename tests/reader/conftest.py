"""What the reader's tests share: a file written and loaded in one call."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.reader import read_source
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table

Load = Callable[..., Table]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """`load(content, name="records.jsonl", first=None, **limits)`: the table of a file with that content.

    Whatever happens, no half-written folder may be left beside the tables.
    """
    tables = tmp_path / "tables"
    tables.mkdir()

    def write_and_read(
        content: str | bytes, name: str = "records.jsonl", first: int | None = None, **limits: int
    ) -> Table:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        settings = Settings(workspace=tmp_path, limits=Limits(**limits))
        before = sorted(tables.iterdir())
        folder = tables / str(len(before))
        try:
            return read_source(Source(path=str(path), first=first), folder, settings)
        except BaseException:
            assert sorted(tables.iterdir()) == before, "a failed load left something behind"
            raise

    return write_and_read
