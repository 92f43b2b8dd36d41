"""Mutants: valid files with some bytes flipped, put in or taken out; the same number gives the same mutant.

    (make_mutant(number), number) → which file of the corpus it was, and its bytes now

The files are made of those in the fault corpus that hold no bad line, so that the truth of every line that
a mutation did not touch is the one written there by hand.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tests.corpus import CSV, JSONL, Case, Row

_LARGEST = 2_000
_TELLING = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf"]
_TELLING += [
    b"NaN",
    b"-",
    b"0",
    b".",
    b"e",
    b" ",
    b"\\u",
    b'""',
    b'","',
    b"\xe2\x80\xa8",
    b"\xc3",
    b";",
    b"\t",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A case, and what became of its bytes."""

    case: Case
    content: bytes


def _is_seed(case: Case) -> bool:
    valid = not case.bad and not case.refused
    known = case.suffix == ".jsonl" or (case.suffix == ".csv" and b"," in case.bytes.split(b"\n")[0])
    return valid and known and len(case.bytes) < _LARGEST and not case.bytes.startswith((b"\xff\xfe", b"\n"))


def _join(cases: Sequence[Case]) -> Case:
    """The records of several JSON Lines files in one, a blank line after each file."""
    lines: list[bytes] = []
    records: list[Row] = []
    for case in cases:
        stored = case.bytes.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        for line, values in case.records:
            lines.append(stored[line - 1])
            records.append((len(lines), values))
        lines.append(b"")
    name = " + ".join(case.name for case in cases)
    return replace(cases[0], name=name, content=b"\n".join(lines), records=tuple(records), blank=len(cases))


def _as_array(case: Case) -> Case:
    """The same records as a JSON array, numbered from one."""
    lines = case.bytes.split(b"\n")
    elements = b",\n".join(lines[line - 1] for line, _ in case.records)
    records = tuple((number, values) for number, (_, values) in enumerate(case.records, 1))
    return replace(case, suffix=".json", content=b"[" + elements + b"]\n", records=records, blank=0)


_VALID = [case for case in JSONL if _is_seed(case)]
_LINES = [_join(_VALID[at : at + 3]) for at in range(0, len(_VALID), 3)]
SEEDS = [_LINES, [_as_array(case) for case in _LINES], [case for case in CSV if _is_seed(case)]]


def make_mutant(number: int) -> Mutant:
    """The mutant of that number: JSON Lines, a JSON array and CSV in turn, one to three mutations each."""
    draw = random.Random(number)
    case = draw.choice(SEEDS[number % len(SEEDS)])
    content = case.bytes
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        content = draw.choice(_MUTATIONS)(draw, content)
    return Mutant(case=case, content=content)


def _flip_bit(draw: random.Random, content: bytes) -> bytes:
    at = draw.randrange(len(content) or 1)
    return (
        content[:at]
        + bytes(byte ^ 1 << draw.randrange(8) for byte in content[at : at + 1])
        + content[at + 1 :]
    )


def _replace_byte(draw: random.Random, content: bytes) -> bytes:
    at = draw.randrange(len(content) or 1)
    return content[:at] + draw.randbytes(1) + content[at + 1 :]


def _insert_noise(draw: random.Random, content: bytes) -> bytes:
    at = draw.randint(0, len(content))
    return content[:at] + draw.randbytes(draw.randint(1, 4)) + content[at:]


def _insert_mark(draw: random.Random, content: bytes) -> bytes:
    at = draw.randint(0, len(content))
    return content[:at] + draw.choice(_TELLING) + content[at:]


def _delete_some(draw: random.Random, content: bytes) -> bytes:
    at = draw.randint(0, len(content))
    return content[:at] + content[at + draw.randint(1, 8) :]


def _repeat_some(draw: random.Random, content: bytes) -> bytes:
    at = draw.randint(0, len(content))
    return content[:at] + content[max(0, at - draw.randint(1, 60)) : at] + content[at:]


def _cut_off(draw: random.Random, content: bytes) -> bytes:
    return content[: draw.randint(len(content) // 2, len(content))]


_MUTATIONS: list[Callable[[random.Random, bytes], bytes]] = [
    _flip_bit,
    _replace_byte,
    _insert_noise,
    _insert_mark,
    _insert_mark,
    _delete_some,
    _repeat_some,
    _cut_off,
]
