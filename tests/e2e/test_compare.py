"""The Compare stage: scores, the records that changed, what was learnt by heart, marks by key, and links."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from studio.run import RunDir, hold_run
from studio.settings import Settings
from studio.workspace import Workspace
from tests.e2e.compared import ANSWERS, DECODING, store_answers
from tests.e2e.conftest import Server, check_screen

pytestmark = [pytest.mark.e2e, pytest.mark.detail]


@pytest.fixture(scope="module")
def table(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A table that runs are made from."""
    return load_table(server, tmp_path_factory.mktemp("source") / "sums.jsonl")


def load_table(server: Server, path: Path) -> str:
    path.write_text(json.dumps({"question": f"What is in {path}?", "answer": "2"}) + "\n")
    load = [sys.executable, "-m", "studio", "load", str(path), "--json", "--workspace", str(server.workspace)]
    done = subprocess.run(load, capture_output=True, text=True, check=True)
    return str(json.loads(done.stdout)["id"])


@pytest.fixture(autouse=True)
def put_away(server: Server, table: str) -> Iterator[None]:
    """Each test has the runs that it stores, and no other."""
    yield
    workspace = Workspace(Settings(workspace=server.workspace))
    for run in workspace.runs_of(table):
        shutil.rmtree(workspace.run(run).path)


@pytest.fixture
def run(server: Server, table: str) -> RunDir:
    return store_answers(server.workspace, table)


def open_compare(
    page: Page, server: Server, table: str, run_dir: RunDir | None = None, more: str = ""
) -> None:
    run = f"&run={run_dir.run}" if run_dir else ""
    page.goto(f"{server.url}/?tab=compare&table={table}{run}{more}")


def record(page: Page, row: int) -> Locator:
    return page.get_by_role("article", name=f"Test record {row}", exact=True)


def focused(page: Page) -> str | None:
    return page.evaluate("document.activeElement.getAttribute('aria-label')")


def test_scores_say_what_got_better_and_what_may_be_concluded(
    shaped_page: Page, server: Server, table: str, run: RunDir
) -> None:
    page = shaped_page
    open_compare(page, server, table)
    scores = page.get_by_role("region", name="Scores", exact=True)
    expect(scores).to_contain_text("22 records")
    f1 = scores.get_by_role("row", name="Token F1")
    expect(f1).to_contain_text("better")
    expect(f1.locator("svg")).to_have_count(1)
    expect(page.get_by_text("1–10 of 22 test records")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["run"] == [run.run]
    check_screen(page)
    record(page, 0).get_by_role("button", name="Nearest training records").click()
    expect(record(page, 0).get_by_role("region")).to_contain_text("Training record")
    check_screen(page)


def test_what_got_worse_stands_alone_with_its_differences_marked(
    page: Page, server: Server, table: str, run: RunDir
) -> None:
    open_compare(page, server, table, run)
    page.get_by_role("radio", name="Got worse 1").check()
    expect(page.get_by_role("article")).to_have_count(1)
    worse = record(page, 5)
    expect(worse).to_contain_text("got worse by")
    expect(worse.locator(".is-after .extra")).to_have_text(["<b>${six}</b>"])
    expect(worse.locator(".is-expected .missing")).to_have_text(["five"])
    expect(worse.locator(".is-before .extra")).to_have_count(0)
    page.get_by_label("What is marked in the answers").select_option("Mark what is shared")
    expect(worse.locator(".is-after .shared")).to_have_text(["It is ", "."])
    page.reload()
    expect(page.get_by_role("radio", name="Got worse 1")).to_be_checked()
    expect(page.get_by_label("What is marked in the answers")).to_have_value("shared")
    expect(page.get_by_role("article")).to_have_count(1)


def test_records_are_sorted_searched_and_turned_and_the_address_says_so(
    page: Page, server: Server, table: str, run: RunDir
) -> None:
    open_compare(page, server, table, run)
    page.get_by_label("Sort").select_option("Most worsened first")
    expect(page.get_by_role("article").first).to_have_attribute("aria-label", "Test record 5")
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("11–20 of 22 test records")).to_be_visible()
    page.get_by_role("searchbox", name="Search prompts and answers").fill("PLUS 7")
    expect(page.get_by_text("1–1 of 1 records found")).to_be_visible()
    expect(record(page, 7).locator("mark").first).to_have_text("plus 7")
    query = parse_qs(urlsplit(page.url).query)
    assert (query["order"], query["find"], query.get("at")) == (["worse"], ["PLUS 7"], None)
    page.go_back()
    expect(page.get_by_text("11–20 of 22 test records")).to_be_visible()
    page.get_by_role("searchbox", name="Search prompts and answers").fill("nowhere")
    expect(page.get_by_text("No test record is like that")).to_be_visible()
    page.get_by_role("button", name="Clear the search").click()
    expect(page.get_by_text("1–10 of 22 test records")).to_be_visible()


