from typing import Any

import gradio as gr
import pytest

from studio.errors import WorkspaceError
from studio.ui.finetune_tab import build_finetune_tab
from studio.ui.place import Place
from studio.workspace import Workspace
from tests.web.boundary import store_run


def visit(workspace: Workspace, place: Place) -> Any:
    shown: list[Any] = []

    class FakeScreen:
        def __init__(self) -> None:
            self.workspace, self.run = workspace, gr.Textbox(visible=False)

        def on_visit(self, tab: str, show: Any, outputs: Any, notice: Any) -> None:
            shown.append(show)

        def after(self, event: Any) -> None:
            pass

    with gr.Blocks():
        build_finetune_tab(FakeScreen())  # type: ignore[arg-type]
    return shown[0](place)


def test_the_views_are_told_which_table_and_run_they_are_about(workspace: Workspace, table_id: str) -> None:
    form, job, _, runs = visit(workspace, Place(table=table_id))
    assert (form, job, runs["run"]) == ({"table": table_id}, {"run": ""}, "")
    run = store_run(workspace, "succeeded").run
    workspace.note_table(run, table_id)
    form, job, _, runs = visit(workspace, Place(table=table_id))
    assert (job, runs["run"], runs["states"]) == ({"run": run}, run, {run: "succeeded"})


def test_a_table_that_is_not_there_is_no_place(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="no table"):
        visit(workspace, Place(table="0" * 32))
