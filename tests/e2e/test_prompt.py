"""The Prompt stage: a template is chosen or written, and seen on the person's own records as it is typed."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Server, check_screen, visit
from tests.e2e.records import load_records, table_id

pytestmark = pytest.mark.e2e

ROWS: list[dict[str, Any]] = [{"question": f"Why {n}?", "answer": f"So {n}.\n\tIndeed."} for n in range(12)]
TALK = [
    {"from": "human", "value": "Hi"},
    {"from": "gpt", "value": "Hello"},
    {"from": "human", "value": "Bye"},
]
HOSTILE = [
    "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>",
    "${window.pwned = 1} {{7*7}} {question} {#answer}",
    "\u202egnp.exe\u2066 \u200b\x01 <|endoftext|>",
    "x" * 1_000_000,
]


@pytest.fixture(scope="module")
def table(browser: Browser, server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of a table that most tests look at."""
    page = browser.new_page()
    load_records(page, server, tmp_path_factory.mktemp("prompt") / "whys.jsonl", ROWS)
    found = table_id(page)
    page.close()
    return found


@pytest.fixture
def whys(page: Page, server: Server, table: str) -> Page:
    """The stage with that table as it was at first."""
    begin = {"template": {"style": "question-answer"}, "columns": {}}
    page.request.put(f"{server.url}/api/v1/tables/{table}/prompt", data=begin)
    page.goto(f"{server.url}/?tab=prompt&table={table}")
    expect(example(page)).not_to_be_empty()
    return page


def open_prompt(page: Page, server: Server, path: Path, records: list[dict[str, Any]]) -> None:
    load_records(page, server, path, records, "Prompt")
    expect(example(page)).not_to_be_empty()


def example(page: Page) -> Locator:
    return page.get_by_role("region", name="Rendered example")


def field(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=f"{name} template")


def pieces(page: Page, column: str) -> Locator:
    return example(page).locator(f".piece[data-column='{column}']")


def test_prompt_and_completion_are_told_apart_and_columns_are_lit(whys: Page) -> None:
    page = whys
    field(page, "Prompt").fill("{question} {question}\t?")
    expect(example(page).locator(".prompt")).to_have_text("Why 0? Why 0?\t?", use_inner_text=False)
    expect(example(page).locator(".completion .line-end").first).to_be_attached()
    expect(example(page).locator(".tab").first).to_be_attached()
    pieces(page, "question").first.hover()
    expect(page.locator(".piece.lit")).to_have_count(2)
    expect(page.locator(".raw-field.lit")).to_contain_text("Why 0?")
    expect(page.get_by_text("from column question", exact=True)).to_be_visible()
    pieces(page, "answer").focus()
    expect(page.locator(".piece.lit")).to_have_text(["So 0.\n\tIndeed."], use_inner_text=False)
    page.locator(".raw-field").filter(has_text="question").hover()
    expect(page.get_by_text("from column question", exact=True)).to_be_visible()
    page.get_by_role("button", name="Next row").click()
    expect(page.locator(".raw-field.lit, .raw-field").first).to_contain_text("Why 1?")
    page.get_by_role("spinbutton", name="Row").fill("99")
    page.get_by_role("spinbutton", name="Row").press("Enter")
    expect(example(page)).to_contain_text("Why 11?")
    assert "row=11" in page.url


def test_names_of_columns_are_completed(page: Page, server: Server, tmp_path: Path) -> None:
    rows = [{"question": "Why?", "answer": "So.", "a.b": "dots"}]
    open_prompt(page, server, tmp_path / "names.jsonl", rows)
    prompt, names = field(page, "Prompt"), page.get_by_role("listbox", name="Columns")
    prompt.fill("")
    prompt.press_sequentially("Q: {")
    expect(names.get_by_role("option")).to_have_text(["question", "answer", "a.b"])
    chosen = names.get_by_role("option", selected=True)
    expect(chosen).to_have_text("question")
    prompt.press("ArrowUp")
    expect(chosen).to_have_text("a.b")
    assert prompt.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    typed, listed = prompt.bounding_box(), names.bounding_box()
    assert typed and listed and 0 < listed["x"] - typed["x"] < 80
    above = typed["y"] - listed["y"] - listed["height"]
    assert 0 < listed["y"] - typed["y"] < 60 or 0 <= above < 60
    prompt.press("Enter")
    expect(prompt).to_have_value('Q: {"a.b"}')
    expect(example(page)).to_contain_text("Q: dots")
    prompt.press_sequentially(" {#ans")
    prompt.press("Tab")
    expect(prompt).to_have_value('Q: {"a.b"} {#answer}{/answer}')
    prompt.press_sequentially("{")
    prompt.press("Escape")
    expect(names).to_be_hidden()
    expect(prompt).to_be_focused()
    prompt.press_sequentially("^a")
    names.get_by_role("option", name="answer").click()
    expect(prompt).to_have_value('Q: {"a.b"} {#answer}{^answer}{/answer}{/answer}')
    prompt.press("Control+z")
    expect(prompt).to_have_value('Q: {"a.b"} {#answer}{^a{/answer}')


