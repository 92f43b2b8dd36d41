"""Names, notes, and runs that are put away and brought back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from studio.errors import RunError
from studio.job import (
    cancel_job,
    delete_run,
    describe_removed,
    describe_run,
    label_run,
    list_removed,
    list_runs,
    remove_run,
    restore_run,
    wait_job,
)
from studio.run import RunDir, read_state
from tests.scripted_jobs import start_scripted, wait_for

Work = Callable[[Path, str], object]


@pytest.fixture
def over(tmp_path: Path) -> RunDir:
    run_dir = start_scripted(tmp_path, "say('succeeded')")
    wait_job(run_dir, 20)
    return run_dir


def test_a_name_and_notes_stay_with_the_run(over: RunDir) -> None:
    assert (describe_run(over)["name"], describe_run(over)["notes"]) == ("", "")
    label_run(over, name=" Shorter\n answers ")
    label_run(over, notes="max_length 256\nfirst try")
    said = describe_run(RunDir(over.path))
    assert (said["name"], said["notes"]) == ("Shorter answers", "max_length 256\nfirst try")
    with pytest.raises(RunError, match="name has 81 characters"):
        label_run(over, name="x" * 81)
    over.label.write_text("{")
    assert describe_run(over)["name"] == ""


def test_a_removed_run_is_put_away_and_comes_back_whole(over: RunDir) -> None:
    runs = over.path.parent
    before = sorted(path.relative_to(over.path) for path in over.path.rglob("*"))
    remove_run(over)
    assert list_runs(runs) == []
    assert [state.run for state in list_removed(runs)] == ["r1"]
    restored = restore_run(runs, "r1")
    assert sorted(path.relative_to(restored.path) for path in restored.path.rglob("*")) == before
    assert read_state(restored).state == "succeeded"
    assert list_removed(runs) == []


def test_a_removed_run_can_be_deleted_for_good(over: RunDir) -> None:
    runs = over.path.parent
    with pytest.raises(RunError, match="was removed"):
        delete_run(runs, "r1")  # not before it is removed
    remove_run(over)
    [removed] = describe_removed(runs)
    assert removed["disk_bytes"] > 100
    delete_run(runs, "r1")
    assert describe_removed(runs) == []
    assert list((runs / ".removed").iterdir()) == []


@pytest.mark.parametrize("run", ["r1", "", "..", "../runs", "/etc"])
@pytest.mark.parametrize("work", [restore_run, delete_run])
def test_only_what_was_removed_can_be_restored_or_deleted(tmp_path: Path, run: str, work: Work) -> None:
    with pytest.raises(RunError, match="was removed"):
        work(tmp_path / "runs", run)


def test_a_run_at_work_is_not_removed(tmp_path: Path) -> None:
    run_dir = start_scripted(tmp_path, "say('running'); time.sleep(60)")
    wait_for(lambda: read_state(run_dir).state == "running")
    with pytest.raises(RunError, match="is not over: running"):
        remove_run(run_dir)
    cancel_job(run_dir, patience=0, wait=True)
