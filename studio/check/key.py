"""The name of a check: 32 hex digits of everything that what it finds depends on.

Equal names mean the same records, the same text and the same tokens. The max length is not part of it.
"""

import hashlib
import json
from typing import Any

from studio.check.arrays import VERSION
from studio.recipe import Recipe
from studio.table import Table
from studio.table.stored import TABLE_FILE
from studio.template import Template


def name_check(recipe: Recipe, table: Table, template: Template, tokenizer: str) -> str:
    """The name for a table with its changes under a recipe, whose template is `template`."""
    told = {
        "version": VERSION,
        "table": describe_stored(table),
        "template": template.to_mapping(),
        "columns": dict(sorted(template.column_map.items())),
        "filter": [condition.to_mapping() for condition in recipe.conditions()],
        "tokenizer": tokenizer,
        # The tokenizer of the demo model is made from the train part.
        "split": [recipe.split.to_plan(), recipe.train.seed] if tokenizer == "tiny" else None,
    }
    text = json.dumps(told, ensure_ascii=False, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def describe_stored(table: Table) -> list[Any]:
    """What tells the records of a table with its changes from any others, as JSON values."""
    changes = table.changes
    edits = {row: dict(cells) for row, cells in changes.edits.items()}
    stored = [str(table.folder), table.sha256, read_stamp(table), len(table)]
    return [*stored, edits, list(changes.excluded)]


def read_stamp(table: Table) -> int:
    """When the table was put where it is, or anew: its rows are the same as long as this is."""
    return (table.folder / TABLE_FILE).stat().st_mtime_ns
