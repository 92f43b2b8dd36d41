"""The text of a model card: what the model is, how to use it, its data, training, scores, limits, licence.

Every number is one that the run wrote down.
"""

from collections.abc import Mapping
from typing import Any

from studio.card.markdown import escape_text, fence_text, tabulate
from studio.card.model.metadata import is_on_hub, name_title
from studio.card.model.recipe import count_changes, dump_public, name_source, publish_recipe
from studio.card.model.scores import describe_scores
from studio.card.model.training import describe_training
from studio.card.model.using import describe_use


def describe_body(told: Mapping[str, Any]) -> str:
    """The Markdown below the metadata."""
    spec = told["spec"]
    blocks = [
        f"# {escape_text(name_title(told))}",
        describe_model(told),
        "## Use it",
        describe_use(told),
        "## Prompt",
        *describe_prompt(spec),
        "## Data",
        *describe_data(told),
        "## Training",
        *describe_training(told),
        "## Scores",
        *describe_scores(told),
        "## Limits",
        describe_limits(told),
        "## Licence",
        describe_licence(spec),
        "## Recipe",
        *describe_recipe(spec),
    ]
    return "\n\n".join(blocks) + "\n"


def describe_model(told: Mapping[str, Any]) -> str:
    """What it was made of, and what the files hold."""
    spec, weights = told["spec"], told["metrics"].get("parameters")
    counted = f" {weights:,} weights." if weights else ""
    if not spec["model"]:
        return (
            f"Trained from scratch (demo): `tiny`, a GPT-NeoX of 4 layers.{counted} Its weights and its"
            " tokenizer were made from the train part alone. It has learnt style and domain, not facts."
        )
    model = spec["model"]
    at = f" at commit `{model['revision']}`" if model.get("revision") else ""
    base = f"Base model: {_name_base(model)}{at} ({escape_text(str(model['architecture']))}).{counted}"
    if not spec["train"].get("use_peft"):
        return f"{base} All of its weights were trained."
    held = {
        "adapter": f"These files hold the adapter alone: the base model is loaded with it.{_say_base(model)}",
        "model": "These files hold the whole model, the adapter merged into its base.",
    }
    return f"{base} An adapter (LoRA) was trained beside its weights. {held[told['what']]}"


def _say_base(model: Mapping[str, Any]) -> str:
    """What must be put right where the base model has no address that everyone has."""
    if is_on_hub(model):
        return ""
    return (
        " Its `adapter_config.json` names that folder: put the path of yours into `base_model_name_or_path`."
    )


def _name_base(model: Mapping[str, Any]) -> str:
    name = escape_text(str(model["name"]))
    if is_on_hub(model):
        return f"[{name}](https://huggingface.co/{model['name']})"
    return f"{name}, a folder of weights"


def describe_prompt(spec: Mapping[str, Any]) -> list[str]:
    """The template as it was trained with; it is in `template.json` too."""
    template, kind = spec["template"], spec["example_type"]
    told = {
        "text": "Examples were whole texts: the model goes on from where a text ends.",
        "prompt-completion": "The model was asked with this text, and learnt the completion alone. Text in"
        " braces is a column.",
        "messages": "The tokenizer's chat template wrote the messages; what the assistant says was learnt.",
    }
    texts = {name: template[name] for name in ("text", "prompt", "completion") if template.get(name)}
    if texts:
        shown = [block for name, text in texts.items() for block in (f"*{name}*", fence_text(text, "text"))]
    else:
        shown = [fence_text(dump_public(template), "yaml")] if template else []
    return [f"{told[kind]} The same is in `template.json`.", *shown]


def describe_data(told: Mapping[str, Any]) -> list[str]:
    """Where the records came from, and each part with its hash."""
    spec, said = told["spec"], told.get("data") or {}
    source = publish_recipe(spec["recipe"]).get("source") or {}
    named = name_source(spec["recipe"])
    blocks = [f"Source: {escape_text(named)}." if named else "The source was not noted."]
    hashes = [(name, source[name]) for name in ("config", "split", "revision", "sha256") if source.get(name)]
    if hashes:
        blocks.append(tabulate(("source", ""), [(name, f"`{value}`") for name, value in hashes]))
    parts = [(part, f"{file['records']:,}", f"`{file['sha256']}`") for part, file in spec["data"].items()]
    blocks.append(tabulate(("part", "records", "SHA-256 of what was frozen"), parts))
    losses = [words for words in _describe_losses(said) if words]
    changed = count_changes(spec["recipe"])
    if changed:
        losses.append(f"Changed by hand before the split: {changed}.")
    return [*blocks, *(["\n".join(f"- {words}" for words in losses)] if losses else [])]


def _describe_losses(said: Mapping[str, Any]) -> list[str]:
    cut, length = said.get("truncation") or {}, said.get("max_length")
    held = said.get("held_back")
    return [
        f"Of the train part {held:,} records were held back to choose the best step." if held else "",
        f"{cut['without_answer']:,} train records had no answer within {length} tokens, and were left out."
        if cut.get("without_answer")
        else "",
        f"{cut['cut']:,} train records lost the end of their answer after {length} tokens."
        if cut.get("cut")
        else "",
    ]


def describe_limits(told: Mapping[str, Any]) -> str:
    """What it may not be taken for."""
    spec, metrics = told["spec"], told["metrics"]
    limits = [
        "It answers in the form of its train records; whether an answer is true was not measured.",
        "What the records say was not checked for truth, bias or consent.",
        "It was asked one question at a time; longer conversations were not measured.",
    ]
    if not spec["model"]:
        limits.insert(0, "It is a demo: made in about a minute, of no use beyond showing how the way goes.")
    if not metrics.get("records"):
        limits.append("Nothing was held back to measure it on.")
    elif metrics["records"] < 200:
        limits.append(f"{metrics['records']:,} test records are few: small differences are noise.")
    if "validation" not in spec["data"]:
        limits.append("There was no validation part: the best step was chosen on records of the train part.")
    return "\n".join(f"- {limit}" for limit in limits)


def describe_licence(spec: Mapping[str, Any]) -> str:
    """Whose terms go with the weights."""
    if not spec["model"]:
        return "No base model, so none of its terms. Those of the records are for their owner to say."
    said = spec["model"].get("licence")
    if not said:
        return "The base model states no licence: ask its authors before you pass this model on."
    return (
        f"The base model states: {escape_text(str(said))}. Its terms go with these weights; those of the"
        " records come beside them."
    )


def describe_recipe(spec: Mapping[str, Any]) -> list[str]:
    """The recipe, which repeats it all."""
    if not spec["recipe"]:
        return ["None was kept."]
    words = "`studio train` repeats the run from this file. Paths are shortened to names"
    if spec["recipe"].get("overlay"):
        words += ", and `overlay`, which holds texts of records, is left out"
    return [f"{words}.", fence_text(dump_public(publish_recipe(spec["recipe"])), "yaml")]
