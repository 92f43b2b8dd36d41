"""What an answer tells: that it is empty or blank, the question again, a refusal, or cut.

    "Lamini is a platform. It can be used to train and"   →   truncated-answer: ends with “to train and”

Each sign is one polars expression over the texts of `texts.py`, of the linear-time kind; its words for one
record are found again when that record is shown.
"""

import re
from collections.abc import Mapping

import polars as pl

from studio.quality.phrases import OPEN_WORDS, REFUSALS

REFUSAL_WITHIN = 300  # characters of an answer, from its beginning
FEWEST_CHARACTERS = 20  # of a question that an answer is said to repeat, and of an answer that is cut
_FEWEST_WORDS = 4
_BEFORE = 30  # characters that may come before the question in the answer, such as "Question: "
_OPEN_FROM = 40  # characters of an answer from which on a last word such as "and" counts

# White space, and what takes no ink: soft hyphen, joiners, fillers, marks.
_BLANK = (
    r"^[\s\u{ad}\u{34f}\u{115f}\u{1160}\u{180e}\u{200b}-\u{200f}\u{2060}-\u{2064}\u{3164}\u{feff}\u{ffa0}]*$"
)
# A boundary of words in any script would keep the search from its fast way through a text.
_REFUSAL = "|".join(REFUSALS).replace(r"\b", r"(?-u:\b)")

# Scripts that are written without a mark at the end of a sentence, or with a blank in its place.
_UNMARKED = r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
_SENTENCE_END = (
    r"(?:(?:\p{Ll}{4}|[\p{Lo}\p{M}]{2})[.!?؟।۔][\"'”’»)\]]?\s+(?:\S+\s+){3,}|[。！？][」』”]?[^\n。！？]{3,})"
)
_STOPS_INSIDE = rf"{_SENTENCE_END}[^\n]*[\p{{L}}\p{{M}}]$"
_LIST_ITEM = r"^\s*(?:[-*•‣·+–#>|]|\(?(?:\d+|[a-zA-Z])[.):])(?:\s|$)"
_NO_PROSE = r"[{}<>=_|\\`$~^]|[./@#&]\S*$"
_OPEN_WORD = rf"\s(?:{'|'.join(map(re.escape, OPEN_WORDS))})$"
_OPEN_MARK = r"[,،、:：(\[{„]$"
_NO_CUT = (
    r"(?i)(?:[:;=8x]-?[(\[{]"
    r"|(?:regards|sincerely|wishes|yours|love|cheers|thanks|thank you|respectfully|truly|faithfully|grüßen?"
    r"|cordialement|saludos|atentamente|saluti|atenciosamente|уважением|dear\s[^\n]{1,40}),)$"
)
_FENCE = r"(?m)^[ \t]*```[^`\n]*$"  # one that ends where it begins opens nothing
_LAST_LINE = r"([^\n]*)$"
_TAIL = 400  # characters of an answer in which its end is looked at


def express_answers() -> dict[str, pl.Expr]:
    """Whether an answer shows each of the signs, by code; never null. Reads `normal_…` texts, too."""
    answered = pl.col("answered")
    return {
        "empty-answer": answered == "",
        "whitespace-answer": (answered != "") & answered.str.contains(_BLANK),
        "question-in-answer": _express_repeated(),
        "truncated-answer": _express_truncated(answered),
        "refusal": answered.str.slice(0, REFUSAL_WITHIN).str.to_lowercase().str.contains(_REFUSAL),
    }


def _express_repeated() -> pl.Expr:
    question = pl.col("normal_question").str.strip_chars_end(" ?!.:;…？！。：")
    # A word is two characters in a script without blanks.
    words = pl.max_horizontal(
        question.str.count_matches(" ") + 1, question.str.count_matches(r"\p{Han}") // 2
    )
    enough = (question.str.len_bytes() >= FEWEST_CHARACTERS) & (words >= _FEWEST_WORDS)
    beginning = pl.col("normal_answer").str.slice(0, question.str.len_chars() + _BEFORE)
    return enough & beginning.str.contains(question, literal=True)


def _express_truncated(answered: pl.Expr) -> pl.Expr:
    open_code = (answered.str.count_matches(_FENCE) % 2) == 1
    tail = answered.str.strip_chars_end().str.tail(_TAIL)
    last = tail.str.extract(_LAST_LINE).fill_null("")
    prose = ~last.str.contains(_LIST_ITEM) & ~last.str.contains(_NO_PROSE)
    stops = prose & last.str.contains(_STOPS_INSIDE) & ~last.str.contains(rf"{_UNMARKED}$")
    long_enough = tail.str.len_chars() >= _OPEN_FROM
    open_end = long_enough & (tail.str.contains(_OPEN_WORD) | tail.str.contains(_OPEN_MARK))
    return open_code | stops | (open_end & ~tail.str.contains(_NO_CUT))


def explain_truncated(answered: str) -> str:
    """Why an answer is called cut."""
    if len(re.findall(_FENCE, answered)) % 2:
        return "a code block is not closed"
    words = answered.rstrip().rsplit("\n", 1)[-1].split()
    end = " ".join(words[-5:])[-60:]
    return f"ends with “{end}”"


def explain_refusal(answered: str) -> str:
    """The phrase by which an answer is called a refusal."""
    lower = answered[:REFUSAL_WITHIN].lower()
    found = pl.Series([lower]).str.extract(f"({_REFUSAL})").item() or ""
    start = lower.find(found)
    return f"says “{answered[start : start + len(found)].strip()}”"


def explain_repeated(question: str) -> str:
    """The question that stands in the answer."""
    return f"repeats “{' '.join(question.split())[:80]}”"


EXPLANATIONS: Mapping[str, str] = {
    "empty-answer": "there is no answer",
    "whitespace-answer": "there is nothing to see in the answer",
}
