"""How quick Browse is in a browser, beside a stock gr.Dataframe that holds the same page.

    python benchmarks/browse_page.py [--records 10000] [--rounds 5]

Both show 100 records a page of the same table in the same Chromium. Cold is from asking for the address, with
an empty cache, to the first row that can be read; a turn is from the click to the first row of the next page;
frames are those drawn while the page is scrolled for two seconds, and the longest pause between two of them.
The Dataframe gets its pages from a handler, as a Gradio app would do it. Asserts nothing; wanted: first rows
< 1 s, a turn < 100 ms, 60 frames a second.
"""

import argparse
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from data import iter_records
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.e2e.browser import find_browser  # noqa: E402
from tests.e2e.conftest import FLAGS, Server, start_server, stop_server  # noqa: E402

ROWS = 100
STOCK = """
import json, sys
import gradio as gr
import pandas as pd

records = pd.DataFrame([json.loads(line) for line in open(sys.argv[1], encoding="utf-8")])
page = lambda offset: records.iloc[offset : offset + 100]
with gr.Blocks() as app:
    offset = gr.State(0)
    following = gr.Button("Next")
    table = gr.Dataframe(page(0), interactive=False, wrap=True, max_height=600)
    following.click(lambda at: (at + 100, page(at + 100)), offset, [offset, table], queue=False)
app.launch(server_port=int(sys.argv[2]), quiet=True)
"""
# The time, counted from the start of the page, at which a cell first shows the text.
SHOWN = """text => new Promise(done => {
  const look = () => [...document.querySelectorAll("tbody td")].some(cell => cell.textContent.includes(text))
    ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look);
  look();
})"""
TURN = """([selector, text]) => new Promise(done => {
  const started = performance.now();
  document.querySelector(selector).click();
  const look = () => [...document.querySelectorAll("tbody td")].some(cell => cell.textContent.includes(text))
    ? requestAnimationFrame(() => done(performance.now() - started)) : requestAnimationFrame(look);
  look();
})"""
SCROLL = """selector => new Promise(done => {
  const scrolls = box => box.scrollHeight > box.clientHeight + 50;
  const boxes = [...document.querySelectorAll(selector)].filter(scrolls);
  const box = boxes.sort((a, b) => b.scrollHeight - a.scrollHeight)[0];
  const times = [];
  const started = performance.now();
  const frame = now => {
    times.push(now);
    box.scrollTop = (box.scrollHeight - box.clientHeight) * Math.min(1, (now - started) / 2000);
    if (now - started < 2000) requestAnimationFrame(frame);
    else done([times.length / 2, Math.max(...times.slice(1).map((time, i) => time - times[i]))]);
  };
  requestAnimationFrame(frame);
})"""


def mark_records(path: Path, count: int) -> None:
    """The benchmarks' records, each with its number in words that nothing else says."""
    with path.open("w", encoding="utf-8") as file:
        for n, record in enumerate(iter_records(count)):
            file.write(json.dumps({"id": f"record-{n:07}"} | record) + "\n")


def start_stock(path: Path, folder: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """A throw-away Gradio app with a Dataframe, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = folder / "stock.py"
    script.write_text(STOCK, encoding="utf-8")
    process = subprocess.Popen([sys.executable, str(script), str(path), str(port)])
    url = f"http://127.0.0.1:{port}/"
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return process, url
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the Dataframe's app did not start")


def load_table(browser: Browser, server: Server, path: Path) -> str:
    """Load the file into the studio, and return the address of its first page of 100 records."""
    page = browser.new_page()
    page.goto(server.url)
    page.get_by_label("Choose a file").set_input_files(path)
    page.get_by_role("region", name="Loaded table").wait_for()
    page.get_by_text("reading").first.wait_for(state="hidden", timeout=120_000)
    found = re.search(r"table=([0-9a-f]+)", page.url)
    assert found
    page.close()
    return f"{server.url}/?tab=browse&table={found[1]}&size={ROWS}"


def measure(browser: Browser, url: str, next_page: str, scroll: str) -> tuple[float, float, float, float]:
    """Milliseconds of a cold load and of a turn, frames a second, and the longest pause in milliseconds."""
    context = browser.new_context(viewport={"width": 1280, "height": 820})
    page: Page = context.new_page()
    page.goto(url, wait_until="commit")
    cold = page.evaluate(SHOWN, "record-0000000")
    page.wait_for_timeout(1_500)
    frames, pause = page.evaluate(SCROLL, scroll)
    page.wait_for_timeout(300)
    turn = page.evaluate(TURN, [next_page, f"record-{ROWS:07}"])
    context.close()
    return cold, turn, frames, pause


def show(
    name: str, ours: list[float], stock: list[float], unit: str, better: Callable[[float, float], float]
) -> None:
    """One line: the medians and how many times better ours is."""
    mine, theirs = statistics.median(ours), statistics.median(stock)
    figures = f"studio {mine:7.1f} {unit:<8}  gr.Dataframe {theirs:7.1f} {unit:<8}"
    print(f"{name:<30} {figures}  {better(mine, theirs):5.1f} times better")


def main() -> None:
    """Start both, and measure them in turns."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        mark_records(folder / "records.jsonl", asked.records)
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        server = start_server(folder / "workspace")
        process, stock_url = start_stock(folder / "records.jsonl", folder)
        try:
            url = load_table(browser, server, folder / "records.jsonl")
            ours, stock = [], []
            for _ in range(asked.rounds):
                ours.append(measure(browser, url, "[data-act=next]", ".records .scroll"))
                stock.append(measure(browser, stock_url, "button.lg", "div"))
        finally:
            browser.close()
            stop_server(server)
            process.terminate()
    less, more = (lambda mine, theirs: theirs / mine), (lambda mine, theirs: mine / theirs)
    names = (
        "first rows after a cold load",
        "a page turn",
        "frames while scrolling",
        "longest pause between frames",
    )
    for k, (words, unit, better) in enumerate(
        zip(names, ("ms", "ms", "a second", "ms"), (less, less, more, less), strict=True)
    ):
        show(words, [figures[k] for figures in ours], [figures[k] for figures in stock], unit, better)


if __name__ == "__main__":
    main()
