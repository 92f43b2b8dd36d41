"""The fast decoders and the exact one agree, and both agree with the standard library on what is JSON."""

import json
from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from studio.reader.flat import FlatDecoder, decode_flat
from studio.reader.lines import Block
from studio.reader.strict import Fault, RecordDecoder, are_braced
from studio.table.columns import build_series
from tests.examples import examples

PIECES = st.sampled_from([
    "{", "}", "[", "]", ":", ",", '"', "\\", "a", "b", '"a"', '"a":', '"\\u0061":1', "1", "-0", "2.50",
    "1e400", "01", "NaN", "true", "null", " ", "\r", "é", "\\ud800", "\\ud83d\\ude00", '{"a":1,"a":2}',
    '{"a:b":":"}', '"x:y"', "\x00", "\x7f", "\u2028", "\ufeff", '{"a":1}', '[{"b":1,"b":2}]',
])  # fmt: skip
LINES = st.lists(PIECES, max_size=9).map(lambda pieces: "".join(pieces).encode())
OBJECT_LINES = LINES.map(lambda inner: b'{"k":' + inner + b"}")


@settings(deadline=None, max_examples=examples(200))
@given(line=LINES | OBJECT_LINES)
@example(line=b'{"k":{"a":1,"a":2}}')
def test_a_line_is_accepted_exactly_when_it_is_one_sound_object(line: bytes) -> None:
    expected = _judge(line)
    try:
        found = RecordDecoder(200).decode(line)
    except Fault:
        assert expected is None
    else:
        assert expected is not None
        assert [(name, json.loads(bytes(value))) for name, value in found.items()] == list(expected.items())
        assert all(bytes(value) in line for value in found.values())


@settings(deadline=None, max_examples=examples(120))
@given(lines=st.lists(LINES | OBJECT_LINES, min_size=1, max_size=3))
@example(lines=[b'{"a":1}{"b":2}', b'{"a":1}'])
@example(lines=[b"{}{}", b"", b"{}"])
@example(lines=[b'{"a":{}', b'{"b":{}}}'])
@example(lines=[b'{"a":1}\r', b'{"b":[{"c":":"}]}'])
@example(lines=[b'{"a":1,"a":1}', b'{"b":2}'])
@example(lines=[b'{"k":{"a":1,"a":"\\u003A"}}'])
@example(lines=[b'{"k":[{"a":{"b":1},"a":1}]}'])
def test_many_lines_at_once_give_what_each_gives_alone(lines: list[bytes]) -> None:
    together = _decode_together(lines)
    if together is not None:
        decoder = RecordDecoder(200)
        assert [_plain(record) for record in together] == [_plain(decoder.decode(line)) for line in lines]


def test_plain_lines_are_decoded_at_once() -> None:
    lines = [b'{"a": "[x] {y}", "b": [1, {"c": {"d": ""}}]}\r', b'{"a": "x:y", "b": null}', b'{"c": 1}']
    assert _decode_together(lines) is not None


LETTERS = ['"', "x", ":", "\\n", "\\u003a", "\\ud83d\\ude00", "\\ud800", "é", "{", "}", "\\u0000", "\x01"]
VALUES = st.lists(st.sampled_from(LETTERS), max_size=4).map(lambda letters: '"' + "".join(letters) + '"')
VALUES |= st.sampled_from(["1", "-0", "2.50", "1e400", "01", "NaN", "true", "false", "null", "[]", "{}"])
NAMES = st.sampled_from(['"a"', '"b"', '"\\u0061"', '"a:b"'])
FLAT_LINES = st.lists(st.tuples(NAMES, VALUES), max_size=3).map(
    lambda fields: ("{" + ", ".join(f"{name}: {value}" for name, value in fields) + "}").encode()
)
TEXT, NUMBER, TRUTH = pa.large_string(), pa.float64(), pa.bool_()


@settings(deadline=None, max_examples=examples(300))
@given(
    lines=st.lists(FLAT_LINES | LINES, min_size=1, max_size=3),
    types=st.dictionaries(st.sampled_from("ab"), st.sampled_from([TEXT, NUMBER, TRUTH])),
)
@example(lines=[b'{"a": "x", "a": ":"}'], types={"a": TEXT})
@example(lines=[b'{"a": "x"}{"a": "y"}', b'{"a": "z"}'], types={"a": TEXT})
@example(lines=[b'{"a": null, "b": 1}', b'{"b": 1}'], types={"a": TEXT, "b": NUMBER})
@example(lines=[b'{"a": null, "b": "\\u003a"}', b'{"b": ""}'], types={"a": TEXT, "b": TEXT})
@example(lines=[b'{"a": "\xff"}'], types={"a": TEXT})
def test_lines_decoded_to_columns_are_what_each_gives_alone(
    lines: list[bytes], types: dict[str, pa.DataType]
) -> None:
    text = b"\n".join(lines)
    columns = decode_flat(text, len(lines), types) if _are_braced(text) else None
    if columns is not None:
        alone = [RecordDecoder(200).decode(line) for line in lines]
        assert {frozenset(record) for record in alone} == {frozenset(columns)}
        for name, (kind, values) in columns.items():
            expected_kind, expected = build_series([record[name] for record in alone])
            assert (kind, pl.Series(values).to_list()) == (expected_kind, expected.to_list())


def test_flat_lines_under_the_same_keys_are_decoded_to_columns() -> None:
    lines = [
        b'{"a": "x:y", "n": 2.50, "t": true, "none": null}\r',
        b'{"n": -0, "a": null, "none": null, "t": false}',
    ]
    columns = FlatDecoder(RecordDecoder(200)).decode(b"\n".join(lines * 20_000), 40_000)
    assert columns is not None
    assert {name: (kind, pl.Series(values)[:2].to_list()) for name, (kind, values) in columns.items()} == {
        "a": ("text", ["x:y", None]),
        "n": ("json", ["2.50", "-0"]),
        "t": ("boolean", [True, False]),
        "none": ("null", [None, None]),
    }


def _are_braced(text: bytes) -> bool:
    return are_braced(text, *Block(1, 0, text).find_lines())


def _decode_together(lines: list[bytes]) -> Sequence[Mapping[str, bytes]] | None:
    text = b"\n".join(lines)
    return RecordDecoder(200).decode_lines(text, len(lines)) if _are_braced(text) else None


def _plain(record: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    return [(name, bytes(value)) for name, value in record.items()]


def _judge(line: bytes) -> dict | None:
    """The record by the standard library, or None for what it or the promises refuse."""

    def unique(pairs: list[tuple]) -> dict:
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError
        return dict(pairs)

    def refuse(name: str) -> None:
        raise ValueError

    try:
        value = json.loads(line.decode(), object_pairs_hook=unique, parse_constant=refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, UnicodeError):
        return None
    return value if isinstance(value, dict) and not any("\0" in name for name in value) else None
