"""gzip, zstd, bzip2 and xz as one decoded stream: whole, in several members, cut, damaged, hostile."""

import bz2
import gzip
import io
import lzma
import random
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from studio.errors import ReadError
from studio.reader.compression import COMPRESSIONS, decompress, detect_compression, split_compression
from studio.reader.opening import open_source
from studio.settings import Limits, Settings
from studio.source import Source

KINDS = tuple(COMPRESSIONS)
LINES = b"".join(b'{"n": "record %d", "odd": "%x"}\n' % (n, n * 2654435761) for n in range(20_000))


# What `zstd` makes of two lines, with the checksum that it adds by default.
CHECKED_ZSTD = bytes.fromhex(
    "28b52ffd0458250100d87b2261223a20226f6e65207265636f7264227d0a616e6f7468657202003bb771d96402e48d2ae6"
)


def pack_zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as file:
        file.write(content)
    return sink.getvalue().to_pybytes()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": pack_zstd,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


class Slow(io.RawIOBase):
    """A stream that gives at most some bytes at a time, as a network does."""

    def __init__(self, content: bytes, most: int) -> None:
        self._inner, self._most = io.BytesIO(content), most

    def read(self, size: int = -1, /) -> bytes:
        return self._inner.read(min(size, self._most))


def pieces(content: bytes, kind: str, size: int = 64 << 10, most: int = 1 << 20) -> Iterator[bytes]:
    stream = decompress(Slow(content, most), kind, "a.file")
    return iter(lambda: stream.read(size), b"")


def unpack(content: bytes, kind: str, size: int = 64 << 10, most: int = 1 << 20) -> bytes:
    return b"".join(pieces(content, kind, size, most))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("most", [1, 1000, 1 << 20])
def test_what_was_packed_comes_back_in_pieces_of_the_size_asked_for(kind: str, most: int) -> None:
    content = LINES[:20_000] if most == 1 else LINES
    found = list(pieces(PACK[kind](content), kind, size=777, most=most))
    assert b"".join(found) == content
    assert max(map(len, found)) <= 777


@pytest.mark.parametrize("kind", KINDS)
def test_members_are_read_through_to_the_last(kind: str) -> None:
    pack = PACK[kind]
    members = pack(LINES[:100]) + pack(b"") + pack(LINES[100:5000]) + pack(LINES[5000:])
    assert unpack(members, kind) == LINES
    assert unpack(pack(b""), kind) == b""
    assert detect_compression(members) == detect_compression(pack(b"")) == kind


def test_zeros_after_the_last_member_are_padding() -> None:
    for kind in ("gz", "bz2", "xz"):
        assert unpack(PACK[kind](LINES) + bytes(300_000), kind) == LINES
        assert unpack(PACK[kind](LINES) + bytes(1024) + PACK[kind](b"more"), kind) == LINES + b"more"


def test_skippable_frames_of_zstd_are_skipped() -> None:
    frame = b"\x52\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"hello"
    assert detect_compression(frame) == "zst"
    assert unpack(frame + pack_zstd(LINES) + frame + pack_zstd(LINES), "zst") == LINES * 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_cut_is_told(kind: str) -> None:
    packed = PACK[kind](LINES)
    cuts = [1, 2, 5, 9, 11, 20, len(packed) // 2, len(packed) - 9, len(packed) - 4, len(packed) - 1]
    for cut in cuts:
        with pytest.raises(
            ReadError, match=f"a.file is cut off: the {COMPRESSIONS[kind]} data ends"
        ) as raised:
            unpack(packed[:cut], kind)
        assert "again" in raised.value.hint
        with pytest.raises(ReadError, match="is cut off"):
            unpack(packed + packed[:cut], kind)


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_told(kind: str) -> None:
    packed = PACK[kind](LINES)
    for place in (20, 2000) if kind != "zst" else (4, 5):  # a block of zstd may hold anything
        with pytest.raises(ReadError, match=f"a.file is damaged {COMPRESSIONS[kind]}: "):
            unpack(packed[:place] + b"\xee" * 64 + packed[place + 64 :], kind)
    with pytest.raises(ReadError, match="is damaged"):
        unpack(packed + b"something else that follows", kind)


def test_flipped_bits_are_told_by_the_checksums() -> None:
    shuffle = random.Random(3)
    tried, passed = 0, 0
    packed = {kind: PACK[kind](LINES[:50_000]) for kind in ("gz", "bz2", "xz")}
    packed["zst"] = CHECKED_ZSTD  # pyarrow writes none; a file without a checksum cannot tell
    for kind, content in packed.items():
        whole = unpack(content, kind)
        for _ in range(150):
            place = shuffle.randrange(12, len(content))
            spoiled = bytearray(content)
            spoiled[place] ^= 1 << shuffle.randrange(8)
            tried += 1
            try:
                passed += unpack(bytes(spoiled), kind) != whole
            except ReadError:
                continue
    print(f"\ncompression: {tried} flipped bits, {passed} changed data passed on")
    assert passed == 0


def test_headers_that_ask_for_much_memory_are_refused() -> None:
    dictionary = lzma.compress(b"x", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30}])
    with pytest.raises(ReadError, match="asks for more than 256 MB of memory"):
        unpack(dictionary, "xz")
    window = b"\x28\xb5\x2f\xfd\x00" + bytes([(31 - 10) << 3]) + bytes(100)
    with pytest.raises(ReadError, match="is damaged zstd: Frame requires too much memory"):
        unpack(window, "zst")


