"""Going on with a run that ended before its time; a scripted worker stands in for the trainer."""

import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from studio.errors import RunError
from studio.job import cancel_job, resume_job, wait_job
from studio.run import Event, RunDir, RunState, read_events, read_state, read_stored_state, write_event
from studio.run.events import mend_events, read_curve, read_samples
from tests.scripted_jobs import WORKER, read_pid, start_scripted, wait_for

SUCCEEDS = "say('succeeded', step=9, attempt=2)"


def command(script: str) -> Sequence[str]:
    return (sys.executable, "-c", WORKER + script)


def fail_run(
    folder: Path, script: str = "say('failed', step=4, steps=9, kind='loss', reason='why')"
) -> RunDir:
    run_dir = start_scripted(folder, script)
    wait_job(run_dir, 20)
    return run_dir


def test_a_failed_run_goes_on_as_another_attempt(tmp_path: Path) -> None:
    run_dir = fail_run(tmp_path)
    state = resume_job(run_dir, command=command(SUCCEEDS))
    assert (state.state, state.attempt, state.step, state.steps) == ("queued", 2, 4, 9)
    assert (state.kind, state.reason) == ("", "")
    assert wait_job(run_dir, 20).state == "succeeded"


def test_a_killed_and_a_cancelled_run_go_on(tmp_path: Path) -> None:
    run_dir = start_scripted(tmp_path, "say('running'); time.sleep(60)")
    wait_for(lambda: read_state(run_dir).state == "running")
    os.kill(read_pid(run_dir), signal.SIGKILL)
    assert wait_job(run_dir, 20).kind == "died"
    resume_job(run_dir, command=command("say('running', attempt=2); time.sleep(60)"))
    wait_for(lambda: read_state(run_dir).attempt == 2 and read_state(run_dir).state == "running")
    assert cancel_job(run_dir, patience=0, wait=True).state == "cancelled"
    resume_job(run_dir, command=command("say('succeeded', attempt=3)"))
    assert not run_dir.stop.exists()
    assert wait_job(run_dir, 20).attempt == 3


def test_of_five_resumes_at_once_one_begins(tmp_path: Path) -> None:
    run_dir = fail_run(tmp_path)

    def resume(_: int) -> str:
        try:
            resume_job(run_dir, command=command("say('running', attempt=2); time.sleep(60)"))
        except RunError as error:
            return error.message
        return "began"

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(resume, range(5)))
    assert answers.count("began") == 1
    assert all("not over" in answer or "already at work" in answer for answer in answers if answer != "began")
    wait_for(lambda: read_state(run_dir).state == "running")
    cancel_job(run_dir, patience=0, wait=True)


def test_a_run_at_work_or_succeeded_is_not_resumed(tmp_path: Path) -> None:
    run_dir = start_scripted(tmp_path, "say('running'); time.sleep(60)")
    wait_for(lambda: read_state(run_dir).state == "running")
    with pytest.raises(RunError, match="is not over: running"):
        resume_job(run_dir, command=command(SUCCEEDS))
    cancel_job(run_dir, patience=0, wait=True)
    done = start_scripted(tmp_path, "say('succeeded')", run_id="r2")
    wait_job(done, 20)
    with pytest.raises(RunError, match="has succeeded"):
        resume_job(done, command=command(SUCCEEDS))


@pytest.mark.parametrize("change", [lambda path: path.write_text("other"), Path.unlink])
def test_a_run_whose_data_has_changed_is_not_resumed(tmp_path: Path, change: object) -> None:
    run_dir = fail_run(tmp_path)
    change(run_dir.data / "train.jsonl")  # type: ignore[operator]
    with pytest.raises(RunError, match="train data of run r1 is not what was frozen"):
        resume_job(run_dir, command=command(SUCCEEDS))
    assert (read_state(run_dir).state, read_state(run_dir).attempt) == ("failed", 1)


def test_the_time_of_all_attempts_is_counted(tmp_path: Path) -> None:
    run_dir = fail_run(tmp_path, "write_event(run_dir, Event(event='progress', seconds=7.5)); say('failed')")
    resume_job(run_dir, command=command("time.sleep(60)"))
    assert read_stored_state(run_dir).seconds == 7.5
    cancel_job(run_dir, patience=0, wait=True)


def test_a_curve_leaves_out_what_was_done_again(tmp_path: Path) -> None:
    events = [
        *(Event(event="progress", step=step, loss=9.0, learning_rate=0.1) for step in (1, 2, 3)),
        Event(event="evaluation", step=3, eval_loss=9.0),
        Event(event="resumed", step=1),
        *(Event(event="progress", step=step, loss=5.0, learning_rate=0.1) for step in (2, 4)),
    ]
    assert read_curve(events) == {
        "train": [[1, 9.0, 0.1], [2, 5.0, 0.1], [4, 5.0, 0.1]],
        "validation": [],
        "speed": [],
    }


def test_answers_leave_out_what_was_done_again(tmp_path: Path) -> None:
    def answer(step: int, text: str) -> Event:
        return Event(event="samples", step=step, details={"samples": [{"completion": text}]})

    events = [answer(0, "a"), answer(2, "b"), Event(event="resumed", step=1), answer(2, "c")]
    assert [(one["step"], one["samples"][0]["completion"]) for one in read_samples(events)] == [
        (0, "a"),
        (2, "c"),
    ]
    broken = [Event(event="samples", step=3, details={}), Event(event="samples", step=3)]
    assert read_samples(broken) == []


def test_a_half_written_event_costs_no_other(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    mend_events(run_dir)
    write_event(run_dir, Event(event="progress", step=1))
    with run_dir.events.open("ab") as file:
        file.write(b'{"event": "prog')
    mend_events(run_dir)
    mend_events(run_dir)
    write_event(run_dir, Event(event="resumed", step=1))
    assert [event.event for event in read_events(run_dir)[0]] == ["progress", "resumed"]


def test_a_second_attempt_writes_over_no_state_but_the_last(tmp_path: Path) -> None:
    """The report of a worker goes on from the stored state."""
    from studio.run import write_state
    from studio.train.report import Report

    run_dir = RunDir(tmp_path)
    write_state(
        run_dir, RunState(run="r", state="queued", attempt=2, seconds=5.0, started="2026-01-01T00:00:00Z")
    )
    report = Report(run_dir)
    report.enter("running")
    state = read_stored_state(run_dir)
    assert (state.attempt, state.started, state.seconds >= 5.0) == (2, "2026-01-01T00:00:00Z", True)
