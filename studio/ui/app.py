"""The frame of the screen: top bar, rail, seven tabs; and how it is mounted into the web application.

Knows the order of the stages; what each does stands in its own <stage>_tab.py.
"""

from collections.abc import Callable

import gradio as gr
from fastapi import FastAPI

from studio.settings import ASSETS
from studio.ui.browse_tab import build_browse_tab
from studio.ui.compare_tab import build_compare_tab
from studio.ui.export_tab import build_export_tab
from studio.ui.finetune_tab import build_finetune_tab
from studio.ui.load_tab import build_load_tab
from studio.ui.prompt_tab import build_prompt_tab
from studio.ui.screen import Screen
from studio.ui.split_tab import build_split_tab
from studio.ui.theme import HEAD, HIDDEN, build_theme
from studio.ui.widgets import view
from studio.workspace import Workspace

LOGO = ASSETS / "logo.svg"
SESSIONS = 200

# Stage, its title, and what builds it; the icons are those of the rail.
STAGES: tuple[tuple[str, str, Callable[[Screen], None]], ...] = (
    ("load", "Load", build_load_tab),
    ("browse", "Browse", build_browse_tab),
    ("prompt", "Prompt", build_prompt_tab),
    ("split", "Split", build_split_tab),
    ("export", "Export", build_export_tab),
    ("finetune", "Fine-tune", build_finetune_tab),
    ("compare", "Compare", build_compare_tab),
)
ICONS = {
    "load": "M8 10V2.5m0 0L5 5.5m3-3 3 3M2.5 10.5v2a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-2",
    "browse": "M2 4a1.5 1.5 0 0 1 1.5-1.5h9A1.5 1.5 0 0 1 14 4v8a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 12z"
    "M2 6.2h12M2 9.8h12M6.5 6.2v7.3",
    "prompt": "M2.5 4.5 6 8l-3.5 3.5M7.5 12h6",
    "split": "M8 13.5V9m0 0L3.5 4.5M8 9l4.5-4.5M3.2 7.2V4.2h3M12.8 7.2V4.2h-3",
    "export": "M8 2.5V10m0 0 3-3m-3 3L5 7M2.5 10.5v2a1 1 0 0 0 1 1h9a1 1 0 0 0 1-1v-2",
    "finetune": "M2 12.5 6 8l2.5 2.5L14 4m0 0h-3.5M14 4v3.5",
    "compare": "M2.5 3H7v10H2.5zM9 3h4.5v10H9z",
}

_TOP_BAR = """<header class="st topbar">
  <div class="logo">
    <svg viewBox="0 0 22 22" fill="none" aria-hidden="true">
      <rect width="22" height="22" rx="6" fill="#5b5bd6"/>
      <path d="M6 7.2h10M6 11h7M6 14.8h4.5" stroke="#fff" stroke-width="1.9" stroke-linecap="round"/>
      <circle cx="15.2" cy="14.6" r="1.9" fill="#7ee2b8"/>
    </svg>
    <span>Dataset Studio</span>
  </div>
  <div class="menu-holder" data-tables>
    <button class="chip" type="button" aria-haspopup="dialog" aria-expanded="false" title="Choose a dataset">
      <i class="dot"></i><b></b><span class="quiet wide"></span>
    </button>
    <div class="menu" role="dialog" aria-label="Datasets" hidden></div>
  </div>
  <span class="spring"></span>
  <button class="chip" type="button" data-job hidden>
    <span class="quiet wide">Fine-tune</span>
    <span class="bar"><i></i></span>
    <span class="quiet" data-words></span>
  </button>
  <button class="icon" type="button" data-act="theme" aria-label="Switch between light and dark">
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d="M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1Z"/>
    </svg>
  </button>
</header>"""
_RAIL_LINK = """<a href="?tab={stage}" data-tab="{stage}" title="{title}">
  <svg viewBox="0 0 16 16" aria-hidden="true"><path d="{icon}"/></svg><span>{title}</span> <small></small>
</a>"""
_LOST = """<p class="st lost" role="status" hidden>The link names a table that this workspace does not
  hold; the newest table is shown instead.</p>"""


def build_ui(workspace: Workspace) -> gr.Blocks:
    """The whole screen over one workspace. A page starts on an empty tab, until its URL says where it is."""
    page = gr.Blocks(title="Dataset Studio", analytics_enabled=False, fill_width=True)
    with page, gr.Column(elem_id="shell"):
        events = [f"visit_{stage}" for stage, *_ in STAGES]
        shell = view("shell", _draw_frame(), events=events, elem_id="frame", value={})
        table = gr.Textbox(visible=False, label="Table")
        run = gr.Textbox(visible=False, label="Run")
        screen = Screen(workspace=workspace, shell=shell, table=table, run=run)
        with gr.Tabs(elem_id="pages", selected="boot"):
            gr.Tab("", id="boot")
            for stage, title, build_tab in STAGES:
                with gr.Tab(title, id=stage, elem_id=f"pane-{stage}"):
                    build_tab(screen)
    page.state_session_capacity = SESSIONS
    return page


def mount_ui(app: FastAPI, workspace: Workspace) -> None:
    """Mount the screen at the root of `app`. Every argument that has a default elsewhere is stated here."""
    gr.mount_gradio_app(
        app,
        build_ui(workspace),
        path="/",
        server_name="127.0.0.1",
        footer_links=[],
        run_history=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        auth=None,
        auth_message=None,
        auth_dependency=None,
        root_path=None,
        allowed_paths=[],
        blocked_paths=[str(workspace.root)],
        favicon_path=str(LOGO),
        show_error=False,
        max_file_size=workspace.settings.limits.upload_bytes,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        i18n=None,
        mcp_server=False,
        theme=build_theme(),
        css=HIDDEN,
        css_paths=None,
        js=None,
        head=HEAD,
        head_paths=None,
    )


def _draw_frame() -> str:
    links = "".join(
        _RAIL_LINK.format(stage=stage, title=title, icon=ICONS[stage]) for stage, title, _ in STAGES
    )
    return f'{_TOP_BAR}<nav class="st rail" aria-label="Stages"><h2>Pipeline</h2>{links}</nav>{_LOST}'
