"""The page of a comparison in a browser without a network: whole, readable, and deaf to hostile texts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.compare import open_comparison_of, parse_address
from studio.compare.report import write_report
from studio.run import Event, write_event
from studio.settings import Settings
from studio.workspace import Workspace
from tests.compared import make_line, make_run
from tests.e2e.conftest import NARROW, WIDE, Browser, Page, check_screen, expect, name_shape

pytestmark = [pytest.mark.e2e, pytest.mark.detail]

HOSTILE = '"><script>document.title = "taken"</script><img src="//evil.example/x" onerror="alert(1)">'


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    workspace = Workspace(Settings(workspace=folder / "work"))
    base = [make_line(row, f"no {row}", f"yes it is {row}", loss=2.0 + row % 3) for row in range(40)]
    tuned = [
        make_line(row, f"yes {row} {HOSTILE if row == 1 else ''}", f"yes it is {row}") for row in range(40)
    ]
    topics = [{"topic": HOSTILE if row % 4 == 0 else "a long word" * 9} for row in range(40)]
    run_dir = make_run(workspace.runs, base, tuned, run=workspace.new_id(), records=topics)
    for step in range(1, 40):
        write_event(run_dir, Event(event="progress", step=step, loss=7 / step + 2))
        if step % 10 == 0:
            write_event(run_dir, Event(event="evaluation", step=step, eval_loss=8 / step + 2))
    sides = (parse_address(f"{run_dir.run}/{which}") for which in ("base", "tuned"))
    write_report(open_comparison_of(*sides, workspace), folder / "report.html", workspace, "topic")
    return folder / "report.html"


@pytest.fixture(params=[WIDE, NARROW], ids=name_shape)
def opened(request: pytest.FixtureRequest, browser: Browser, report: Path) -> Iterator[Page]:
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, offline=True)
    page, problems = context.new_page(), []
    page.on("console", lambda message: problems.append(message.text))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    page.on("request", lambda asked: None if asked.url == report.as_uri() else problems.append(asked.url))
    page.goto(report.as_uri())
    yield page
    context.close()
    assert problems == []


def test_the_page_is_read_and_opened_without_a_script(opened: Page) -> None:
    expect(opened.get_by_role("heading", level=1)).to_have_text("Before and after the fine-tune")
    expect(opened.get_by_text("better in form")).to_be_visible()
    expect(opened.get_by_role("table").first.get_by_role("row")).to_have_count(10)
    expect(opened.get_by_role("img", name="Loss by step over 39 steps")).to_be_visible()
    record = opened.locator("details").filter(has_text="Record 7").last
    record.locator("summary").focus()
    opened.keyboard.press("Enter")
    expect(record.get_by_text("yes it is 7", exact=True)).to_be_visible()


def test_hostile_texts_are_shown_and_nothing_else(opened: Page) -> None:
    assert opened.title().startswith("Comparison: ")
    assert opened.locator("script, img, iframe, link, a").count() == 0
    expect(opened.get_by_role("cell", name=HOSTILE)).to_be_visible()


def test_everyone_can_read_it(opened: Page) -> None:
    check_screen(opened)
