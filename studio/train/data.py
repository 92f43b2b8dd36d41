"""The frozen parts as rows, the rows as tokens and labels, and what truncation costs.

One row of lamini_docs:

    Row(row=0, prompt="### Question:\\nWhat are …?\\n\\n### Answer:", completion="\\nLamini has …")

A row of a `text` part has an empty prompt: all of it is completion. Knows no model; a tokenizer is
a value here.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import RunError
from studio.run import RunDir, RunSpec

# A demo run reads at most this much of a part: a seeded choice, and the run says so.
TRAIN_ROWS = 20_000
SCORED_ROWS = 1_000
HELD_BACK = 0.05
IGNORED = -100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a part; `row` is its zero-based position in the part's file."""

    row: int
    prompt: str
    completion: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """A row as the model sees it. `labels` are IGNORED where the loss does not look; `prompt` counts those
    tokens.

    `merged` says that the prompt's last token is another one once the completion follows.
    """

    ids: list[int]
    labels: list[int]
    prompt: int
    merged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The rows of a run: `validation` chooses the best checkpoint, `test` is only ever scored.

    `held_back` counts the rows of the train part that serve as validation because there is no validation
    part; `read` the rows that were read of each part's file.
    """

    train: tuple[Row, ...]
    validation: tuple[Row, ...]
    test: tuple[Row, ...]
    held_back: int
    read: Mapping[str, int]


def read_parts(run_dir: RunDir, spec: RunSpec, seed: int) -> Parts:
    """The rows of every part in file order; beyond TRAIN_ROWS and SCORED_ROWS, a choice by `seed`."""
    limits = {"train": TRAIN_ROWS, "validation": SCORED_ROWS, "test": SCORED_ROWS}
    rows = {
        part: tuple(_read_rows(run_dir.path / spec.data[part].file, spec.data[part].records, most, seed))
        for part, most in limits.items()
        if part in spec.data
    }
    train, validation, held_back = rows["train"], rows.get("validation", ()), 0
    if not validation:
        held_back = round(len(train) * HELD_BACK)
        chosen = set(random.Random(seed).sample(range(len(train)), held_back))  # noqa: S311
        validation = tuple(row for place, row in enumerate(train) if place in chosen)
        train = tuple(row for place, row in enumerate(train) if place not in chosen)
    return Parts(
        train=train,
        validation=validation,
        test=rows.get("test", ()),
        held_back=held_back,
        read={part: len(some) for part, some in rows.items()},
    )


def tokenize_row(tokenizer: Any, row: Row) -> Tokens:
    """What TRL makes of the row, token by token: the end token added, the prompt ignored."""
    whole: list[int] = tokenizer(row.prompt + row.completion + tokenizer.eos_token)["input_ids"]
    prompt: list[int] = tokenizer(row.prompt)["input_ids"] if row.prompt else []
    same = 0
    while same < len(prompt) and prompt[same] == whole[same]:
        same += 1
    labels = [IGNORED] * same + whole[same:]
    return Tokens(ids=whole, labels=labels, prompt=same, merged=same < len(prompt))


def count_losses(tokens: Sequence[Tokens], max_length: int) -> dict[str, int]:
    """What the length limit costs before the first step.

    `rows`; `without_answer`: no answer token is left, the row is dropped; `cut`: the answer's end and the end
    token are lost; `merged`: see Tokens. RunError when no row is left.
    """
    without = sum(one.prompt >= max_length for one in tokens)
    if without == len(tokens):
        raise RunError(
            f"No row of the train part keeps an answer token within max_length {max_length}.",
            "Raise max_length, or shorten the prompt.",
        )
    return {
        "rows": len(tokens),
        "without_answer": without,
        "cut": sum(len(one.ids) > max_length for one in tokens) - without,
        "merged": sum(one.merged for one in tokens),
    }


def keep_answered(rows: Sequence[Row], tokens: Sequence[Tokens], max_length: int) -> tuple[Row, ...]:
    """The rows with an answer token within `max_length`; TRL would drop the others without a word."""
    return tuple(row for row, one in zip(rows, tokens, strict=True) if one.prompt < max_length)


def find_unused(rows: Sequence[Row], word: str) -> str:
    """`<|word|>`, or the first numbered one that no row contains: text must never become a control token."""
    name, number = f"<|{word}|>", 1
    while any(name in row.prompt or name in row.completion for row in rows):
        number += 1
        name = f"<|{word}-{number}|>"
    return name


def _read_rows(path: Path, records: int, most: int, seed: int) -> Iterator[Row]:
    chosen = range(records) if records <= most else set(random.Random(seed).sample(range(records), most))  # noqa: S311
    with path.open("rb") as lines:
        for number, line in enumerate(lines):
            if number in chosen:
                values = json.loads(line)
                text = values.get("text", values.get("completion"))
                yield Row(row=number, prompt=values.get("prompt", ""), completion=text)
