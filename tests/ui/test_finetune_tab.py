import pytest

from studio.errors import RecipeError
from studio.ui.finetune_tab import read_form
from studio.workspace import Workspace


def test_no_steps_is_the_automatic_budget(workspace: Workspace, table_id: str) -> None:
    recipe = read_form(workspace.draft(table_id), "tiny", None, None)
    assert (recipe.train.max_steps, recipe.train.seed) == (None, 42)


def test_steps_and_seed_are_taken(workspace: Workspace, table_id: str) -> None:
    recipe = read_form(workspace.draft(table_id), "tiny", 20.0, 7.0)
    assert (recipe.train.max_steps, recipe.train.seed) == (20, 7)


@pytest.mark.parametrize("steps", [-3, 10_000_000])
def test_steps_out_of_range_are_refused_in_words(workspace: Workspace, table_id: str, steps: float) -> None:
    with pytest.raises(RecipeError, match="max_steps"):
        read_form(workspace.draft(table_id), "tiny", steps, 42)
