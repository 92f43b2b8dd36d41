"""The Hugging Face Hub: its datasets, looked up, read into a table, and made of one.

    reading, typed            a dataset into a table, file by file, with the reader of all files
    converting, arrow_types   a table as a `datasets.Dataset`, its typed columns as they were
    child                     the process that asks the Hub, seen from here; seen from itself it is
    __main__                    what is asked of it and what it answers
    repository                  configs, source splits and data files, by the rules of `datasets`
    passing, download           the files themselves
    refusals                    what goes wrong, in words

`datasets` is slow to import and keeps threads and caches, so that it lives in a child process of its own. It
says which files a config and a split have; the files' own bytes are passed on and read by our reader, as the
same files would be from disk. No code of a dataset is ever run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from studio.hub.child import ask_child
from studio.settings import Settings
from studio.source import Source

if TYPE_CHECKING:
    from studio.hub.converting import to_dataset, to_dataset_dict
    from studio.hub.reading import read_hub

__all__ = ["HubDataset", "describe_dataset", "read_hub", "to_dataset", "to_dataset_dict"]

_HOMES = {"read_hub": "reading", "to_dataset": "converting", "to_dataset_dict": "converting"}


def __getattr__(name: str) -> Any:
    # The child is of this package too; it starts a quarter sooner without the reader and the table.
    if name in _HOMES:
        return getattr(import_module(f"studio.hub.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HubDataset:
    """What a dataset consists of, at one commit.

    `name` is its present one, `revision` the commit's hash, `configs` the source splits of each config in
    their order. `config` is the one that is meant when none is named, None when one must be named.
    `records` (config → split → count) and `bytes` (config → size of its files) are what the README says,
    which may be nothing. `gated` says that its files are given only to those who accepted its terms.
    """

    name: str
    revision: str
    configs: Mapping[str, tuple[str, ...]]
    config: str | None
    gated: bool
    records: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    bytes: Mapping[str, int] = field(default_factory=dict)


def describe_dataset(source: Source, settings: Settings) -> HubDataset:
    """Ask the Hub what a dataset consists of; about as long as `datasets` takes to import.

    Raises HubError with what the Hub answered.
    """
    with ask_child("describe", source, settings) as child:
        said = child.next("D").head
    return HubDataset(
        name=said["name"],
        revision=said["revision"],
        configs={config: tuple(splits) for config, splits in said["configs"].items()},
        config=said["config"],
        gated=said["gated"],
        records=said["records"],
        bytes=said["bytes"],
    )
