"""Browse on the two courses' own data, as a person would first look at it."""

import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, check_screen
from tests.e2e.readings import load_path, table_chip

pytestmark = pytest.mark.e2e


def find_data(name: str) -> Path:
    folder = os.environ.get("STUDIO_TEST_DATA")
    if not folder:
        pytest.skip("STUDIO_TEST_DATA names no folder with the courses' data")
    return Path(folder) / name


def test_instruction_data_is_looked_through(page: Page, server: Server) -> None:
    path = find_data("instruction-data.json")
    rows = json.loads(path.read_text())
    found = [n for n, row in enumerate(rows) if "triangle" in json.dumps(row, ensure_ascii=False).lower()]
    page.goto(server.url)
    load_path(page, path)
    expect(table_chip(page)).to_contain_text("1,100 records")
    page.get_by_role("link", name="Browse the records").click()
    expect(page.get_by_text("1–50 of 1,100")).to_be_visible()
    empty = round(100 * sum(row["input"] == "" for row in rows) / len(rows))
    expect(page.get_by_role("columnheader").filter(has_text="input")).to_contain_text(f"{empty} % empty")
    page.get_by_role("searchbox", name="Search all columns").fill("triangle")
    expect(page.get_by_text(f"{len(found)} of 1,100 match")).to_be_visible()
    shown = page.locator("tbody tr").evaluate_all("rows => rows.map(row => Number(row.dataset.row))")
    assert shown == found
    check_screen(page)


def test_lamini_docs_is_looked_through(page: Page, server: Server) -> None:
    page.goto(server.url)
    load_path(page, find_data("lamini_docs.jsonl.gz"))
    expect(table_chip(page)).to_contain_text("1,400 records")
    page.get_by_role("link", name="Browse the records").click()
    expect(page.get_by_text("1–50 of 1,400")).to_be_visible()
    for _ in range(27):
        page.keyboard.press("]")
    expect(page.get_by_text("1,351–1,400 of 1,400")).to_be_visible()
    page.get_by_role("row").filter(has_text="1,399").click()
    expect(page.get_by_role("heading", name="Record 1,399")).to_be_visible()
    check_screen(page)
