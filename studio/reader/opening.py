"""The bytes of a source, opened: a file or a URL, decoded, counted and hashed on the way.

    file or URL  →  a member of it if it is a zip  →  decompressed  →  guarded against bombs  →  UTF-8

Knows nothing of formats but what their names end with.
"""

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.errors import ReadError, SourceError
from studio.reader.archive import ZIP_MAGIC, Member, open_member, show_name
from studio.reader.compression import (
    COMPRESSIONS,
    HEAD_BYTES,
    decompress,
    detect_compression,
    is_stump,
    split_compression,
)
from studio.reader.encoding import UTF_8, TranscodedStream, choose_encoding
from studio.reader.lines import ByteStream, describe_size
from studio.reader.streams import AheadStream, GuardedStream, Origin, PeekableStream, StoredStream, spool
from studio.settings import Limits, Settings
from studio.source import Source

_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
_BINARY = (".parquet", ".arrow", ".feather", ".ipc", *_WORKBOOKS)


class Opened:
    """The decoded bytes of one file: decompressed, and of text the UTF-8.

    `title` is what a person calls the file ("a.jsonl.gz", "a.csv in b.zip"). `name` is what tells the format:
    the file's or the member's, without the suffix of its compression. `member` is the exact name inside a
    zip, None when there is no zip. `compressed` is "", gz, zst, bz2 or xz, by the bytes. `encoding` is what
    the text was in, None for a format that is not text. `total` is the size of the file as stored, None
    when a server does not tell. `on_read` is called after each piece that was read.
    """

    def __init__(
        self,
        stream: ByteStream,
        total: int | None,
        name: str,
        limits: Limits,
        *,
        encoding: str | None = None,
        member: Member | None = None,
        file: io.BufferedReader | None = None,
        workspace: Path | None = None,
    ) -> None:
        self.title = f"{show_name(member.name)} in {name}" if member else name
        self.member = member.name if member else None
        self.total = total
        self.on_read: Callable[[], None] = lambda: None
        self._file, self._workspace = file, workspace
        self._passed = 0
        self._origin: Origin = member or _store(stream, file)
        self.name, self._promised = split_compression(show_name(member.name) if member else name)
        stored = PeekableStream(self._origin)
        head = stored.peek(HEAD_BYTES)
        self.compressed = detect_compression(head)
        if not self.compressed and self._promised and is_stump(head, self._promised):
            self.compressed = self._promised
        plain = decompress(stored, self.compressed, self.title) if self.compressed else stored
        self._text = self._decoded = PeekableStream(GuardedStream(plain, self._origin, self.title, limits))
        self._refuse_nested()
        self.encoding = self._choose_encoding(encoding)
        if self.encoding not in (None, UTF_8):
            self._text = PeekableStream(TranscodedStream(self._decoded, str(self.encoding), self.title))

    @property
    def bytes_read(self) -> int:
        """How many bytes have been read, as stored."""
        return max(self._origin.bytes_read, self._passed)

    def pass_over(self, share: float) -> None:
        """Count a share of the stored bytes as read: what is read of `as_file` goes by unseen."""
        self._passed = int(min(1.0, share) * (self.total or 0))
        self.on_read()

    def hash_whole(self) -> str:
        """SHA-256 of the whole file as stored; reads whatever is left, which cannot be read afterwards."""
        return self._origin.hash_whole(self.on_read)

    def peek(self, size: int) -> bytes:
        """The next `size` decoded bytes, or all that are left."""
        return self._text.peek(size)

    def read(self, size: int, /) -> bytes:
        """At most `size` decoded bytes; b"" only at the end.

        Raises ReadError for data that is cut or damaged, past a limit, and for a name that promises a
        compression that the bytes are not (looking at them with `peek` is allowed, to say what they are).
        """
        self.refuse_misnamed()
        chunk = self._text.read(size)
        self.on_read()
        return chunk

    def refuse_misnamed(self) -> None:
        """Raise ReadError when the name promises a compression that the bytes are not."""
        if self._promised in ("", self.compressed):
            return
        hint = f"If it is plain text, name it {self.name}."
        if self.compressed:
            hint = f"It is {COMPRESSIONS[self.compressed]}: name it {self.name}.{self.compressed}."
        raise ReadError(f"{self.title} is not {COMPRESSIONS[self._promised]}.", hint)

    @contextmanager
    def as_file(self) -> Iterator[Path]:
        """The decoded bytes as a file that can be read from anywhere in it, before any other reading.

        The stored file itself when it is plain and local; else a temporary one, gone afterwards. Raises what
        `read` raises, and ReadError when the stored file was replaced meanwhile.
        """
        self.refuse_misnamed()
        if self.encoding not in (None, UTF_8):
            raise ReadError(f"{self.title} is not text, so it has no encoding.", "Leave the encoding out.")
        if self._file is None or self.compressed:
            with spool(self.read, self._workspace, self.title, Path(self.name).suffix) as path:
                yield path
            return
        path = Path(self._file.name)
        yield path
        if not os.path.samestat(os.fstat(self._file.fileno()), path.stat()):
            raise ReadError(f"{self.title} was replaced while it was read.", "Load it again.")

    def _choose_encoding(self, asked: str | None) -> str | None:
        if self.name.lower().endswith(_BINARY):
            return None
        return choose_encoding(self._decoded.peek(4), asked, self.title)

    def _refuse_nested(self) -> None:
        if not self.compressed and self.member is None:
            return
        head = self._decoded.peek(HEAD_BYTES)
        outer = COMPRESSIONS.get(self.compressed, "a zip archive")
        if self.compressed and (inner := detect_compression(head)):
            raise ReadError(
                f"{self.title} is {COMPRESSIONS[inner]} inside {outer}.",
                "Decompress it once, then load it again.",
            )
        if head.startswith(ZIP_MAGIC) and not self.name.lower().endswith(_WORKBOOKS):
            raise ReadError(f"{self.title} is a zip archive inside {outer}.", "Unpack the outer one first.")


