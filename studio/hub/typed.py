"""A typed file of the Hub, which comes as an Arrow stream: its rows as those of the same file on disk.

Knows nothing of the child process.
"""

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from studio.errors import ReadError
from studio.hub.child import HubFile
from studio.reader.lines import describe_size
from studio.reader.typed import check_schema, feed_batches
from studio.settings import Limits
from studio.table import TableWriter


def read_typed(file: HubFile, writer: TableWriter, limits: Limits, on_batch: Callable[[], None]) -> bool:
    """Feed the writer until it is full; whether the file held no more than that.

    Raises ReadError for columns that a table cannot have, and past the limit of decoded bytes.
    """
    with pa.ipc.open_stream(io.BufferedReader(_Stream(file, limits))) as batches:
        check_schema(batches.schema, file.name, limits)
        writer.note_types({field.name: str(field.type) for field in batches.schema})
        return feed_batches(batches, writer, limits, on_batch)


class _Stream(io.RawIOBase):
    """A HubFile as Arrow reads it, up to the limit."""

    def __init__(self, file: HubFile, limits: Limits) -> None:
        self._file, self._limits = file, limits
        self._passed = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        piece = self._file.read(len(buffer))
        buffer[: len(piece)] = piece
        self._passed += len(piece)
        if self._passed > self._limits.decoded_bytes:
            raise ReadError(
                f"{self._file.name} holds more than {describe_size(self._limits.decoded_bytes)}.",
                "Keep the first records only, or raise STUDIO_LIMIT_DECODED_BYTES.",
            )
        return len(piece)
