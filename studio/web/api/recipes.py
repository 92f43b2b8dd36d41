"""Recipes that are opened again: dropped on the page, each becomes a dataset with everything that it says.

POST /recipes {"text": "version: 1\\n…"}       →  {"needs": {"file": "lamini_docs.jsonl", "sha256": "5f70…"}}
POST /recipes {"text": …, "upload": "3c…"}     →  {"reading": {"id": "9b…", "state": "done", …}}
"""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from studio.recipe import parse_recipe
from studio.reopening import apply_recipe, find_source_file, reopen_recipe
from studio.web.api.context import Id, WorkspaceOf
from studio.web.api.ingests import IngestBody, describe_ingest

router = APIRouter(tags=["recipes"])

Text = Annotated[str, Field(max_length=4_000_000)]


class RecipeRequest(BaseModel):
    """The text of a recipe, what its file is called, and the upload that stands in for its source, if any."""

    model_config = ConfigDict(extra="forbid")

    text: Text
    name: Annotated[str, Field(max_length=255)] = "recipe.yaml"
    upload: str | None = None


class NeedsBody(BaseModel):
    """The file that a recipe was made with, and that is not here."""

    file: str
    sha256: str | None


class OpenedBody(BaseModel):
    """The reading of a recipe's source, done where the recipe is in place; or the file that it needs."""

    reading: IngestBody | None = None
    needs: NeedsBody | None = None


class AppliedBody(BaseModel):
    """The dataset that has the recipe now."""

    table: str


@router.post("/recipes")
def open_again(asked: RecipeRequest, workspace: WorkspaceOf) -> OpenedBody:
    """Read the source of a recipe; all of a recipe's problems are answered at once, with their lines."""
    recipe = parse_recipe(asked.text, asked.name)
    file = workspace.upload_path(asked.upload) if asked.upload else find_source_file(recipe, workspace)
    if file is None and recipe.source.path is not None:
        return OpenedBody(needs=NeedsBody(file=recipe.source.path, sha256=recipe.source.sha256))
    return OpenedBody(reading=describe_ingest(workspace, reopen_recipe(recipe, workspace, file)))


@router.put("/tables/{table_id}/recipe")
def put_in_place(table_id: Id, asked: RecipeRequest, workspace: WorkspaceOf) -> AppliedBody:
    """Make a recipe the draft of a dataset that was read for it, and its changes the dataset's."""
    apply_recipe(parse_recipe(asked.text, asked.name), workspace, table_id)
    return AppliedBody(table=table_id)
