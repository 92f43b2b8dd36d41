"""A run is watched through its files: events once each, from where it was left, the state at the end."""

import json
import shutil
from typing import Any

import anyio
import pytest
from starlette.testclient import TestClient

from studio.run import Event, RunDir, RunState, hold_run, write_event, write_state
from studio.web.api import watching
from studio.workspace import Workspace
from tests.web.boundary import store_run


def parse(text: str) -> list[dict[str, str]]:
    """The messages of an event stream, as name → value."""
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in text.strip().split("\n\n")]


def follow(client: TestClient, run_dir: RunDir, query: str = "", **headers: str) -> list[dict[str, str]]:
    answer = client.get(f"/api/v1/runs/{run_dir.run}/events{query}", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    return parse(answer.text)


def test_every_event_comes_once_and_the_state_last(client: TestClient, workspace: Workspace) -> None:
    messages = follow(client, store_run(workspace, "succeeded"))
    assert [json.loads(message["data"]).get("step") for message in messages[:3]] == [1, 2, 3]
    assert messages[3]["event"] == "state"
    assert json.loads(messages[3]["data"])["state"] == "succeeded"
    assert len(messages) == 4


def test_a_watcher_goes_on_where_it_was(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_run(workspace, "succeeded")
    messages = follow(client, run_dir)
    second = messages[1]["id"]
    for again in (
        follow(client, run_dir, f"?offset={second}"),
        follow(client, run_dir, **{"last-event-id": second}),
    ):
        assert again == messages[2:]
    assert follow(client, run_dir, f"?offset={10**15}") == [messages[3] | {"id": str(10**15)}]


def test_a_damaged_event_line_is_passed_over(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_run(workspace, "failed", events=1)
    with run_dir.events.open("ab") as file:
        file.write(b'not json\n[1]\n{"event": "progress", "step": 9}\n{"event": "cut')
    steps = [json.loads(message["data"]).get("step") for message in follow(client, run_dir)[:-1]]
    assert steps == [1, 9]


def test_events_come_while_the_run_goes_on(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PAUSE", 0.01)
    monkeypatch.setattr(watching, "HEARTBEAT", 0.0)
    run_dir = store_run(workspace, "running", events=1)
    hold_run(run_dir)
    assert [message.split(":")[0] for message in anyio.run(watch, run_dir)] == ["id", "", "id", "event"]


async def watch(run_dir: RunDir) -> list[str]:
    """Follow a run that takes one more step after a pause, then ends."""
    messages = []
    async for message in watching.stream_events(run_dir):
        messages.append(message)
        if message.startswith(":") and len(messages) == 2:
            write_event(run_dir, Event(event="progress", step=2))
            write_state(run_dir, RunState(run=run_dir.run, state="succeeded"))
    return [message for number, message in enumerate(messages) if number < 2 or not message.startswith(":")]


def test_runs_are_listed_and_described(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_run(workspace, "succeeded")
    [listed] = client.get("/api/v1/runs").json()
    assert listed == client.get(f"/api/v1/runs/{run_dir.run}").json()
    assert (listed["run"], listed["state"]) == (run_dir.run, "succeeded")


def test_the_log_is_cleaned(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_run(workspace)
    run_dir.log.write_text("one\ntwo \x1b[31m hf_abcdefghijkl\nthree\n")
    answer = client.get(f"/api/v1/runs/{run_dir.run}/log?tail=2")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "two \\x1b[31m [hidden]\nthree"
    assert client.get(f"/api/v1/runs/{run_dir.run}/log?tail=999999").status_code == 400
    assert client.get(f"/api/v1/runs/{run_dir.run}/log?tail=1&search=T").text == "three"
    assert client.get(f"/api/v1/runs/{run_dir.run}/log?search=hf_abc").text == ""


def test_a_run_can_be_cancelled_once(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_run(workspace, "running")
    hold_run(run_dir)
    assert client.post(f"/api/v1/runs/{run_dir.run}/cancel").json()["state"] == "cancelling"
    over = store_run(workspace, "succeeded")
    assert client.post(f"/api/v1/runs/{over.run}/cancel").status_code == 400


def test_a_run_that_ended_early_can_be_resumed_once(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    spawned: list[RunDir] = []
    monkeypatch.setattr("studio.job.resume.spawn_run", lambda run_dir, lock, command: spawned.append(run_dir))
    monkeypatch.setattr("studio.job.resume.require_training", lambda: None)
    run_dir = store_run(workspace, "cancelled")
    answer = client.post(f"/api/v1/runs/{run_dir.run}/resume").json()
    assert (answer["state"], answer["attempt"], spawned) == ("queued", 2, [run_dir])
    again = client.post(f"/api/v1/runs/{run_dir.run}/resume")
    assert (again.status_code, "not over" in again.text) == (400, True)


def test_a_curve_holds_the_losses_by_step(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_run(workspace, events=2)
    write_event(run_dir, Event(event="evaluation", step=2, eval_loss=0.7))
    curve = client.get(f"/api/v1/runs/{run_dir.run}/curve").json()
    assert curve == {"train": [[1, 1.0, 0.0], [2, 0.5, 0.0]], "validation": [[2, 0.7]], "speed": []}
    measured = {"tokens": 96, "tokens_per_second": 310.5, "memory": None}
    write_event(run_dir, Event(event="progress", step=3, loss=0.4, details=measured))
    assert client.get(f"/api/v1/runs/{run_dir.run}/curve").json()["speed"] == [[3, 310.5, None]]


def test_answers_come_by_step(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_run(workspace)
    path = f"/api/v1/runs/{run_dir.run}/samples"
    assert client.get(path).json() == []
    sample = {"row": 3, "prompt": "p", "expected": "e", "completion": "c", "finished": True}
    write_event(run_dir, Event(event="samples", step=2, details={"samples": [sample]}))
    assert client.get(path).json() == [{"step": 2, "samples": [sample]}]


def test_a_folder_that_vanishes_while_it_is_watched_ends_the_stream_in_words(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PAUSE", 0.01)
    run_dir = store_run(workspace, "running", events=1)
    hold_run(run_dir)

    async def watch() -> list[str]:
        messages = []
        async for message in watching.stream_events(run_dir):
            messages.append(message)
            shutil.rmtree(run_dir.path, ignore_errors=True)
        return messages

    [first, last] = anyio.run(watch)
    assert first.startswith("id: ")
    assert last.startswith("event: gone")
    assert f"There is no run {run_dir.run}." in last


def test_runs_are_sorted_and_those_at_work_asked_for(client: TestClient, workspace: Workspace) -> None:
    steps = {3: "succeeded", 1: "running", 2: "cancelled"}
    made = {}
    for step, state in steps.items():
        run_dir = store_run(workspace, state)
        metrics = {"tuned": {"loss": 4.0 - step}} if step > 1 else {}
        write_state(run_dir, RunState(run=run_dir.run, state=state, step=step, metrics=metrics))  # type: ignore[arg-type]
        made[run_dir.run] = step
        if state == "running":
            hold_run(run_dir)

    def ask(**query: str) -> list[int]:
        return [made[run["run"]] for run in client.get("/api/v1/runs", params=query).json()]

    assert ask(sort="steps") == [1, 2, 3]
    assert ask(sort="-steps") == [3, 2, 1]
    assert (ask(sort="loss"), ask(sort="-loss")) == ([3, 2, 1], [2, 3, 1])  # without a loss: last
    assert ask(active="true") == [1]
    answer = client.get("/api/v1/runs", params={"sort": "colour"})
    assert (answer.status_code, "Sort by one of: started, name" in answer.text) == (400, True)


def test_the_queue_is_an_address(client: TestClient) -> None:
    assert client.get("/api/v1/runs/queue").json() == {"queue": []}
    answer = client.put("/api/v1/runs/queue", json={"queue": ["0" * 32]})
    assert (answer.status_code, "does not wait" in answer.text) == (400, True)


def test_a_run_is_named_put_away_and_brought_back(client: TestClient, workspace: Workspace) -> None:
    path = f"/api/v1/runs/{store_run(workspace, 'succeeded').run}"
    named = client.patch(path, json={"name": "First", "notes": "n"}).json()
    assert (named["name"], named["notes"]) == ("First", "n")
    assert client.patch(path, json={"state": "failed"}).status_code == 400
    assert client.delete(path).status_code == 204
    assert (client.get(path).status_code, client.get("/api/v1/runs").json()) == (404, [])
    assert [run["state"] for run in client.get("/api/v1/runs/removed").json()] == ["succeeded"]
    assert client.post(f"{path}/restore").json()["name"] == "First"
    assert client.post(f"{path}/restore").status_code == 400
    assert client.delete(f"{path}/removed").status_code == 400
    assert client.delete(path).status_code == client.delete(f"{path}/removed").status_code == 204
    assert client.get("/api/v1/runs/removed").json() == []


def test_another_site_or_a_link_cannot_cancel_a_run(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_run(workspace, "running")
    path = f"/api/v1/runs/{run_dir.run}/cancel"
    assert client.post(path, headers={"origin": "http://evil.example"}).status_code == 403
    assert client.get(path).status_code == 404
    assert not run_dir.stop.exists()


def test_unknown_runs_are_not_found(client: TestClient) -> None:
    for part in ("", "/events", "/log"):
        assert client.get(f"/api/v1/runs/{'0' * 32}{part}").status_code == 404
    assert client.post(f"/api/v1/runs/{'0' * 32}/cancel").status_code == 404


def test_one_damaged_run_does_not_hide_the_others(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_run(workspace, "succeeded")
    store_run(workspace, "succeeded").spec_file.unlink()
    listed: list[dict[str, Any]] = client.get("/api/v1/runs").json()
    assert [run["run"] for run in listed] == [run_dir.run]


def test_a_comparison_is_paged(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_run(workspace, "running")
    path = f"/api/v1/runs/{run_dir.run}/comparison"
    assert client.get(path).status_code == 400
    scores = {"loss": 1.0, "perplexity": 2.7, "bits_per_byte": 0.5}
    metrics = {"records": 12, "base": scores, "tuned": scores}
    write_state(run_dir, RunState(run=run_dir.run, state="succeeded", metrics=metrics))
    run_dir.metrics.parent.mkdir()
    answer = {
        "prompt": "p",
        "expected": "yes",
        "completion": "yes",
        "finished": True,
        "loss": 1.0,
        "tokens": 2,
    }
    lines = "".join(json.dumps({"row": row, **answer}) + "\n" for row in range(12))
    for file in (run_dir.base_completions, run_dir.tuned_completions):
        file.write_text(lines)
    page = client.get(path, params={"offset": 10, "limit": 5}).json()
    assert (page["records"], [pair["row"] for pair in page["examples"]]) == (12, [10, 11])
    assert page["tuned"]["exact_match"] == 1.0
    assert len(client.get(path).json()["examples"]) == 5
