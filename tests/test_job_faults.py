"""Every way in which a trainer can fail, played by a few lines in the real worker: what the run then says."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio import run
from studio.job import cancel_job, ending
from studio.run import RunDir, RunState, read_log, read_state
from studio.run.faults import name_failure
from studio.train.pulse import Pulse, measure_memory
from tests.scripted_jobs import read_pid, start_trainer, wait_for

FULL = """
    import studio.run.folder as folder
    def refuse(*given): raise OSError(errno.ENOSPC, "No space left on device")
    folder.write_file = refuse
    report.step(4, 9)
"""
# The fault, the state and the kind that follow, and a word of the reason.
FAULTS = {
    "crash": ("raise ValueError('shapes differ')", "failed", "bug", "ValueError: shapes differ"),
    "kill -9": ("os.kill(os.getpid(), signal.SIGKILL)", "failed", "died", "step 3 of 9"),
    "kill -9 before it runs": (
        "report.enter('starting'); os.kill(os.getpid(), signal.SIGKILL)",
        "failed",
        "died",
        "the worker died",
    ),
    "kill -9 while it is scored": (
        "report.enter('evaluating'); os.kill(os.getpid(), signal.SIGKILL)",
        "failed",
        "died",
        "the worker died",
    ),
    "kill -9 while it is cancelled": (
        "run_dir.stop.touch(); os.kill(os.getpid(), signal.SIGKILL)",
        "cancelled",
        "",
        "before it could save",
    ),
    "kill -9 after the last word": (
        "report.enter('succeeded'); os.kill(os.getpid(), signal.SIGKILL)",
        "succeeded",
        "",
        "",
    ),
    "segmentation fault": ("os.kill(os.getpid(), signal.SIGSEGV)", "failed", "died", "the worker died"),
    "exit without a word": ("os._exit(0)", "failed", "died", "the worker died"),
    "out of memory": (
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29)); bytearray(1 << 40)",
        "failed",
        "memory",
        "memory is used up",
    ),
    "out of GPU memory": (
        "raise RuntimeError('CUDA out of memory. Tried to allocate 2 GiB')",
        "failed",
        "memory",
        "smaller batch",
    ),
    "C++ out of memory": (
        "os.write(2, b'terminate called after throwing std::bad_alloc\\n'); os.abort()",
        "failed",
        "memory",
        "bad_alloc",
    ),
    "OOM killer": (
        "report.pulse.__class__._beat = lambda self: None; time.sleep(0.1); run_dir.heartbeat.write_text("
        "json.dumps({'resident': 3_100_000_000, 'free': 40_000_000})); os.kill(os.getpid(), signal.SIGKILL)",
        "failed",
        "memory",
        "it held 3.1 GB, 40 MB were free",
    ),
    "loss is no number": (
        "raise FloatingPointError('The loss is not a number after step 3.')",
        "failed",
        "loss",
        "after step 3",
    ),
    "full disk": ("raise OSError(errno.ENOSPC, 'No space left on device')", "failed", "disk", "Free some"),
    "full disk, as safetensors says it": (
        "raise type('SafetensorError', (Exception,), {})('Error: I/O error: No space left (os error 28)')",
        "failed",
        "disk",
        "disk is full",
    ),
    "full disk, as torch says it": (
        "raise RuntimeError('basic_ios::clear: iostream error')",
        "failed",
        "disk",
        "disk is full",
    ),
    "a disk too full for the last word": (FULL, "failed", "disk", "No space left on device"),
    "refused data": (
        "from studio.errors import RunError; raise RunError('No row is left.', 'Raise max_length.')",
        "failed",
        "data",
        "Raise max_length.",
    ),
    "a token in the error": (
        "raise ValueError('https://me:pw@host refused hf_abcdefghijklmnop')",
        "failed",
        "bug",
        "https://[hidden]@host refused [hidden]",
    ),
    "SIGTERM": ("os.kill(os.getpid(), 15); report.check_stop()", "cancelled", "", "stopped on request"),
    "SIGTERM to one deaf to the stop file": (
        "run_dir.stop.touch(); os.kill(os.getpid(), 15); time.sleep(60)",
        "cancelled",
        "",
        "before it could save",
    ),
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[RunState, RunDir, float]]:
    """How each fault ended, and the seconds from the fault until the state said so."""
    folder = tmp_path_factory.mktemp("faults")
    runs = {name: start_trainer(folder / str(at), FAULTS[name][0]) for at, name in enumerate(FAULTS)}
    found: dict[str, tuple[RunState, RunDir, float]] = {}
    end = time.monotonic() + 60
    while len(found) < len(runs) and time.monotonic() < end:
        for name, run_dir in runs.items():
            if name not in found and (state := read_state(run_dir)).finished:
                found[name] = state, run_dir, time.time() - float((run_dir.path / "fault").read_text())
        time.sleep(0.02)
    slowest = max(seconds for _, _, seconds in found.values())
    print(f"C3: {len(runs)} faults, {len(found)} classified, the slowest after {slowest:.2f} s")
    return found


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_words(ended: dict[str, tuple[RunState, RunDir, float]], fault: str) -> None:
    _, state, kind, word = FAULTS[fault]
    found, run_dir, _ = ended[fault]
    assert (found.state, found.kind) == (state, kind), found.reason
    assert word in found.reason
    assert (found.step, found.steps) == (3, 9) or fault.startswith("a disk")
    log = read_log(run_dir)
    assert "step 3 of 9" in log
    assert "hf_abc" not in log + found.reason + run_dir.state_file.read_text() + run_dir.events.read_text()


def test_a_worker_that_is_frozen_is_stalled_and_can_be_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "STALLED_AFTER", 1.5)
    monkeypatch.setattr(ending, "KILL_AFTER", 0.2)
    run_dir = start_trainer(tmp_path / "hang", "os.kill(os.getpid(), signal.SIGSTOP)")
    wait_for(lambda: read_state(run_dir).state == "stalled")
    assert "no sign of life" in read_state(run_dir).reason
    assert cancel_job(run_dir, patience=0.2, wait=True).state == "cancelled"


def test_a_worker_whose_work_hangs_does_not_look_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("studio.train.pulse.time.monotonic", lambda: clock[0])
    pulse = Pulse(RunDir(tmp_path), least_pause=10)
    for now, goes_on in ((9, True), (11, False)):
        clock[0] = now
        assert pulse.goes_on is goes_on
    pulse.mark()  # a pause of 11 seconds: now 220 are nothing to speak of
    for now, goes_on in ((200, True), (300, False)):
        clock[0] = now
        assert pulse.goes_on is goes_on
    pulse.allow(1_000)
    clock[0] = 1_200
    assert pulse.goes_on


def test_a_worker_that_may_be_silent_is_not_stalled(tmp_path: Path) -> None:
    run_dir = start_trainer(tmp_path / "quiet", "report.pulse.allow(100); time.sleep(60)")
    wait_for(lambda: (run_dir.path / "fault").exists())
    time.sleep(0.2)
    old = time.time() - 50
    os.kill(read_pid(run_dir), signal.SIGSTOP)
    os.utime(run_dir.heartbeat, (old, old))
    assert read_state(run_dir).state == "running"
    os.kill(read_pid(run_dir), signal.SIGKILL)


def test_the_memory_of_a_worker_is_measured(tmp_path: Path) -> None:
    resident, free = measure_memory()
    assert resident is not None
    assert free is not None
    assert 1_000_000 < resident < 1 << 40
    assert free >= 0
    pulse = Pulse(RunDir(tmp_path))
    pulse.start()
    assert json.loads(RunDir(tmp_path).heartbeat.read_text())["resident"] > 1_000_000


def test_a_zombie_is_a_dead_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Never:
        def __init__(self, target: object, daemon: bool) -> None: ...
        def start(self) -> None: ...

    monkeypatch.setattr("studio.worker.threading.Thread", Never)
    run_dir = start_trainer(tmp_path / "zombie", "time.sleep(60)")
    wait_for(lambda: (run_dir.path / "fault").exists())
    pid = read_pid(run_dir)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z")
    # Another thread of it may live a moment longer.
    wait_for(lambda: (read_state(run_dir).state, read_state(run_dir).kind) == ("failed", "died"))
    os.waitpid(pid, 0)


LAUNCHER = """
import sys, time
from pathlib import Path
from tests.scripted_jobs import GOES_ON, start_trainer
start_trainer(Path(sys.argv[1]), GOES_ON)
print("started", flush=True)
time.sleep(60)
"""


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(tmp_path / "run")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[1],
    ) as process:
        yield process
        process.kill()


def test_a_run_outlives_the_kill_of_what_started_it_and_is_found_again(
    tmp_path: Path, launcher: "subprocess.Popen[str]"
) -> None:
    assert launcher.stdout is not None
    assert launcher.stdout.readline() == "started\n"
    launcher.kill()
    launcher.wait()
    run_dir = RunDir(tmp_path / "run" / "runs" / "r1")
    wait_for(lambda: read_state(run_dir).step == 5)
    before = read_state(run_dir).seconds
    wait_for(lambda: read_state(run_dir).seconds > before)
    state = cancel_job(run_dir, wait=True)
    assert (state.state, state.reason) == ("cancelled", "stopped on request")


@pytest.mark.parametrize("error", [MemoryError(), ValueError(), ValueError("a\nb"), KeyError("x")])
def test_a_reason_is_one_line(error: BaseException) -> None:
    assert "\n" not in name_failure(error)[1]
