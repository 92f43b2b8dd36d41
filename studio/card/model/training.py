"""The part of a model card that says how the model was trained: options, time, and the losses on the way."""

from collections.abc import Mapping, Sequence
from typing import Any

from studio.card.markdown import tabulate

_ROWS = 10
_WIDTH = 24
Points = Sequence[Sequence[float]]


def describe_training(told: Mapping[str, Any]) -> list[str]:
    """What was set, what it took, and the curve."""
    options = [(f"`{name}`", f"`{value}`") for name, value in told["spec"]["train"].items()]
    rest = "" if told["spec"]["model"] else "; all others are the demo's own"
    blocks = [describe_course(told), f"Options, by their names in TRL and PEFT{rest}:"]
    blocks.append(tabulate(("option", "value"), options) if options else "None.")
    return [*blocks, *describe_curve(told["curve"])]


def describe_course(told: Mapping[str, Any]) -> str:
    """How far it went, in how long, and which step was kept."""
    run, best = told["run"], told["metrics"].get("best_step")
    words = [f"{run['step']:,} steps" if run.get("step") else "Trained"]
    if run.get("device"):
        words.append(f"on {run['device']}")
    if run.get("seconds"):
        words.append(f"in {run['seconds']:,.0f} s")
    kept = f" The weights are those of step {best:,}, where the validation loss was lowest." if best else ""
    return f"{' '.join(words)}.{kept}{_describe_weights(told)}"


def _describe_weights(told: Mapping[str, Any]) -> str:
    """The hash by which the weights that were scored can be told; of an adapter alone there is none."""
    measured = told["metrics"].get("tuned") or {}
    digest = measured.get("weights_sha256") if told["what"] == "model" else None
    return f" SHA-256 of their names and numbers, in the order of the names: `{digest}`." if digest else ""


def describe_curve(curve: Mapping[str, Points]) -> list[str]:
    """The losses at ten evaluations at most, the last one among them; nothing where there was none."""
    validation, train = curve.get("validation") or (), curve.get("train") or ()
    if not validation:
        return []
    most = max(point[1] for point in validation)
    rows = [
        (f"{step:,.0f}", _spell(_find_before(train, step)), _spell(loss), draw_bar(loss, most))
        for step, loss in (point[:2] for point in thin(validation, _ROWS))
    ]
    head = ("step", "training loss", "validation loss", "")
    return ["Losses in nats a token, on the way:", tabulate(head, rows)]


def thin(points: Points, most: int) -> Points:
    """At most so many of the points, evenly, the first and the last among them."""
    if len(points) <= most:
        return points
    step = (len(points) - 1) / (most - 1)
    return [points[round(number * step)] for number in range(most)]


def draw_bar(value: float, most: float) -> str:
    """A bar of letters, as long as the value is beside the largest."""
    if not 0 < value <= most or most == float("inf"):
        return ""
    return "█" * max(1, round(_WIDTH * value / most))


def _find_before(points: Points, step: float) -> float | None:
    """The loss last said at or before a step."""
    return next((point[1] for point in reversed(points) if point[0] <= step), None)


def _spell(loss: float | None) -> str:
    return "" if loss is None else f"{loss:.3f}"
