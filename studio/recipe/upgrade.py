"""Recipes of earlier versions, brought up to the newest one before they are read.

A step takes the values of its version and gives those of the next: STEPS[1] makes version 2 of version 1.
Whoever changes what a recipe means adds a step, and a recipe of the old version to tests/golden/recipes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from studio.errors import RecipeError

NEWEST = 1
STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def upgrade_values(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The values as the newest version has them; without a version they are of the first.

    A version that is no whole number from 1 is left, for it to be reported with the other problems. Raises
    RecipeError for one that is newer than this studio; `name` stands in the message.
    """
    version = values.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return dict(values)
    if version > NEWEST:
        raise RecipeError(
            f"{name}: it is a recipe of version {version}; this studio reads up to version {NEWEST}.",
            "Update the studio, or write the recipe anew.",
        )
    upgraded = dict(values)
    for step in range(version, NEWEST):
        upgraded = {**STEPS[step](upgraded), "version": step + 1}
    return upgraded
