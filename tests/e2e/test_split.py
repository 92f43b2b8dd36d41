"""The Split stage: a leak is found and grouped away, parts are compared, hints stay dismissed."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, check_screen, visit
from tests.e2e.records import load_records

pytestmark = pytest.mark.e2e

# The last six ask what the first six do, in other words of the same letters.
ROWS: list[dict[str, Any]] = [
    {"question": f"Question {n}?", "answer": f"Answer {n}.", "topic": "ab"[n % 2]} for n in range(54)
] + [{"question": f" QUESTION  {n}?", "answer": "Another.", "topic": "a"} for n in range(6)]


def test_a_leak_is_found_and_grouped_away(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "leaks.jsonl", ROWS)
    visit(page, "Split")
    page.get_by_label("Sequential, in table order").check()
    twins = page.get_by_role("region", name="Twins")
    expect(twins).to_contain_text("6 of 6 test records have their prompt in train.")
    pair = twins.get_by_role("listitem").first
    expect(pair).to_contain_text("Row 54")
    expect(pair).to_contain_text("QUESTION  0?")
    expect(twins).to_contain_text(
        "6 records repeat the prompt of an earlier one, and not all in the same part."
    )
    twins.get_by_role("button", name="Group them").click()
    expect(twins).to_contain_text("None. 6 records repeat a prompt")
    expect(page.get_by_label("Grouped: what is the same stays together")).to_be_checked()
    expect(page.get_by_role("navigation", name="Stages").get_by_role("link", name="Split")).to_contain_text(
        "grouped"
    )
    expect(page.get_by_role("region", name="Parts")).to_contain_text(
        "Records with the same prompt in one part"
    )
    page.reload()
    expect(twins).to_contain_text("None. 6 records repeat a prompt")
    page.get_by_label("Sequential, in table order").check()
    twins.get_by_role("link", name="Row 54").click()
    expect(page.get_by_role("heading", name="Record 54")).to_be_visible()


def test_near_duplicates_are_looked_for_and_grouped_away(page: Page, server: Server, tmp_path: Path) -> None:
    story = "Once upon a time there was a token that wanted to become a word, and it went to school."
    rows = [{"question": text, "answer": "So."} for text in (*(row["question"] for row in ROWS[:54]), story)]
    rows += [{"question": f"{story} Why?", "answer": "So."}] + [
        {"question": f"{n}?", "answer": "So."} for n in range(4)
    ]
    load_records(page, server, tmp_path / "near.jsonl", rows)
    visit(page, "Split")
    page.get_by_label("Sequential, in table order").check()
    page.get_by_role("spinbutton", name="Train").fill("55")
    page.get_by_role("spinbutton", name="Test").fill("5")
    parts = page.get_by_role("region", name="Parts")
    expect(parts.get_by_role("img", name="train 55, test 5")).to_be_visible()
    twins = page.get_by_role("region", name="Twins")
    expect(twins).to_contain_text("None: no prompt stands in two parts.")
    twins.get_by_role("button", name="Look for near-duplicates").click()
    expect(twins).to_contain_text("1 of 5 test records nearly has its prompt in train.")
    pair = twins.get_by_role("listitem")
    expect(pair).to_contain_text("Row 55")
    expect(pair).to_contain_text("% alike")
    twins.get_by_role("button", name="Group them").click()
    expect(twins).to_contain_text("No near-duplicates")
    expect(page.get_by_label("Near-duplicates too")).to_be_checked()
    expect(parts).to_contain_text("or one that is 80 % or more alike")
    page.get_by_label("Near-duplicates too").uncheck()
    expect(twins.get_by_role("button", name="Look for near-duplicates")).to_be_visible()


@pytest.mark.detail
def test_parts_are_compared_and_counts_are_taken(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "parts.jsonl", ROWS)
    visit(page, "Split")
    page.get_by_label("Stratified: of every value its share").check()
    looks = page.get_by_role("region", name="What each part looks like")
    expect(looks.get_by_role("row").filter(has_text="topic")).to_have_count(2)
    parts = page.get_by_role("region", name="Parts")
    expect(parts).to_contain_text('of every value of "topic" its share')
    page.get_by_role("spinbutton", name="Train").fill("40")
    expect(parts).to_contain_text("test 0.1 is a fraction")
    expect(looks).to_be_hidden()
    page.get_by_role("spinbutton", name="Test").fill("10")
    expect(looks.get_by_role("row").nth(1)).to_contain_text("40")
    expect(parts).to_contain_text("10 records unused")


@pytest.mark.detail
def test_a_hint_that_is_dismissed_stays_away(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "hints.jsonl", ROWS)
    visit(page, "Split")
    hints = page.get_by_role("list", name="Hints")
    expect(hints).to_contain_text("About 1,000 good pairs is a sound start; train has 54.")
    expect(hints).to_contain_text("A test part under 50 records makes scores noisy; this one has 6.")
    hints.get_by_role("button", name="Dismiss: About").click()
    expect(hints.get_by_role("listitem")).to_have_count(1)
    page.reload()
    expect(hints).to_contain_text("noisy")
    expect(hints.get_by_role("listitem")).to_have_count(1)


@pytest.mark.detail
def test_the_stage_fits_and_can_be_read(shaped_page: Page, server: Server, tmp_path: Path) -> None:
    load_records(shaped_page, server, tmp_path / "shape.jsonl", ROWS)
    visit(shaped_page, "Split")
    shaped_page.get_by_label("Sequential, in table order").check()
    expect(shaped_page.get_by_role("button", name="Group them")).to_be_visible()
    check_screen(shaped_page)
    shaped_page.get_by_label("Grouped: what is the same stays together").check()
    expect(shaped_page.get_by_text("None. 6 records repeat a prompt")).to_be_visible()
    check_screen(shaped_page)
