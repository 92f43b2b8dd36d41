"""The comparison of two sides: their scores on the whole test part, what may be concluded, and the pairs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from studio.compare.columns import Values, group_pairs, list_columns, read_columns
from studio.compare.differences import (
    Difference,
    measure_expected,
    measure_pairs,
)
from studio.compare.notes import list_losses, list_notes, spell_decoding
from studio.compare.pairs import Pair, join_by_row, join_by_text
from studio.compare.sides import Address, Evaluated, read_side
from studio.compare.verdict import Evidence, write_verdict
from studio.errors import RunError
from studio.job import label_base
from studio.run import RunDir, read_spec
from studio.run.sides import BASE, TUNED
from studio.workspace import Workspace

Scores = Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """The scores of the records that have one value in a column; None where it is missing or empty."""

    value: str | None
    records: int
    base: Scores
    tuned: Scores
    difference: Mapping[str, Difference]

    def to_dict(self) -> dict[str, Any]:
        """`value records base tuned difference`."""
        return {
            "value": self.value,
            "records": self.records,
            "base": dict(self.base),
            "tuned": dict(self.tuned),
            "difference": _spell_differences(self.difference),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The scores of two sides on the whole test part, and every pair in its order.

    `base` is the left side, by default the base model, and `tuned` the right one; `label` says what that is.
    The scores are those of SCORES; those of answers are None for text examples; `difference` is right less
    left.
    `expected` has the words and distinct_3 of the expected answers; `hashes` the SHA-256 of both sides'
    weights, as the worker read them back from the disk; `values` the columns of the test records by row;
    `notes` are sentences on what the scores cannot say.
    """

    run: str
    label: str
    records: int
    base: Scores
    tuned: Scores
    difference: Mapping[str, Difference]
    pairs: tuple[Pair, ...]
    left: str = ""
    right: str = ""
    decoding: Mapping[str, Any] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)
    expected: Scores = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    verdict: str = ""
    values: Values = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """The columns of the test records, by which scores can be told apart; empty where none were kept."""
        return list_columns(self.values)

    def categories(self, column: str) -> tuple[Category, ...]:
        """The scores of the records by their value in a column, the most frequent first.

        RunError for a column that is not there, or one of too many values.
        """
        groups = group_pairs(self.pairs, self.values, column)
        return tuple(_score_category(value, pairs) for value, pairs in groups)

    def page(self, offset: int = 0, limit: int | None = 5) -> tuple[Pair, ...]:
        """The pairs from `offset` on, at most `limit`; all of them when it is None."""
        return self.pairs[offset:] if limit is None else self.pairs[offset : offset + limit]

    def to_dict(self, offset: int = 0, limit: int | None = 5, by: str | None = None) -> dict[str, Any]:
        """Every field by its name, the pairs as `examples`: one page of them.

        `columns` are those that `by` can name; with it `categories` are there.
        """
        return {
            "run": self.run,
            "label": self.label,
            "records": self.records,
            "left": self.left,
            "right": self.right,
            "verdict": self.verdict,
            "notes": list(self.notes),
            "base": dict(self.base),
            "tuned": dict(self.tuned),
            "difference": _spell_differences(self.difference),
            "expected": dict(self.expected),
            "decoding": dict(self.decoding),
            "hashes": dict(self.hashes),
            "columns": self.columns,
            "by": by,
            "categories": None if by is None else [one.to_dict() for one in self.categories(by)],
            "examples": [pair.to_dict() for pair in self.page(offset, limit)],
        }


def _score_category(value: str | None, pairs: Sequence[Pair]) -> Category:
    measured = measure_pairs(pairs)
    return Category(
        value=value,
        records=len(pairs),
        base=measured.base,
        tuned=measured.tuned,
        difference=measured.difference,
    )


def _spell_differences(difference: Mapping[str, Difference]) -> dict[str, Any]:
    return {name: asdict(one) for name, one in difference.items()}


