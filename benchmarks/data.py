"""Data for the benchmarks, the same for the same seed: instruction records as JSON Lines.

Of the records 20 % have an empty input and 42 % letters beyond ASCII; quotes, backslashes and line ends are
escaped; most answers are short and a few very long (664 bytes a record on average). Line ends as `\\n`.
"""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

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
