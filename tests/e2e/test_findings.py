"""What a check found: its records as a filter of their own in Browse, and what it says at a launch."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from studio.settings import Settings
from studio.workspace import Workspace
from tests.e2e.conftest import Server, check_screen, visit
from tests.e2e.records import load_records, row_of, table_id

pytestmark = pytest.mark.e2e

CHECK = """async ({ table }) => {
  const headers = { "content-type": "application/json" };
  const asked = { method: "POST", headers, body: '{"tokenizer": "tiny"}' };
  let check = await (await fetch(`api/v1/tables/${table}/checks`, asked)).json();
  while (["preparing", "running"].includes(check.state)) {
    await new Promise((done) => setTimeout(done, 50));
    check = await (await fetch(`api/v1/tables/${table}/checks/${check.id}`)).json();
  }
  return check;
}"""


def make_records(count: int = 30) -> list[dict[str, Any]]:
    """Every fifth answer is blank; the answers grow longer."""
    return [
        {"question": f"Question {n}?", "answer": "" if n % 5 == 0 else f"Answer {n} is " + "long " * n}
        for n in range(count)
    ]


def run_check(page: Page) -> dict[str, Any]:
    check = page.evaluate(CHECK, {"table": table_id(page)})
    assert check["state"] == "done", check
    return dict(check)


def show(page: Page, server: Server, **asked: Any) -> None:
    """Go to the records that an address names by what a check found."""
    more = "".join(f"&{name}={value}" for name, value in asked.items())
    page.goto(f"{server.url}/?tab=browse&table={table_id(page)}{more}")


def test_the_records_of_a_finding_are_shown_searched_and_left_again(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "blank.jsonl", make_records())
    show(page, server, check=run_check(page)["id"], finding="blank-completion", max_length=512)
    count, filters = page.locator("[data-count]"), page.get_by_role("group", name="Filters")
    expect(count).to_have_text("6 of 30 match")
    expect(filters).to_contain_text("Finding: Blank completion")
    expect(row_of(page, 25)).to_be_visible()
    expect(row_of(page, 1)).to_have_count(0)
    search = page.get_by_role("searchbox", name="Search all columns")
    search.fill("Question 2")
    expect(count).to_have_text("2 of 30 match")
    search.fill("")
    expect(count).to_have_text("6 of 30 match")
    page.reload()
    expect(count).to_have_text("6 of 30 match")
    filters.get_by_role("button", name="Remove filter: Finding: Blank completion").click()
    expect(count).to_have_text("30 records")
    expect(page).not_to_have_url(re.compile("check="))
    page.go_back()
    expect(count).to_have_text("6 of 30 match")


@pytest.mark.detail
def test_the_records_of_a_bar_are_shown_beside_other_filters_and_cleared_with_them(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "bar.jsonl", make_records())
    check = run_check(page)
    bar = next(bar for bar in reversed(check["lengths"]["bars"]) if bar["count"])
    tokens = f"{bar['low']}-{bar['high'] - 1}"
    empty = '%7B"column":"answer","is":"empty"%7D'
    show(page, server, check=check["id"], tokens=tokens, f=empty)
    count, filters = page.locator("[data-count]"), page.get_by_role("group", name="Filters")
    expect(count).to_have_text("0 of 30 match")
    expect(filters).to_contain_text(re.compile("Tokens: .*answer is empty"))
    filters.get_by_role("button", name="Remove filter: answer is empty").click()
    expect(count).to_have_text(f"{bar['count']} of 30 match")
    show(page, server, check=check["id"], tokens=tokens, f=empty)
    page.get_by_role("button", name="Clear all").click()
    expect(count).to_have_text("30 records")


@pytest.mark.detail
def test_all_that_have_a_finding_are_excluded_and_no_others(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "out.jsonl", make_records())
    show(page, server, check=run_check(page)["id"], finding="blank-completion")
    page.get_by_role("button", name="Exclude all 6 that match").click()
    expect(row_of(page, 0)).to_have_class(re.compile("excluded"))
    assert run_check(page)["total"] == 24
    expect(page.locator("[data-count]")).to_have_text("6 of 30 match")


def test_a_check_that_is_gone_is_said_with_the_way_out(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "gone.jsonl", make_records())
    show(page, server, check="0" * 32, finding="answer-cut", max_length=512)
    said = page.locator("[data-no-rows]")
    expect(said).to_contain_text("This check is not there any more.")
    said.get_by_role("button", name="Clear the filter").click()
    expect(page.locator("[data-count]")).to_have_text("30 records")
    expect(said).to_be_hidden()


@pytest.mark.detail
def test_the_filter_of_a_check_is_right_at_every_width(
    shaped_page: Page, server: Server, tmp_path: Path
) -> None:
    page = shaped_page
    load_records(page, server, tmp_path / "shape.jsonl", make_records(12))
    show(page, server, check=run_check(page)["id"], finding="blank-completion")
    expect(page.get_by_role("group", name="Filters")).to_contain_text("Finding: Blank completion")
    check_screen(page)


@pytest.mark.train
def test_a_finding_that_stops_a_launch_is_said_before_it_with_a_link_to_prompt(
    page: Page, server: Server, tmp_path: Path
) -> None:
    records = [{"question": "why " * 200, "answer": "Because."}] * 12
    load_records(page, server, tmp_path / "lost.jsonl", records)
    workspace, table = Workspace(Settings(workspace=server.workspace)), table_id(page)
    draft = workspace.draft(table)
    train = draft.train.model_copy(update={"max_length": 16})
    workspace.save_draft(table, draft.model_copy(update={"train": train}))
    run_check(page)
    visit(page, "Fine-tune")
    plan = page.get_by_role("region", name="Before launch")
    notice = plan.get_by_role("alert").filter(has_text="Nothing is trained")
    expect(notice).to_contain_text("Nothing is trained: 12 records. This stops the launch.")
    expect(plan.get_by_role("button", name="Start fine-tune")).to_be_disabled()
    notice.get_by_role("link", name="Go to Prompt").click()
    expect(page).to_have_url(re.compile("tab=prompt"))
    assert workspace.runs_of(table) == []
