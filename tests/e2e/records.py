"""Reaching one record of a table as a person does, for the tests of what can be done with it."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server, is_answer


def load_records(
    page: Page, server: Server, path: Path, records: list[dict[str, Any]], stage: str = "Browse"
) -> None:
    """Have a file of these records read, and come to a stage by its address."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    asked = {"source": str(path)}
    answer = page.request.post(f"{server.url}/api/v1/ingests", data=asked, headers={"origin": server.url})
    assert answer.ok, answer.text()
    with page.expect_response(is_answer, timeout=60_000):
        page.goto(f"{server.url}/?tab={stage.lower()}&table={answer.json()['id']}")
    expect(page.get_by_role("heading", name=stage, exact=True, level=1)).to_be_visible()
    page.wait_for_timeout(100)  # what came is drawn


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
