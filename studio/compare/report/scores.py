"""The scores of a report: a table with an interval drawn in each row, of all records and by category."""

from collections.abc import Mapping, Sequence

from studio.compare.comparison import Category, Comparison
from studio.compare.differences import SCORES, Difference
from studio.compare.report.drawing import draw_interval
from studio.compare.report.markup import Markup, tag
from studio.compare.sides import BASE, parse_address
from studio.compare.verdict import choose_score, judge_difference, spell_difference
from studio.run.label import read_label
from studio.workspace import Workspace


def name_sides(comparison: Comparison, workspace: Workspace) -> tuple[str, str]:
    """`Before` and `After`, or what the sides are where they are not one run's base and its result."""
    left, right = parse_address(comparison.left), parse_address(comparison.right)
    if left.run == right.run:
        return ("Before", "After") if left.which == BASE != right.which else (left.which, right.which)
    names = []
    for side in (left, right):
        name = read_label(workspace.run(side.run))["name"] or side.run[:8]
        names.append(f"{name}, {side.which}")
    return names[0], names[1]


def draw_scores(comparison: Comparison) -> Markup:
    """Every score of both sides, with their difference."""
    plain = parse_address(comparison.left).which == BASE
    heads = ("Before", "After") if plain else ("Left", "Right")
    rows = [_draw_row(comparison, name) for name in SCORES if comparison.base.get(name) is not None]
    words = "The same prompts, decoded in the same way. The difference is right less left."
    return tag(
        "section",
        tag("header", tag("h2", "Scores"), tag("p", words)),
        _scroll("Table of scores", _table(("Score", *heads, "Difference", "", "95 % interval", ""), rows)),
    )


def draw_categories(categories: Sequence[Category], by: str) -> Markup:
    """The score that decides, by the values of a column."""
    main = choose_score(categories[0].difference) if categories else "token_f1"
    rows = [_draw_category(category, main) for category in categories]
    words = f"{SCORES[main].title} of the records by their value in {by}; few records have wide intervals."
    heads = (by, "Records", "Before", "After", "Difference", "", "95 % interval", "")
    return tag(
        "section",
        tag("header", tag("h2", f"By {by}"), tag("p", words)),
        _scroll(f"Table of scores by {by}", _table(heads, rows)),
    )


def spell_score(name: str, value: float | None) -> str:
    """A score as a person reads it: a share in percent."""
    if value is None:
        return "–"
    if SCORES[name].percent:
        return f"{value * 100:.1f} %"
    return f"{value:,.1f}" if name in ("words", "perplexity") else f"{value:.3f}"


def _draw_row(comparison: Comparison, name: str) -> Markup:
    score = SCORES[name]
    words = score.words
    if comparison.expected.get(name) is not None:
        words += f"; expected: {spell_score(name, comparison.expected[name])}"
    title = tag("th", score.title, tag("small", words), scope="row")
    return tag("tr", title, *_draw_numbers(name, comparison.base, comparison.tuned, comparison.difference))


def _draw_category(category: Category, main: str) -> Markup:
    value = tag("span", "no value", cls="none") if category.value is None else category.value
    return tag(
        "tr",
        tag("td", value, cls="value"),
        tag("td", f"{category.records:,}", cls="n"),
        *_draw_numbers(main, category.base, category.tuned, category.difference),
    )


def _draw_numbers(
    name: str,
    base: Mapping[str, float | None],
    tuned: Mapping[str, float | None],
    difference: Mapping[str, Difference],
) -> list[Markup]:
    sides = [tag("td", spell_score(name, side[name]), cls="n") for side in (base, tuned)]
    if name not in difference:
        return [*sides, *(tag("td", text) for text in ("", "", "not comparable", ""))]
    one, judged = difference[name], judge_difference(name, difference[name])
    scale, digits = (100.0, 1) if SCORES[name].percent else (1.0, 3)
    value, _, interval = spell_difference(one, digits, scale).partition(" ")
    return [
        *sides,
        tag("td", value, cls=f"n {judged}"),
        tag("td", draw_interval(one, judged)),
        tag("td", interval.strip("[]").replace(", ", " to ") or "none: one record", cls="quiet"),
        tag("td", judged, cls=f"judged {judged}"),
    ]


def _table(heads: Sequence[str], rows: Sequence[Markup]) -> Markup:
    numbers = ("Before", "After", "Left", "Right", "Difference", "Records")
    cells = [
        tag("th", head, scope="col", cls="n" if head in numbers else None) if head else tag("td")
        for head in heads
    ]
    return tag("table", tag("thead", tag("tr", *cells)), tag("tbody", *rows))


def _scroll(label: str, table: Markup) -> Markup:
    return tag("div", table, cls="scroll", tabindex=0, role="region", aria_label=label)
