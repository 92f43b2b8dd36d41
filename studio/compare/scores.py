"""The scores of one completion beside the expected one, from the texts alone.

    score_answer("Paris is it.", "It is Paris.")   →   {"exact_match": 0.0, "token_f1": 1.0, "rouge_l": 0.33…}

Words are counted in lower case and without punctuation; knows no model.
"""

import unicodedata
from collections import Counter
from collections.abc import Hashable, Sequence

N = 3
Words = Sequence[str]

# Scripts that are written without blanks: Thai and Lao, Myanmar, Khmer, kana and ideographs.
_DENSE = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0xA4CF), (0x20000, 0x3FFFF))


def exact_match(completion: str, expected: str) -> float:
    """1.0 when both are the same text, whitespace at the ends aside."""
    return float(completion.strip() == expected.strip())


def token_f1(completion: str, expected: str) -> float:
    """The F1 of the words that both have in common, counted with repeats; 1.0 when neither has any.

    After SQuAD (Rajpurkar et al. 2016): lower case, punctuation removed, split at whitespace. Articles are
    kept, since not all data is English; punctuation is Unicode's category P. Where a script is written
    without blanks, each character is a word, as in MLQA (Lewis et al. 2020).
    """
    return _measure_overlap(split_words(completion), split_words(expected))


def rouge_l(completion: str, expected: str) -> float:
    """ROUGE-L (Lin 2004): the F1 of the longest run of words that both have in the same order, with gaps.

    The whole text is one sentence, as in the rouge-score library; words as in `token_f1`; 1.0 when neither
    has any.
    """
    return _measure_order(split_words(completion), split_words(expected))


def distinct_n(words: Words, n: int = N) -> float | None:
    """Of the runs of `n` words, the share that are different (Li et al. 2016); None where there is no run."""
    runs = list_runs(words, n)
    return len(set(runs)) / len(runs) if runs else None


def score_answer(completion: str, expected: str) -> dict[str, float | int | None]:
    """`exact_match token_f1 rouge_l` (0 to 1), `words` of the completion and their `distinct_3`."""
    ours, theirs = split_words(completion), split_words(expected)
    return {
        "exact_match": exact_match(completion, expected),
        "token_f1": _measure_overlap(ours, theirs),
        "rouge_l": _measure_order(ours, theirs),
        "words": len(ours),
        "distinct_3": distinct_n(ours),
    }


def split_words(text: str) -> list[str]:
    """The words of a text, as the scores count them."""
    return text.lower().translate(_SPELLING).split()


def list_runs(words: Words, n: int = N) -> list[tuple[str, ...]]:
    """Every run of `n` words that stand side by side."""
    return list(zip(*(words[at:] for at in range(n)), strict=False))


def measure_common(ours: Sequence[Hashable], theirs: Sequence[Hashable]) -> int:
    """The length of the longest common subsequence.

    Bit by bit (Hyyrö 2004): a row of the usual table is one large number, so that it takes one step a word.
    """
    places: dict[Hashable, int] = {}
    for place, word in enumerate(ours):
        places[word] = places.get(word, 0) | 1 << place
    row = whole = (1 << len(ours)) - 1
    for word in theirs:
        matched = row & places.get(word, 0)
        row = (row + matched | row - matched) & whole
    return len(ours) - row.bit_count()


def _measure_overlap(ours: Words, theirs: Words) -> float:
    if not ours and not theirs:
        return 1.0
    return 2 * (Counter(ours) & Counter(theirs)).total() / (len(ours) + len(theirs))


def _measure_order(ours: Words, theirs: Words) -> float:
    if not ours and not theirs:
        return 1.0
    return 2 * measure_common(ours, theirs) / (len(ours) + len(theirs))


class _Spelling(dict[int, str | int | None]):
    """What becomes of a character, found once: no punctuation, blanks around what is a word by itself."""

    def __missing__(self, code: int) -> str | int | None:
        one = chr(code)
        if unicodedata.category(one).startswith("P"):
            self[code] = None
        else:
            self[code] = f" {one} " if any(low <= code <= high for low, high in _DENSE) else code
        return self[code]


_SPELLING = _Spelling()
