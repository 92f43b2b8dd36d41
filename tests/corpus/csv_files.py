"""CSV and TSV: every cell is text as it stands; a row that is none goes to the quarantine."""

import gzip
from collections.abc import Sequence
from functools import partial

from tests.corpus.case import Case, make_case

_csv = partial(make_case, suffix=".csv")
_tsv = partial(make_case, suffix=".tsv")


def _alone(name: str, column: str, cells: Sequence[str]) -> Case:
    """A file of one column whose cells need no quotes, beside a column that keeps every row as wide."""
    rows = "".join(f"{cell},.\n" for cell in cells)
    records = [(line, {column: cell, "end": "."}) for line, cell in enumerate(cells, 2)]
    return _csv(name, f"{column},end\n{rows}", *records)


_MANY_ROWS = 12_000  # of two lines each, far more bytes than one read gives


def _make_many() -> bytes:
    rows = [f'{number},"{"é" * 40}\r\n""{number:06}"""\n'.encode() for number in range(_MANY_ROWS)]
    rows[7_000] = b"7000,caf\xe9\n"
    return b"n,text\n" + b"".join(rows)


CSV: tuple[Case, ...] = (
    # quotes
    _csv(
        "quotes",
        'a,b\n"x, y",z\n"",""\n"say ""no""",2\n',
        (2, {"a": "x, y", "b": "z"}),
        (3, {"a": "", "b": ""}),
        (4, {"a": 'say "no"', "b": "2"}),
    ),
    _csv(
        "line breaks in cells",
        'a,b\n"one\ntwo","x\r\ny"\n1,2\n"\n\n",3\n',
        (2, {"a": "one\ntwo", "b": "x\r\ny"}),
        (5, {"a": "1", "b": "2"}),
        (6, {"a": "\n\n", "b": "3"}),
    ),
    _csv("a quote inside a bare cell", 'a,b\n5" disk,x\ny,z"\n', (2, {"a": '5" disk', "b": "x"}),
         (3, {"a": "y", "b": 'z"'})),
    _csv(
        "text after a quote",
        'a,b\n"x"y,1\nz,2\n"x" ,3\n',
        (3, {"a": "z", "b": "2"}),
        bad=[(2, "not CSV"), (4, "not CSV")],
    ),
    _csv(
        "backslashes are no escapes",
        'a,b\n"x\\",1\nC:\\new,2\n"y\\"z",3\n',
        (2, {"a": "x\\", "b": "1"}),
        (3, {"a": "C:\\new", "b": "2"}),
        bad=[(4, "not CSV")],
    ),
    _csv("single quotes are letters", "a,b\n'x,y'\n'z',1,2\n", (2, {"a": "'x", "b": "y'"}),
         bad=[(3, "3 cells, but the header has 2")]),
    _csv("a quote never closed", 'a,b\n1,2\n3,"open\n4,5\n6,7\n', (2, {"a": "1", "b": "2"}),
         (4, {"a": "4", "b": "5"}), (5, {"a": "6", "b": "7"}), bad=[(3, "not CSV")]),
    _csv("a quote never closed at the very end", 'a,b\n1,2\n3,"', (2, {"a": "1", "b": "2"}),
         bad=[(3, "not CSV")]),
    _csv("a quote too many before a quoted cell", 'a,b\n"x,1\n"y",2\nz,3\n', (3, {"a": "y", "b": "2"}),
         (4, {"a": "z", "b": "3"}), bad=[(2, "not CSV")]),
    # width
    _csv(
        "rows of other widths",
        "a,b,c\n1,2,3\n1,2\n1,2,3,4\n1\n4,5,6\n",
        (2, {"a": "1", "b": "2", "c": "3"}),
        (6, {"a": "4", "b": "5", "c": "6"}),
        bad=[(3, "2 cells"), (4, "4 cells"), (5, "1 cell")],
    ),
    _csv(
        "a first row that is too wide",
        "a,b\n1,2,3\n4,5\n",
        (3, {"a": "4", "b": "5"}),
        bad=[(2, "3 cells, but the header has 2")],
    ),
    _csv("a comma at the end of a row", "a,b\n1,2,\n3,4\n", (3, {"a": "3", "b": "4"}), bad=[(2, "3 cells")]),
    _csv("a comma at the end of every row", "a,b,\n1,2,\n3,4,\n", (2, {"a": "1", "b": "2", "": ""}),
         (3, {"a": "3", "b": "4", "": ""})),
    _csv("nothing but commas", "a,b\n,\n1,\n,2\n", (2, {"a": "", "b": ""}), (3, {"a": "1", "b": ""}),
         (4, {"a": "", "b": "2"})),
    _csv("comments are rows", "a,b\n# note\n#x,2\n", (3, {"a": "#x", "b": "2"}), bad=[(2, "1 cell")]),
    # layout
    _csv("carriage returns", 'a,b\r\n1,"x\r\ny"\r\n2,z\r\n', (2, {"a": "1", "b": "x\r\ny"}),
         (4, {"a": "2", "b": "z"})),
    _csv("both line ends", "a,b\r\n1,2\n3,4\r\n5,6", (2, {"a": "1", "b": "2"}), (3, {"a": "3", "b": "4"}),
         (4, {"a": "5", "b": "6"})),
    _csv(
        "a lone carriage return in a cell",
        'a,b\n1,x\ry\n2,"x\ry"\n3,z\n',
        (3, {"a": "2", "b": "x\ry"}),
        (4, {"a": "3", "b": "z"}),
        bad=[(2, "not CSV")],
    ),
    _csv("only old line ends", "a,b\r1,2\r3,4\r", refused="header",
         lenient=[{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
    _csv("blank lines", "a,b\n\n1,2\n   \n\r\n3,4\n\n", (3, {"a": "1", "b": "2"}), (6, {"a": "3", "b": "4"}),
         blank=4),
    _csv("a blank line before the header", "\na,b\n1,2\n", (3, {"a": "1", "b": "2"}), blank=1),
    _csv("one column with blank lines", 'a\nx\n\n""\ny\n', (2, {"a": "x"}), (4, {"a": ""}), (5, {"a": "y"}),
         blank=1),
    _csv("spaces are kept", "a, b\n 1 , 2\n\t3,4 \n", (2, {"a": " 1 ", " b": " 2"}),
         (3, {"a": "\t3", " b": "4 "})),
    _csv("no line end at the end", "a,b\n1,2", (2, {"a": "1", "b": "2"})),
    _csv(
        "line separators of other systems",
        "a,b\none\u2028two,x\u0085y\nv\x0bw,\x0c\x1c\x1d\x1e\n",
        (2, {"a": "one\u2028two", "b": "x\u0085y"}),
        (3, {"a": "v\x0bw", "b": "\x0c\x1c\x1d\x1e"}),
    ),
    # bytes
    _csv("a mark at the start", b"\xef\xbb\xbfa,b\n1,2\n", (2, {"a": "1", "b": "2"})),
    _csv("a mark before a quoted header", b'\xef\xbb\xbf"a","b"\n1,2\n', (2, {"a": "1", "b": "2"})),
    _csv("a NUL in a cell", "a,b\n1,x\0y\n2,z\n", (2, {"a": "1", "b": "x\0y"}), (3, {"a": "2", "b": "z"})),
    _csv("a row in Latin-1", b"a,b\nx,1\ncaf\xe9,2\ny,3\n", (2, {"a": "x", "b": "1"}),
         (4, {"a": "y", "b": "3"}), bad=[(3, "not UTF-8 at byte 4")]),
    _csv(
        "Latin-1 in a cell of two lines",
        b'a,b\n"x\ncaf\xe9",1\ny,2\n',
        (4, {"a": "y", "b": "2"}),
        bad=[(2, "not UTF-8 at byte 4 of line 3")],
    ),
    _csv("UTF-16 with a mark", "a,b\né,02139\n".encode("utf-16"), (2, {"a": "é", "b": "02139"})),
    _csv("packed", gzip.compress(b'a,b\n1,"x\ny"\n', mtime=0), (2, {"a": "1", "b": "x\ny"}),
         suffix=".csv.gz"),
    # look-alikes
    _alone(
        "numbers that are text",
        "n",
        ["02139", "1.0", "2.50", "-0", "1e5", "1E400", "0x1F", "+1", "1_000", "007"],
    ),
    _alone("all integers", "zip", ["10001", "02139", "00501"]),
    _alone("all decimals", "price", ["2.50", "1.10", "3.00"]),
    _alone("big integers", "id", ["9007199254740993", "9223372036854775808", "12345678901234567890123"]),
    _alone("words for nothing", "a", ["NA", "null", "None", "NaN", "", "n/a", "N/A", "-", "inf", "#N/A"]),
    _alone("truth in words", "a", ["true", "False", "TRUE", "yes", "0", "1"]),
    _alone("nothing but truth in words", "a", ["True", "False", "True"]),
    _alone(
        "dates and times",
        "a",
        ["2024-01-31", "31.01.2024", "2021-03-04T05:06:07Z", "12:30", "20240131", "2024-02-30"],
    ),
    _alone("nothing but dates", "a", ["2024-01-31", "2024-02-01"]),
    _alone("uuids and phone numbers", "a", ["550E8400-e29b-41d4-a716-446655440000", "+41791234567", "0041"]),
    _csv(
        "formulas",
        'a,b\n=1+1,x\n"=HYPERLINK(""http://x"")",y\n@SUM(A1),z\n-2+3,w\n',
        (2, {"a": "=1+1", "b": "x"}),
        (3, {"a": '=HYPERLINK("http://x")', "b": "y"}),
        (4, {"a": "@SUM(A1)", "b": "z"}),
        (5, {"a": "-2+3", "b": "w"}),
    ),
    _csv(
        "a late word among numbers",
        "n,end\n" + "12,.\n" * 3000 + "x,.\n013,.\n",
        *((line, {"n": "12", "end": "."}) for line in range(2, 3002)),
        (3002, {"n": "x", "end": "."}),
        (3003, {"n": "013", "end": "."}),
    ),
    _csv(
        "many rows of two lines and a bad one",
        _make_many,
        *(
            (2 + 2 * n - (n > 7_000), {"n": str(n), "text": "é" * 40 + f'\r\n"{n:06}"'})
            for n in range(_MANY_ROWS)
            if n != 7_000
        ),
        bad=[(14_002, "not UTF-8")],
    ),
    _csv("a very long cell", 'a,b\n"' + "x, " * 70_000 + '",1\n', (2, {"a": "x, " * 70_000, "b": "1"})),
    _csv(
        "a row over the limit",
        "a,b\n1,2\n" + "x" * 3000 + ",3\n4,5\n",
        (2, {"a": "1", "b": "2"}),
        (4, {"a": "4", "b": "5"}),
        bad=[(3, "over 2 KB")],
        lenient=[{"a": "1", "b": "2"}, {"a": "x" * 3000, "b": "3"}, {"a": "4", "b": "5"}],
        line_bytes=2048,
    ),
    # headers
    _csv("a header without a name", ",a\n0,x\n1,y\n", (2, {"": "0", "a": "x"}), (3, {"": "1", "a": "y"})),
    _csv("a header with a line break", '"a\nb",c\n1,2\n', (3, {"a\nb": "1", "c": "2"})),
    _csv("a header with marks", '"a,b","c""d",*,_line,^x$\n1,2,3,4,5\n',
         (2, {"a,b": "1", 'c"d': "2", "*": "3", "_line": "4", "^x$": "5"})),
    _csv("headers that differ by case and normal form", "Text,text,caf\u00e9,cafe\u0301\n1,2,3,4\n",
         (2, {"Text": "1", "text": "2", "caf\u00e9": "3", "cafe\u0301": "4"})),
    _csv("a header of digits", "1,02,3.0\nx,y,z\n", (2, {"1": "x", "02": "y", "3.0": "z"})),
    _csv("a header twice", "a,b,a\n1,2,3\n", refused="two columns named 'a'"),
    _csv("two headers without a name", ",,a\n1,2,3\n", refused="two columns named ''"),
    _csv("a NUL in the header", "a,b\0\n1,2\n", refused="NUL", lenient=[{"a": "1", "b\0": "2"}]),
    _csv("a header in Latin-1", b"caf\xe9,b\n1,2\n", refused="not UTF-8 at byte 4"),
    _csv("a header never closed", '"a,b\n1,2\n', refused="header"),
    _csv("a header and nothing else", "a,b\n", refused="holds no record"),
    _csv("no row of the header's width", "a,b\n1\n2\n", refused="Line 2: 1 cell, but the header has 2"),
    _csv("an empty file", "", refused="is empty"),
    _csv("nothing but blank lines", "\n \n\r\n", refused="blank lines"),
    _csv("a web page", "<html><body>a,b</body></html>\n", refused="web page"),
    _csv("a pointer of git-lfs", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n",
         refused="git-lfs"),
    # other delimiters
    _csv("semicolons", 'a;b\n1;2,5\n"x;y";z\n', (2, {"a": "1", "b": "2,5"}), (3, {"a": "x;y", "b": "z"})),
    _csv("tabs in a csv", 'a\tb\n1, 5\t2\n"x\ty"\tz\n', (2, {"a": "1, 5", "b": "2"}),
         (3, {"a": "x\ty", "b": "z"})),
    _csv("bars", "a|b|c\n1|2,5|\n", (2, {"a": "1", "b": "2,5", "c": ""})),
    _csv("semicolons inside cells", "a,b\n1;2,3\n4,5;6;7\n", (2, {"a": "1;2", "b": "3"}),
         (3, {"a": "4", "b": "5;6;7"})),
    _csv("semicolons and a row of another width", "a;b\n1;2\n3\n4;5\n", (2, {"a": "1", "b": "2"}),
         (4, {"a": "4", "b": "5"}), bad=[(3, "1 cell")]),
    _tsv("tabs", 'a\tb\n02139\tx, y\n"q\nr"\t\n', (2, {"a": "02139", "b": "x, y"}),
         (3, {"a": "q\nr", "b": ""})),
    _tsv("tabs and rows of other widths", "a\tb\n1\t2\n3 4\n5\t6\t7\nNA\ttrue\n", (2, {"a": "1", "b": "2"}),
         (5, {"a": "NA", "b": "true"}), bad=[(3, "1 cell"), (4, "3 cells")]),
    _tsv("one column of commas", "a,b\n1,2\nx\n", (2, {"a,b": "1,2"}), (3, {"a,b": "x"})),
)  # fmt: skip
