"""`studio pairs`: what the page shows of the test records, on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from studio.cli import app
from studio.errors import RunError
from studio.settings import Settings
from studio.workspace import Workspace
from tests.web.test_api_pairs import ANSWERS, store_pairs


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(Settings(workspace=tmp_path))


def call(workspace: Workspace, *words: str) -> str:
    done = CliRunner().invoke(app, ["pairs", *words, "--workspace", str(workspace.root)])
    if done.exception:
        raise done.exception
    return done.output


def ask(workspace: Workspace, *words: str) -> Any:
    return json.loads(call(workspace, *words, "--json"))


def test_pairs_are_sorted_filtered_and_searched(workspace: Workspace) -> None:
    run = store_pairs(workspace, ANSWERS).run[:6]
    answer = ask(workspace, "list", run, "--sort", "improvement", "--limit", "2")
    assert [pair["row"] for pair in answer["pairs"]] == [0, 3]
    assert (answer["total"], answer["records"]) == (4, 4)
    assert [pair["row"] for pair in ask(workspace, "list", run, "--only", "worse")["pairs"]] == [1]
    assert "1–1 of 1 found, of 4 test records" in call(workspace, "list", run, "--search", "3?")
    assert "None found" in call(workspace, "list", run, "--search", "nowhere")
    with pytest.raises(RunError, match="Pairs have no sort 'x'"):
        call(workspace, "list", run, "--sort", "x")


def test_a_pair_is_marked_by_the_first_characters_of_its_key(workspace: Workspace) -> None:
    run = store_pairs(workspace, ANSWERS).run
    key = ask(workspace, "list", run)["pairs"][1]["key"]
    assert ask(workspace, "mark", run, key[:8], "worse") == {"better": 0, "worse": 1, "same": 0}
    assert "marked worse" in call(workspace, "list", run, "--only", "marked")
    assert ask(workspace, "list", run, "--right", "step-9")["tally"]["worse"] == 0
    assert call(workspace, "undo", run) == "Your marks: 0 better, 0 worse, 0 same.\n"
    assert ask(workspace, "mark", run, key, "none") == {"better": 0, "worse": 0, "same": 0}
    for given, words in (("zz", "No test record has"), ("", "4 test records have")):
        with pytest.raises(RunError, match=words):
            call(workspace, "mark", run, given, "better")


def test_the_nearest_training_records_are_listed(workspace: Workspace) -> None:
    run = store_pairs(workspace, ANSWERS).run
    key = ask(workspace, "list", run)["pairs"][3]["key"]
    assert "training record 0" in call(workspace, "nearest", run, key)
    assert "answer 100% alike" in call(workspace, "nearest", run, key)
    [near] = ask(workspace, "nearest", run, key)
    assert near["similarity"] == 1.0
