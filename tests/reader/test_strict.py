"""The fast decoder and the exact one agree, and both agree with the standard library on what is JSON."""

import json
from collections.abc import Mapping

from hypothesis import example, given, settings
from hypothesis import strategies as st

from studio.reader.strict import Fault, RecordDecoder

PIECES = st.sampled_from([
    "{", "}", "[", "]", ":", ",", '"', "\\", "a", "b", '"a"', '"a":', '"\\u0061":1', "1", "-0", "2.50",
    "1e400", "01", "NaN", "true", "null", " ", "\r", "é", "\\ud800", "\\ud83d\\ude00", '{"a":1,"a":2}',
    '{"a:b":":"}', '"x:y"', "\x00", "\x7f", "\u2028", "\ufeff", '{"a":1}', '[{"b":1,"b":2}]',
])  # fmt: skip
LINES = st.lists(PIECES, max_size=9).map(lambda pieces: "".join(pieces).encode())
OBJECT_LINES = LINES.map(lambda inner: b'{"k":' + inner + b"}")


@settings(deadline=None, max_examples=1000)
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


@settings(deadline=None, max_examples=500)
@given(lines=st.lists(LINES | OBJECT_LINES, min_size=1, max_size=3))
@example(lines=[b'{"a":1}{"b":2}', b'{"a":1}'])
@example(lines=[b"{}{}", b"", b"{}"])
@example(lines=[b'{"a":{}', b'{"b":{}}}'])
@example(lines=[b'{"a":1}\r', b'{"b":[{"c":":"}]}'])
@example(lines=[b'{"a":1,"a":1}', b'{"b":2}'])
def test_many_lines_at_once_give_what_each_gives_alone(lines: list[bytes]) -> None:
    decoder = RecordDecoder(200)
    together = decoder.decode_lines(lines)
    if together is not None:
        assert [_plain(record) for record in together] == [_plain(decoder.decode(line)) for line in lines]


def test_plain_lines_are_decoded_at_once() -> None:
    lines = [b'{"a": "[x] {y}", "b": [1, {"c": {"d": ""}}]}\r', b'{"a": "x:y", "b": null}', b'{"c": 1}']
    assert RecordDecoder(200).decode_lines(lines) is not None


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
