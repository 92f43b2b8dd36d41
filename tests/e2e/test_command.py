"""Show the command: on every stage a line that does the same, with its recipe where it reads one."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server, check_screen, visit
from tests.e2e.records import load_records

pytestmark = [pytest.mark.e2e, pytest.mark.detail]

RECORDS = [{"question": f"Question {n}?", "answer": f"It's {n}."} for n in range(30)]
LINES = {
    "Load": "studio load",
    "Browse": "studio rows",
    "Prompt": "studio render",
    "Split": "studio split recipe.yaml",
    "Export": "studio build recipe.yaml",
    "Fine-tune": "studio train recipe.yaml",
}


def show_command(page: Page) -> Locator:
    """Open the lines of the stage that is shown; the heads of the others are in the page as well."""
    page.locator("[data-act=command]:visible").click()
    return page.get_by_role("dialog", name="The command")


def test_every_stage_shows_its_line(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "records.jsonl", RECORDS, "Load")
    for stage, line in LINES.items():
        if stage != "Load":
            visit(page, stage)
        lines = show_command(page)
        expect(lines.locator("code").first).to_contain_text(line)
        recipe = lines.get_by_role("link", name="Download recipe.yaml")
        expect(recipe).to_have_count(0 if stage in ("Load", "Browse") else 1)
        page.keyboard.press("Escape")
        expect(lines).to_have_count(0)
    visit(page, "Compare")
    expect(show_command(page)).to_contain_text("There is nothing here yet")


def test_the_line_of_browse_follows_the_question_and_is_copied(
    shaped_page: Page, server: Server, tmp_path: Path
) -> None:
    page = shaped_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    load_records(page, server, tmp_path / "records.jsonl", RECORDS)
    page.get_by_role("searchbox", name="Search all columns").fill("it's 2")
    expect(page.locator("[data-count]")).to_have_text("11 of 30 match")
    lines = show_command(page)
    code = lines.locator("code").first
    expect(code).to_contain_text("""--search 'it'"'"'s 2' --limit 50""")
    check_screen(page)
    lines.get_by_role("button", name="Copy: These records").click()
    assert page.evaluate("navigator.clipboard.readText()") == code.text_content()


def test_the_recipe_of_a_line_is_downloaded(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "records.jsonl", RECORDS, "Split")
    lines = show_command(page)
    with page.expect_download() as download:
        lines.get_by_role("link", name="Download recipe.yaml").click()
    assert download.value.suggested_filename == "recipe.yaml"
    assert download.value.path().read_text(encoding="utf-8").startswith("version: 1\nsource:\n")
