"""Models answer over HTTP: a prompt as it comes, what was asked before, the test part on demand."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import anyio
import pytest
from starlette.testclient import TestClient

from studio.answers import answerer, evaluating, list_tries, take_prompt, trying
from studio.answers.trying import Try
from studio.run import RunDir
from studio.run.decoding import Decoding
from studio.task import TaskState
from studio.web.api.completions import stream_try
from studio.workspace import Workspace
from tests.scripted_answers import CHILD, QUESTIONS, make_run
from tests.scripted_jobs import wait_for


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answerer, "COMMAND", (sys.executable, "-c", CHILD))
    for module in (trying, evaluating):
        monkeypatch.setattr(module, "require_training", lambda: None)


@pytest.fixture
def run_dir(workspace: Workspace) -> RunDir:
    return make_run(workspace.runs, QUESTIONS, run=workspace.new_id())


def ask(client: TestClient, run_dir: RunDir, **body: Any) -> list[dict[str, Any]]:
    """The events of a question."""
    answer = client.post(f"/api/v1/runs/{run_dir.run}/tries", json=body)
    assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
    return [json.loads(block.partition("data: ")[2]) for block in answer.text.strip().split("\n\n")]


def test_what_can_be_asked_is_described(client: TestClient, run_dir: RunDir) -> None:
    known = client.get(f"/api/v1/runs/{run_dir.run}/answering").json()
    assert known == {
        "run": run_dir.run,
        "state": "succeeded",
        "type": "prompt-completion",
        "base_model": "tiny",
        "fields": [{"name": "question", "words": ""}, {"name": "input", "words": ""}],
        "decoding": {"method": "greedy", "max_new_tokens": 64},
        "records": 0,
        "models": [{"which": which, "evaluation": None} for which in ("base", "tuned")],
    }


def test_the_prompt_is_shown_before_it_is_asked(client: TestClient, run_dir: RunDir) -> None:
    path = f"/api/v1/runs/{run_dir.run}/prompt"
    shown = client.post(path, json={"values": {"question": "Who?"}}).json()
    assert shown == {"prompt": "### Question:\nWho?\n\n### Answer:", "messages": []}
    refused = client.post(path, json={"values": {"answer": "x"}})
    assert (refused.status_code, "reads no column" in refused.json()["error"]) == (400, True)


def test_a_question_streams_both_answers_and_is_in_the_history(client: TestClient, run_dir: RunDir) -> None:
    drawn = {"method": "sample", "max_new_tokens": 9, "temperature": 0.5, "top_p": 1.0, "seed": 1}
    events = ask(client, run_dir, values={"question": "Who?"}, decoding=drawn)
    assert [one["event"] for one in events[:2]] == ["ready", "asked"]
    assert events[-1]["event"] == "done"
    record = events[-1]["try"]
    assert (record["decoding"], record["prompt"]) == (drawn, "### Question:\nWho?\n\n### Answer:")
    assert [one["completion"] for one in record["answers"]] == [" base" * 3, " tuned" * 3]
    ask(client, run_dir, prompt="Box", models=["tuned"])
    history = client.get(f"/api/v1/runs/{run_dir.run}/tries?limit=1").json()
    assert (history["total"], [one["prompt"] for one in history["tries"]]) == (2, ["Box"])


def test_a_failure_is_the_last_event(client: TestClient, run_dir: RunDir) -> None:
    assert ask(client, run_dir, prompt="refuse")[-1]["message"] == "No memory."
    assert ask(client, run_dir, prompt="die")[-1]["message"] == "The process of the models is gone."


def test_a_reader_that_leaves_stops_the_models(run_dir: RunDir) -> None:
    with answerer.Answerers() as answerers:
        tried: list[Try] = []

        def begin() -> Try:
            tried.append(Try(run_dir, take_prompt("for ever"), answerers))
            return tried[0]

        async def read() -> None:
            events: AsyncIterator[str] = stream_try(begin)
            async with aclosing(events):  # type: ignore[type-var]
                async for message in events:
                    if "event: text" in message:
                        return

        anyio.run(read)
        assert tried[0].over
        assert list_tries(run_dir)[0]["answers"][0]["stopped"] is True
        held = answerers.take(run_dir, ("base", "tuned"))
        wait_for(lambda: held.hear(0.05) is None)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "The prompt is empty."),
        ({"prompt": "a", "decoding": {"temperature": 9}}, "temperature is 9."),
        ({"prompt": "a", "decoding": {"beams": 4}}, "A decoding has no 'beams'."),
        ({"prompt": "a", "models": ["base", "../../x"]}, "has no complete checkpoint '../../x'."),
        ({"prompt": "a", "models": ["step-7"]}, "has no complete checkpoint 'step-7'."),
    ],
)
def test_what_cannot_be_asked_is_refused(
    client: TestClient, run_dir: RunDir, body: dict[str, Any], said: str
) -> None:
    refused = client.post(f"/api/v1/runs/{run_dir.run}/tries", json=body)
    assert (refused.status_code, said in refused.json()["error"]) == (400, True)
    assert refused.json()["hint"]


def test_an_evaluation_is_begun_looked_at_and_stopped(
    client: TestClient, run_dir: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/api/v1/runs/{run_dir.run}/evaluations"
    refused = client.post(path, json={"which": "base"})
    assert "has no test part" in refused.json()["error"]
    assert client.get(f"{path}/base").status_code == 400
    begun: list[Any] = []

    def start(folder: Any, module: str, request: Any) -> TaskState:
        begun.append(request)
        return TaskState(id=folder.name, state="running", done=3, total=7, seconds=3.0)

    monkeypatch.setattr(evaluating, "start_task", start)
    monkeypatch.setattr(evaluating, "_refuse_no_test", lambda run_dir: None)
    answer = client.post(path, json={"which": "base", "decoding": {"max_new_tokens": 5}}).json()
    assert (answer["state"], answer["done"], answer["total"], answer["left"]) == ("running", 3, 7, 4.0)
    assert answer["name"] == f"base.{Decoding(max_new_tokens=5).name}"
    assert begun == [
        {
            "run": str(run_dir.path),
            "which": "base",
            "decoding": {"method": "greedy", "max_new_tokens": 5},
        }
    ]
    assert client.delete(f"{path}/base").json() is None
    assert client.get(f"{path}/base?decoding=[]").status_code == 400
