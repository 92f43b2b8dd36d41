"""What bytes really are: the format to read them in, or in words what they are instead.

A web page, a git-lfs pointer or an archive that is named `.jsonl` is common, and none of them holds a record.
Looks at the head of the decoded bytes and at the name; reads no records.
"""

import re
from typing import Literal, Protocol

from studio.errors import ReadError, SourceError
from studio.reader.compression import split_compression
from studio.reader.encoding import describe_undecodable
from studio.reader.lines import BOM
from studio.settings import Limits
from studio.source import DATA_SUFFIXES

Format = Literal["jsonl", "json", "csv", "text", "parquet", "arrow", "excel"]

_SUFFIXES: dict[str, Format] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "text",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".xlsx": "excel",
}
_OTHER_WORKBOOKS = (".xls", ".xlsm", ".xlsb", ".ods")
_BINARY: dict[Format, tuple[tuple[bytes, ...], str]] = {
    "parquet": ((b"PAR1",), "a Parquet file"),
    "arrow": ((b"ARROW1", b"\xff\xff\xff\xff"), "an Arrow file"),
    "excel": ((b"PK\x03\x04",), "an Excel workbook"),
}
"""What the bytes of a format begin with, and what a person calls it; other formats are text."""

_HEAD_BYTES = 64 << 10
_SAVE_AS_XLSX = "Open it in a spreadsheet program, and save it as .xlsx or as CSV."
_MAGIC = (
    (
        b"PK\x03\x04",
        "a zip archive (or a spreadsheet)",
        "Name it .zip or .xlsx; or unzip it and load the file inside.",
    ),
    (b"PAR1", "a Parquet file", "Name it .parquet."),
    (b"PARE", "an encrypted Parquet file", "Save it without encryption."),
    (b"ARROW1", "an Arrow file", "Name it .arrow."),
    (
        b"FEA1",
        "a Feather file of version 1",
        "Save it again with pyarrow.feather.write_feather, as version 2.",
    ),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook, or one with a password", _SAVE_AS_XLSX),
    (b"\x1f\x8b", "compressed with gzip", "Decompress it first."),
    (b"BZh", "compressed with bzip2", "Decompress it first."),
    (b"\xfd7zXZ", "compressed with xz", "Decompress it first."),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "Decompress it first."),
    (b"%PDF-", "a PDF document", "Give a file of records, such as .jsonl or .csv."),
    (b"\xff\xfe\x00\x00", "text in UTF-32", "Save it as UTF-8."),
    (b"\x00\x00\xfe\xff", "text in UTF-32", "Save it as UTF-8."),
    (b"\xff\xfe", "text in UTF-16", "Save it as UTF-8: iconv -f UTF-16 -t UTF-8."),
    (b"\xfe\xff", "text in UTF-16", "Save it as UTF-8: iconv -f UTF-16 -t UTF-8."),
    (
        b"version https://git-lfs.github.com/spec/",
        "a git-lfs pointer, not the data",
        "Fetch the data with `git lfs pull`, or download the file itself.",
    ),
)
_STRING_OR_BRACKET = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FOREIGN_LINES, _FOREIGN_BYTES = 3, 8  # so many lines of such a length tell an encoding


class PeekStream(Protocol):
    """A stream whose next bytes can be looked at before they are read."""

    def peek(self, size: int, /) -> bytes:
        """The next `size` bytes, or all that are left."""
        ...


def format_of_name(name: str) -> Format:
    """The format that a file's name promises, packed or not. Raises SourceError for a name that has none."""
    stem = split_compression(name.lower())[0]
    for suffix, kind in _SUFFIXES.items():
        if stem.endswith(suffix):
            return kind
    if stem.endswith(_OTHER_WORKBOOKS):
        raise SourceError(f"{name} is a spreadsheet of a kind that is not read.", _SAVE_AS_XLSX)
    raise SourceError(
        f"{name} is not a kind of file that is read.", f"Files are read by name: {', '.join(DATA_SUFFIXES)}."
    )


