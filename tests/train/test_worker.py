"""The worker: whole small runs, in the test's process and in their own."""

import errno
import io
import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from studio.compare import open_comparison, read_pairs
from studio.errors import RunError
from studio.job import cancel_job, resume_job, start_job, summarize_run, wait_job
from studio.run import RunDir, read_events, read_log, read_state
from studio.run.checkpoints import newest_complete
from studio.run.events import read_curve
from studio.run.faults import name_failure
from studio.train.__main__ import CleanLog
from studio.train.data import read_parts
from studio.train.flow import fine_tune
from studio.train.report import Report, Stopped
from studio.train.tiny import hash_weights, load_model, make_model, make_tokenizer
from tests.scripted_jobs import wait_for
from tests.train.small_runs import make_lines, make_run, write_lines

pytestmark = pytest.mark.train


def start_run(folder: Path, **train: Any) -> RunDir:
    """A real job on 40 train and 7 test records."""
    folder.mkdir(exist_ok=True)
    data = {
        "train": write_lines(folder / "train.jsonl", make_lines(40)),
        "test": write_lines(folder / "test.jsonl", make_lines(7, 100)),
    }
    return start_job(
        folder / "runs",
        run_id="r1",
        data=data,
        example_type="prompt-completion",
        train=train,
        max_new_tokens=8,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunDir]:
    run_dir = start_run(tmp_path_factory.mktemp("finished"), max_steps=4)
    state = wait_job(run_dir, 120)
    assert state.state == "succeeded", read_log(run_dir)
    yield run_dir


def test_a_run_goes_through_its_states_and_says_what_it_does(finished: RunDir) -> None:
    events = read_events(finished)[0]
    assert [event.state for event in events if event.event == "state"] == [
        "starting",
        "running",
        "evaluating",
        "succeeded",
    ]
    kinds = [event.event for event in events]
    assert {"data", "progress", "evaluation", "checkpoint", "scoring"} <= set(kinds)
    data = next(event.details for event in events if event.event == "data")
    assert data is not None
    assert (data["train"], data["validation"], data["test"], data["held_back"]) == (38, 2, 7, 2)
    seconds = [event.seconds or 0 for event in events]
    assert seconds == sorted(seconds)
    state = read_state(finished)
    assert (state.step, state.steps, state.attempt) == (4, 4, 1)
    assert state.started.endswith("Z")
    assert re.fullmatch(r".+, \d+ threads?, float32|.+, (float32|bfloat16)", state.hardware)
    assert "Traceback" not in read_log(finished)


def test_the_base_column_is_provably_the_base(finished: RunDir) -> None:
    metrics = read_state(finished).metrics
    base, tokenizer = load_model(finished.base)
    tuned, _ = load_model(finished.final)
    assert metrics["base"]["weights_sha256"] == hash_weights(base)
    assert metrics["tuned"]["weights_sha256"] == hash_weights(tuned)
    assert hash_weights(base) != hash_weights(tuned)
    assert hash_weights(base) == hash_weights(make_model(tokenizer, 42))
    assert metrics["tuned"]["loss"] < metrics["base"]["loss"]


def test_both_models_answer_every_test_record_and_the_first_five_first(finished: RunDir) -> None:
    for path in (finished.base_completions, finished.tuned_completions):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert [line["row"] for line in lines] == list(range(7))
        assert [line["expected"] for line in lines] == [line["completion"] for line in make_lines(7, 100)]
        assert list(lines[0]) == ["row", "prompt", "expected", "completion", "finished", "loss", "tokens"]
    said = {event.step: event.details or {} for event in read_events(finished)[0] if event.event == "samples"}
    assert list(said) == [0, 1, 2, 3, 4]
    kept = {line["row"]: line for line in lines}
    for step, details in said.items():
        assert len({sample["row"] for sample in details["samples"]}) == 5
        for sample in details["samples"]:
            line = kept[sample["row"]]
            assert (sample["prompt"], sample["expected"]) == (line["prompt"], line["expected"])
            assert list(sample) == ["row", "prompt", "expected", "completion", "finished"]
            # The last are those of the weights that are kept.
            if step == read_state(finished).metrics["best_step"]:
                assert sample["completion"] == line["completion"]
    scoring = [event.step for event in read_events(finished)[0] if event.event == "scoring"]
    assert scoring == [5, 7]


