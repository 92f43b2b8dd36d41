"""Compressed bytes as one decoded stream: gzip, zstd, bzip2 and xz, told by their first bytes, never by name.

Streams that stand one after another in a file (gzip members, zstd frames) are read through to the last, as
the programs that wrote them do; zeros after them are padding, anything else is damage. Memory stays flat
whatever the bytes ask for.

Knows nothing of limits or of what the decoded bytes hold.
"""

import bz2
import io
import lzma
import re
import zlib
from collections.abc import Callable
from typing import Any, Protocol

import pyarrow as pa

from studio.errors import ReadError
from studio.reader.lines import ByteStream, describe_size

COMPRESSIONS = {"gz": "gzip", "zst": "zstd", "bz2": "bzip2", "xz": "xz"}
"""What a person calls each kind; a file of the kind is named after the key."""

HEAD_BYTES = 10
"""How many bytes tell a compression."""

_INPUT_BYTES = 128 << 10
_XZ_MEMORY_BYTES = 256 << 20  # four times what xz -9 asks for; a header may ask for 4 GB
_MAGIC = {
    "gz": re.compile(rb"\x1f\x8b"),
    "zst": re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18", re.DOTALL),
    "bz2": re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)", re.DOTALL),  # "BZh" alone could be text
    "xz": re.compile(rb"\xfd7zXZ\x00"),
}
_FIRST_BYTE = {"gz": b"\x1f", "zst": b"\x28", "bz2": b"B", "xz": b"\xfd"}


def detect_compression(head: bytes) -> str:
    """The key of the compression whose bytes these are; "" when they are none."""
    return next((kind for kind, magic in _MAGIC.items() if magic.match(head)), "")


def is_stump(head: bytes, kind: str) -> bool:
    """Whether the whole of a file may be the first bytes of `kind`, cut before they tell it for sure."""
    return 0 < len(head) < HEAD_BYTES and head.startswith(_FIRST_BYTE[kind])


def split_compression(name: str) -> tuple[str, str]:
    """The name without the suffix that promises a compression, and the compression's key or ""."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, suffix.lower()) if dot and suffix.lower() in COMPRESSIONS else (name, "")


def decompress(stream: ByteStream, kind: str, name: str) -> ByteStream:
    """The decoded bytes of a stream of `kind`, a key of COMPRESSIONS; `name` is what errors call it.

    Reading raises ReadError where the stream is cut or damaged.
    """
    if kind == "zst":
        return _ZstdStream(stream, name)
    return _MemberStream(stream, kind, name)


class _Decoder(Protocol):
    """One compressed stream, as bz2 and lzma decode it: fed bytes, drained a bounded piece at a time."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _GzipDecoder:
    """zlib's decoder in the shape of the other two."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "gz": _GzipDecoder,
    "bz2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES),
}


class _MemberStream:
    """The members of a gzip, bzip2 or xz file, one after another."""

    def __init__(self, stream: ByteStream, kind: str, name: str) -> None:
        self._stream, self._kind, self._name = stream, kind, name
        self._decoder = _DECODERS[kind]()
        self._unread = b""
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """At most `size` decoded bytes; b"" only at the end."""
        while not self._ended:
            if self._decoder.eof:
                self._begin_next()
                continue
            starved = self._decoder.needs_input and not self._unread
            fed = self._stream.read(_INPUT_BYTES) if starved else self._unread
            self._unread = b""
            piece = self._decode(fed, size)
            if piece:
                return piece
            if starved and not fed and not self._decoder.eof:
                raise _cut_off(self._name, self._kind)
        return b""

    def _decode(self, fed: bytes, size: int) -> bytes:
        try:
            return self._decoder.decompress(fed, size)
        except (zlib.error, lzma.LZMAError, OSError) as error:
            reason = str(error).rpartition(": ")[2]
            if "Memory usage limit" in reason:
                reason = f"it asks for more than {describe_size(_XZ_MEMORY_BYTES)} of memory"
            raise _damaged(self._name, self._kind, reason) from error

    def _begin_next(self) -> None:
        rest = self._decoder.unused_data.lstrip(b"\0")
        while not rest and (more := self._stream.read(_INPUT_BYTES)):
            rest = more.lstrip(b"\0")
        self._decoder, self._unread, self._ended = _DECODERS[self._kind](), rest, not rest


class _ZstdStream:
    """The frames of a zstd file; Arrow's decoder refuses a window over 128 MB."""

    def __init__(self, stream: ByteStream, name: str) -> None:
        self._name = name
        self._inner: Any = pa.CompressedInputStream(pa.PythonFile(_Readable(stream), mode="r"), "zstd")

    def read(self, size: int, /) -> bytes:
        """At most `size` decoded bytes; b"" only at the end."""
        try:
            return bytes(self._inner.read(size))
        except OSError as error:
            if "Truncated" in str(error):
                raise _cut_off(self._name, "zst") from error
            raise _damaged(self._name, "zst", str(error).rpartition(": ")[2]) from error


class _Readable(io.RawIOBase):
    """A ByteStream as the file object that Arrow asks for."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._stream.read(size)


def _cut_off(name: str, kind: str) -> ReadError:
    return ReadError(
        f"{name} is cut off: the {COMPRESSIONS[kind]} data ends in the middle.", "Download or copy it again."
    )


def _damaged(name: str, kind: str, reason: str) -> ReadError:
    return ReadError(f"{name} is damaged {COMPRESSIONS[kind]}: {reason}.", "Download or copy it again.")
