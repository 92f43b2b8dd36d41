"""Text in other encodings: what is transcoded or refused, and what becomes of bytes without a character."""

import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.errors import ReadError, SourceError, StudioError
from studio.reader import read_source
from studio.reader.encoding import TranscodedStream, check_encoding, choose_encoding, describe_undecodable
from studio.settings import Settings
from studio.source import Source
from studio.table import Table

LoadAs = Callable[..., Table]
FIRST = "Größe – 5 €, 日本語, 🙂"
TEXT = f'{{"t": "{FIRST}"}}\n{{"t": "second"}}\n'


@pytest.fixture
def load_as(tmp_path: Path, settings: Settings) -> LoadAs:
    """`load_as(content, encoding)`: the table of a .jsonl file with that content, read in that encoding."""

    def load(content: bytes, encoding: str | None = None) -> Table:
        path = tmp_path / "a.jsonl"
        path.write_bytes(content)
        return read_source(Source(path=str(path), encoding=encoding), tmp_path / "t", settings)

    return load


def transcode(content: bytes, encoding: str, size: int = 7) -> bytes:
    stream = TranscodedStream(io.BytesIO(content), encoding, "a.txt")
    return b"".join(iter(lambda: stream.read(size), b""))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le with mark", "utf-16-be with mark"]
)
def test_utf8_and_marked_utf16_are_read_without_being_told(load_as: LoadAs, encoding: str) -> None:
    codec, _, mark = encoding.partition(" ")
    table = load_as(("\ufeff" + TEXT if mark else TEXT).encode(codec))
    assert [record["t"] for record in table.page().rows] == [FIRST, "second"]
    assert table.counts.quarantined == 0


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32", "gb18030", "UTF_16", "utf 8"])
def test_a_named_encoding_is_used(load_as: LoadAs, encoding: str) -> None:
    assert load_as(TEXT.encode(encoding.replace(" ", "-")), encoding).record(0)["t"] == FIRST


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1 << 20])
def test_a_character_may_fall_between_two_reads(size: int) -> None:
    for encoding in ("utf-16", "utf-32", "gb18030", "utf-8-sig"):
        assert transcode(TEXT.encode(encoding), encoding, size).decode() == TEXT
    japanese = "日本語のテキスト\n" * 3
    for encoding in ("shift_jis", "euc_jp", "iso2022_jp"):
        assert transcode(japanese.encode(encoding), encoding, size).decode() == japanese


def test_only_the_lines_that_hold_undecodable_bytes_go_to_the_quarantine(load_as: LoadAs) -> None:
    table = load_as(b'{"t": "caf\xe9"}\n{"t": "\x81"}\n{"t": "\x80"}\n', "windows-1252")
    assert [record["t"] for record in table.page().rows] == ["café", "€"]
    assert [(line.line, line.reason) for line in table.quarantine()] == [(2, "not UTF-8 at byte 8")]


def test_a_lone_surrogate_and_a_cut_character_of_utf16_are_told(load_as: LoadAs) -> None:
    lines = '{"t": "a"}\n{"t": "?"}\n{"t": "b"}\n{"t'.encode("utf-16-le").replace(b"?\0", b"\x00\xd8") + b'"'
    table = load_as(lines, "utf-16-le")
    assert [record["t"] for record in table.page().rows] == ["a", "b"]
    assert [line.line for line in table.quarantine()] == [2, 4]


def test_which_byte_was_undecodable_can_be_told_from_what_became_of_it() -> None:
    assert transcode(b"a\x81b\n", "cp1252") == b"a\xed\xb2\x81b\n"
    assert "a\x81b\n".encode("latin-1") == transcode(b"a\x81b\n", "cp1252").decode(
        "utf-8", "surrogatepass"
    ).encode("latin-1", "surrogateescape")
    with pytest.raises(UnicodeDecodeError):
        transcode(b"a\x81b\n", "cp1252").decode("utf-8")


def test_without_a_name_other_encodings_are_quarantined_line_by_line(load_as: LoadAs) -> None:
    table = load_as(b'{"t": "caf\xe9"}\n{"t": "plain"}\n')
    assert (len(table), table.counts.quarantined) == (1, 1)


