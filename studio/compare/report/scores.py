"""The scores of a report: a table with an interval drawn in each row, of all records and by category."""

from collections.abc import Mapping, Sequence

from studio.compare.comparison import Category, Comparison
from studio.compare.differences import FEW, SCORES, Difference
from studio.compare.report.drawing import draw_interval, measure_reach
from studio.compare.report.markup import Markup, tag
from studio.compare.sides import parse_address
from studio.compare.verdict import choose_score, judge_difference, spell_number
from studio.run.label import read_label
from studio.run.sides import BASE
from studio.workspace import Workspace

_LARGE = ("words", "perplexity")  # scores of which one digit is enough


def name_sides(comparison: Comparison, workspace: Workspace) -> tuple[str, str]:
    """`Before` and `After`, or what the sides are where they are not one run's base and its result."""
    left, right = parse_address(comparison.left), parse_address(comparison.right)
    if left.run == right.run:
        return ("Before", "After") if left.model == BASE != right.model else (left.which, right.which)
    names = []
    for side in (left, right):
        name = read_label(workspace.run(side.run))["name"] or side.run[:8]
        names.append(f"{name} ({side.which})")
    return names[0], names[1]


def draw_scores(comparison: Comparison, names: tuple[str, str]) -> Markup:
    """Every score of both sides, with their difference."""
    plain = parse_address(comparison.left).model == BASE
    heads = ("Before", "After") if plain else ("Left", "Right")
    sides = (comparison.base, comparison.tuned)
    rows = [_draw_row(comparison, name) for name in SCORES if any(side[name] is not None for side in sides)]
    less = "after less before" if plain else f"right less left; left is {names[0]}, right is {names[1]}"
    words = f"The same prompts, decoded in the same way. The difference is {less}."
    return tag(
        "section",
        tag("header", tag("h2", "Scores"), tag("p", words)),
        _scroll("Table of scores", _table(("Score", *heads, "Difference", "", "", "95 % interval"), rows)),
    )


def draw_categories(categories: Sequence[Category], by: str) -> Markup:
    """The score that decides, by the values of a column."""
    main = choose_score(categories[0].difference) if categories else "token_f1"
    # One scale for all, so that they can be compared by eye.
    drawn = [one.difference[main] for one in categories if main in one.difference]
    reach = max(map(measure_reach, drawn), default=1.0)
    rows = [_draw_category(category, main, reach) for category in categories]
    words = f"{SCORES[main].title} of the records by their value in {by}; few records have wide intervals."
    heads = (by, "Records", "Before", "After", "Difference", "", "", "95 % interval")
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
    return f"{value:,.1f}" if name in _LARGE else f"{value:.3f}"


def _draw_row(comparison: Comparison, name: str) -> Markup:
    score = SCORES[name]
    words = score.words
    if comparison.expected.get(name) is not None:
        words += f"; expected: {spell_score(name, comparison.expected[name])}"
    title = tag("th", score.title, tag("small", words), scope="row")
    return tag("tr", title, *_draw_numbers(name, comparison.base, comparison.tuned, comparison.difference))


def _draw_category(category: Category, main: str, reach: float) -> Markup:
    value = tag("span", "no value", cls="none") if category.value is None else category.value
    return tag(
        "tr",
        tag("td", value, cls="value"),
        tag("td", f"{category.records:,}", cls="n count"),
        *_draw_numbers(
            main, category.base, category.tuned, category.difference, reach, few=category.records < FEW
        ),
    )


def _draw_numbers(
    name: str,
    base: Mapping[str, float | None],
    tuned: Mapping[str, float | None],
    difference: Mapping[str, Difference],
    reach: float | None = None,
    *,
    few: bool = False,
) -> list[Markup]:
    sides = [
        tag("td", spell_score(name, side[name]), cls=f"n {place}")
        for place, side in (("before", base), ("after", tuned))
    ]
    if name not in difference:
        return [*sides, tag("td"), tag("td"), tag("td"), tag("td", "not comparable", cls="range quiet")]
    one = difference[name]
    judged = "few records" if few else judge_difference(name, one)
    return [
        *sides,
        tag("td", _spell_change(name, one.value, sign=True), cls=f"n change {judged}"),
        tag("td", judged, cls=f"judged {judged}"),
        tag("td", draw_interval(one, judged, measure_reach(one) if reach is None else reach), cls="drawn"),
        tag("td", _spell_range(name, one), cls="range quiet"),
    ]


def _spell_change(name: str, value: float, *, sign: bool = False) -> str:
    if SCORES[name].percent:
        return f"{spell_number(value * 100, 1, sign=sign)} pt"
    return spell_number(value, 1 if name in _LARGE else 3, sign=sign)


def _spell_range(name: str, difference: Difference) -> str:
    if difference.low is None or difference.high is None:
        return "none: one record"
    return f"{_spell_change(name, difference.low)} to {_spell_change(name, difference.high)}"


def _table(heads: Sequence[str], rows: Sequence[Markup]) -> Markup:
    numbers = ("Before", "After", "Left", "Right", "Difference", "Records")
    cells = [
        tag("th", head, scope="col", cls="n" if head in numbers else None) if head else tag("td")
        for head in heads
    ]
    return tag("table", tag("thead", tag("tr", *cells)), tag("tbody", *rows), cls="scores")


def _scroll(label: str, table: Markup) -> Markup:
    return tag("div", table, cls="scroll", tabindex=0, role="region", aria_label=label)
