"""JSON Lines with bad lines between good ones: each is reported with its number and reason, and no good line
is lost.
"""

from collections.abc import Mapping, Sequence

from tests.corpus.case import Case, Cell, J, make_case

_FIRST = b'{"q": "first", "n": 1}\n'
_LAST = b'\n{"q": "last", "n": 2}\n'


def _between(
    name: str,
    bad: str | bytes,
    reason: str,
    *more: tuple[int, str],
    lenient: Sequence[Mapping[str, Cell]] = (),
    **limits: int,
) -> Case:
    """The bad line (or lines, with the reasons of the later ones in `more`) between two good ones.

    `lenient` are the rows that a laxer reader may make of the bad line.
    """
    raw = bad.encode() if isinstance(bad, str) else bad
    reasons = [(2, reason), *more]
    first, last = {"q": "first", "n": J("1")}, {"q": "last", "n": J("2")}
    return make_case(
        name,
        _FIRST + raw + _LAST,
        (1, first),
        (2 + len(reasons), last),
        bad=reasons,
        lenient=[first, *lenient, last] if lenient else (),
        **limits,
    )


LINES: tuple[Case, ...] = (
    # keys twice
    _between("a key twice", '{"q": "x", "q": "y"}', 'duplicate key "q"'),
    _between("a key twice with one value", '{"q": "x", "n": 1, "n": 1}', 'duplicate key "n"'),
    _between("a key twice by an escape", r'{"q": "x", "\u0071": "y"}', 'duplicate key "q"'),
    _between("a key twice in an object", '{"q": {"b": 1, "b": 2}}', 'duplicate key "b"'),
    _between("a key twice far inside", '{"q": [[{"c": [{"d": ":", "d": 0}]}]]}', 'duplicate key "d"'),
    _between("an empty key twice", '{"": 1, "": 2}', 'duplicate key ""'),
    # numbers that are none
    _between("not a number", '{"n": NaN}', "NaN", lenient=[{"n": J("NaN")}]),
    _between("infinity", '{"n": [1, Infinity]}', "Infinity", lenient=[{"n": J("[1, Infinity]")}]),
    _between(
        "minus infinity", '{"n": {"x": -Infinity}}', "-Infinity", lenient=[{"n": J('{"x": -Infinity}')}]
    ),
    _between("a leading zero", '{"n": 0123}', "character 8"),
    _between("a plus sign", '{"n": +1}', "character 7", lenient=[{"n": J("1")}]),
    _between("a bare point", '{"n": .5}', "character 7", lenient=[{"n": J("0.5")}]),
    _between("a point at the end", '{"n": 5.}', "character 8", lenient=[{"n": J("5.0")}]),
    _between("a hexadecimal number", '{"n": 0x1F}', "character 8"),
    # text that is none
    _between("half a pair", r'{"q": "\ud800"}', r"lone surrogate \ud800", lenient=[{"q": "\ud800"}]),
    _between(
        "the second half of a pair",
        r'{"q": ["\udc00x"]}',
        r"lone surrogate \udc00",
        lenient=[{"q": J(r'["\udc00x"]')}],
    ),
    _between(
        "a pair the wrong way round",
        r'{"q": "\ude00\ud83d"}',
        r"lone surrogate \ude00",
        lenient=[{"q": "\ude00\ud83d"}],
    ),
    _between(
        "half a pair in a key", r'{"\udbff": 1}', r"lone surrogate \udbff", lenient=[{"\udbff": J("1")}]
    ),
    _between("a raw tab", '{"q": "a\tb"}', "U+0009", lenient=[{"q": "a\tb"}]),
    _between("a raw control character", '{"q": "a\x01b"}', "U+0001", lenient=[{"q": "a\x01b"}]),
    _between("a raw escape character", '{"q": "\x1b[31mred"}', "U+001B", lenient=[{"q": "\x1b[31mred"}]),
    _between("a raw NUL", '{"q": "a\0b"}', "U+0000", lenient=[{"q": "a\0b"}]),
    _between("a NUL after the object", '{"q": "a"}\0', "more text after the object"),
    _between("a NUL in a key", r'{"q\u0000": 1}', "NUL", lenient=[{"q\0": J("1")}]),
    _between("a raw carriage return", '{"q": "a\rb"}', "U+000D", lenient=[{"q": "a\rb"}]),
    _between(
        "a line break in a string",
        '{"q": "a\nb", "n": 3}',
        "ends in the middle",
        (3, "not JSON"),
        lenient=[{"q": "a\nb", "n": J("3")}],
    ),
    _between("an unknown escape", r'{"q": "\x41"}', "escape"),
    _between("half an escape", r'{"q": "\u00"}', "escape"),
    # bytes that are no UTF-8
    _between("a stray byte", b'{"q": "a\xffb"}', "not UTF-8 at byte 9"),
    _between("Latin-1", b'{"q": "caf\xe9"}', "not UTF-8 at byte 11"),
    _between("a Latin-1 key", b'{"caf\xe9": "x"}', "not UTF-8 at byte 6"),
    _between("an overlong slash", b'{"q": "\xc0\xaf"}', "not UTF-8 at byte 8"),
    _between("a surrogate in bytes", b'{"q": "\xed\xa0\x80"}', "not UTF-8 at byte 8"),
    _between("a mark in mid-file", b'\xef\xbb\xbf{"q": "x"}', "byte order mark", lenient=[{"q": "x"}]),
    # depth and size
    _between(
        "one level too deep",
        '{"q": ' + "[" * 200 + "]" * 200 + "}",
        "nested deeper than 200",
        lenient=[{"q": J("[" * 200 + "]" * 200)}],
    ),
    _between("far too deep", '{"q":' * 50_000 + "1" + "}" * 50_000, "nested deeper than 200"),
    _between(
        "a line over the limit",
        '{"q": "' + "x" * 3000 + '"}',
        "line over 2 KB",
        line_bytes=2048,
        lenient=[{"q": "x" * 3000}],
    ),
    # other values, or more than one
    _between("an array", "[1, 2]", "a JSON array, not an object"),
    _between("an array of objects", '[{"q": "x"}]', "a JSON array, not an object", lenient=[{"q": "x"}]),
    _between("a string", '"text"', "a JSON string, not an object"),
    _between("a number", "12", "a number, not an object"),
    _between("a null", "null", "null, not an object"),
    _between("a truth", "true", "true, not an object"),
    _between(
        "two objects", '{"q": "x"} {"q": "y"}', "more text after the object", lenient=[{"q": "x"}, {"q": "y"}]
    ),
    _between(
        "two objects with a comma",
        '{"q": "x"},{"q": "y"}',
        "more text after the object",
        lenient=[{"q": "x"}, {"q": "y"}],
    ),
    _between(
        "two objects after a carriage return",
        '{"q": "x"}\r{"q": "y"}',
        "more text after the object",
        lenient=[{"q": "x"}, {"q": "y"}],
    ),
    _between(
        "a comma at the end of each line", '{"q": "x"},', "more text after the object", lenient=[{"q": "x"}]
    ),
    # other languages
    _between("single quotes", "{'q': 'x'}", "double quotes", lenient=[{"q": "x"}]),
    _between("a key without quotes", '{q: "x"}', "double quotes", lenient=[{"q": "x"}]),
    _between("a comma too many", '{"q": "x",}', "double quotes", lenient=[{"q": "x"}]),
    _between("a comma too many in a list", '{"q": [1,]}', "character", lenient=[{"q": J("[1]")}]),
    _between("a comma too few", '{"q": "x" "n": 1}', "','"),
    _between("no colon", '{"q" "x"}', "':'"),
    _between("words of Python", '{"q": None, "n": True}', "character 7"),
    _between("undefined", '{"q": undefined}', "character 7"),
    _between("a comment", "// the second part", "not JSON"),
    _between(
        "a comment after the object", '{"q": "x"} # note', "more text after the object", lenient=[{"q": "x"}]
    ),
    _between("a comment inside", '{"q": /* note */ "x"}', "character 7", lenient=[{"q": "x"}]),
    _between("a merge conflict", "<<<<<<< HEAD\n=======\n>>>>>>> main", "not JSON", (3, "not"), (4, "not")),
    _between("dots for the rest", "...", "not JSON"),
    _between("plain text", "And so on.", "not JSON"),
    _between("a row of CSV", "q,n", "not JSON"),
    # objects that end too early or are laid out
    _between("a cut object", '{"q": "x", "n": ', "ends in the middle"),
    _between("a cut string", '{"q": "x', "ends in the middle"),
    _between("a cut list", '{"q": [1, 2', "ends in the middle"),
    _between(
        "an object over lines",
        '{\n"q": "x"\n}',
        "middle",
        (3, "not JSON"),
        (4, "not JSON"),
        lenient=[{"q": "x"}],
    ),
    make_case(
        "many faults at once",
        b'{"q": "a"}\n{"q": NaN}\n\n{"q": "b"}\n{"q": "c\xff"}\n[]\n \t\n{"q": 1, "q": 2}\n{"q": "d"}\n{"q":',
        (1, {"q": "a"}),
        (4, {"q": "b"}),
        (9, {"q": "d"}),
        bad=[
            (2, "NaN"),
            (5, "not UTF-8"),
            (6, "a JSON array"),
            (8, "duplicate key"),
            (10, "ends in the middle"),
        ],
        blank=2,
    ),
)
