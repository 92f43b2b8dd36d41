"""A Hub dataset and a URL are streamed from the page; a small Hub on 127.0.0.1 answers both."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Server, Watch, start_server, stop_server, visit
from tests.hub_server import HubServer

pytestmark = pytest.mark.e2e

LINES = b"".join(
    json.dumps({"text": f"page {n}", "timestamp": "2019-04-25T12:57:54Z"}).encode() + b"\n" for n in range(40)
)
STREAMING = 60_000  # milliseconds that the child process of the Hub may take on a busy machine


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    with HubServer({"org/pages": {"README.md": b"", "train.jsonl": LINES, "test.jsonl": LINES[:200]}}) as hub:
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
    page.get_by_role("textbox", name="Path, https URL or Hugging Face id").fill(source)
    page.get_by_role("spinbutton", name="First records").fill(first)
    page.get_by_role("button", name="Load", exact=True).click()


def test_first_records_of_a_hub_dataset_are_shown_as_such(stream_page: Page) -> None:
    load(stream_page, "org/pages", "25")
    expect(stream_page.get_by_text("first 25 records of a stream").first).to_be_visible(timeout=STREAMING)
    visit(stream_page, "Browse")
    expect(stream_page.get_by_text("2019-04-25T12:57:54Z").first).to_be_visible()
    expect(stream_page.get_by_text("1–25 of 25")).to_be_visible()


def test_first_records_of_a_url_are_shown_as_such(stream_page: Page, hub: HubServer) -> None:
    load(stream_page, f"{hub.endpoint}/datasets/org/pages/resolve/main/train.jsonl", "10")
    expect(stream_page.get_by_text("first 10 records of a stream").first).to_be_visible(timeout=STREAMING)
    expect(stream_page.get_by_role("region", name="Loaded table")).to_contain_text("train.jsonl")


def test_unknown_hub_dataset_is_told_in_words(stream_page: Page, hub_studio: Server) -> None:
    load(stream_page, "org/nothing", "25")
    expect(stream_page.locator("#load-notice")).to_contain_text("org/nothing", timeout=STREAMING)
    assert not list(Path(hub_studio.workspace / "tables").glob(".*"))
