"""Records stored as a reader would store them."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from studio.settings import Limits
from studio.source import Source
from studio.table import Table, TableWriter

Store = Callable[[Sequence[Mapping[str, Any]]], Table]

HOSTILE_NAMES = ["", "a.b", "{x}", "^x$", "^.*$", "*", "😀", "_line", "key0", "value", "count", "row", "שלום"]


def store_records(folder: Path, records: Sequence[Mapping[str, Any]]) -> Table:
    """A table of these records at `folder`."""
    with TableWriter(folder, source=Source(path="data.jsonl"), kind="jsonl", limits=Limits()) as writer:
        for line, record in enumerate(records, 1):
            fields = {name: json.dumps(value, ensure_ascii=False).encode() for name, value in record.items()}
            writer.add(fields, line=line, offset=0, length=1)
        return writer.finish(complete=True, sha256=None, size=0)


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    def write(records: Sequence[Mapping[str, Any]]) -> Table:
        return store_records(tmp_path_factory.mktemp("stored") / "t", records)

    return write
