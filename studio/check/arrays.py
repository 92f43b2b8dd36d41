"""What one pass found of every record, in one file that only ever grows.

    (row 17, length 141, first 96, stop 141, flags MERGED)   →   20 bytes of records.bin

`first` is the first trained token and `stop` the one after the last; they are `length` and 0 where nothing is
trained. How many of the file count is said by the state of the check: a reader never sees half a batch.
"""

import os
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

VERSION = 2  # of what is written and of how it is found
_RECORD = np.dtype([(name, "<u4") for name in ("row", "length", "first", "stop", "flags")])

Numbers = NDArray[np.uint32]
Mask = NDArray[np.bool_]


class Flag(IntFlag):
    """What was found of a record whatever the max length."""

    NOT_RENDERED = 1
    BLANK_PROMPT = 2
    BLANK_COMPLETION = 4
    MISSING_VALUE = 8
    MERGED_BOUNDARY = 16
    CONTROL_TOKENS = 32
    TEMPLATE_MARKS = 64
    DOUBLE_START = 128
    END_NOT_TRAINED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """The records that were looked at, in table order: one number of each kind for every one of them."""

    row: Numbers
    length: Numbers
    first: Numbers
    stop: Numbers
    flags: Numbers

    @classmethod
    def empty(cls, records: int) -> Self:
        """Zeros for so many records."""
        return cls.of(np.zeros(records, _RECORD))

    @classmethod
    def of(cls, records: NDArray[Any]) -> Self:
        """The columns of an array of the file's own kind."""
        return cls(**{name: np.ascontiguousarray(records[name]) for name in _RECORD.names or ()})

    def __len__(self) -> int:
        return len(self.row)

    def has(self, flag: Flag) -> Mask:
        """Which records have a flag."""
        found: Mask = (self.flags & np.uint32(flag)) != 0
        return found


def append_records(path: Path, scanned: Scanned) -> None:
    """Write records behind those that are there, and make them durable."""
    records = np.empty(len(scanned), _RECORD)
    for name in _RECORD.names or ():
        records[name] = getattr(scanned, name)
    with path.open("ab") as file:
        file.write(records.tobytes())
        file.flush()
        os.fsync(file.fileno())


def read_records(path: Path, count: int) -> Scanned:
    """The first `count` records of the file, or as many as are there."""
    if not count or not path.exists():
        return Scanned.empty(0)
    return Scanned.of(np.fromfile(path, _RECORD, count))
