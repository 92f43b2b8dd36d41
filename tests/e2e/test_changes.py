"""Taking out and putting right: edits, exclusions, undo and redo, and the list of all of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server, check_screen
from tests.e2e.records import field, load_records, open_record, panel, row_of, table_id

pytestmark = pytest.mark.e2e

ROWS: list[dict[str, Any]] = [
    {"question": f"Question {n}?", "answer": f"Answer {n}.", "price": n, "meta": {"n": n}} for n in range(30)
]


def bar(page: Page) -> Locator:
    return page.get_by_role("group", name="Changes")


def edit(page: Page, name: str, text: str) -> Locator:
    """Write a text into a field, unsaved."""
    field(page, name).get_by_role("button", name=f"Edit {name}").click()
    box = page.get_by_role("textbox", name=f"New value of {name}")
    expect(box).to_be_focused()
    box.fill(text)
    return box


def cell(page: Page, server: Server, row: int, index: int) -> str:
    answer = page.request.get(f"{server.url}/api/v1/tables/{table_id(page)}/records/{row}/cells/{index}")
    return answer.body().decode()


def test_a_field_is_edited_and_reverted(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "edit.jsonl", ROWS)
    open_record(page, 3)
    box = edit(page, "answer", "Better.")
    page.keyboard.press("Control+Enter")
    expect(box).to_be_hidden()
    expect(field(page, "answer").locator(".field").first).to_have_text("Better.")
    expect(field(page, "answer").get_by_text("edited", exact=True)).to_be_visible()
    expect(field(page, "answer").get_by_role("button", name="Edit answer")).to_be_focused()
    expect(bar(page).get_by_role("button", name="1 edited")).to_be_visible()
    expect(row_of(page, 3)).to_contain_text("Better.")
    field(page, "answer").get_by_text("What it was").click()
    expect(field(page, "answer").locator(".was .field")).to_have_text("Answer 3.")
    field(page, "answer").get_by_role("button", name="Revert answer").click()
    expect(field(page, "answer").get_by_text("edited", exact=True)).to_be_hidden()
    expect(field(page, "answer").locator(".field")).to_have_text("Answer 3.")
    expect(bar(page).get_by_role("button", name="1 edited")).to_be_hidden()
    expect(row_of(page, 3)).to_contain_text("Answer 3.")


@pytest.mark.detail
def test_what_does_not_fit_is_refused_at_the_field_and_kept(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "refused.jsonl", ROWS)
    open_record(page, 0)
    box = edit(page, "price", "cheap")
    field(page, "price").get_by_role("button", name="Save").click()
    expect(field(page, "price").get_by_role("alert")).to_be_visible()
    expect(box).to_have_value("cheap")
    expect(box).to_be_focused()
    box.fill("12")
    page.keyboard.press("Control+Enter")
    expect(field(page, "price").locator(".field").first).to_have_text("12")


@pytest.mark.detail
def test_escape_cancels_and_the_focus_returns(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "cancel.jsonl", ROWS)
    open_record(page, 0)
    edit(page, "answer", "never")
    page.keyboard.press("Escape")
    expect(field(page, "answer").locator(".field")).to_have_text("Answer 0.")
    expect(field(page, "answer").get_by_role("button", name="Edit answer")).to_be_focused()
    expect(panel(page)).to_be_visible()


@pytest.mark.detail
def test_unsaved_text_waits_at_its_record(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "unsaved.jsonl", ROWS)
    open_record(page, 4)
    edit(page, "answer", "half a sent")
    record = open_record(page, 5)
    expect(record).to_contain_text("Not saved: answer of record 4.")
    record.get_by_role("button", name="Go back to it").click()
    expect(page.get_by_role("textbox", name="New value of answer")).to_have_value("half a sent")
    page.get_by_role("textbox", name="New value of answer").press("Escape")
    open_record(page, 5)
    expect(record).not_to_contain_text("Not saved")


def test_line_ends_and_marks_of_a_text_survive_an_edit(page: Page, server: Server, tmp_path: Path) -> None:
    text = "\ufeffone\r\ntwo\rthree\nfour \u202e \U0001f600"
    load_records(page, server, tmp_path / "ends.jsonl", [{"text": text}])
    open_record(page, 0)
    box = edit(page, "text", "")
    box.fill("\ufeffone\ntwo!\nthree\nfour \u202e \U0001f600")
    page.keyboard.press("Control+Enter")
    expect(field(page, "text").locator(".badge")).to_be_visible()
    assert cell(page, server, 0, 0) == text.replace("two", "two!")


@pytest.mark.detail
def test_a_long_cell_is_edited_whole(page: Page, server: Server, tmp_path: Path) -> None:
    text = "word " * 20_000 + "end"
    load_records(page, server, tmp_path / "whole.jsonl", [{"text": text}])
    open_record(page, 0)
    field(page, "text").get_by_role("button", name="Edit text").click()
    box = page.get_by_role("textbox", name="New value of text")
    expect(box).to_have_value(text)
    box.press("Control+End")
    box.press_sequentially("!")
    box.press("Control+Enter")
    expect(field(page, "text").locator(".badge")).to_be_visible()
    assert cell(page, server, 0, 0) == text + "!"


@pytest.mark.detail
def test_null_and_json_are_written_as_they_are_spelled(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "json.jsonl", ROWS)
    open_record(page, 0)
    edit(page, "meta", '{"n": 1.50}')
    page.keyboard.press("Control+Enter")
    expect(field(page, "meta").locator(".field").first).to_contain_text('"n": 1.50')
    edit(page, "answer", "x")
    field(page, "answer").get_by_role("button", name="Set to null").click()
    expect(field(page, "answer")).to_contain_text("null")
    expect(bar(page)).to_contain_text("2 edited")


def test_records_are_excluded_by_key_and_by_button_and_stepped_back(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "exclude.jsonl", ROWS)
    record = open_record(page, 2)
    record.get_by_role("button", name="Exclude").click()
    expect(record).to_contain_text("This record is excluded.")
    row_of(page, 6).focus()
    page.keyboard.press("Enter")
    expect(record.get_by_role("heading", name="Record 6", exact=True)).to_be_visible()
    page.keyboard.press("x")
    expect(bar(page).get_by_role("button", name="2 excluded")).to_be_visible()
    page.reload()
    expect(bar(page).get_by_role("button", name="2 excluded")).to_be_visible()
    undo, redo = (bar(page).get_by_role("button", name=re.compile(word)) for word in ("^Undo", "^Redo"))
    expect(undo).to_have_accessible_name("Undo: exclude 1 record")
    undo.click()
    expect(bar(page).get_by_role("button", name="1 excluded")).to_be_visible()
    expect(undo).to_be_focused()
    undo.press("Enter")
    expect(bar(page).get_by_role("button", name="excluded")).to_be_hidden()
    expect(undo).to_have_attribute("aria-disabled", "true")
    redo.click()
    redo.click()
    expect(bar(page).get_by_role("button", name="2 excluded")).to_be_visible()
    row_of(page, 0).focus()
    page.keyboard.press("u")
    expect(bar(page).get_by_role("button", name="1 excluded")).to_be_visible()
    page.keyboard.press("Shift+U")
    expect(bar(page).get_by_role("button", name="2 excluded")).to_be_visible()


def test_the_list_has_all_and_each_can_be_taken_back(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "list.jsonl", ROWS)
    open_record(page, 1)
    edit(page, "answer", "<script>window.pwned = 1</script> ${7*7} {{7*7}} \u202egnp")
    page.keyboard.press("Control+Enter")
    expect(bar(page)).to_contain_text("1 edited")
    post(page, server, {"exclude": {"rows": list(range(4, 28))}})
    page.reload()
    bar(page).get_by_role("button", name="24 excluded, 1 edited").click()
    dialog = page.get_by_role("dialog", name="Changes")
    lines = dialog.get_by_role("list", name="Changes").get_by_role("listitem")
    expect(lines).to_have_count(20)
    check_screen(page)
    change = lines.filter(has_text="edited")
    expect(change.locator("del")).to_have_text("Answer 1.")
    expect(change.locator("ins")).to_contain_text("<script>window.pwned = 1</script> ${7*7}")
    change.get_by_role("button", name="Revert answer of record 1").click()
    expect(dialog.get_by_role("status")).to_contain_text(
        "24 records excluded, 0 values edited; 6 records left."
    )
    dialog.get_by_role("button", name="Restore record 4").click()
    expect(dialog.get_by_role("status")).to_contain_text("23 records excluded")
    dialog.get_by_role("button", name="Next page of changes").click()
    expect(dialog).to_contain_text("21–23 of 23")
    dialog.get_by_role("button", name="Record 27", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(panel(page).get_by_role("heading", name="Record 27", exact=True)).to_be_visible()
    assert page.evaluate("window.pwned") is None


@pytest.mark.detail
def test_restoring_all_asks_first(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "all.jsonl", ROWS)
    post(page, server, {"exclude": {"rows": [1, 2, 3]}})
    page.reload()
    bar(page).get_by_role("button", name="3 excluded").click()
    dialog = page.get_by_role("dialog", name="Changes")
    dialog.get_by_role("button", name="Restore all 3 excluded").click()
    dialog.get_by_role("button", name="Keep them excluded").click()
    expect(dialog.get_by_role("status")).to_contain_text("3 records excluded")
    dialog.get_by_role("button", name="Restore all 3 excluded").click()
    dialog.get_by_role("button", name="Restore all", exact=True).click()
    expect(dialog).to_contain_text("Nothing is excluded or edited.")
    page.keyboard.press("Escape")
    expect(bar(page).get_by_role("button", name="excluded")).to_be_hidden()


@pytest.mark.detail
def test_changes_can_be_made_with_the_keyboard_alone(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "keyboard.jsonl", ROWS)
    row_of(page, 0).focus()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(panel(page).get_by_text("Raw line")).to_be_visible()
    tab_to(page, "Edit answer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="New value of answer")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("By hand.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(field(page, "answer").locator(".field").first).to_have_text("By hand.")
    expect(field(page, "answer").get_by_role("button", name="Edit answer")).to_be_focused()
    page.keyboard.press("u")
    expect(bar(page).get_by_role("button", name="1 edited")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()


@pytest.mark.detail
def test_changes_are_readable_in_every_shape(shaped_page: Page, server: Server, tmp_path: Path) -> None:
    page = shaped_page
    load_records(page, server, tmp_path / "shapes.jsonl", ROWS)
    post(page, server, {"exclude": {"rows": [1, 2]}})
    post(page, server, {"edit": {"row": 3, "column": "answer", "value": "word " * 60}})
    page.reload()
    open_record(page, 3)
    edit(page, "price", "cheap").press("Control+Enter")
    expect(field(page, "price").get_by_role("alert")).to_be_visible()
    check_screen(page)
    page.get_by_role("textbox", name="New value of price").press("Escape")
    panel(page).get_by_role("button", name="Close record").click()
    bar(page).get_by_role("button", name="2 excluded, 1 edited").click()
    expect(page.get_by_role("dialog", name="Changes").get_by_role("listitem").first).to_be_visible()
    check_screen(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    check_screen(page)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control of this name has the focus."""
    for _ in range(60):
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


def post(page: Page, server: Server, change: dict[str, Any]) -> None:
    answer = page.request.post(
        f"{server.url}/api/v1/tables/{table_id(page)}/changes",
        data=json.dumps(change),
        headers={"content-type": "application/json", "origin": server.url},
    )
    assert answer.ok, answer.text()
