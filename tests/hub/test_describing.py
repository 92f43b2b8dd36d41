"""What a dataset consists of, before any of its records is read."""

import time

from studio.hub import HubDataset, describe_dataset
from studio.settings import Settings
from studio.source import Source
from tests.hub.conftest import Serve
from tests.hub_server import COMMIT

README = b"""---
configs:
- config_name: en
  default: true
  data_files:
  - {split: train, path: en/train-*.jsonl}
  - {split: dev, path: [en/a.jsonl, en/b.jsonl]}
- {config_name: de, data_files: de.jsonl}
dataset_info:
- config_name: en
  features: [{name: a, dtype: string}]
  splits:
  - {name: train, num_bytes: 9, num_examples: 1260}
  - {name: dev, num_bytes: 9, num_examples: 140}
  download_size: 81920
---
"""


def test_configs_and_source_splits_come_in_the_order_of_the_readme(serve: Serve, settings: Settings) -> None:
    hub = serve(
        "org/many", {"README.md": README, "en/train-1.jsonl": b"{}"}, gated=True, readers=frozenset((None,))
    )
    started = time.monotonic()
    found = describe_dataset(Source(hub="org/many"), settings)
    print(f"described in {time.monotonic() - started:.2f} s with {len(hub.asked)} requests")
    assert found == HubDataset(
        name="org/many",
        revision=COMMIT,
        configs={"en": ("train", "dev"), "de": ("train",)},
        config="en",
        gated=True,
        records={"en": {"train": 1260, "dev": 140}},
        bytes={"en": 81920},
    )


def test_without_a_readme_the_names_of_files_tell_the_splits(serve: Serve, settings: Settings) -> None:
    files = {"data/validation.csv": b"a\nb\n", "data/test.csv": b"a\nb\n", "data/train.csv": b"a\nb\n"}
    serve("org/files", files)
    found = describe_dataset(Source(hub="org/files", revision="main"), settings)
    assert found.configs == {"default": ("train", "validation", "test")}
    assert (found.config, found.gated, found.records, found.bytes) == ("default", False, {}, {})


def test_a_renamed_dataset_is_found_under_its_present_name(serve: Serve, settings: Settings) -> None:
    serve("new/name", {"train.csv": b"a\nb\n"})
    serve("old/name", {}, renamed="new/name")
    assert describe_dataset(Source(hub="old/name"), settings).name == "new/name"
