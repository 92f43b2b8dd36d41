"""One test record answered by two models, as the worker wrote it down.

Pair(row=2, prompt="### Question:\\nCan a banana peel …", expected="\\nLet’s keep the discussion …",
     base=Side(completion="onononon…", …), tuned=Side(completion="\\nLet’s keep the discussion …", …))
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.compare.scores import exact_match, token_f1
from studio.run import RunDir, read_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One model's answer. `loss` is nats per token of the expected completion, over `tokens` of them.

    `completion`, `finished` and the scores are None where there was no prompt to complete (text examples).
    """

    completion: str | None
    finished: bool | None
    loss: float
    tokens: int
    exact_match: float | None
    token_f1: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One test record, before and after; `row` is its zero-based position in the test part."""

    row: int
    prompt: str
    expected: str
    base: Side
    tuned: Side

    def to_dict(self) -> dict[str, Any]:
        """The pair as plain JSON values."""
        return asdict(self)


def read_pairs(run_dir: RunDir) -> tuple[Pair, ...]:
    """The records that both models have answered so far, in the test part's order; also during a run."""
    base, tuned = (_read_sides(path) for path in (run_dir.base_completions, run_dir.tuned_completions))
    return tuple(
        Pair(
            row=row,
            prompt=base[row]["prompt"],
            expected=base[row]["expected"],
            base=_score_side(base[row]),
            tuned=_score_side(tuned[row]),
        )
        for row in sorted(base.keys() & tuned.keys())
    )


def _read_sides(path: Path) -> dict[int, dict[str, Any]]:
    return {line["row"]: line for line in read_lines(path)}


def _score_side(line: Mapping[str, Any]) -> Side:
    completion, expected = line["completion"], line["expected"]
    return Side(
        completion=completion,
        finished=line["finished"],
        loss=line["loss"],
        tokens=line["tokens"],
        exact_match=None if completion is None else exact_match(completion, expected),
        token_f1=None if completion is None else token_f1(completion, expected),
    )
