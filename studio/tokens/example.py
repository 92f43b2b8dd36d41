"""Tokens: one example as the model sees it.

    "### Answer:" + " Yes" + "<|endoftext|>"   →   ids 21 …, 397, 0; trained: 397 and 0

Knows how tokens are cut and masked; nothing of how a text becomes tokens.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

IGNORED = -100
Fate = Literal["fit", "cut", "lost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The tokens of an example in order; `text` is exactly what the tokenizer was given.

    `answers` are the ranges of places (first, one after the last) that the loss looks at, in order, none
    empty. `merged` says that the prompt ends inside a token, `double_start` that the start token stands twice
    at the beginning, `end_trained` that the last token learnt, white space aside, ends the answer. `encoding`
    is what the `tokenizers` package gave, `specials` are the ids of all control tokens.
    """

    ids: list[int]
    text: str
    answers: tuple[tuple[int, int], ...]
    merged: bool = False
    double_start: bool = False
    end_trained: bool = False
    encoding: Any = field(repr=False, compare=False)
    specials: frozenset[int] = field(repr=False, compare=False)

    @property
    def length(self) -> int:
        """How many tokens there are."""
        return len(self.ids)

    @property
    def first_trained(self) -> int:
        """The place of the first token that the loss looks at; the length when it looks at none."""
        return self.answers[0][0] if self.answers else len(self.ids)

    @property
    def trained(self) -> list[bool]:
        """For each token, whether the loss looks at it."""
        mask = [False] * len(self.ids)
        for start, stop in self.answers:
            mask[start:stop] = [True] * (stop - start)
        return mask

    @property
    def labels(self) -> list[int]:
        """The ids where the loss looks, IGNORED elsewhere."""
        return [token if learnt else IGNORED for token, learnt in zip(self.ids, self.trained, strict=True)]

    @property
    def special(self) -> list[bool]:
        """For each token, whether it is a control token."""
        return [token in self.specials for token in self.ids]

    @property
    def names(self) -> list[str]:
        """For each token, how the vocabulary spells it."""
        return list(self.encoding.tokens)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """For each token, its characters in `text`: (first, one after the last).

        The spans follow on one another and hold the whole text. A later byte of a character, and a token that
        the tokenizer added, have none.
        """
        spans, done, last = [], 0, -1
        for place, (start, stop) in enumerate(self.encoding.offsets):
            if stop > max(start, done):
                last = place
            spans.append((done, max(done, stop)))
            done = max(done, stop)
        if last >= 0 and done < len(self.text):
            tail = [(len(self.text), len(self.text))] * (len(spans) - last - 1)
            spans[last:] = [(spans[last][0], len(self.text)), *tail]
        return spans

    @property
    def parts(self) -> list[bool]:
        """For each token, whether it is only a later byte of a character that an earlier token began."""
        offsets, spans = self.encoding.offsets, self.spans
        return [
            start < stop and first == last
            for (start, stop), (first, last) in zip(offsets, spans, strict=True)
        ]

    def fate(self, max_length: int | None) -> Fate:
        """What is left of the answer within `max_length` tokens: all of it, some of it, or nothing.

        A row that is lost is left out of the training, as is one of which nothing is learnt at all.
        """
        limit = len(self.ids) if max_length is None else max_length
        if self.first_trained >= min(limit, len(self.ids)):
            return "lost"
        return "cut" if self.answers[-1][1] > limit else "fit"
