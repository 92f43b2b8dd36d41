"""The files inside a zip: chosen, read, and nothing of what a hostile one asks for."""

import gzip
import hashlib
import io
import random
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from studio.errors import ReadError, SourceError, StudioError
from studio.reader.archive import list_members, show_name
from studio.reader.opening import Opened, open_source
from studio.settings import Limits, Settings
from studio.source import Source

LINES = b"".join(b'{"n": "record %d"}\n' % n for n in range(2000))
Members = dict[str, bytes]


def make_zip(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


@contextmanager
def opened_zip(
    folder: Path, content: bytes, member: str | None = None, name: str = "a.zip", limits: Limits | None = None
) -> Iterator[Opened]:
    path = folder / name
    path.write_bytes(content)
    settings = Settings(workspace=folder, limits=limits or Limits())
    with open_source(Source(path=str(path), member=member), settings) as opened:
        yield opened


def read_all(opened: Opened) -> bytes:
    return b"".join(iter(lambda: opened.read(64 << 10), b""))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_the_only_data_file_is_taken(tmp_path: Path, method: int) -> None:
    content = make_zip({"README.md": b"#", "data/a.jsonl": LINES, "__MACOSX/data/._a.jsonl": b"\0"}, method)
    told: list[int] = []
    with opened_zip(tmp_path, content) as opened:
        opened.on_read = lambda: told.append(opened.bytes_read)
        assert (opened.name, opened.member, opened.compressed) == ("data/a.jsonl", "data/a.jsonl", "")
        assert (opened.title, opened.encoding) == ("data/a.jsonl in a.zip", "utf-8")
        assert opened.peek(10) == LINES[:10]
        assert read_all(opened) == LINES
        assert 0 < opened.bytes_read < len(content)
        assert opened.hash_whole() == hashlib.sha256(content).hexdigest()
        assert opened.bytes_read == opened.total == len(content)
    assert told == sorted(told)


def test_several_data_files_are_named_and_proposed(tmp_path: Path) -> None:
    content = make_zip({"b.jsonl": b"", "a.csv": b"", "notes.pdf": b"", "sub/c.parquet.zst": b""})
    with (
        pytest.raises(ReadError, match=r"a\.zip holds 3 data files: a\.csv, b\.jsonl, ") as raised,
        opened_zip(tmp_path, content),
    ):
        pass
    assert raised.value.proposal == {"member": ("a.csv", "b.jsonl", "sub/c.parquet.zst")}
    assert "--member" in raised.value.hint
    assert list_members(tmp_path / "a.zip") == ("a.csv", "b.jsonl", "sub/c.parquet.zst")


def test_a_member_is_taken_by_its_exact_name(tmp_path: Path) -> None:
    content = make_zip({"a.jsonl": b"1", "b/a.jsonl": LINES, "notes": b"any name"})
    for name, expected in [("b/a.jsonl", LINES), ("a.jsonl", b"1"), ("notes", b"any name")]:
        with opened_zip(tmp_path, content, name) as opened:
            assert (opened.member, read_all(opened)) == (name, expected)
    with (
        pytest.raises(ReadError, match=r"a\.zip holds no file named A\.jsonl") as raised,
        opened_zip(tmp_path, content, "A.jsonl"),
    ):
        pass
    assert raised.value.proposal == {"member": ("a.jsonl", "b/a.jsonl")}


def test_a_member_may_be_compressed_once(tmp_path: Path) -> None:
    with opened_zip(tmp_path, make_zip({"a.csv.gz": gzip.compress(LINES)})) as opened:
        assert (opened.name, opened.compressed, read_all(opened)) == ("a.csv", "gz", LINES)
    twice = gzip.compress(gzip.compress(LINES))
    with (
        pytest.raises(ReadError, match=r"a\.csv\.gz in a\.zip is gzip inside gzip"),
        opened_zip(tmp_path, make_zip({"a.csv.gz": twice})),
    ):
        pass


def test_a_member_in_utf16_is_transcoded_and_a_workbook_is_not(tmp_path: Path) -> None:
    with opened_zip(tmp_path, make_zip({"a.jsonl": LINES.decode().encode("utf-16")})) as opened:
        assert (opened.encoding, read_all(opened)) == ("utf-16", LINES)
    workbook = make_zip({"xl/workbook.xml": b"<workbook/>"})
    with opened_zip(tmp_path, make_zip({"a.xlsx": workbook})) as opened, opened.as_file() as path:
        assert (path.read_bytes(), path.suffix, opened.encoding) == (workbook, ".xlsx", None)
    assert not path.exists()


def test_a_workbook_is_no_archive(tmp_path: Path) -> None:
    workbook = make_zip({"xl/workbook.xml": b"<workbook/>", "a.csv": b"a"})
    for name in ("a.xlsx", "a.xlsm", "a.ods"):
        with opened_zip(tmp_path, workbook, name=name) as opened, opened.as_file() as path:
            assert (path, opened.member) == (tmp_path / name, None)


def test_what_is_no_zip_has_no_members(tmp_path: Path) -> None:
    with (
        pytest.raises(SourceError, match=r"a\.jsonl is not a zip archive and has no members"),
        opened_zip(tmp_path, LINES, "b.jsonl", name="a.jsonl"),
    ):
        pass
    with pytest.raises(ReadError, match=r"a\.zip is not a zip archive"), opened_zip(tmp_path, LINES):
        pass
    with pytest.raises(ReadError, match=r"a\.jsonl is a damaged zip"):
        list_members(tmp_path / "a.jsonl")


def with_attributes(name: str, content: bytes, mode: int) -> bytes:
    sink = io.BytesIO()
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr(info, content)
    return sink.getvalue()


def patched(content: bytes, at: dict[int, bytes], headers: bytes = b"PK\x01\x02") -> bytes:
    """The archive with bytes changed in its only entry, in the table of contents or in the local header."""
    start = content.rindex(headers)
    spoiled = bytearray(content)
    for offset, new in at.items():
        spoiled[start + offset : start + offset + len(new)] = new
    return bytes(spoiled)


def encrypted() -> bytes:
    content = make_zip({"a.jsonl": LINES})
    return patched(patched(content, {8: b"\x01"}), {6: b"\x01"}, b"PK\x03\x04")


def twice_named() -> bytes:
    content = make_zip({"a.jsonl": LINES, "b.jsonl": b"{}"})
    return content.replace(b"b.jsonl", b"a.jsonl")


def long_contents() -> bytes:
    """A table of contents that says it is 1 GB long, with a file of that size behind it to be true."""
    content = make_zip({"a.jsonl": LINES})
    end = bytearray(content[-22:])
    size = 9 << 20
    struct.pack_into("<I", end, 12, size)
    return content[:-22] + bytes(size) + bytes(end)


ZIP = make_zip({"a.jsonl": LINES})
LINK = with_attributes("a.jsonl", b"/etc/passwd", stat.S_IFLNK | 0o777)
FIFO = with_attributes("a.jsonl", b"", stat.S_IFIFO | 0o666)
BOMB = make_zip({"a.jsonl": bytes(100 << 20)})

# What is hostile or broken, the member asked for, and the words of the refusal.
HOSTILE: list[tuple[str, bytes, str | None, str]] = [
    ("a link", LINK, "a.jsonl", "a.jsonl in a.zip is a folder, a link or a device"),
    ("a link alone", LINK, None, "a.zip holds no data file"),
    ("a pipe", FIFO, "a.jsonl", "a link or a device"),
    ("a folder", make_zip({"d.jsonl/": b""}), "d.jsonl/", "is a folder"),
    ("encrypted", encrypted(), None, "a.jsonl in a.zip is encrypted."),
    ("a bomb", BOMB, None, "grows more than 200 times"),
    ("a bomb of bzip2", make_zip({"a.jsonl": bytes(50 << 20)}, zipfile.ZIP_BZIP2), None, "method 12"),
    ("a bomb of lzma", make_zip({"a.jsonl": bytes(50 << 20)}, zipfile.ZIP_LZMA), None, "method 14"),
    ("a bomb in a member", make_zip({"a.jsonl.gz": gzip.compress(bytes(60 << 20))}), None, "grows more than"),
    ("an unknown method", patched(ZIP, {10: b"\x63"}), None, "method 99"),
    ("a zip in a zip", make_zip({"b.zip": ZIP}), "b.zip", "b.zip in a.zip is a zip archive inside a zip"),
    ("only a zip in it", make_zip({"b.zip": ZIP}), None, "a.zip holds no data file"),
    ("a zip by another name", make_zip({"b.jsonl": ZIP}), None, "is a zip archive inside a zip"),
    ("a zip in gzip in it", make_zip({"b.csv.gz": gzip.compress(ZIP)}), None, "is a zip archive inside gzip"),
    ("one name twice", twice_named(), None, "holds 2 files named a.jsonl"),
    ("empty", make_zip({}), None, "holds no data file"),
    ("nothing to read", make_zip({"a.exe": b"MZ", "b.pdf": b"%PDF"}), None, "holds no data file"),
    (
        "hidden files",
        make_zip({".a.jsonl": b"", ".git/b.jsonl": b"", "__MACOSX/c.csv": b""}),
        None,
        "no data",
    ),
    ("cut in the middle", ZIP[: len(ZIP) // 2], None, "a.zip is a damaged zip archive: it is cut off"),
    ("cut at the end", ZIP[:-1], None, "is a damaged zip archive"),
    ("cut to its mark", ZIP[:4], None, "is a damaged zip archive: it is cut off"),
    ("bytes damaged", ZIP[:60] + b"\xff" * 8 + ZIP[68:], None, "a.jsonl in a.zip is a damaged zip archive"),
    ("wrong checksum", patched(ZIP, {16: b"\0\0\0\0"}), None, "is a damaged zip archive: Bad CRC-32"),
    ("wrong length", patched(ZIP, {24: b"\x10\0\0\0"}), None, "is a damaged zip archive: Bad CRC-32"),
    ("member past the end", patched(ZIP, {42: b"\xff\xff\xff\x7f"}), None, "is a damaged zip archive"),
    (
        "another local name",
        ZIP.replace(b"a.jsonl", b"b.jsonl", 1),
        None,
        "is a damaged zip archive: File name",
    ),
    ("a name that is not text", patched(make_zip({"é.csv": b""}), {46: b"\xff\xff"}), None, "damaged zip"),
    ("a needed version 99", patched(ZIP, {6: b"\xff"}), None, "is a damaged zip archive: zip file version"),
    ("a huge table of contents", long_contents(), None, "The table of contents of a.zip is over 8 MB"),
]


@pytest.mark.parametrize(
    ("content", "member", "words"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE]
)
def test_a_hostile_or_broken_archive_is_refused_in_words(
    tmp_path: Path, content: bytes, member: str | None, words: str
) -> None:
    tracemalloc.start()
    with pytest.raises(ReadError) as raised, opened_zip(tmp_path, content, member) as opened:
        while opened.read(1 << 20):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert words in raised.value.message
    assert raised.value.hint
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]
    assert peak < 8 << 20


SLIPS = ["../../evil.jsonl", "/etc/evil.jsonl", "..\\..\\evil.jsonl", "C:\\evil.jsonl", "a/../../evil.jsonl",
         "~/evil.jsonl", "//host/share/evil.jsonl", "a\u202egnp.jsonl", "a\x1b[31m.jsonl", "a\nb.jsonl",
         "a\rb.jsonl", "con.jsonl", "a" * 3000 + ".jsonl", "<img src=x onerror=alert(1)>.jsonl",
         "\ufeffa.jsonl", "a\u2028b.jsonl", "$(id).jsonl", "a.jsonl:stream.jsonl"]  # fmt: skip


def test_names_that_lead_elsewhere_write_nothing_and_are_shown_safely(tmp_path: Path) -> None:
    inner = tmp_path / "deep" / "er"
    inner.mkdir(parents=True)
    for name in SLIPS:
        content = make_zip({name: LINES})
        with opened_zip(inner, content) as opened, opened.as_file() as path:
            assert path.read_bytes() == LINES
            assert path.is_relative_to(inner)
            assert path.name == "source.jsonl"
            assert opened.member == name
            assert opened.name.isprintable()
            assert opened.title.isprintable()
            assert len(opened.title) < 200
        with opened_zip(inner, content, name) as opened:
            assert read_all(opened) == LINES
        with pytest.raises(ReadError) as raised, opened_zip(inner, make_zip({name: b"", "b.csv": b""})):
            pass
        assert raised.value.message.isprintable()
        assert name in raised.value.proposal["member"]
        assert sorted(tmp_path.rglob("*")) == [tmp_path / "deep", inner, inner / "a.zip"]
    print(f"\narchives: {len(HOSTILE)} hostile or broken, {len(HOSTILE)} told; {len(SLIPS)} names, 0 outside")


def test_mutated_archives_are_read_exactly_or_told(tmp_path: Path) -> None:
    shuffle = random.Random(11)
    counts = {"exact": 0, "told": 0, "changed": 0}
    for number in range(600):
        spoiled = bytearray(ZIP if number % 2 else make_zip({"a.jsonl": LINES[:3000]}, zipfile.ZIP_STORED))
        place = shuffle.randrange(len(spoiled)) if number % 3 else len(spoiled) - shuffle.randrange(1, 90)
        spoiled[place : place + shuffle.randrange(2)] = shuffle.randbytes(shuffle.randrange(3))
        try:
            with opened_zip(tmp_path, bytes(spoiled)) as opened:
                found = read_all(opened)
                counts["exact" if found in (LINES, LINES[:3000]) else "changed"] += 1
        except StudioError:
            counts["told"] += 1
    print(f"\narchives: 600 mutants, {counts}")
    assert counts["changed"] == 0


def test_long_lists_are_cut_in_words_and_whole_in_the_proposal(tmp_path: Path) -> None:
    content = make_zip({f"{n:04}.csv": b"" for n in range(2000)})
    with pytest.raises(ReadError, match="and 1,990 more") as raised, opened_zip(tmp_path, content):
        pass
    assert len(raised.value.proposal["member"]) == 2000


def test_a_long_name_is_cut_in_the_middle() -> None:
    assert show_name("é/日本.csv") == "é/日本.csv"
    assert len(show_name("x" * 1000 + ".csv")) < 130
    assert show_name("x" * 1000 + ".csv").endswith("x.csv")


def test_memory_is_flat_and_the_end_is_checked(tmp_path: Path) -> None:
    shuffle = random.Random(5)
    content = shuffle.randbytes(1 << 20).hex().encode() * 12
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        packed = make_zip({"a.txt": content}, method)
        with opened_zip(tmp_path, packed) as opened:
            tracemalloc.start()
            total = sum(map(len, iter(lambda: opened.read(1 << 20), b"")))
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert total == len(content)
        assert peak < 8 << 20
