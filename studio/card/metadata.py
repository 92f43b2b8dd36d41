"""The YAML of a dataset card: what the Hub and `datasets` read of it.

{"license": "apache-2.0", "configs": [{"config_name": "default", "data_files": [{"split": "train", …}]}], …}

The keys are those of datasetcard.md in huggingface/hub-docs. `datasets` takes the types of the fields from
`dataset_info`: texts that all look like dates would be timestamps otherwise.
"""

import difflib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from studio.card.licenses import LICENSES
from studio.card.markdown import plain_text
from studio.errors import ExportError
from studio.formats import FORMATS

_LANGUAGE = re.compile(r"[a-z]{2,3}|code|multilingual")
_LICENSE_NAME = re.compile(r"[\w.+-]{1,100}")
_LIST_OF_LICENSES = "https://huggingface.co/docs/hub/repositories-licenses"
_SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
_SIZE_NAMES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B")


def check_card(card: Mapping[str, Any]) -> None:
    """Raise ExportError for a licence or a language that the Hub does not know."""
    given = str(card.get("license") or "")
    if given not in LICENSES:
        near = difflib.get_close_matches(given.lower(), LICENSES, n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else "For one that is not listed write other."
        raise ExportError(
            f"The Hub knows no licence {given!r:.60}." if given else "A dataset card needs a licence.",
            f"{hint} The list: {_LIST_OF_LICENSES}",
        )
    if given == "other" and not _LICENSE_NAME.fullmatch(str(card.get("license_name") or "")):
        raise ExportError(
            "The licence other needs a name.", "Give license_name, such as my-license-1.0, without spaces."
        )
    for language in card.get("language") or ():
        if not _LANGUAGE.fullmatch(language):
            raise ExportError(
                f"{language!r:.40} is no code of a language.", "Write ISO 639 codes, such as en or de."
            )


def describe_metadata(manifest: Mapping[str, Any], card: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata as plain values, in writing order."""
    licensed = {name: card[name] for name in ("license", "license_name", "license_link") if card.get(name)}
    language = {"language": list(card["language"])} if card.get("language") else {}
    records = sum(part["records"] for part in manifest["parts"].values())
    return {
        **licensed,
        **language,
        "pretty_name": name_dataset(manifest, card),
        "task_categories": ["text-generation"],
        "size_categories": [name_size(records)],
        "tags": ["dataset-studio", "fine-tuning", f"format-{manifest['export']['format']}"],
        "configs": [{"config_name": "default", "data_files": _list_files(manifest), "default": True}],
        "dataset_info": _describe_info(manifest),
    }


def name_dataset(manifest: Mapping[str, Any], card: Mapping[str, Any]) -> str:
    """The title that the person gave, or the name of the source, on one line."""
    given = plain_text(str(card.get("title") or ""))
    return given or plain_text(PurePosixPath(manifest["source"]["name"]).name) or "dataset"


def name_size(records: int) -> str:
    """The Hub's size category: "n<1K", "1K<n<10K", … "n>1T" is left to others."""
    for place, (most, name) in enumerate(zip(_SIZES, _SIZE_NAMES, strict=True)):
        if records < most:
            return f"{_SIZE_NAMES[place - 1]}<n<{name}" if place else f"n<{name}"
    return "1B<n<10B"


def _list_files(manifest: Mapping[str, Any]) -> list[dict[str, str]]:
    folder = manifest["export"]["file"] == "dataset"
    return [
        {"split": name, "path": f"{part['file']}/*.arrow" if folder else part["file"]}
        for name, part in manifest["parts"].items()
    ]


def _describe_info(manifest: Mapping[str, Any]) -> dict[str, Any]:
    features = _describe_features(manifest["export"])
    parts = manifest["parts"]
    return {
        "config_name": "default",
        **({"features": features} if features else {}),
        "splits": [
            {"name": name, "num_bytes": part["bytes"], "num_examples": part["records"]}
            for name, part in parts.items()
        ],
        "download_size": sum(part["bytes"] for part in parts.values()),
        "dataset_size": sum(part["bytes"] for part in parts.values()),
    }


def _describe_features(made: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields and their types; none for untouched records, whose types are for the reader to find."""
    kind, names = FORMATS[made["format"]], made["names"]
    if kind.turns:
        turns = [{"name": names[key], "dtype": "string"} for key in kind.turns]
        return [{"name": names[field], "list": turns} for field in kind.fields]
    return [{"name": names[field], "dtype": "string"} for field in kind.fields]
