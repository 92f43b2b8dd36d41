import json
import shutil
import signal
import time

import pytest

from studio import task
from studio.errors import WorkspaceError
from studio.task import read_task, start_task, stop_task, wait_task

MODULE = "tests.task_work"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "tasks" / "abc"
    yield folder
    if folder.exists():
        stop_task(folder)


def begin(folder, do, **request):
    return start_task(folder, MODULE, {"do": do, "deaf": False, **request})


def wait_progress(folder):
    while not (state := read_task(folder)).done:
        assert state.goes_on
        time.sleep(0.02)
    return state


def test_what_the_work_gives_is_the_answer_and_a_secret_is_written_nowhere(folder):
    state = start_task(folder, MODULE, {"do": "answer", "value": "ü"}, secrets={"CANARY": "hf_canary"})
    assert (state.id, state.goes_on) == ("abc", True)
    state = wait_task(folder)
    assert state.state == "done"
    assert state.answer == {"given": "ü", "secret": "hf_canary", "mode": 0o700}
    state_file = (folder / "state.json").read_bytes()
    (folder / "state.json").write_bytes(state_file.replace(b"hf_canary", b""))  # the answer told it
    assert not [file.name for file in folder.iterdir() if b"hf_canary" in file.read_bytes()]


@pytest.mark.parametrize(
    ("do", "message", "hint"),
    [
        ("refuse", "There is no file a.jsonl.", "Give another."),
        ("break", "It failed: ZeroDivisionError.", "This is a bug. Its traceback is in abc/log.txt"),
        ("die", "It was interrupted: its process is gone.", "Begin again."),
    ],
)
def test_what_goes_wrong_is_said_in_words(folder, do, message, hint):
    begin(folder, do)
    state = wait_task(folder)
    assert (state.state, state.message) == ("failed", message)
    assert state.hint.startswith(hint)


def test_progress_is_seen_and_a_second_start_joins(folder):
    begin(folder, "go on")
    state = wait_progress(folder)
    assert state.total == 1_000
    assert begin(folder, "answer").goes_on
    assert json.loads((folder / "request.json").read_bytes())["do"] == "go on"
    assert stop_task(folder).state == "stopped"
    assert (folder / "cleared").exists()


def test_one_that_is_deaf_is_ended_all_the_same(folder, monkeypatch):
    monkeypatch.setattr(task, "PATIENCE", 0.3)
    begin(folder, "go on", deaf=True)
    wait_progress(folder)
    assert stop_task(folder).state == "stopped"


def test_a_stop_does_not_end_the_worker_that_was_begun_meanwhile(folder, monkeypatch):
    def signal_and_begin(lock, number):
        assert number == signal.SIGTERM
        signal_worker(lock, number)
        while task.is_held(lock):
            time.sleep(0.01)
        begin(folder, "go on")

    signal_worker = task.signal_worker
    monkeypatch.setattr(task, "PATIENCE", 0.5)
    begin(folder, "go on")
    wait_progress(folder)
    monkeypatch.setattr(task, "signal_worker", signal_and_begin)
    assert stop_task(folder).goes_on


def test_one_that_is_over_stays_as_it_is_and_can_be_begun_again(folder):
    begin(folder, "answer", value=1)
    assert wait_task(folder).answer["given"] == 1
    assert stop_task(folder).answer["given"] == 1
    begin(folder, "answer", value=2)
    assert wait_task(folder).answer["given"] == 2


def test_a_worker_ends_when_its_folder_is_cleared_away(folder, tmp_path):
    begin(folder, "go on")
    wait_progress(folder)
    lock = (folder / "lock").open("rb")
    moved = folder.rename(tmp_path / "away")
    (moved / "request.json").unlink()
    while task.is_held(moved / "lock"):
        time.sleep(0.05)
    lock.close()
    shutil.rmtree(moved)


def test_no_task_is_an_error_in_words(tmp_path):
    with pytest.raises(WorkspaceError, match="There is no work nothing"):
        read_task(tmp_path / "nothing")
