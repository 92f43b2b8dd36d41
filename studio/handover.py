"""A table with a person's changes, under a recipe, as another process is given it.

    Handover(table=…/tables/07d3…, edits={3: {"answer": "blue"}}, excluded=(7,), recipe={"version": 1, …})

Changes and recipe are those of the moment of asking; the records stay where they are. Knows no process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import msgspec

from studio.recipe import Recipe
from studio.table import Changes, Table

Request = TypeVar("Request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """The table by its folder; `edits` and `excluded` by row, the recipe as it was given."""

    table: Path
    edits: Mapping[int, Mapping[str, str | None]]
    excluded: tuple[int, ...]
    recipe: Mapping[str, Any]

    @classmethod
    def of(cls, recipe: Recipe, table: Table) -> Self:
        """The table as it is now, with its changes."""
        return cls(
            table=table.folder.absolute(),
            edits={row: dict(cells) for row, cells in table.changes.edits.items()},
            excluded=table.changes.excluded,
            recipe=recipe.to_mapping(),
        )

    def open_table(self) -> Table:
        """The table with the changes. Raises TableError when it is gone or has changed."""
        return Table.open(self.table).with_changes(Changes(edits=self.edits, excluded=self.excluded))

    def open_recipe(self) -> Recipe:
        """The recipe as it was given."""
        return Recipe.model_validate(self.recipe)


def spell_request(request: Any) -> Any:
    """A request that holds a Handover, as plain JSON values."""
    return msgspec.to_builtins(request, enc_hook=str, str_keys=True)


def parse_request(values: Any, kind: type[Request]) -> Request:
    """The inverse of `spell_request`. Raises msgspec.ValidationError when it is damaged."""
    return msgspec.convert(values, kind, str_keys=True, dec_hook=lambda wanted, value: wanted(value))
