"""A recipe as others may read it: how the model was made, without where on a machine, and without records.

{"source": {"path": "/home/ann/faq.jsonl", …}, "overlay": {…}}   →   {"source": {"path": "faq.jsonl", …}}
"""

from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

_CHANGES = {"repair": "mended", "edit": "edited", "exclude": "excluded"}


def publish_recipe(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe with names in the place of paths, addresses without passwords and queries, and no overlay.

    The overlay holds texts of records; `count_changes` says how many there were.
    """
    public = {name: value for name, value in recipe.items() if name != "overlay"}
    source = dict(public.get("source") or {})
    if source.get("path"):
        source["path"] = strip_folder(str(source["path"]))
    if source.get("url"):
        source["url"] = strip_address(str(source["url"]))
    train = dict(public.get("train") or {})
    if train.get("base_model"):
        train["base_model"] = name_base(str(train["base_model"]))
    return public | {name: value for name, value in (("source", source), ("train", train)) if value}


def count_changes(recipe: Mapping[str, Any]) -> str:
    """What was changed by hand, counted in words: "3 edited, 1 excluded"; empty when nothing was."""
    overlay = recipe.get("overlay") or {}
    counts = {words: len(overlay.get(name) or ()) for name, words in _CHANGES.items()}
    return ", ".join(f"{count:,} {words}" for words, count in counts.items() if count)


def name_source(recipe: Mapping[str, Any]) -> str:
    """The name of the file, the Hub dataset or the address that the records came from; empty if unknown."""
    source = recipe.get("source") or {}
    if source.get("hub"):
        return str(source["hub"])
    return strip_folder(str(source.get("path") or strip_address(str(source.get("url") or ""))))


def name_base(base_model: str) -> str:
    """The base model as others may read it: a Hub id as it is, of a folder the last name."""
    name = base_model.partition("@")[0]
    local = name.startswith((".", "/", "~")) or "\\" in name or name.count("/") > 1
    return strip_folder(base_model) if local else base_model


def strip_folder(path: str) -> str:
    """The last name of a path of any system."""
    return PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name


def strip_address(url: str) -> str:
    """An address without user, password, query and fragment, which may hold secrets."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class _Quoting(yaml.SafeDumper):
    """Text of several lines in double quotes, in which YAML keeps every character."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if not text.isprintable() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Quoting.add_representer(str, _represent)


def dump_public(values: Mapping[str, Any]) -> str:
    """Values as YAML in their order, one line for each text."""
    dumped: str = yaml.dump(dict(values), Dumper=_Quoting, sort_keys=False, allow_unicode=True, width=10**6)
    return dumped
