"""Whole JSON Lines files that are laid out oddly, cut off, or something else than their name says."""

import gzip
import json

from tests.corpus.case import Case, J, make_case

_PACKED = gzip.compress(b'{"a": "x"}\n{"a": "y"}\n' * 200, mtime=0)
_LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943\nsize 12345\n"


def _make_wide(columns: int) -> str:
    return json.dumps({f"k{number}": "x" for number in range(columns)}) + "\n"


FILES: tuple[Case, ...] = (
    # layout
    make_case(
        "a mark at the start", b'\xef\xbb\xbf{"a": "x"}\n{"a": "y"}\n', (1, {"a": "x"}), (2, {"a": "y"})
    ),
    make_case("carriage returns", '{"a": "x"}\r\n{"a": 2.50}\r\n', (1, {"a": "x"}), (2, {"a": J("2.50")})),
    make_case(
        "both line ends",
        '{"a": "x"}\r\n{"a": "y"}\n\r\n{"a": "z"}\r',
        (1, {"a": "x"}),
        (2, {"a": "y"}),
        (4, {"a": "z"}),
        blank=1,
    ),
    make_case(
        "blank lines",
        '\n{"a": "x"}\n\n   \n\t\r\n{"a": "y"}\n\n',
        (2, {"a": "x"}),
        (6, {"a": "y"}),
        blank=5,
    ),
    make_case("spaces around", ' \t{"a" : "x" }  \n  { "a":"y"}\r\n', (1, {"a": "x"}), (2, {"a": "y"})),
    make_case("no line end at the end", '{"a": "x"}\n{"a": "y"}', (1, {"a": "x"}), (2, {"a": "y"})),
    make_case("a single line", '{"a": "x"}', (1, {"a": "x"})),
    make_case(
        "only old line ends",
        '{"a": "x"}\r{"a": "y"}\r',
        refused="Line 1: more text after the object",
        lenient=[{"a": "x"}, {"a": "y"}],
    ),
    make_case(
        "the last line is cut",
        '{"a": "x"}\n{"a": "y"}\n{"a": "z',
        (1, {"a": "x"}),
        (2, {"a": "y"}),
        bad=[(3, "ends in the middle of a value")],
    ),
    make_case(
        "the last line is cut inside a letter",
        '{"a": "x"}\n{"a": "é'.encode()[:-1],
        (1, {"a": "x"}),
        bad=[(2, "not UTF-8 at byte 8")],
    ),
    make_case(
        "a line of exactly the limit",
        '{"a": "' + "x" * 91 + '"}\n{"a": "' + "x" * 92 + '"}\n',
        (1, {"a": "x" * 91}),
        bad=[(2, "line over 100 bytes")],
        lenient=[{"a": "x" * 91}, {"a": "x" * 92}],
        line_bytes=100,
    ),
    make_case(
        "UTF-16 with a mark",
        '{"a": "é"}\n{"a": "02139"}\n'.encode("utf-16"),
        (1, {"a": "é"}),
        (2, {"a": "02139"}),
    ),
    make_case("packed", _PACKED, *((n, {"a": "xy"[(n + 1) % 2]}) for n in range(1, 401)), suffix=".jsonl.gz"),
    make_case(
        "as many columns as are allowed",
        _make_wide(5_000),
        (1, {f"k{number}": "x" for number in range(5_000)}),
    ),
    # refused in words
    make_case(
        "too many columns",
        _make_wide(5_001),
        refused="more than 5,000 columns",
        lenient=[{f"k{number}": "x" for number in range(5_001)}],
    ),
    make_case(
        "a key for each record",
        "".join(f'{{"id-{number}": 1}}\n' for number in range(11)),
        refused="more than 10 columns",
        lenient=[{f"id-{number}": J("1")} for number in range(11)],
        columns=10,
    ),
    make_case(
        "an array on one line",
        '[{"a": "x"}, {"a": "y"}]',
        refused="Line 1: a JSON array",
        lenient=[{"a": "x"}, {"a": "y"}],
    ),
    make_case(
        "one object over lines",
        '{\n  "a": "x",\n  "b": 2\n}\n',
        refused="Line 1: ends in the middle",
        lenient=[{"a": "x", "b": J("2")}],
    ),
    make_case("packed and cut", _PACKED[:-20], refused="cut off", suffix=".jsonl.gz"),
    make_case(
        "packed and damaged",
        _PACKED[:-8] + b"\0\0\0\0" + _PACKED[-4:],
        refused="damaged",
        suffix=".jsonl.gz",
    ),
    make_case("packed twice", gzip.compress(_PACKED, mtime=0), refused="gzip", suffix=".jsonl.gz"),
    make_case("not packed at all", '{"a": "x"}\n', refused="is not gzip", suffix=".jsonl.gz"),
    make_case("a web page", "<!DOCTYPE html>\n<html><body>Sign in</body></html>\n", refused="web page"),
    make_case("a pointer of git-lfs", _LFS, refused="git-lfs pointer"),
    make_case("an empty file", "", refused="is empty"),
    make_case("nothing but blank lines", "\n \n\t\r\n", refused="blank lines"),
    make_case("a mark and nothing else", b"\xef\xbb\xbf\n", refused="blank lines"),
    make_case("UTF-16 without a mark", '{"a": "x"}\n'.encode("utf-16-le"), refused="UTF-16"),
    make_case("bytes of a program", b"\x7fELF\x02\x01\x01" + bytes(57), refused="binary"),
    make_case("a zip archive", b"PK\x03\x04\x14\x00\x00\x00", refused="zip"),
    make_case("Parquet by another name", b"PAR1\x15\x04\x15PAR1", refused="Parquet"),
)
