"""What was found of a table, in words: each finding with its records, what it means and what to do.

    Finding(code="answer-cut", title="Answer cut", count=22, blocks=False, rows=(17, 90, …), …)

Knows nothing of how it was found.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.check.arrays import Flag, Mask, Scanned
from studio.check.lengths import Lengths, is_cut, is_lost, measure_lengths
from studio.errors import TableError

SHOWN_ROWS = 100
ANY = "any"
RENDERED = "rendered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`count` records of a kind, and the first of their rows; `blocks` when they stop a launch."""

    code: str
    title: str
    count: int
    blocks: bool
    explanation: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found of `done` of the `total` records that are left; `findings` in one order, every kind."""

    max_length: int
    done: int
    total: int
    lengths: Lengths
    findings: tuple[Finding, ...]

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that stop a launch."""
        return tuple(finding for finding in self.findings if finding.blocks)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The problems that do not stop a launch."""
        return tuple(
            finding
            for finding in self.findings
            if finding.count and not finding.blocks and finding.code != RENDERED
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """`find` says which records are meant at a max length; `{max_length}` may stand in the words."""

    title: str
    find: Callable[[Scanned, int], Mask]
    words: str
    stops: bool = False


def build_report(scanned: Scanned, max_length: int, total: int, first_problem: str = "") -> Report:
    """The report at a max length; `first_problem` says why the first record that does not render does not."""
    return Report(
        max_length=max_length,
        done=len(scanned),
        total=total,
        lengths=measure_lengths(scanned, max_length),
        findings=tuple(_describe(code, scanned, max_length, first_problem) for code in KINDS),
    )


def find_records(scanned: Scanned, code: str, max_length: int) -> NDArray[np.uint32]:
    """The rows of a finding, in table order; of `any`, those with any problem. TableError for another."""
    return scanned.row[_find(scanned, code, max_length)]


def find_lengths(scanned: Scanned, low: int, high: int) -> NDArray[np.uint32]:
    """The rows of the records that render to `low` to `high` tokens, both included, in table order."""
    inside = (scanned.length >= low) & (scanned.length <= high)
    return scanned.row[inside & ~scanned.has(Flag.NOT_RENDERED)]


def _find(scanned: Scanned, code: str, max_length: int) -> Mask:
    if code == ANY:
        found = [kind.find(scanned, max_length) for name, kind in KINDS.items() if name != RENDERED]
        every: Mask = np.logical_or.reduce(found)
        return every
    if code not in KINDS:
        raise TableError(f"There is no finding {code!r:.60}.", f"Findings are: {', '.join([*KINDS, ANY])}.")
    return KINDS[code].find(scanned, max_length)


def _describe(code: str, scanned: Scanned, max_length: int, first_problem: str) -> Finding:
    kind = KINDS[code]
    rows = scanned.row[kind.find(scanned, max_length)]
    words = kind.words.format(max_length=f"{max_length:,}")
    if code == "not-rendered" and len(rows) and first_problem:
        words = f"{words} The first: {first_problem}"
    return Finding(
        code=code,
        title=kind.title,
        count=len(rows),
        blocks=kind.stops and len(rows) > 0,
        explanation=words,
        rows=tuple(rows[:SHOWN_ROWS].tolist()),
    )


def _having(flag: Flag) -> Callable[[Scanned, int], Mask]:
    return lambda scanned, _: scanned.has(flag)


def _find_rendered(scanned: Scanned, _: int) -> Mask:
    return ~scanned.has(Flag.NOT_RENDERED)


def _find_too_long(scanned: Scanned, max_length: int) -> Mask:
    return (scanned.stop > 0) & is_lost(scanned, max_length)


def _find_untrained(scanned: Scanned, max_length: int) -> Mask:
    """Those without a trained token at any length; all, when the max length leaves none in any."""
    rendered = _find_rendered(scanned, max_length)
    lost = is_lost(scanned, max_length)
    return rendered if bool(lost[rendered].all()) else rendered & (scanned.stop == 0)


KINDS: Mapping[str, _Kind] = {
    RENDERED: _Kind(title="Rendered", find=_find_rendered, words="These records become examples."),
    "not-rendered": _Kind(
        title="Not rendered",
        find=_having(Flag.NOT_RENDERED),
        words="The conversation has a role or a shape that the template does not know: name the role in the "
        "template, mend the value, or exclude the records.",
        stops=True,
    ),
    "blank-prompt": _Kind(
        title="Blank prompt",
        find=_having(Flag.BLANK_PROMPT),
        words="The prompt is empty, so there is nothing to answer: fill in the values, or exclude the "
        "records.",
    ),
    "blank-completion": _Kind(
        title="Blank completion",
        find=_having(Flag.BLANK_COMPLETION),
        words="The completion is empty, so the model learns to say nothing: fill in the values, or exclude "
        "the records.",
    ),
    "missing-value": _Kind(
        title="Missing value",
        find=_having(Flag.MISSING_VALUE),
        words="A column that the template writes has no value here, and its place stays empty: put it in a "
        "section {{#column}}…{{/column}}, fill in the value, or exclude the records.",
    ),
    "too-long": _Kind(
        title="Too long",
        find=_find_too_long,
        words="Nothing of the answer is left within {max_length} tokens, so training leaves these records "
        "out: raise the max length, or shorten the prompt.",
    ),
    "answer-cut": _Kind(
        title="Answer cut",
        find=is_cut,
        words="The answer goes on after {max_length} tokens, so its end is not learnt: raise the max length, "
        "or exclude the records.",
    ),
    "merged-boundary": _Kind(
        title="Prompt ends inside a token",
        find=_having(Flag.MERGED_BOUNDARY),
        words="The prompt's last token is another one once the answer follows, so the model is not asked as "
        "it was taught: move a space or line end from the end of the prompt to the start of the completion.",
    ),
    "control-tokens": _Kind(
        title="Control tokens in the data",
        find=_having(Flag.CONTROL_TOKENS),
        words="The values hold a control token of this tokenizer, which the model takes for a command and "
        "not for text: take it out of the values, or exclude the records.",
    ),
    "template-marks": _Kind(
        title="Template marks in the data",
        find=_having(Flag.TEMPLATE_MARKS),
        words="The values hold marks that the template writes itself, so a prompt may stand inside another: "
        "if the data is formatted already, use the text style; or else exclude the records.",
    ),
    "double-start": _Kind(
        title="Start token twice",
        find=_having(Flag.DOUBLE_START),
        words="The text begins with the start token, and the tokenizer adds it once more: take it out of the "
        "template or the values.",
        stops=True,
    ),
    "end-not-trained": _Kind(
        title="End token not trained",
        find=_having(Flag.END_NOT_TRAINED),
        words="The model would not learn where an answer ends: let the assistant have the last word, or use "
        "a chat template that trains the end token.",
        stops=True,
    ),
    "nothing-trained": _Kind(
        title="Nothing is trained",
        find=_find_untrained,
        words="No token of these records is trained within {max_length} tokens: give them an answer, raise "
        "the max length, or use a chat template that marks what the assistant says.",
        stops=True,
    ),
}
