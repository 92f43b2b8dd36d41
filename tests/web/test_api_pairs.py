"""Pairs over HTTP: pages of them as asked for, marks that stay, and the nearest training records."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.run import RunDir, RunState, read_spec, write_json, write_state
from studio.workspace import Workspace
from tests.web.boundary import store_run, store_table

Answers = list[tuple[str, str]]
ANSWERS: Answers = [("no", "yes"), ("yes", "no"), ("no", "on"), ("", "yes it is")]


def store_pairs(workspace: Workspace, answers: Answers, state: str = "succeeded", of: int = 4) -> RunDir:
    """A run of which so many test records were answered, before and after."""
    run_dir = store_run(workspace, state)
    (run_dir.path / "eval").mkdir()
    files = (run_dir.base_completions, run_dir.tuned_completions)
    for side, path in enumerate(files):
        lines = [
            {
                "row": row,
                "prompt": f"Is 𝒳 {row}?",
                "expected": "yes",
                "completion": both[side],
                "finished": True,
                "loss": 1.0,
                "tokens": 2,
            }
            for row, both in enumerate(answers)
        ]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    spec = read_spec(run_dir).to_dict()
    parts = {"train": 1, "test": of}
    spec["data"] = {
        part: {"file": f"data/{part}.jsonl", "records": records, "sha256": ""}
        for part, records in parts.items()
    }
    write_json(run_dir.spec_file, spec)
    run_dir.data.mkdir()
    (run_dir.data / "train.jsonl").write_text('{"prompt": "Is it?", "completion": "yes it is"}\n')
    return run_dir


def ask(client: TestClient, run_dir: RunDir, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/runs/{run_dir.run}/pairs", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_pairs_are_paged_sorted_and_filtered(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_pairs(workspace, ANSWERS)
    body = ask(client, run_dir, sort="improvement", limit=2)
    assert (body["records"], body["total"], body["of"], body["state"]) == (4, 4, 4, "succeeded")
    assert [pair["row"] for pair in body["pairs"]] == [0, 3]
    assert body["counts"]["worse"] == 1
    assert [pair["row"] for pair in ask(client, run_dir, sort="improvement", offset=2)["pairs"]] == [2, 1]
    [pair] = ask(client, run_dir, only="worse")["pairs"]
    assert (pair["change"], pair["improvement"], pair["mark"], pair["hits"]) == ("worse", -1.0, None, {})


def test_hits_stand_in_the_units_of_a_browser(client: TestClient, workspace: Workspace) -> None:
    body = ask(client, store_pairs(workspace, ANSWERS), search="3?")
    assert body["total"] == 1
    assert body["pairs"][0]["hits"] == {"prompt": [[6, 8]], "expected": [], "base": [], "tuned": []}


def test_a_mark_stays_and_is_counted_and_undone(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_pairs(workspace, ANSWERS)
    path = f"/api/v1/runs/{run_dir.run}/pairs"
    key = ask(client, run_dir)["pairs"][1]["key"]
    tally = client.put(f"{path}/{key}/mark", json={"mark": "worse"}).json()
    assert tally == {"better": 0, "worse": 1, "same": 0, "undo": key}
    body = ask(client, run_dir, only="marked")
    assert ([pair["mark"] for pair in body["pairs"]], body["tally"]) == (["worse"], tally)
    assert ask(client, run_dir, right="step-40")["tally"]["worse"] == 0
    assert client.post(f"{path}/undo").json() == {"better": 0, "worse": 0, "same": 0, "undo": ""}
    assert client.post(f"{path}/undo").status_code == 400


@pytest.mark.parametrize(
    ("key", "body", "status"),
    [
        ("0" * 16, {"mark": "better"}, 400),
        ("../../etc", {"mark": "better"}, 404),
        ("x" * 16, {"mark": "better"}, 400),
        ("", {"mark": "great"}, 400),
        ("", {"mark": "better", "more": 1}, 400),
    ],
)
def test_a_mark_that_cannot_be_is_refused(
    client: TestClient, workspace: Workspace, key: str, body: dict[str, Any], status: int
) -> None:
    run_dir = store_pairs(workspace, ANSWERS)
    key = key or ask(client, run_dir)["pairs"][0]["key"]
    answer = client.put(f"/api/v1/runs/{run_dir.run}/pairs/{key}/mark", json=body)
    assert answer.status_code == status
    assert not (run_dir.path / "eval" / "marks.jsonl").exists()


def test_another_site_cannot_mark(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_pairs(workspace, ANSWERS)
    path = f"/api/v1/runs/{run_dir.run}/pairs/{ask(client, run_dir)['pairs'][0]['key']}/mark"
    answer = client.put(path, json={"mark": "better"}, headers={"origin": "http://evil.example"})
    assert answer.status_code == 403


def test_the_nearest_training_records_are_shown(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_pairs(workspace, ANSWERS)
    key = ask(client, run_dir)["pairs"][3]["key"]
    [near] = client.get(f"/api/v1/runs/{run_dir.run}/pairs/{key}/nearest").json()["records"]
    assert (near["row"], near["answer_similarity"], near["completion"]) == (0, 1.0, "yes it is")
    (run_dir.data / "train.jsonl").unlink()
    answer = client.get(f"/api/v1/runs/{run_dir.run}/pairs/{key}/nearest")
    assert (answer.status_code, "gone or damaged" in answer.text) == (400, True)


def test_what_a_judge_gave_stands_beside_a_pair(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_pairs(workspace, ANSWERS)
    first, *_ = ask(client, run_dir)["pairs"]
    assert first["judge"] is None
    folder = run_dir.path / "eval" / "judge-1"
    folder.mkdir()
    points = {"base": 10.0, "tuned": 80.0}
    (folder / "scores.json").write_text(json.dumps({"by_key": {first["key"]: points}}))
    assert [pair["judge"] for pair in ask(client, run_dir, limit=2)["pairs"]] == [points, None]
    assert ask(client, run_dir, right="step-4")["pairs"] == []
    (folder / "scores.json").write_text("[]")
    assert ask(client, run_dir)["pairs"][0]["judge"] is None


def test_what_is_answered_so_far_is_shown_while_the_run_is_scored(
    client: TestClient, workspace: Workspace
) -> None:
    run_dir = store_pairs(workspace, ANSWERS[:2], of=40)
    write_state(run_dir, RunState(run=run_dir.run, state="evaluating"))
    body = ask(client, run_dir)
    assert (body["records"], body["of"]) == (2, 40)
    assert body["state"] != "succeeded"


def test_a_run_without_answers_has_no_pairs(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_run(workspace, "cancelled")
    body = ask(client, run_dir, sort="worse", only="better", search="a")
    assert (body["records"], body["of"], body["pairs"]) == (0, 0, [])
    assert client.get(f"/api/v1/runs/{'0' * 32}/pairs").status_code == 404


@pytest.mark.parametrize("query", ["sort=x", "only=x", "limit=0", "limit=9999999", "offset=-1"])
def test_what_pairs_do_not_have_is_refused(client: TestClient, workspace: Workspace, query: str) -> None:
    run_dir = store_pairs(workspace, ANSWERS)
    assert client.get(f"/api/v1/runs/{run_dir.run}/pairs?{query}").status_code == 400


def test_the_runs_of_a_table_are_named_with_what_they_scored(
    client: TestClient, workspace: Workspace
) -> None:
    table = store_table(workspace, [{"a": "b"}])
    made, other = store_pairs(workspace, ANSWERS), store_pairs(workspace, ANSWERS)
    metrics = {"records": 4}
    write_state(made, RunState(run=made.run, state="succeeded", step=9, steps=9, metrics=metrics))
    path = f"/api/v1/tables/{table}/compared"
    assert client.get(path).json() == []
    workspace.note_table(made.run, table)
    [described] = client.get(path).json()
    assert described == {
        "run": made.run,
        "name": "",
        "label": "trained from scratch (demo)",
        "state": "succeeded",
        "step": 9,
        "steps": 9,
        "records": 4,
        "started": "",
    }
    assert {run["run"] for run in client.get(path, params={"run": other.run}).json()} == {made.run, other.run}
    assert client.get(f"/api/v1/tables/{'0' * 32}/compared").status_code == 404


def test_two_runs_are_compared_by_the_records_that_they_share(
    client: TestClient, workspace: Workspace
) -> None:
    one, other = store_pairs(workspace, ANSWERS), store_pairs(workspace, ANSWERS[:3])
    body = ask(client, other, left=f"{one.run}/tuned", right="tuned")
    assert ([pair["row"] for pair in body["pairs"]], body["counts"]["same"]) == ([0, 1, 2], 3)
    path = f"/api/v1/runs/{other.run}/pairs"
    assert client.get(path, params={"left": f"{'0' * 32}/base"}).status_code == 404
    assert "names nothing" in client.get(path, params={"left": "../../x"}).text


def test_a_damaged_line_is_said(client: TestClient, workspace: Workspace) -> None:
    run_dir = store_pairs(workspace, ANSWERS)
    with run_dir.base_completions.open("a") as file:
        file.write('{"row": 0, "prompt": "p"}\n')
    answer = client.get(f"/api/v1/runs/{run_dir.run}/pairs")
    assert (answer.status_code, "damaged" in answer.text) == (400, True)
