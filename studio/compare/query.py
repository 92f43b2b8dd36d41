"""What a person asks of pairs: which of them, in which order, with which text in them.

    query_pairs(pairs, marks, Ask(only="worse", sort="worse"))   →   those that got worse, the worst first

A record got better when token F1 says so; where both answers have as many words in common with the expected
one, exact match decides, and where there are no answers (text examples), the loss. Knows no run's folder.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from studio.compare.pairs import Pair
from studio.errors import RunError
from studio.table.search import Search, find_hits

Change = Literal["better", "worse", "same"]
Sort = Literal["order", "improvement", "worse", "loss"]
Only = Literal["all", "worse", "better", "same", "unfinished", "exact", "marked"]

SORTS: tuple[Sort, ...] = get_args(Sort)
ONLY: tuple[Only, ...] = get_args(Only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """`sort`: the test part's order; the most improved first; the worst first; the highest loss after first.

    `only`: unfinished and exact are of the answer after; marked has any mark. `search` is looked for as it is
    written, in any case of its letters, in the prompt, the expected answer and both completions.
    """

    sort: Sort = "order"
    only: Only = "all"
    search: str = ""

    def __post_init__(self) -> None:
        _check("sort", self.sort, SORTS)
        _check("only", self.only, ONLY)
        self.searched.check()

    @property
    def searched(self) -> Search:
        """The search, as the table's engine does it."""
        return Search(text=self.search)


def key_pair(pair: Pair) -> str:
    """The first 16 hex digits of the SHA-256 of prompt NUL expected: a record's name in every run."""
    return hashlib.sha256(f"{pair.prompt}\0{pair.expected}".encode()).hexdigest()[:16]


def measure_improvement(pair: Pair) -> float:
    """By how much token F1 rose, from -1 to 1; for text examples, by how many nats a token the loss fell."""
    if pair.base.token_f1 is None or pair.tuned.token_f1 is None:
        return pair.base.loss - pair.tuned.loss
    return pair.tuned.token_f1 - pair.base.token_f1


def judge_change(pair: Pair) -> Change:
    """Whether the record got better, worse, or neither."""
    change = measure_improvement(pair)
    if not change:
        change = (pair.tuned.exact_match or 0.0) - (pair.base.exact_match or 0.0)
    if not change:
        return "same"
    return "better" if change > 0 else "worse"


def query_pairs(pairs: Sequence[Pair], marks: Mapping[str, str], ask: Ask) -> list[Pair]:
    """The pairs that are asked for, in the order asked; `marks` by `key_pair`. Ties stand as they come."""
    chosen = [pair for pair in pairs if _CHOOSE[ask.only](pair, marks)]
    found = _search_pairs(chosen, ask.searched) if ask.search else chosen
    return sorted(found, key=_ORDER[ask.sort])


def texts_of(pair: Pair) -> dict[str, str]:
    """The texts of a pair, by what they are: prompt, expected, base, tuned; no completion is ""."""
    return {
        "prompt": pair.prompt,
        "expected": pair.expected,
        "base": pair.base.completion or "",
        "tuned": pair.tuned.completion or "",
    }


def find_pair(pairs: Sequence[Pair], key: str) -> Pair:
    """The first pair of a key. RunError when there is none."""
    found = next((pair for pair in pairs if key_pair(pair) == key), None)
    if found is None:
        raise RunError("There is no such test record.", "Reload the page; the run may have started again.")
    return found


def describe_pair(pair: Pair, marks: Mapping[str, str]) -> dict[str, Any]:
    """The pair as plain JSON values, with `key mark improvement change`."""
    key = key_pair(pair)
    return pair.to_dict() | {
        "key": key,
        "mark": marks.get(key),
        "improvement": measure_improvement(pair),
        "change": judge_change(pair),
    }


def count_changes(pairs: Sequence[Pair], marks: Mapping[str, str]) -> dict[Only, int]:
    """How many pairs each `only` leaves, before any search."""
    return {only: sum(choose(pair, marks) for pair in pairs) for only, choose in _CHOOSE.items()}


def _search_pairs(pairs: Sequence[Pair], search: Search) -> list[Pair]:
    sides = zip(*(texts_of(pair).values() for pair in pairs), strict=True)
    hits = [find_hits(search, texts) for texts in sides]
    return [pair for pair, *found in zip(pairs, *hits, strict=True) if any(found)] if hits else []


def _check(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise RunError(f"Pairs have no {name} {value!r}.", f"Choose one of: {', '.join(known)}.")


_CHOOSE: dict[Only, Callable[[Pair, Mapping[str, str]], bool]] = {
    "all": lambda pair, marks: True,
    "worse": lambda pair, marks: judge_change(pair) == "worse",
    "better": lambda pair, marks: judge_change(pair) == "better",
    "same": lambda pair, marks: judge_change(pair) == "same",
    "unfinished": lambda pair, marks: pair.tuned.finished is False,
    "exact": lambda pair, marks: pair.tuned.exact_match == 1.0,
    "marked": lambda pair, marks: key_pair(pair) in marks,
}
_ORDER: dict[Sort, Callable[[Pair], tuple[float, ...]]] = {
    "order": lambda pair: (pair.row,),
    "improvement": lambda pair: (-measure_improvement(pair), pair.tuned.loss - pair.base.loss, pair.row),
    "worse": lambda pair: (measure_improvement(pair), pair.base.loss - pair.tuned.loss, pair.row),
    "loss": lambda pair: (-pair.tuned.loss, pair.row),
}
