"""The records of a report: prompt, expected answer, and both answers, with the words in common marked."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from studio.compare.comparison import Comparison
from studio.compare.judged import Judged
from studio.compare.pairs import Pair, Side
from studio.compare.query import key_pair, measure_improvement
from studio.compare.report.markup import Markup, escape_text, tag
from studio.compare.scores import split_words
from studio.compare.sides import parse_address
from studio.run.sides import BASE

MOST_EXAMPLES = 300
_OPEN = 3
_EXTREMES = 3


def iter_examples(comparison: Comparison, judged: Judged) -> Iterator[Markup]:
    """The records that gained and lost most, then all in their order, at most MOST_EXAMPLES."""
    gained, lost = _rank(comparison.pairs)
    score = "token F1" if _is_answered(comparison.pairs) else "loss"
    if gained:
        yield _draw_section(f"What gained most, by {score}", "", gained, comparison, judged)
    if lost:
        yield _draw_section(f"What lost most, by {score}", "", lost, comparison, judged)
    shown = comparison.pairs[:MOST_EXAMPLES]
    words = "In the order of the test part."
    if len(shown) < comparison.records:
        words += f" These are the first {len(shown):,} of {comparison.records:,}; the CSV holds all."
    yield _draw_section("Every record", words, shown, comparison, judged, opened=_OPEN)


def mark_common(completion: str, expected: str) -> Markup:
    """The completion with the words marked that token F1 counts as common with what was expected."""
    left = Counter(split_words(expected))
    pieces: list[str] = []
    for run in re.findall(r"\s+|\S+", completion):
        # Where a script has no blanks, a run of characters is many words.
        for piece in run if len(split_words(run)) > 1 else (run,):
            pieces.append(_mark(piece, left))
    return Markup("".join(pieces).replace("</mark><mark>", ""))


def _mark(piece: str, left: Counter[str]) -> str:
    words = split_words(piece)
    if len(words) == 1 and left[words[0]]:
        left[words[0]] -= 1
        return f"<mark>{escape_text(piece)}</mark>"
    return escape_text(piece)


def _rank(pairs: Sequence[Pair]) -> tuple[list[Pair], list[Pair]]:
    """The few that gained most and that lost most; none of either where few records are there."""
    if len(pairs) <= 2 * _EXTREMES:
        return [], []
    ranked = sorted(pairs, key=lambda pair: (-measure_improvement(pair), pair.row))
    gained = [pair for pair in ranked[:_EXTREMES] if measure_improvement(pair) > 0]
    return gained, [pair for pair in ranked[: -_EXTREMES - 1 : -1] if measure_improvement(pair) < 0]


def _is_answered(pairs: Sequence[Pair]) -> bool:
    return any(pair.tuned.completion is not None for pair in pairs)


def _draw_section(
    title: str, words: str, pairs: Sequence[Pair], comparison: Comparison, judged: Judged, opened: int = 0
) -> Markup:
    names = ("Before", "After") if parse_address(comparison.left).model == BASE else ("Left", "Right")
    records = [_draw_record(pair, names, judged, opened=at < opened) for at, pair in enumerate(pairs)]
    return tag(
        "section",
        tag("header", tag("h2", title), tag("p", words) if words else None),
        tag("div", *records, cls="scroll records"),
    )


def _draw_record(pair: Pair, names: tuple[str, str], judged: Judged, *, opened: bool) -> Markup:
    gain = measure_improvement(pair)
    verdict = "better" if gain > 0 else "worse" if gain < 0 else "unclear"
    asked = next(
        (line for line in reversed(pair.prompt.strip().splitlines()) if _says_much(line)), pair.prompt
    )
    first = " ".join((asked or pair.expected).split())[:160]
    summary = tag(
        "summary",
        tag("b", f"Record {pair.row}"),
        tag("span", first, cls="first", dir="auto"),
        tag("span", _spell_change(pair), cls=f"n {verdict}"),
    )
    points = judged.get(key_pair(pair), {})
    sides = [
        _draw_text("Prompt", _show(pair.prompt)),
        _draw_text("Expected", _show(pair.expected)),
        _draw_text(names[0], _draw_answer(pair, pair.base), _describe(pair.base, points.get("base"))),
        _draw_text(
            names[1], _draw_answer(pair, pair.tuned), _describe(pair.tuned, points.get("tuned")), "side after"
        ),
    ]
    return tag("details", summary, tag("div", *sides, cls="sides"), open=opened)


def _show(text: str) -> Markup:
    """A text as markup; a word in its place where it is empty."""
    return Markup(escape_text(text)) if text else tag("span", "empty", cls="none")


def _says_much(line: str) -> bool:
    """Whether a line is more than a heading of the template, such as `### Answer:`."""
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _spell_change(pair: Pair) -> str:
    if pair.base.token_f1 is None or pair.tuned.token_f1 is None:
        return f"loss {pair.base.loss:.2f} → {pair.tuned.loss:.2f}"
    return f"F1 {pair.base.token_f1:.2f} → {pair.tuned.token_f1:.2f}"


def _draw_text(name: str, text: Markup, words: str = "", cls: str = "side") -> Markup:
    head = tag("h3", name, tag("small", words) if words else None)
    return tag("div", head, tag("div", text, cls="text", dir="auto"), cls=cls)


def _draw_answer(pair: Pair, side: Side) -> Markup:
    if side.completion is None:
        return tag("span", "no prompt to complete", cls="none")
    return mark_common(side.completion, pair.expected) if side.completion else _show("")


def _describe(side: Side, points: float | None) -> str:
    words = [f"loss {side.loss:.2f}"]
    if side.exact_match:
        words.append("exact match")
    elif side.token_f1 is not None:
        words.append(f"F1 {side.token_f1:.2f}")
    if side.finished is False:
        words.append("cut at the limit")
    if points is not None:
        words.append(f"judge {points:.0f}")
    return " · ".join(words)
