"""What a survey is asked: a table by its folder, with its changes, under a recipe.

surveys/<key>/ request.json state.json <code>.bin lock log.txt
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import msgspec

from studio.check.key import read_stamp
from studio.errors import WorkspaceError
from studio.recipe import OverlaySpec, Recipe
from studio.settings import Settings
from studio.table import Changes, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`recipe` is without its overlay, which is in the edits and exclusions; `also` is looked for besides.

    `stamp` is when the table was put there.
    """

    table: Path
    edits: Mapping[int, Mapping[str, str | None]]
    excluded: tuple[int, ...]
    recipe: Mapping[str, Any]
    also: tuple[str, ...]
    settings: Settings
    stamp: int

    @classmethod
    def of(cls, recipe: Recipe, table: Table, settings: Settings, also: Sequence[str]) -> Self:
        """The request for a table as it is now."""
        return cls(
            table=table.folder.absolute(),
            edits={row: dict(cells) for row, cells in table.changes.edits.items()},
            excluded=table.changes.excluded,
            recipe=recipe.model_copy(update={"overlay": OverlaySpec()}).to_mapping(),
            also=tuple(also),
            settings=settings,
            stamp=read_stamp(table),
        )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The request of a survey's folder. Raises WorkspaceError when it is gone or damaged."""
        try:
            return msgspec.json.decode(
                (folder / "request.json").read_bytes(), type=cls, dec_hook=_decode_path
            )
        except (OSError, msgspec.DecodeError) as error:
            raise WorkspaceError(
                "These findings are not there any more.", "Clear the filter, or look again."
            ) from error

    def open_table(self) -> Table:
        """The table with the changes. Raises TableError when it is gone or has changed."""
        return Table.open(self.table).with_changes(Changes(edits=self.edits, excluded=self.excluded))

    def open_recipe(self) -> Recipe:
        """The recipe, without the overlay."""
        return Recipe.model_validate(self.recipe)


def _decode_path(kind: type, value: Any) -> Any:
    return kind(value)
