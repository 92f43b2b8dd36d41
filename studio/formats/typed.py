"""The typed files of an export: Parquet, and the folder that `datasets.load_from_disk` opens.

    train/data-00000-of-00001.arrow      an Arrow stream, 1 000 records a batch, as `datasets` writes it
    train/state.json  dataset_info.json  which file it is, and its features
    dataset_dict.json                    the parts

`datasets` itself is not imported: what it writes was read from `Dataset.save_to_disk` and
`DatasetDict.save_to_disk` of version 5.2. Features are spelled as every version since 2.0 reads them.
"""

import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import polars as pl
import pyarrow as pa

from studio.formats.encoding import Sink
from studio.formats.format import FORMATS

DATA_FILE = "data-00000-of-00001.arrow"
_TEXT = {"dtype": "string", "_type": "Value"}
_BATCH = 1_000
_CAST_AT_ONCE = 1 << 30  # bytes; an Arrow string column holds 2 GB in one piece


def describe_features(kind: str, names: Mapping[str, str]) -> dict[str, Any]:
    """The features of a format as `datasets` spells them; `names` is every field with its name."""
    format_ = FORMATS[kind]
    if format_.turns:
        return {names[format_.fields[0]]: [{names[field]: dict(_TEXT) for field in format_.turns}]}
    return {names[field]: dict(_TEXT) for field in format_.fields}


def make_schema(kind: str, names: Mapping[str, str]) -> pa.Schema:
    """The same as an Arrow schema that names its features, so that no reader has to guess them."""
    format_ = FORMATS[kind]
    text: pa.DataType = pa.string()
    if format_.turns:
        text = pa.list_(pa.struct([(names[field], text) for field in format_.turns]))
    info = json.dumps({"info": {"features": describe_features(kind, names)}}, ensure_ascii=False)
    return pa.schema([(names[field], text) for field in format_.fields], {"huggingface": info})


def encode_table(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    """The rows in the types of the schema."""
    found = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    if found.nbytes > _CAST_AT_ONCE and len(frame) > 1:
        half = len(frame) // 2
        return pa.concat_tables([encode_table(piece, schema) for piece in (frame[:half], frame[half:])])
    return found.cast(schema)


class ParquetFile:
    """One Parquet file, a row group at a time."""

    bytes_at_once = 64 << 20
    records_at_once = 65_536

    def __init__(self, sink: Sink, schema: pa.Schema) -> None:
        import pyarrow.parquet as pq

        self._writer = pq.ParquetWriter(sink, schema)

    def write(self, pieces: list[pa.Table]) -> None:
        """Write these records as one row group after those before."""
        table = pa.concat_tables(pieces)
        self._writer.write_table(table, row_group_size=max(1, len(table)))

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()


class ArrowFile:
    """One Arrow stream, in batches as `datasets` writes them."""

    bytes_at_once = 8 << 20
    records_at_once = 50 * _BATCH

    def __init__(self, sink: Sink, schema: pa.Schema) -> None:
        self._writer = pa.ipc.new_stream(sink, schema)

    def write(self, pieces: list[pa.Table]) -> None:
        """Write these records after those before."""
        self._writer.write_table(pa.concat_tables(pieces), max_chunksize=_BATCH)

    def close(self) -> None:
        """Write the end of the stream."""
        self._writer.close()


def describe_dataset(
    features: Mapping[str, Any], hashes: Mapping[str, str]
) -> dict[PurePosixPath, dict[str, Any]]:
    """Path in the export → JSON of what `datasets` wants beside the data; `hashes` is SHA-256 by part."""
    found: dict[PurePosixPath, dict[str, Any]] = {
        PurePosixPath("dataset_dict.json"): {"splits": list(hashes)}
    }
    for part, sha256 in hashes.items():
        found[PurePosixPath(part, "dataset_info.json")] = {
            "citation": "",
            "description": "",
            "features": features,
            "homepage": "",
            "license": "",
        }
        found[PurePosixPath(part, "state.json")] = {
            "_data_files": [{"filename": DATA_FILE}],
            "_fingerprint": sha256[:16],
            "_format_columns": None,
            "_format_kwargs": {},
            "_format_type": None,
            "_output_all_columns": False,
            "_split": part,
        }
    return found
