"""A table as a `datasets.Dataset`: the stored file mapped into memory, without a copy of texts and numbers.

A column that came typed from Parquet is given its type again: "2019-04-25T12:57:54" of a timestamp[s] is a
time once more. Knows nothing of the network.
"""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from studio.hub.arrow_types import restore_column
from studio.table import Table

if TYPE_CHECKING:
    import datasets


def to_dataset(table: Table) -> "datasets.Dataset":
    """All records, in table order, with the person's columns only.

    A column of type json whose source had no types is JSON text. The fingerprint is made of what the table
    says about itself: it does not read the records.
    """
    return _make_dataset(table, _open_columns(table, table.names), "")


def to_dataset_dict(table: Table) -> "datasets.DatasetDict":
    """The records by source split; all of them under one name where the source has no several."""
    import datasets

    if len(table.splits) < 2:
        name = next(iter(table.splits), "train")
        return datasets.DatasetDict({name: to_dataset(table)})
    records = _open_columns(table, table.names)
    places = _open_columns(table, [table.bookkeeping.file]).column(0)
    parts, start = {}, 0
    for split in table.splits:
        files = [number for number, file in enumerate(table.files) if file.split == split]
        count = pc.sum(pc.is_in(places, pa.array(files, places.type))).as_py() or 0
        parts[split] = _make_dataset(table, records.slice(start, count), split)
        start += count  # the splits follow one another
    return datasets.DatasetDict(parts)


def _make_dataset(table: Table, records: pa.Table, split: str) -> "datasets.Dataset":
    import datasets

    edited = {name for cells in table.changes.edits.values() for name in cells}
    for number, column in enumerate(table.columns):
        if column.source_type and column.name not in edited:
            restored = restore_column(records.column(number), column.source_type)
            records = records.set_column(number, column.name, restored)
    state = (table.source, table.sha256, table.counts, table.columns, table.changes, split)
    said = repr((str(table.folder), *state))
    name = datasets.NamedSplit(split) if split else None
    return datasets.Dataset(records, split=name, fingerprint=hashlib.sha256(said.encode()).hexdigest()[:16])


def _open_columns(table: Table, names: Sequence[str]) -> pa.Table:
    whole = table.records[0]
    if whole.bytes is None and not table.changes.edits:
        rows = pa.ipc.open_file(pa.memory_map(str(table.folder / whole.file))).read_all()
    else:  # it still grows, or is edited: what is there is copied
        rows = pl.concat(table.iter_batches()).to_arrow(compat_level=pl.CompatLevel.oldest())
    return rows.select([rows.schema.names.index(name) for name in names])
