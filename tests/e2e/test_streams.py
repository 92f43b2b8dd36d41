"""A Hub dataset and a URL are streamed from the page; a small Hub on 127.0.0.1 answers both."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server, Watch, check_screen, start_server, stop_server, visit
from tests.e2e.readings import table_chip
from tests.hub_server import COMMIT, HubServer, Repository

pytestmark = pytest.mark.e2e

LINES = b"".join(
    json.dumps({"text": f"page {n}", "timestamp": "2019-04-25T12:57:54Z"}).encode() + b"\n" for n in range(40)
)
STREAMING = 60_000  # milliseconds that the child process of the Hub may take on a busy machine


README = b"""---
configs:
- config_name: en
  data_files: [{split: train, path: en/train.jsonl}, {split: test, path: en/test.jsonl}]
- {config_name: fr, data_files: fr.jsonl}
dataset_info:
- config_name: en
  splits: [{name: train, num_bytes: 9, num_examples: 40}, {name: test, num_bytes: 9, num_examples: 8}]
---
"""
SHORT = b"".join(LINES.splitlines(keepends=True)[:8])


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    datasets = {
        "org/pages": {"README.md": b"", "train.jsonl": LINES, "test.jsonl": SHORT},
        "org/tongues": {
            "README.md": README,
            "en/train.jsonl": LINES,
            "en/test.jsonl": SHORT,
            "fr.jsonl": SHORT,
        },
        "org/gated": {"README.md": b"", "train.jsonl": LINES},
    }
    with HubServer(datasets, {"org/gated": Repository(gated=True)}) as hub:
        yield hub


@pytest.fixture(scope="module")
def hub_studio(hub: HubServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("streams")
    variables = {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(folder / "hf"), "HF_HUB_OFFLINE": "0"}
    server = start_server(folder / "workspace", **variables, STUDIO_PRIVATE_URLS="1")
    yield server
    stop_server(server)


@pytest.fixture
def stream_page(browser: Browser, hub_studio: Server) -> Iterator[Page]:
    page, watch = browser.new_page(), Watch()
    watch.listen(page, hub_studio.url)
    page.goto(hub_studio.url)
    yield page
    page.close()
    assert watch.problems == []


def load(page: Page, source: str, first: str) -> None:
    page.get_by_role("textbox", name="Hugging Face id").fill(source)
    page.get_by_role("spinbutton", name="First records").fill(first)
    page.get_by_role("button", name="Load", exact=True).click()


def test_first_records_of_a_hub_dataset_are_shown_as_such(stream_page: Page) -> None:
    load(stream_page, "org/pages", "25")
    expect(table_chip(stream_page)).to_contain_text("first 25 records of a stream", timeout=STREAMING)
    visit(stream_page, "Browse")
    expect(stream_page.get_by_text("2019-04-25T12:57:54Z").first).to_be_visible()
    expect(stream_page.get_by_text("1–25 of 25")).to_be_visible()
    expect(stream_page.locator("[data-count]")).to_have_text("first 25 records of a stream")
    stream_page.get_by_role("row").filter(has_text="page 3").click()
    record = stream_page.get_by_role("complementary")
    record.get_by_text("Raw line").click()
    expect(record.locator(".raw-line")).to_contain_text("came over the network")


def test_config_and_split_are_chosen_from_what_the_hub_says(stream_page: Page) -> None:
    stream_page.get_by_role("textbox", name="Hugging Face id").fill("org/tongues")
    config, split = (stream_page.get_by_role("combobox", name=name) for name in ("Config", "Split"))
    expect(config).to_be_visible(timeout=STREAMING)
    expect(stream_page.get_by_text("2 configs")).to_be_visible()
    expect(config.get_by_role("option")).to_have_text(["choose one", "en", "fr"])
    config.select_option("en")
    expect(split.get_by_role("option")).to_have_text(["train · 40 records", "test · 8 records", "all splits"])
    split.select_option("all")
    check_screen(stream_page)
    stream_page.get_by_role("spinbutton", name="First records").fill("5")
    stream_page.get_by_role("button", name="Load", exact=True).click()
    table = stream_page.get_by_role("region", name="Loaded table")
    splits = table.get_by_role("list", name="Source splits")
    expect(splits.get_by_role("listitem")).to_have_text(
        ["train5 records", "test5 records"], timeout=STREAMING
    )
    expect(table).to_contain_text("first 10 records of a stream")
    expect(table).to_contain_text(COMMIT[:12])
    check_screen(stream_page)

    table.get_by_role("button", name="Load all").click()
    expect(splits.get_by_role("listitem")).to_have_text(
        ["train40 records", "test8 records"], timeout=STREAMING
    )
    expect(table).to_contain_text("The whole source was read.")
    expect(table_chip(stream_page)).to_contain_text("48 records")


@pytest.mark.detail
def test_config_that_must_be_named_is_said_and_chosen(stream_page: Page) -> None:
    load(stream_page, "org/tongues", "4")
    failed = stream_page.get_by_role("region", name="Reading org/tongues")
    expect(failed.get_by_role("alert")).to_contain_text("en, fr", timeout=STREAMING)
    stream_page.get_by_role("combobox", name="Config").select_option("fr")
    stream_page.get_by_role("button", name="Load", exact=True).click()
    expect(table_chip(stream_page)).to_contain_text("first 4 records of a stream", timeout=STREAMING)
    failed.get_by_role("button", name="Dismiss").click()
    expect(failed).to_have_count(0)


def test_first_records_of_a_url_are_shown_as_such(stream_page: Page, hub: HubServer) -> None:
    load(stream_page, f"{hub.endpoint}/datasets/org/pages/resolve/main/train.jsonl", "10")
    expect(table_chip(stream_page)).to_contain_text("first 10 records of a stream", timeout=STREAMING)
    expect(stream_page.get_by_role("region", name="Loaded table")).to_contain_text("train.jsonl")


@pytest.mark.detail
def test_all_of_a_url_is_read_when_asked(stream_page: Page, hub: HubServer) -> None:
    url = f"{hub.endpoint}/datasets/org/pages/resolve/main/train.jsonl"
    stream_page.get_by_role("textbox", name="Hugging Face id").fill(url)
    stream_page.get_by_role("radio", name="All of it").check()
    stream_page.get_by_role("button", name="Load", exact=True).click()
    expect(table_chip(stream_page)).to_contain_text("40 records", timeout=STREAMING)
    expect(table_chip(stream_page)).not_to_contain_text("stream")


@pytest.mark.parametrize(
    ("name", "kind", "words"), [("org/nothing", "refused", ""), ("org/gated", "", "gated")]
)
@pytest.mark.detail
def test_hub_dataset_that_cannot_be_read_is_told_in_words(
    stream_page: Page, hub_studio: Server, name: str, kind: str, words: str
) -> None:
    box = stream_page.get_by_role("textbox", name="Hugging Face id")
    box.fill(name)
    box.blur()
    status = stream_page.locator("[data-status]")
    expect(status).not_to_contain_text("Asking", timeout=STREAMING)
    expect(status).to_contain_text(words or name)
    expect(status).to_have_attribute("data-kind", kind)
    check_screen(stream_page)
    stream_page.get_by_role("button", name="Load", exact=True).click()
    failed = stream_page.get_by_role("region", name=f"Reading {name}")
    expect(failed).to_contain_text("failed", timeout=STREAMING)
    expect(failed.get_by_role("alert")).to_contain_text(name)
    failed.get_by_role("button", name="Dismiss").click()
    expect(failed).to_have_count(0)
    assert not list(Path(hub_studio.workspace / "tables").glob(".*"))
