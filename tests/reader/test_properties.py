"""What holds for any file: a record comes back with its spelling, no line is lost, the counts add up."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from studio.errors import StudioError
from studio.reader import read_source
from studio.record import Json, Record
from studio.settings import Settings
from studio.source import Source
from studio.table import Table
from tests.examples import examples

Spelled = tuple[str, str | Json | None]
"""How a value is written, and what must come back of it."""

QUICK = settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])

LETTERS = st.characters(exclude_categories=["Cs"])
ODD_NAMES = st.sampled_from(
    [
        "",
        " ",
        "*",
        "^x$",
        "_line",
        "__line",
        "a.b",
        "{a}",
        "a:b",
        '"',
        "\\",
        "\n",
        "A",
        "a",
        "é",
        "e\u0301",
        "len",
    ]
)
ODD_TEXTS = st.sampled_from(
    [
        "",
        "02139",
        "null",
        "NaN",
        "true",
        "1.0",
        "2024-01-31",
        "{a}",
        "\u2028",
        "\u0085",
        "\r\n",
        "\0",
        "\ufeff",
    ]
)
NAMES = ODD_NAMES | st.text(LETTERS.filter(lambda letter: letter != "\0"), max_size=8)
TEXTS = ODD_TEXTS | st.text(LETTERS, max_size=20)
NUMBERS = (
    st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", fullmatch=True)
    | st.integers(-(2**70), 2**70).map(str)
    | st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.sampled_from(["-0", "2.50", "1e400", "1.0", "9223372036854775808", "9007199254740993"])
)

Quote = Callable[[str], str]
WRITERS: dict[str, tuple[Quote, str, str]] = {
    "compact": (lambda text: json.dumps(text, ensure_ascii=False), ",", ":"),
    "spaced": (lambda text: json.dumps(text, ensure_ascii=False), " , ", ": "),
    "escaped": (json.dumps, ", ", " :\t"),
    "escaped throughout": (lambda text: f'"{"".join(map(_escape, text))}"', ",  ", ":"),
}


def _escape(letter: str) -> str:
    units = letter.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _spell_values(quote: Quote, comma: str, colon: str) -> st.SearchStrategy[Spelled]:
    """Any JSON value in one writer's manner."""
    texts = TEXTS.map(lambda text: (quote(text), text))
    plain = texts | NUMBERS.map(_spell_other) | st.sampled_from(["true", "false"]).map(_spell_other)
    spellings = (plain | st.just(("null", None))).map(lambda spelled: spelled[0])
    nested = st.recursive(
        spellings,
        lambda inner: (
            st.lists(inner, max_size=4).map(lambda parts: f"[{comma.join(parts)}]")
            | st.dictionaries(NAMES, inner, max_size=4).map(
                lambda fields: "{" + comma.join(quote(n) + colon + v for n, v in fields.items()) + "}"
            )
        ),
        max_leaves=8,
    )
    boxes = nested.filter(lambda spelling: spelling[0] in "[{").map(_spell_other)
    return plain | st.just(("null", None)) | boxes


def _spell_other(spelling: str) -> Spelled:
    return spelling, Json(spelling)


@st.composite
def written_objects(draw: st.DrawFn) -> list[tuple[str, dict[str, str | Json | None]]]:
    """Lines of one writer, each with what must come back of it."""
    quote, comma, colon = WRITERS[draw(st.sampled_from(sorted(WRITERS)))]
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    values = _spell_values(quote, comma, colon)
    objects = st.dictionaries(st.sampled_from(names) | NAMES, values, max_size=4)
    return [
        (
            "{" + comma.join(quote(name) + colon + spelling for name, (spelling, _) in fields.items()) + "}",
            {name: value for name, (_, value) in fields.items()},
        )
        for fields in draw(st.lists(objects, min_size=1, max_size=6))
    ]


