"""The commands for runs that are there; the job's own tests show what they do."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from studio.cli import app
from studio.errors import RunError
from studio.run import RunDir
from studio.settings import Settings
from studio.workspace import Workspace
from tests.web.boundary import store_run


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(Settings(workspace=tmp_path))


def call(workspace: Workspace, *words: str) -> str:
    done = CliRunner().invoke(app, ["runs", *words, "--workspace", str(workspace.root)])
    if done.exception:
        raise done.exception
    return done.output


def test_a_run_is_labelled_removed_and_restored(workspace: Workspace) -> None:
    run = store_run(workspace, "succeeded").run
    assert f"{run}  Shorter answers  succeeded" in call(
        workspace, "label", run[:6], "--name", "Shorter answers"
    )
    assert f"studio runs restore {run}" in call(workspace, "remove", run[:6])
    assert call(workspace, "list") == "No runs yet.\n"
    assert call(workspace, "list", "--removed").startswith(f"{run}  succeeded")
    assert "Shorter answers" in call(workspace, "restore", run[:6])
    assert call(workspace, "list", "--removed") == "No runs were removed.\n"


def test_a_run_goes_on_by_its_first_characters(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[RunDir] = []
    monkeypatch.setattr("studio.job.resume.spawn_run", lambda run_dir, lock, command: begun.append(run_dir))
    monkeypatch.setattr("studio.job.resume.require_training", lambda: None)
    run_dir = store_run(workspace, "failed")
    answer = call(workspace, "resume", run_dir.run[:6])
    assert (answer, begun) == (f"Run {run_dir.run} goes on: attempt 2.\n", [run_dir])
    [listed] = json.loads(call(workspace, "list", "--json"))
    assert (listed["state"], listed["place"]) == ("queued", 1)
    assert "queued (place 1 in the queue)" in call(workspace, "list")
    assert call(workspace, "order", run_dir.run[:6]) == f"1. {run_dir.run}\n"


def test_only_waiting_runs_are_ordered(workspace: Workspace) -> None:
    with pytest.raises(RunError, match="does not wait"):
        call(workspace, "order", store_run(workspace, "succeeded").run)
