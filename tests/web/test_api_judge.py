"""A judge over HTTP and on the command line: planned, begun, read; the key in no answer."""

import json
import time
from typing import Any

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from studio.cli import app
from studio.errors import JudgeError
from studio.run import RunDir
from studio.workspace import Workspace
from tests.judge_runs import store_answers
from tests.judge_server import JudgeServer, score_by

KEY = "sk-canary-77aa"
FAIR = score_by({"good": "80", "bad": "20"})


@pytest.fixture
def run_dir(workspace: Workspace) -> RunDir:
    return store_answers(workspace)


def test_the_options_say_what_can_be_asked(client: TestClient) -> None:
    options = client.get("/api/v1/judge").json()
    assert options["endpoint"] == "http://127.0.0.1:11434/v1"
    assert options["private"] is True
    assert options["placeholders"]["pairwise"] == ["input", "expected", "first", "second"]
    assert "from 0 to 100" in options["prompts"]["single"]


def test_a_judging_is_planned_begun_watched_and_read(client: TestClient, run_dir: RunDir) -> None:
    route = f"/api/v1/runs/{run_dir.run}/judges"
    with JudgeServer([FAIR, "no idea", FAIR, FAIR, FAIR], key=KEY) as server:
        asked = {"model": "m", "endpoint": server.endpoint}
        plan = client.post(f"{route}/plan", json=asked).json()
        assert plan["sentence"].startswith("This takes 10 calls")
        assert plan["example"].startswith("Given the input `What is 0?` and correct output `It is 0.`")
        assert client.get(route).json() == []
        state = client.post(route, json=asked | {"key": KEY})
        answers = [state.text]
        while state.json()["state"] == "running":
            time.sleep(0.05)
            state = client.get(f"{route}/{plan['judge']}")
        answers += [state.text, client.get(route).text]
    assert (state.json()["state"], state.json()["answered"], state.json()["no_number"]) == ("done", 10, 2)
    replies = client.get(f"{route}/{plan['judge']}/replies", params={"only": "no-number"})
    assert (replies.json()["total"], replies.json()["replies"][0]["reply"]) == (2, "no idea")
    assert client.post(f"{route}/{plan['judge']}/stop").json()["state"] == "done"
    assert not [answer for answer in [*answers, replies.text] if KEY in answer]


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"model": ""}, "name of a model"),
    ({"model": "m", "endpoint": "file:///etc/passwd"}, "no http:// or https:// URL"),
    ({"model": "m", "endpoint": "http://me:secret@127.0.0.1/v1"}, "carries a login"),
    ({"model": "m", "prompt": "{"}, "no placeholder"),
    ({"model": "m", "mode": "three"}, "does not fit"),
    ({"model": "m", "budget": 0}, "budget of 0"),
    ({"model": "m", "key": "sk canary-77aa"}, "The key is none"),
    ({"model": "m", "api_key": "sk-canary-77aa"}, "does not fit"),
)


def test_what_cannot_be_asked_is_refused_and_repeats_no_secret(client: TestClient, run_dir: RunDir) -> None:
    for body, words in REFUSED:
        answer = client.post(f"/api/v1/runs/{run_dir.run}/judges", json=body)
        assert answer.status_code == 400
        assert words in answer.json()["error"]
        assert "secret" not in answer.text
        assert "canary" not in answer.text


def test_what_is_not_there_is_said(client: TestClient, run_dir: RunDir) -> None:
    route = f"/api/v1/runs/{run_dir.run}/judges"
    assert "no judging" in client.get(f"{route}/{'0' * 12}").json()["error"]
    assert "is no judging" in client.get(f"{route}/{'0' * 11}.").json()["error"]
    assert client.get(f"/api/v1/runs/{'0' * 32}/judges").status_code == 404


def call(workspace: Workspace, *words: str, **more: Any) -> str:
    done = CliRunner().invoke(app, ["judge", *words, "--workspace", str(workspace.root)], **more)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def test_the_command_plans_and_shows_without_asking(workspace: Workspace, run_dir: RunDir) -> None:
    plan = json.loads(call(workspace, run_dir.run[:8], "--model", "m", "--budget", "4", "--plan", "--json"))
    assert (plan["records"], plan["of"], plan["calls"], plan["budget"]) == (2, 5, 4, 4)
    assert "was not judged yet" in call(workspace, run_dir.run, "--show")
    with pytest.raises(JudgeError, match="name of a model"):
        call(workspace, run_dir.run)


@pytest.mark.detail
def test_the_command_judges_with_a_prompt_and_a_key_of_ones_own(
    workspace: Workspace, run_dir: RunDir, tmp_path: Any
) -> None:
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("Which is better, {first} or {second}?\n")
    with JudgeServer([score_by({"better, bad": "20 80"}, "70 20")], key=KEY) as server:
        words = [run_dir.run, "--model", "m", "--endpoint", server.endpoint, "--mode", "pairwise"]
        words += ["--prompt-file", str(prompt), "--key-stdin", "--temperature", "-1", "--seed", "-1"]
        answer = json.loads(call(workspace, *words, "--json", input=f"{KEY}\n").splitlines()[-1])
    assert server.questions[0] == "Which is better, bad 0 or good 0?"
    assert not {"temperature", "seed"} & server.asked[0].keys()
    assert answer["mean"] == {"base": 20.0, "tuned": 75.0}
    assert answer["orders"]["first_gains"] == -5.0
    shown = call(workspace, run_dir.run, "--show")
    assert "both orders name the same better answer in 100% of 5 records" in shown
    assert KEY not in json.dumps(answer) + shown
