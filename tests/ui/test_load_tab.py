from dataclasses import replace
from typing import Any

import gradio as gr
import pytest

from studio.settings import Settings
from studio.ui.app import build_ui
from studio.ui.load_tab import REPORT, SOURCE, UPLOAD
from studio.workspace import Workspace


def value_of(blocks: gr.Blocks, name: str) -> Any:
    found = [block for block in blocks.blocks.values() if getattr(block, "elem_id", None) == name]
    assert len(found) == 1
    return found[0].value


def test_the_page_knows_the_limits_of_an_upload_and_of_a_stream(
    blocks: gr.Blocks, settings: Settings
) -> None:
    assert value_of(blocks, "upload") == {"limit": settings.limits.upload_bytes}
    assert value_of(blocks, "source-form") == {"first": settings.limits.stream_records, "paths": True}


def test_a_page_that_others_reach_offers_no_path(settings: Settings) -> None:
    blocks = build_ui(Workspace(replace(settings, local_paths=False)))
    assert value_of(blocks, "source-form")["paths"] is False


@pytest.mark.parametrize("name", ["source", "load-source", "use-sample"])
def test_the_controls_of_the_form_keep_their_ids(name: str) -> None:
    assert SOURCE.count(f'id="{name}"') == 1


@pytest.mark.parametrize("template", [UPLOAD, SOURCE, REPORT])
def test_every_control_has_a_label(template: str) -> None:
    for control in ("<input", "<select"):
        for tag in template.split(control)[1:]:
            own = tag.split(">")[0]
            before = template.split(control + tag)[0]
            labelled = "aria-label=" in own or before.rfind("<label") > before.rfind("</label")
            assert labelled or 'for="source"' in before, own


def test_loading_needs_no_event_of_gradio(blocks: gr.Blocks) -> None:
    heard = {event for fn in blocks.fns.values() for _, event in fn.targets}
    assert "visit_load" in heard
    assert not {"uploaded", "submit"} & heard
