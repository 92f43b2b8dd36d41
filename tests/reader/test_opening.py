"""What bytes really are, and how they are opened: files, compressed or not, disguises, archives, URLs."""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from studio.errors import ReadError, SourceError, StudioError
from studio.reader import opening, read_source
from studio.reader.opening import Opened, open_source
from studio.reader.streams import spool
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table

Load = Callable[..., Table]

LINES = b"".join(b'{"n": "record %d"}\n' % n for n in range(50))


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.jsonl"])
def test_gzip_is_read_whatever_its_name_and_hashed_as_stored(load: Load, tmp_path: Path, name: str) -> None:
    packed = gzip.compress(LINES[:500]) + gzip.compress(LINES[500:])
    table = load(packed, name=name)
    assert (len(table), table.bytes) == (50, len(packed))
    assert table.sha256 == table.source.sha256 == hashlib.sha256(packed).hexdigest()


def test_packed_arrays_and_csv_are_read(load: Load) -> None:
    assert load(gzip.compress(b'[{"a": 1}]'), name="a.json.gz").format == "json"
    assert load(gzip.compress(b"a\nx\n"), name="a.csv.gz").format == "csv"


PACK: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def pack_zip(name: str, content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return sink.getvalue()


def read_all(opened: Opened) -> bytes:
    return b"".join(iter(lambda: opened.read(10_000), b""))


@pytest.mark.parametrize("kind", PACK)
def test_compressed_files_are_told_by_their_bytes(tmp_path: Path, settings: Settings, kind: str) -> None:
    packed = PACK[kind](LINES)
    for name in (f"a.jsonl.{kind}", "a.jsonl"):
        path = tmp_path / name
        path.write_bytes(packed)
        with open_source(Source(path=str(path)), settings) as opened:
            assert (opened.compressed, opened.name, opened.title) == (kind, "a.jsonl", name)
            assert (opened.total, opened.encoding, opened.member) == (len(packed), "utf-8", None)
            assert opened.peek(5) == LINES[:5]
            assert read_all(opened) == LINES
            assert opened.read(10) == b""
            assert opened.bytes_read == len(packed)
            assert opened.hash_whole() == hashlib.sha256(packed).hexdigest()


def test_the_hash_is_of_the_whole_file_even_when_little_was_read(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES * 5000)
    with open_source(Source(path=str(path)), settings) as opened:
        told: list[int] = []
        opened.on_read = lambda: told.append(opened.bytes_read)
        assert (LINES * 5000).startswith(opened.read(100))
        assert opened.hash_whole() == hashlib.sha256(LINES * 5000).hexdigest()
    assert told == sorted(told)
    assert (len(told) > 3, told[-1]) == (True, path.stat().st_size)


def test_compression_inside_compression_is_refused(tmp_path: Path, settings: Settings) -> None:
    words = {"gz": "gzip", "bz2": "bzip2", "xz": "xz"}
    for inner, outer in ((inner, outer) for inner in PACK for outer in PACK):
        path = tmp_path / f"a.jsonl.{outer}"
        path.write_bytes(PACK[outer](PACK[inner](LINES)))
        with (
            pytest.raises(ReadError, match=f"is {words[inner]} inside {words[outer]}"),
            open_source(Source(path=str(path)), settings),
        ):
            pass
    path = tmp_path / "a.zip.gz"
    path.write_bytes(gzip.compress(pack_zip("a.jsonl", LINES)))
    with (
        pytest.raises(ReadError, match="is a zip archive inside gzip"),
        open_source(Source(path=str(path)), settings),
    ):
        pass


def test_a_misnamed_file_may_be_looked_at_and_not_read(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.jsonl.xz"
    path.write_bytes(LINES)
    with open_source(Source(path=str(path)), settings) as opened:
        assert opened.peek(10) == LINES[:10]
        with pytest.raises(ReadError, match=r"a\.jsonl\.xz is not xz"):
            opened.read(10)
        with pytest.raises(ReadError, match="is not xz"), opened.as_file():
            pass


def test_a_file_cut_within_its_first_bytes_is_told(tmp_path: Path, settings: Settings) -> None:
    for kind in PACK:
        path = tmp_path / f"a.jsonl.{kind}"
        for length in range(1, 10):
            path.write_bytes(PACK[kind](LINES)[:length])
            with (
                pytest.raises(ReadError, match="is cut off"),
                open_source(Source(path=str(path)), settings) as opened,
            ):
                opened.read(1)


def test_what_is_no_file_is_refused_when_it_is_opened(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jsonl").write_bytes(LINES)
    cases = [(tmp_path, "is a directory"), (tmp_path / "x", "no file"), ("a\0b", "cannot be opened")]
    for path, words in [*cases, ("x" * 5000, "cannot be opened"), ("/dev/zero", "is a device")]:
        with pytest.raises(SourceError, match=words), open_source(Source(path=str(path)), settings):
            pass

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(opening, "_open_at_once", refuse)
    with (
        pytest.raises(SourceError, match="may not be read"),
        open_source(Source(path=str(tmp_path / "a.jsonl")), settings),
    ):
        pass


def test_transcoded_text_is_not_given_as_a_file(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES)
    with (
        open_source(Source(path=str(path), encoding="latin-1"), settings) as opened,
        pytest.raises(ReadError, match="is not text"),
        opened.as_file(),
    ):
        pass


def test_a_plain_local_file_is_given_as_it_is(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(LINES)
    with open_source(Source(path=str(path)), settings) as opened:
        assert opened.peek(4) == LINES[:4]
        with opened.as_file() as given:
            assert given == path
        assert opened.hash_whole() == hashlib.sha256(LINES).hexdigest()
        (tmp_path / "other").write_bytes(LINES)
        with pytest.raises(ReadError, match="replaced while it was read"), opened.as_file():
            (tmp_path / "other").replace(path)


def test_packed_bytes_are_given_as_a_file_that_is_gone_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet.gz"
    path.write_bytes(gzip.compress(LINES))
    for workspace in (tmp_path, tmp_path / "none"):
        settings = Settings(workspace=workspace)
        with open_source(Source(path=str(path)), settings) as opened, opened.as_file() as given:
            assert (given.read_bytes(), given.suffix) == (LINES, ".parquet")
            assert given.is_relative_to(tmp_path) == (workspace == tmp_path)
            assert given.parent.stat().st_mode & 0o777 == 0o700
        assert not given.parent.exists()
    settings = Settings(workspace=tmp_path, limits=Limits(decoded_bytes=500))
    with (
        open_source(Source(path=str(path)), settings) as opened,
        pytest.raises(ReadError, match="holds more than 500 bytes"),
        opened.as_file(),
    ):
        pass
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    def read(size: int) -> bytes:
        raise OSError(28, "No space left on device")

    with (
        pytest.raises(ReadError, match=r"no room to unpack a\.gz: No space left on device"),
        spool(read, tmp_path, "a.gz", ".csv"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.feather", "a.ipc", "a.xlsx", "a.parquet.gz"])
def test_formats_that_are_not_text_are_never_transcoded(
    tmp_path: Path, settings: Settings, name: str
) -> None:
    content = b"\xff\xfe\x81\x00" * 50
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with open_source(Source(path=str(path), encoding="utf-16"), settings) as opened:
        assert opened.encoding is None
        with opened.as_file() as given:
            assert given.read_bytes() == content


def test_a_file_that_becomes_a_pipe_while_it_is_opened_is_refused(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES)
    refuse = opening._refuse_unreadable

    def swap(mode: int, asked: Path) -> None:
        refuse(mode, asked)
        path.unlink()
        os.mkfifo(path)

    monkeypatch.setattr(opening, "_refuse_unreadable", swap)
    with (
        pytest.raises(SourceError, match="is a device or a pipe"),
        open_source(Source(path=str(path)), settings),
    ):
        pass


LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
REFUSED: list[tuple[str, bytes, str, str]] = [
    ("a.jsonl", b"", "a.jsonl is empty.", "download"),
    ("a.jsonl.gz", gzip.compress(b""), "a.jsonl.gz is empty.", "download"),
    ("a.jsonl", b" \n\r\n\t\n", "a.jsonl holds nothing but blank lines.", "export"),
    ("a.jsonl", b"\n<!DOCTYPE html><html><body>", "a.jsonl is a web page (HTML), not data.", "download"),
    ("a.jsonl", b"<html>\n<head>", "a.jsonl is a web page (HTML), not data.", "raw"),
    ("a.jsonl", LFS, "a.jsonl is a git-lfs pointer, not the data.", "git lfs pull"),
    ("a.jsonl.gz", LFS, "a.jsonl.gz is a git-lfs pointer, not the data.", "git lfs pull"),
    ("a.json", b"PK\x03\x04rest", "a.json is a zip archive (or a spreadsheet).", "nzip"),
    ("a.jsonl", b"PAR1rest", "a.jsonl is a Parquet file.", ""),
    ("a.jsonl", '{"a": 1}\n'.encode("utf-32"), "a.jsonl is text in UTF-32.", "UTF-8"),
    ("a.jsonl", '{"a": 1}\n'.encode("utf-16-le"), "a.jsonl is text in UTF-16 without a mark.", "UTF-"),
    ("a.jsonl", bytes(range(8)) * 3 + bytes(40), "a.jsonl is a binary file.", "UTF-8"),
    ("a.jsonl.gz", gzip.compress(gzip.compress(LINES)), "a.jsonl.gz is gzip inside gzip.", "once"),
    ("a.jsonl.gz", gzip.compress(LINES)[:-12], "a.jsonl.gz is cut off: the gzip data ends", "again"),
    ("a.jsonl.gz", gzip.compress(LINES)[:60] + b"????" + gzip.compress(LINES)[64:], "a.jsonl.gz is", "again"),
    ("a.jsonl.gz", LINES, "a.jsonl.gz is not gzip.", "name it a.jsonl"),
    ("a.jsonl", b"word\n{}x\n", "a.jsonl holds no record. Line 1: not JSON", "one JSON object per line"),
    ("a.jsonl", b'[{"a": 1}, {"a": 2}]', "a.jsonl holds no record. Line 1: a JSON array", "name it .json"),
    ("a.jsonl.zst", LINES, "a.jsonl.zst is not zstd.", "name it a.jsonl"),
    ("a.jsonl.gz", lzma.compress(LINES), "a.jsonl.gz is not gzip.", "It is xz: name it a.jsonl.xz."),
    ("a.tar.gz", gzip.compress(LINES), "a.tar", ".jsonl"),
    ("a.exe", LINES, "a.exe is not a kind of file that is read.", ".jsonl"),
]


@pytest.mark.parametrize(("name", "content", "message", "hint"), REFUSED, ids=range(len(REFUSED)))
def test_a_file_that_is_not_what_its_name_says_is_refused_in_words(
    load: Load, name: str, content: bytes, message: str, hint: str
) -> None:
    with pytest.raises((ReadError, SourceError)) as raised:
        load(content, name=name)
    assert raised.value.message.startswith(message)
    assert hint in raised.value.hint


def test_a_decompression_bomb_is_refused(load: Load) -> None:
    bomb = gzip.compress(b'{"a": "' + b"x" * 30_000_000 + b'"}\n')
    with pytest.raises(ReadError, match="grows more than 200 times"):
        load(bomb, name="a.jsonl.gz")
    with pytest.raises(ReadError, match="holds more than 1 KB"):
        load(LINES * 10, decoded_bytes=1024)


def test_too_many_columns_are_refused(load: Load) -> None:
    with pytest.raises(ReadError, match="more than 10 columns"):
        load("\n".join(json.dumps({f"k{n}": 1}) for n in range(11)), columns=10)


def test_what_cannot_be_opened_is_named(tmp_path: Path, settings: Settings) -> None:
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    (tmp_path / "folder.jsonl").mkdir()
    for name, words in [
        ("none.jsonl", "no file"),
        ("pipe.jsonl", "a pipe"),
        ("folder.jsonl", "no data file"),
    ]:
        with pytest.raises(SourceError) as raised:
            read_source(Source(path=str(tmp_path / name)), tmp_path / "t", settings)
        assert name in raised.value.message
        assert words in raised.value.message
        assert not (tmp_path / "t").exists()


def test_an_existing_folder_is_never_written_over(load: Load, tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "a.jsonl").write_bytes(LINES)
    (tmp_path / "taken").mkdir()
    with pytest.raises(StudioError, match="exists already"):
        read_source(Source(path=str(tmp_path / "a.jsonl")), tmp_path / "taken", settings)
    assert list((tmp_path / "taken").iterdir()) == []


def test_progress_tells_bytes_and_records(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(LINES * 4000)
    told: list[tuple[int, int | None, int]] = []
    read_source(Source(path=str(path)), tmp_path / "t", settings, progress=lambda *now: told.append(now))
    assert told == sorted(told)
    assert told[-1] == (path.stat().st_size, path.stat().st_size, 200_000)


@dataclass(slots=True)
class Site:
    """A web server on 127.0.0.1; `url(path)` and what was asked of it."""

    port: int
    asked: list[str]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@pytest.fixture
def site() -> Iterator[Site]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            name = self.path.split("?")[0].rsplit("/", 1)[-1]
            if self.path.startswith("/to/"):
                self.send_response(302)
                self.send_header("Location", self.path.removeprefix("/to/"))
                self.end_headers()
            elif self.path.startswith("/status/"):
                self.send_error(int(self.path.split("/")[2]))
            else:
                packed = {"gz": gzip.compress(LINES), "zip": pack_zip("in.jsonl", LINES)}
                body = packed.get(name.rpartition(".")[2], LINES)
                self.send_response(200)
                extra = 100 if self.path.startswith("/cut/") else 0
                self.send_header("Content-Length", str(len(body) + extra))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Site(port=server.server_port, asked=asked)
    server.shutdown()
    server.server_close()


def read_url(url: str, tmp_path: Path, first: int | None = None, private: bool = True) -> Table:
    settings = Settings(workspace=tmp_path, private_urls=private, limits=Limits(network_seconds=5))
    folder = tmp_path / f"t{len(list(tmp_path.iterdir()))}"
    try:
        return read_source(Source(url=url, first=first), folder, settings)
    except StudioError:
        assert list(tmp_path.iterdir()) == []
        raise


@pytest.mark.parametrize("path", ["/data/a.jsonl", "/a.jsonl.gz?download=true", "/to//data/a.jsonl.gz"])
def test_a_url_is_streamed_for_its_first_records(site: Site, tmp_path: Path, path: str) -> None:
    table = read_url(site.url(path), tmp_path, first=7)
    assert (len(table), table.complete, table.sha256, table.source.first) == (7, False, None, 7)
    assert table.record(6)["n"] == "record 6"


def test_a_url_that_ends_in_time_is_complete(site: Site, tmp_path: Path) -> None:
    table = read_url(site.url("/a.jsonl"), tmp_path)
    assert (len(table), table.complete, table.source.first) == (50, True, 1000)
    assert table.sha256 == hashlib.sha256(LINES).hexdigest()
    assert read_url(site.url("/a.jsonl"), tmp_path, first=50).complete


def test_a_zip_at_a_url_is_fetched_and_gone_afterwards(site: Site, tmp_path: Path) -> None:
    source = Source(url=site.url("/a.zip"))
    packed = pack_zip("in.jsonl", LINES)
    told: list[tuple[int, int | None]] = []
    settings = Settings(workspace=tmp_path, private_urls=True)
    with open_source(source, settings, on_fetch=lambda *now: told.append(now)) as opened:
        assert (opened.name, opened.title) == ("in.jsonl", "in.jsonl in a.zip")
        assert read_all(opened) == LINES
        assert opened.hash_whole() == hashlib.sha256(packed).hexdigest()
        assert opened.bytes_read == opened.total == len(packed)
    assert told[-1] == (len(packed), len(packed))
    small = Settings(workspace=tmp_path, private_urls=True, limits=Limits(upload_bytes=100))
    with pytest.raises(ReadError, match=r"a\.zip is over 100 bytes"), open_source(source, small):
        pass
    with (
        pytest.raises(ReadError, match="The connection to 127"),
        open_source(Source(url=site.url("/cut/a.zip")), settings),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_url_is_given_as_a_file(site: Site, tmp_path: Path) -> None:
    settings = Settings(workspace=tmp_path, private_urls=True)
    source = Source(url=site.url("/a.parquet"))
    with open_source(source, settings) as opened, opened.as_file() as given:
        assert given.read_bytes() == LINES
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/status/404/a.jsonl", "127.0.0.1 has no /status/404/a.jsonl (404)."),
        ("/status/403/a.jsonl", "127.0.0.1 does not let everybody read this file (403)."),
        ("/status/500/a.jsonl", "127.0.0.1 answered 500"),
        ("/cut/a.jsonl", "The connection to 127.0.0.1 was cut after"),
        ("/to/ftp://127.0.0.1/a.jsonl", "ftp:// is not read"),
        ("/to/http://u:p@127.0.0.1/a.jsonl", "The URL on 127.0.0.1 carries a user name"),
        ("/to/" * 7 + "/a.jsonl", "http://127.0.0.1"),
        ("/page.html", "page.html is not a kind of file that is read."),
    ],
)
def test_a_url_that_cannot_be_had_is_named(site: Site, tmp_path: Path, path: str, message: str) -> None:
    with pytest.raises(StudioError) as raised:
        read_url(site.url(path), tmp_path, first=1000)
    assert raised.value.message.startswith(message)


PRIVATE = ["https://127.0.0.1/a.jsonl", "https://localhost/a.jsonl", "https://[::1]/a.jsonl", "https://0/a.jsonl",
           "https://10.0.0.8/a.jsonl", "https://192.168.1.1/a.jsonl", "https://169.254.169.254/a.jsonl",
           "https://2130706433/a.jsonl", "https://0x7f.1/a.jsonl", "https://[::ffff:127.0.0.1]/a.jsonl",
           "https://[::ffff:7f00:1]/a.jsonl", "https://[fe80::1]/a.jsonl", "https://[fd00::1]/a.jsonl",
           "https://100.64.0.1/a.jsonl", "https://224.0.0.1/a.jsonl",
           "https://[2002:7f00:1::]/a.jsonl"]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
def test_addresses_of_this_machine_and_private_networks_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SourceError) as raised:
        read_url(url, tmp_path, private=False)
    assert "private network" in raised.value.message or "no host" in raised.value.message


def test_plain_http_is_refused_and_nothing_is_asked(site: Site, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="only https"):
        read_url(site.url("/a.jsonl"), tmp_path, private=False)
    assert site.asked == []


def test_a_server_that_does_not_listen_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 cannot be reached"):
        read_url("http://127.0.0.1:1/a.jsonl", tmp_path)
