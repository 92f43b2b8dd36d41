"""A model card: the README.md of a fine-tune, with the metadata that the Hub reads.

    ---
    base_model: EleutherAI/pythia-70m
    base_model_relation: adapter
    license: apache-2.0
    …
    ---
    # pythia-70m, fine-tuned on lamini_docs.jsonl
    …what it is, how to use it, its data, its training, its scores, its limits

Made from what a run has written down, and the same for the same values. No path of the machine is in it, no
address with a password and no value of a record. Text that came with the data is only ever text.

    describe_metadata    what stands between the two lines of ---   (metadata.py)
    describe_body        what stands below                          (body.py and its neighbours)
    publish_recipe       the recipe without what is not for others  (recipe.py)
"""

from collections.abc import Mapping
from typing import Any

import yaml

from studio.card.model.body import describe_body
from studio.card.model.metadata import describe_metadata

__all__ = ["describe_model_card"]


def describe_model_card(told: Mapping[str, Any]) -> str:
    """The text of README.md.

    `told` has `spec`, a RunSpec as JSON values; `metrics`, those of the run; `curve`, its losses by step as
    `read_curve` gives them; `data`, what the worker said of the records, empty where it said nothing; `run`,
    with `seconds`, `step`, `steps` and `device`; `what`, "model" or "adapter". It may have `name`, by which
    the model is opened, and `scores`: base, tuned, difference and verdict of a comparison, in the place of
    those in the metrics.
    """
    metadata = yaml.safe_dump(describe_metadata(told), sort_keys=False, allow_unicode=True, width=10**6)
    return f"---\n{metadata}---\n\n{describe_body(told)}"
