"""The runs of Fine-tune as they are watched: the panel of one, the chart of several, the list of all.

The runs are folders that a test writes as a worker would; a living one has its lock held by the test.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from studio.job import remove_run
from studio.run import Event, RunDir, RunState, hold_run, write_event, write_json, write_state
from studio.settings import Settings
from studio.workspace import Workspace
from tests.e2e.conftest import Server, check_screen
from tests.e2e.records import load_records, table_id
from tests.web.boundary import store_run

pytestmark = [pytest.mark.e2e, pytest.mark.detail]

ROWS: list[dict[str, Any]] = [{"question": f"What is {n}?", "answer": f"It is {n}."} for n in range(20)]
BEGUN = "2026-01-0{}T10:00:00Z"
DATA = {"tokens": 500, "tokens_per_second": 4321.0, "memory": 812_000_000}


class Runs:
    """Runs in the workspace of the server, gone when the test is over."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.made: list[RunDir] = []
        self.held: list[int] = []

    def add(self, state: str, name: str = "", *, alive: bool = False, **more: Any) -> RunDir:
        begun = BEGUN.format(len(self.made) + 1) if state != "queued" else ""
        run_dir = store_run(self.workspace, state, started=begun, **{"events": 0, "steps": 90, **more})
        if name:
            write_json(run_dir.label, {"name": name, "notes": ""})
        if alive:
            self.held.append(hold_run(run_dir))
        self.made.append(run_dir)
        return run_dir

    def clear(self) -> None:
        for lock in self.held:
            os.close(lock)
        for run_dir in self.made:
            shutil.rmtree(run_dir.path, ignore_errors=True)
            shutil.rmtree(run_dir.path.parent / ".removed" / run_dir.run, ignore_errors=True)


@pytest.fixture
def runs(server: Server) -> Iterator[Runs]:
    runs = Runs(Workspace(Settings(workspace=server.workspace)))
    yield runs
    runs.clear()


def learn(run_dir: RunDir, first: int, last: int, *, every: int = 10) -> None:
    """The events of some steps, with an evaluation and its answers now and then."""
    for step in range(first, last + 1):
        loss = 8 - step * 0.05
        write_event(
            run_dir,
            Event(
                event="progress", step=step, steps=90, loss=loss, learning_rate=0.004, eta=9.0, details=DATA
            ),
        )
        if step % every == 0:
            write_event(run_dir, Event(event="evaluation", step=step, steps=90, eval_loss=loss + 0.1))
            sample = {"row": 3, "prompt": "### Question:\nWho?\n", "expected": "Me", "finished": True}
            answer = {**sample, "completion": "Me" if step >= 30 else f"<b>Not yet</b> ${{{step}}}"}
            write_event(run_dir, Event(event="samples", step=step, details={"samples": [answer]}))


def come(page: Page, server: Server, tmp_path: Path, run_dir: RunDir) -> Locator:
    """Load a table, come to Fine-tune at a run, and return its panel."""
    load_records(page, server, tmp_path / "rows.jsonl", ROWS)
    page.goto(f"{server.url}/?tab=finetune&table={table_id(page)}&run={run_dir.run}")
    card = page.get_by_role("region", name="Fine-tune", exact=True)
    expect(card.locator("[data-run]")).to_have_text(run_dir.run[:8])
    return card


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name="List of runs").get_by_role("row").filter(has_text=name)


def figure(card: Locator, name: str) -> Locator:
    return card.locator(".figures > div").filter(has_text=name).locator("dd")


def test_a_run_is_watched_as_it_learns(page: Page, server: Server, tmp_path: Path, runs: Runs) -> None:
    run_dir = runs.add("running", "Night run", alive=True)
    learn(run_dir, 1, 20)
    card = come(page, server, tmp_path, run_dir)
    state = card.get_by_role("status").first
    expect(state).to_have_text("running")
    expect(figure(card, "Step")).to_have_text("20 / 90")
    expect(figure(card, "Tokens/s")).to_have_text("4,321")
    expect(figure(card, "Memory")).to_have_text("812 MB")
    expect(figure(card, "Learning rate")).to_have_text("0.004")
    answers = card.get_by_role("region", name="Answers as it learns")
    expect(answers).to_contain_text("<b>Not yet</b> ${20}")
    learn(run_dir, 21, 30)
    expect(figure(card, "Validation loss")).to_contain_text("6.600")
    expect(answers).to_contain_text("Step 30 · 3 of 3")
    expect(answers).to_contain_text("as expected")
    answers.get_by_label("The evaluation before").click()
    expect(answers).to_contain_text("Step 20 · 2 of 3")
    learn(run_dir, 31, 40)
    expect(answers).to_contain_text("Step 20 · 2 of 4")  # a person has chosen it
    write_state(run_dir, RunState(run=run_dir.run, state="succeeded", step=40, steps=90))
    expect(state).to_have_text("succeeded")
    check_screen(page)


