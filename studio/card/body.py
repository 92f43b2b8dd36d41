"""The text of a dataset card: what the dataset is, how it is loaded, how it was made, and its limits.

Every number is one of the manifest.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from studio.card.markdown import escape_text, fence_text, tabulate
from studio.card.metadata import name_dataset
from studio.formats import FILES, FORMATS

_STAGES = {
    "read": "lines or rows read from the source",
    "accepted": "records that could be read",
    "quarantined": "could not be read; none of them is in here",
    "blank": "empty lines",
    "excluded": "taken out by hand",
    "edited": "values put right by hand",
    "filtered": "left out by the filter",
    "unused": "left over by the split",
}
_METHODS = {
    "random": "at random, with the seed {seed}",
    "sequential": "in the order of the source",
    "grouped": "at random with the seed {seed}, records of one {by} always together",
    "stratified": "at random with the seed {seed}, with the same shares of {by} in each part",
    "hash": "by a hash of the prompt with the seed {seed}, so that records stay in their part as data grows",
    "published": "as the source is published",
}


def describe_body(manifest: Mapping[str, Any], card: Mapping[str, Any]) -> str:
    """The Markdown below the metadata."""
    blocks = [
        f"# {escape_text(name_dataset(manifest, card))}",
        _describe_whole(manifest),
        "## Load it",
        _describe_loading(manifest),
        "## How it was made",
        *_describe_making(manifest),
        "## Limits",
        _describe_limits(manifest),
    ]
    return "\n\n".join(blocks) + "\n"


def _describe_whole(manifest: Mapping[str, Any]) -> str:
    made = manifest["export"]
    kind, file = FORMATS[made["format"]], FILES[made["file"]]
    parts = manifest["parts"]
    sizes = ", ".join(f"{name} {part['records']:,}" for name, part in parts.items())
    fields = ", ".join(escape_text(name) for name in made["names"].values())
    total = sum(part["records"] for part in parts.values())
    return (
        f"{total:,} records for fine-tuning a language model: {sizes}. "
        f"Format: {kind.label}{f' ({fields})' if fields else ''}. {kind.description} Files: {file.label}."
    )


def _describe_loading(manifest: Mapping[str, Any]) -> str:
    part = next(iter(manifest["parts"]))
    code = [
        "from datasets import load_dataset",
        "",
        'data = load_dataset("ORG/NAME")  # its name on the Hub, or the path of this folder',
        f'print(data["{part}"][0])',
    ]
    return fence_text("\n".join(code), "python")


def _describe_making(manifest: Mapping[str, Any]) -> list[str]:
    recipe = manifest["recipe"]
    blocks = [
        f"Made with Dataset Studio {escape_text(manifest['versions']['studio'])}. `recipe.yaml` repeats every"
        " step, and `manifest.json` holds the SHA-256 of every file.",
        _describe_source(manifest),
    ]
    if manifest["export"]["format"] == "records":
        blocks.append(f"No template was applied. {escape_text(manifest['export']['made'])}")
    else:
        blocks += ["Each record was written with this template:", *_describe_template(manifest)]
        blocks.append(escape_text(manifest["export"]["made"]))
    return [*blocks, _describe_split(recipe.get("split") or {}), _tabulate_counts(manifest)]


def _describe_source(manifest: Mapping[str, Any]) -> str:
    source, said = manifest["source"], manifest["recipe"]["source"]
    rows = [("Source", source["name"]), ("Format", source["format"])]
    rows += [(label, said[key]) for key, label in _ADDRESS.items() if said.get(key) is not None]
    if source.get("bytes") is not None:
        rows.append(("Bytes", f"{source['bytes']:,}"))
    if source.get("sha256"):
        rows.append(("SHA-256", source["sha256"]))
    if not source.get("complete", True):
        rows.append(("Read", "the first records only"))
    return tabulate(("", ""), rows)


_ADDRESS = {"url": "URL", "hub": "Hub dataset", "config": "Config", "split": "Split", "revision": "Revision"}


def _describe_template(manifest: Mapping[str, Any]) -> list[str]:
    template = manifest.get("template") or manifest["recipe"]["template"]
    texts = {name: template[name] for name in ("text", "prompt", "completion") if name in template}
    if texts:
        return [block for name, text in texts.items() for block in (f"*{name}*", fence_text(text, "text"))]
    shown = yaml.safe_dump(dict(template), sort_keys=False, allow_unicode=True)
    columns = manifest["recipe"].get("columns")
    if columns:
        shown += yaml.safe_dump({"columns": dict(columns)}, sort_keys=False, allow_unicode=True)
    return [fence_text(shown, "yaml")]


def _describe_split(split: Mapping[str, Any]) -> str:
    method = str(split.get("method", "random"))
    by = escape_text(str(split.get("by") or ("near-duplicate" if "near" in split else "prompt")))
    words = _METHODS.get(method, method).format(seed=split.get("seed", 42), by=by)
    return f"The parts were cut {words}."


def _tabulate_counts(manifest: Mapping[str, Any]) -> str:
    rows = [
        (name, f"{count:,}", _STAGES.get(name, ""))
        for name, count in manifest["counts"].items()
        if isinstance(count, int)
    ]
    rows += [(name, f"{part['records']:,}", "this part") for name, part in manifest["parts"].items()]
    return tabulate(("Stage", "Count", ""), rows)


def _describe_limits(manifest: Mapping[str, Any]) -> str:
    limits = [
        "What the records say was not checked for truth, bias or consent: that is the source's.",
        "The licence was named by the person who made this export, not found in the data.",
    ]
    if manifest["source"].get("complete") is False:
        limits.append("Only the first records of the source are in here.")
    if manifest["counts"].get("quarantined"):
        limits.append(f"Lines of the source that could not be read: {manifest['counts']['quarantined']:,}.")
    if not {"validation", "test"} & set(manifest["parts"]):
        limits.append("There is no held-out part to measure a model on.")
    limits += [
        escape_text(said) for said in (*FILES[manifest["export"]["file"]].warnings, *manifest["warnings"])
    ]
    return "\n".join(f"- {limit}" for limit in limits)
