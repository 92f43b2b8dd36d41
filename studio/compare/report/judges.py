"""What judges said of the answers of a report: each by its model, its prompt and what may be concluded.

Of the base and the tuned model of one run, which is what a judge is asked about.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from studio.compare.comparison import Comparison
from studio.compare.judged import Judged, read_judged
from studio.compare.report.markup import Markup, join, tag
from studio.compare.sides import parse_address
from studio.run.log import hide_secrets
from studio.run.sides import BASE, TUNED
from studio.workspace import Workspace


def find_judged(comparison: Comparison, workspace: Workspace) -> Judged:
    """The points of each record by its key; empty where these two sides were not judged."""
    left, right = parse_address(comparison.left), parse_address(comparison.right)
    asked_about = left.run == right.run and (left.which, right.which) == (BASE, TUNED)
    return read_judged(workspace.run(left.run)) if asked_about else {}


def draw_judges(comparison: Comparison, workspace: Workspace) -> Iterator[Markup]:
    """A section for each judge that gave both sides points."""
    if not find_judged(comparison, workspace):
        return
    run_dir = workspace.run(parse_address(comparison.left).run)
    for path in sorted(run_dir.path.glob("eval/judge-*/scores.json")):
        said = _read_object(path.read_bytes())
        mean = said.get("mean")
        if isinstance(mean, dict) and all(isinstance(mean.get(side), int | float) for side in (BASE, TUNED)):
            yield _draw_judge(said, mean)


def _draw_judge(said: Mapping[str, Any], mean: Mapping[str, float]) -> Markup:
    facts = {
        "Before": f"{mean[BASE]:.1f} of 100",
        "After": f"{mean[TUNED]:.1f} of 100",
        "Endpoint": hide_secrets(str(said.get("endpoint", "not written down"))),
    }
    rows = [join(tag("dt", name), tag("dd", fact)) for name, fact in facts.items()]
    prompt = str(said.get("prompt") or "")
    return tag(
        "section",
        tag(
            "header",
            tag("h2", f"What {said.get('model', 'a judge')} said"),
            tag("p", str(said.get("sentence") or "")),
        ),
        tag("div", tag("dl", *rows), cls="body"),
        tag(
            "details",
            tag("summary", tag("b", "What it was asked")),
            tag("div", tag("pre", hide_secrets(prompt), dir="auto"), cls="body"),
        )
        if prompt
        else None,
    )


def _read_object(data: bytes) -> dict[str, Any]:
    try:
        values = json.loads(data)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}
