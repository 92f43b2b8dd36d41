"""The Export stage: a shape and a file are chosen, what is previewed is written, a long one is cancelled."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Server, Watch, check_screen, start_server, stop_server, visit
from tests.e2e.records import load_records
from tests.hub_server import HubServer

pytestmark = pytest.mark.e2e

ROWS: list[dict[str, Any]] = [
    {"question": f"What is {n}?", "answer": f"It is <b>{n}</b> ${{n}}.\nReally."} for n in range(40)
]
TOKEN = "hf_CanaryCanaryCanaryCanary"
MANY = 20_100  # records that are not written before anyone waits


def preview_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Preview", exact=True)


def export_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Export", exact=True)


def read_preview(page: Page) -> str:
    """The lines that the preview shows, with their ends."""
    lines = preview_of(page).get_by_role("list", name="First lines").locator("li")
    expect(lines).not_to_have_count(0)
    return "".join(f"{line.locator('code').text_content()}\n" for line in lines.all())


def halt_export(server: Server, number: signal.Signals) -> None:
    """Make the process that writes an export wait, or go on."""
    [lock] = (server.workspace / "exporting").glob("*/lock")
    os.kill(json.loads(lock.read_text())["pid"], number)


def begin_long_export(page: Page, server: Server, path: Path) -> None:
    """Begin an export that takes long: it waits as soon as it has begun."""
    load_records(page, server, path, [{"text": f"Text {n}."} for n in range(MANY)])
    expect(page.get_by_text(f"of {MANY:,}")).to_be_visible(timeout=60_000)
    visit(page, "Export")
    expect(preview_of(page).get_by_text("train.jsonl", exact=True)).to_be_visible()
    page.get_by_role("button", name="Write export").click()
    expect(page.get_by_role("region", name="Export under way")).to_be_visible()
    halt_export(server, signal.SIGSTOP)


def download(page: Page, link: Locator) -> bytes:
    with page.expect_download() as started:
        link.click()
    return Path(started.value.path()).read_bytes()


def test_a_file_that_is_chosen_and_written_has_the_lines_of_the_preview(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "asked.jsonl", ROWS)
    visit(page, "Export")
    preview = preview_of(page)
    expect(preview.get_by_text("train.jsonl", exact=True)).to_be_visible()
    page.get_by_role("button", name="question and answer").click()
    expect(preview.get_by_text('"question"').first).to_be_visible()
    page.get_by_label("File type").select_option("JSON array")
    expect(preview.get_by_text("train.json", exact=True)).to_be_visible()
    expect(preview).to_contain_text("and 33 more records")
    shown = read_preview(page)
    assert shown.startswith('[\n{"question":"') and "<b>" in shown and "\\n" in shown
    at_once = download(page, page.get_by_role("link", name="Download train.json now"))
    page.get_by_role("button", name="Write export").click()
    expect(page.get_by_text("The export is written.")).to_be_visible()
    written = download(page, export_of(page).get_by_role("link", name="Download train.json", exact=True))
    assert at_once == written
    assert written.decode().startswith(shown.rstrip("\n"))
    assert len(json.loads(written)) == 36
    preview.get_by_text("test 4").click()
    expect(preview.get_by_text("test.json", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="question and answer")).to_have_attribute("aria-pressed", "true")
    expect(export_of(page)).to_contain_text("prompt-completion · json")


def test_an_export_that_takes_long_is_found_again_and_cancelled(
    page: Page, server: Server, tmp_path: Path
) -> None:
    begin_long_export(page, server, tmp_path / "long.jsonl")
    going = page.get_by_role("region", name="Export under way")
    page.reload()
    expect(going).to_be_visible()
    with page.expect_request(lambda request: request.url.endswith("/stop")):
        going.get_by_role("button", name="Cancel").click()
    halt_export(server, signal.SIGCONT)
    expect(page.get_by_text("The export is cancelled.")).to_be_visible()
    expect(going).to_be_hidden()
    expect(page.get_by_role("heading", name="Nothing is exported yet")).to_be_visible()
    assert not [path for path in (server.workspace / "exports").iterdir() if path.name.startswith(".")]


@pytest.mark.detail
def test_a_new_export_takes_the_place_of_another_which_comes_back(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "again.jsonl", ROWS)
    visit(page, "Export")
    page.get_by_role("button", name="Write export").click()
    expect(export_of(page)).to_contain_text("prompt-completion · jsonl")
    page.get_by_role("radio", name="Messages").check()
    expect(preview_of(page).get_by_text('"messages"').first).to_be_visible()
    page.get_by_label("replacing the newest").check()
    page.get_by_role("button", name="Write export").click()
    expect(export_of(page)).to_contain_text("messages · jsonl")
    expect(page.get_by_text("older export")).to_be_hidden()
    page.get_by_role("button", name="Bring back the previous").click()
    page.get_by_text("1 older export").click()
    older = page.get_by_role("region", name="Older export")
    expect(older).to_contain_text("prompt-completion · jsonl")
    older.get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove export").click()
    expect(page.get_by_text("The export is removed.")).to_be_visible()
    expect(page.get_by_text("1 older export")).to_be_hidden()
    expect(export_of(page)).to_contain_text("messages · jsonl")


@pytest.mark.detail
def test_names_a_card_and_configs_are_kept(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "named.jsonl", ROWS)
    visit(page, "Export")
    page.get_by_label("Name of prompt").fill("completion")
    expect(page.get_by_text("Two fields have the same name")).to_be_visible()
    page.get_by_label("Name of prompt").fill("ask")
    expect(preview_of(page).get_by_text('"ask"').first).to_be_visible()
    expect(page.get_by_text("Two fields have the same name")).to_be_hidden()
    page.get_by_role("heading", name="Dataset card").click()
    page.get_by_label("Write a dataset card").check()
    page.get_by_label("Licence of the data").select_option("CC BY 4.0")
    page.get_by_role("heading", name="Configs for trainers").click()
    page.get_by_label("TRL").check()
    expect(page.get_by_role("group", name="Configs for trainers").get_by_label("TRL")).to_be_checked()
    page.get_by_role("button", name="Write export").click()
    for name in ("README.md", "train_trl.py"):
        expect(export_of(page).get_by_role("link", name=f"Download {name}")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name of prompt")).to_have_value("ask")
    expect(page.get_by_text("CC BY 4.0").first).to_be_visible()


@pytest.mark.detail
def test_what_cannot_be_made_says_why_and_where_to_go(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "text.jsonl", [{"note": f"Note {n}."} for n in range(20)])
    visit(page, "Export")
    expect(page.get_by_role("radio", name="Alpaca")).to_be_disabled()
    expect(
        page.get_by_text("Needs a template of prompt-completion; this one is of text.").first
    ).to_be_visible()
    page.get_by_label("File type").select_option("CSV")
    expect(page.get_by_text("get an apostrophe in front")).to_be_visible()


@pytest.mark.detail
def test_an_export_goes_on_while_the_server_is_started_again(browser: Browser, tmp_path: Path) -> None:
    page, own = browser.new_page(), start_server(tmp_path / "work")
    try:
        begin_long_export(page, own, tmp_path / "kept.jsonl")
        page.goto("about:blank")
        own.process.kill()
        own.process.wait(30)
        own = start_server(tmp_path / "work")
        page.goto(f"{own.url}/?tab=export")
        expect(page.get_by_role("region", name="Export under way")).to_be_visible()
        halt_export(own, signal.SIGCONT)
        expect(export_of(page)).to_contain_text("text · jsonl")
    finally:
        page.close()
        stop_server(own)


@pytest.mark.detail
def test_a_push_is_looked_at_first_and_its_token_is_kept_nowhere(browser: Browser, tmp_path: Path) -> None:
    with HubServer({}, {}, accounts={TOKEN: ("me",)}) as hub:
        variables = {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "0"}
        page, own, watch = browser.new_page(), start_server(tmp_path / "work", **variables), Watch()
        watch.listen(page, own.url)
        try:
            load_records(page, own, tmp_path / "push.jsonl", ROWS)
            visit(page, "Export")
            page.get_by_role("button", name="Write export").click()
            page.get_by_role("button", name="Push to the Hub").click()
            dialog = page.get_by_role("dialog")
            push = dialog.get_by_role("button", name="Push", exact=True)
            expect(push).to_be_disabled()
            dialog.get_by_label("Token").fill(TOKEN)
            dialog.get_by_label("Repository").fill("me/docs")
            dialog.get_by_role("button", name="Show what would be sent").click()
            expect(dialog.get_by_text("would go to me/docs, which is made; private.")).to_be_visible()
            expect(dialog.get_by_role("row").filter(has_text="train.jsonl")).to_be_visible()
            assert "me/docs" not in hub.datasets
            push.click()
            expect(dialog.get_by_text("The export is on the Hub.")).to_be_visible()
            expect(dialog.get_by_label("Token")).to_have_value("")
            assert "train.jsonl" in hub.datasets["me/docs"]
            assert hub.repository("me/docs").private
            files = [path for path in (tmp_path / "work").rglob("*") if path.is_file()]
            assert not [path for path in files if TOKEN.encode() in path.read_bytes()]
            assert watch.problems == []
        finally:
            page.close()
            stop_server(own)


@pytest.mark.detail
def test_the_stage_fits_and_can_be_read(shaped_page: Page, server: Server, tmp_path: Path) -> None:
    load_records(shaped_page, server, tmp_path / "shape.jsonl", ROWS)
    visit(shaped_page, "Export")
    shaped_page.get_by_role("button", name="Write export").click()
    expect(export_of(shaped_page).get_by_text("manifest.json", exact=True)).to_be_visible()
    for fold in ("Dataset card", "Configs for trainers"):
        shaped_page.get_by_role("heading", name=fold).click()
    shaped_page.get_by_label("Write a dataset card").check()
    check_screen(shaped_page)
    shaped_page.get_by_role("button", name="Push to the Hub").click()
    expect(shaped_page.get_by_role("dialog")).to_be_visible()
    check_screen(shaped_page)
