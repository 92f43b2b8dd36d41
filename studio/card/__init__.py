"""A dataset card: the README.md of an export, with the metadata that the Hub and `datasets` read.

    ---
    license: apache-2.0
    configs:
    - config_name: default
      data_files: [{split: train, path: train.jsonl}, …]
    ---
    # lamini docs
    …what it is, how to load it, how it was made, its limits

Made from a manifest and what a person said of the dataset, and the same for the same values. Text that came
with the data, such as a file name, is only ever text: it breaks neither YAML nor Markdown.

    check_card, describe_metadata    what stands between the two lines of ---   (metadata.py)
    describe_body                    what stands below                          (body.py)
    escape_text, fence_text          data's text in Markdown                    (markdown.py)
    LICENSES                         the ids that the Hub knows                 (licenses.py)
"""

from collections.abc import Mapping
from typing import Any

import yaml

from studio.card.body import describe_body
from studio.card.licenses import LICENSES
from studio.card.metadata import check_card, describe_metadata

__all__ = ["CARD", "LICENSES", "check_card", "describe_card"]

CARD = "README.md"


def describe_card(manifest: Mapping[str, Any], card: Mapping[str, Any]) -> str:
    """The text of README.md.

    `card` has `license`, and may have `license_name`, `license_link`, `title` and `language`, a list of
    codes. Of the manifest are read `export` {format, names, file, made}, `source`, `counts`, `parts`,
    `warnings`, `versions` and the recipe's `source`, `template`, `columns` and `split`; `template`, if it is
    there, is the mapping of the template as it was resolved. Raises ExportError for what the Hub would
    refuse of `card`.
    """
    check_card(card)
    metadata = yaml.safe_dump(
        describe_metadata(manifest, card), sort_keys=False, allow_unicode=True, width=10**6
    )
    return f"---\n{metadata}---\n\n{describe_body(manifest, card)}"
