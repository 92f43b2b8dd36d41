"""The commands for runs that are there; the job's own tests show what they do."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from studio.cli import app
from studio.errors import RunError
from studio.run import Event, RunDir, write_event
from studio.settings import Settings
from studio.workspace import Workspace
from tests.finished_runs import finish_run
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
    assert call(workspace, "list", "--removed").startswith(f"{run}  Shorter answers  succeeded")
    assert "Shorter answers" in call(workspace, "restore", run[:6])
    assert call(workspace, "list", "--removed") == "No runs were removed.\n"
    call(workspace, "remove", run[:6])
    assert call(workspace, "delete", run[:6]) == f"Deleted {run}.\n"
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
    assert call(workspace, "order") == "No run waits.\n"


def test_runs_are_listed_in_another_order(workspace: Workspace) -> None:
    later, sooner = store_run(workspace, "succeeded"), store_run(workspace, "succeeded")
    for run_dir, name in ((later, "b"), (sooner, "A")):
        call(workspace, "label", run_dir.run, "--name", name)
    listed = [line[:32] for line in call(workspace, "list", "--sort", "name").splitlines()]
    assert listed == [sooner.run, later.run]
    assert call(workspace, "list", "--sort", "-name").startswith(later.run)
    assert call(workspace, "list", "--active") == "No runs yet.\n"


def test_what_was_measured_and_answered_is_told(workspace: Workspace) -> None:
    run_dir = store_run(workspace, "succeeded", events=0)
    assert call(workspace, "curve", run_dir.run) == "Nothing is measured yet.\n"
    measured = {"tokens": 96, "tokens_per_second": 3105.4, "memory": 1_230_000_000}
    write_event(run_dir, Event(event="progress", step=40, loss=5.1, learning_rate=0.004, details=measured))
    write_event(run_dir, Event(event="evaluation", step=40, eval_loss=4.9))
    said = call(workspace, "curve", run_dir.run)
    words = "40 loss 5.100 learning rate 0.004 3,105 tokens/s 1.23 GB validation loss 4.900"
    assert " ".join(said.split()) == words
    assert call(workspace, "samples", run_dir.run) == "No answers were drawn.\n"
    sample = {"row": 3, "prompt": "Who?", "expected": "You", "completion": "Me", "finished": True}
    write_event(run_dir, Event(event="samples", step=40, details={"samples": [sample]}))
    assert "row 3: Who?" in call(workspace, "samples", run_dir.run)
    assert json.loads(call(workspace, "samples", run_dir.run, "--step", "1", "--json")) == []


def test_a_log_is_searched_to_its_beginning(workspace: Workspace) -> None:
    run_dir = store_run(workspace, "failed")
    run_dir.log.write_text("Loaded the weights\n" + "step\n" * 5_000)
    assert call(workspace, "logs", run_dir.run, "--search", "WEIGHTS") == "Loaded the weights\n"
    assert call(workspace, "logs", run_dir.run, "--tail", "2") == "step\nstep\n"


def test_a_model_is_taken_away(workspace: Workspace, tmp_path: Path) -> None:
    run = finish_run(workspace.runs / workspace.new_id()).run
    answer = call(workspace, "files", run[:6])
    assert f"model-{run[:8]}: 5 files" in answer
    assert "Not for tiny" in answer
    assert "Trained from scratch (demo)" in call(workspace, "card", run[:6])
    out = tmp_path / "taken"
    told = json.loads(call(workspace, "download", run[:6], "--out", str(out), "--json"))
    assert {path.name for path in out.iterdir()} == {file["name"] for file in told["files"]}
    with pytest.raises(RunError, match="taken exists"):
        call(workspace, "download", run[:6], "--out", str(out))
    with pytest.raises(RunError, match="Not for tiny"):
        call(workspace, "modelfile", run[:6])
