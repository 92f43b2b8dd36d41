"""Taking a model away on the page: the card below a finished run, its downloads, a push looked at first."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.run import RunState, hold_run, write_state
from studio.settings import Settings
from studio.workspace import Workspace
from tests.e2e.conftest import Server, Watch, check_screen, start_server, stop_server
from tests.finished_runs import finish_run
from tests.hub_server import HubServer
from tests.model_cards import LORA, MODEL
from tests.web.boundary import store_table

pytestmark = [pytest.mark.e2e, pytest.mark.detail]

TOKEN = "hf_CanaryCanaryCanaryCanary"
LLAMA = MODEL | {"model_type": "llama", "architecture": "LlamaForCausalLM"}


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    with HubServer({}, {}, accounts={TOKEN: ("me",)}) as hub:
        yield hub


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, hub: HubServer) -> Iterator[Server]:
    reached = {"HF_ENDPOINT": hub.endpoint, "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0"}
    server = start_server(tmp_path_factory.mktemp("away"), **reached)
    yield server
    stop_server(server)


@pytest.fixture(scope="module")
def runs(studio: Server) -> dict[str, str]:
    """The ids of a table and of two runs: of an adapter, and of tiny."""
    workspace = Workspace(Settings(workspace=studio.workspace))
    table = store_table(workspace, [{"question": f"Q{n}", "answer": f"A{n}"} for n in range(20)])
    adapter = finish_run(workspace.runs / workspace.new_id(), adapter=True, model=LLAMA, train=LORA).run
    tiny = finish_run(workspace.runs / workspace.new_id()).run
    for run in (adapter, tiny):
        workspace.note_table(run, table)
    return {"table": table, "adapter": adapter, "tiny": tiny}


@pytest.fixture(params=[(1280, "dark"), (360, "light")], ids=["1280-dark", "360-light"])
def page(request: pytest.FixtureRequest, browser: Browser, studio: Server) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, accept_downloads=True
    )
    page, watch = context.new_page(), Watch()
    watch.listen(page, studio.url)
    yield page
    context.close()
    assert watch.problems == []


def test_a_model_is_downloaded_read_and_looked_at_before_a_push(
    page: Page, studio: Server, runs: dict[str, str], hub: HubServer, tmp_path: Path
) -> None:
    page.goto(f"{studio.url}/?tab=finetune&table={runs['table']}&run={runs['adapter']}")
    card = page.get_by_role("region", name="Take it away")
    for summary in ("6 files", "5 files", "In Python", "As GGUF", "In Ollama"):
        card.locator("summary").filter(has_text=summary).click()
    check_screen(page)
    with page.expect_download() as download:
        card.get_by_role("link", name="Download adapter as zip").click()
    path = tmp_path / "adapter.zip"
    download.value.save_as(path)
    assert download.value.suggested_filename == f"adapter-{runs['adapter'][:8]}.zip"
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert any(name.endswith("/adapter_model.safetensors") for name in archive.namelist())
    with page.expect_download() as download:
        card.get_by_role("link", name="model.safetensors", exact=True).click()
    assert download.value.suggested_filename == "model.safetensors"
    card.get_by_role("button", name="Read the Modelfile").click()
    expect(page.get_by_role("dialog")).to_contain_text("### Answer:{{ .Response }}")
    page.keyboard.press("Escape")
    card.get_by_role("button", name="Read the model card").click()
    expect(page.get_by_role("dialog")).to_contain_text("base_model_relation: finetune")
    check_screen(page)
    page.keyboard.press("Escape")
    card.get_by_role("button", name="Push the adapter to the Hub").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Repository").fill("me/adapter")
    dialog.get_by_label("Token").fill(TOKEN)
    dialog.get_by_role("button", name="Show what would be sent").click()
    expect(dialog).to_contain_text("would go to me/adapter, which is made; private.", timeout=60_000)
    expect(dialog).to_contain_text("adapter_model.safetensors")
    assert hub.models == {}
    check_screen(page)


def test_tiny_says_what_is_not_for_it(page: Page, studio: Server, runs: dict[str, str]) -> None:
    page.goto(f"{studio.url}/?tab=finetune&table={runs['table']}&run={runs['tiny']}")
    card = page.get_by_role("region", name="Take it away")
    expect(card).to_contain_text("The whole model")
    card.locator("summary").filter(has_text="In Ollama").click()
    expect(card).to_contain_text("Not for tiny, which is a GPT-NeoX")
    expect(card.get_by_role("button", name="Push the adapter to the Hub")).to_have_count(0)


def test_a_run_that_goes_on_gives_nothing_until_it_has_succeeded(
    page: Page, studio: Server, runs: dict[str, str]
) -> None:
    workspace = Workspace(Settings(workspace=studio.workspace))
    run_dir = finish_run(workspace.runs / workspace.new_id(), state="running")
    hold_run(run_dir)
    run_dir.heartbeat.write_text('{"quiet": 600}')
    workspace.note_table(run_dir.run, runs["table"])
    page.goto(f"{studio.url}/?tab=finetune&table={runs['table']}&run={run_dir.run}")
    expect(page.get_by_role("region", name="Fine-tune").get_by_role("status").first).to_have_text("running")
    card = page.get_by_role("region", name="Take it away")
    expect(card).to_be_hidden()
    metrics = json.loads(run_dir.metrics.read_text())
    write_state(run_dir, RunState(run=run_dir.run, state="succeeded", metrics=metrics))
    expect(card).to_be_visible()
