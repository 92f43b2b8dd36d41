"""The queue: one run at work on a device; the real worker, with a few lines in the place of the training."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studio.errors import RunError
from studio.job import cancel_job, describe_run, resume_job, revive_queue, wait_job
from studio.run import RunDir, read_state
from studio.run.queue import find_devices, list_queue, order_queue
from tests.scripted_jobs import GOES_ON, command_trainer, read_pid, start_trainer, wait_for

WAITS = """
    while not (run_dir.path.parent.parent / "go").exists():
        time.sleep(0.02)
        report.check_stop()
    report.enter("succeeded")
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where runs lie; none of them works on after the test."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    yield tmp_path
    for path in (tmp_path / "runs").iterdir():
        if not path.name.startswith(".") and not read_state(RunDir(path)).finished:
            cancel_job(RunDir(path), patience=0.2, wait=True)


def start(folder: Path, run: str, work: str = WAITS) -> RunDir:
    data = folder / f"{run}.jsonl"  # of its own, as launches come at once
    data.write_text('{"prompt": "a", "completion": "b"}\n')
    return start_trainer(folder, work, run_id=run, data={"train": data})


def states(folder: Path) -> list[str]:
    return sorted(read_state(RunDir(path)).state for path in (folder / "runs").glob("r*"))


def test_of_five_launches_at_once_one_runs_and_all_come_to_their_end(folder: Path) -> None:
    with ThreadPoolExecutor(5) as pool:
        runs = list(pool.map(lambda number: start(folder, f"r{number}"), range(5)))
    wait_for(lambda: states(folder) == ["queued"] * 4 + ["running"])
    assert len(list_queue(folder / "runs")) == 4
    places = sorted(describe_run(run_dir)["place"] or 0 for run_dir in runs)
    assert places == [0, 1, 2, 3, 4]
    (folder / "go").touch()
    ended = [wait_job(run_dir, 30).state for run_dir in runs]
    print(f"K5: 5 launches at once, 1 at work and 4 in the queue, {ended.count('succeeded')} succeeded")
    assert ended == ["succeeded"] * 5
    assert {read_state(run_dir).device for run_dir in runs} == {"cpu"}


def test_the_order_can_be_changed_and_the_next_one_follows_a_death(folder: Path) -> None:
    first = start(folder, "r1", GOES_ON)
    wait_for(lambda: read_state(first).state == "running")
    for run in ("r2", "r3", "r4"):
        start(folder, run, GOES_ON)
        wait_for(lambda run=run: run in list_queue(folder / "runs"))  # type: ignore[misc]
    assert list_queue(folder / "runs") == ["r2", "r3", "r4"]
    assert order_queue(folder / "runs", ["r4", "r4", "r2"]) == ["r4", "r2", "r3"]
    assert describe_run(RunDir(folder / "runs" / "r3"))["waits_for"] == ["r1", "r4", "r2"]
    assert describe_run(first)["waits_for"] == []
    with pytest.raises(RunError, match="'r1' does not wait"):
        order_queue(folder / "runs", ["r1"])
    os.kill(read_pid(first), signal.SIGKILL)
    wait_for(lambda: read_state(RunDir(folder / "runs" / "r4")).state == "running")
    assert list_queue(folder / "runs") == ["r2", "r3"]


def test_a_queued_run_is_cancelled_at_once_and_waits_again_when_it_is_resumed(folder: Path) -> None:
    first = start(folder, "r1", GOES_ON)
    wait_for(lambda: read_state(first).state == "running")
    second = start(folder, "r2")
    state = cancel_job(second, wait=True)
    assert (state.state, state.reason) == ("cancelled", "stopped while it waited in the queue")
    resume_job(second, command=command_trainer(WAITS))
    wait_for(lambda: list_queue(folder / "runs") == ["r2"])
    assert describe_run(second)["place"] == 1


def test_waiting_runs_get_new_workers_after_a_restart_of_the_machine(folder: Path) -> None:
    first = start(folder, "r1", GOES_ON)
    wait_for(lambda: read_state(first).state == "running")
    waiting = [start(folder, run) for run in ("r2", "r3")]
    wait_for(lambda: len(list_queue(folder / "runs")) == 2)
    for run_dir in (*waiting, first):
        os.kill(read_pid(run_dir), signal.SIGKILL)
        wait_for(lambda run_dir=run_dir: read_state(run_dir).state == "failed")  # type: ignore[misc]
    waiting[1].stop.touch()
    revived = revive_queue(folder / "runs", command=command_trainer(GOES_ON))
    assert revived == ["r2"]
    assert revive_queue(folder / "runs", command=command_trainer(GOES_ON)) == []
    wait_for(lambda: read_state(waiting[0]).state == "running")


@pytest.mark.parametrize(
    ("environment", "found", "devices"),
    [
        ({}, (), ("cpu",)),
        ({}, ("nvidia10", "nvidia2", "nvidiactl"), ("2", "10")),
        ({"CUDA_VISIBLE_DEVICES": ""}, ("nvidia0",), ("cpu",)),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, ("nvidia0",), ("cpu",)),
        ({"CUDA_VISIBLE_DEVICES": "1, GPU-ab/c"}, (), ("1", "GPU-ab/c")),
    ],
)
def test_devices_are_found_without_torch(
    tmp_path: Path, environment: dict[str, str], found: tuple[str, ...], devices: tuple[str, ...]
) -> None:
    for name in found:
        (tmp_path / name).touch()
    assert find_devices(environment, tmp_path) == devices


def test_two_devices_have_two_runs_at_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    runs = [start(folder, run, GOES_ON) for run in ("r1", "r2", "r3")]
    wait_for(lambda: states(folder) == ["queued", "running", "running"])
    assert sorted(read_state(run_dir).device for run_dir in runs) == ["", "0", "1"]
