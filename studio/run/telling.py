"""What a run has written down, gathered for its model card. Knows nothing of how a card is worded."""

from collections.abc import Mapping
from typing import Any

from studio.run import RunDir, RunSpec, read_events, read_stored_state
from studio.run.events import read_curve


def tell_run(
    run_dir: RunDir, spec: RunSpec, metrics: Mapping[str, Any], what: str = "model"
) -> dict[str, Any]:
    """`spec metrics curve data run what`, JSON values, as `studio.card.model` reads them.

    `data` is what the worker said of the records, empty where it said nothing. RunError for a damaged run.
    """
    events, _ = read_events(run_dir)
    said = (event.details for event in reversed(events) if event.event == "data")
    return {
        "spec": spec.to_dict(),
        "metrics": dict(metrics),
        "curve": read_curve(events),
        "data": next(said, None) or {},
        "run": read_stored_state(run_dir).to_dict(),
        "what": what,
    }
