"""A recipe that is dropped on the page brings back everything that it says."""

import hashlib
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, check_screen, visit

pytestmark = pytest.mark.e2e

LINES = [json.dumps({"question": f"Question {n}?", "answer": f"Answer {n}."}) for n in range(40)]


def test_a_recipe_is_dropped_back_in(page: Page, server: Server, tmp_path: Path) -> None:
    source, recipe = tmp_path / "recalled.jsonl", tmp_path / "recipe.yaml"
    source.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    known = hashlib.sha256(LINES[2].encode()).hexdigest()[:16]
    recipe.write_text(
        f"source: {{path: recalled.jsonl, sha256: {hashlib.sha256(source.read_bytes()).hexdigest()}}}\n"
        "template: {prompt: 'Ask: {question}', completion: ' {answer}'}\n"
        f'overlay:\n  exclude:\n  - {{line: 3, hash: "{known}"}}\n'
        "split: {method: sequential, train: 30, test: 9}\n",
        encoding="utf-8",
    )
    page.goto(f"{server.url}/?tab=load")
    choose = page.get_by_label("Choose a file")
    choose.set_input_files(recipe)
    expect(page.get_by_text("recipe.yaml was made with recalled.jsonl")).to_be_visible()
    check_screen(page)
    choose.set_input_files(source)
    expect(page.get_by_text("recipe.yaml is open.")).to_be_visible()
    expect(page.get_by_role("heading", name="recalled.jsonl", exact=True)).to_be_visible()
    visit(page, "Split")
    expect(page.get_by_label("Sequential, in table order")).to_be_checked()
    expect(page.get_by_role("region", name="Parts")).to_contain_text("39 records · 1 excluded")
    visit(page, "Prompt")
    expect(page.get_by_text("Ask: Question 0?").first).to_be_visible()
