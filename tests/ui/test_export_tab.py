from typing import Any

import gradio as gr
import pytest

from studio.errors import WorkspaceError
from studio.ui.place import Place
from studio.workspace import Workspace


def visit(workspace: Workspace, table: str) -> Any:
    from studio.ui.export_tab import build_export_tab

    shown: list[Any] = []

    class FakeScreen:
        def __init__(self) -> None:
            self.workspace = workspace

        def on_visit(self, tab: str, show: Any, outputs: Any, notice: Any) -> None:
            shown.extend((tab, show))

    with gr.Blocks():
        build_export_tab(FakeScreen())  # type: ignore[arg-type]
    tab, show = shown
    assert tab == "export"
    return show(Place(table=table))


def test_the_view_is_told_which_table_it_is_about(workspace: Workspace, table_id: str) -> None:
    assert visit(workspace, table_id) == [{"table": table_id}]


def test_a_table_that_is_not_there_is_no_place(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="no table"):
        visit(workspace, "0" * 32)


def test_no_brace_stands_in_the_markup_of_the_stage(blocks: gr.Blocks) -> None:
    """Gradio evaluates what stands between braces in a view's template."""
    starts = [
        block for block in blocks.blocks.values() if "exportPage" in (getattr(block, "js_on_load", "") or "")
    ]
    assert [set("{}$`") & set(block.html_template) for block in starts] == [set()]