@QUICK
@given(lines=written_objects(), end=st.sampled_from(["\n", "\r\n", " \n\n"]))
def test_any_object_comes_back_with_its_spelling(
    lines: list[tuple[str, dict[str, str | Json | None]]], end: str
) -> None:
    table, rows = _read("".join(line + end for line, _ in lines).encode())
    assert [dict(row) for row in rows] == [values for _, values in lines]
    assert [row.line for row in rows] == [1 + at * end.count("\n") for at in range(len(lines))]
    assert table.counts.read == len(lines) * end.count("\n")


@QUICK
@given(lines=written_objects(), gap=st.sampled_from([",", " ,\n", "\r\n,\t"]))
def test_any_array_of_objects_comes_back_with_its_spelling(
    lines: list[tuple[str, dict[str, str | Json | None]]], gap: str
) -> None:
    _, rows = _read(f"[{gap.join(line for line, _ in lines)}]\n".encode(), "x.json")
    assert [dict(row) for row in rows] == [values for _, values in lines]


@QUICK
@given(
    header=st.lists(TEXTS.filter(lambda text: "\0" not in text), min_size=2, max_size=4, unique=True),
    data=st.data(),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_any_cell_of_a_csv_comes_back_as_text(header: list[str], data: st.DataObject, end: str) -> None:
    row = st.lists(TEXTS, min_size=len(header), max_size=len(header))
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    written = "".join(",".join(map(_quote_cell, cells)) + end for cells in [header, *rows])
    table, found = _read(written.encode(), "x.csv")
    assert [dict(record) for record in found] == [dict(zip(header, cells, strict=True)) for cells in rows]
    assert table.counts.read == len(rows)


def _quote_cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


GARBAGE = st.binary(max_size=24) | st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b'{"q"',
        b'"',
        b"\\",
        b"{}",
        b"[{}]",
        b"\r",
        b" ",
        b"",
        b'{"q": NaN}',
        b"\xef\xbb\xbf",
    ]
)


@QUICK
@given(garbage=st.lists(GARBAGE, max_size=8), end=st.booleans())
def test_whatever_the_bytes_the_counts_add_up(garbage: list[bytes], end: bool) -> None:
    content = b"\n".join([b'{"q": 1}', *garbage]) + b"\n" * end
    assume(_is_mostly_text(content))
    table, rows = _read(content)
    counts = table.counts
    assert counts.read == content.count(b"\n") + (not content.endswith(b"\n"))
    assert counts.read == counts.accepted + counts.quarantined + counts.blank
    assert len(rows) == counts.accepted


@QUICK
@given(garbage=st.lists(GARBAGE, max_size=8), lines=written_objects())
def test_no_good_line_is_lost_between_bad_ones(
    garbage: list[bytes], lines: list[tuple[str, dict[str, str | Json | None]]]
) -> None:
    raw = [line.encode() for line, _ in lines]
    garbage = [line.replace(b"\n", b"") for line in garbage]
    mixed = [part for pair in zip(raw, garbage + [b"x"] * len(raw), strict=False) for part in pair]
    content = b"\n".join(mixed + garbage[len(raw) :])
    assume(_is_mostly_text(content))
    _, rows = _read(content)
    found = {row.line: dict(row) for row in rows}
    assert [found.get(1 + 2 * at) for at in range(len(lines))] == [values for _, values in lines]


def _is_mostly_text(content: bytes) -> bool:
    """Whether it is neither a program nor text of another encoding, both of which are refused as a whole."""
    foreign = [line for line in content.split(b"\n") if "\ufffd" in line.decode("utf-8", "replace")]
    return content.count(0) * 5 <= len(content) and len(foreign) < 3


@QUICK
@given(content=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    for name in ("x.jsonl", "x.json", "x.csv"):
        try:
            table, rows = _read(content, name)
        except StudioError as error:
            assert name in error.message
            assert error.hint
        else:
            assert table.counts.accepted == len(rows) > 0


def _read(content: bytes, name: str = "x.jsonl") -> tuple[Table, list[Record]]:
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        table = read_source(Source(path=str(path)), Path(folder, "t"), Settings(workspace=Path(folder)))
        rows = list(table.page(limit=1000).rows)
        assert len(list(table.quarantine())) == table.counts.quarantined
        return table, rows
