"""The README of a finished run: its model card, written where the run lies. Knows no model."""

from typing import Any

from studio.card.model import describe_model_card
from studio.run import RunDir, RunSpec
from studio.run.log import hide_secrets
from studio.run.telling import tell_run


def write_card(run_dir: RunDir, spec: RunSpec, metrics: dict[str, Any]) -> None:
    """Write the model card into the run's folder."""
    text = describe_model_card(tell_run(run_dir, spec, metrics) | {"name": run_dir.final.name})
    run_dir.card.write_text(hide_secrets(text), encoding="utf-8")
