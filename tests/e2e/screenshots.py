"""Draws the pictures of assets/screenshots from the sample: `python -m tests.e2e.screenshots`.

Trains the demo model once, so that every stage has something to show; that takes about two minutes.
"""

import json
import tempfile
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qs, quote, urlsplit

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.e2e.browser import find_browser
from tests.e2e.conftest import FLAGS, ROOT, start_server, stop_server

FOLDER = ROOT / "assets" / "screenshots"
STAGES = ("load", "browse", "prompt", "split", "export", "finetune", "compare")
FAULTS = (
    '{"question": "Cut in the mid',
    '{"question": "What is one half?", "answer": 0.50, "answer": "a half"}',
    '{"question": "What is no number?", "answer": NaN}',
    '["What is an array?", "Not a record."]',
)
SHAPES: dict[str, tuple[int, int, Literal["light", "dark"]]] = {
    "light": (1280, 820, "light"),
    "dark": (1280, 820, "dark"),
    "small": (420, 860, "light"),
}


def draw_stages(page: Page, url: str, shape: str) -> None:
    """One picture of each stage as it stands once its table is there."""
    for stage in STAGES:
        page.goto(f"{url}/?tab={stage}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_timeout(1_500)  # fonts, tables and charts
        page.screenshot(path=FOLDER / f"{stage}_{shape}.png")


def draw_run(page: Page, url: str, shape: str) -> None:
    """A finished run, what it gives, its answers side by side, a prompt that was tried, and the judge."""

    def take(state: str, locator: Locator) -> None:
        locator.evaluate("node => node.scrollIntoView({ block: 'start' })")
        page.mouse.wheel(0, -60)  # from under the bar of the page
        page.wait_for_timeout(1_000)
        page.screenshot(path=FOLDER / f"{state}_{shape}.png")

    page.goto(f"{url}/?tab=finetune")
    take("finetune_run", page.get_by_role("region", name="Fine-tune", exact=True))
    take("finetune_away", page.get_by_role("region", name="Take it away"))
    page.goto(f"{url}/?tab=compare")
    take("compare_records", page.get_by_role("article").first)
    page.get_by_role("button", name="Try a prompt").click()
    asked = page.get_by_role("region", name="Try a prompt")
    asked.get_by_label("question").fill("What is a data loader?")
    asked.get_by_role("button", name="Ask both").click()
    expect(asked.get_by_text("weights").nth(1)).to_be_visible(timeout=60_000)
    take("compare_try", asked)
    page.get_by_role("button", name="Judge", exact=True).first.click()
    take("compare_judge", page.locator("#judge"))


def load_faults(page: Page, url: str, folder: Path) -> str:
    """Load a file with lines that do not parse, and return its table's id."""
    good = [
        json.dumps({"question": f"What is {n} plus {n}?", "answer": f"It is {2 * n}."}) for n in range(400)
    ]
    path = folder / "questions.jsonl"
    path.write_text("\n".join([*good[:120], *FAULTS, *good[120:]]) + "\n")
    page.goto(url)
    page.get_by_label("Choose a file").set_input_files(path)
    expect(page.get_by_role("region", name="Quarantine", exact=True)).to_be_visible()
    return parse_qs(urlsplit(page.url).query)["table"][0]


def draw_repair(page: Page, url: str, table: str, shape: str) -> None:
    """One picture of a table with lines in quarantine, and one of a line being repaired."""
    page.goto(f"{url}/?tab=load&table={table}")
    page.get_by_role("button", name="Repair: line 122").scroll_into_view_if_needed()
    page.wait_for_timeout(1_500)
    page.screenshot(path=FOLDER / f"quarantine_{shape}.png")
    page.get_by_role("button", name="Repair: line 122").click()
    page.get_by_label("Raw text").fill('{"question": "What is one half?", "answer": "It is 0.50."}')
    expect(page.get_by_role("dialog")).to_contain_text("This is a record.")
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / f"repair_{shape}.png")


def draw_browse(page: Page, url: str, table: str, shape: str) -> None:
    """One picture of each state of Browse."""

    def take(state: str) -> None:
        page.wait_for_timeout(1_200)
        page.screenshot(path=FOLDER / f"browse_{state}_{shape}.png")

    here = f"{url}/?tab=browse&table={table}"
    page.goto(f"{here}&q=question")
    take("search")
    page.goto(f"{here}&f={quote(json.dumps({'column': 'question', 'is': 'length', 'value': [40, 60]}))}")
    take("filter")
    page.goto(f"{here}&q=nowhere+to+be+found")
    take("nothing")
    page.goto(f"{here}&row=3")
    take("record")
    page.get_by_role("button", name="Edit answer").click()
    take("editing")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Exclude", exact=True).click()
    page.get_by_role("button", name="Close record").click()
    page.get_by_role("button", name="1 excluded").click()
    take("changes")
    page.get_by_role("button", name="Close", exact=True).click()
    page.get_by_role("button", name="Undo: exclude 1 record").click()
    page.goto(f"{here}&quality=1")
    expect(page.get_by_text("Heuristics, not verdicts")).to_be_visible()
    take("quality")
    page.goto(here)
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.get_by_title("Choose a dataset").click()
    take("datasets")


def draw_near(page: Page, url: str, table: str, shape: str) -> None:
    """One picture of the near-duplicates across the parts of a split."""
    page.goto(f"{url}/?tab=split&table={table}")
    page.get_by_role("button", name="Look for near-duplicates").click()
    expect(page.get_by_role("region", name="Twins")).to_contain_text("alike")
    page.wait_for_timeout(1_200)
    page.screenshot(path=FOLDER / f"split_near_{shape}.png")


def do_everything(page: Page, url: str) -> str:
    """Load the sample, export it, and fine-tune on it to the end; returns its table's id."""
    page.goto(url)
    page.get_by_role("button", name="Use the sample").click()
    expect(page.get_by_role("region", name="Loaded table")).to_be_visible()
    page.goto(f"{url}/?tab=export")
    page.get_by_role("button", name="Write export").click()
    expect(page.get_by_role("link", name="Download all as zip")).to_be_visible()
    page.goto(f"{url}/?tab=finetune")
    page.get_by_role("button", name="Start fine-tune").click()
    state = page.get_by_role("region", name="Fine-tune").get_by_role("status").first
    expect(state).to_have_text("succeeded", timeout=600_000)
    return parse_qs(urlsplit(page.url).query)["table"][0]


def draw(browser: Browser, url: str, folder: Path) -> None:
    """Every picture, light, dark and small."""
    faulty = load_faults(browser.new_page(), url, folder)
    sample = do_everything(browser.new_page(), url)
    for shape, (width, height, scheme) in SHAPES.items():
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        draw_stages(context.new_page(), url, shape)
        draw_run(context.new_page(), url, shape)
        draw_browse(context.new_page(), url, sample, shape)
        draw_near(context.new_page(), url, faulty, shape)
        draw_repair(context.new_page(), url, faulty, shape)


def main() -> None:
    """Go the whole way in a new workspace, and draw it."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server(Path(folder))
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        try:
            draw(browser, server.url, Path(folder))
        finally:
            browser.close()
            stop_server(server)


if __name__ == "__main__":
    main()
