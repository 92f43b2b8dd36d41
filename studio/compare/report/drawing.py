"""The drawings of a report, as SVG inside the page: the curve of a run, and intervals beside their zero.

Knows numbers, not runs.
"""

from collections.abc import Callable, Sequence

from studio.compare.differences import Difference
from studio.compare.report.markup import Markup, join, tag

Points = Sequence[Sequence[float]]
Place = Callable[[Sequence[float]], tuple[float, float]]

WIDTH, HEIGHT = 760, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 16, 12, 26
MOST_POINTS = 600


def draw_curve(train: Points, validation: Points, label: str) -> Markup:
    """Loss by step: training a thin line, validation points that are joined. Points are [step, loss, …]."""
    points = [*train, *validation]
    losses = [point[1] for point in points]
    low, high = min(losses), max(losses)
    last = max(point[0] for point in points) or 1

    def place(point: Sequence[float]) -> tuple[float, float]:
        x = LEFT + point[0] / last * (WIDTH - LEFT - RIGHT)
        y = TOP + (high - point[1]) / ((high - low) or 1) * (HEIGHT - TOP - BOTTOM)
        return round(x, 1), round(y, 1)

    grid = [_draw_level(low + (high - low) * part / 3, place) for part in range(4)]
    steps = [_draw_step(last * part / 4, place, low) for part in range(5)]
    dots = [_draw_dot(point, place(point)) for point in validation]
    lines = [_draw_line("train", map(place, thin(train))), _draw_line("validation", map(place, validation))]
    return tag(
        "svg", *grid, *steps, *lines, *dots, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=label
    )


def measure_reach(difference: Difference) -> float:
    """How far from 0 a difference and its interval go."""
    return max(abs(difference.value), abs(difference.low or 0.0), abs(difference.high or 0.0))


def draw_interval(difference: Difference, verdict: str, reach: float) -> Markup:
    """A dot with its interval on a line whose middle is 0 and whose ends are `reach` from it."""
    reach = reach or 1.0
    half, middle, height = 56, 62, 18

    def place(value: float) -> float:
        return round(middle + value / reach * half, 1)

    interval = None
    if difference.low is not None and difference.high is not None:
        x, width = place(difference.low), place(difference.high) - place(difference.low)
        interval = tag("rect", x=x, y=height / 2 - 3, width=max(1.5, width), height=6, rx=3)
    return tag(
        "svg",
        tag("line", cls="zero", x1=middle, x2=middle, y1=1, y2=height - 1),
        interval,
        tag("circle", cx=place(difference.value), cy=height / 2, r=4),
        viewBox=f"0 0 {2 * middle} {height}",
        cls=f"interval {verdict}",
        aria_hidden="true",
    )


def thin(points: Points) -> list[Sequence[float]]:
    """At most MOST_POINTS of the points, the last one among them."""
    every = -(-len(points) // MOST_POINTS) or 1
    return [point for at, point in enumerate(points) if at % every == 0 or at == len(points) - 1]


def _draw_level(loss: float, place: Place) -> Markup:
    _, y = place((0, loss))
    rule = tag("line", cls="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y)
    return join(rule, tag("text", f"{loss:.2f}", x=LEFT - 8, y=y + 4, text_anchor="end"))


def _draw_step(step: float, place: Place, low: float) -> Markup:
    x, _ = place((step, low))
    return tag("text", f"{step:,.0f}", x=x, y=HEIGHT - 8, text_anchor="middle" if step else "start")


def _draw_line(name: str, places: "map[tuple[float, float]]") -> Markup:
    return tag("polyline", cls=name, points=" ".join(f"{x},{y}" for x, y in places))


def _draw_dot(point: Sequence[float], place: tuple[float, float]) -> Markup:
    words = f"validation loss {point[1]:.3f} at step {point[0]:,.0f}"
    return tag("g", tag("title", words), tag("circle", cls="validation", cx=place[0], cy=place[1], r=2.8))
