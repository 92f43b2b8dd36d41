"""The files inside a zip archive: their names, and the bytes of one of them.

Bytes are streamed out of the archive; nothing is ever written under a member's name, so that a name such as
../../etc/passwd is only a name. Members that are packed with anything but deflate are refused, because the
standard library would unpack them whole in memory.

Knows nothing of formats but what their names end with.
"""

import hashlib
import io
import stat
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from studio.errors import ReadError
from studio.reader.lines import CHUNK_BYTES, describe_size
from studio.reader.listing import is_data_name

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")

_CONTENTS_BYTES = (
    8 << 20
)  # about 80 000 members; what the standard library makes of them takes ten times that
_ENCRYPTED = 0x1 | 0x40
_NAMES_TOLD = 10
_NAME_CHARACTERS = 120
# What the standard library raises for an archive that was cut, damaged or made to mislead.
_FAULTS: tuple[type[Exception], ...] = (
    *(BadZipFile, EOFError, LookupError, NotImplementedError, OSError, RuntimeError, ValueError),
    *(struct.error, zlib.error),
)


def list_members(path: Path) -> tuple[str, ...]:
    """The names of the data files inside the archive at `path`, sorted; by their endings, none is opened.

    Folders, links, hidden files and the copies that macOS adds (__MACOSX) are left out. Raises ReadError for
    a file that is no archive.
    """
    with path.open("rb") as file:
        return _names(_list_data(_open_archive(_Counted(file, path.name), path.name)))


@contextmanager
def open_member(file: IO[bytes], asked: str | None, name: str) -> Iterator["Member"]:
    """The bytes of the member `asked`, or of the only data file, in the archive in `file`, called `name`.

    Raises ReadError when there is no such member, when there are several to choose from (its `proposal` lists
    them), and for one that cannot be read: encrypted, a link, another archive.
    """
    counted = _Counted(file, name)
    archive = _open_archive(counted, name)
    info = _choose_member(archive, asked, name)
    title = f"{show_name(info.filename)} in {name}"
    _refuse_unreadable(info, title)
    try:
        stream = archive.open(info)
    except _FAULTS as error:
        raise _damaged(name, error) from error
    with stream:
        yield Member(stream, counted, file, info.filename, title)


def show_name(name: str) -> str:
    """A member's name for the screen: what cannot be printed is escaped, a long one is cut in the middle."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)
    half = _NAME_CHARACTERS // 2
    return shown if len(shown) <= _NAME_CHARACTERS else f"{shown[:half]}…{shown[-half:]}"


class Member:
    """The unpacked bytes of one member. `bytes_read` and the hash are of the archive as stored."""

    def __init__(
        self, stream: IO[bytes], counted: "_Counted", file: IO[bytes], name: str, title: str
    ) -> None:
        self._stream, self._counted, self._file = stream, counted, file
        self.name, self._title = name, title
        self._before = counted.bytes_read
        self._hashed = 0

    @property
    def bytes_read(self) -> int:
        """How many bytes of the archive have gone by: the member's own, later those that were hashed."""
        return max(self._counted.bytes_read - self._before, self._hashed)

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; b"" only at the end, where the member's checksum has been found right."""
        try:
            return self._stream.read(min(size, CHUNK_BYTES))
        except _FAULTS as error:
            raise _damaged(self._title, error) from error

    def hash_whole(self, on_read: Callable[[], None]) -> str:
        """SHA-256 of the whole archive; nothing can be read from the member afterwards."""
        digest = hashlib.sha256()
        self._file.seek(0)
        while chunk := self._file.read(CHUNK_BYTES):
            digest.update(chunk)
            self._hashed += len(chunk)
            on_read()
        return digest.hexdigest()


class _Counted(io.RawIOBase):
    """A file that counts what is read, and never gives more than a table of contents may hold at a time."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file, self._name = file, name
        self.bytes_read = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1, /) -> bytes:
        if size > _CONTENTS_BYTES:
            raise ReadError(
                f"The table of contents of {self._name} is over {describe_size(_CONTENTS_BYTES)}.",
                "Unzip it, and load the folder.",
            )
        chunk = self._file.read(size)
        self.bytes_read += len(chunk)
        return chunk


def _open_archive(file: _Counted, name: str) -> ZipFile:
    try:
        return ZipFile(file)
    except _FAULTS as error:
        raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> ReadError:
    reason = str(error) or "it ends in the middle"
    if "not a zip file" in reason:
        reason = "it is cut off, its table of contents is missing"
    return ReadError(f"{name} is a damaged zip archive: {reason}.", "Download or copy it again.")


def _list_data(archive: ZipFile) -> list[ZipInfo]:
    return [info for info in archive.infolist() if _is_file(info) and _is_data(info.filename)]


def _is_file(info: ZipInfo) -> bool:
    kind = stat.S_IFMT(info.external_attr >> 16)
    return not info.is_dir() and kind in (0, stat.S_IFREG)


def _is_data(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    hidden = any(part.startswith(".") and part != ".." for part in parts) or "__MACOSX" in parts
    return not hidden and is_data_name(name) and not name.lower().endswith(".zip")


def _choose_member(archive: ZipFile, asked: str | None, name: str) -> ZipInfo:
    data = _list_data(archive)
    names = _names(data)
    proposal = {"member": names}
    if asked is None and len(names) > 1:
        raise ReadError(
            f"{name} holds {len(names)} data files: {_tell(names)}.",
            "Name one of them with --member.",
            proposal=proposal,
        )
    if asked is None and not names:
        inside = _names([info for info in archive.infolist() if not info.is_dir()])
        hint = f"Inside are: {_tell(inside)}." if inside else "It is empty."
        raise ReadError(f"{name} holds no data file.", hint)
    wanted = names[0] if asked is None else asked
    found = [info for info in archive.infolist() if info.filename == wanted]
    if not found:
        hint = f"It holds: {_tell(names)}." if names else "It holds no data file."
        raise ReadError(f"{name} holds no file named {show_name(wanted)}.", hint, proposal=proposal)
    if len(found) > 1:
        raise ReadError(
            f"{name} holds {len(found)} files named {show_name(wanted)}.", "Unzip it, and load the right one."
        )
    return found[0]


def _refuse_unreadable(info: ZipInfo, title: str) -> None:
    if not _is_file(info):
        raise ReadError(f"{title} is a folder, a link or a device, not a file.", "Name a file inside it.")
    if info.filename.lower().endswith(".zip"):
        raise ReadError(f"{title} is a zip archive inside a zip archive.", "Unzip the outer one first.")
    if info.flag_bits & _ENCRYPTED:
        raise ReadError(f"{title} is encrypted.", "Unzip it with its password, and load the file itself.")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ReadError(
            f"{title} is packed in a way that is not read (method {info.compress_type}).",
            "Unzip it, or pack it again with the usual method, deflate.",
        )


def _names(infos: Sequence[ZipInfo]) -> tuple[str, ...]:
    return tuple(sorted({info.filename for info in infos}))


def _tell(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_TOLD:,} more" if len(names) > _NAMES_TOLD else ""
    return ", ".join(map(show_name, names[:_NAMES_TOLD])) + more