Fetching = Callable[[int, int | None], None]
"""Called now and then with bytes fetched and bytes in all if known; may raise to stop."""


@contextmanager
def open_source(source: Source, settings: Settings, *, on_fetch: Fetching | None = None) -> Iterator[Opened]:
    """Open a file or a URL. A zip at a URL is fetched whole before anything is read; `on_fetch` is told.

    Raises SourceError when it cannot be opened, ReadError once its bytes are wrong.
    """
    if source.url is not None:
        from studio.reader.remote import open_url  # its client takes a tenth of a second to import

        with open_url(source.url, settings) as (body, total):
            stream = PeekableStream(body)
            if _is_archive(source, stream.peek(4)):
                read = _count_fetched(stream, total, source, settings, on_fetch)
                with spool(read, settings.workspace, source.name, ".zip") as path, _open_file(path) as file:
                    yield from _open_archive(file, source, settings)
            else:
                yield _open_plain(stream, total, source, settings)
    elif source.path is not None:
        with _open_file(Path(source.path)) as file:
            if _is_archive(source, file.peek(4)[:4]):
                yield from _open_archive(file, source, settings)
            else:
                yield _open_plain(file, _size(file), source, settings, file)
    else:
        raise ValueError(f"{source} is neither a path nor a URL")


def _open_plain(
    stream: ByteStream,
    total: int | None,
    source: Source,
    settings: Settings,
    file: io.BufferedReader | None = None,
) -> Opened:
    return Opened(
        stream,
        total,
        source.name,
        settings.limits,
        encoding=source.encoding,
        file=file,
        workspace=settings.workspace,
    )


def _open_archive(file: io.BufferedReader, source: Source, settings: Settings) -> Iterator[Opened]:
    with open_member(file, source.member, source.name) as member:
        yield Opened(
            member,
            _size(file),
            source.name,
            settings.limits,
            encoding=source.encoding,
            member=member,
            workspace=settings.workspace,
        )


def _is_archive(source: Source, head: bytes) -> bool:
    """Whether it is a zip by name and bytes; a workbook or a jar is one too, but no archive of data files."""
    named = source.name.lower().endswith(".zip")
    if named and head.startswith(ZIP_MAGIC):
        return True
    if named and head:
        raise ReadError(
            f"{source.name} is not a zip archive.", "If it is a plain file, name it after its format."
        )
    if source.member is not None:
        raise SourceError(f"{source.name} is not a zip archive and has no members.", "Leave the member out.")
    return False


def _count_fetched(
    stream: ByteStream, total: int | None, source: Source, settings: Settings, on_fetch: Fetching | None
) -> Callable[[int], bytes]:
    """A function that reads the stream up to the limit of an upload."""
    most, fetched = settings.limits.upload_bytes, 0

    def read(size: int) -> bytes:
        nonlocal fetched
        chunk = stream.read(size)
        fetched += len(chunk)
        if max(fetched, total or 0) > most:
            raise ReadError(
                f"{source.name} is over {describe_size(most)}.", "Download it yourself and give its path."
            )
        if on_fetch is not None:
            on_fetch(fetched, total)
        return chunk

    return read


def _store(stream: ByteStream, file: io.BufferedReader | None) -> Origin:
    stored = StoredStream(stream)
    return stored if file is None else AheadStream(stored)


def _size(file: io.BufferedReader) -> int:
    return os.fstat(file.fileno()).st_size


def _open_file(path: Path) -> io.BufferedReader:
    try:
        _refuse_unreadable(path.stat().st_mode, path)  # before it is opened: opening may wait, or wind a tape
        # It may be another file by now; one that is a pipe must not wait for its writer.
        file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115 - Path.open takes no opener
    except FileNotFoundError as error:
        raise SourceError(f"There is no file {path}.", "Check the path.") from error
    except PermissionError as error:
        raise SourceError(f"{path} may not be read.", "Change its permissions, or copy it.") from error
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be opened: {error}.", "Check the path.") from error
    try:
        _refuse_unreadable(os.fstat(file.fileno()).st_mode, path)
    except SourceError:
        file.close()
        raise
    return file


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _refuse_unreadable(mode: int, path: Path) -> None:
    if stat.S_ISDIR(mode):
        raise SourceError(f"{path} is a directory.", "Give a file inside it.")
    if not stat.S_ISREG(mode):
        raise SourceError(f"{path} is a device or a pipe, not a file.", "Save its content to a file first.")