def test_marks_are_made_by_key_counted_kept_and_undone(
    page: Page, server: Server, table: str, run: RunDir
) -> None:
    open_compare(page, server, table, run)
    expect(record(page, 0)).to_be_visible()
    for key in "jbjwjs":
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    expect(page.get_by_text("Your marks: 1 better · 1 same · 1 worse")).to_be_visible()
    assert focused(page) == "Test record 2"
    page.keyboard.press("k")
    pressed = record(page, 1).get_by_role("button", name="Worse", exact=True)
    expect(pressed).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("w")
    expect(page.get_by_text("Your marks: 1 better · 1 same · 0 worse")).to_be_visible()
    page.keyboard.press("u")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    page.get_by_role("searchbox", name="Search prompts and answers").press_sequentially("bw")
    expect(page.get_by_text("Your marks: 1 better · 1 same · 1 worse")).to_be_visible()
    page.get_by_role("button", name="Clear the search").click()
    page.reload()
    page.get_by_role("radio", name="Marked 3").check()
    expect(page.get_by_role("article")).to_have_count(3)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("open or close the nearest training records")


def test_the_keys_move_on_to_the_next_page(page: Page, server: Server, table: str, run: RunDir) -> None:
    open_compare(page, server, table, run)
    record(page, 9).focus()
    page.keyboard.press("j")
    expect(record(page, 10)).to_be_focused()
    page.keyboard.press("k")
    expect(record(page, 9)).to_be_focused()
    page.keyboard.press("n")
    expect(record(page, 9).get_by_role("region")).to_contain_text("Training record")


def test_an_answer_that_was_learnt_by_heart_shows(
    page: Page, server: Server, table: str, run: RunDir
) -> None:
    open_compare(page, server, table, run)
    record(page, 4).get_by_role("button", name="Nearest training records").click()
    near = record(page, 4).get_by_role("region")
    expect(near).to_contain_text("nearly one that was learnt, for another prompt")
    expect(near.locator(".near").first).to_contain_text("Training record 40")
    expect(near.locator(".near").first).to_contain_text("answer 100 % alike")
    expect(near.locator(".near").first.locator(".extra")).to_have_count(0)


def test_a_long_text_is_cut_until_it_is_asked_for(page: Page, server: Server, table: str) -> None:
    long = "It goes on and on. " * 270
    run_dir = store_answers(server.workspace, table, [("Why?" * 400, long, "", long[:-5]), ANSWERS[0]])
    open_compare(page, server, table, run_dir)
    cut = record(page, 0)
    height = cut.bounding_box()["height"]  # type: ignore[index]
    cut.get_by_role("button", name="Show all of it").click()
    expect(cut.get_by_role("button", name="Show less")).to_be_visible()
    assert cut.bounding_box()["height"] > 2 * height  # type: ignore[index]
    expect(cut.locator(".is-before")).to_contain_text("empty")
    expect(record(page, 1).get_by_role("button", name="Show all of it")).to_be_hidden()
    check_screen(page)