def open_comparison(run_dir: RunDir, left: str = BASE, right: str = TUNED) -> Comparison:
    """Two sides of one run, by default the base and the tuned model.

    RunError for a run that did not succeed or has no test part, and for a side that was not evaluated.
    """
    sides = read_side(run_dir, left), read_side(run_dir, right)
    sizes = read_sizes(run_dir)
    pairs = join_by_row(sides[0].lines, sides[1].lines, sizes)
    return _compare(run_dir, run_dir, *sides, pairs)


def open_comparison_of(left: Address, right: Address, workspace: Workspace) -> Comparison:
    """Two sides by their addresses, of one run or two; RunError where two runs have other test records."""
    runs = workspace.run(left.run), workspace.run(right.run)
    if left.run == right.run:
        return open_comparison(runs[0], left.which, right.which)
    sides = read_side(runs[0], left.which), read_side(runs[1], right.which)
    pairs = join_by_text(sides[0].lines, sides[1].lines, read_sizes(runs[0]))
    counts = [len(side.lines) for side in sides]
    if {len(pairs)} != set(counts):
        raise RunError(
            f"Runs {left.run} and {right.run} were tested on other records: they share {len(pairs):,} of "
            f"{counts[0]:,} and {counts[1]:,} test prompts with their answers.",
            "Compare runs of the same data, split, seed and template.",
        )
    return _compare(*runs, *sides, pairs)


def read_sizes(run_dir: RunDir) -> dict[int, int]:
    """Row → bytes of what is learnt of a conversation; empty where the examples are none.

    The losses of a conversation are over all that the assistant says in it.
    """
    path: Path = run_dir.data / "test.jsonl"
    if read_spec(run_dir).example_type != "messages" or not path.exists():
        return {}
    with path.open("rb") as lines:
        return {row: _size_answers(line) for row, line in enumerate(lines)}


def _size_answers(line: bytes) -> int:
    messages = json.loads(line)["messages"]
    return sum(len(message["content"].encode()) for message in messages if message["role"] == "assistant")


def _compare(
    left_dir: RunDir, right_dir: RunDir, left: Evaluated, right: Evaluated, pairs: tuple[Pair, ...]
) -> Comparison:
    _refuse_other_decoding(left, right)
    values, damage = _read_values(left_dir)
    measured = measure_pairs(pairs)
    base, tuned = measured.base | dict(left.measured), measured.tuned | dict(right.measured)
    difference = measured.difference
    evidence = Evidence(
        left=left.address,
        right=right.address,
        records=len(pairs),
        base=base,
        tuned=tuned,
        difference=difference,
    )
    return Comparison(
        run=right.address.run,
        label=label_base(read_spec(right_dir).base_model),
        records=len(pairs),
        base=base,
        tuned=tuned,
        difference=difference,
        pairs=pairs,
        left=str(left.address),
        right=str(right.address),
        decoding=right.decoding,
        hashes={"left": left.weights_sha256, "right": right.weights_sha256},
        expected=measure_expected(pairs),
        notes=(*list_notes(left, right, pairs), *list_losses(left_dir), *damage),
        verdict=write_verdict(evidence),
        values=values,
    )


def _read_values(run_dir: RunDir) -> tuple[Values, list[str]]:
    """The columns of the test records; where they are damaged none, and the words for it."""
    try:
        return read_columns(run_dir), []
    except RunError as error:
        return {}, [f"{error.message} Scores by category are not to be had."]


def _refuse_other_decoding(left: Evaluated, right: Evaluated) -> None:
    """Two models are compared by the same decoding; one model may be compared with itself by another."""
    if left.decoding == right.decoding or (
        left.weights_sha256 and left.weights_sha256 == right.weights_sha256
    ):
        return
    raise RunError(
        f"{left.address} and {right.address} answered by different decodings: "
        f"{spell_decoding(left.decoding)}, and {spell_decoding(right.decoding)}.",
        "Evaluate one of them once more with the other's decoding.",
    )
