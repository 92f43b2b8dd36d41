"""A workspace with one table of questions, and the whole screen, built once."""

from collections.abc import Callable
from pathlib import Path

import gradio as gr
import pytest

from studio.pipeline import load_table
from studio.settings import Settings
from studio.source import parse_source
from studio.ui.app import build_ui
from studio.workspace import Workspace
from tests.conftest import Rows

LoadRows = Callable[[Rows], str]


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture
def load_rows(workspace: Workspace, write_jsonl: Callable[..., Path]) -> LoadRows:
    """Store rows as a table and return its id."""

    def load(rows: Rows) -> str:
        table_id = workspace.new_id()
        folder = workspace.table_folder(table_id)
        load_table(parse_source(str(write_jsonl(rows))), folder, workspace.settings)
        return table_id

    return load


@pytest.fixture
def table_id(load_rows: LoadRows, question_rows: Rows) -> str:
    return load_rows(question_rows)


@pytest.fixture(scope="session")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> gr.Blocks:
    return build_ui(Workspace(Settings(workspace=tmp_path_factory.mktemp("screen"))))
