"""Data for the benchmarks, the same for the same seed: instruction records as JSON Lines.

Of the records 20 % have an empty input and 42 % letters beyond ASCII; quotes, backslashes and line ends are
escaped; most answers are short and a few very long (664 bytes a record on average). Line ends as `\\n`.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

SHARE = 0.02  # of the records that are twins of each kind
KEPT = 5_000  # records that a twin is made of

_SYLLABLES = re.findall("..", "kalomirestaplansvidugorechbatasolfrainquobe")
_MARKS = [", ", ". ", ': "', '" ', "\n", "\n\n- ", "\t", " \\ ", "? ", "! "]
_SCRIPTS = [
    "größe",
    "déjà",
    "naïve",
    "日本語",
    "データ",
    "Привет",
    "мир",
    "שלום",
    "مرحبا",
    "😀",
    "ελληνικά",
    "ñandú",
    "—",
]


def write_records(path: Path, count: int, seed: int = 1) -> None:
    """Write `count` instruction records."""
    with path.open("wb") as file:
        for record in iter_records(count, seed):
            file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")


def write_twins(path: Path, count: int, seed: int = 1, *, near: bool = False) -> list[tuple[int, int]]:
    """Write `count` records, of which SHARE are another's exact twin and as many ask the same in another
    case, with other blanks and another answer.

    With `near`, as many again ask the same but for a word or two; returned are those rows, each with that of
    which it is a twin.
    """
    chance = random.Random(seed)
    earlier: list[tuple[int, dict[str, str]]] = []
    twins = []
    with path.open("wb") as file:
        for number, record in enumerate(iter_records(count, seed)):
            record["kind"] = "abcdefgh"[number % 8]
            drawn = chance.random()
            if earlier and drawn < SHARE:
                record = chance.choice(earlier)[1]
            elif earlier and drawn < 2 * SHARE:
                twin = chance.choice(earlier)[1]
                record |= {"instruction": f" {twin['instruction'].upper()} ", "input": twin["input"]}
            elif earlier and near and drawn < 3 * SHARE:
                row, twin = chance.choice(earlier)
                record |= {"instruction": _change_words(chance, twin["instruction"]), "input": twin["input"]}
                twins.append((number, row))
            elif len(earlier) < KEPT:
                earlier.append((number, record))
            else:
                earlier[chance.randrange(KEPT)] = (number, record)
            file.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
    return twins


def _change_words(chance: random.Random, text: str) -> str:
    words = text.split(" ")
    for _ in range(chance.randrange(1, 3)):
        words[chance.randrange(len(words))] = "".join(chance.choices(_SYLLABLES, k=2))
    return " ".join(words)


def iter_records(count: int, seed: int = 1) -> Iterator[dict[str, str]]:
    """`count` records of an instruction, an input that may be empty, and an output."""
    chance = random.Random(seed)
    plain, mixed = _write_prose(chance, []), _write_prose(chance, _SCRIPTS)
    for number in range(count):
        prose = mixed if chance.random() < 0.42 else plain
        instruction = f"{number}. " + _cut(chance, prose, 120)
        given = "" if chance.random() < 0.2 else _cut(chance, prose, 150)
        output = _cut(chance, prose, int(chance.lognormvariate(5.5, 0.75)))
        yield {"instruction": instruction, "input": given, "output": output}


def _cut(chance: random.Random, prose: str, mean: int) -> str:
    start = chance.randrange(len(prose) - 20_000)
    return prose[start : start + min(20_000, chance.randrange(mean // 2, mean * 3 // 2 + 2))]


def _write_prose(chance: random.Random, scripts: list[str]) -> str:
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randrange(1, 4))) for _ in range(4_000)]
    pieces = []
    for _ in range(200_000):
        strange = scripts and chance.random() < 0.06
        pieces.append(chance.choice(scripts if strange else words))
        pieces.append(chance.choice(_MARKS) if chance.random() < 0.15 else " ")
    return "".join(pieces)