def test_the_finished_run_compares_and_sums_up(finished: RunDir) -> None:
    comparison = open_comparison(finished)
    assert comparison.records == len(comparison.pairs) == 7
    assert comparison.difference["loss"].high < 0
    tokens = sum(pair.tuned.tokens for pair in comparison.pairs)
    weighted = sum(pair.tuned.loss * pair.tuned.tokens for pair in comparison.pairs) / tokens
    assert weighted == pytest.approx(comparison.tuned["loss"], rel=1e-9)
    summary = summarize_run(finished)
    assert (summary["state"], summary["steps"]) == ("succeeded", 4)
    assert summary["test_loss"] == comparison.tuned["loss"]
    assert json.loads(finished.metrics.read_text()) == read_state(finished).metrics


def test_the_finished_model_stays_as_safetensors_with_its_card(finished: RunDir) -> None:
    for folder in (finished.base, finished.final):
        assert {path.suffix for path in folder.iterdir()} == {".json", ".safetensors"}
    card = finished.card.read_text()
    assert "Trained from scratch (demo)" in card
    assert json.loads(finished.spec_file.read_text())["data"]["train"]["sha256"] in card


def test_what_the_worker_writes_is_for_its_owner_alone(finished: RunDir) -> None:
    written = [finished.state_file, finished.metrics, finished.final / "model.safetensors"]
    assert [path.stat().st_mode & 0o077 for path in written] == [0, 0, 0]


def test_cancel_saves_a_checkpoint_and_a_resume_goes_on_from_it(tmp_path: Path) -> None:
    run_dir = start_run(tmp_path, max_steps=100_000)
    while (state := read_state(run_dir)).step < 1 and not state.finished:
        time.sleep(0.1)
    state = cancel_job(run_dir, wait=True)
    assert (state.state, state.reason) == ("cancelled", "stopped on request")
    assert list(run_dir.checkpoints.glob("step-*/COMPLETE"))
    with pytest.raises(RunError, match="is cancelled"):
        open_comparison(run_dir)
    kept = newest_complete(run_dir.checkpoints)
    assert kept is not None
    (run_dir.checkpoints / "checkpoint-99999").mkdir()
    resume_job(run_dir)
    wait_for(lambda: any(event.event == "resumed" for event in read_events(run_dir)[0]), 60)
    state = cancel_job(run_dir, wait=True)
    assert (state.state, state.attempt) == ("cancelled", 2)
    resumed = next(event for event in read_events(run_dir)[0] if event.event == "resumed")
    assert f"step-{resumed.step}" == kept.name
    assert not (run_dir.checkpoints / "checkpoint-99999").exists()
    seconds = [event.seconds or 0 for event in read_events(run_dir)[0]]
    assert seconds == sorted(seconds)


@pytest.mark.nightly
def test_a_worker_killed_three_times_ends_with_the_weights_of_one_that_was_not(tmp_path: Path) -> None:
    whole = start_run(tmp_path / "whole", max_steps=60, seed=3)
    assert wait_job(whole, 120).state == "succeeded"
    killed = start_run(tmp_path / "killed", max_steps=60, seed=3)
    for least in (3, 8, 13):
        wait_for(
            lambda least=least: read_state(killed).state == "running" and read_state(killed).step > least, 60
        )
        os.kill(json.loads(killed.lock.read_text())["pid"], signal.SIGKILL)
        state = wait_job(RunDir(killed.path), 20)
        assert (state.state, state.kind) == ("failed", "died")
        resume_job(killed)
    state = wait_job(killed, 120)
    assert (state.state, state.attempt) == ("succeeded", 4)
    assert state.metrics["tuned"] == read_state(whole).metrics["tuned"]
    whole_curve, killed_curve = (read_curve(read_events(run)[0]) for run in (whole, killed))
    assert killed_curve["validation"] == whole_curve["validation"]
    assert [point[0] for point in killed_curve["train"]] == [point[0] for point in whole_curve["train"]]


def test_without_a_test_part_the_run_succeeds_and_says_so(tmp_path: Path) -> None:
    run_dir, spec = make_run(
        tmp_path, {"train": make_lines(12), "validation": make_lines(3, 50)}, max_steps=1
    )
    fine_tune(run_dir, spec, Report(run_dir))
    state = read_state(run_dir)
    assert (state.state, state.metrics["records"]) == ("succeeded", 0)
    assert state.metrics["reason"] == "no test part"
    with pytest.raises(RunError, match="no test part"):
        open_comparison(run_dir)


