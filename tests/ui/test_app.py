import ast
import inspect
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.routing import Mount

import studio.ui
from studio.ui.app import STAGES, build_ui, mount_ui
from studio.workspace import Workspace
from tests.ui.conftest import LoadRows

UI = Path(studio.ui.__file__).parent


def components_of(blocks: gr.Blocks, kind: type[Any]) -> list[Any]:
    return [block for block in blocks.blocks.values() if isinstance(block, kind)]


def test_the_tabs_are_the_stages_in_order_after_an_empty_one(blocks: gr.Blocks) -> None:
    titles = [tab.label for tab in components_of(blocks, gr.Tab)]
    assert titles == ["", "Load", "Browse", "Prompt", "Split", "Export", "Fine-tune", "Compare"]


def test_a_page_starts_on_the_empty_tab(blocks: gr.Blocks) -> None:
    assert [tabs.selected for tabs in components_of(blocks, gr.Tabs)] == ["boot"]


def test_every_event_is_private(blocks: gr.Blocks) -> None:
    assert len(blocks.fns) > 10
    assert {fn.api_visibility for fn in blocks.fns.values()} == {"private"}


def test_no_event_waits_for_another_of_its_kind(blocks: gr.Blocks) -> None:
    waiting = [fn.name for fn in blocks.fns.values() if fn.queue and fn.concurrency_limit is not None]
    assert waiting == []


def test_every_stage_is_told_of_a_visit(blocks: gr.Blocks) -> None:
    heard = {event for fn in blocks.fns.values() for _, event in fn.targets}
    assert {f"visit_{stage}" for stage, *_ in STAGES} <= heard


def test_no_template_is_code(blocks: gr.Blocks) -> None:
    for view in components_of(blocks, gr.HTML):
        for mark in ("${", "`", "{{", "<script"):
            assert mark not in view.html_template, view.elem_id


def test_templates_are_the_same_whatever_is_in_the_workspace(
    blocks: gr.Blocks, workspace: Workspace, load_rows: LoadRows
) -> None:
    load_rows([{"question": "${document.title='x'}", "<b>name</b>": "`{{7*7}}`"}])
    templates = [view.html_template for view in components_of(build_ui(workspace), gr.HTML)]
    assert templates == [view.html_template for view in components_of(blocks, gr.HTML)]


def test_nothing_is_kept_in_the_server_for_a_page(blocks: gr.Blocks) -> None:
    assert components_of(blocks, gr.State) == []


def test_no_gradio_component_is_subclassed() -> None:
    for path in UI.glob("*.py"):
        classes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ClassDef)]
        assert all(not node.bases for node in classes), path.name
    assert list(UI.glob("*.pyi")) == []


def test_every_argument_of_the_mount_is_stated() -> None:
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(mount_ui))) if isinstance(node, ast.Call)]
    mount = next(call for call in calls if ast.unparse(call.func) == "gr.mount_gradio_app")
    stated = {keyword.arg for keyword in mount.keywords} | {"app", "blocks"}
    left_out = set(inspect.signature(gr.mount_gradio_app).parameters) - stated
    # Of server-side rendering, which is off.
    assert left_out == {"server_port", "node_server_name", "node_port"}


def test_the_mount_ignores_gradio_variables(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUN_HISTORY", "MCP_SERVER", "SSR_MODE", "ANALYTICS_ENABLED"):
        monkeypatch.setenv(f"GRADIO_{name}", "True")
    app = FastAPI()
    mount_ui(app, workspace)
    page = next(route.app for route in app.routes if isinstance(route, Mount)).get_blocks()
    assert (page.run_history, page.enable_monitoring, page.show_error, page.ssr_mode) == (False,) * 4
    assert (page.analytics_enabled, page.mcp_server, page.allowed_paths) == (False, False, [])
    assert page.blocked_paths == [str(workspace.root)]
    assert page.max_file_size == workspace.settings.limits.upload_bytes
    assert page.config["stylesheets"] == []
    assert page.config["footer_links"] == []
