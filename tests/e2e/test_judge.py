"""The judge on Compare: a model scores both answers, nonsense is listed, what is missing is gone on with."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from studio.run import RunDir
from studio.settings import Settings
from studio.workspace import Workspace
from tests.e2e.conftest import Server, check_screen
from tests.judge_runs import store_answers
from tests.judge_server import STALL, JudgeServer, score_by
from tests.web.boundary import store_table

pytestmark = [pytest.mark.e2e, pytest.mark.detail]

KEY = "sk-canary-3b9d"
FAIR = score_by({"good": "80", "bad": "20"})


def open_judge(page: Page, server: Server) -> tuple[Locator, RunDir]:
    """The judge of a run that is there, opened."""
    workspace = Workspace(Settings(workspace=server.workspace))
    table = store_table(workspace, [{"question": "What?", "answer": "That."}])
    run_dir = store_answers(workspace)
    workspace.note_table(run_dir.run, table)
    page.goto(f"{server.url}/?tab=compare&table={table}&run={run_dir.run}")
    judge = page.locator("#judge")
    judge.get_by_role("heading", name="Judge").click()
    expect(judge.get_by_role("textbox", name="Model")).to_be_visible()
    return judge, run_dir


def ask(judge: Locator, endpoint: str, model: str = "llama3.2") -> None:
    judge.get_by_role("textbox", name="Endpoint").fill(endpoint)
    judge.get_by_role("textbox", name="Model").fill(model)


def test_a_judge_scores_both_answers_and_the_key_stays_in_its_field(
    shaped_page: Page, server: Server
) -> None:
    page = shaped_page
    judge, run_dir = open_judge(page, server)
    with JudgeServer([FAIR, FAIR, "<b>maybe</b> ${1} 7 or 8"], key=KEY) as model:
        ask(judge, model.endpoint)
        expect(judge.get_by_text("This takes 10 calls; at most 11 requests")).to_be_visible()
        judge.get_by_role("spinbutton", name="Most requests").fill("4")
        expect(judge.get_by_text("The budget is enough for 2 of 5 records")).to_be_visible()
        judge.get_by_text("The first question as the judge reads it").click()
        expect(judge.get_by_label("First question")).to_contain_text("correct output `It is 0.`")
        check_screen(page)
        judge.get_by_role("button", name="Judge", exact=True).click()
        expect(judge.get_by_text(re.compile("asks for a key"))).to_be_visible()
        judge.get_by_text("Ask again, or another judge").click()
        judge.get_by_label("Key").fill(KEY)
        judge.get_by_role("button", name="Go on").click()
        expect(judge.get_by_text("The budget is used up.")).to_be_visible()
        judge.get_by_role("button", name="Raise the budget").click()
        expect(judge.get_by_role("spinbutton", name="Most requests")).to_have_value("")
        expect(judge.get_by_text("of which 3 are answered already; at most 12 requests")).to_be_visible()
        judge.get_by_role("button", name="Judge", exact=True).click()
        expect(judge.get_by_text("10 of 10 calls answered · 3 without a number")).to_be_visible()
    expect(judge.get_by_role("row", name="After")).to_contain_text("80.0")
    expect(judge.get_by_text("are a hint, no more")).to_be_visible()
    judge.get_by_text("Replies without a number (3)").click()
    expect(judge.get_by_text("<b>maybe</b> ${1} 7 or 8").first).to_be_visible()
    check_screen(page)
    kept = [path for path in run_dir.path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    assert kept == []
    assert KEY not in page.url + page.evaluate("JSON.stringify(localStorage)")
    page.reload()
    expect(judge).to_contain_text("llama3.2: tuned less base +60.0 of 100")


def test_a_judging_goes_on_when_the_page_is_left_and_can_be_stopped(page: Page, server: Server) -> None:
    judge, _ = open_judge(page, server)
    with JudgeServer([FAIR, FAIR, STALL]) as model:
        ask(judge, model.endpoint)
        judge.get_by_role("button", name="Judge", exact=True).click()
        expect(judge.get_by_text("2 of 10 calls").first).to_be_visible()
        page.reload()
        judge.get_by_role("heading", name="Judge").click()
        expect(judge.get_by_text("llama3.2 is judging")).to_be_visible()
        check_screen(page)
        judge.get_by_role("button", name="Stop").click()
        expect(judge.get_by_text("The judging was stopped.")).to_be_visible()
        model.script = [FAIR]
        judge.get_by_role("button", name="Go on").click()
        expect(judge.get_by_text("10 of 10 calls answered · every reply is a number")).to_be_visible()


def test_a_prompt_of_ones_own_is_refused_as_one_types_and_both_orders_are_told(
    page: Page, server: Server, tmp_path: Path
) -> None:
    judge, _ = open_judge(page, server)
    with JudgeServer([score_by({"First response: `bad": "20 80"}, "70 20")]) as model:
        ask(judge, model.endpoint)
        prompt = judge.get_by_role("textbox", name="Prompt")
        prompt.fill("Score {answer}.")
        expect(judge.get_by_text("asks for {answer}")).to_be_visible()
        expect(judge.get_by_role("button", name="Judge", exact=True)).to_be_disabled()
        judge.get_by_role("button", name="Back to the studio’s prompt").click()
        judge.get_by_label("Both side by side").check()
        expect(prompt).to_have_value(re.compile("First response: `{first}`"))
        judge.get_by_role("button", name="Judge", exact=True).click()
        expect(
            judge.get_by_text("Both orders name the same better answer in 100 % of 5 records")
        ).to_be_visible()
        expect(judge.get_by_text("being shown first is worth -5.0 points")).to_be_visible()
    check_screen(page)