def test_what_is_answered_is_shown_while_the_run_is_scored(page: Page, server: Server, table: str) -> None:
    run_dir = store_answers(server.workspace, table, ANSWERS[:3], of=22, state="evaluating")
    lock = hold_run(run_dir)
    open_compare(page, server, table, run_dir)
    expect(page.get_by_text("3 of 22 test records are done")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(3)
    whole = store_answers(server.workspace, table, ANSWERS[:8])
    for name in ("base", "tuned"):
        (run_dir.path / "eval" / f"{name}.jsonl").write_text(
            (whole.path / "eval" / f"{name}.jsonl").read_text()
        )
    expect(page.get_by_text("8 of 22 test records are done")).to_be_visible()
    expect(page.get_by_role("article")).to_have_count(8)
    os.close(lock)


@pytest.mark.parametrize(
    ("state", "answers", "of", "said"),
    [
        ("succeeded", 0, 0, "This run has no test part, so there is nothing to compare."),
        ("succeeded", 1, 1, "One record shows nothing of a model"),
        ("failed", 0, 22, "The run failed before it was scored."),
        ("cancelled", 5, 22, "The run was cancelled; 5 of 22 test records were answered before."),
        ("succeeded", 5, 6, "are damaged"),
    ],
)
def test_a_run_that_cannot_be_compared_says_why(
    page: Page, server: Server, table: str, state: str, answers: int, of: int, said: str
) -> None:
    reason = "out of memory" if state == "failed" else ""
    run_dir = store_answers(server.workspace, table, ANSWERS[:answers], of=of, state=state, reason=reason)
    open_compare(page, server, table, run_dir)
    expect(page.locator("#comparison")).to_contain_text(said)
    expect(page.get_by_role("article")).to_have_count(min(answers, 10))
    check_screen(page)


def test_texts_have_losses_and_no_answers(page: Page, server: Server, table: str) -> None:
    texts = [("", f"A text of {n} words.", None, None) for n in range(3)]
    run_dir = store_answers(server.workspace, table, texts)
    open_compare(page, server, table, run_dir)
    expect(record(page, 0)).to_contain_text("no prompt to complete")
    expect(record(page, 0)).to_contain_text("got better by 2.00 nats")


def test_another_run_is_chosen_and_the_filter_stays(
    page: Page, server: Server, table: str, run: RunDir
) -> None:
    other = store_answers(server.workspace, table, ANSWERS[:7], started="2026-11-21T10:00:00")
    open_compare(page, server, table, run, "&only=exact")
    expect(page.get_by_text("1–8 of 8 records found")).to_be_visible()
    page.get_by_label("Run", exact=True).select_option(other.run)
    expect(page.get_by_text("1–3 of 3 records found")).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["run"] == [other.run]
    page.go_back()
    expect(page.get_by_text("1–8 of 8 records found")).to_be_visible()


def test_two_sides_are_chosen_and_told_by_a_column(
    page: Page, server: Server, table: str, run: RunDir
) -> None:
    store_checkpoint(run)
    open_compare(page, server, table, run)
    page.get_by_label("After", exact=True).select_option("checkpoint at step 40")
    expect(record(page, 0)).to_contain_text("checkpoint at step 40")
    page.get_by_label("Scores by column").select_option("kind")
    categories = page.get_by_role("region", name="Scores by category")
    expect(categories.get_by_role("row", name="odd")).to_contain_text("11")
    query = parse_qs(urlsplit(page.url).query)
    assert (query["right"], query["by"]) == (["step-40"], ["kind"])
    check_screen(page)
    page.get_by_label("Scores by column").select_option("no column")
    expect(categories).to_be_hidden()
    page.go_back()
    expect(categories.get_by_role("row", name="even")).to_be_visible()


def test_a_comparison_is_taken_along(page: Page, server: Server, table: str, run: RunDir) -> None:
    open_compare(page, server, table, run)
    for kind, begins in (("JSONL answers", "{"), ("CSV table", ""), ("HTML report", "<!doctype html>")):
        page.get_by_role("button", name="Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=kind).click()
        text = Path(download.value.path()).read_text(encoding="utf-8-sig")
        assert text.lower().startswith(begins)
        assert "3 plus 3 is 6." in text


def test_the_head_leads_to_the_judge_and_gives_a_link(
    page: Page, server: Server, table: str, run: RunDir
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_compare(page, server, table, run, "&only=exact")
    expect(page.get_by_role("article")).to_have_count(8)
    page.get_by_role("button", name="Copy link").click()
    assert "only=exact" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Judge").click()
    expect(page.get_by_role("form", name="What the judge is asked")).to_be_visible()


def store_checkpoint(run_dir: RunDir) -> None:
    """An evaluated checkpoint of the run, and the columns of its test records."""
    folder = run_dir.path / "eval"
    (folder / "step-40.jsonl").write_text((folder / "tuned.jsonl").read_text())
    records = len(ANSWERS)
    said = {"which": "step-40", "decoding": DECODING, "weights_sha256": "ef" * 32, "records": records}
    measured = {"loss": 3.0, "perplexity": 20.0, "bits_per_byte": 1.5, "tokens": 7}
    (folder / "step-40.json").write_text(json.dumps(said | measured))
    columns = [{"kind": "odd" if n % 2 else "even", "n": f"{n} {n}"} for n in range(records)]
    (run_dir.data / "test.records.jsonl").write_text("".join(json.dumps(one) + "\n" for one in columns))


def test_without_a_run_it_is_said_what_to_do(page: Page, server: Server, tmp_path: Path) -> None:
    open_compare(page, server, load_table(server, tmp_path / "new.jsonl"))
    expect(page.get_by_role("heading", name="Nothing to compare yet")).to_be_visible()
    expect(page.get_by_role("link", name="Go to Fine-tune")).to_be_visible()
    check_screen(page)
