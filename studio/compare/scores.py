"""The scores of one completion beside the expected one, from the texts alone; each from 0 to 1."""

import unicodedata
from collections import Counter


def exact_match(completion: str, expected: str) -> float:
    """1.0 when both are the same text, whitespace at the ends aside."""
    return float(completion.strip() == expected.strip())


def token_f1(completion: str, expected: str) -> float:
    """The F1 of the words that both have in common, counted with repeats; 1.0 when neither has any.

    After SQuAD (Rajpurkar et al. 2016): lower case, punctuation removed, split at whitespace. Articles are
    kept, since not all data is English; punctuation is Unicode's category P.
    """
    ours, theirs = Counter(_split_words(completion)), Counter(_split_words(expected))
    common = (ours & theirs).total()
    if not ours and not theirs:
        return 1.0
    return 2 * common / (ours.total() + theirs.total())


def _split_words(text: str) -> list[str]:
    return "".join(one for one in text.lower() if not unicodedata.category(one).startswith("P")).split()
