"""Streams of bytes that stand one on another: counted and hashed, guarded, looked ahead into, put on disk.

Knows nothing of what the bytes are.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from studio.errors import ReadError
from studio.reader.lines import CHUNK_BYTES, ByteStream, describe_size
from studio.settings import Limits

_RATIO_FROM_BYTES = 16 << 20
_AHEAD_FROM_BYTES = 8 << 20
_AHEAD_BYTES = 4 << 20


class Origin(Protocol):
    """The bytes of one file before anything is decoded; what is counted and hashed is the file as stored."""

    @property
    def bytes_read(self) -> int:
        """How many bytes of the file have gone by."""
        ...

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; b"" only at the end."""
        ...

    def hash_whole(self, on_read: Callable[[], None]) -> str:
        """SHA-256 of the whole file, whose rest goes by, telling `on_read`."""
        ...


class StoredStream:
    """The bytes as stored or sent, counted and hashed as they go by."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.bytes_read = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; b"" only at the end."""
        chunk = self._stream.read(size)
        self._digest.update(chunk)
        self.bytes_read += len(chunk)
        return chunk

    def hash_whole(self, on_read: Callable[[], None]) -> str:
        """SHA-256 of all bytes, of which the rest are read."""
        while self.read(CHUNK_BYTES):
            on_read()
        return self._digest.hexdigest()


class AheadStream:
    """A large stored file: its next bytes are read and hashed in a thread while the last are worked on."""

    def __init__(self, stored: StoredStream) -> None:
        self._stored = stored
        self._thread = ThreadPoolExecutor(1, "read-ahead")
        self._coming: Future[bytes] | None = None
        self._held = b""
        self.bytes_read = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; b"" only at the end."""
        if not self._held:
            self._held = self._take(size)
        chunk, self._held = self._held[:size], self._held[size:]
        self.bytes_read += len(chunk)
        return chunk

    def hash_whole(self, on_read: Callable[[], None]) -> str:
        """SHA-256 of all bytes, of which the rest are read."""
        while self.read(CHUNK_BYTES):
            on_read()
        return self._stored.hash_whole(on_read)

    def _take(self, size: int) -> bytes:
        if self.bytes_read < _AHEAD_FROM_BYTES:  # whoever wants the first page waits for no more than that
            return self._stored.read(size)
        piece = self._coming.result() if self._coming else self._stored.read(_AHEAD_BYTES)
        self._coming = self._thread.submit(self._stored.read, _AHEAD_BYTES) if piece else None
        return piece


class GuardedStream:
    """Decoded bytes, up to the limits of how many there may be, in all and for each stored byte."""

    def __init__(self, stream: ByteStream, origin: Origin, name: str, limits: Limits) -> None:
        self._stream, self._origin = stream, origin
        self._name, self._limits = name, limits
        self._decoded = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; raises ReadError past a limit."""
        chunk = self._stream.read(size)
        self._decoded += len(chunk)
        if self._decoded > self._limits.decoded_bytes:
            raise ReadError(
                f"{self._name} holds more than {describe_size(self._limits.decoded_bytes)} of text.",
                "Split it into smaller files, or raise STUDIO_LIMIT_DECODED_BYTES.",
            )
        ratio = self._decoded / max(1, self._origin.bytes_read)
        if self._decoded > _RATIO_FROM_BYTES and ratio > self._limits.decoded_ratio:
            raise ReadError(
                f"{self._name} grows more than {self._limits.decoded_ratio} times when decompressed.",
                "Such a file is often made to fill a disk. If you trust it, decompress it yourself.",
            )
        return chunk


class PeekableStream:
    """A stream with a look ahead, which never gives more than it was asked for."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._ahead = b""

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, or all that are left."""
        pieces, length = [self._ahead], len(self._ahead)
        while length < size and (chunk := self._stream.read(min(size - length, CHUNK_BYTES))):
            pieces.append(chunk)
            length += len(chunk)
        self._ahead = b"".join(pieces)
        return self._ahead[:size]

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; b"" only at the end."""
        chunk = self._ahead or self._stream.read(size)
        taken, self._ahead = chunk[:size], chunk[size:]
        return taken


@contextmanager
def spool(read: Callable[[int], bytes], workspace: Path | None, name: str, suffix: str) -> Iterator[Path]:
    """All that `read` gives as a temporary file, readable by its owner alone and gone afterwards.

    It lies in the workspace when there is one, since /tmp is often memory. Raises ReadError when the disk has
    no room for it.
    """
    home = workspace if workspace is not None and workspace.is_dir() else None
    with tempfile.TemporaryDirectory(prefix=".scratch-", dir=home) as folder:
        path = Path(folder) / f"source{suffix}"
        try:
            with path.open("wb") as file:
                while chunk := read(CHUNK_BYTES):
                    file.write(chunk)
        except OSError as error:
            raise ReadError(
                f"There is no room to unpack {name}: {error.strerror}.", "Free some space on the disk."
            ) from error
        yield path
