"""The job: a scripted worker stands in for the trainer, so that every fault is one line of Python."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio import job
from studio.durable import sweep_parts
from studio.errors import RunError
from studio.job import (
    cancel_job,
    describe_run,
    ending,
    enforce_stops,
    list_runs,
    start,
    start_job,
    summarize_run,
    wait_job,
    watch_job,
)
from studio.run import RunDir, read_log, read_spec, read_state
from tests.scripted_jobs import read_pid, start_scripted, wait_for


def test_a_new_run_is_never_taken_for_dead(tmp_path: Path) -> None:
    run_dir = start_scripted(tmp_path, "say('succeeded')")
    seen = {read_state(run_dir).state}
    while not read_state(run_dir).finished:
        seen.add(read_state(run_dir).state)
    assert seen | {read_state(run_dir).state} <= {"queued", "succeeded"}


def test_data_is_frozen_counted_and_hashed_at_launch(tmp_path: Path) -> None:
    run_dir = start_scripted(tmp_path, "say('succeeded')", recipe={"version": 1}, train={"max_steps": 3})
    (tmp_path / "train.jsonl").write_text("changed")
    spec = read_spec(run_dir)
    assert (run_dir.path / spec.data["train"].file).read_text() == '{"prompt": "a", "completion": "b"}\n'
    assert spec.data["train"].records == 1
    assert len(spec.data["train"].sha256) == 64
    assert (spec.recipe, spec.train, spec.base_model) == ({"version": 1}, {"max_steps": 3}, "tiny")
    wait_job(run_dir, 20)


def test_a_launch_that_is_under_way_is_not_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    swept = []
    real = start.freeze_data

    def freeze(*given: object) -> object:
        swept.append(sweep_parts(tmp_path / "runs"))
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(start, "freeze_data", freeze)
    wait_job(start_scripted(tmp_path, "say('succeeded')"), 20)
    assert swept == [0]
    (tmp_path / "runs" / ".r2.part-1234").mkdir()  # a killed one leaves this
    assert sweep_parts(tmp_path / "runs") == 1


def test_watching_gives_every_event_in_order_until_the_end(tmp_path: Path) -> None:
    script = """
say('running')
for step in range(5):
    write_event(run_dir, Event(event='progress', step=step, loss=1.0)); time.sleep(0.02)
say('succeeded')
"""
    run_dir = start_scripted(tmp_path, script)
    assert [event.step for event in watch_job(run_dir, pause=0.02)] == [0, 1, 2, 3, 4]


def test_a_fresh_look_at_the_folder_sees_the_same_run(tmp_path: Path) -> None:
    run_dir = start_scripted(tmp_path, "say('running', step=3, steps=9); time.sleep(60)")
    wait_for(lambda: read_state(run_dir).state == "running")
    assert read_state(RunDir(Path(str(run_dir.path)))) == read_state(run_dir)
    assert read_state(run_dir).step == 3
    cancel_job(run_dir, patience=0, wait=True)


def test_a_killed_worker_is_a_failed_run_with_its_last_words(tmp_path: Path) -> None:
    run_dir = start_scripted(tmp_path, "print('step 12', flush=True); say('running'); time.sleep(60)")
    wait_for(lambda: read_state(run_dir).state == "running")
    os.kill(read_pid(run_dir), signal.SIGKILL)
    state = wait_job(run_dir, 20)
    assert (state.state, state.kind) == ("failed", "died")
    assert state.reason.startswith("the worker died")
    assert "step 12" in state.reason


def test_a_worker_that_cannot_start_is_a_failed_run(tmp_path: Path) -> None:
    state = wait_job(start_scripted(tmp_path, "raise SystemExit('no such thing')"), 20)
    assert state.state == "failed"
    assert "no such thing" in state.reason


def test_cancel_asks_with_the_stop_file_first(tmp_path: Path) -> None:
    script = """
say('running')
while not run_dir.stop.exists():
    time.sleep(0.01)
