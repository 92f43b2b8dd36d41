"""How the models of a report were made: the curve of each run, its recipe, its options and the hashes."""

from collections.abc import Iterator
from typing import Any

from studio.compare.comparison import Comparison
from studio.compare.notes import spell_decoding
from studio.compare.report.drawing import draw_curve
from studio.compare.report.markup import Markup, join, tag
from studio.compare.sides import parse_address
from studio.recipe.text import dump_yaml
from studio.run import RunDir, RunSpec, RunState, read_events, read_spec, read_state
from studio.run.events import read_curve
from studio.run.label import read_label
from studio.run.log import hide_secrets
from studio.workspace import Workspace


def list_runs(comparison: Comparison, workspace: Workspace) -> list[RunDir]:
    """The one run, or both."""
    ids = dict.fromkeys(parse_address(side).run for side in (comparison.left, comparison.right))
    return [workspace.run(run) for run in ids]


def draw_runs(comparison: Comparison, workspace: Workspace) -> Iterator[Markup]:
    """The loss of each run while it learnt; none of a run that has said too little."""
    for run_dir in list_runs(comparison, workspace):
        curve = read_curve(read_events(run_dir)[0])
        train, validation = curve["train"], curve["validation"]
        if len(train) + len(validation) < 2:
            continue
        best = f", at best {min(point[1] for point in validation):.3f}" if validation else ""
        keys = [
            tag("span", "training", cls="key"),
            tag("span", f"validation{best}", cls="key validation") if validation else None,
            tag("span", "nats a token, by step"),
        ]
        label = f"Loss by step over {int(max(point[0] for point in [*train, *validation])):,} steps{best}."
        yield tag(
            "section",
            tag("header", tag("h2", f"How {_name(run_dir)} learnt")),
            tag(
                "figure",
                tag("figcaption", *keys),
                draw_curve(train, validation, label),
                cls="body",
            ),
        )


def list_made(comparison: Comparison, workspace: Workspace) -> Iterator[Markup]:
    """What stands behind the scores, so that they can be had again."""
    hashes = {
        "Left": (comparison.left, comparison.hashes.get("left")),
        "Right": (comparison.right, comparison.hashes.get("right")),
    }
    sides = [
        join(tag("dt", name), tag("dd", address, " ", tag("code", digest or "hash not written down")))
        for name, (address, digest) in hashes.items()
    ]
    decoding = join(tag("dt", "Decoding"), tag("dd", spell_decoding(comparison.decoding)))
    words = "SHA-256 of the weights, as they were read back from the disk to answer the prompts."
    yield tag(
        "section",
        tag("header", tag("h2", "What was compared"), tag("p", words)),
        tag("div", tag("dl", *sides, decoding), cls="body"),
    )
    for run_dir in list_runs(comparison, workspace):
        yield _draw_made(run_dir, read_spec(run_dir), read_state(run_dir))


def _draw_made(run_dir: RunDir, spec: RunSpec, state: RunState) -> Markup:
    facts: dict[str, Any] = {
        "Run": spec.run,
        "Base model": _describe_base(spec),
        "Began": state.started.replace("T", " ").replace("Z", " UTC"),
        "Trained": f"{state.step:,} steps in {state.seconds:,.0f} s on {state.device or 'cpu'}",
        "Notes": read_label(run_dir)["notes"],
    }
    rows = [join(tag("dt", name), tag("dd", hide_secrets(fact))) for name, fact in facts.items() if fact]
    data = [
        join(tag("dt", f"Data: {part}"), tag("dd", f"{file.records:,} records ", tag("code", file.sha256)))
        for part, file in spec.data.items()
    ]
    return tag(
        "section",
        tag("header", tag("h2", f"How {_name(run_dir)} was made")),
        tag("div", tag("dl", *rows, *data), cls="body"),
        _draw_listing("Recipe", spec.recipe),
        _draw_listing("Template", spec.template),
        _draw_listing("Options of the training", spec.train),
    )


def _draw_listing(title: str, values: Any) -> Markup | None:
    if not values:
        return None
    text = tag("div", tag("pre", hide_secrets(dump_yaml(values)), dir="auto"), cls="body")
    return tag("details", tag("summary", tag("b", title)), text)


def _describe_base(spec: RunSpec) -> str:
    if not spec.model:
        return spec.base_model
    revision = spec.model.get("revision")
    return f"{spec.model.get('name', spec.base_model)}{f' at {revision}' if revision else ''}"


def _name(run_dir: RunDir) -> str:
    name = read_label(run_dir)["name"]
    return f"“{name}”" if name else f"run {run_dir.run[:8]}"