def test_texts_are_scored_by_their_loss_alone(tmp_path: Path) -> None:
    texts = [{"text": line["prompt"] + line["completion"]} for line in make_lines(30)]
    run_dir, spec = make_run(tmp_path, {"train": texts[:25], "test": texts[25:]}, max_steps=2)
    fine_tune(run_dir, spec, Report(run_dir))
    comparison = open_comparison(run_dir)
    assert comparison.tuned["exact_match"] is None
    assert comparison.pairs[0].tuned.completion is None
    assert comparison.pairs[0].expected == texts[25]["text"]


def test_a_stop_between_two_batches_of_answers_keeps_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_dir, spec = make_run(tmp_path, {"train": make_lines(12), "test": make_lines(9, 50)}, max_steps=1)
    report = Report(run_dir)
    say = report.say

    def stop_after_the_first(event: str, **fields: Any) -> None:
        say(event, **fields)
        if event == "scoring":
            run_dir.stop.touch()

    monkeypatch.setattr(report, "say", stop_after_the_first)
    with pytest.raises(Stopped):
        fine_tune(run_dir, spec, report)
    assert [pair.row for pair in read_pairs(run_dir)] == [0, 1, 2, 3, 4]


def test_a_base_that_changed_on_disk_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_dir, spec = make_run(tmp_path, {"train": make_lines(12), "test": make_lines(2, 50)}, max_steps=1)
    monkeypatch.setattr("studio.train.flow.load_model", lambda folder, dtype: load_model(run_dir.final))
    with pytest.raises(RuntimeError, match="base model on disk is not the one"):
        fine_tune(run_dir, spec, Report(run_dir))


def test_validation_rows_without_an_answer_choose_nothing(tmp_path: Path) -> None:
    long = [{"prompt": " ".join(str(number) for number in range(500)), "completion": "x"}]
    parts = {"train": make_lines(12) + long, "validation": long}
    run_dir, spec = make_run(tmp_path, parts, max_steps=1, max_length=64)
    fine_tune(run_dir, spec, Report(run_dir))
    event = next(event for event in read_events(run_dir)[0] if event.event == "data")
    assert event.details is not None
    assert event.details["truncation"]["without_answer"] == 1
    assert (event.details["train"], event.details["validation"]) == (12, 0)
    assert "1 train rows dropped" in str(event.message)


def test_the_tokenizer_never_sees_the_test_part(tmp_path: Path) -> None:
    run_dir, spec = make_run(tmp_path, {"train": make_lines(12), "test": make_lines(9, 50)}, max_steps=1)
    fine_tune(run_dir, spec, Report(run_dir))
    parts = read_parts(run_dir, spec, 42)
    _, tokenizer = load_model(run_dir.final)
    assert tokenizer.get_vocab() == make_tokenizer(parts.train, []).get_vocab()


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (RunError("No row keeps an answer.", "Raise max_length."), "data", "Raise max_length."),
        (MemoryError(), "memory", "memory is used up"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "memory", "memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk", "disk is full"),
        (Exception("I/O error: No space left on device (os error 28)"), "disk", "disk is full"),
        (FloatingPointError("The loss is not a number after step 3."), "loss", "step 3"),
        (ValueError("first\nsecond"), "bug", "ValueError: first. The log holds the traceback."),
        (KeyError(), "bug", "KeyError: no message"),
    ],
)
def test_a_failure_is_named_in_words(error: BaseException, kind: str, word: str) -> None:
    named, reason = name_failure(error)
    assert named == kind
    assert word in reason
    assert "\n" not in reason


def test_the_log_stream_hides_tokens_and_spells_out_controls() -> None:
    log = io.StringIO()
    print("hf_abcdefghij123 \x1b[1m", file=CleanLog(log))
    assert log.getvalue() == "[hidden] \\x1b[1m\n"


@pytest.mark.detail
def test_rows_without_any_answer_left_fail_in_words(tmp_path: Path) -> None:
    counting = " ".join(str(number) for number in range(500))
    data = {"train": write_lines(tmp_path / "train.jsonl", [{"prompt": counting, "completion": "x"}] * 9)}
    run_dir = start_job(
        tmp_path, run_id="r1", data=data, example_type="prompt-completion", train={"max_length": 16}
    )
    state = wait_job(run_dir, 60)
    assert (state.state, state.kind) == ("failed", "data")
    assert "max_length 16" in state.reason
    assert sys.executable not in state.reason
