"""An export as a trainer's configuration sees it, read from the manifest; and what configurations share.

Knows no trainer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

CHAT = ("messages", "openai", "sharegpt")
OWN_MODELS = ("tiny",)
"""Base models that are made by the studio itself: no trainer finds them under their name."""
MAX_LENGTH = 1024
_LOADERS = {"parquet": "parquet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """`names` maps the fields of the format, and of its turns, to their names in the file; `parts` a part to
    its file, or to the folder of its own, `records` to how many it has.

    `base_model` is empty where the recipe names none that others find; `train` is what the recipe says of
    the training, in SFTConfig's names. `name` is the source's, without what a name of a dataset may not have.
    """

    name: str
    format: str
    file: str
    names: Mapping[str, str]
    parts: Mapping[str, str]
    records: Mapping[str, int]
    base_model: str
    train: Mapping[str, int | float]

    @property
    def chat(self) -> bool:
        """Whether a record is a conversation."""
        return self.format in CHAT

    @property
    def loader(self) -> str:
        """The name under which `datasets.load_dataset` reads the files."""
        return _LOADERS.get(self.file, "json")

    @property
    def turns(self) -> tuple[str, str, str]:
        """Of a conversation: the names in the file of its field, and of a turn's role and content."""
        field, role, content = self.names.values()
        return field, role, content

    def model(self, usual: str, chat: str) -> str:
        """The recipe's base model, or else one of two small ones that anyone may use."""
        return self.base_model or (chat if self.chat else usual)


def read_manifest(manifest: Mapping[str, Any]) -> Exported:
    """The same export as the manifest describes."""
    export, said = manifest["export"], dict(manifest["recipe"].get("train") or {})
    base_model = said.pop("base_model", "")
    stem = PurePosixPath(manifest["source"]["name"]).name.partition(".")[0]
    return Exported(
        name=re.sub(r"[^A-Za-z0-9]+", "_", stem).strip("_").lower() or "dataset",
        format=export["format"],
        file=export["file"],
        names=dict(export["names"]),
        parts={name: part["file"] for name, part in manifest["parts"].items()},
        records={name: part["records"] for name, part in manifest["parts"].items()},
        base_model="" if base_model in OWN_MODELS else base_model,
        train=said,
    )