def detect_format(stream: PeekStream, named: Format, name: str, limits: Limits) -> Format:
    """The format of the bytes; raises ReadError when they are not of the format `named`.

    `name` is what a person calls the file.
    """
    head = stream.peek(_HEAD_BYTES)
    if not head:
        raise ReadError(f"{name} is empty.", "Check that its download or export has finished.")
    if named in _BINARY:
        _refuse_other_than(named, head, name)
        return named
    _refuse_disguise(head, name)
    _refuse_foreign(head, name)
    text = head.removeprefix(BOM).lstrip()
    if named == "jsonl" and text.split(b"\n", 1)[0].strip() == b"[":
        return "json"
    if named == "json" and not text.startswith(b"["):
        if not text.startswith(b"{"):
            raise ReadError(
                f"{name} holds neither a JSON array nor an object.",
                "A .json file begins with [ and ends with ]; a file with one object a line is named .jsonl.",
            )
        return "jsonl" if _holds_lines(stream, limits) else "json"
    return named


def _refuse_other_than(named: Format, head: bytes, name: str) -> None:
    magic, what = _BINARY[named]
    if head.startswith(magic):
        return
    _refuse_known(head, name)
    raise ReadError(f"{name} is not {what}.", "Name it after what it is, or download it again.")


def _refuse_disguise(head: bytes, name: str) -> None:
    _refuse_known(head, name)
    if not head.removeprefix(BOM).strip() and len(head) < _HEAD_BYTES:
        raise ReadError(f"{name} holds nothing but blank lines.", "Check that its export has finished.")
    if head.count(0) > len(head) // 5:
        if _is_interleaved(head):
            raise ReadError(f"{name} is text in UTF-16 without a mark.", describe_undecodable(head))
        raise ReadError(f"{name} is a binary file.", "Give a text file in UTF-8.")


def _refuse_known(head: bytes, name: str) -> None:
    for magic, what, hint in _MAGIC:
        if head.startswith(magic):
            raise ReadError(f"{name} is {what}.", hint)
    text = head.removeprefix(BOM).lstrip()
    if text[:20].lower().startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<body")):
        raise ReadError(
            f"{name} is a web page (HTML), not data.",
            "Use the link that downloads the file itself (often named raw, download or resolve).",
        )


def _is_interleaved(head: bytes) -> bool:
    even, odd = head[::2].count(0), head[1::2].count(0)
    return min(even, odd) * 10 < max(even, odd)


def _refuse_foreign(head: bytes, name: str) -> None:
    """Refuse text of another encoding. A few lines that are not UTF-8 among others are for the quarantine."""
    if head.isascii():
        return
    lines = head.split(b"\n")[: -1 if len(head) == _HEAD_BYTES else None]
    telling = [line for line in lines if not line.isascii() and not _CONTROL.search(line)]
    if any(map(_is_utf_8, telling)) or sum(len(line) >= _FOREIGN_BYTES for line in telling) < _FOREIGN_LINES:
        return
    hint = describe_undecodable(b"\n".join(telling))
    if "look like" in hint:
        raise ReadError(f"{name} is text in another encoding than UTF-8.", hint)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _holds_lines(stream: PeekStream, limits: Limits) -> bool:
    """Whether bytes that begin with { are one object a line, and not one object over all of them."""
    for size in (_HEAD_BYTES, 1 << 20, limits.line_bytes + _HEAD_BYTES):
        head = stream.peek(size)
        line, end, rest = head.removeprefix(BOM).lstrip().partition(b"\n")
        if end:
            return _closes(line) and (len(head) == size or bool(rest.strip()))
    return False


def _closes(line: bytes) -> bool:
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(line):
        letter = token[0][:1]
        depth += (letter in (b"{", b"[")) - (letter in (b"}", b"]"))
        if depth == 0:
            return True
    return False
