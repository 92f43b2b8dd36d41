"""The record beside the table: every field exact, copied whole, with findings and the prompt of it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, check_screen, visit
from tests.e2e.records import field, load_records, open_record, panel, row_of

pytestmark = pytest.mark.e2e

CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "What is \u05e9\u05dc\u05d5\u05dd?"},
    {"role": "assistant", "content": "A greeting.\nIt means peace."},
]
HOSTILE = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "${window.pwned = 1}",
    "{{7*7}}",
    "\u202egnp.exe\u2066",
]


def test_every_field_is_shown_exactly(page: Page, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "kinds.jsonl"
    first = '{"text": "one\\n  two\\t-->", "price": 1.50, "big": [12345678901234567890, 1e400], "ok": true,'
    path.write_text(
        first + ' "none": null, "empty": ""}\n{"text": "x", "price": "2", "more": 1}\n', encoding="utf-8"
    )
    page.goto(f"{server.url}/?tab=load")
    page.get_by_label("Choose a file").set_input_files(path)
    expect(page.get_by_role("region", name="Loaded table")).to_contain_text("kinds.jsonl")
    visit(page, "Browse")
    record = open_record(page, 0)
    expect(record).to_contain_text("line 1 of kinds.jsonl")
    assert field(page, "text").locator(".field").evaluate("e => e.textContent") == "one\n  two\t-->"
    expect(field(page, "text")).to_contain_text("13 characters")
    assert field(page, "big").locator(".field").evaluate("e => e.textContent") == (
        "[\n  12345678901234567890,\n  1e400\n]"
    )
    expect(field(page, "price").locator(".field")).to_have_text("1.50")
    expect(field(page, "none")).to_contain_text("null")
    expect(field(page, "empty")).to_contain_text("empty")
    expect(field(page, "more")).to_contain_text("The record does not have this key.")


def test_a_conversation_is_drawn_as_bubbles_in_order(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "chat.jsonl", [{"messages": CHAT}, {"messages": CHAT[1:]}])
    open_record(page, 0)
    turns = field(page, "messages").get_by_role("listitem")
    expect(turns).to_have_text(
        ["systemBe brief.", f"user{CHAT[1]['content']}", f"assistant{CHAT[2]['content']}"]
    )
    field(page, "messages").get_by_text("As JSON").click()
    expect(field(page, "messages").locator(".field.json")).to_contain_text('"role": "system"')


def test_texts_are_never_run(page: Page, server: Server, tmp_path: Path) -> None:
    rows = [{text: text, "list": HOSTILE, "messages": [{"role": text, "content": text}]} for text in HOSTILE]
    load_records(page, server, tmp_path / "<b onclick=1>hostile.jsonl", rows)
    for n, text in enumerate(HOSTILE):
        open_record(page, n)
        expect(field(page, text).locator(".field")).to_have_text(text)
        expect(field(page, "messages").locator(".said")).to_have_text(text)
        expect(field(page, "messages").locator(".role")).to_have_text(text)
    check_screen(page)
    assert page.evaluate("window.pwned") is None


@pytest.mark.detail
def test_copy_gives_the_whole_of_a_long_cell(page: Page, server: Server, tmp_path: Path) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    text = "\ufeff" + "long \u00e9\u4e2d\U0001f600\r\n" * 100_000
    load_records(page, server, tmp_path / "long.jsonl", [{"text": text}, {"text": "short"}])
    open_record(page, 0)
    expect(field(page, "text")).to_contain_text("Copy takes all of them.")
    field(page, "text").get_by_role("button", name="Copy text").click()
    expect(panel(page).get_by_text("text copied")).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()").replace("\r\n", "\n") == text.replace("\r\n", "\n")


@pytest.mark.detail
def test_a_cell_too_long_for_a_box_says_so(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(page, server, tmp_path / "lines.jsonl", [{"text": "line\n" * 100_000}])
    open_record(page, 0)
    field(page, "text").get_by_role("button", name="Edit text").click()
    expect(field(page, "text").get_by_role("alert")).to_contain_text("too long to edit here")


@pytest.mark.detail
def test_hits_of_the_search_are_marked(page: Page, server: Server, tmp_path: Path) -> None:
    rows = [
        {
            "question": "Where is the CAT?",
            "answer": "catalogue",
            "messages": [{"role": "user", "content": 'a "cat"'}],
            "meta": {"cat": ["no", "the cat"]},
        }
    ]
    load_records(page, server, tmp_path / "hits.jsonl", rows)
    page.get_by_role("searchbox").fill("cat")
    expect(page.locator("tbody mark").first).to_be_visible()
    open_record(page, 0)
    expect(field(page, "question").locator("mark")).to_have_text(["CAT"])
    expect(field(page, "answer").locator("mark")).to_have_text(["cat"])
    expect(field(page, "messages").locator("mark")).to_have_text(["cat"])
    expect(field(page, "meta").locator("mark")).to_have_text(["cat", "cat"])


def test_the_prompt_of_the_template_stands_under_the_fields(
    page: Page, server: Server, tmp_path: Path
) -> None:
    load_records(page, server, tmp_path / "qa.jsonl", [{"question": "Why?", "answer": "So.\nIndeed."}] * 3)
    record = open_record(page, 1)
    example = record.get_by_role("group", name="The rendered prompt")
    expect(example.locator(".prompt")).to_contain_text("Why?")
    expect(example.locator(".completion")).to_contain_text("Indeed.")
    record.get_by_role("link", name="Prompt tab").click()
    expect(page.get_by_role("region", name="Rendered example")).to_contain_text("Why?")
    page.get_by_role("textbox", name="Prompt template").fill("{qestion}")
    expect(page.get_by_text("No column named qestion").first).to_be_visible()


@pytest.mark.detail
def test_template_that_does_not_fit_says_so_in_words(page: Page, server: Server, tmp_path: Path) -> None:
    problem = {"message": "No column named qestion.", "hint": "Columns are: question, answer."}
    page.route("**/example", lambda route: route.fulfill(json={"problem": problem, "remarks": []}))
    load_records(page, server, tmp_path / "unfit.jsonl", [{"question": "Why?", "answer": "So."}])
    record = open_record(page, 0)
    expect(record).to_contain_text("No column named qestion.")
    record.get_by_role("link", name="Choose a template on the Prompt tab").click()
    expect(page.get_by_role("heading", name="Prompt", exact=True, level=1)).to_be_visible()


@pytest.mark.detail
def test_findings_are_named_as_heuristics(page: Page, server: Server, tmp_path: Path) -> None:
    rows = [{"question": "Why?", "answer": ""}, {"question": " Who\u200b", "answer": "caf\u00c3\u00a9"}]
    load_records(page, server, tmp_path / "findings.jsonl", rows)
    record = open_record(page, 1)
    record.get_by_text("3 findings").click()
    findings = record.locator(".findings")
    expect(findings).to_contain_text("question begins with a space")
    expect(findings).to_contain_text("U+200B at 5")
    expect(findings).to_contain_text("answer looks like text that was read in the wrong encoding")
    expect(findings).to_contain_text("Heuristics")
    open_record(page, 0)
    record.get_by_text("1 finding").click()
    expect(findings).to_contain_text("answer is empty, and the template uses it")


def test_record_is_readable_in_every_shape(shaped_page: Page, server: Server, tmp_path: Path) -> None:
    rows = [
        {
            "question": f"Question {n} " + "word " * 80,
            "answer": " " + "x" * 3000,
            "messages": CHAT * 6,
            "meta": {"tags": ["a", "b"], "n": n, "deep": {"none": None}},
            "none": None,
        }
        for n in range(3)
    ]
    load_records(shaped_page, server, tmp_path / "shapes.jsonl", rows)
    open_record(shaped_page, 1)
    shaped_page.wait_for_timeout(300)
    check_screen(shaped_page)


@pytest.mark.detail
def test_narrow_record_takes_the_focus_and_gives_it_back(page: Page, server: Server, tmp_path: Path) -> None:
    load_records(
        page, server, tmp_path / "narrow.jsonl", [{"question": f"Q{n}", "answer": "A"} for n in range(5)]
    )
    page.set_viewport_size({"width": 420, "height": 800})
    row_of(page, 2).focus()
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("heading", name="Record 2", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel(page)).to_be_hidden()
    expect(row_of(page, 2)).to_be_focused()