def test_what_is_wrong_is_shown_at_its_place_as_one_types(whys: Page) -> None:
    page = whys
    prompt = field(page, "Prompt")
    prompt.fill("é😀 {qestion} {answer}")
    expect(page.get_by_text("No column named qestion")).to_be_visible()
    expect(page.get_by_text("Did you mean question?")).to_be_visible()
    expect(page.locator(".code .bad")).to_have_text("{qestion}")
    expect(prompt).to_have_attribute("aria-invalid", "true")
    prompt.fill("é😀 {#answer}{question}")
    expect(page.get_by_text("At character 4 of the prompt")).to_be_visible()
    expect(page.locator(".code :is(.error, .bad)")).to_have_text("{#answer}")
    expect(page.locator(".preview.stale")).to_be_visible()
    prompt.fill("{question}!")
    expect(example(page)).to_contain_text("Why 0?!")
    expect(prompt).to_have_attribute("aria-invalid", "false")
    expect(page.locator(".preview.stale")).to_have_count(0)


def test_a_template_that_does_not_parse_is_never_lost(whys: Page) -> None:
    page = whys
    prompt = field(page, "Prompt")
    prompt.fill("Kept {question")
    expect(page.get_by_text("This text is not saved")).to_be_visible()
    visit(page, "Split")
    visit(page, "Prompt")
    expect(prompt).to_have_value("Kept {question")
    page.reload()
    expect(prompt).to_have_value("Kept {question")
    expect(page.get_by_text("This text is not saved")).to_be_visible()
    visit(page, "Split")  # within the time in which a keystroke is not saved yet
    visit(page, "Prompt")
    prompt.fill("Kept {question}")
    visit(page, "Export")
    page.reload()
    expect(page.get_by_role("link", name="Export", exact=True)).to_have_attribute("aria-current", "page")
    visit(page, "Prompt")
    expect(prompt).to_have_value("Kept {question}")
    expect(page.get_by_text("your own", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Prompt own")).to_be_visible()
    prompt.fill("{")
    page.get_by_role("button", name="Revert").click()
    expect(prompt).to_have_value("Kept {question}")
    page.get_by_role("radio", name="Question / answer").check()
    expect(prompt).to_have_value("### Question:\n{question}\n\n### Answer:")
    page.get_by_role("radio", name="Your own").check()
    expect(prompt).to_have_value("Kept {question}")


@pytest.mark.detail
def test_colours_lie_exactly_under_the_text(whys: Page) -> None:
    page = whys
    text = "a {question}\tb  \n\n  {#answer}long word " * 9 + "x" * 90 + " {/answer}é😀 שלום --> \n"
    field(page, "Prompt").fill(text)
    measure = """area => {
      const colours = area.previousElementSibling;
      const boxes = [area, colours].map(one => one.getBoundingClientRect());
      const [a, b] = boxes.map(({ top, left, width, height }) => [top, left, width, height].join());
      const names = ["font", "letterSpacing", "tabSize", "padding", "whiteSpace", "overflowWrap"];
      const style = one => names.map(name => getComputedStyle(one)[name]).join();
      return [colours.textContent === area.value + "\\n", area.scrollHeight - area.clientHeight, a === b,
        style(area) === style(colours)];
    }"""
    assert field(page, "Prompt").evaluate(measure) == [True, 0, True, True]


def test_messages_are_added_moved_and_removed(whys: Page) -> None:
    page = whys
    kinds = page.get_by_role("radiogroup", name="Example type")
    kinds.get_by_role("radio", name="Messages").check()
    expect(page.get_by_label("Role of message 2")).to_have_value("assistant")
    page.get_by_role("button", name="Add message").click()
    expect(field(page, "Message 3")).to_be_focused()
    field(page, "Message 3").fill("Be brief.")
    page.get_by_label("Role of message 3").select_option("system")
    field(page, "Message 1").fill("Now: {question}")
    page.get_by_role("button", name="Move up message 3").click()
    page.get_by_role("button", name="Move up message 2").click()
    expect(example(page).locator(".role")).to_have_text(["system", "user", "assistant"])
    expect(example(page)).to_contain_text("Now: Why 0?")
    page.get_by_role("button", name="Remove message 2").click()
    expect(example(page).locator(".role")).to_have_text(["system", "assistant"])
    kinds.get_by_role("radio", name="Text").check()
    expect(field(page, "Text")).to_have_value("Be brief.\n\n\n{answer}")
    kinds.get_by_role("radio", name="Messages").check()
    expect(field(page, "Message 1")).to_have_value("Be brief.")
    page.reload()
    expect(field(page, "Message 1")).to_have_value("Be brief.")


def test_a_conversation_is_proposed_with_its_reasons(page: Page, server: Server, tmp_path: Path) -> None:
    rows = [{"conversations": TALK, "id": n} for n in range(4)]
    rows.append({"conversations": [{"from": "robot", "value": "?"}], "id": 4})
    open_prompt(page, server, tmp_path / "talk.jsonl", rows)
    proposal = page.get_by_role("region", name="What the records look like")
    expect(proposal).to_contain_text("from and value")
    kinds = page.get_by_role("radiogroup", name="Example type")
    use = proposal.get_by_role("button", name="Use this").first
    if use.is_visible():
        use.click()
    expect(example(page).locator(".role")).to_have_text(["user", "assistant", "user"])
    kinds.get_by_role("radio", name="Conversation").check()
    expect(page.get_by_label("Role key")).to_have_value("from")
    field(page, "System prompt").fill("You are number {id}.")
    expect(example(page).locator(".role")).to_have_text(["system", "user", "assistant", "user"])
    expect(example(page)).to_contain_text("You are number 0.")
    page.get_by_role("spinbutton", name="Row").fill("4")
    page.get_by_role("spinbutton", name="Row").press("Enter")
    expect(page.locator(".preview").get_by_role("alert")).to_contain_text("Line 5 of talk.jsonl")
    page.get_by_role("button", name="Add role").click()
    page.get_by_label("Role 4 in the data").fill("robot")
    expect(example(page).locator(".role")).to_have_text(["system", "user"])
    check_screen(page)


def test_what_is_formatted_already_is_said(page: Page, server: Server, tmp_path: Path) -> None:
    cell = "### Question:\nWhat is {}?\n\n### Answer:"
    rows = [{"question": cell.format(n), "answer": f"It is {n}."} for n in range(12)]
    open_prompt(page, server, tmp_path / "formatted.jsonl", rows)
    proposal = page.get_by_role("region", name="What the records look like")
    expect(proposal).to_contain_text("### Question:")
    page.get_by_role("radio", name="Question / answer").check()
    expect(example(page)).to_contain_text("### Question:\n### Question:", use_inner_text=False)
    proposal.get_by_role("button", name="Use this: Formatted already").click()
    expect(example(page)).to_have_text(rows[0]["question"] + rows[0]["answer"], use_inner_text=False)
    expect(proposal.get_by_text("in use")).to_be_visible()


def test_two_templates_stand_side_by_side(whys: Page) -> None:
    page = whys
    page.get_by_label("Compare with").select_option("ChatML")
    other = page.get_by_role("region", name="Compared example")
    expect(other).to_contain_text("<|im_start|>user")
    expect(example(page)).to_contain_text("### Question:")
    page.get_by_role("button", name="Next row").click()
    expect(other).to_contain_text("Why 1?")
    other.locator(".piece").first.hover()
    expect(example(page).locator(".piece.lit")).to_have_text("Why 1?")
    page.get_by_label("Compare with").select_option("nothing")
    expect(other).to_be_hidden()


def test_own_templates_are_saved_taken_deleted_and_brought_back(whys: Page) -> None:
    page = whys
    mine = page.get_by_role("region", name="Your templates")
    field(page, "Prompt").fill("Mine: {question}")
    mine.get_by_label("Name of the template").fill("mine")
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_text("mine is saved.")).to_be_visible()
    page.get_by_role("radio", name="Question / answer").check()
    expect(example(page)).to_contain_text("### Question:")
    mine.get_by_role("button", name="Use mine").click()
    expect(example(page)).to_contain_text("Mine: Why 0?")
    page.get_by_label("Compare with").select_option("mine")
    expect(page.get_by_role("region", name="Compared example")).to_contain_text("Mine: Why 0?")
    with page.expect_download() as download:
        mine.get_by_role("button", name="Download mine").click()
    assert "Mine: {question}" in Path(download.value.path()).read_text()
    mine.get_by_role("button", name="Delete mine").click()
    expect(mine.get_by_role("button", name="Use mine")).to_be_hidden()
    mine.get_by_role("button", name="Undo").click()
    expect(mine.get_by_role("button", name="Use mine")).to_be_visible()
    with page.expect_download() as download:
        mine.get_by_role("button", name="Download as YAML").click()
    assert "Mine: {question}" in Path(download.value.path()).read_text()
    mine.get_by_role("button", name="Delete mine").click()


@pytest.mark.detail
def test_a_template_of_another_tool_is_read_in(whys: Page) -> None:
    page = whys
    page.get_by_role("button", name="Import …").click()
    dialog = page.get_by_role("dialog", name="Import a template")
    dialog.get_by_label("Text of the template").fill("{% for x in y %}{{ x }}{% endfor %}")
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_role("button", name="Use this")).to_be_disabled()
    dialog.get_by_label("Text of the template").fill("Say: {{ question }} ||| {{ answer }}")
    expect(dialog.get_by_role("status")).to_be_visible()
    dialog.get_by_role("button", name="Use this").click()
    expect(example(page)).to_contain_text("Say: Why 0?")


