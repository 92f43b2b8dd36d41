"""What the page's scripts make of a text, where a wrong guess would ask for something else than was typed."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Server

pytestmark = pytest.mark.e2e

CALL = "([file, name, values]) => import(new URL(`assets/scripts/${file}.js`, document.baseURI)).then("
CALL += "(module) => values.map((value) => module[name](value)))"


def call(page: Page, server: Server, file: str, name: str, values: list[Any]) -> list[Any]:
    page.goto(server.url)
    answers: list[Any] = page.evaluate(CALL, [file, name, values])
    return answers


def test_source_box_tells_hub_ids_urls_and_files(page: Page, server: Server) -> None:
    kinds = {
        "": ("", ""),
        "lamini/lamini_docs": ("hub", ""),
        "hf://datasets/allenai/c4@main/en": ("hub", ""),
        "data/rows.jsonl": ("file", "json"),
        "data/rows.csv.gz": ("file", "csv"),
        "data/parts.zip": ("file", ""),
        "/data/*.parquet": ("file", "typed"),
        "notes.TXT": ("file", "text"),
        "https://example.org/a.tsv?download=1": ("url", "csv"),
        "https://example.org/archive": ("url", ""),
        "a/b/c": ("file", ""),
    }
    found = call(page, server, "load/addresses", "readAddress", list(kinds))
    assert {text: (one["kind"], one["format"]) for text, one in zip(kinds, found, strict=True)} == kinds
    named = found[2]
    assert (named["hub"], named["revision"], named["config"]) == ("allenai/c4", "main", "en")


def test_unseen_characters_are_listed_by_place(page: Page, server: Server) -> None:
    found = call(
        page, server, "load/marks", "listUnseen", ["plain ä 日本\n\t", "a\u200bb\u0000", "\ufeff😀\u202e"]
    )
    assert found == [[], ["U+200B at 2", "U+0000 at 4"], ["U+FEFF at 1", "U+202E at 3"]]


def test_counts_say_whether_they_are_all(page: Page, server: Server) -> None:
    tables = [
        {"records": 1, "complete": True},
        {"records": 1000, "complete": False},
        {"records": 70_000, "complete": False, "partial": True},
        {"records": 50, "complete": False, "partial": True, "reading": True},
    ]
    found = call(page, server, "words", "recordsOf", tables)
    assert found == [
        "1 record",
        "first 1,000 records of a stream",
        "70,000 records, partial",
        "reading … 50 records",
    ]


def test_column_types_are_read_as_they_are_typed(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_text("How it is read").click()
    box = page.get_by_role("textbox", name="Column types")
    asked: list[Any] = []
    page.on("request", lambda request: asked.append(request.post_data_json) if _starts(request.url) else None)
    for text in ("score=integer, price = float", '"a, b"=boolean,c=text', "score"):
        box.fill(text)
        page.get_by_role("textbox", name="Hugging Face id").fill("nowhere.csv")
        with page.expect_response(lambda response: _starts(response.url)):
            page.get_by_role("button", name="Load", exact=True).click()
        page.get_by_role("alert").wait_for()
    types = [request["options"]["types"] for request in asked]
    assert types == [{"score": "integer", "price": "float"}, {"a, b": "boolean"}, {"score": "none"}]


def _starts(url: str) -> bool:
    return url.endswith("/api/v1/ingests")
