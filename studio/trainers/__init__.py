"""What a trainer needs besides the data: its script or configuration, as text made from an export's manifest.

    trl            train_trl.py        TRL's SFTTrainer; runs as it is
    axolotl        axolotl.yaml        a whole configuration of Axolotl
    llama-factory  dataset_info.json   the entries that LLaMA-Factory looks datasets up in
    unsloth        train_unsloth.py    Unsloth's FastLanguageModel under TRL's SFTTrainer
    torchtune      torchtune.yaml      a whole configuration of torchtune's LoRA recipe

The same manifest gives the same text. Nothing is imported of a trainer, and nothing of the data is read: each
neighbour follows the written specification that its docstring names. What a trainer cannot read is refused
in words, before anything is written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from studio.errors import ExportError
from studio.trainers.axolotl import write_axolotl
from studio.trainers.exported import CHAT, Exported, read_manifest
from studio.trainers.llama_factory import write_llama_factory
from studio.trainers.torchtune import write_torchtune
from studio.trainers.trl import write_trl
from studio.trainers.unsloth import write_unsloth

__all__ = ["TRAINERS", "Trainer", "check_config", "describe_configs"]

_RENDERED = ("text", "prompt-completion", *CHAT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """A trainer: its own name, the file that is written for it, and what it reads.

    `formats` and `files` are names of the formats and file types of an export, `fixed` the fields of a format
    that it finds under their own name alone.
    """

    label: str
    file: str
    formats: tuple[str, ...]
    files: tuple[str, ...]
    write: Callable[[Exported], str]
    fixed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


TRAINERS: dict[str, Trainer] = {
    "trl": Trainer(
        label="TRL",
        file="train_trl.py",
        formats=_RENDERED,
        files=("jsonl", "jsonl.gz", "jsonl.zst", "json", "parquet", "dataset"),
        write=write_trl,
    ),
    "axolotl": Trainer(
        label="Axolotl",
        file="axolotl.yaml",
        formats=(*_RENDERED, "alpaca"),
        files=("jsonl", "json", "parquet", "dataset"),
        write=write_axolotl,
        fixed={"alpaca": ("instruction", "input", "output")},
    ),
    "llama-factory": Trainer(
        label="LLaMA-Factory",
        file="dataset_info.json",
        formats=(*_RENDERED, "alpaca"),
        files=("jsonl", "json", "parquet"),
        write=write_llama_factory,
    ),
    "unsloth": Trainer(
        label="Unsloth",
        file="train_unsloth.py",
        formats=_RENDERED,
        files=("jsonl", "jsonl.gz", "jsonl.zst", "json", "parquet", "dataset"),
        write=write_unsloth,
    ),
    "torchtune": Trainer(
        label="torchtune",
        file="torchtune.yaml",
        formats=(*_RENDERED, "alpaca"),
        files=("jsonl", "jsonl.gz", "json", "parquet"),
        write=write_torchtune,
        fixed={
            "messages": ("role", "content"),
            "openai": ("role", "content"),
            "sharegpt": ("from", "value"),
        },
    ),
}


def describe_configs(names: Sequence[str], manifest: Mapping[str, Any]) -> dict[str, str]:
    """File name → text of each trainer's configuration, in the order of `names`; a name twice counts once.

    Of the manifest are read `export` {format, names (field → name in the file), file}, `parts` {name: {file,
    records}}, `source.name`, and of `recipe` the `train` part. Raises ExportError for a trainer that is not
    known, and for a format, a file type or a part that it cannot do with.
    """
    exported = read_manifest(manifest)
    for name in names:
        check_config(name, exported.format, exported.file, exported.names)
    if names and "train" not in exported.parts:
        raise ExportError("This export has no part train, so no trainer can use it.", "Ask for a part train.")
    return {TRAINERS[name].file: TRAINERS[name].write(exported) for name in names}


def check_config(name: str, kind: str, file: str, names: Mapping[str, str] = MappingProxyType({})) -> None:
    """Raise ExportError when there is no trainer `name`, or it cannot read this format or file type.

    `names` are those that fields have in the file, where they are not their own.
    """
    if name not in TRAINERS:
        raise ExportError(
            f"There is no configuration for {name!r:.60}.", f"There are: {', '.join(TRAINERS)}."
        )
    trainer = TRAINERS[name]
    if kind not in trainer.formats:
        raise ExportError(
            f"{trainer.label} does not read the format {kind}.",
            f"Choose one that it reads: {', '.join(trainer.formats)}.",
        )
    if file == "csv":
        raise ExportError(
            f"{trainer.label} would learn the marks that guard a CSV file against formulas.",
            "Choose the file type jsonl.",
        )
    if file not in trainer.files:
        raise ExportError(
            f"{trainer.label} does not read files of type {file}.",
            f"Choose one that it reads: {', '.join(trainer.files)}.",
        )
    fixed = trainer.fixed.get(kind, ())
    if any(names.get(one, one) != one for one in fixed):
        raise ExportError(
            f"{trainer.label} reads the format {kind} under the names {', '.join(fixed)} alone.",
            "Keep these names, or choose another format.",
        )