say('cancelled', step=7)
"""
    run_dir = start_scripted(tmp_path, script)
    wait_for(lambda: read_state(run_dir).state == "running")
    state = cancel_job(run_dir, wait=True)
    assert (state.state, state.step) == ("cancelled", 7)


def test_a_pending_stop_shows_at_once(tmp_path: Path) -> None:
    run_dir = start_scripted(tmp_path, "say('running'); time.sleep(60)")
    wait_for(lambda: read_state(run_dir).state == "running")
    assert cancel_job(run_dir, patience=1).state == "cancelling"
    assert wait_job(run_dir, 20).state == "cancelled"


def test_a_worker_deaf_to_the_stop_file_and_to_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "KILL_AFTER", 0.2)
    script = "import signal; signal.signal(15, signal.SIG_IGN); say('running'); time.sleep(60)"
    run_dir = start_scripted(tmp_path, script)
    wait_for(lambda: read_state(run_dir).state == "running")
    assert cancel_job(run_dir, patience=0.1, wait=True).state == "cancelled"
    assert wait_job(run_dir, 5).finished


def test_a_stop_that_was_asked_for_by_a_process_that_is_gone_is_enforced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "KILL_AFTER", 0.2)
    script = "import signal; signal.signal(15, signal.SIG_IGN); say('running'); time.sleep(60)"
    run_dir = start_scripted(tmp_path, script)
    wait_for(lambda: read_state(run_dir).state == "running")
    assert enforce_stops(tmp_path / "runs", patience=0) == []
    run_dir.stop.touch()
    assert enforce_stops(tmp_path / "runs", patience=0.1) == ["r1"]
    assert wait_job(run_dir, 20).state == "cancelled"


def test_a_stranger_with_the_workers_number_is_never_signalled(tmp_path: Path) -> None:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        time.sleep(
            0.1
        )  # a process is told from another of its number by its start, in hundredths of a second
        run_dir = start_scripted(tmp_path, "say('running'); time.sleep(60)")
        wait_for(lambda: read_state(run_dir).state == "running" and run_dir.lock.read_text() != "")
        ours = json.loads(run_dir.lock.read_text())
        run_dir.lock.write_text(json.dumps(ours | {"pid": stranger.pid}))
        cancel_job(run_dir, patience=0.1)
        time.sleep(0.5)
        assert stranger.poll() is None
        os.kill(ours["pid"], signal.SIGKILL)
        assert wait_job(run_dir, 20).state == "cancelled"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_finished_run_cannot_be_cancelled(tmp_path: Path) -> None:
    run_dir = start_scripted(tmp_path, "say('succeeded')")
    wait_job(run_dir, 20)
    with pytest.raises(RunError, match="already over: succeeded"):
        cancel_job(run_dir)
    assert not run_dir.stop.exists()


def test_the_worker_sees_no_token_and_no_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_canarycanary")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    monkeypatch.setenv("HF_HOME", "/somewhere")
    script = "print(json.dumps(dict(os.environ)), repr(sys.stdin.read()), flush=True); say('succeeded')"
    run_dir = start_scripted(tmp_path, script)
    wait_job(run_dir, 20)
    log = read_log(run_dir)
    assert "canary" not in log
    assert '"HF_HOME": "/somewhere"' in log
    assert log.endswith("''")


def test_the_worker_leads_its_own_session_and_argv_is_a_list(tmp_path: Path) -> None:
    script = "print(os.getsid(0) == os.getpid(), sys.argv[1:], flush=True); say('succeeded')"
    run_dir = start_scripted(tmp_path, script, run_id="r; touch x")
    wait_job(run_dir, 20)
    assert read_log(run_dir).startswith("True [")
    assert str(run_dir.path) in read_log(run_dir)


def test_the_real_worker_runs_isolated_without_a_shell() -> None:
    assert (sys.executable, "-I", "-m", "studio.train") == job.WORKER


def test_runs_are_listed_newest_first_and_strangers_passed_over(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "runs") == []
    for run_id, started in (("old", "2026-01-01"), ("new", "2026-01-02")):
        script = f"write_state(run_dir, RunState(run=run_dir.run, state='succeeded', started='{started}'))"
        wait_job(start_scripted(tmp_path, script, run_id=run_id), 20)
    (tmp_path / "runs" / "stranger").mkdir()
    assert [state.run for state in list_runs(tmp_path / "runs")] == ["new", "old"]


def test_described_and_summarized_runs_have_the_promised_names(tmp_path: Path) -> None:
    metrics = {"base": {"loss": 7.6}, "tuned": {"loss": 3.4, "bits_per_byte": 1.1}}
    script = f"say('succeeded', step=9, steps=9, seconds=1.5, metrics={metrics})"
    run_dir = start_scripted(tmp_path, script, recipe={"version": 1})
    wait_job(run_dir, 20)
    assert list(describe_run(run_dir)) == [
        "run",
        "state",
        "step",
        "steps",
        "attempt",
        "reason",
        "started",
        "seconds",
        "recipe",
        "metrics",
        "kind",
        "log",
        "device",
        "hardware",
        "place",
        "waits_for",
        "checkpoint",
        "resumable",
        "name",
        "notes",
    ]
    assert summarize_run(run_dir) == {
        "run": "r1",
        "state": "succeeded",
        "steps": 9,
        "seconds": 1.5,
        "base_test_loss": 7.6,
        "test_loss": 3.4,
        "bits_per_byte": 1.1,
        "folder": str(run_dir.path),
    }


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"base_model": "gpt2"}, "There is no base model"),
        ({"example_type": "messages"}, "no chat template"),
        ({"data": {}}, "no train part"),
        ({"data": {"train": Path("x"), "val": Path("x")}}, "no part named 'val'"),
        ({"data": {"train": Path("missing.jsonl")}}, "cannot be copied"),
        ({"train": {"learning_rat": 1.0}}, "no train option 'learning_rat'"),
        ({"train": {"max_steps": 0}}, "max_steps is 0"),
        ({"train": {"max_steps": True}}, "max_steps is True"),
        ({"train": {"learning_rate": "1e-3"}}, "learning_rate is '1e-3'"),
        ({"example_type": "text"}, "Line 1 of train.jsonl has no text named text"),
    ],
)
def test_what_cannot_be_trained_is_refused_and_leaves_nothing(
    tmp_path: Path, more: dict[str, object], word: str
) -> None:
    with pytest.raises(RunError, match=word):
        start_scripted(tmp_path, "", **more)
    assert not (tmp_path / "runs").exists() or list((tmp_path / "runs").iterdir()) == []


def test_an_empty_part_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(RunError, match="holds no record"):
        start_scripted(tmp_path, "", data={"train": tmp_path / "empty.jsonl"})


def test_a_run_id_is_used_once(tmp_path: Path) -> None:
    wait_job(start_scripted(tmp_path, "say('succeeded')"), 20)
    with pytest.raises(RunError, match="already a run r1"):
        start_scripted(tmp_path, "say('succeeded')")


def test_without_the_extra_the_refusal_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: None)  # type: ignore[attr-defined]
    with pytest.raises(RunError, match=r"\[train\] extra") as caught:
        start_job(tmp_path, run_id="r", data={}, example_type="text")
    assert caught.value.hint == 'Install it: pip install -e ".[train]" -c constraints.txt'


def test_importing_job_and_compare_loads_nothing_heavy() -> None:
    script = (
        "import sys, studio.job, studio.compare\n"
        "print([n for n in ('torch', 'transformers', 'trl', 'datasets', 'gradio') if n in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
