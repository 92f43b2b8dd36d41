"""Reaching one record of a table as a person does, for the tests of what can be done with it."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server, visit


def load_records(page: Page, server: Server, path: Path, records: list[dict[str, Any]]) -> None:
    """Load a file of these records by the Load tab, and go to Browse."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    page.goto(f"{server.url}/?tab=load")
    page.get_by_label("Choose a file").set_input_files(path)
    expect(page.get_by_role("region", name="Loaded table")).to_contain_text(path.name, timeout=60_000)
    visit(page, "Browse")


def table_id(page: Page) -> str:
    """The id of the table that the page stands at."""
    table = page.evaluate("new URL(location).searchParams.get('table')")
    assert isinstance(table, str)
    return table


def row_of(page: Page, row: int) -> Locator:
    """A line of the table."""
    return page.locator(f"tbody tr[data-row='{row}']")


def panel(page: Page) -> Locator:
    """The record beside the table."""
    return page.get_by_role("complementary", name="Record")


def open_record(page: Page, row: int) -> Locator:
    """Open a record by its line, and return the panel once it is filled."""
    row_of(page, row).locator("td").last.click()
    expect(panel(page).get_by_role("heading", name=f"Record {row}", exact=True)).to_be_visible()
    expect(panel(page).get_by_text("Raw line")).to_be_visible()
    return panel(page)


def field(page: Page, name: str) -> Locator:
    """A field of the open record."""
    heading = page.get_by_role("heading", name=name, exact=True, level=3)
    return panel(page).locator("section.field-box").filter(has=heading)
