"""`studio datasets`: the workspace's datasets without the screen."""

import json
from pathlib import Path

from typer.testing import CliRunner

from studio.cli import app
from studio.errors import WorkspaceError

RUNNER = CliRunner()


def run(folder: Path, *words: str) -> dict[str, object]:
    result = RUNNER.invoke(app, [*words, "--json", "--workspace", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def test_a_dataset_is_renamed_removed_restored_and_deleted(tmp_path: Path) -> None:
    source, work = tmp_path / "faq.jsonl", tmp_path / "work"
    source.write_text('{"a": "1"}\n')
    table_id = str(run(work, "load", str(source))["id"])
    assert run(work, "datasets", "rename", table_id[:6], "mine") == {"id": table_id, "name": "mine"}
    run(work, "datasets", "remove", table_id)
    listed = run(work, "datasets", "list")
    assert listed["datasets"] == [] and "mine" in str(listed["removed"])
    run(work, "datasets", "restore", table_id[:4])
    run(work, "datasets", "remove", table_id)
    run(work, "datasets", "delete", table_id)
    assert run(work, "datasets", "list") == {"datasets": [], "removed": []}


def test_an_unknown_dataset_is_named(tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["datasets", "remove", "abcd", "--workspace", str(tmp_path)])
    assert isinstance(result.exception, WorkspaceError) and "abcd" in result.exception.message
