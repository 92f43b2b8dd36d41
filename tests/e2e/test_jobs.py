"""A fine-tune outlives the page and the server that started it, is cancelled, goes on and is taken away."""

import json
import re
import signal
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server, start_server, stop_server, visit

pytestmark = [pytest.mark.e2e, pytest.mark.train]

TRAINING = 180_000  # milliseconds that a short fine-tune may take on a busy machine


def start_job(page: Page, server: Server, source: Path, **fields: str) -> None:
    page.goto(server.url)
    page.get_by_label("Choose a file").set_input_files(source)
    expect(page.get_by_role("region", name="Loaded table")).to_be_visible()
    visit(page, "Fine-tune")
    for name, value in fields.items():
        page.get_by_role("spinbutton", name=name.replace("_", " ")).fill(value)
    page.get_by_role("button", name="Start fine-tune").click()


def test_a_job_outlives_page_and_server_is_cancelled_goes_on_and_is_taken_away(
    browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page()
    card = page.get_by_role("region", name="Fine-tune")
    state = card.get_by_role("status").first
    server = start_server(tmp_path / "workspace")
    start_job(page, server, write_sums(tmp_path), Steps="2500", Batch_size="1")
    expect(state).to_have_text("running", timeout=TRAINING)
    page.reload()
    expect(state).to_have_text("running", timeout=TRAINING)
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(10)

    server = start_server(tmp_path / "workspace")
    page.goto(server.url)
    visit(page, "Fine-tune")
    expect(state).to_have_text("running", timeout=TRAINING)
    page.get_by_role("button", name="Cancel").click()
    expect(state).to_have_text("cancelled", timeout=TRAINING)
    expect(card).to_contain_text("is kept")
    page.get_by_role("button", name="Go on").click()
    expect(state).to_have_text("succeeded", timeout=TRAINING)
    expect(page.get_by_role("region", name="Runs", exact=True)).to_contain_text("succeeded")

    with page.expect_download() as download:
        page.get_by_role("region", name="Take it away").get_by_role("link", name=re.compile("zip")).click()
    with zipfile.ZipFile(download.value.path()) as packed:
        names = {name.rpartition("/")[2] for name in packed.namelist()}
    assert names >= {"model.safetensors", "config.json", "tokenizer.json", "template.json", "README.md"}
    page.close()
    stop_server(server)


def write_sums(folder: Path) -> Path:
    source = folder / "sums.jsonl"
    rows = [{"question": f"What is {n} plus {n}?", "answer": f"It is {2 * n}."} for n in range(80)]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return source


@pytest.mark.detail
def test_a_cancelled_job_goes_on_and_another_waits_for_it(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    card = page.get_by_role("region", name="Fine-tune")
    state = card.get_by_role("status").first
    server = start_server(tmp_path / "workspace")
    start_job(page, server, write_sums(tmp_path), Steps="2000")
    expect(state).to_have_text("running", timeout=TRAINING)
    expect(card.get_by_text(re.compile(r"^\d+ / 2,000$"))).to_be_visible(timeout=TRAINING)
    page.get_by_role("button", name="Cancel").click()
    expect(state).to_have_text("cancelled", timeout=TRAINING)
    expect(card).to_contain_text("is kept")
    first = page.url
    page.get_by_role("button", name="Go on").click()
    expect(state).to_have_text("running", timeout=TRAINING)
    expect(card).to_contain_text("attempt 2")
    chip = page.locator("[data-job]").get_by_text(re.compile(r"^[\d.]+ %$"))
    expect(chip).to_be_visible(timeout=TRAINING)
    done = card.get_by_label("Steps done")
    before = float(done.evaluate("bar => bar.value"))
    page.wait_for_function("before => document.querySelector('[data-bar]').value > before", arg=before)
    page.get_by_role("button", name="Start fine-tune").click()
    expect(state).to_have_text("queued", timeout=TRAINING)
    expect(card).to_contain_text("It begins as soon as the run at work is over.")
    page.get_by_role("button", name="Cancel").click()
    expect(state).to_have_text("cancelled", timeout=TRAINING)
    page.goto(first)
    expect(state).to_have_text("running", timeout=TRAINING)
    page.get_by_role("button", name="Cancel").click()
    expect(state).to_have_text("cancelled", timeout=TRAINING)
    page.close()
    stop_server(server)
