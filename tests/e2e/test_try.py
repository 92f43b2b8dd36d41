"""A prompt of one's own on Compare: the template filled in, both models answering, what was asked before."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from studio.run import RunDir, read_lines, read_state
from studio.settings import Settings
from studio.workspace import Workspace
from tests.e2e.conftest import Server, check_screen
from tests.web.boundary import store_table

pytestmark = [pytest.mark.e2e, pytest.mark.train, pytest.mark.detail]

ANSWERED = 120_000  # milliseconds that models may take to be loaded on a busy machine
TEMPLATE = {
    "type": "prompt-completion",
    "prompt": "### Question:\n{question}\n\n### Answer:",
    "completion": "{answer}",
}


@pytest.fixture(scope="module")
def run_dir(server: Server, tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A run of a table that has succeeded, in the server's workspace."""
    pytest.importorskip("torch")
    from studio.train.flow import fine_tune
    from studio.train.report import Report
    from tests.train.small_runs import make_lines, make_run

    workspace = Workspace(Settings(workspace=server.workspace))
    folder = tmp_path_factory.mktemp("try")
    made, spec = make_run(folder, {"train": make_lines(40), "test": make_lines(7, 100)}, max_steps=20)
    fine_tune(made, spec, Report(made))
    table = store_table(workspace, [{"question": "Which colour has box 1?", "answer": "Red."}])
    run_dir = RunDir(workspace.runs / workspace.new_id())
    for path, more in ((made.spec_file, {"template": TEMPLATE}), (made.state_file, {})):
        path.write_text(json.dumps({**json.loads(path.read_text()), "run": run_dir.run, **more}))
    made.path.rename(run_dir.path)
    workspace.note_table(run_dir.run, table)
    return run_dir


@pytest.fixture
def compare(shaped_page: Page, server: Server, run_dir: RunDir) -> Iterator[Page]:
    shaped_page.goto(f"{server.url}/?tab=compare&run={run_dir.run}")
    expect(shaped_page.get_by_role("region", name="Try a prompt")).to_be_visible()
    yield shaped_page


def read_answers(run_dir: RunDir) -> list[str]:
    """What base and tuned said to the first test record when the run ended."""
    paths = (run_dir.base_completions, run_dir.tuned_completions)
    return [next(read_lines(path))["completion"] for path in paths]


def test_both_models_answer_as_they_did_in_the_comparison(compare: Page, run_dir: RunDir) -> None:
    card = compare.get_by_role("region", name="Try a prompt")
    card.get_by_label("question").fill("Which colour has box 100?")
    expect(card.get_by_role("region", name="The prompt")).to_contain_text("Which colour has box 100?")
    expect(card.get_by_role("region", name="The prompt")).to_contain_text("### Answer:")
    card.get_by_label("question").press("Control+Enter")
    for name, which, said in zip(("Base", "Tuned"), ("base", "tuned"), read_answers(run_dir), strict=True):
        box = card.get_by_role("region", name=f"Answer of {name}")
        expect(box.locator("..")).to_contain_text("weights", timeout=ANSWERED)
        expect(box.locator("..")).to_contain_text(read_state(run_dir).metrics[which]["weights_sha256"][:12])
        assert said.split() == box.text_content().replace("↵", " ").split()  # type: ignore[union-attr]
    card.get_by_text("Asked before").click()
    first = card.locator("li").first
    expect(first).to_contain_text("Which colour has box 100?")
    expect(first).to_contain_text("greedy, 8 tokens at most")
    check_screen(compare)
    compare.reload()
    expect(card.get_by_text("Asked before")).to_be_visible()


def test_what_is_drawn_and_stopped_is_kept_and_asked_again(compare: Page) -> None:
    card = compare.get_by_role("region", name="Try a prompt")
    card.get_by_text("Bare prompt").click()
    card.get_by_role("textbox", name="Bare prompt").fill("Box 7 is")
    card.get_by_text("Sampling").click()
    card.get_by_label("Max tokens").fill("1800")
    card.get_by_label("Seed").fill("7")
    card.get_by_role("button", name="Ask both").click()
    expect(card.get_by_text("answering …").first).to_be_visible(timeout=ANSWERED)
    card.get_by_role("button", name="Stop").click()
    expect(card.get_by_text("stopped").first).to_be_visible()
    card.get_by_text("Asked before").click()
    first = card.locator("li").first
    expect(first).to_contain_text("temperature 0.8, top-p 0.95, seed 7, 1,800 tokens at most")
    card.get_by_label("Max tokens").fill("4")
    card.get_by_label("Temperature").fill("9")
    card.get_by_role("button", name="Ask both").click()
    expect(card.get_by_role("alert")).to_contain_text("temperature is 9.")
    first.locator("summary").click()
    first.get_by_role("button", name="Fill in again").click()
    expect(card.get_by_label("Max tokens")).to_have_value("1800")
    expect(card.get_by_label("Temperature")).to_have_value("0.8")


def test_a_checkpoint_answers_the_test_part(compare: Page, run_dir: RunDir) -> None:
    card = compare.get_by_role("region", name="Models of this run")
    step = f"Step {read_state(run_dir).step}"
    row = card.get_by_role("row", name=step)
    expect(row).to_be_visible()
    button = card.get_by_role("button", name=f"Answer: {step} on the test part")
    if button.is_visible():  # the same run in another shape of the page
        button.click()
    expect(row).to_contain_text("7 records", timeout=ANSWERED)
    assert (run_dir.metrics.parent / f"step-{read_state(run_dir).step}.json").exists()
    check_screen(compare)
