"""A comparison as one page that opens anywhere: no script, nothing fetched, light and dark.

Knows comparisons and runs; every text in it goes through `tag`, which escapes it.
"""

from collections.abc import Iterator, Sequence

from studio.compare.comparison import Category, Comparison
from studio.compare.differences import FEW, LEVEL, RESAMPLES, SEED
from studio.compare.notes import spell_decoding
from studio.compare.report.examples import iter_examples
from studio.compare.report.judges import draw_judges, find_judged
from studio.compare.report.made import draw_runs, list_made
from studio.compare.report.markup import Markup, join, tag
from studio.compare.report.scores import draw_categories, draw_scores, name_sides
from studio.compare.report.style import STYLE
from studio.compare.verdict import choose_score, judge_difference
from studio.workspace import Workspace

# Should a text ever pass unescaped, a browser is told to run and to fetch nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

MEANINGS = {
    "Test loss, perplexity": "How surprised the model is by each token of the expected answer. Only models "
    "with one tokenizer can be compared by it.",
    "Bits per byte": "The same surprise by the byte of text, so that any two models can be compared.",
    "Exact match": "The answer is the expected one, blanks at its ends aside.",
    "Token F1": "The words that an answer and the expected one have in common (marked above), as a share of "
    "both. It tells of form and vocabulary: an answer in other words may be as right.",
    "ROUGE-L": "The same, of the words that stand in the same order.",
    "Length, distinct-3": "Words an answer has, and how many of all runs of three words are different: a "
    "model that repeats itself has few. Neither way is better by itself; see what is expected.",
    "Never ends": "Answers that were cut at the limit of tokens, because the model did not end them.",
    "The interval": f"{LEVEL:.0%} of {RESAMPLES:,} paired bootstrap resamples of the records (seed {SEED}) "
    "lie in it. Where it holds 0, the difference may be chance. It says nothing of another training's luck.",
}


def iter_page(
    comparison: Comparison, workspace: Workspace, categories: Sequence[Category], by: str | None
) -> Iterator[bytes]:
    """The page, a section at a time, as UTF-8."""
    yield b'<!doctype html>\n<html lang="en">\n'
    yield _spell(_draw_head(comparison))
    yield b"<body>\n"
    names = name_sides(comparison, workspace)
    yield _spell(_draw_title(comparison, *names))
    yield b"<main>\n"
    yield _spell(_draw_verdict(comparison))
    yield _spell(draw_scores(comparison, names))
    if by is not None:
        yield _spell(draw_categories(categories, by))
    yield from map(_spell, draw_runs(comparison, workspace))
    yield from map(_spell, draw_judges(comparison, workspace))
    yield from map(_spell, iter_examples(comparison, find_judged(comparison, workspace)))
    yield from map(_spell, list_made(comparison, workspace))
    yield _spell(_draw_meanings())
    yield b"</main>\n"
    yield _spell(tag("footer", "Made by Dataset Studio. This page runs no script and fetches nothing."))
    yield b"</body>\n</html>\n"


def _spell(markup: Markup) -> bytes:
    return markup.encode() + b"\n"


def _draw_head(comparison: Comparison) -> Markup:
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", f"Comparison: {comparison.left} and {comparison.right}"),
        tag("style", Markup(STYLE)),
    )


def _draw_title(comparison: Comparison, left: str, right: str) -> Markup:
    plain = (left, right) == ("Before", "After")
    title = "Before and after the fine-tune" if plain else f"{left} and {right}"
    demo = "demo" in comparison.label
    pills = [
        tag("span", comparison.label, cls="pill demo" if demo else "pill"),
        tag(
            "span",
            f"{comparison.records:,} test {'record' if comparison.records == 1 else 'records'}",
            cls="pill",
        ),
        tag("span", spell_decoding(comparison.decoding), cls="pill"),
    ]
    return tag(
        "header",
        tag("p", "Dataset Studio · comparison of two models", cls="over"),
        tag("h1", title),
        tag("div", *pills, cls="pills"),
    )


def _draw_verdict(comparison: Comparison) -> Markup:
    main = choose_score(comparison.difference)
    sure = comparison.records >= FEW
    judged = judge_difference(main, comparison.difference[main]) if sure else "unclear"
    notes = tag("ul", *(tag("li", note) for note in comparison.notes)) if comparison.notes else None
    return tag(
        "section",
        tag("p", comparison.verdict),
        notes,
        cls=f"verdict {judged}",
        aria_label="What may be concluded",
    )


def _draw_meanings() -> Markup:
    terms = [join(tag("dt", term), tag("dd", meaning)) for term, meaning in MEANINGS.items()]
    return tag(
        "section",
        tag("header", tag("h2", "How to read it")),
        tag("div", tag("dl", *terms, cls="read"), cls="body"),
    )
