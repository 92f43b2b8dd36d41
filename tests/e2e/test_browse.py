"""The table of Browse: headers, cells, search, filters, order, layout, pages, keys, selection, place."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server, check_screen
from tests.e2e.records import load_records, row_of

pytestmark = pytest.mark.e2e

TASKS = ("convert", "rewrite", "convert", "translate", "convert", "rewrite")


def make_records(count: int = 120) -> list[dict[str, Any]]:
    """Questions of growing length, a task that comes again and again, a score, and what may be lacking."""
    records: list[dict[str, Any]] = []
    for n in range(count):
        record = {
            "question": f"Question {n}: " + "why " * (n % 40),
            "answer": "" if n % 4 == 0 else f"Answer {n}.\nIt has\nmore\nthan three lines.",
            "task": TASKS[n % len(TASKS)],
            "score": n % 10,
            "meta": {"source": "made", "tags": [n, "en"]},
        }
        records.append(record)
    return records


def count_of(page: Page) -> Locator:
    return page.locator("[data-count]")


def head(page: Page, name: str) -> Locator:
    return page.get_by_role("columnheader").filter(has=page.locator("bdi", has_text=re.compile(f"^{name}$")))


def names_of(page: Page) -> list[str]:
    return page.locator("thead th bdi").all_text_contents()


def rows_of(page: Page) -> list[int]:
    return [int(row) for row in page.locator("tbody tr").evaluate_all("rows => rows.map(r => r.dataset.row)")]


def search(page: Page, text: str) -> None:
    page.get_by_role("searchbox", name="Search all columns").fill(text)


def open_column_menu(page: Page, name: str) -> Locator:
    page.get_by_role("button", name=f"Menu of column {name}").click()
    return page.get_by_role("menu", name=f"Column {name}")


# Headers


def test_headers_say_what_is_in_a_column(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "heads.jsonl", make_records())
    question, answer, task = (head(page, name) for name in ("question", "answer", "task"))
    expect(question).to_contain_text("text")
    expect(question).to_contain_text(re.compile(r"\d+–\d+ chars"))
    expect(answer.get_by_role("button", name="answer: 25 % empty. Filter")).to_be_visible()
    expect(task).to_contain_text("3 values")
    expect(head(page, "score")).to_contain_text("0–9")
    before = question.bounding_box()
    page.reload()
    expect(question).to_contain_text("chars")
    assert question.bounding_box() == before  # room was kept: nothing moved when the figures came


@pytest.mark.detail
def test_every_bar_filters_to_the_records_it_counts(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "bars.jsonl", make_records())
    for name in ("question", "answer", "task", "score", "meta"):
        bars = page.get_by_role("group", name=re.compile(f"of {name}$")).get_by_role("button")
        expect(bars.first).to_be_visible()
        for i in range(min(bars.count(), 4)):
            bar = bars.nth(i)
            label = bar.get_attribute("aria-label") or ""
            match = re.search(r", ([\d,]+) records?\. Filter$", label)
            assert match and label.startswith(f"{name}: ")
            bar.click()
            expect(count_of(page)).to_have_text(f"{match[1]} of 120 match")
            expect(bar).to_have_attribute("aria-pressed", "true")
            bar.click()
            expect(count_of(page)).to_have_text("120 records")


@pytest.mark.detail
def test_bars_are_reached_and_pressed_with_the_keyboard(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "keys.jsonl", make_records())
    bars = page.get_by_role("group", name="Values of task").get_by_role("button")
    bars.first.focus()
    page.keyboard.press("ArrowRight")
    expect(bars.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Filters")).to_contain_text("task is rewrite")
    expect(bars.nth(1)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")
    expect(page.get_by_role("group", name="Filters")).to_contain_text("task is rewrite or convert")
    expect(count_of(page)).to_have_text("100 of 120 match")


def test_a_name_sorts_up_then_down_then_not(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "sort.jsonl", make_records())
    score = head(page, "score")
    expect(row_of(page, 0)).to_be_visible()
    for order, first in (("ascending", [0, 10, 20]), ("descending", [9, 19, 29]), ("none", [0, 1, 2])):
        score.locator(".sort").click()
        expect(score).to_have_attribute("aria-sort", order)
        for place, row in enumerate(first):
            expect(page.locator("tbody tr").nth(place)).to_have_attribute("data-row", str(row))
    score.locator(".sort").click()
    expect(page).to_have_url(re.compile("sort=score"))
    page.reload()
    expect(score).to_have_attribute("aria-sort", "ascending")
    page.go_back()
    expect(score).to_have_attribute("aria-sort", "none")


# Layout


@pytest.mark.detail
def test_widths_hidden_and_pinned_columns_are_kept(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "layout.jsonl", make_records())
    width = "node => Math.round(node.getBoundingClientRect().width)"
    question = head(page, "question")
    edge = question.get_by_role("separator", name="Width of question")
    box = edge.bounding_box()
    assert box
    before = question.evaluate(width)
    page.mouse.move(box["x"] + 3, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 103, box["y"] + 20, steps=4)
    page.mouse.up()
    dragged = question.evaluate(width)
    assert abs(dragged - before - 100) <= 2
    edge.focus()
    page.keyboard.press("ArrowLeft")
    assert question.evaluate(width) == dragged - 16
    expect(edge).to_have_attribute("aria-valuenow", str(dragged - 16))

    open_column_menu(page, "answer").get_by_role("menuitem", name="Hide").click()
    open_column_menu(page, "score").get_by_role("menuitemcheckbox", name="Pin to the left").click()
    expect(head(page, "answer")).to_have_count(0)
    assert names_of(page) == ["score", "question", "task", "meta"]
    page.reload()
    expect(question).to_be_visible()
    assert names_of(page) == ["score", "question", "task", "meta"]
    assert question.evaluate(width) == dragged - 16
    page.locator(".records .scroll").evaluate("node => node.scrollLeft = 400")
    expect(head(page, "score")).to_be_in_viewport()

    page.get_by_role("button", name="Columns", exact=True).click()
    chooser = page.get_by_role("dialog", name="Columns")
    expect(chooser.get_by_role("checkbox", name="answer")).not_to_be_checked()
    chooser.get_by_role("button", name="Reset").click()
    assert names_of(page) == ["question", "answer", "task", "score", "meta"]
    chooser.get_by_role("checkbox", name="meta").press("Space")
    expect(chooser.get_by_role("checkbox", name="meta")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Columns", exact=True)).to_be_focused()
    expect(head(page, "meta")).to_have_count(0)


@pytest.mark.detail
def test_every_column_hidden_says_so(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "hidden.jsonl", [{"a": "x", "b": "y"}])
    for name in ("a", "b"):
        open_column_menu(page, name).get_by_role("menuitem", name="Hide").click()
    expect(page.get_by_text("Every column is hidden.")).to_be_visible()
    page.get_by_role("button", name="Show all columns").click()
    expect(row_of(page, 0)).to_contain_text("x")


# Cells


def test_cells_show_what_is_there_and_what_is_not(page: Page, server: Server, tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}]
    records: list[dict[str, Any]] = [
        {"text": "one\ntwo\nthree\nfour", "data": {"a": [1, 2]}, "chat": turns, "n": 1.5, "other": "x"},
        {"text": "", "data": None, "chat": turns, "n": 2, "other": "x"},
        {"text": "w" * 5000, "data": [], "chat": turns, "n": 3},
        {"text": "مرحبا بالعالم", "data": {}, "chat": turns, "n": 4, "other": "日本語"},
    ]
    load_records(page, server, tmp_path / "cells.jsonl", records)
    cell = lambda row, k: row_of(page, row).get_by_role("cell").nth(k + 1)  # noqa: E731
    expect(cell(0, 0).locator(".cell")).to_have_text("one\ntwo\nthree\nfour", use_inner_text=True)
    expect(cell(1, 0)).to_have_text("empty")
    expect(cell(1, 1)).to_have_text("null")
    expect(cell(2, 4)).to_have_text("missing")
    expect(cell(2, 0).get_by_title("Cut; 5,000 characters in all")).to_be_attached()
    expect(cell(0, 2).get_by_role("listitem")).to_have_text([re.compile("Why"), re.compile("So")])
    mono = cell(0, 1).locator(".cell").evaluate("node => getComputedStyle(node).fontFamily")
    assert "JetBrains" in mono
    drawn = cell(3, 0).locator(".cell").evaluate("n => [getComputedStyle(n).direction, n.dir]")
    assert drawn == ["rtl", "auto"]
    heights = page.locator("tbody tr").evaluate_all("rows => rows.map(r => Math.round(r.offsetHeight))")
    assert len(set(heights)) == 1, heights


@pytest.mark.detail
def test_values_of_a_category_are_chips(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "chips.jsonl", make_records())
    chip = row_of(page, 0).locator("td[data-shape=category] .cell")
    expect(chip).to_have_text("convert")
    assert chip.evaluate("node => getComputedStyle(node).borderRadius") == "10px"


# Search


def test_search_finds_as_it_is_typed_and_marks_hits(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "search.jsonl", make_records())
    page.keyboard.press("/")
    page.keyboard.type("ANSWER 11")
    expect(count_of(page)).to_have_text("9 of 120 match")
    expect(row_of(page, 11).locator("mark")).to_have_text(["Answer 11"])
    page.get_by_role("button", name="Match case").click()
    expect(page.get_by_text("No record matches.")).to_be_visible()
    page.get_by_role("button", name="Match case").click()
    page.get_by_role("button", name="Whole words").click()
    expect(count_of(page)).to_have_text("1 of 120 match")
    expect(page).to_have_url(re.compile("q=ANSWER.*word=1"))
    page.reload()
    expect(count_of(page)).to_have_text("1 of 120 match")
    expect(page.get_by_role("button", name="Whole words")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Clear the search").click()
    expect(count_of(page)).to_have_text("120 records")
    expect(page.get_by_role("searchbox", name="Search all columns")).to_be_focused()


@pytest.mark.detail
def test_expression_that_cannot_be_says_why_and_keeps_the_rows(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "regex.jsonl", make_records())
    page.get_by_role("button", name="Regular expression").click()
    search(page, r"^Answer 1\d\.")
    expect(count_of(page)).to_have_text(re.compile("^[5-9] of 120 match"))
    rows = rows_of(page)
    search(page, "(")
    wrong = page.locator("[data-wrong]")
    expect(wrong).not_to_be_empty()
    expect(page.get_by_role("searchbox", name="Search all columns")).to_have_attribute("aria-invalid", "true")
    assert rows_of(page) == rows
    search(page, "Question")
    expect(wrong).to_be_empty()
    expect(count_of(page)).to_have_text("120 of 120 match")


@pytest.mark.detail
def test_nothing_found_can_be_cleared(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "nothing.jsonl", make_records(50))
    search(page, "nowhere at all")
    expect(page.get_by_text("No record matches.")).to_be_visible()
    page.get_by_role("button", name="Clear search and filters").click()
    expect(count_of(page)).to_have_text("50 records")
    expect(page.get_by_text("1–50 of 50")).to_be_visible()


# Filters


def add_filter(page: Page, column: str, condition: str) -> Locator:
    page.get_by_role("button", name="Add filter").click()
    form = page.get_by_role("dialog", name="Add filter")
    form.get_by_label("Column", exact=True).select_option(column)
    form.get_by_label("Condition", exact=True).select_option(condition)
    return form


def test_filters_are_made_changed_joined_and_taken_away(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "filters.jsonl", make_records())
    form = add_filter(page, "task", "contains")
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_role("alert")).to_have_text("Say which text.")
    form.get_by_label("Text").fill("CONV")
    form.get_by_role("button", name="Add").click()
    expect(count_of(page)).to_have_text("60 of 120 match")
    form = add_filter(page, "score", "is a number between")
    form.get_by_label("From").fill("7")
    form.get_by_role("button", name="Add").click()
    chips = page.get_by_role("group", name="Filters")
    expect(chips).to_contain_text("task contains CONV")
    expect(chips).to_contain_text("score is at least 7")
    expect(count_of(page)).to_have_text("12 of 120 match")
    search(page, "Question 1")
    expect(page).to_have_url(re.compile("q=Question"))
    page.reload()
    expect(chips).to_contain_text("score is at least 7")
    page.get_by_role("button", name="Clear the search").click()

    chips.get_by_role("button", name="task contains CONV", exact=True).click()
    form = page.get_by_role("dialog", name="Change filter")
    form.get_by_label("Not").check()
    form.get_by_role("button", name="Change").click()
    expect(chips).to_contain_text("task does not contain CONV")
    expect(count_of(page)).to_have_text("24 of 120 match")
    chips.get_by_role("button", name="Remove filter: score is at least 7").click()
    expect(count_of(page)).to_have_text("60 of 120 match")
    page.go_back()
    expect(chips).to_contain_text("score is at least 7")
    page.go_forward()
    expect(count_of(page)).to_have_text("60 of 120 match")


@pytest.mark.parametrize(
    ("column", "condition", "words"),
    [
        ("answer", "is empty", "30 of 120 match"),
        ("answer", "is missing", "0 of 120 match"),
        ("answer", "is null", "0 of 120 match"),
    ],
)
@pytest.mark.detail
def test_conditions_without_a_value(
    page: Page, server: Server, tmp_path: Path, column: str, condition: str, words: str
) -> None:
    load_records(page, server, tmp_path / "none.jsonl", make_records())
    add_filter(page, column, condition).get_by_role("button", name="Add").click()
    expect(count_of(page)).to_have_text(words)


@pytest.mark.detail
def test_values_of_a_column_are_offered(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "values.jsonl", make_records())
    expect(page.get_by_role("group", name="Values of task")).to_be_visible()
    form = add_filter(page, "task", "is one of")
    form.get_by_role("checkbox", name="translate").check()
    form.get_by_label("Others, one a line").fill("nothing\nrewrite")
    form.get_by_role("button", name="Add").click()
    expect(count_of(page)).to_have_text("60 of 120 match")
    expect(page.get_by_role("group", name="Filters")).to_contain_text(
        "task is translate or nothing or rewrite"
    )


# The place


def test_a_copied_link_leads_to_the_same_place(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "link.jsonl", make_records())
    search(page, "why")
    expect(count_of(page)).to_have_text("117 of 120 match")
    head(page, "score").locator(".sort").click()
    expect(head(page, "score")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("51–100 of 117")).to_be_visible()
    page.locator("tbody tr").nth(2).locator("td").nth(1).click()
    expect(page.get_by_role("complementary", name="Record")).to_be_visible()
    rows = rows_of(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.get_by_text("51–100 of 117")).to_be_visible()
    expect(other.get_by_role("complementary", name="Record")).to_be_visible()
    assert rows_of(other) == rows
    expect(other.get_by_role("searchbox", name="Search all columns")).to_have_value("why")


@pytest.mark.detail
def test_pages_are_as_long_as_chosen(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "pages.jsonl", make_records(230))
    size = page.get_by_role("combobox", name="Records a page")
    size.select_option("25 a page")
    expect(page.locator("tbody tr")).to_have_count(25)
    page.keyboard.press("Escape")
    size.select_option("100 a page")
    expect(page.get_by_text("1–100 of 230")).to_be_visible()
    page.get_by_role("button", name="Next page").click()
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("201–230 of 230")).to_be_visible()
    expect(page.get_by_role("button", name="Previous page")).to_be_focused()  # Next has nothing left to do
    page.reload()
    expect(page.get_by_text("201–230 of 230")).to_be_visible()


def test_going_to_a_row_lands_on_its_page_and_opens_it(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "rows.jsonl", make_records(230))
    expect(row_of(page, 0)).to_be_visible()
    panel = page.get_by_role("complementary", name="Record")
    page.keyboard.press("g")
    page.keyboard.type("117")
    page.keyboard.press("Enter")
    expect(row_of(page, 117)).to_be_focused()
    expect(page.get_by_text("101–150 of 230")).to_be_visible()
    expect(panel).to_contain_text("Record 117")
    page.keyboard.press("g")
    page.keyboard.type("5000")
    page.keyboard.press("Enter")
    expect(page.locator("[data-wrong]")).to_have_text("There is no row 5,000: the last one is 229.")

    add_filter(page, "answer", "is empty").get_by_role("button", name="Add").click()
    expect(count_of(page)).to_have_text("58 of 230 match")
    row = page.get_by_role("textbox", name="Go to row")
    row.fill("224")
    row.press("Enter")
    expect(page.get_by_text("51–58 of 58")).to_be_visible()
    expect(row_of(page, 224)).to_have_attribute("aria-selected", "true")
    row.fill("225")
    row.press("Enter")
    expect(page.locator("[data-wrong]")).to_contain_text("Row 225 is opened beside")
    expect(panel).to_contain_text("Record 225")


# Keys and selection


def test_the_table_is_read_with_keys_alone(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "alone.jsonl", make_records())
    expect(row_of(page, 0)).to_be_visible()
    panel = page.get_by_role("complementary", name="Record")
    page.keyboard.press("j")
    expect(row_of(page, 0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(row_of(page, 1)).to_be_focused()
    shadow = row_of(page, 1).locator("td").first.evaluate("node => getComputedStyle(node).boxShadow")
    assert shadow != "none"
    expect(panel).to_be_hidden()
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("Record 1")
    page.keyboard.press("ArrowDown")
    expect(panel).to_contain_text("Record 2")
    page.keyboard.press("End")
    expect(panel).to_contain_text("Record 49")
    page.keyboard.press("j")
    expect(row_of(page, 50)).to_be_focused()
    expect(panel).to_contain_text("Record 50")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(row_of(page, 50)).to_be_focused()
    page.keyboard.press("]")
    expect(row_of(page, 100)).to_be_focused()
    page.keyboard.press("[")
    page.keyboard.press("[")
    expect(page.get_by_text("1–50 of 120")).to_be_visible()
    expect(row_of(page, 0)).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(row_of(page, 0)).to_be_focused()
    search(page, "jjkx[]")
    expect(page.get_by_text("No record matches.")).to_be_visible()
    expect(panel).to_be_hidden()


@pytest.mark.detail
def test_rows_are_selected_by_click_range_and_page(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "select.jsonl", make_records())
    tick = lambda row: page.get_by_role("checkbox", name=f"Select record {row}", exact=True)  # noqa: E731
    bar = page.get_by_role("group", name="Selection")
    expect(bar).to_be_hidden()
    tick(2).click()
    expect(tick(2)).to_be_checked()
    expect(bar).to_contain_text("1 selected")
    tick(5).click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 selected")
    page.keyboard.press("j")
    page.keyboard.press("s")
    expect(bar).to_contain_text("5 selected")
    whole = page.get_by_role("checkbox", name="Select all records of this page")
    expect(whole).to_be_checked(indeterminate=True)
    whole.click()
    expect(bar).to_contain_text("50 selected")
    page.get_by_role("button", name="Next page").click()
    expect(whole).not_to_be_checked()
    whole.click()
    expect(bar).to_contain_text("100 selected")
    bar.get_by_role("button", name="Clear").click()
    expect(bar).to_be_hidden()


def test_a_selection_is_excluded_and_restored(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "exclude.jsonl", make_records())
    bar = page.get_by_role("group", name="Selection")
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.keyboard.press("j")
    page.keyboard.press("s")
    bar.get_by_role("button", name="Exclude", exact=True).click()
    for row in (0, 1):
        expect(row_of(page, row)).to_have_class(re.compile(r"\bexcluded\b"))
        expect(row_of(page, row).get_by_text("excluded")).to_be_attached()
    bar.get_by_role("button", name="Restore").click()
    expect(row_of(page, 0)).not_to_have_class(re.compile(r"\bexcluded\b"))
    bar.get_by_role("button", name="Clear").click()
    row_of(page, 3).focus()
    page.keyboard.press("x")
    expect(row_of(page, 3)).to_have_class(re.compile(r"\bexcluded\b"))
    expect(row_of(page, 3)).to_be_focused()
    page.keyboard.press("x")
    expect(row_of(page, 3)).not_to_have_class(re.compile(r"\bexcluded\b"))
    page.keyboard.press("u")
    expect(row_of(page, 3)).to_have_class(re.compile(r"\bexcluded\b"))


@pytest.mark.detail
def test_all_that_match_are_excluded_after_a_question(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "all.jsonl", make_records(230))
    search(page, "Question")
    page.get_by_role("button", name="Exclude all 230 that match").click()
    dialog = page.get_by_role("dialog", name="Exclude all that match?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator("tr.excluded")).to_have_count(0)
    search(page, "rewrite")
    page.get_by_role("button", name=re.compile(r"Exclude all 7\d that match")).click()
    expect(page.locator("tr.excluded")).to_have_count(50)


# Sizes, hostile files, other shapes


@pytest.mark.detail
def test_one_record_and_no_column_look_right(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "one.jsonl", [{"question": "Why?"}])
    expect(count_of(page)).to_have_text("1 record")
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    check_screen(page)
    load_records(page, server, tmp_path / "bare.jsonl", [{}, {}])
    expect(page.get_by_text("The records have no columns")).to_be_visible()


TEXTS = (
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "${window.pwned = 1}",
    "{{7*7}} {question}",
    "\u202egnp.exe\u2066 -->",
    "x" * 10_000,
    "مرحبا بالعالم",
    "y" * 1_000_000,
)
NAMES = ("", "a.b", "{x}", "😀", "__proto__", "<b onclick=1>", "\u202erlo", "n" * 3000, "${window.pwned = 1}")


def make_hostile() -> list[dict[str, Any]]:
    many = {f"column {k}": str(k) for k in range(300)}
    return [dict.fromkeys(NAMES, text) | many for text in TEXTS[:7]] + [{"": TEXTS[7]} | many]


def test_hostile_names_and_texts_never_run_and_never_overflow(
    shaped_page: Page, server: Server, tmp_path: Path
) -> None:
    page = shaped_page
    load_records(page, server, tmp_path / "hostile.jsonl", make_hostile())
    expect(row_of(page, 0)).to_contain_text(TEXTS[0])
    expect(page.locator("thead th")).to_have_count(42)  # the number, forty columns, and how many more
    wide = (page.viewport_size or {"width": 0})["width"] > 760
    if wide:
        expect(head(page, re.escape("{x}"))).to_contain_text("chars")
        head(page, re.escape("{x}")).locator(".distribution button").first.click()
        expect(page.get_by_role("group", name="Filters")).to_contain_text("{x} has 13 to")
        page.get_by_role("button", name=re.compile("Remove filter")).click()
    page.get_by_role("button", name="Columns", exact=True).click()
    chooser = page.get_by_role("dialog", name="Columns")
    chooser.get_by_role("searchbox", name="Find a column").fill("column 299")
    chooser.get_by_role("checkbox", name="column 299").check()
    expect(page.locator("thead th")).to_have_count(43)
    chooser.get_by_role("searchbox", name="Find a column").fill("__proto__")
    chooser.get_by_role("button", name="Pin __proto__ to the left").click()
    expect(page.locator("thead th").nth(1)).to_contain_text("__proto__")
    page.keyboard.press("Escape")
    search(page, "7*7")
    expect(count_of(page)).to_have_text(re.compile("1 of 8 match"))
    page.get_by_role("button", name="Add filter").click()
    check_screen(page)
    page.keyboard.press("Escape")
    row_of(page, 3).locator("td").nth(1).click()
    expect(page.get_by_role("complementary", name="Record")).to_be_visible()
    assert page.evaluate("window.pwned") is None
    assert page.title() == "Browse · Dataset Studio"


@pytest.mark.detail
def test_every_state_can_be_read_in_every_shape(shaped_page: Page, server: Server, tmp_path: Path) -> None:
    page = shaped_page
    load_records(page, server, tmp_path / "shapes.jsonl", make_records())
    expect(row_of(page, 0)).to_be_visible()
    page.wait_for_timeout(500)
    check_screen(page)
    search(page, "Question 1")
    form = add_filter(page, "score", "is a number between")
    form.get_by_label("to", exact=True).fill("8")
    check_screen(page)
    form.get_by_role("button", name="Add").click()
    row_of(page, 10).hover()
    row_of(page, 10).get_by_role("checkbox").click()
    check_screen(page)
    page.get_by_role("button", name="Columns", exact=True).click()
    check_screen(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Exclude", exact=True).click()
    expect(row_of(page, 10)).to_have_class(re.compile(r"\bexcluded\b"))
    check_screen(page)
    expect(page.get_by_role("table")).to_be_visible()
    expect(row_of(page, 10).get_by_role("cell")).to_have_count(6)
    expect(page.get_by_role("columnheader", name=re.compile("question"))).to_be_attached()


@pytest.mark.detail
def test_narrow_screen_sorts_by_a_choice(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "narrow.jsonl", make_records())
    page.set_viewport_size({"width": 420, "height": 800})
    page.get_by_role("combobox", name="Sort").select_option("score ↓")
    expect(page.locator("tbody tr").first).to_have_attribute("data-row", "9")
    expect(page).to_have_url(re.compile("desc=1"))
    label = row_of(page, 9).get_by_role("cell").nth(1)
    assert json.loads(label.evaluate("node => getComputedStyle(node, '::before').content")) == "question"
