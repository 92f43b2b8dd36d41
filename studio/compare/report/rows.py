"""A comparison as lines: JSON in the shape of "Build a Large Language Model (From Scratch)", or CSV.

{"instruction": "Name a prime.", "input": "", "output": "7", "model_response": "Seven."}
{"prompt": "### Question:\\n…", "expected": "…", "model_response": "…"}
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

import polars as pl

from studio.compare.comparison import Comparison
from studio.compare.judged import Judged
from studio.compare.pairs import Pair, Side
from studio.compare.query import key_pair
from studio.errors import RunError
from studio.formats.encoding import encode_cells, frame_file

BOOK = ("instruction", "input", "output")
_AT_ONCE = 1_000
_POINTS = ("base_judge", "tuned_judge")
_HALF = re.compile("[\ud800-\udfff]")  # of a character: no Unicode, so that JSON has to escape it


def iter_jsonl(comparison: Comparison) -> Iterator[bytes]:
    """One line a record, with the answer of the right side as `model_response`.

    The record's own columns where it has the book's, and its answer without blanks at its ends, as the book
    has it; else the prompt, what was expected and the very answer. RunError for text examples, which have no
    answers.
    """
    if all(pair.tuned.completion is None for pair in comparison.pairs):
        raise RunError(
            "These are text examples: no prompt was answered, so there are no responses to write.",
            "Take the page (html) or the losses (csv).",
        )
    return (_spell_line(comparison, pair) for pair in comparison.pairs)


def iter_csv(comparison: Comparison, judged: Judged) -> Iterator[bytes]:
    """A row a record: both answers, every score of each, and a judge's points where there are any.

    What a spreadsheet would run begins with an apostrophe.
    """
    names = _name_columns(judged)
    yield frame_file("csv", names).begin()
    for start in range(0, len(comparison.pairs), _AT_ONCE):
        yield _spell_rows(comparison.pairs[start : start + _AT_ONCE], names, judged)


def _spell_line(comparison: Comparison, pair: Pair) -> bytes:
    values, response = comparison.values.get(pair.row, {}), pair.tuned.completion
    if all(name in values for name in BOOK):
        shown = {name: values[name] for name in BOOK}
        response = None if response is None else response.strip()
    else:
        shown = {"prompt": pair.prompt, "expected": pair.expected}
    line = json.dumps(shown | {"model_response": response}, ensure_ascii=False)
    return _HALF.sub(lambda half: f"\\u{ord(half.group()):04x}", line).encode() + b"\n"


def _name_columns(judged: Judged) -> list[str]:
    sides = (f"{side}_{field.name}" for side in ("base", "tuned") for field in fields(Side))
    return ["row", "prompt", "expected", *sides, *(_POINTS if judged else ())]


def _spell_rows(pairs: Sequence[Pair], names: Sequence[str], judged: Judged) -> bytes:
    rows = [_list_row(pair, judged) for pair in pairs]
    columns = {name: _as_series(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)}
    return encode_cells(pl.DataFrame(columns))[0]


def _list_row(pair: Pair, judged: Judged) -> list[Any]:
    points = judged.get(key_pair(pair), {})
    given = [points.get("base"), points.get("tuned")] if judged else []
    return [pair.row, pair.prompt, pair.expected, *_list(pair.base), *_list(pair.tuned), *given]


def _list(side: Side) -> Iterable[Any]:
    return (getattr(side, field.name) for field in fields(Side))


def _as_series(values: Sequence[Any]) -> pl.Series:
    """A column of one type; a text that is no Unicode is spelled out where it is not."""
    whole = [
        value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
        for value in values
    ]
    return pl.Series(whole, strict=False)
