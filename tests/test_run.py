"""The run directory: what two processes agree on."""

import fcntl
import json
import os
import threading
import time
from pathlib import Path

import pytest

from studio.errors import RunError
from studio.run import (
    STALLED_AFTER,
    DataFile,
    Event,
    RunDir,
    RunSpec,
    RunState,
    clean_log,
    hold_run,
    read_events,
    read_lines,
    read_log,
    read_spec,
    read_state,
    write_event,
    write_json,
    write_state,
)
from studio.worker import is_held


def make_run(folder: Path, state: str = "running") -> RunDir:
    run_dir = RunDir(folder / "r1")
    run_dir.path.mkdir()
    write_state(run_dir, RunState(run="r1", state=state))  # type: ignore[arg-type]
    return run_dir


def test_a_spec_comes_back_as_it_was_written(tmp_path: Path) -> None:
    spec = RunSpec(
        run="r1",
        recipe={"version": 1, "split": {"train": 0.9}},
        template={"prompt": "{q}", "completion": "{ä}"},
        example_type="prompt-completion",
        base_model="tiny",
        train={"max_steps": 4},
        data={"train": DataFile(file="data/train.jsonl", records=3, sha256="ab")},
    )
    run_dir = RunDir(tmp_path)
    write_json(run_dir.spec_file, spec.to_dict())
    assert read_spec(run_dir) == spec
    assert "ä" in run_dir.spec_file.read_text(encoding="utf-8")


def test_a_folder_without_a_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="There is no run nowhere"):
        read_state(RunDir(tmp_path / "nowhere"))


def test_a_damaged_state_is_named(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path)
    run_dir.state_file.write_text('{"run"')
    with pytest.raises(RunError, match=r"state\.json of run r1 is damaged"):
        read_state(run_dir)


def test_a_state_is_believed_while_its_lock_is_held(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path)
    lock = hold_run(run_dir)
    assert is_held(run_dir.lock)
    assert read_state(run_dir).state == "running"
    os.close(lock)
    assert not is_held(run_dir.lock)
    assert (read_state(run_dir).state, read_state(run_dir).kind) == ("failed", "died")


def test_reading_changes_nothing_on_disk(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path)
    before = run_dir.state_file.read_bytes()
    assert read_state(run_dir).state == "failed"
    assert run_dir.state_file.read_bytes() == before


@pytest.mark.parametrize("final", ["succeeded", "failed", "cancelled"])
def test_a_final_state_needs_no_lock_and_no_stop_file_changes_it(tmp_path: Path, final: str) -> None:
    run_dir = make_run(tmp_path, final)
    run_dir.stop.touch()
    assert read_state(run_dir).state == final


def test_a_living_run_with_a_stop_file_is_cancelling_and_a_dead_one_cancelled(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path)
    run_dir.stop.touch()
    lock = hold_run(run_dir)
    assert read_state(run_dir).state == "cancelling"
    os.close(lock)
    assert read_state(run_dir).state == "cancelled"


def test_an_old_heartbeat_is_a_stalled_run(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path)
    lock = hold_run(run_dir)
    run_dir.heartbeat.touch()
    assert read_state(run_dir).state == "running"
    old = time.time() - STALLED_AFTER - 1
    os.utime(run_dir.heartbeat, (old, old))
    assert read_state(run_dir).state == "stalled"
    os.close(lock)


def test_a_second_worker_is_refused(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path)
    lock = hold_run(run_dir)
    with pytest.raises(RunError, match="already at work"):
        hold_run(run_dir)
    os.close(lock)


def test_many_readers_do_not_disturb_each_other(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path)
    with run_dir.lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert read_state(run_dir).state == "failed"


def test_events_are_read_from_an_offset_on(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    assert read_events(run_dir) == ([], 0)
    write_event(run_dir, Event(event="progress", step=1, loss=2.5))
    first, offset = read_events(run_dir)
    assert first == [Event(event="progress", step=1, loss=2.5)]
    assert read_events(run_dir, offset) == ([], offset)
    write_event(run_dir, Event(event="log", message="né"))
    assert read_events(run_dir, offset)[0] == [Event(event="log", message="né")]


def test_a_torn_last_line_waits_for_its_end(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    write_event(run_dir, Event(event="progress", step=1))
    whole = run_dir.events.read_bytes()
    for cut in range(len(whole)):
        run_dir.events.write_bytes(whole + whole[:cut])
        events, offset = read_events(run_dir)
        assert (len(events), offset) == (1, len(whole))
    run_dir.events.write_bytes(whole + whole)
    assert len(read_events(run_dir, len(whole))[0]) == 1


def test_a_line_that_is_no_event_is_passed_over(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    run_dir.events.write_bytes(b'\xff\xfe\n[1]\n{"a": 1}\n\n{"event": "log", "later_version": true}\n')
    assert read_events(run_dir)[0] == [Event(event="log")]


def test_a_text_with_unicode_line_separators_stays_one_event(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    write_event(run_dir, Event(event="log", message="a\u2028b\x85c"))
    assert read_events(run_dir)[0][0].message == "a\u2028b\x85c"


def test_an_event_writes_only_what_it_has(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    write_event(run_dir, Event(event="evaluation", step=0, eval_loss=7.5))
    assert json.loads(run_dir.events.read_text()) == {"event": "evaluation", "step": 0, "eval_loss": 7.5}


def test_a_reader_never_sees_half_a_state(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path)
    lock = hold_run(run_dir)
    done = threading.Event()

    def write_on() -> None:
        for step in range(200):
            write_state(run_dir, RunState(run="r1", state="running", step=step, reason="x" * step * 50))
        done.set()

    writer = threading.Thread(target=write_on)
    writer.start()
    steps = [read_state(run_dir).step]
    while not done.is_set():
        steps.append(read_state(run_dir).step)
    writer.join()
    assert steps == sorted(steps)
    os.close(lock)


def test_lines_that_are_not_there_are_none(tmp_path: Path) -> None:
    assert list(read_lines(tmp_path / "none.jsonl")) == []
    (tmp_path / "some.jsonl").write_text('{"row": 1}\n{"row": 2}\n{"ro')
    assert [line["row"] for line in read_lines(tmp_path / "some.jsonl")] == [1, 2]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("10%\r20%", "10%\\r20%"),
        ("line\r\nline", "line\nline"),
        ("a\u202eb", "a\\u202eb"),
        ("token hf_abcdefghij1234 here", "token [hidden] here"),
        ("https://me:secret@host/x", "https://[hidden]@host/x"),
        ("grüße 漢字", "grüße 漢字"),
    ],
)
def test_a_log_shows_no_control_character_and_no_token(written: str, shown: str) -> None:
    assert clean_log(written) == shown


def test_only_the_end_of_a_long_log_is_read(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    assert read_log(run_dir) == ""
    run_dir.log.write_text("".join(f"line {number}\n" for number in range(100_000)))
    assert read_log(run_dir, 2) == "line 99998\nline 99999"
