"""The datasets in the top bar: choose, rename, remove, restore, delete for good."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Server, Watch, check_screen, start_server, stop_server
from tests.e2e.readings import load_path, table_chip

pytestmark = pytest.mark.e2e


@pytest.fixture
def own_page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A page on a workspace of its own, since the panel lists everything in one."""
    server = start_server(tmp_path / "work")
    context = browser.new_context(viewport={"width": 1280, "height": 820})
    page, watch = context.new_page(), Watch()
    watch.listen(page, server.url)
    for name, records in (("first.jsonl", 3), ("second.jsonl", 1)):
        path = tmp_path / name
        path.write_text("".join(f'{{"question": "Q {n}", "answer": "A"}}\n' for n in range(records)))
        page.goto(server.url)
        load_path(page, path)
        expect(table_chip(page)).to_contain_text(name)
    yield page
    context.close()
    stop_server(server)
    assert watch.problems == []


def open_panel(page: Page) -> Locator:
    table_chip(page).click()
    panel = page.get_by_role("dialog", name="Datasets")
    expect(panel.get_by_role("listitem").first).to_be_visible()
    return panel


def test_datasets_are_chosen_by_name_with_their_size_on_disk(own_page: Page) -> None:
    panel = open_panel(own_page)
    expect(panel).to_contain_text("Datasets of this workspace · 2")
    expect(panel.get_by_role("listitem").first).to_contain_text("1 record · jsonl")
    expect(panel.get_by_role("listitem").first).to_contain_text("on disk")
    check_screen(own_page)
    panel.get_by_role("button", name="first.jsonl 3 records").click()
    expect(table_chip(own_page)).to_contain_text("first.jsonl")
    expect(panel).to_be_hidden()


@pytest.mark.detail
def test_dataset_is_renamed_by_keyboard(own_page: Page) -> None:
    panel = open_panel(own_page)
    panel.get_by_role("button", name="Rename second.jsonl").focus()
    own_page.keyboard.press("Enter")
    expect(panel.get_by_role("textbox", name="Name")).to_be_focused()
    own_page.keyboard.type("<b>My</b> ${questions}")
    own_page.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Rename <b>My</b> ${questions}")).to_be_focused()
    expect(table_chip(own_page)).to_contain_text("<b>My</b> ${questions}")
    own_page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(table_chip(own_page)).to_be_focused()
    own_page.reload()
    expect(table_chip(own_page)).to_contain_text("<b>My</b> ${questions}")


def test_removed_dataset_is_restored_or_deleted_for_good(own_page: Page) -> None:
    panel = open_panel(own_page)
    panel.get_by_role("button", name="Remove second.jsonl").click()
    expect(panel).to_contain_text("second.jsonl was removed. It can be restored below.")
    expect(panel).to_contain_text("Datasets of this workspace · 1")
    expect(table_chip(own_page)).to_contain_text("first.jsonl")
    check_screen(own_page)
    panel.get_by_role("button", name="Restore second.jsonl").click()
    expect(panel).to_contain_text("Datasets of this workspace · 2")
    panel.get_by_role("button", name="Remove second.jsonl").click()
    panel.get_by_role("button", name="Delete second.jsonl for good").click()
    expect(panel).to_contain_text("For good?")
    panel.get_by_role("button", name="Delete second.jsonl for good").click()
    expect(panel).to_contain_text("Deleted for good.")
    expect(panel).not_to_contain_text("second.jsonl")


@pytest.mark.detail
def test_last_dataset_may_go_too(own_page: Page) -> None:
    panel = open_panel(own_page)
    for name in ("first.jsonl", "second.jsonl"):
        panel.get_by_role("button", name=f"Remove {name}").click()
        expect(panel.get_by_role("button", name=f"Restore {name}")).to_be_visible()
    expect(panel).to_contain_text("No dataset yet")
    expect(table_chip(own_page)).to_contain_text("No table yet")
    panel.get_by_role("button", name="Restore first.jsonl").click()
    expect(table_chip(own_page)).to_contain_text("first.jsonl")


@pytest.mark.detail
def test_panel_fits_a_narrow_page(browser: Browser, server: Server, tmp_path: Path) -> None:
    context = browser.new_context(viewport={"width": 420, "height": 800}, color_scheme="dark")
    page = context.new_page()
    path = tmp_path / f"{'long-name-' * 12}.jsonl"
    path.write_text('{"a": "1"}\n')
    page.goto(server.url)
    load_path(page, path)
    open_panel(page)
    check_screen(page)
    context.close()
