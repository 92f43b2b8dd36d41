"""What a Hub dataset consists of, so that its config and source split can be chosen.

{"name": "allenai/c4", "config": null, "configs": [{"name": "en", "splits": [{"name": "train"}, …]}, …]}
"""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from studio.errors import HubError
from studio.hub import describe_dataset
from studio.source import Source, parse_source
from studio.web.api.context import WorkspaceOf

router = APIRouter(tags=["hub"])


class SplitBody(BaseModel):
    """A source split, with its records where the Hub says how many."""

    name: str
    records: int | None


class ConfigBody(BaseModel):
    """A config and its source splits in their order, with its size in bytes where the Hub says it."""

    name: str
    splits: list[SplitBody]
    bytes: int | None


class HubBody(BaseModel):
    """A dataset at one commit; `config` is the one that is meant when none is named."""

    name: str
    revision: str
    gated: bool
    config: str | None
    configs: list[ConfigBody]


@router.get("/hub")
def show_dataset(
    workspace: WorkspaceOf,
    name: Annotated[str, Query(min_length=1, max_length=400)],
    revision: Annotated[str, Query(max_length=200)] = "",
) -> HubBody:
    """Ask the Hub for the configs and source splits of a dataset; takes a second or more."""
    found = describe_dataset(_hub_source(name, revision), workspace.settings)
    configs = [
        ConfigBody(
            name=config,
            splits=[
                SplitBody(name=split, records=found.records.get(config, {}).get(split)) for split in splits
            ],
            bytes=found.bytes.get(config),
        )
        for config, splits in found.configs.items()
    ]
    return HubBody(
        name=found.name, revision=found.revision, gated=found.gated, config=found.config, configs=configs
    )


def _hub_source(name: str, revision: str) -> Source:
    prefixed = name if name.startswith("hf://") else f"hf://datasets/{name}"
    source = parse_source(prefixed, revision=revision)
    if source.hub is None:
        raise HubError(f"{name} is no Hub dataset.", "Write org/name.")
    return source
