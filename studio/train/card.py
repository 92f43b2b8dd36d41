"""The README of a finished run: what the model is, what it learnt from, how it scored. Knows no model."""

import json
from typing import Any

from studio.run import RunDir, RunSpec
from studio.run.log import hide_secrets


def write_card(run_dir: RunDir, spec: RunSpec, metrics: dict[str, Any]) -> None:
    """Write the model card into the run's folder."""
    run_dir.card.write_text(hide_secrets(render_card(spec, metrics)), encoding="utf-8")


def render_card(spec: RunSpec, metrics: dict[str, Any]) -> str:
    """The card's Markdown; the recipe stands in it whole."""
    return "\n".join(
        [
            f"# Run {spec.run}",
            "",
            *_render_base(spec, metrics),
            "",
            "## Data",
            "",
            "| part | records | SHA-256 |",
            "|---|---|---|",
            *(f"| {part} | {file.records} | `{file.sha256}` |" for part, file in spec.data.items()),
            "",
            "## Scores on the test part",
            "",
            *_render_scores(metrics),
            "",
            "## Recipe",
            "",
            "```json",
            json.dumps({"recipe": spec.recipe, "template": spec.template, "train": spec.train}, indent=2),
            "```",
            "",
        ]
    )


def _render_base(spec: RunSpec, metrics: dict[str, Any]) -> list[str]:
    if not spec.model:
        return [
            f"Base model: `{spec.base_model}`, trained from scratch (demo): {metrics['parameters']:,}",
            "weights, made from the train part alone. It has learnt style and domain, not facts.",
            "",
            "The tuned model is in `final/`, the untrained one in `base/`.",
        ]
    model, adapter = spec.model, bool(spec.train.get("use_peft"))
    at = f" at `{model['revision']}`" if model["revision"] else ""
    how = (
        "An adapter (LoRA) was trained beside its weights." if adapter else "All of its weights were trained."
    )
    where = (
        "the adapter alone is in `final/adapter/`, and merged with its base"
        if adapter
        else "the tuned model is"
    )
    return [
        f"Base model: `{model['name']}`{at}, {model['architecture']}, {metrics['parameters']:,} weights,",
        f"licence: {model['licence'] or 'not stated'}. {how}",
        "",
        f"What was learnt: {where} in `final/`; the template is in `final/template.json`.",
    ]


def _render_scores(metrics: dict[str, Any]) -> list[str]:
    if not metrics["records"]:
        return ["There is no test part, so nothing was measured."]
    names = ("loss", "perplexity", "bits_per_byte")
    rows = [f"| {name} | {metrics['base'][name]:.4f} | {metrics['tuned'][name]:.4f} |" for name in names]
    return [f"{metrics['records']} records.", "", "| | before | after |", "|---|---|---|", *rows]
