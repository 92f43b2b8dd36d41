"""The kinds of findings, in words: what each is called, what it means, and what can be done about it.

    KINDS["empty-answer"]  →  Kind(title="Empty answers", explanation="…", shows="asked", …)

Every one is a heuristic: a hint where to look, which stops nothing. Knows nothing of how it is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Side = Literal["asked", "answered", "end"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`shows` is the text by which a record of the kind is shown: what is asked, the answer, or its end.

    An `optional` kind is looked for when it is asked for, since it takes so many `seconds` for a million
    records, or since not everyone wants it. `needs_answer` where the template has to tell the answer from
    the rest.
    """

    title: str
    explanation: str
    shows: Side = "asked"
    optional: str = ""
    seconds: float = 0.0
    needs_answer: bool = False


KINDS: Mapping[str, Kind] = {
    "exact-duplicates": Kind(
        title="Exact duplicates",
        explanation="These records become the very same text as an earlier one, so it is learnt more often "
        "than the others. Excluding them keeps the first of each.",
    ),
    "near-duplicates": Kind(
        title="Near-duplicates",
        explanation="Question and answer together are nearly those of an earlier record: four fifths of "
        "their short runs of characters are the same. They may differ in the one word that matters: look at "
        "some pairs. Excluding them keeps the earlier ones.",
        optional="near-duplicates",
        seconds=30.0,
    ),
    "conflicting-answers": Kind(
        title="Conflicting answers",
        explanation="The same question, whatever its case and blanks, has another answer earlier. That is "
        "fine where many answers are right; where one is, the model learns both. Excluding these keeps "
        "the first.",
        shows="answered",
        needs_answer=True,
    ),
    "empty-answer": Kind(
        title="Empty answers",
        explanation="There is nothing to learn but to say nothing: fill in the answer, or exclude the "
        "records. Leave them where an empty answer is right.",
        needs_answer=True,
    ),
    "whitespace-answer": Kind(
        title="Blank answers",
        explanation="The answer is nothing but white space or invisible characters: fill it in, or exclude "
        "the records.",
        needs_answer=True,
    ),
    "question-in-answer": Kind(
        title="Question repeated in the answer",
        explanation="The answer begins with the whole question, so the model learns to repeat what it is "
        "asked. Some styles of answer want that: look at some of them.",
        shows="answered",
        needs_answer=True,
    ),
    "long-answer": Kind(
        title="Far longer answers",
        explanation="The answer is far longer than most. Long is not wrong, but an answer may hold a whole "
        "page by mistake, and training may cut it.",
        shows="answered",
        needs_answer=True,
    ),
    "short-answer": Kind(
        title="Far shorter answers",
        explanation="The answer is far shorter than most. It may be right, or a rest of something longer; "
        "many of them teach the model to be brief.",
        shows="asked",
        needs_answer=True,
    ),
    "truncated-answer": Kind(
        title="Endings that look cut",
        explanation="The answer stops inside a sentence, after a word that needs another, or in a code block "
        "that is not closed. Told by punctuation and words alone, so some of them are whole.",
        shows="end",
        needs_answer=True,
    ),
    "refusal": Kind(
        title="Boilerplate refusals",
        explanation="The answer says that it is a language model, or that it cannot help, in words that such "
        "models use. Keep the refusals that you want the model to learn; told by a list of phrases.",
        shows="answered",
        needs_answer=True,
    ),
    "already-formatted": Kind(
        title="Already formatted",
        explanation="The text holds the marks of a template, and yours would come on top of them. An answer "
        "that only speaks of such marks is found, too.",
    ),
    "mojibake": Kind(
        title="Mojibake",
        explanation="The text was read in a wrong encoding at some time, such as “Ã©” for “é”, or bytes of "
        "it were lost. Better read the source again in its own encoding than learn this.",
    ),
    "control-characters": Kind(
        title="Control characters",
        explanation="The text holds characters that nobody sees: rests of a terminal, of another file "
        "format, or marks that turn the direction of writing. Tokenizers see them.",
    ),
    "mixed-languages": Kind(
        title="Mixed languages",
        explanation="The question or the answer is in another language than most, or they differ from each "
        "other. A translation is meant to. Told by a light detector.",
        optional="languages",
        seconds=120.0,
    ),
    "secrets": Kind(
        title="Secrets",
        explanation="The text holds what looks like a key, a token or a password. A model can repeat what it "
        "has learnt: take it out, and have it revoked. Told by its form; nothing was sent anywhere.",
        optional="secrets",
        seconds=3.0,
    ),
    "emails": Kind(
        title="E-mail addresses",
        explanation="The text holds an e-mail address that may be a person's, which a model can repeat. "
        "Addresses of example.com and the like do not count.",
        optional="emails",
        seconds=1.0,
    ),
}

OPTIONAL: Mapping[str, str] = {kind.optional: code for code, kind in KINDS.items() if kind.optional}
"""What can be asked for besides, with the code of its finding."""