REFUSED = ["rot13", "base64", "hex", "zlib", "uu", "quopri", "bz2", "idna", "punycode", "unicode_escape",
           "raw_unicode_escape", "undefined", "charmap", "mbcs", "oem", "utf-7", "u7", "klingon", "",
           "a\0b", "../x", "os", "aliases", "é", "x" * 1000, "\udc80", "utf-8;"]  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_text_encoding_is_refused_by_name(tmp_path: Path, settings: Settings, name: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n')
    with pytest.raises(SourceError, match="is not a text encoding") as raised:
        check_encoding(name)
    assert len(raised.value.message) < 100
    with pytest.raises(SourceError, match="is not a text encoding"):
        read_source(Source(path=str(path), encoding=name), tmp_path / "t", settings)


@pytest.mark.parametrize(
    ("name", "own"),
    [("latin1", "iso8859-1"), ("UTF8", "utf-8"), ("utf-8-sig", "utf-8"), ("windows-1252", "cp1252")],
)
def test_an_encoding_is_known_by_all_its_names(name: str, own: str) -> None:
    assert check_encoding(name) == own


def test_utf16_and_utf32_need_their_mark_or_their_byte_order() -> None:
    for encoding in ("utf-16", "utf-32"):
        for order in ("le", "be"):
            head = TEXT.encode(f"{encoding}-{order}")
            with pytest.raises(ReadError, match="has no mark") as raised:
                choose_encoding(head, encoding, "a.txt")
            assert f"--encoding {encoding}-{order}." in raised.value.hint
            assert choose_encoding(("\ufeff" + TEXT).encode(f"{encoding}-{order}"), encoding, "a") == encoding
    assert (
        choose_encoding("\ufeffx".encode("utf-32-le"), None, "a") == "utf-8"
    )  # left for who says what it is
    assert choose_encoding(b"", "utf-16", "a") == "utf-16"


def test_random_bytes_stop_no_decoder_and_lose_no_line() -> None:
    """Every encoding of one byte a character keeps every line end; none fails but in words."""
    shuffle = random.Random(7)
    names = [
        "ascii",
        "cp1252",
        "cp437",
        "iso8859-1",
        "koi8-r",
        "mac-roman",
        "big5",
        "cp949",
        "euc_jp",
        "gb18030",
    ]
    names += ["hz", "iso2022_jp", "iso2022_kr", "johab", "shift_jis", "utf-16-be", "utf-16-le", "utf-32-be"]
    told = 0
    for name in names:
        for _ in range(40):
            noise = shuffle.randbytes(300)
            try:
                text = transcode(noise, name, shuffle.choice([1, 2, 3, 100]))
            except StudioError as error:
                assert name in error.message
                told += 1
                continue
            if name in names[:6]:
                assert text.count(b"\n") == noise.count(b"\n")
    print(f"\nencodings: {len(names) * 40} pieces of noise in {len(names)} encodings, {told} told, 0 crashes")


LOOKS = {
    "windows-1252": "Straße nach Köln, déjà vu — “naïve” café, 5 €",
    "windows-1250": "Příliš žluťoučký kůň úpěl ďábelské ódy",
    "windows-1251": "Привет, как дела? Это обычный русский текст.",
    "koi8-r": "Привет, как дела? Это обычный русский текст.",
    "shift_jis": "これは日本語のテキストです。",
    "euc_jp": "これは日本語のテキストです。",
    "gb18030": "这是一个简单的中文句子，我们在这里。",
    "big5": "這是一個簡單的中文句子，我們在這裡。",
    "cp949": "안녕하세요 이것은 한국어 문장입니다",
}


@pytest.mark.parametrize("encoding", LOOKS)
def test_what_bytes_look_like_is_proposed(encoding: str) -> None:
    hint = describe_undecodable(f'{{"t": "{LOOKS[encoding]}"}}\n'.encode(encoding))
    assert hint == f"Its bytes look like {encoding}: give --encoding {encoding}."


def test_utf8_is_proposed_nothing_and_noise_is_not_guessed() -> None:
    assert describe_undecodable(b"") == describe_undecodable(TEXT.encode()) == ""
    assert describe_undecodable("é".encode() * 600 + b"\xc3") == ""  # a long head, cut in a character
    assert "windows-1252" in describe_undecodable(b"caf\xe9")
    assert "utf-16-be" in describe_undecodable(TEXT.encode("utf-16-be"))
    assert describe_undecodable(b"\x81 \x8d \xff \xfe").startswith("It is text in another encoding")
