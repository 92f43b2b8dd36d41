"""What the later stages say of a table that was changed: how many are left, excluded, edited."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, visit
from tests.e2e.records import load_records, table_id

pytestmark = pytest.mark.e2e

ROWS: list[dict[str, Any]] = [{"question": f"Question {n}?", "answer": f"Answer {n}."} for n in range(20)]


def test_prompt_split_and_export_say_what_was_changed(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "changed.jsonl", ROWS)
    changes = f"{server.url}/api/v1/tables/{table_id(page)}/changes"
    page.request.post(changes, data={"exclude": {"rows": [0, 1]}})
    page.request.post(changes, data={"edit": {"row": 0, "column": "answer", "value": "Edited."}})
    page.request.post(changes, data={"edit": {"row": 2, "column": "answer", "value": "New."}})
    page.goto(f"{server.url}/?tab=prompt&table={table_id(page)}&row=0")
    preview = page.get_by_role("region", name="Preview", exact=True)
    example = page.get_by_role("region", name="Rendered example")
    expect(example).to_contain_text("Edited.")
    expect(preview.get_by_text("2 excluded, 2 edited")).to_be_visible()
    expect(preview.get_by_text("This record is excluded")).to_be_visible()
    preview.get_by_role("button", name="Next row").click()
    preview.get_by_role("button", name="Next row").click()
    expect(example).to_contain_text("New.")
    expect(preview.get_by_text("This record is excluded")).to_be_hidden()
    visit(page, "Split")
    expect(page.get_by_text("18 records · 2 excluded, 2 edited")).to_be_visible()
    visit(page, "Export")
    shown = page.get_by_role("region", name="Preview", exact=True)
    expect(shown.get_by_text("18 records · 2 excluded, 2 edited")).to_be_visible()
    page.get_by_role("button", name="Write export").click()
    export = page.get_by_role("region", name="Export", exact=True)
    expect(export.get_by_text("random · 2 excluded, 2 edited")).to_be_visible()
