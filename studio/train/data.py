"""The frozen parts as rows, the rows as tokens and labels, and what truncation costs.

One row of lamini_docs:

    Row(row=0, prompt="### Question:\\nWhat are …?\\n\\n### Answer:", completion="\\nLamini has …")

A row of a `text` part has an empty prompt: all of it is completion. Knows no model; a tokenizer is
a value here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.errors import RunError
from studio.record import Example, Message
from studio.run import RunDir, RunSpec
from studio.tokens import IGNORED, About, Tokenizer, Tokens
from studio.tokens.chosen import choose_rows

__all__ = [
    "IGNORED",
    "Parts",
    "Row",
    "Tokens",
    "count_losses",
    "keep_answered",
    "read_parts",
    "read_rows",
    "refuse_unlearnable",
    "split_last_answer",
    "tokenize_row",
    "tokenize_rows",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a part; `row` is its zero-based position in the part's file.

    `plain` says that it is a text. A conversation is in `messages`; `asked` are then the tokens that come
    before its last answer, `prompt` and `completion` the texts of both, once `split_last_answer` has found
    them.
    """

    row: int
    prompt: str
    completion: str
    plain: bool = False
    messages: tuple[Message, ...] = ()
    asked: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """All of it."""
        return self.prompt + self.completion

    @property
    def learnt(self) -> str:
        """What is learnt of it: of a conversation, what the assistant says."""
        if not self.messages:
            return self.completion
        return "".join(message.content for message in self.messages if message.role == "assistant")


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
    """The rows of every part in file order, as `choose_rows` says."""
    records = {part: file.records for part, file in spec.data.items()}
    chosen = choose_rows(records, seed, whole=bool(spec.model))
    asked = {
        "train": {*chosen.train, *chosen.held_back},
        "validation": set(chosen.validation),
        "test": set(chosen.test),
    }
    rows = {part: tuple(read_rows(run_dir.path / file.file, asked[part])) for part, file in spec.data.items()}
    held = set(chosen.held_back)
    return Parts(
        train=tuple(row for row in rows["train"] if row.row not in held),
        validation=rows.get("validation") or tuple(row for row in rows["train"] if row.row in held),
        test=rows.get("test", ()),
        held_back=len(held),
        read={part: len(some) for part, some in rows.items()},
    )


def tokenize_row(tokenizer: Any, row: Row) -> Tokens:
    """What TRL makes of the row, token by token: the end token added, the prompt ignored."""
    return tokenize_rows(tokenizer, [row])[0]


def tokenize_rows(tokenizer: Any, rows: Sequence[Row]) -> list[Tokens]:
    """The same for many rows, in order; `tokenizer` is one of transformers."""
    about = About(
        name=tokenizer.name_or_path,
        source="folder",
        vocabulary=len(tokenizer),
        end_token=tokenizer.eos_token,
        start_token=tokenizer.bos_token,
    )
    examples = [
        Example(type="prompt-completion", prompt=row.prompt, completion=row.completion) for row in rows
    ]
    return Tokenizer(tokenizer.backend_tokenizer, about).encode(examples)


def split_last_answer(row: Row, tokens: Tokens) -> Row:
    """A conversation as what comes before its last answer, and that answer; any other row as it is."""
    if not row.messages or not tokens.answers:
        return row
    start, stop = tokens.answers[-1]
    spans = tokens.spans
    # The tokens that end an answer are written by the template, not by the person.
    content = next(one.content for one in reversed(row.messages) if one.role == "assistant")
    text = tokens.text[spans[start][0] : spans[stop - 1][1]]
    return replace(
        row,
        prompt=tokens.text[: spans[start][0]],
        completion=content if content in text else text,
        asked=tuple(tokens.ids[:start]),
    )


def refuse_unlearnable(tokens: Sequence[Tokens]) -> None:
    """RunError when a row teaches nothing, or not where its answer ends: what a check stops a launch for."""
    silent = sum(not one.answers for one in tokens)
    endless = sum(not one.end_trained for one in tokens if one.answers)
    hint = "Check the records in Prompt: the findings name them, and say what to do."
    if silent:
        raise RunError(f"{_count_rows(silent, 'has', 'have')} no token to learn.", hint)
    if endless:
        raise RunError(f"{_count_rows(endless, 'ends', 'end')} without an end token to learn.", hint)


def _count_rows(count: int, one: str, many: str) -> str:
    return f"{count:,} {'row ' + one if count == 1 else 'rows ' + many}"


def count_losses(tokens: Sequence[Tokens], max_length: int) -> dict[str, int]:
    """What the length limit costs before the first step.

    `rows`; `without_answer`: no answer token is left, the row is dropped; `cut`: the answer's end and the end
    token are lost; `merged`: see Tokens. RunError when no row is left.
    """
    fates = [one.fate(max_length) for one in tokens]
    if fates.count("lost") == len(tokens):
        raise RunError(
            f"No row of the train part keeps an answer token within max_length {max_length}.",
            "Raise max_length, or shorten the prompt.",
        )
    return {
        "rows": len(tokens),
        "without_answer": fates.count("lost"),
        "cut": fates.count("cut"),
        "merged": sum(one.merged for one in tokens),
    }


def keep_answered(rows: Sequence[Row], tokens: Sequence[Tokens], max_length: int) -> tuple[Row, ...]:
    """The rows with an answer token within `max_length`; TRL would drop the others without a word."""
    return tuple(row for row, one in zip(rows, tokens, strict=True) if one.fate(max_length) != "lost")


def read_rows(path: Path, chosen: Set[int] | None = None) -> Iterator[Row]:
    """The chosen rows of a part's file, in file order; all of them where none are named."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines):
            if chosen is None or number in chosen:
                values = json.loads(line)
                text = values.get("text", values.get("completion", ""))
                yield Row(
                    row=number,
                    prompt=values.get("prompt", ""),
                    completion=text,
                    plain="text" in values,
                    messages=tuple(
                        Message(role=message["role"], content=message["content"])
                        for message in values.get("messages", ())
                    ),
                )
