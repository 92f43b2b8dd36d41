"""Tokens, lengths and the check on the Prompt stage: what the model will see of one record, and of all."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.conftest import Server, check_screen, visit
from tests.e2e.records import field, load_records, open_record, row_of, table_id

pytestmark = pytest.mark.e2e

HOSTILE = (
    "<script>window.pwned = 1</script> ${window.pwned = 1} {{7*7}} "
    "\u202egnp.exe\u2066 a\u200bb \U0001f468\u200d\U0001f469"
)


def make_records(count: int = 60) -> list[dict[str, Any]]:
    """Questions and answers of growing length; every tenth answer is blank."""
    return [
        {"question": f"What is {n}?", "answer": "" if n % 10 == 9 else "It is " + "so " * n + "much."}
        for n in range(count)
    ]


def open_tokens(page: Page, row: int = 0) -> Locator:
    """Go to Prompt and to the tokens of a row, and return their view."""
    visit(page, "Prompt")
    field = page.get_by_role("spinbutton", name="Row")
    expect(field).not_to_have_value("")  # the stage has come to its row
    field.fill(str(row))
    field.press("Enter")
    if row:
        expect(page).to_have_url(re.compile(rf"row={row}\b"))
    page.get_by_role("radiogroup", name="What to show").get_by_text("Tokens").click()
    expect(tokens(page).first).to_be_visible()
    return page.locator(".token-view")


def tokens(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Tokens").get_by_role("option")


def lengths(page: Page) -> Locator:
    return page.get_by_role("region", name="Token lengths")


def report(page: Page) -> Locator:
    return page.get_by_role("region", name="Check of all records")


def figure(view: Locator, name: str) -> Locator:
    return view.locator(".figures > div").filter(has=view.page.get_by_text(name, exact=True)).locator("dd")


def read_text(page: Page) -> str:
    text = page.get_by_role("listbox", name="Tokens").evaluate("box => box.textContent")
    assert isinstance(text, str)
    return text


def test_every_token_says_what_the_loss_sees_of_it(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "tokens.jsonl", make_records())
    view = open_tokens(page, 3)
    expect(view).to_contain_text("What is 3?")
    expect(view).to_contain_text("made from the train part")
    end = tokens(page).last
    expect(end).to_have_class(re.compile(r"\btrained special\b"))
    text = read_text(page)
    assert "What is 3?" in text and text.endswith("It is so so so much.<|endoftext|>")
    trained = page.locator(".token.trained").evaluate_all("all => all.map(one => one.textContent).join('')")
    assert trained.strip() == "It is so so so much.<|endoftext|>"
    expect(figure(view, "Tokens")).to_have_text(str(tokens(page).count()))
    expect(figure(view, "Trained")).to_contain_text(str(page.locator(".token.trained").count()))
    expect(figure(view, "This record")).to_have_text("fits")
    expect(view).to_contain_text("The end token <|endoftext|> is trained: the model learns where to stop.")

    tip = page.get_by_role("tooltip")
    end.hover()
    expect(tip).to_contain_text(re.compile(r'id 0"<\|endoftext\|>"Special token · Trained on'))
    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()
    page.locator(".tokens [tabindex='0']").focus()
    page.keyboard.press("End")
    expect(end).to_be_focused()
    expect(tip).to_contain_text("Trained on")
    page.keyboard.press("ArrowLeft")
    expect(tokens(page).nth(tokens(page).count() - 2)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    expect(tokens(page).first).to_be_focused()
    expect(tip).to_contain_text("Context only, masked from loss")
    expect(page.locator(".tokens [tabindex]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_max_length_cuts_the_record_and_stays_in_the_draft(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "cut.jsonl", make_records())
    view = open_tokens(page, 40)
    expect(figure(view, "Max length")).to_have_text("512")
    limit = view.get_by_role("spinbutton", name="Max length")
    limit.fill("7")
    limit.press("Enter")
    expect(view).to_contain_text("A whole number from 16 to 2,048.")
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        limit.fill("32")
        limit.press("Enter")
    expect(figure(view, "This record")).to_contain_text("cut")
    expect(view).to_contain_text("lies beyond the max length: here it is not learned")
    cut = page.locator(".token.cut")
    expect(cut.last).to_be_visible()
    assert tokens(page).count() - cut.count() == 32
    slider = page.get_by_role("slider", name="Max length")
    expect(slider).to_have_attribute(
        "aria-valuetext", re.compile(r"^32 tokens: \d+ fit, [1-9]\d* cut, 0 lost$")
    )
    page.reload()
    expect(slider).to_have_attribute("aria-valuenow", "32")


def test_the_line_counts_what_fits_and_a_bar_opens_its_records(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "lengths.jsonl", make_records())
    visit(page, "Prompt")
    slider = page.get_by_role("slider", name="Max length")
    expect(slider).to_have_attribute("aria-valuetext", "512 tokens: 60 fit, 0 cut, 0 lost")
    expect(lengths(page)).to_contain_text(re.compile(r"median \d+(\.5)? · p95 \d+ · p99 \d+ · max \d+"))
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "16 tokens: 6 fit, 54 cut, 0 lost")
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowRight")
    expect(slider).not_to_have_attribute("aria-valuenow", "16")

    box = slider.bounding_box()
    assert box
    page.mouse.move(box["x"] + 6, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 60, steps=4)
    page.mouse.up()
    value = int(slider.get_attribute("aria-valuenow") or 0)
    assert value > 24
    expect(slider).to_have_attribute("aria-valuetext", re.compile(rf"^{value} tokens: \d+ fit"))
    fit, cut, lost = (
        int(figure(lengths(page), name).inner_text().split()[0]) for name in ("Fit", "Cut", "Lost")
    )
    assert (fit + cut + lost, fit > 0, cut > 0) == (60, True, True)

    bars = lengths(page).get_by_role("group", name="Records by token length").get_by_role("button")
    label = bars.nth(1).get_attribute("aria-label") or ""
    found = re.fullmatch(r"(\d+ .*tokens?), (\d+) records?\. Show them", label)
    assert found
    bars.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("[data-count]")).to_have_text(f"{found[2]} of 60 match")
    expect(page.get_by_role("group", name="Filters")).to_contain_text(re.compile(r"Tokens: \d+"))


def test_findings_lead_to_their_records_and_what_stops_a_launch_comes_first(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "findings.jsonl", make_records())
    visit(page, "Prompt")
    blank = report(page).get_by_role("listitem").filter(has_text="Blank completion")
    expect(blank).to_contain_text("6 records")
    expect(report(page)).to_contain_text("60 records render; nothing stops a launch.")
    blank.get_by_text("Blank completion").click()
    expect(blank).to_contain_text("the model learns to say nothing")
    for row in (9, 19):
        blank.get_by_role("button", name="Next record").click()
        expect(page.get_by_role("spinbutton", name="Row")).to_have_value(str(row))

    slider = page.get_by_role("slider", name="Max length")
    slider.focus()
    page.keyboard.press("Home")
    expect(report(page)).to_contain_text("Answer cut")
    page.get_by_role("button", name="Show records: Blank completion").click()
    expect(page.locator("[data-count]")).to_have_text("6 of 60 match")
    expect(page.get_by_role("group", name="Filters")).to_contain_text("Finding: Blank completion")
    page.go_back()
    expect(blank).to_be_visible()

    prompts = [{"question": "why " * 40, "answer": "So."}] * 3
    load_records(page, server, tmp_path / "stops.jsonl", prompts)
    visit(page, "Prompt")
    expect(report(page).locator(".report-sum.calm")).to_have_text("3 records render; nothing stops a launch.")
    slider.focus()
    page.keyboard.press("Home")
    expect(report(page)).to_contain_text("1 finding stops a launch. 3 records render.")
    expect(report(page).get_by_role("listitem").first).to_contain_text("Nothing is trainedstops a launch")


def test_a_tokenizer_is_chosen_waited_for_and_said_why_it_failed(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "choice.jsonl", make_records())
    view = open_tokens(page)
    page.get_by_role("button", name="Tokenizer tiny").click()
    panel = page.get_by_role("dialog", name="Tokenizer")
    expect(panel.get_by_role("button", name="tiny")).to_be_focused()
    panel.get_by_label("An id of the Hub").fill("gpt2")
    panel.get_by_label("An id of the Hub").press("Enter")
    expect(panel).to_contain_text("Write an id such as org/name")
    panel.get_by_label("A folder of this machine").fill(str(tmp_path / "none"))
    panel.get_by_role("button", name="Use folder").click()
    expect(view.get_by_role("alert").first).to_contain_text("none")
    expect(tokens(page).first).to_be_hidden()

    waits = iter([True])

    def answer(route: Route) -> None:
        body = {**json.loads(route.request.post_data or ""), "tokenizer": "tiny"}
        if next(waits, False):
            route.fulfill(json={"state": "preparing", "doing": "fetching", "problem": None, "about": None})
        else:
            route.continue_(post_data=json.dumps(body))

    page.route("**/tokens", answer)
    page.get_by_role("button", name="Tokenizer none").click()
    panel.get_by_label("An id of the Hub").fill("org/name")
    panel.get_by_role("button", name="Use hub").click()
    expect(view).to_contain_text("Fetching the tokenizer from the Hub")
    expect(tokens(page).first).to_be_visible()


@pytest.mark.detail
def test_an_older_answer_never_takes_the_place_of_a_newer_one(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "stale.jsonl", make_records())
    open_tokens(page, 3)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if json.loads(route.request.post_data or "")["row"] == 5:
            held.append(route)
        else:
            route.continue_()

    page.route("**/tokens", hold)
    with page.expect_request("**/tokens"):
        page.get_by_role("button", name="Next row").click()
        page.get_by_role("button", name="Next row").click()
    page.get_by_role("button", name="Next row").click()
    for route in held:
        route.continue_()
    expect(page.get_by_role("listbox", name="Tokens")).to_contain_text("What is 6?")


def test_hostile_texts_are_shown_exactly_and_every_state_can_be_read(
    shaped_page: Page, server: Server, tmp_path: Path
) -> None:
    page = shaped_page
    answer = "\u05e9\u05dc\u05d5\u05dd\tso\r\n\0"
    hostile = {"question": HOSTILE, "answer": answer}
    load_records(page, server, tmp_path / "hostile.jsonl", [hostile, *make_records(20)])
    open_tokens(page)
    text = read_text(page)
    assert HOSTILE in text and answer in text
    slider = page.get_by_role("slider", name="Max length")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^16 tokens: "))
    expect(page.locator(".token.cut").first).to_be_visible()
    expect(report(page).get_by_role("listitem").first).to_be_visible()
    check_screen(page)
    page.get_by_role("button", name="Tokenizer tiny").click()
    expect(page.get_by_role("dialog", name="Tokenizer").get_by_role("button", name="tiny")).to_be_visible()
    check_screen(page)
    assert page.evaluate("window.pwned") is None


@pytest.mark.detail
def test_of_an_endless_text_the_first_tokens_are_shown_and_all_are_counted(
    page: Page, server: Server, tmp_path: Path
) -> None:
    endless = {"question": "x y " * 40_000, "answer": "no"}
    load_records(page, server, tmp_path / "endless.jsonl", [endless, *make_records(5)])
    view = open_tokens(page)
    expect(view).to_contain_text(re.compile(r"The first 4,000 of [\d,]+ tokens are shown"))
    expect(tokens(page)).to_have_count(4000)
    expect(figure(view, "This record")).to_contain_text("lost")
    page.locator(".tokens [tabindex='0']").focus()
    page.keyboard.press("End")
    expect(tokens(page).last).to_be_focused()


def test_the_record_beside_the_table_says_its_tokens_once_a_tokenizer_was_chosen(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "counts.jsonl", make_records())
    open_record(page, 3)
    expect(field(page, "question")).to_contain_text("10 characters")
    expect(field(page, "question")).not_to_contain_text("tokens")
    key = f"studio.tokenizer.{table_id(page)}"
    page.evaluate("key => localStorage.setItem(key, 'tiny')", key)
    row_of(page, 4).locator("td").last.click()
    expect(field(page, "question")).to_contain_text(re.compile(r"10 characters · \d+ tokens"))
    expect(field(page, "answer")).to_contain_text(re.compile(r"characters · \d+ tokens"))
