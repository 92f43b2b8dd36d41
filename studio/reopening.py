"""A recipe that is opened again: its source is found or read, and what it says becomes a dataset's draft.

    find_source_file  →  the file that the recipe was made with, if the workspace holds it
    reopen_recipe     →  a table of its own, or one of the same source that nobody has worked on
    apply_recipe      →  the table's draft and changes are those of the recipe

Nothing that a person did with another dataset of the same source is touched.
"""

from dataclasses import replace
from pathlib import Path

from studio.durable import remove_folder
from studio.errors import StudioError, WorkspaceError
from studio.ingest import IngestState, start_ingest
from studio.pipeline import refuse_other_source, refuse_unsettled, resolve_template
from studio.recipe import Recipe
from studio.source import Source
from studio.workspace import Workspace


def find_source_file(recipe: Recipe, workspace: Workspace) -> Path | None:
    """The file that the recipe names in full, or one of the same hash that was loaded before; else None."""
    spec = recipe.source
    if spec.path is None:
        return None
    named = Path(spec.path)
    if workspace.settings.local_paths and named.is_absolute() and named.exists():
        return named
    return workspace.find_source(spec.sha256) if spec.sha256 else None


def reopen_recipe(recipe: Recipe, workspace: Workspace, file: Path | None = None) -> IngestState:
    """Read the recipe's source, with its repairs, into a table; `file` stands in for the recipe's path.

    What is read at once has the recipe when this returns, and nothing is left of it when the recipe does not
    fit. To anything larger `apply_recipe` puts it once it is whole. Raises StudioErrors.
    """
    source = _resolve_source(recipe, file)
    repairs = recipe.overlay.to_repairs()
    known = None if repairs else workspace.find_table(source)
    if known is not None and workspace.is_untouched(known):
        apply_recipe(recipe, workspace, known)
        return start_ingest(source, workspace)
    state = start_ingest(source, workspace, table_id=workspace.new_id(), repairs=repairs)
    if state.state == "done":
        try:
            apply_recipe(recipe, workspace, state.id)
        except StudioError:
            remove_folder(workspace.table_folder(state.id))
            workspace.forget_table(state.id)
            raise
    return state


def apply_recipe(recipe: Recipe, workspace: Workspace, table_id: str) -> Recipe:
    """Make the recipe a whole table's draft, and its edits and exclusions the table's; returns the draft.

    Raises SourceError when the table is of another source, is still being read, or was read with other
    repairs; RecipeError when the changes do not fit, TemplateError when the template does not; and
    WorkspaceError when a person has changed records of this table.
    """
    table, revision = workspace.table(table_id), workspace.revision(table_id)
    if revision.journal.read().marks:
        raise WorkspaceError(
            f"Records of {table.name} were changed here, and the recipe has its own changes.",
            "Undo the changes, or open the recipe on the page Load: it becomes a dataset of its own.",
        )
    refuse_other_source(recipe, table)
    plain = recipe.model_copy(update={"overlay": recipe.overlay.with_changes([], [])})
    refuse_unsettled(plain, table)
    resolve_template(recipe, table)
    revision.adopt(table, recipe.overlay.to_edits(), recipe.overlay.to_exclusions())
    workspace.change_draft(table_id, lambda _: plain)
    return workspace.draft(table_id)


def _resolve_source(recipe: Recipe, file: Path | None) -> Source:
    source = recipe.source.to_source()
    return source if file is None else replace(source, path=str(file), url=None, hub=None, sha256=None)