def test_the_chart_tells_its_values_and_keeps_how_it_is_drawn(
    page: Page, server: Server, tmp_path: Path, runs: Runs
) -> None:
    run_dir = runs.add("succeeded")
    learn(run_dir, 1, 30)
    card = come(page, server, tmp_path, run_dir)
    expect(card.get_by_role("img", name="Loss by step")).to_be_visible()
    cursor = card.get_by_role("slider", name="Loss by step")
    cursor.focus()
    page.keyboard.press("Home")
    expect(card.locator(".chart-tip")).to_have_text("Step 1Training7.950")
    page.keyboard.press("End")
    expect(card.locator(".chart-tip")).to_have_text("Step 30Training6.500Validation6.600")
    assert cursor.get_attribute("aria-valuetext") == "Step 30: Training 6.500, Validation 6.600"
    page.keyboard.press("Home")
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(card.get_by_role("region", name="Answers as it learns")).to_contain_text("Step 10 · 1 of 3")
    card.get_by_label("What the chart shows").select_option("Memory")
    expect(card.get_by_role("img", name=re.compile("Memory by step.*812 MB"))).to_be_visible()
    card.get_by_label("What the chart shows").select_option("Loss")
    card.get_by_label("Log scale").check()
    page.reload()
    expect(card.get_by_label("Log scale")).to_be_checked()


def test_several_runs_are_on_one_chart(page: Page, server: Server, tmp_path: Path, runs: Runs) -> None:
    first, second = runs.add("succeeded", "First"), runs.add("succeeded", "Second")
    learn(first, 1, 30)
    learn(second, 1, 20)
    card = come(page, server, tmp_path, first)
    page.get_by_label("Second on the chart").check()
    expect(card.locator(".curve-legend")).to_contain_text("Second · best 7.100")
    card.get_by_role("slider", name="Loss by step").focus()
    page.keyboard.press("End")
    expect(card.locator(".chart-tip")).to_have_text(
        "Step 30First, training6.500First, validation6.600"  # the second was over by then
    )
    check_screen(page)
    card.get_by_label("Take Second off the chart").click()
    expect(page.get_by_label("Second on the chart")).not_to_be_checked()
    expect(card.locator(".curve-legend")).not_to_contain_text("Second")


def test_a_run_whose_folder_vanishes_while_it_is_watched_says_so(
    page: Page, server: Server, tmp_path: Path, runs: Runs
) -> None:
    run_dir = runs.add("running", alive=True)
    learn(run_dir, 1, 10)
    card = come(page, server, tmp_path, run_dir)
    expect(figure(card, "Step")).to_have_text("10 / 90")
    shutil.rmtree(run_dir.path)
    expect(card).to_contain_text(f"There is no run {run_dir.run}.")
    expect(card).to_contain_text("What was seen of it stays here until you leave.")
    expect(card.get_by_role("status").first).to_have_text("no longer there")
    expect(card.get_by_role("button", name="Cancel")).to_be_hidden()
    expect(card.get_by_role("img", name="Loss by step")).to_be_visible()


def test_a_run_that_was_removed_in_another_tab_can_be_brought_back(
    page: Page, server: Server, tmp_path: Path, runs: Runs
) -> None:
    run_dir = runs.add("cancelled", "Gone", reason="stopped on request")
    learn(run_dir, 1, 10)
    card = come(page, server, tmp_path, run_dir)
    expect(card.get_by_role("button", name="Go on")).to_be_visible()
    remove_run(run_dir)
    expect(card).to_contain_text("This run was removed.")
    expect(card.get_by_role("button", name="Go on")).to_be_hidden()
    card.get_by_role("button", name="Bring it back").click()
    expect(card.get_by_role("status").first).to_have_text("cancelled")
    expect(card.get_by_role("button", name="Go on")).to_be_visible()


def test_faults_are_told_in_words_with_the_last_log_lines(
    page: Page, server: Server, tmp_path: Path, runs: Runs
) -> None:
    run_dir = runs.add("running", events=3)  # its worker is not there
    run_dir.log.write_text("step 2 of 90\nstep 3 of 90\n")
    card = come(page, server, tmp_path, run_dir)
    expect(card.get_by_role("alert")).to_have_text(
        "The worker died.No checkpoint is kept: it would begin anew."
    )
    expect(card.get_by_label("The last log lines")).to_have_text("step 2 of 90\nstep 3 of 90")
    card.get_by_text("Log", exact=True).click()
    card.get_by_label("Search the log").fill("STEP 2")
    expect(card.locator("[data-log] mark")).to_have_text("step 2")
    expect(card.get_by_text("1 line with it")).to_be_visible()
    check_screen(page)


