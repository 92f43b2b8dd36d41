"""A prompt of one's own: the template filled in, the processes that answer, what is kept. No torch here."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studio.answers import (
    Answerers,
    Try,
    answerer,
    fill_template,
    list_fields,
    list_tries,
    take_prompt,
    try_prompt,
    trying,
)
from studio.errors import RunError
from studio.run import RunDir, RunState, hold_run, write_state
from studio.run.decoding import Decoding
from studio.run.sides import list_sides
from tests.scripted_answers import CHILD, QUESTIONS, make_run
from tests.scripted_jobs import wait_for


@pytest.fixture
def run_dir(tmp_path: Path) -> RunDir:
    return make_run(tmp_path, QUESTIONS)


@pytest.fixture
def answerers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answerers]:
    """Processes without a model."""
    monkeypatch.setattr(answerer, "COMMAND", (sys.executable, "-c", CHILD))
    monkeypatch.setattr(trying, "require_training", lambda: None)
    with Answerers() as warm:
        yield warm


def test_the_columns_of_the_prompt_are_what_is_filled_in(run_dir: RunDir) -> None:
    assert [field.name for field in list_fields(run_dir)] == ["question", "input"]
    asked = fill_template(run_dir, {"question": "Who {are} you?"})
    assert asked.prompt == "### Question:\nWho {are} you?\n\n### Answer:"
    assert asked.values == {"question": "Who {are} you?"}
    whole = fill_template(run_dir, {"question": "Who?", "input": "now"})
    assert whole.prompt == "### Question:\nWho?\n(now)\n\n### Answer:"


def test_the_column_map_of_the_recipe_applies(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, QUESTIONS, {"question": "frage"})
    assert [field.name for field in list_fields(run_dir)] == ["frage", "input"]
    assert fill_template(run_dir, {"frage": "Wer?"}).prompt == "### Question:\nWer?\n\n### Answer:"


def test_messages_are_asked_up_to_the_last_answer(tmp_path: Path) -> None:
    turns = [("system", "Be {tone}."), ("user", "{question}"), ("assistant", "{answer}")]
    template = {"type": "messages", "messages": [{"role": r, "content": c} for r, c in turns]}
    run_dir = make_run(tmp_path, template)
    assert [field.name for field in list_fields(run_dir)] == ["tone", "question"]
    asked = fill_template(run_dir, {"tone": "kind", "question": "Who?"})
    assert [(turn.role, turn.content) for turn in asked.messages] == [
        ("system", "Be kind."),
        ("user", "Who?"),
    ]


def test_a_conversation_begins_with_what_the_user_says(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, {"type": "messages", "from": "chat", "system": "Be {tone}."})
    assert [(field.name, bool(field.words)) for field in list_fields(run_dir)] == [
        ("tone", False),
        ("chat", True),
    ]
    asked = fill_template(run_dir, {"chat": "Hi", "tone": "kind"})
    assert [(turn.role, turn.content) for turn in asked.messages] == [("system", "Be kind."), ("user", "Hi")]


@pytest.mark.parametrize("template", [{}, {"type": "text", "text": "{a}"}, {"prompt": "{question}"}])
def test_without_a_prompt_in_the_template_a_bare_one_is_written(
    tmp_path: Path, template: dict[str, Any]
) -> None:
    run_dir = make_run(tmp_path, template)
    assert list_fields(run_dir) == ()
    with pytest.raises(RunError, match="has no template to fill in"):
        fill_template(run_dir, {"a": "b"})


def test_what_cannot_be_asked_is_said(run_dir: RunDir) -> None:
    for values, said in (
        ({"answer": "x"}, "reads no column 'answer'"),
        ({"question": ""}, "nothing to ask"),
        ({}, "nothing to ask"),
        ({"question": "x" * 200_001}, "has 200,001 characters"),
    ):
        with pytest.raises(RunError, match=said):
            fill_template(run_dir, values)
    with pytest.raises(RunError, match="The prompt is empty"):
        take_prompt("")


def test_both_models_answer_and_it_is_kept(run_dir: RunDir, answerers: Answerers) -> None:
    chosen = Decoding(method="sample", seed=3, temperature=0.5)
    heard: list[dict[str, Any]] = []
    asked = fill_template(run_dir, {"question": "Who?"})
    record = try_prompt(run_dir, asked, chosen, answerers=answerers, hear=heard.append)
    assert [one["event"] for one in heard][:2] == ["ready", "asked"]
    assert heard[-1] == {"event": "done", "try": record}
    assert [one["text"] for one in heard if one["event"] == "text"] == [" base"] * 3 + [" tuned"] * 3
    assert list_tries(run_dir) == [record]
    assert (record["values"], record["prompt"]) == ({"question": "Who?"}, asked.prompt)
    assert record["decoding"] == chosen.to_dict()
    assert [(one["which"], one["completion"], one["weights_sha256"]) for one in record["answers"]] == [
        ("base", " base base base", "hash of base"),
        ("tuned", " tuned tuned tuned", "hash of tuned"),
    ]
    try_prompt(run_dir, take_prompt("Box"), wanted=["tuned"], answerers=answerers)
    assert [one["prompt"] for one in list_tries(run_dir)] == ["Box", asked.prompt]


def test_models_stay_warm_and_two_processes_are_the_most(
    run_dir: RunDir, answerers: Answerers, tmp_path: Path
) -> None:
    first = answerers.take(run_dir, ("base", "tuned"))
    answerers.give_back(first)
    assert answerers.take(run_dir, ("base", "tuned")) is first
    second = answerers.take(run_dir, ("tuned",))
    answerers.give_back(first)
    third = answerers.take(run_dir, ("base",))
    assert (first.alive, second.alive, third.alive) == (False, True, True)
    answerers.give_back(third)
    write_state(run_dir, RunState(run="r1", state="failed"))  # gone on since, so other models
    os.utime(run_dir.state_file, (1, 1))
    assert answerers.take(run_dir, ("base",)) is not third


def test_models_that_answer_already_are_not_asked(
    run_dir: RunDir, answerers: Answerers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answerer, "PATIENCE", 0.1)
    going = Try(run_dir, take_prompt("for ever"), answerers)
    with pytest.raises(RunError, match="answer other prompts"):
        Try(run_dir, take_prompt("b"), answerers)
    going.stop()
    assert try_prompt(run_dir, take_prompt("b"), answerers=answerers)["prompt"] == "b"


def test_what_is_stopped_is_kept_as_far_as_it_came(run_dir: RunDir, answerers: Answerers) -> None:
    going = Try(run_dir, take_prompt("for ever"), answerers)
    while (said := going.next()) is None or said["event"] != "text":
        pass
    going.stop()
    going.stop()
    assert (going.over, going.next()) == (True, None)
    [record] = list_tries(run_dir)
    [answer] = record["answers"]
    assert (answer["which"], answer["completion"], answer["stopped"]) == ("base", " base", True)
    assert answer["weights_sha256"] == "hash of base"
    # The next question does not hear what was said of the one before.
    assert (
        try_prompt(run_dir, take_prompt("b"), answerers=answerers)["answers"][0]["completion"] == " base" * 3
    )


def test_what_stops_before_a_word_leaves_no_trace(run_dir: RunDir, answerers: Answerers) -> None:
    Try(run_dir, take_prompt("a"), answerers).stop()
    assert list_tries(run_dir) == []


def test_a_failure_is_said_and_the_next_question_is_answered(run_dir: RunDir, answerers: Answerers) -> None:
    with pytest.raises(RunError, match="No memory"):
        try_prompt(run_dir, take_prompt("refuse"), answerers=answerers)
    with pytest.raises(RunError, match="The process of the models is gone"):
        try_prompt(run_dir, take_prompt("die"), answerers=answerers)
    assert try_prompt(run_dir, take_prompt("b"), answerers=answerers)["answers"]


def test_the_process_ends_with_the_one_that_started_it(run_dir: RunDir, answerers: Answerers) -> None:
    held = answerers.take(run_dir, ("base",))
    process = held._process
    assert process.stdin is not None
    process.stdin.close()
    wait_for(lambda: process.poll() is not None)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ((), "0 models cannot answer"),
        (("base", "tuned", "step-1"), "3 models cannot answer"),
        (("step-1",), "no complete checkpoint 'step-1'"),
        (("../..",), "no complete checkpoint"),
    ],
)
def test_models_that_cannot_answer_are_said(
    run_dir: RunDir, answerers: Answerers, wanted: tuple[str, ...], said: str
) -> None:
    assert list_sides(run_dir) == ["base", "tuned"]
    with pytest.raises(RunError, match=said):
        Try(run_dir, take_prompt("a"), answerers, wanted=wanted)


def test_a_run_at_work_is_not_asked(run_dir: RunDir, answerers: Answerers) -> None:
    write_state(run_dir, RunState(run="r1", state="running"))
    lock = hold_run(run_dir)
    with pytest.raises(RunError, match="Run r1 is still"):
        Try(run_dir, take_prompt("a"), answerers)
    os.close(lock)
