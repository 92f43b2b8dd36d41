"""The training records that are nearest to a test record, so that an answer that was learnt by heart shows.

    the answer after is 100 % like the answer of train record 17, whose prompt is 12 % like this prompt

Two things are compared, as `studio.near` does: the prompts, without what all of them begin and end with, and
the answer after with the answer that was learnt. Only records that the run learnt from are looked at: those
that it held back, or did not choose from a large train part, are not. Memory stays flat.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from heapq import nlargest
from typing import Any

import polars as pl

from studio.compare.pairs import Pair
from studio.errors import RunError
from studio.keys import normalise_texts
from studio.near.similarity import compare_text
from studio.run import RunDir, read_spec
from studio.tokens.chosen import choose_rows

MOST = 3
_AT_ONCE = 1 << 20  # characters that are compared at once

_Row = tuple[int, str, str]  # its position, prompt and completion


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A training record; `row` is its zero-based position in the run's train part.

    Similarities are from 0 to 1: `prompt_similarity` of the prompts, None for text examples, and
    `answer_similarity` of the answer after (for text examples: of the test record) with `completion`.
    """

    row: int
    prompt: str
    completion: str
    prompt_similarity: float | None
    answer_similarity: float

    @property
    def similarity(self) -> float:
        """The larger of the two."""
        return max(self.prompt_similarity or 0.0, self.answer_similarity)

    def to_dict(self) -> dict[str, Any]:
        """The record as plain JSON values, with `similarity`."""
        return asdict(self) | {"similarity": self.similarity}


def find_nearest(run_dir: RunDir, pair: Pair, most: int = MOST) -> list[Near]:
    """The `most` nearest of the records that the run learnt from, the nearest first; earlier ones of equals.

    RunError when the run's train part is not there.
    """
    prefix, suffix = _find_frame(run_dir, pair.prompt)
    asked = _strip_frame(pair.prompt, prefix, suffix)
    answered = pair.expected if pair.tuned.completion is None else pair.tuned.completion
    found: list[Near] = []
    for rows in _batch(_read_learnt(run_dir)):
        prompts = _compare(asked, [_strip_frame(prompt, prefix, suffix) for _, prompt, _ in rows])
        answers = _compare(answered, [completion for _, _, completion in rows])
        near = (
            Near(
                row=row,
                prompt=prompt,
                completion=completion,
                prompt_similarity=prompts[at] if pair.prompt else None,
                answer_similarity=answers[at],
            )
            for at, (row, prompt, completion) in enumerate(rows)
        )
        found = nlargest(most, [*found, *near], key=_nearness)
    return [one for one in found if one.similarity > 0]


def _batch(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    batch: list[_Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row[1]) + len(row[2])
        if size > _AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _nearness(near: Near) -> tuple[float, float, int]:
    return near.similarity, (near.prompt_similarity or 0.0) + near.answer_similarity, -near.row


def _compare(text: str, texts: list[str]) -> list[float]:
    normal = normalise_texts(pl.Series([text, *texts], dtype=pl.String))
    return [float(one) for one in compare_text(normal[0], normal[1:])]


def _find_frame(run_dir: RunDir, prompt: str) -> tuple[int, int]:
    """How many characters all prompts share at their start, and how many at their end: the template's."""
    prefix, suffix = prompt, prompt[::-1]
    for _, other, _ in _read_learnt(run_dir):
        prefix, suffix = _share_start(prefix, other), _share_start(suffix, other[::-1])
        if not prefix and not suffix:
            break
    return len(prefix), len(suffix)


def _share_start(one: str, other: str) -> str:
    length = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    return one[: min(len(one), len(other)) if length is None else length]


def _strip_frame(prompt: str, prefix: int, suffix: int) -> str:
    """The prompt without its frame; all of it where nothing else is in it."""
    return prompt[prefix : max(prefix, len(prompt) - suffix)] or prompt


def _read_learnt(run_dir: RunDir) -> Iterator[_Row]:
    """Row, prompt and completion of each record that the run learnt from; of a text the prompt is empty."""
    spec = read_spec(run_dir)
    records = {part: file.records for part, file in spec.data.items()}
    chosen = set(choose_rows(records, spec.train.get("seed", 42), whole=bool(spec.model)).train)
    path = run_dir.path / spec.data["train"].file if "train" in spec.data else run_dir.data / "train.jsonl"
    try:
        with path.open("rb") as lines:
            for row, line in enumerate(lines):
                if row in chosen:
                    yield row, *_read_example(json.loads(line))
    except (OSError, ValueError) as error:
        raise RunError(
            f"The train part of run {run_dir.run} is gone or damaged.",
            "Start the run again to see its training records here.",
        ) from error


def _read_example(values: Mapping[str, Any]) -> tuple[str, str]:
    messages = values.get("messages")
    if not messages:
        return values.get("prompt", ""), values.get("text", values.get("completion", ""))
    last = max(
        (at for at, one in enumerate(messages) if one["role"] == "assistant"), default=len(messages) - 1
    )
    return "\n".join(one["content"] for one in messages[:last]), messages[last]["content"]
