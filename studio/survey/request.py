"""What a survey is asked: a table by its folder, with its changes, under a recipe.

surveys/<key>/ request.json state.json <code>.bin lock log.txt
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import msgspec

from studio.check.key import read_stamp
from studio.errors import WorkspaceError
from studio.handover import Handover, parse_request
from studio.recipe import OverlaySpec, Recipe
from studio.settings import Settings
from studio.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`given` has a recipe without the overlay, which is in the changes; `also` is looked for besides.

    `stamp` is when the table was put there.
    """

    given: Handover
    also: tuple[str, ...]
    settings: Settings
    stamp: int

    @classmethod
    def of(cls, recipe: Recipe, table: Table, settings: Settings, also: Sequence[str]) -> Self:
        """The request for a table as it is now."""
        return cls(
            given=Handover.of(recipe.model_copy(update={"overlay": OverlaySpec()}), table),
            also=tuple(also),
            settings=settings,
            stamp=read_stamp(table),
        )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The request of a survey's folder. Raises WorkspaceError when it is gone or damaged."""
        try:
            return parse_request(msgspec.json.decode((folder / "request.json").read_bytes()), cls)
        except (OSError, msgspec.DecodeError) as error:
            raise WorkspaceError(
                "These findings are not there any more.", "Clear the filter, or look again."
            ) from error
