"""What holds on every stage: nothing executes, nothing overflows, nothing is unreadable, places are kept."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NARROW, WIDE, Server, check_screen, name_shape, visit

pytestmark = pytest.mark.e2e

STAGES = ("Load", "Browse", "Prompt", "Split", "Export", "Fine-tune", "Compare")
HOSTILE = [
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "${window.pwned = 1}",
    "{{7*7}} {question} {#answer}",
    "\u202egnp.exe\u2066 --> <|endoftext|>",
    "x" * 10_000,
]


def upload(page: Page, server: Server, path: Path) -> None:
    page.goto(f"{server.url}/?tab=load")
    page.get_by_label("Choose a file").set_input_files(path)


def load_rows(page: Page, server: Server, path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    upload(page, server, path)
    expect(page.get_by_role("region", name="Loaded table")).to_contain_text(path.name)


@pytest.mark.parametrize(
    "shaped_page",
    [pytest.param(WIDE, marks=pytest.mark.detail), NARROW],
    indirect=True,
    ids=name_shape,
)
def test_every_stage_fits_and_can_be_read(shaped_page: Page, server: Server, tmp_path: Path) -> None:
    rows = [{"question": f"Question {n}?", "answer": "word " * n} for n in range(60)]
    load_rows(shaped_page, server, tmp_path / "many.jsonl", rows)
    for stage in STAGES:
        visit(shaped_page, stage)
        shaped_page.wait_for_timeout(300)
        check_screen(shaped_page)


def test_text_of_a_dataset_is_never_run_and_never_changed(page: Page, server: Server, tmp_path: Path) -> None:
    rows = [{"question": text, "answer": text} for text in HOSTILE]
    load_rows(page, server, tmp_path / "<b onclick=1>hostile.jsonl", rows)
    visit(page, "Browse")
    for text in HOSTILE[:4]:
        expect(page.get_by_role("table").get_by_text(text).first).to_be_visible()
    visit(page, "Prompt")
    example = page.get_by_role("region", name="Rendered example")
    for text in HOSTILE[:5]:
        expect(example).to_contain_text(text)
        page.get_by_role("button", name="Next row").click()
    drawn = "e => [getComputedStyle(e).fontVariantLigatures, getComputedStyle(e).fontFeatureSettings]"
    assert example.evaluate(drawn) == ["none", '"calt" 0, "liga" 0']
    for stage in STAGES:
        visit(page, stage)
    check_screen(page)
    assert page.evaluate("window.pwned") is None


def test_place_is_in_the_url_and_back_and_reload_keep_it(page: Page, server: Server, tmp_path: Path) -> None:
    load_rows(
        page, server, tmp_path / "place.jsonl", [{"question": f"Q{n}", "answer": "A"} for n in range(120)]
    )
    visit(page, "Browse")
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("51–100 of 120")).to_be_visible()
    visit(page, "Split")
    page.go_back()
    expect(page.get_by_text("51–100 of 120")).to_be_visible()
    page.reload()
    expect(page.get_by_text("51–100 of 120")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("page.jsonl", "<!doctype html><html></html>", "page.jsonl is a web page (HTML), not data."),
        (
            "pointer.jsonl",
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
            "git lfs pull",
        ),
        ("empty.jsonl", "", "empty.jsonl is empty."),
        ("one.json", '{"a": 1}', "one.json"),
    ],
)
@pytest.mark.detail
def test_file_that_is_no_data_is_refused_in_words(
    page: Page, server: Server, tmp_path: Path, name: str, content: str, words: str
) -> None:
    (tmp_path / name).write_text(content)
    upload(page, server, tmp_path / name)
    expect(page.get_by_role("alert")).to_contain_text(words)


@pytest.mark.detail
def test_split_that_cannot_be_says_why(page: Page, server: Server, tmp_path: Path) -> None:
    load_rows(page, server, tmp_path / "few.jsonl", [{"question": "Q", "answer": "A"}] * 30)
    visit(page, "Split")
    page.get_by_role("spinbutton", name="Test").fill("0.2")
    expect(page.get_by_role("region", name="Parts")).to_contain_text("add up to 1.1")
    page.get_by_role("spinbutton", name="Test").fill("0.05")
    expect(page.get_by_role("region", name="Parts")).to_contain_text("unused")


def test_styles_are_searched_and_say_why_they_fit(page: Page, server: Server, tmp_path: Path) -> None:
    load_rows(page, server, tmp_path / "styles.jsonl", [{"question": "What?", "answer": "That."}])
    visit(page, "Prompt")
    styles = page.get_by_role("radiogroup", name="Prompt style")
    expect(styles.get_by_text("It fits: has question, answer.").first).to_be_visible()
    page.get_by_role("searchbox", name="Search styles").fill("llama")
    expect(styles.get_by_role("radio")).to_have_count(2)
    styles.get_by_role("radio", name="Llama 3 instruct").check()
    example = page.get_by_role("region", name="Rendered example")
    expect(example).to_contain_text("<|start_header_id|>user<|end_header_id|>")
    check_screen(page)
    page.get_by_role("searchbox", name="Search styles").fill("nothing like that")
    expect(styles.get_by_text("No style has these words.")).to_be_visible()
    page.get_by_role("searchbox", name="Search styles").fill("question / answer")
    styles.get_by_role("radio", name="Question / answer").check()
    expect(example).to_contain_text("### Question:")