def test_a_waiting_run_says_for_what_and_its_place_can_be_changed(
    page: Page, server: Server, tmp_path: Path, runs: Runs
) -> None:
    runs.add("running", "At work", alive=True, device="cpu")
    waiting = [runs.add("queued", name, alive=True) for name in ("Second", "Third")]
    for place, run_dir in enumerate(waiting, start=1):
        run_dir.place.write_text(f"{place}\n")
    card = come(page, server, tmp_path, waiting[1])
    expect(card).to_contain_text("1 run before it in the queue.At work: At work.")
    card.get_by_role("button", name="Run it next").click()
    expect(card).to_contain_text("It begins as soon as the run at work is over.")
    expect(row_of(page, "Second")).to_contain_text("queued, place 2")
    page.get_by_role("button", name="Sooner: Second").click()
    expect(row_of(page, "Second")).to_contain_text("queued, next")
    chip = page.get_by_role("button", name=re.compile("^Fine-tune: 0 % · 2 more"))
    page.get_by_role("link", name="Browse").click()
    chip.click()
    expect(card.get_by_role("heading", level=2)).to_have_text("At work")


def test_runs_are_sorted_named_removed_and_brought_back(
    page: Page, server: Server, tmp_path: Path, runs: Runs
) -> None:
    losses = {"Alpha": 3.0, "Beta": 2.0, "Gamma": None}
    for name, loss in losses.items():
        metrics = {"base": {"loss": 7.0}, "tuned": {"loss": loss}} if loss else {}
        runs.add("succeeded", name, metrics=metrics)
    card = come(page, server, tmp_path, runs.made[0])
    listed = page.get_by_role("region", name="List of runs").locator("tbody .run-name")
    expect(listed).to_have_text(["Gamma", "Beta", "Alpha"])
    page.get_by_role("button", name="Test loss").click()
    expect(listed).to_have_text(["Beta", "Alpha", "Gamma"])
    page.get_by_role("button", name="Test loss").click()
    expect(listed).to_have_text(["Alpha", "Beta", "Gamma"])
    expect(page.get_by_role("columnheader", name="Test loss")).to_have_attribute("aria-sort", "descending")
    page.get_by_label("Name and notes of Alpha").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("<b>First</b>")
    page.get_by_role("textbox", name="Notes").fill("max_length 256")
    page.get_by_role("button", name="Save").click()
    expect(listed.first).to_have_text("<b>First</b>max_length 256")
    expect(card.get_by_role("heading", level=2)).to_have_text("<b>First</b>")
    page.get_by_label("Remove Beta").click()
    expect(listed).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(listed).to_have_count(3)
    page.get_by_label("Remove Beta").click()
    page.get_by_text("1 run removed").click()
    check_screen(page)
    page.get_by_label("Restore Beta").click()
    expect(listed).to_have_count(3)
    expect(page.get_by_text("1 run removed")).to_be_hidden()
    page.get_by_label("Remove Beta").click()
    page.get_by_text("1 run removed").click()
    page.get_by_label("Delete Beta for good").click()
    page.get_by_role("button", name="Delete Beta for good").filter(has_text="For good?").click()
    expect(page.get_by_text("1 run removed")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 420])
def test_the_panel_fits_a_phone(page: Page, server: Server, tmp_path: Path, runs: Runs, width: int) -> None:
    run_dir = runs.add(
        "failed", "A name as long as a name may be " * 2, kind="disk", reason="The disk is full."
    )
    learn(run_dir, 1, 30)
    page.set_viewport_size({"width": width, "height": 800})
    come(page, server, tmp_path, run_dir)
    check_screen(page)


def test_a_run_that_is_chosen_in_the_list_is_brought_into_view(
    page: Page, server: Server, tmp_path: Path, runs: Runs
) -> None:
    shown, other = runs.add("succeeded", "First"), runs.add("succeeded", "Second")
    learn(shown, 1, 30)
    learn(other, 1, 20)
    card = come(page, server, tmp_path, shown)
    page.get_by_role("button", name="Show Second").click()
    expect(card.get_by_role("heading", level=2)).to_have_text("Second")
    expect(card.get_by_role("heading", level=2)).to_be_in_viewport()
