"""A source becomes a table, and a recipe the table that it was made with."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from studio.errors import SourceError
from studio.overlay import resolve_overlay
from studio.reader import Progress, read_source, refuse_edited
from studio.recipe import Recipe, SourceSpec
from studio.record import Repair
from studio.settings import Settings
from studio.source import Source
from studio.table import Table
from studio.workspace import Workspace


def load_table(
    source: Source,
    folder: Path,
    settings: Settings,
    *,
    repairs: Sequence[Repair] = (),
    live: bool = False,
    progress: Progress | None = None,
) -> Table:
    """Read a source of any kind into a new table at `folder`, whole or not at all.

    A table that is `live` can be opened while it grows, and keeps what was read. Raises SourceError,
    ReadError or HubError in words; nothing is left behind then, unless it is live.
    """
    if source.hub is not None:
        from studio.hub import read_hub

        return read_hub(source, folder, settings, repairs=repairs, live=live, progress=progress)
    return read_source(source, folder, settings, repairs=repairs, live=live, progress=progress)


def open_recipe_source(
    recipe: Recipe,
    folder: Path,
    workspace: Workspace,
    source_file: Path | None = None,
    recipe_folder: Path | None = None,
) -> Table:
    """The workspace's table of the recipe's unchanged source, or else a new one at `folder`; overlaid.

    Raises SourceError when its hash is another than the recipe's, and RecipeError when the overlay names
    records that are not there.
    """
    source = recipe.source.to_source()
    if source_file is not None or source.path is not None:
        path = source_file or _find_file(recipe.source, workspace, recipe_folder or Path())
        source = replace(source, path=str(path), url=None, hub=None, sha256=None)
    repairs = recipe.overlay.to_repairs()
    known = None if repairs else workspace.find_table(source)
    table = (
        load_table(source, folder, workspace.settings, repairs=repairs)
        if known is None
        else workspace.table(known)
    )
    refuse_other_source(recipe, table)
    changes = resolve_overlay(
        table, recipe.overlay.to_edits(), recipe.overlay.to_exclusions(), workspace.settings
    )
    return table.with_changes(changes)


def refuse_other_source(recipe: Recipe, table: Table) -> None:
    """Raise SourceError when the table's file is not the one whose hash the recipe has."""
    wanted = recipe.source.sha256
    if wanted is not None and table.sha256 is not None and table.sha256 != wanted:
        raise SourceError(
            f"{table.name} is not the recipe's file: SHA-256 {table.sha256[:12]}…, not {wanted[:12]}….",
            "Give the original file, or take sha256 out of the recipe to accept this one.",
        )


def refuse_unsettled(recipe: Recipe, table: Table) -> None:
    """Raise when what is stored is not what the recipe would read from its source."""
    if table.reading:
        raise SourceError(
            f"{table.name} is still being read.", "Wait until it is done, or stop it and take what is there."
        )
    repaired = len(recipe.overlay.repair)
    if repaired != table.repaired:
        raise SourceError(
            f"{table.name} was read with {table.repaired} repairs, and the recipe has {repaired}.",
            "Load it again, so that they are applied.",
        )
    asked = len(recipe.overlay.edit), len(recipe.overlay.exclude)
    if asked != (table.changes.cells, len(table.changes.excluded)):
        raise SourceError(
            f"{table.name} has {table.changes.words or 'no changes'}, and the recipe {asked[1]} excluded and "
            f"{asked[0]} edited.",
            "They were changed meanwhile, or are not applied: try again.",
        )
    refuse_edited(table)


def _find_file(spec: SourceSpec, workspace: Workspace, recipe_folder: Path) -> Path:
    assert spec.path is not None
    beside = recipe_folder / spec.path
    if beside.exists():
        return beside
    known = workspace.find_source(spec.sha256) if spec.sha256 else None
    if known is None:
        raise SourceError(
            f"There is no file {beside}.", "Put it beside the recipe, or give it with --source FILE."
        )
    return known
