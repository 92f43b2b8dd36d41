"""One test record answered by two models, as they were written down.

Pair(row=2, prompt="### Question:\\nCan a banana peel …", expected="\\nLet’s keep the discussion …",
     base=Side(completion="onononon…", …), tuned=Side(completion="\\nLet’s keep the discussion …", …))

`base` is the left side of a comparison and `tuned` the right one, whatever they are of.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from studio.compare.scores import score_answer
from studio.compare.sides import read_lines_of
from studio.run import RunDir

Lines = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One model's answer. `loss` is nats per token of the expected completion, over `tokens` of them.

    `words` is the length of the completion, `distinct_3` of it alone the share of runs of three words that
    are different, None below three words. `completion`, `finished` and the scores are None where there was
    no prompt to complete (text examples).
    """

    completion: str | None
    finished: bool | None
    loss: float
    tokens: int
    exact_match: float | None
    token_f1: float | None
    rouge_l: float | None = None
    words: int | None = None
    distinct_3: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One test record, before and after; `row` is its zero-based position in the left run's test part.

    `bytes` are those of the text that the losses were measured on, as UTF-8.
    """

    row: int
    prompt: str
    expected: str
    base: Side
    tuned: Side
    bytes: int | None = None

    @property
    def size(self) -> int:
        """The bytes of the text that is learnt: of the expected completion, unless said otherwise."""
        return len(self.expected.encode("utf-8", "replace")) if self.bytes is None else self.bytes

    def to_dict(self) -> dict[str, Any]:
        """The pair as plain JSON values."""
        return asdict(self) | {"bytes": self.size}


def read_pairs(run_dir: RunDir, left: str = "base", right: str = "tuned") -> tuple[Pair, ...]:
    """The records that both models of a run have answered so far, in its order; also during a run."""
    return join_by_row(read_lines_of(run_dir, left), read_lines_of(run_dir, right))


def join_by_row(left: Lines, right: Lines, sizes: Mapping[int, int] | None = None) -> tuple[Pair, ...]:
    """The records that two sides of one run have answered, in the test part's order."""
    rows = sorted(left.keys() & right.keys())
    return tuple(_make_pair(row, left[row], right[row], sizes) for row in rows)


def join_by_text(left: Lines, right: Lines, sizes: Mapping[int, int] | None = None) -> tuple[Pair, ...]:
    """The same of two runs: a record is known by its prompt and its expected answer.

    The second of two equal records on the left goes with the second on the right.
    """
    waiting: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for _, line in sorted(right.items(), reverse=True):
        waiting[line["prompt"], line["expected"]].append(line)
    pairs = []
    for row, line in sorted(left.items()):
        if fitting := waiting[line["prompt"], line["expected"]]:
            pairs.append(_make_pair(row, line, fitting.pop(), sizes))
    return tuple(pairs)


def select_side(pairs: Iterable[Pair], name: str) -> list[Side]:
    """One side of every pair: `base` or `tuned`."""
    return [getattr(pair, name) for pair in pairs]


def _make_pair(
    row: int, left: Mapping[str, Any], right: Mapping[str, Any], sizes: Mapping[int, int] | None
) -> Pair:
    return Pair(
        row=row,
        prompt=left["prompt"],
        expected=left["expected"],
        base=_score_side(left),
        tuned=_score_side(right),
        bytes=(sizes or {}).get(row),
    )


def _score_side(line: Mapping[str, Any]) -> Side:
    completion = line["completion"]
    no_scores: dict[str, Any] = {"exact_match": None, "token_f1": None}
    return Side(
        completion=completion,
        finished=line["finished"],
        loss=line["loss"],
        tokens=line["tokens"],
        **(no_scores if completion is None else score_answer(completion, line["expected"])),
    )
