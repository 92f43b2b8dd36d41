"""The name of a survey: 32 hex digits of everything that what it finds depends on.

The first 24 say of which records and texts, the last 8 what was looked for besides; so that all surveys of
the same records are told by their beginning.
"""

import hashlib
import json
from collections.abc import Iterable

from studio.check.key import describe_stored
from studio.recipe import Recipe
from studio.table import Table
from studio.template import Template

VERSION = 2  # of what is written and of how it is found
_OWN, _ALSO = 24, 8


def name_subject(recipe: Recipe, table: Table, template: Template) -> str:
    """The beginning of the name of every survey of these records under this template."""
    told = {
        "version": VERSION,
        "table": describe_stored(table),
        "template": template.to_mapping(),
        "columns": dict(sorted(template.column_map.items())),
        "filter": [condition.to_mapping() for condition in recipe.conditions()],
    }
    return _hash(told)[:_OWN]


def name_survey(subject: str, also: Iterable[str]) -> str:
    """The name of the survey that looks for these besides."""
    return subject + _hash(sorted(also))[:_ALSO]


def _hash(told: object) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, default=repr).encode()).hexdigest()
