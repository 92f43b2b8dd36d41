"""Quality in Browse: what a survey found beside the table, its records, and taking them out."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server, check_screen, visit
from tests.e2e.records import load_records, row_of

pytestmark = pytest.mark.e2e


def make_records(count: int = 30) -> list[dict[str, Any]]:
    """Every fifth answer is empty; records 1 and 2 answer one question in two ways; 3 tells an address."""
    records = [
        {"question": f"What is {n} and {n}?", "answer": "" if n % 5 == 0 else f"The two of them are {2 * n}."}
        for n in range(count)
    ]
    records[2]["question"] = records[1]["question"]
    records[3]["answer"] = "Write to ann.lee@lamini.ai, who knows."
    return records


def open_quality(page: Page) -> Locator:
    """Open the panel by its button, and return it once the survey is done."""
    page.get_by_role("button", name="Quality", exact=True).click()
    return wait_for_findings(page)


def wait_for_findings(page: Page) -> Locator:
    quality = page.get_by_role("complementary", name="Quality")
    expect(quality.get_by_role("status").first).to_contain_text(re.compile("findings? in|Nothing found in"))
    return quality


def head_of(quality: Locator, title: str) -> Locator:
    """The line of a finding, which opens it."""
    return quality.get_by_role("list", name="Findings").get_by_role("button", name=f"{title}, ")


def test_a_quality_finding_is_excluded_and_undone(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "empty.jsonl", make_records())
    quality = open_quality(page)
    expect(quality).to_contain_text("Heuristics, not verdicts")
    expect(quality).to_contain_text("Looks at question (prompt) and answer (completion).")
    empty = head_of(quality, "Empty answers")
    expect(empty).to_have_accessible_name("Empty answers, 6 records, 20 %")
    empty.click()
    page.reload()
    quality = wait_for_findings(page)
    expect(empty).to_have_attribute("aria-expanded", "true")
    expect(quality.get_by_role("list", name="First records: Empty answers")).to_contain_text("Record 5")
    quality.get_by_role("button", name="Exclude these 6").click()
    expect(quality).to_contain_text("6 records excluded: Empty answers.")
    expect(row_of(page, 5)).to_have_class(re.compile("excluded"))
    expect(empty).to_have_count(0)
    expect(quality.get_by_role("status").first).to_have_text("1 finding in 24 records")
    quality.get_by_role("button", name="Undo").click()
    expect(empty).to_have_accessible_name("Empty answers, 6 records, 20 %")
    expect(row_of(page, 5)).not_to_have_class(re.compile("excluded"))
    expect(quality).not_to_contain_text("records excluded")


@pytest.mark.detail
def test_the_records_of_a_finding_are_shown_in_the_table_until_its_chip_is_removed(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "shown.jsonl", make_records())
    quality = open_quality(page)
    head_of(quality, "Empty answers").click()
    quality.get_by_role("button", name="Show in table").click()
    count, filters = page.locator("[data-count]"), page.get_by_role("group", name="Filters")
    expect(count).to_have_text("6 of 30 match")
    expect(filters).to_contain_text("Quality: Empty answers")
    expect(page).to_have_url(re.compile(r"survey=[0-9a-f]{32}.*finding=empty-answer|quality=empty-answer"))
    page.reload()
    expect(count).to_have_text("6 of 30 match")
    wait_for_findings(page)
    filters.get_by_role("button", name="Remove filter: Quality: Empty answers").click()
    expect(count).to_have_text("30 records")
    expect(page).not_to_have_url(re.compile("survey="))


@pytest.mark.detail
def test_a_record_of_a_finding_and_its_twin_are_opened_and_the_finding_is_still_there(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "twin.jsonl", make_records())
    quality = open_quality(page)
    head_of(quality, "Conflicting answers").click()
    records = quality.get_by_role("list", name="First records: Conflicting answers")
    expect(records.get_by_role("button")).to_have_text(["Record 1", "Record 2"])
    records.get_by_role("button", name="Record 2").click()
    record = page.get_by_role("complementary", name="Record")
    expect(record.get_by_role("heading", name="Record 2", exact=True)).to_be_visible()
    expect(quality).to_be_hidden()
    record.get_by_role("button", name="Close record").click()
    expect(records).to_be_visible()
    records.get_by_role("button", name="Record 1").click()
    expect(quality).to_be_hidden()
    page.get_by_role("button", name="Quality", exact=True).click()
    expect(records).to_be_visible()
    visit(page, "Split")
    visit(page, "Browse")
    expect(records).to_be_visible()
    quality.get_by_role("button", name="Close Quality").click()
    expect(quality).to_be_hidden()
    expect(page).not_to_have_url(re.compile("quality="))


@pytest.mark.detail
def test_more_is_looked_for_by_a_switch_that_stays(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "mail.jsonl", make_records())
    quality = open_quality(page)
    switch = quality.get_by_role("switch", name="E-mail addresses")
    expect(switch).not_to_be_checked()
    switch.check()
    found = head_of(quality, "E-mail addresses")
    expect(found).to_have_accessible_name("E-mail addresses, 1 record, 3.3 %")
    page.reload()
    expect(found).to_be_visible()
    expect(switch).to_be_checked()
    switch.uncheck()
    expect(found).to_have_count(0)


@pytest.mark.detail
def test_quality_is_right_at_every_width(shaped_page: Page, server: Server, tmp_path: Path) -> None:
    page = shaped_page
    load_records(page, server, tmp_path / "shape.jsonl", make_records())
    quality = open_quality(page)
    head_of(quality, "Conflicting answers").click()
    expect(quality).to_contain_text("Record 2")
    quality.get_by_text("Looked for and not found").click()
    check_screen(page)
    page.keyboard.press("Escape")
    expect(quality).to_be_hidden()
    expect(page.get_by_role("button", name="Quality", exact=True)).to_be_focused()
