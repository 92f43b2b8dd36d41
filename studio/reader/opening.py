"""The bytes of a source, opened: a file or a URL, decompressed, counted and hashed on the way.

    file or URL  →  counted and hashed as stored  →  gunzipped if it is gzip  →  guarded against bombs

Knows nothing of formats.
"""

import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.errors import ReadError, SourceError
from studio.reader.lines import CHUNK_BYTES, ByteStream, describe_size
from studio.reader.remote import open_url
from studio.settings import Limits, Settings
from studio.source import Source

GZIP_MAGIC = b"\x1f\x8b"
_RATIO_FROM_BYTES = 16 << 20


class _Stored:
    """The bytes as stored or sent: counted and hashed, with a look ahead."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self._ahead = b""
        self._digest = hashlib.sha256()
        self.bytes_read = 0

    def peek(self, size: int) -> bytes:
        while len(self._ahead) < size and (chunk := self._fetch(max(size - len(self._ahead), 8 << 10))):
            self._ahead += chunk
        return self._ahead[:size]

    def read(self, size: int = -1) -> bytes:
        if self._ahead:
            taken, self._ahead = self._ahead[:size], self._ahead[size:]
            return taken
        return self._fetch(size)

    def _fetch(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        self._digest.update(chunk)
        self.bytes_read += len(chunk)
        return chunk

    def drain(self) -> None:
        while self._fetch(CHUNK_BYTES):
            pass

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()


class Opened:
    """The decoded bytes of a source. `total` is the size as stored, when it is known."""

    def __init__(self, stream: ByteStream, total: int | None, name: str, limits: Limits) -> None:
        self._stored = _Stored(stream)
        self._name, self._limits = name, limits
        self.name = name.lower().removesuffix(".gz")
        self.member: str | None = None
        self.encoding: str | None = None
        self.total = total
        self.on_read: Callable[[], None] = lambda: None
        self._gzip: gzip.GzipFile | None = None
        self._ahead = b""
        self._decoded = 0
        if self._stored.peek(2) == GZIP_MAGIC:
            self._gzip = gzip.GzipFile(fileobj=self._stored, mode="rb")  # type: ignore[call-overload]

    @property
    def compressed(self) -> bool:
        """Whether the bytes are gzip, whatever the name says."""
        return self._gzip is not None

    @property
    def bytes_read(self) -> int:
        """How many bytes have been read, as stored."""
        return self._stored.bytes_read

    def hash_whole(self) -> str:
        """SHA-256 of the bytes as stored; reads whatever is left."""
        self._stored.drain()
        return self._stored.sha256

    def peek(self, size: int) -> bytes:
        """The next `size` decoded bytes, or all that are left."""
        pieces = [self._ahead]
        length = len(self._ahead)
        while length < size and (chunk := self._decode(min(size - length, CHUNK_BYTES))):
            pieces.append(chunk)
            length += len(chunk)
        self._ahead = b"".join(pieces)
        return self._ahead[:size]

    def read(self, size: int) -> bytes:
        """At most `size` decoded bytes; b"" only at the end.

        Raises ReadError for gzip that is cut or damaged, and past a limit.
        """
        if self._ahead:
            taken, self._ahead = self._ahead[:size], self._ahead[size:]
            return taken
        chunk = self._decode(size)
        self.on_read()
        return chunk

    def _decode(self, size: int) -> bytes:
        chunk = self._stored.read(size) if self._gzip is None else self._gunzip(self._gzip, size)
        self._decoded += len(chunk)
        self._guard()
        return chunk

    def _gunzip(self, file: gzip.GzipFile, size: int) -> bytes:
        try:
            return file.read(size)
        except EOFError as error:
            raise ReadError(
                f"{self._name} is cut off: the gzip data ends in the middle.", "Download or copy it again."
            ) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise ReadError(
                f"{self._name} is damaged gzip: {error}.", "Download or copy it again."
            ) from error

    def _guard(self) -> None:
        if self._decoded > self._limits.decoded_bytes:
            raise ReadError(
                f"{self._name} holds more than {describe_size(self._limits.decoded_bytes)} of text.",
                "Split it into smaller files, or raise STUDIO_LIMIT_DECODED_BYTES.",
            )
        ratio = self._decoded / max(1, self._stored.bytes_read)
        if self._decoded > _RATIO_FROM_BYTES and ratio > self._limits.decoded_ratio:
            raise ReadError(
                f"{self._name} grows more than {self._limits.decoded_ratio} times when decompressed.",
                "Such a file is often made to fill a disk. If you trust it, decompress it yourself.",
            )


@contextmanager
def open_source(source: Source, settings: Settings) -> Iterator[Opened]:
    """Open a path or URL. Raises SourceError when it cannot be, ReadError once its bytes are wrong."""
    if source.url is not None:
        with open_url(source.url, settings) as (body, total):
            yield Opened(body, total, source.name, settings.limits)
    elif source.path is not None:
        with _open_file(Path(source.path)) as file:
            yield Opened(file, os.fstat(file.fileno()).st_size, source.name, settings.limits)
    else:
        raise ValueError(f"{source} is neither a path nor a URL")


def _open_file(path: Path) -> io.BufferedReader:
    try:
        kind = path.stat().st_mode  # asked before it is opened: opening a pipe would wait for its writer
        if stat.S_ISDIR(kind):
            raise SourceError(f"{path} is a directory.", "Give a file inside it.")
        if not stat.S_ISREG(kind):
            raise SourceError(
                f"{path} is a device or a pipe, not a file.", "Save its content to a file first."
            )
        return path.open("rb")
    except FileNotFoundError as error:
        raise SourceError(f"There is no file {path}.", "Check the path.") from error
    except PermissionError as error:
        raise SourceError(f"{path} may not be read.", "Change its permissions, or copy it.") from error
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be opened: {error}.", "Check the path.") from error


def list_files(path: str) -> tuple[Path, ...]:
    """TODO"""
    return (Path(path),)
