"""The form of a fine-tune: each kind of base model, what is typed, and what is known before the launch."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from studio.settings import Settings
from studio.workspace import Workspace
from tests.e2e.conftest import Server, Watch, check_screen, start_server, stop_server, visit
from tests.e2e.records import load_records, table_id
from tests.model_folders import plant_payloads, write_model

pytestmark = [pytest.mark.e2e, pytest.mark.train, pytest.mark.detail]

SUMS = [{"question": f"What is {n} plus {n}?", "answer": f"It is {2 * n}."} for n in range(80)]
CHECKING = 60_000  # milliseconds that the check of all records may take on a busy machine
TRAINING = 180_000  # milliseconds that a short fine-tune may take on a busy machine
# A machine without the [train] extra: what is asked for is whether modules are there.
WITHOUT_TRAINING = """
import importlib.util, runpy, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "trl" else found(name, *more)
sys.argv = ["app.py", *sys.argv[1:]]
runpy.run_path("app.py", run_name="__main__")
"""


def open_form(page: Page, server: Server, folder: Path) -> Locator:
    """A table of sums at the stage, whose plan is returned once it is whole."""
    load_records(page, server, folder / "sums.jsonl", SUMS, "Browse")
    visit(page, "Fine-tune")
    expect(start(page)).to_be_enabled()
    return page.get_by_role("region", name="Before launch")


def start(page: Page) -> Locator:
    return page.get_by_role("button", name="Start fine-tune")


def field(page: Page, name: str) -> Locator:
    return page.get_by_role("spinbutton", name=name, exact=True)


def choose(page: Page, name: str) -> None:
    page.get_by_role("radiogroup", name="Base model").get_by_text(name, exact=True).click()


def choose_folder(page: Page, folder: Path) -> None:
    choose(page, "Folder")
    page.get_by_role("combobox", name="Folder").fill(str(folder))
    page.get_by_role("combobox", name="Folder").press("Enter")


def test_tiny_says_what_it_is_and_the_whole_form_is_well_made(
    shaped_page: Page, server: Server, tmp_path: Path
) -> None:
    plan = open_form(shaped_page, server, tmp_path)
    expect(shaped_page.get_by_role("region", name="Base model")).to_contain_text("from scratch (demo)")
    expect(plan).to_contain_text("sums.jsonl, 80 records")
    expect(plan).to_contain_text("68 records of the train part, 4 choose the best checkpoint")
    shaped_page.get_by_text("Advanced").click()
    expect(field(shaped_page, "Seed")).to_have_value("42")
    check_screen(shaped_page)


def test_fields_of_one_row_stand_on_one_line_whatever_their_words(
    page: Page, server: Server, tmp_path: Path
) -> None:
    open_form(page, server, tmp_path)
    page.get_by_text("Advanced").click()
    rows = page.locator(".tune-field:visible")
    assert rows.count() == 7
    for row in rows.all():
        label, box = row.locator("label").bounding_box(), row.locator("input, select").bounding_box()
        assert label and box and label["x"] + label["width"] <= box["x"]
        assert label["y"] - 2 <= box["y"] + box["height"] / 2 <= label["y"] + 40
    edges = {round(row.locator("input, select").bounding_box()["x"]) for row in rows.all()}  # type: ignore[index]
    assert len(edges) == 1


def test_what_is_typed_is_checked_at_once_and_nothing_starts_until_it_does(
    page: Page, server: Server, tmp_path: Path
) -> None:
    plan = open_form(page, server, tmp_path)
    field(page, "Learning rate").fill("3")
    expect(page.locator("#problem-learning_rate")).to_have_text("Give a number from 1e-07 to 1.")
    expect(field(page, "Learning rate")).to_have_attribute("aria-invalid", "true")
    expect(start(page)).to_be_disabled()
    expect(plan).to_contain_text("Mend learning_rate first.")
    check_screen(page)
    field(page, "Learning rate").fill("1e-3")
    field(page, "Steps").fill("20")
    expect(start(page)).to_be_enabled()
    expect(plan.locator("dl").first).to_contain_text("Steps20")
    page.reload()
    expect(field(page, "Learning rate")).to_have_value("0.001", timeout=CHECKING)
    expect(field(page, "Steps")).to_have_value("20")
    draft = Workspace(Settings(workspace=server.workspace)).draft(table_id(page)).train
    assert (draft.learning_rate, draft.max_steps) == (1e-3, 20)
    field(page, "Steps").fill("")
    expect(plan.locator("dl").first).to_contain_text("as many as fit in a minute")


def test_a_folder_is_described_and_trained_whole_or_by_an_adapter(
    shaped_page: Page, server: Server, tmp_path: Path
) -> None:
    page, model = shaped_page, write_model(tmp_path / "small", chat="{{ messages }}")
    plant_payloads(model, tmp_path / "marker")
    plan = open_form(page, server, tmp_path)
    choose_folder(page, model)
    about = page.get_by_role("region", name="Base model")
    expect(about).to_contain_text("12,800 parameters, 26 kB in bfloat16")
    expect(about).to_contain_text("Licenceapache-2.0")
    expect(about).to_contain_text("Never opened, as they could run a program: configuration_own.py")
    expect(plan).to_contain_text("3 epochs, 8 records a step")
    expect(page.get_by_role("group", name="Adapter")).to_be_hidden()
    page.get_by_text("LoRA adapter").click()
    expect(field(page, "Rank")).to_have_attribute("placeholder", "16")
    expect(field(page, "Learning rate")).to_have_attribute("placeholder", "2e-4")
    field(page, "Max length").fill("16")
    expect(plan).to_contain_text("Within 16 tokens", timeout=CHECKING)
    check_screen(page)
    page.reload()
    expect(field(page, "Max length")).to_have_value("16")
    expect(page.get_by_role("combobox", name="Folder")).to_have_value(str(model))
    choose(page, "tiny")
    expect(field(page, "Epochs")).to_be_hidden()
    expect(start(page)).to_be_enabled()


def test_a_model_that_may_not_be_opened_says_why_and_starts_nothing(
    page: Page, server: Server, tmp_path: Path
) -> None:
    open_form(page, server, tmp_path)
    choose_folder(page, write_model(tmp_path / "own", auto_map={"AutoConfig": "own.Own"}))
    refusal = page.get_by_role("region", name="Base model").get_by_role("alert")
    expect(refusal).to_contain_text("own asks to run its own program")
    expect(refusal).to_contain_text("without remote code")
    expect(start(page)).to_be_disabled()
    expect(page.get_by_role("region", name="Training")).to_be_hidden()
    check_screen(page)
    choose(page, "Hub")
    expect(page.get_by_text("Choose a base model first.")).to_be_visible()
    choose(page, "tiny")
    expect(start(page)).to_be_enabled()


def test_a_launch_over_the_memory_is_insisted_on_and_then_seen(
    page: Page, server: Server, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "wide", vocab_size=400_000, num_hidden_layers=400, hidden_size=4_096)
    plan = open_form(page, server, tmp_path)
    choose_folder(page, model)
    field(page, "Batch size").fill("1024")
    expect(plan.get_by_role("alert")).to_contain_text("of memory, an estimate: over 80% of the")
    expect(start(page)).to_be_disabled()
    check_screen(page)
    page.get_by_label("Start anyway").check()
    expect(start(page)).to_be_enabled()
    assert Workspace(Settings(workspace=server.workspace)).runs_of(table_id(page)) == []


def test_the_time_is_measured_on_demand(page: Page, server: Server, tmp_path: Path) -> None:
    plan = open_form(page, server, tmp_path)
    plan.get_by_role("button", name="Measure the time").click()
    expect(plan).to_contain_text("of training, measured", timeout=TRAINING)
    expect(plan.locator("dl").first).to_contain_text("read in all")
    page.reload()
    expect(plan).to_contain_text("of training, measured")


def test_without_training_installed_all_is_shown_and_nothing_starts(browser: Browser, tmp_path: Path) -> None:
    server = start_server(tmp_path / "workspace", program=("-c", WITHOUT_TRAINING))
    page, watch = browser.new_page(), Watch()
    watch.listen(page, server.url)
    load_records(page, server, tmp_path / "sums.jsonl", SUMS, "Browse")
    visit(page, "Fine-tune")
    expect(page.get_by_text("Training is not installed; everything else works.")).to_be_visible()
    plan = page.get_by_role("region", name="Before launch")
    expect(plan).to_contain_text("68 records of the train part")
    expect(plan).to_contain_text("Training is not installed.")
    expect(start(page)).to_be_disabled()
    check_screen(page)
    page.close()
    stop_server(server)
    assert watch.problems == []
