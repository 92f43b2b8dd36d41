"""studio compare: before and after, two checkpoints, two runs, and reports."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from studio.cli import app
from studio.errors import RunError
from studio.run import RunDir
from studio.settings import Settings
from studio.workspace import Workspace
from tests.compared import make_line, make_run, write_side


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(Settings(workspace=tmp_path))


@pytest.fixture
def run_dir(workspace: Workspace) -> RunDir:
    base = [make_line(row, "no") for row in range(40)]
    tuned = [make_line(row, "yes" if row % 2 else "yes no", loss=0.5) for row in range(40)]
    return make_run(workspace.runs, base, tuned, run=workspace.new_id())


def call(workspace: Workspace, *words: str) -> str:
    done = CliRunner().invoke(app, ["compare", *words, "--workspace", str(workspace.root)])
    if done.exception:
        raise done.exception
    return done.stdout


def test_people_read_the_verdict_first(workspace: Workspace, run_dir: RunDir) -> None:
    lines = call(workspace, run_dir.run[:6], "--examples", "1").splitlines()
    assert lines[0] == "Token F1 +0.83 [0.78, 0.88] on 40 records: better; 50.0 % exact."
    assert f"{run_dir.run}/base → {run_dir.run}/tuned (trained from scratch (demo)), 40 test records" in lines
    [loss] = [line for line in lines if line.startswith("  loss")]
    assert loss.split() == ["loss", "1.000", "→", "0.500", "−0.500", "[−0.500,", "−0.500]", "better"]
    assert lines[-3:] == ["[expected] yes", "[before] no", "[after] yes no"]


def test_a_checkpoint_is_compared_with_the_base_and_with_another(
    workspace: Workspace, run_dir: RunDir
) -> None:
    write_side(run_dir, "step-4", [make_line(row, "yes") for row in range(40)])
    answer = json.loads(call(workspace, f"{run_dir.run[:6]}/step-4", "--json"))
    assert (answer["left"], answer["right"]) == (f"{run_dir.run}/base", f"{run_dir.run}/step-4")
    answer = json.loads(call(workspace, run_dir.run, "--with", "step-4", "--json"))
    assert (answer["left"], answer["right"]) == (f"{run_dir.run}/tuned", f"{run_dir.run}/step-4")
    assert len(answer["examples"]) == 40


def test_two_runs_are_compared(workspace: Workspace, run_dir: RunDir) -> None:
    lines = [make_line(row, "yes") for row in range(40)]
    other = make_run(workspace.runs, lines, lines, run=workspace.new_id())
    text = call(workspace, run_dir.run[:8], "--with", f"{other.run[:8]}/tuned")
    assert f"{other.run[:8]}/tuned is better" in text.splitlines()[0]


def test_a_report_is_written_and_said(workspace: Workspace, run_dir: RunDir, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert call(workspace, run_dir.run[:8], "--out", str(out)) == f"Wrote {out}.\n"
    assert out.read_text().startswith("<!doctype html>")
    with pytest.raises(RunError, match="there already"):
        call(workspace, run_dir.run[:8], "--out", str(out))


def test_categories_are_printed_by_column(workspace: Workspace) -> None:
    lines = [make_line(row, "yes") for row in range(4)]
    topics = [{"topic": topic} for topic in ("a", "a", "b", "")]
    run_dir = make_run(workspace.runs, lines, lines, run=workspace.new_id(), records=topics)
    text = call(workspace, run_dir.run, "--by", "topic", "--examples", "0")
    assert [line for line in text.splitlines() if line.startswith("topic")] == [
        "topic: a, 2 records",
        "topic: b, 1 record",
        "topic: no value, 1 record",
    ]


def test_a_checkpoint_answers_first_where_it_is_asked_to(
    workspace: Workspace, run_dir: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(asked: RunDir, which: str, progress: Callable[[int, int], None]) -> None:
        assert asked == run_dir
        progress(40, 40)
        write_side(run_dir, which, [make_line(row, "yes") for row in range(40)])

    monkeypatch.setattr("studio.answers.wait_side", answer)
    answered = json.loads(call(workspace, run_dir.run, "--evaluate", "step-4", "--json"))
    assert (answered["left"], answered["right"]) == (f"{run_dir.run}/base", f"{run_dir.run}/step-4")
