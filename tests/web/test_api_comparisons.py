"""A comparison by its address: any two sides, by category, as reports, and refusals in words."""

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from studio.run import RunDir
from studio.workspace import Workspace
from tests.compared import make_line, make_run, write_side


@pytest.fixture
def run_dir(workspace: Workspace) -> RunDir:
    base = [make_line(row, "no") for row in range(12)]
    tuned = [make_line(row, "yes", loss=0.5) for row in range(12)]
    topics = [{"topic": "ab"[row % 2]} for row in range(12)]
    return make_run(workspace.runs, base, tuned, run=workspace.new_id(), records=topics)


def test_the_answer_is_the_comparison_with_one_page_of_examples(client: TestClient, run_dir: RunDir) -> None:
    path = f"/api/v1/runs/{run_dir.run}/comparison"
    answer = client.get(path, params={"offset": 10}).json()
    assert (answer["left"], answer["right"]) == (f"{run_dir.run}/base", f"{run_dir.run}/tuned")
    assert answer["verdict"].startswith("Only 12 records")
    assert answer["hashes"] == {"left": "b" * 64, "right": answer["hashes"]["right"]}
    assert ([pair["row"] for pair in answer["examples"]], answer["records"]) == ([10, 11], 12)
    assert (answer["columns"], answer["by"], answer["categories"]) == (["topic"], None, None)
    by = client.get(path, params={"by": "topic"}).json()
    assert [(one["value"], one["records"]) for one in by["categories"]] == [("a", 6), ("b", 6)]
    assert client.get(path, params={"limit": 101}).status_code == 400


def test_a_checkpoint_is_there_as_soon_as_it_is_whole(
    client: TestClient, workspace: Workspace, run_dir: RunDir
) -> None:
    path, asked = f"/api/v1/runs/{run_dir.run}/comparison", {"left": "step-4"}
    refused = client.get(path, params=asked)
    assert (refused.status_code, "as step-4" in refused.text) == (400, True)
    write_side(run_dir, "step-4", [make_line(row, "yes", loss=0.75) for row in range(12)])
    assert client.get(path, params=asked).json()["base"]["loss"] == 0.75
    write_side(run_dir, "step-4", [make_line(row, "yes", loss=0.25) for row in range(12)])
    assert client.get(path, params=asked).json()["base"]["loss"] == 0.25


def test_another_run_is_named_by_its_address(
    client: TestClient, workspace: Workspace, run_dir: RunDir
) -> None:
    lines = [make_line(row, "yes") for row in range(12)]
    other = make_run(workspace.runs, lines, lines, run=workspace.new_id())
    path = f"/api/v1/runs/{run_dir.run}"
    sides = client.get(f"{path}/sides").json()["sides"]
    assert [side["address"] for side in sides] == [
        f"{run}/{which}" for run in (run_dir.run, other.run) for which in ("base", "tuned")
    ]
    answer = client.get(f"{path}/comparison", params={"left": "tuned", "right": sides[3]["address"]}).json()
    assert (answer["run"], answer["right"]) == (other.run, f"{other.run}/tuned")
    unknown = client.get(f"{path}/comparison", params={"right": f"{'0' * 32}/tuned"})
    assert unknown.status_code == 404


def test_what_is_no_address_or_no_report_is_refused_before_a_byte(
    client: TestClient, run_dir: RunDir
) -> None:
    path = f"/api/v1/runs/{run_dir.run}/comparison"
    for right in ("../etc", "tuned/..", "step-", "", "a" * 121):
        answer = client.get(path, params={"right": right})
        assert answer.status_code in (400, 404)
        assert "Traceback" not in answer.text
    for asked in (f"{path}.pdf", f"{path}.html?by=colour", f"{path}.html?right=step-9"):
        assert client.get(asked).status_code == 400


def test_a_report_is_saved_never_shown(client: TestClient, run_dir: RunDir) -> None:
    for kind, media, begins in (
        ("html", "text/html; charset=utf-8", b"<!doctype html>"),
        ("jsonl", "application/jsonl", b'{"prompt": "p0"'),
        ("csv", "text/csv; charset=utf-8", b"row,prompt,expected"),
    ):
        answer = client.get(f"/api/v1/runs/{run_dir.run}/comparison.{kind}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media)
        assert answer.content.startswith(begins)
        name = f"compare-base-{run_dir.run[:8]}-tuned.{kind}"
        assert answer.headers["content-disposition"].startswith(f'attachment; filename="{name}"')


def test_damage_is_said_with_the_file(client: TestClient, run_dir: RunDir) -> None:
    run_dir.tuned_completions.write_text("{")
    answer = client.get(f"/api/v1/runs/{run_dir.run}/comparison")
    assert (answer.status_code, "eval/tuned.jsonl holds 0 whole lines of 12" in answer.text) == (400, True)


def test_the_command_prints_the_same(
    client: TestClient, workspace: Workspace, run_dir: RunDir, tmp_path: Path
) -> None:
    from typer.testing import CliRunner

    from studio.cli import app

    words = ["compare", run_dir.run[:8], "--by", "topic", "--json", "--workspace", str(workspace.root)]
    done = CliRunner().invoke(app, words)
    asked = {"by": "topic", "limit": 100}
    assert (
        json.loads(done.output) == client.get(f"/api/v1/runs/{run_dir.run}/comparison", params=asked).json()
    )
