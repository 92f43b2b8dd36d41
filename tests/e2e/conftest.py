"""One server and one browser for all browser tests, a fresh page for each.

A test fails on any console error, page error or request to another host, whatever else it looks at.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.browser import find_browser

pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make test installs it")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parent.parent.parent
# A busy machine is no failure; what never comes is one after this many milliseconds.
expect.set_options(timeout=20_000)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # What Playwright turns off, for this replaces it; and those parts of the window around a page that are
    # pages themselves, each with a process of its own.
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,OptimizationHints,"
    "PaintHolding,PreconnectToSearch,ThirdPartyStoragePartitioning,DestroyProfileOnBrowserClose,"
    "InitialWebUI,WebUIToolbar,WebUIReloadButton,WebUIReloadButtonPrewarmWebUI,PreloadTopChromeWebUI,"
    "WebUIOmniboxPopup,WebUIOmniboxFullPopup,WebUIOmniboxAimPopup",
]


@dataclass(kw_only=True)
class Server:
    """A studio that was started as a person starts it."""

    url: str
    workspace: Path
    process: "subprocess.Popen[str]"


def start_server(
    workspace: Path, port: int = 0, program: Sequence[str] = ("app.py",), **variables: str
) -> Server:
    """Start `app.py` with these environment variables and wait until it says where it listens."""
    process = subprocess.Popen(
        [sys.executable, *program, "--port", str(port), "--json", "--workspace", str(workspace)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", **variables},
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said, "the server ended before it listened"
    return Server(url=json.loads(said)["url"], workspace=workspace, process=process)


def stop_server(server: Server) -> None:
    server.process.terminate()
    server.process.wait(30)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        pytest.fail(
            "no browser was found: make test installs Debian's chromium, or name one in STUDIO_BROWSER"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = start_server(tmp_path_factory.mktemp("workspace"))
    yield server
    stop_server(server)


@dataclass(kw_only=True)
class Watch:
    """What went wrong on a page without anyone looking."""

    problems: list[str] = field(default_factory=list)

    def listen(self, page: Page, url: str) -> None:
        """Note every error of the page, and every request that leaves the server at `url`."""
        page.on("console", self._read)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda request: self._check(request.url, url))

    def _read(self, message: ConsoleMessage) -> None:
        # The server says in words what a person can mend; a browser logs every such answer as well.
        answered = "/api/v1/" in message.location["url"] and "status of 4" in message.text
        if message.type == "error" and not answered:
            self.problems.append(message.text)

    def _check(self, requested: str, url: str) -> None:
        if not requested.startswith((url, "data:", "blob:")):
            self.problems.append(f"request to {requested}")


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all pages, so that the page's scripts are fetched and compiled once."""
    context = browser.new_context(viewport={"width": 1280, "height": 820}, accept_downloads=True)
    context.new_page()  # stays, and with it the window, which takes as long to make as a page
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Iterator[Page]:
    yield from _open_page(context, server)


WIDE, NARROW = (1280, "dark"), (360, "light")


def name_shape(shape: tuple[int, str]) -> str:
    return f"{shape[0]}-{shape[1]}"


@pytest.fixture(
    params=[WIDE, pytest.param(NARROW, marks=pytest.mark.detail)],
    ids=name_shape,
)
def shaped_page(request: pytest.FixtureRequest, context: BrowserContext, server: Server) -> Iterator[Page]:
    width, scheme = request.param
    for page in _open_page(context, server):
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)
        yield page


def _open_page(context: BrowserContext, server: Server) -> Iterator[Page]:
    """A page that knows nothing of those before it, and must be left without a problem."""
    page, watch = context.new_page(), Watch()
    watch.listen(page, server.url)
    yield page
    first, *others = context.pages
    for opened in others:
        opened.close()
    context.clear_permissions()
    context.clear_cookies()
    first.goto(f"{server.url}/healthz")
    first.evaluate("localStorage.clear()")
    first.goto("about:blank")
    assert watch.problems == []


def visit(page: Page, stage: str) -> None:
    """Go to a stage by the rail, and wait until the server has filled it."""
    with page.expect_response(is_answer, timeout=20_000):
        page.get_by_role("navigation", name="Stages").get_by_role("link", name=stage).click()
    expect(page.get_by_role("heading", name=stage, exact=True, level=1)).to_be_visible()
    page.wait_for_timeout(100)  # what came is drawn


def is_answer(response: Response) -> bool:
    """Whether this is what the server fills a stage with."""
    return response.request.method == "POST" and "/gradio_api/" in response.url


def check_screen(page: Page) -> None:
    """No accessibility rule of axe is broken, and nothing is wider than the window."""
    page.wait_for_timeout(500)  # what fades in or out is not read in between
    # Without preload axe does not ask for the style sheets again, at addresses that they do not have.
    broken = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in broken] == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
