"""The YAML of a model card: what the Hub reads of it.

{"license": "apache-2.0", "base_model": "EleutherAI/pythia-70m", "base_model_relation": "adapter", …}

The keys are those of modelcard.md in huggingface/hub-docs and of the page "Model Cards" of the Hub's
documentation. The Hub knows finetune, adapter, merge and quantized as relations to a base model. Results
(model-index) need a dataset of the Hub, and are left out where there is none.
"""

import re
from collections.abc import Mapping
from typing import Any

from studio.card.licenses import LICENSES
from studio.card.markdown import plain_text
from studio.card.model.recipe import name_source

_HUB_ID = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}", re.ASCII)
_NOT_IN_A_NAME = re.compile(r"[^\w.+-]+", re.ASCII)
_RESULTS = {"loss": "Loss (nats a token)", "perplexity": "Perplexity", "bits_per_byte": "Bits per byte"}


def describe_metadata(told: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata as plain values, in writing order."""
    spec = told["spec"]
    adapter = told["what"] == "adapter"
    tags = ["dataset-studio", "trl", "sft"] if spec["model"] else ["dataset-studio", "from-scratch"]
    if spec["train"].get("use_peft"):
        tags.append("lora")
    if spec["example_type"] == "messages":
        tags.append("conversational")
    return {
        **describe_license(spec["model"].get("licence")),
        **_describe_base(spec, adapter=adapter),
        "library_name": "peft" if adapter else "transformers",
        "pipeline_tag": "text-generation",
        "tags": tags,
        **_describe_dataset(told),
    }


def describe_license(licence: str | None) -> dict[str, str]:
    """The base model's licence: an id that the Hub knows, or `other` with its name; {} if there is none."""
    said = plain_text(licence or "")
    if not said:
        return {}
    if said.lower() in LICENSES:
        return {"license": said.lower()} if said.lower() != "other" else {}
    return {"license": "other", "license_name": _NOT_IN_A_NAME.sub("-", said).strip("-")[:100] or "other"}


def _describe_base(spec: Mapping[str, Any], *, adapter: bool) -> dict[str, str]:
    model = spec["model"]
    if not is_on_hub(model):
        return {}
    return {"base_model": model["name"], "base_model_relation": "adapter" if adapter else "finetune"}


def is_on_hub(model: Mapping[str, Any]) -> bool:
    """Whether the base model has an address on the Hub."""
    return model.get("kind") == "hub" and _HUB_ID.fullmatch(str(model.get("name"))) is not None


def _describe_dataset(told: Mapping[str, Any]) -> dict[str, Any]:
    """The Hub dataset that was learnt from, and the results on its test part."""
    source = told["spec"]["recipe"].get("source") or {}
    name = str(source.get("hub") or "")
    if not _HUB_ID.fullmatch(name):
        return {}
    metrics = told["metrics"]
    if not metrics.get("records"):
        return {"datasets": [name]}
    dataset = {"name": name, "type": name, "split": "test"}
    if source.get("revision"):
        dataset["revision"] = str(source["revision"])
    results = [
        {"type": key, "value": round(metrics["tuned"][key], 4), "name": words}
        for key, words in _RESULTS.items()
    ]
    task = {"type": "text-generation"}
    model = plain_text(name_title(told))
    index = [{"name": model, "results": [{"task": task, "dataset": dataset, "metrics": results}]}]
    return {"datasets": [name], "model-index": index}


def name_title(told: Mapping[str, Any]) -> str:
    """What the card is headed with, on one line."""
    spec = told["spec"]
    source = plain_text(name_source(spec["recipe"])) or "own records"
    if not spec["model"]:
        return f"tiny, trained from scratch on {source}"
    return f"{plain_text(str(spec['model']['name']))}, fine-tuned on {source}"
