"""studio try: the template filled in, a bare prompt, the decoding; what it says to people and to programs."""

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from studio.answers import answerer, trying
from studio.cli import app
from studio.errors import RunError
from studio.run import RunDir
from studio.settings import Settings
from studio.workspace import Workspace
from tests.scripted_answers import CHILD, QUESTIONS, make_run


@pytest.fixture
def run_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunDir:
    monkeypatch.setattr(answerer, "COMMAND", (sys.executable, "-c", CHILD))
    monkeypatch.setattr(trying, "require_training", lambda: None)
    workspace = Workspace(Settings(workspace=tmp_path))
    return make_run(workspace.runs, QUESTIONS, run=workspace.new_id())


def call(run_dir: RunDir, *words: str, stdin: str | None = None) -> str:
    workspace = str(run_dir.path.parent.parent)
    done = CliRunner().invoke(app, ["try", run_dir.run[:8], *words, "--workspace", workspace], input=stdin)
    if done.exception:
        raise done.exception
    return done.stdout


def test_both_answers_are_told_with_the_hash_of_their_weights(run_dir: RunDir) -> None:
    said = call(run_dir, "--set", "question=Who = you?")
    assert said.startswith("[prompt] ### Question:\nWho = you?\n\n### Answer:\n")
    assert "[base, hash of ]  base base base\n" in said
    assert "[tuned, hash of ]  tuned tuned tuned\n" in said


def test_a_program_gets_what_is_kept(run_dir: RunDir) -> None:
    drawn = ("--temperature", "0.5", "--seed", "7", "--max-tokens", "9", "--model", "tuned", "--json")
    record = json.loads(call(run_dir, "--prompt", "-", *drawn, stdin="Box"))
    assert record["prompt"] == "Box"
    assert record["decoding"] == {
        "method": "sample",
        "max_new_tokens": 9,
        "temperature": 0.5,
        "top_p": 1.0,
        "seed": 7,
    }
    assert [one["which"] for one in record["answers"]] == ["tuned"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "There is nothing to ask."),
        (("--set", "question"), "--set 'question' is no COLUMN=TEXT."),
        (("--set", "answer=x"), "reads no column 'answer'"),
        (("--set", "question=x", "--prompt", "y"), "are both given"),
        (("--prompt", "y", "--temperature", "0"), "temperature is 0.0"),
        (("--prompt", "y", "--model", "step-3"), "no complete checkpoint"),
    ],
)
def test_what_cannot_be_asked_is_said(run_dir: RunDir, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(RunError, match=said):
        call(run_dir, *words)