def make_bomb(kind: str) -> bytes:
    """60 MB of zeros, packed, in a few kilobytes."""
    if kind == "gz":
        return gzip.compress(bytes(60 << 20))
    return PACK[kind](bytes(60 << 20))


@pytest.mark.parametrize("kind", KINDS)
def test_bombs_are_refused_with_flat_memory(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.jsonl.{kind}"
    path.write_bytes(make_bomb(kind))
    settings = Settings(workspace=tmp_path)
    for limits, words in [
        (settings.limits, "grows more than 200 times"),
        (Limits(decoded_bytes=1 << 20), "holds more than 1 MB of text"),
    ]:
        tracemalloc.start()
        with (
            pytest.raises(ReadError, match=words),
            open_source(Source(path=str(path)), Settings(workspace=tmp_path, limits=limits)) as opened,
        ):
            while opened.read(1 << 20):
                pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 16 << 20  # of which 8 MB are the dictionary of xz
    print(f"\n{kind} bomb: {path.stat().st_size:,} bytes, refused, peak {peak / 1e6:.1f} MB", end="")


def test_memory_is_flat_over_a_long_stream() -> None:
    packed = {kind: PACK[kind](LINES) * 20 for kind in KINDS}
    for kind in KINDS:
        tracemalloc.start()
        total = sum(map(len, pieces(packed[kind], kind, size=1 << 20)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert total == 20 * len(LINES)
        assert peak < 16 << 20


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"B",
        b"BZh",
        b"BZh9 is a word",
        b"BZhello world",
        b"{",
        b"PK\x03\x04",
        b"\xfd7zX",
        b"(\xb5/",
        b"P*M",
    ],
)
def test_what_only_begins_like_a_compression_is_none(head: bytes) -> None:
    assert detect_compression(head) == ""


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("a.jsonl.gz", ("a.jsonl", "gz")),
        ("A.CSV.ZST", ("A.CSV", "zst")),
        ("a.tar.bz2", ("a.tar", "bz2")),
        ("a.gz.xz", ("a.gz", "xz")),
        ("a.jsonl", ("a.jsonl", "")),
        ("gz", ("gz", "")),
        ("a.gzip", ("a.gzip", "")),
    ],
)
def test_a_name_is_split_from_the_compression_that_it_promises(name: str, split: tuple[str, str]) -> None:
    assert split_compression(name) == split


def test_zlib_without_the_header_of_gzip_is_not_taken_for_it() -> None:
    assert detect_compression(zlib.compress(LINES)) == ""
    with pytest.raises(ReadError, match="damaged gzip: incorrect header check"):
        unpack(zlib.compress(LINES), "gz")


def test_errors_of_the_stream_below_are_passed_on() -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1, /) -> bytes:
            raise ReadError("The connection was cut.", "Try again.")

    for kind in KINDS:
        with pytest.raises(ReadError, match="The connection was cut") as raised:
            decompress(Broken(), kind, "a").read(10)
        assert raised.value.hint == "Try again."
