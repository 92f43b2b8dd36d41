"""A table becomes a `datasets.Dataset`: what is stored, mapped, with the types that its source gave it."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from studio.hub import to_dataset, to_dataset_dict
from studio.reader import read_source
from studio.settings import Settings
from studio.source import Source
from tests.hub.conftest import Read, Serve, parquet


def test_a_table_of_lines_is_mapped_with_its_own_columns_only(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"question": f"q{n}", "n": n, "tags": ["x", n]} for n in range(50_000)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    table = read_source(Source(path=str(path)), tmp_path / "t", settings)
    before = pa.total_allocated_bytes()
    dataset = to_dataset(table)
    copied = pa.total_allocated_bytes() - before
    assert dataset.column_names == ["question", "n", "tags"]
    assert dataset[49_999] == {"question": "q49999", "n": 49_999, "tags": '["x", 49999]'}
    assert str(dataset.features["n"].dtype) == "int64"
    print(f"{copied:,} bytes copied of {(table.folder / 'records.arrow').stat().st_size:,}")
    assert copied < 100_000
    assert dataset._fingerprint == to_dataset(table)._fingerprint
    assert dataset.filter(lambda row: row["n"] < 3).num_rows == 3


@pytest.mark.detail
def test_types_of_a_typed_source_come_back(serve: Serve, read: Read) -> None:
    messages = [[{"role": "user", "content": "é"}], [], None]
    columns = {
        "made": pa.array([0, 1_614_859_200_250_000, None], pa.timestamp("us", tz="UTC")),
        "day": pa.array([dt.date(2024, 2, 29), None, None]),
        "clock": pa.array([dt.time(12, 30), None, None], pa.time64("us")),
        "took": pa.array([-1500, 7, None], pa.duration("ms")),
        "price": pa.array([Decimal("2.50"), Decimal("3.00"), None]),
        "small": pa.array([1, 2, None], pa.int8()),
        "half": pa.array([0.1, 2.5, None], pa.float32()),
        "messages": pa.array(messages),
        "image": pa.array([b"x", b"", None]),
    }
    serve("org/typed", {"train.parquet": parquet(columns)})
    dataset = to_dataset(read("org/typed"))
    kept = {
        name: column.type for name, column in zip(dataset.column_names, dataset.data.columns, strict=True)
    }
    assert {name: kept[name] for name in columns if name != "image"} == {
        name: column.type for name, column in columns.items() if name != "image"
    }
    for name, column in columns.items():
        wanted = ["<1 byte>", "<0 bytes>", None] if name == "image" else column.to_pylist()
        assert dataset.data.column(name).to_pylist() == wanted


def test_source_splits_become_a_dataset_dict(serve: Serve, read: Read) -> None:
    files = {
        "train-1.jsonl": b'{"n": 1}\n{"n": 2}\n',
        "train-2.jsonl": b'{"n": 3}\n',
        "test.jsonl": b'{"n": 4}\n',
    }
    serve("org/parts", files)
    parts = to_dataset_dict(read("org/parts", split="all"))
    assert {name: part["n"][:] for name, part in parts.items()} == {"train": [1, 2, 3], "test": [4]}
    assert str(parts["test"].split) == "test"
    assert list(to_dataset_dict(read("org/parts", split="test"))) == ["test"]
