"""Many files as one zip, made while it is sent: never on disk, never whole in memory.

    stream_zip({"train.jsonl": Path(…), "README.md": b"…"})   →   the zip's bytes, piece by piece
    measure_zip(…)                                            →   how many bytes that will be

Dated 1980 and in the order given, so that the same files give the same bytes. Knows nothing of what they are.
"""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

Content = Path | bytes

_CHUNK = 1 << 20
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
# Bytes that zipfile writes around a file where it cannot seek: APPNOTE.TXT 4.3.7 and on.
_LOCAL, _LOCAL_LARGE, _AFTER, _AFTER_LARGE, _CENTRAL, _END, _END_LARGE = 30, 20, 16, 24, 46, 22, 76


class ChangedError(Exception):
    """A file is not as long as it was when the zip was begun, so that the zip must not end well."""


def stream_zip(files: Mapping[str, Content], *, compressed: bool = True) -> Iterator[bytes]:
    """The bytes of a zip of files by name, in this order; raises ChangedError for one that changes meanwhile.

    Without `compressed` they are stored as they are, which is as small for weights, and of a known length.
    """
    sink = _Sink()
    entries = [_describe_entry(name, content, compressed) for name, content in files.items()]
    with zipfile.ZipFile(sink, "w", _method(compressed)) as archive:
        for entry, (name, content) in zip(entries, files.items(), strict=True):
            with archive.open(entry, "w") as target:
                left = entry.file_size
                for chunk in _read(content):
                    left -= len(chunk)
                    target.write(chunk)
                    yield sink.take()
            if left:
                raise ChangedError(f"{name} changed while it was packed")
    yield sink.take()


def measure_zip(files: Mapping[str, Content]) -> int:
    """How many bytes `stream_zip` gives of these files when they are stored as they are."""
    limit, offset, central = zipfile.ZIP64_LIMIT, 0, 0
    for name, content in files.items():
        size, label = measure(content), len(name.encode())
        large = size * 1.05 > limit
        extra = (2 if size > limit else 0) + (1 if offset > limit else 0)
        central += _CENTRAL + label + (4 + 8 * extra if extra else 0)
        offset += _LOCAL + label + size
        offset += _LOCAL_LARGE + _AFTER_LARGE if large else _AFTER
    long = offset > limit or central > limit or len(files) > zipfile.ZIP_FILECOUNT_LIMIT
    return offset + central + _END + (_END_LARGE if long else 0)


def measure(content: Content) -> int:
    """The bytes of one file."""
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _read(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _method(compressed: bool) -> int:
    return zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED


def _describe_entry(name: str, content: Content, compressed: bool) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, date_time=_FIRST_DAY)
    entry.compress_type = _method(compressed)
    entry.create_system = 3  # Unix, on every system, so that the bytes repeat
    entry.external_attr = 0o644 << 16
    entry.file_size = measure(content)  # tells zipfile whether the sizes need 64 bits
    return entry


class _Sink:
    """A file that can only be written to: without `tell` and `seek`, zipfile writes sizes after the data."""

    def __init__(self) -> None:
        self._pending: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pending.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing to do: what is written waits to be taken."""

    def close(self) -> None:
        """Nothing to do: there is no file behind it."""

    def take(self) -> bytes:
        data = b"".join(self._pending)
        self._pending.clear()
        return data