def test_the_next_record_with_a_finding_is_shown(page: Page, server: Server, tmp_path: Path) -> None:
    rows = [*ROWS, {"question": "Empty?", "answer": ""}, *ROWS]
    open_prompt(page, server, tmp_path / "finding.jsonl", rows)
    expect(page.locator("#prompt-report")).to_contain_text("Blank completion", timeout=60_000)
    page.get_by_role("button", name="Next finding").click()
    expect(example(page)).to_contain_text("Empty?")
    assert "row=12" in page.url


@pytest.mark.detail
def test_an_answer_that_comes_late_is_dropped(whys: Page) -> None:
    page = whys
    held: list[Any] = []

    def hold(route: Any) -> None:
        if "first" in route.request.post_data:
            held.append(route)
        else:
            route.continue_()

    page.route("**/prompt/preview", hold)
    field(page, "Prompt").fill("first {question}")
    page.wait_for_function("() => true", polling=50)
    with page.expect_request(lambda asked: "second" in (asked.post_data or "")):
        page.wait_for_timeout(200)
        field(page, "Prompt").fill("second {question}")
    expect(example(page)).to_contain_text("second Why 0?")
    assert len(held) == 1
    held[0].abort()
    expect(example(page)).to_contain_text("second Why 0?")


def test_hostile_cells_are_drawn_as_text(page: Page, server: Server, tmp_path: Path) -> None:
    rows = [{"question": text, "answer": text} for text in HOSTILE]
    open_prompt(page, server, tmp_path / "hostile.jsonl", rows)
    field(page, "Prompt").fill("A{question}Z")
    for text in HOSTILE[:3]:
        expect(pieces(page, "question")).to_have_text(text, use_inner_text=False)
        if "\u202e" in text:
            marks = pieces(page, "question").locator(".unseen")
            shown = [mark.get_attribute("data-mark") for mark in marks.all()]
            assert shown == ["RLO", "LRI", "U+200B", "U+0001"]
            assert marks.first.evaluate("e => getComputedStyle(e).unicodeBidi").startswith("isolate")
        page.get_by_role("button", name="Next row").click()
    expect(page.get_by_text("Only the beginning is shown")).to_be_visible()
    page.get_by_label("Compare with").select_option("ChatML")
    expect(page.get_by_role("region", name="Compared example")).to_contain_text("<|im_start|>user")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate("window.pwned") is None


@pytest.mark.detail
def test_every_state_can_be_read_and_reached(shaped_page: Page, server: Server, tmp_path: Path) -> None:
    page = shaped_page
    rows = [{"question": "word " * 200, "answer": "x" * 3_000, "meta": {"n": n}} for n in range(12)]
    open_prompt(page, server, tmp_path / "shaped.jsonl", rows)
    page.get_by_label("Compare with").select_option("ChatML")
    if not page.locator(".raw-record").evaluate("e => e.open"):
        page.locator(".raw-record summary").click()
    check_screen(page)
    page.get_by_role("radiogroup", name="Example type").get_by_role("radio", name="Messages").check()
    field(page, "Message 1").fill("{qestion}{")
    expect(page.get_by_text("This text is not saved")).to_be_visible()
    field(page, "Message 2").press("End")
    field(page, "Message 2").press_sequentially("{")
    expect(page.get_by_role("listbox", name="Columns")).to_be_visible()
    check_screen(page)
    if page.viewport_size and page.viewport_size["width"] < 900:
        top = "ids => ids.map(id => document.getElementById(id).getBoundingClientRect().top)"
        tops = page.evaluate(top, ["prompt-choice", "preview-card", "prompt-editor"])
        assert tops == sorted(tops)
