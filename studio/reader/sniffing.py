"""What bytes really are: the format to read them in, or in words what they are instead.

A web page, a git-lfs pointer or an archive that is named `.jsonl` is common, and none of them holds a record.
Looks at the head of the decoded bytes and at the name; reads no records.
"""

import json
from collections.abc import Iterable
from typing import Any, Literal, Protocol

from studio.errors import ReadError, SourceError
from studio.reader.lines import BOM
from studio.reader.strict import Fault, RecordDecoder
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
_HEAD_BYTES = 64 << 10
_DESCRIBED_BYTES = 32 << 20
_MAGIC = (
    (
        b"PK\x03\x04",
        "a zip archive (or a spreadsheet)",
        "Unzip it and load the file inside, or save the sheet as CSV.",
    ),
    (b"PAR1", "a Parquet file", "Convert it to JSON Lines first."),
    (b"ARROW1", "an Arrow file", "Convert it to JSON Lines first."),
    (b"\x1f\x8b", "gzip inside gzip", "Decompress it once, then load it again."),
    (b"BZh", "compressed with bzip2", "Decompress it first."),
    (b"\xfd7zXZ", "compressed with xz", "Decompress it first."),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", "Decompress it first."),
    (b"%PDF-", "a PDF document", "Give a .jsonl, .json or .csv file."),
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


class PeekStream(Protocol):
    """A stream whose next bytes can be looked at before they are read."""

    def peek(self, size: int, /) -> bytes:
        """The next `size` bytes, or all that are left."""
        ...


def format_of_name(name: str) -> Format:
    """The format that a file's name promises. Raises SourceError for a name that promises none."""
    stem = name.lower().removesuffix(".gz")
    for suffix, kind in _SUFFIXES.items():
        if stem.endswith(suffix):
            return kind
    raise SourceError(
        f"{name} is not a kind of file that is read.", f"Files are read by name: {', '.join(DATA_SUFFIXES)}."
    )


def detect_format(stream: PeekStream, name: str, limits: Limits) -> Format:
    """The format of the bytes; raises ReadError when they are not what `name` says."""
    head = stream.peek(_HEAD_BYTES)
    _refuse_disguise(head, name)
    text = head.removeprefix(BOM).lstrip()
    named = format_of_name(name)
    if named == "jsonl" and text.split(b"\n", 1)[0].strip() == b"[":
        return "json"
    if named == "json" and not text.startswith(b"["):
        _refuse_single_value(stream, name, limits)
        return "jsonl"
    return named


def _refuse_disguise(head: bytes, name: str) -> None:
    if not head:
        raise ReadError(f"{name} is empty.", "Check that its download or export has finished.")
    for magic, what, hint in _MAGIC:
        if head.startswith(magic):
            raise ReadError(f"{name} is {what}.", hint)
    text = head.removeprefix(BOM).lstrip()
    if not text and len(head) < _HEAD_BYTES:
        raise ReadError(f"{name} holds nothing but blank lines.", "Check that its export has finished.")
    if text[:20].lower().startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<body")):
        raise ReadError(
            f"{name} is a web page (HTML), not data.",
            "Use the link that downloads the file itself (often named raw, download or resolve).",
        )
    if head.count(0) > len(head) // 5:
        what = "text in UTF-16 without a mark" if _is_interleaved(head) else "a binary file"
        raise ReadError(f"{name} is {what}.", "Give a text file in UTF-8.")


def _is_interleaved(head: bytes) -> bool:
    even, odd = head[::2].count(0), head[1::2].count(0)
    return min(even, odd) * 10 < max(even, odd)


def _refuse_single_value(stream: PeekStream, name: str, limits: Limits) -> None:
    """Return only when the bytes are JSON Lines: a whole object on the first line, and more below."""
    head = stream.peek(_HEAD_BYTES)
    if b"\n" not in head.strip():
        head = stream.peek(_DESCRIBED_BYTES)
    line, _, rest = head.removeprefix(BOM).lstrip().partition(b"\n")
    try:
        RecordDecoder(limits.depth).decode(line)
        if rest.strip():
            return
    except Fault:
        pass
    raise _single_value_error(stream.peek(_DESCRIBED_BYTES), name)


def _single_value_error(whole: bytes, name: str) -> ReadError:
    try:
        value = json.loads(whole)
    except (ValueError, RecursionError):
        return ReadError(
            f"{name} is not a JSON array of objects.",
            "A .json file begins with [ and ends with ]; a file with one object per line is named .jsonl.",
        )
    if not isinstance(value, dict):
        return ReadError(
            f"{name} is one JSON {_KIND.get(type(value), 'value')}.", "Give an array of objects."
        )
    return ReadError(f"{name} is one JSON object, not an array of objects.", _hint_for_object(value))


_KIND = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}


def _hint_for_object(value: dict[str, Any]) -> str:
    lists = {key: item for key, item in value.items() if isinstance(item, list)}
    for key, item in lists.items():
        if item and all(isinstance(element, dict) for element in item[:100]):
            return f"Its records seem to stand under {json.dumps(key)}: save that array as a file of its own."
    if value and len(lists) == len(value) and _equal(len(item) for item in lists.values()):
        return (
            f"It holds whole columns ({', '.join(list(lists)[:5])}). Turn it into one object per record, "
            "for example with pandas.DataFrame(...).to_json(orient='records')."
        )
    return "Put it in [ ] for a table of one record, or write one object per line and name the file .jsonl."


def _equal(lengths: Iterable[int]) -> bool:
    return len(set(lengths)) == 1
