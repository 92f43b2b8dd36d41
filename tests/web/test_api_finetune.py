"""A fine-tune over HTTP before it is begun: models, options, the draft's part, the plan, and the launch."""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from studio.job import plan as planning
from studio.job import start as starting
from studio.job.device import Device
from studio.recipe import PromptSpec
from studio.settings import Settings
from studio.training import OPTIONS
from studio.web.app import create_app
from studio.workspace import Workspace
from tests.hub_server import COMMIT, HubServer, Repository
from tests.model_folders import plant_payloads, write_model
from tests.web.boundary import store_table

LINES: list[dict[str, object] | str] = [
    {"question": f"What is {n}?", "answer": f"It is the number {n}."} for n in range(40)
]
# Notes what it was started with, and is over.
WORKER = """
import json, os, sys
from pathlib import Path
from studio.run import RunDir, RunState, write_state
run_dir = RunDir(Path(sys.argv[1]))
(run_dir.path / "started.json").write_text(json.dumps({"argv": sys.argv, "env": dict(os.environ)}))
write_state(run_dir, RunState(run=run_dir.run, state="succeeded"))
"""

BAD_VALUES: tuple[Any, ...] = ("1; rm -rf /", "$(touch pwned)", -1, [1], {"a": 1}, 1e300)
BAD_NAMES = (
    *("__class__", "learning_rate ", "Learning_Rate", "output_dir", "report_to", "trust_remote_code"),
    *("push_to_hub", "hub_token", "deepspeed", "fsdp", "optim", "data_seed", "resume_from_checkpoint"),
    *("logging_dir", "run_name", "accelerator_config", "model_init_kwargs", "", "a" * 5_000, "é", "\u202e"),
)
BAD_MODELS: tuple[Any, ...] = (
    *("", " ", "tiny; rm -rf /", "$(touch pwned)", "`id`", "| cat /etc/passwd", "--help", "-rf", "tiny\0"),
    *("tiny\nx: y", "a/b/c", "a//b", "/", "/etc", "/dev/zero", "/proc/self", "../..", "~nobody/x", "~", "."),
    *("http://127.0.0.1/x", "file:///etc/passwd", "s3://bucket/key", "org/na me", "org/name@rev;id"),
    *("org/..", "../org/name", "org/name@", "@main", "org/name@@main", "org\\name", "\u202eorg/name"),
    *("x" * 5_000, "/" + "x" * 5_000, 1, 1.5, True, [], {}, ["tiny"], {"name": "tiny"}),
)
HOSTILE_FOLDER = "a; touch pwned $(touch pwned) `touch pwned` & x"
RAW_BODIES = (
    *(b'{"learning_rate": NaN}', b'{"learning_rate": Infinity}', b'{"learning_rate": 1e400}'),
    *(b'{"max_steps": 1' + b"0" * 6_000 + b"}", b'{"max_steps": 1' + b"0" * 4_000 + b"}"),
    *(b"[" * 3_000, b"[]", b'"tiny"', b"null", b"{", b'{"seed": -0.0}', b'{"seed": 1.0}', b'{"packing": 1}'),
)


@dataclass(frozen=True)
class Studio:
    """A server over a table of 40 questions, whose fine-tunes end as soon as they have begun."""

    client: TestClient
    workspace: Workspace
    table: str
    model: str

    def ask(self, method: str, part: str, body: Any = None, **more: Any) -> Any:
        path = f"/api/v1/tables/{self.table}/{part}"
        return self.client.request(method, path, **({"json": body} if body is not None else {}), **more)

    def plan(self, **train: Any) -> Any:
        """The plan once the check is over."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            answer = self.ask("POST", "plan", train)
            assert answer.status_code == 200, answer.text
            plan = answer.json()
            if plan["check"]["state"] not in ("preparing", "running"):
                return plan
            time.sleep(0.05)
        raise AssertionError("the check does not end")

    def launch(self, *, anyway: bool = False, **train: Any) -> Any:
        return self.ask("POST", "runs", {"train": train, "anyway": anyway})

    def list_runs(self) -> list[str]:
        return [path.name for path in self.workspace.runs.iterdir() if not path.name.startswith(".")]

    def forget(self) -> None:
        """Take back what a test has kept."""
        self.ask("PUT", "train", {})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("finetune")
    settings = Settings(workspace=folder / "work")
    workspace = Workspace(settings)
    table = store_table(workspace, LINES)
    with TestClient(create_app(settings, ui=False), base_url="http://127.0.0.1:7860") as client:
        yield Studio(client, workspace, table, str(write_model(folder / HOSTILE_FOLDER)))


@pytest.fixture
def studio(served: Studio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    monkeypatch.setattr(starting, "training_available", lambda: True)
    monkeypatch.setattr(starting, "WORKER", (sys.executable, "-c", WORKER))
    yield served
    served.forget()


def words_of(answer: Any) -> str:
    assert answer.status_code == 400, answer.text
    return f"{answer.json()['error']} {answer.json()['hint']}"


def test_tiny_and_a_folder_are_described(studio: Studio, tmp_path: Path) -> None:
    tiny = studio.client.get("/api/v1/models", params={"name": "tiny"}).json()
    assert (tiny["choice"], tiny["kind"], tiny["ready"], tiny["parameters"]) == (
        "tiny",
        "tiny",
        True,
        1_317_632,
    )
    folder = write_model(tmp_path / "small", chat="{{ messages }}")
    found = studio.client.get("/api/v1/models", params={"name": str(folder)}).json()
    assert (found["choice"], found["ready"], found["chat"]) == (str(folder), True, True)
    assert (found["context"], found["licence"], found["dtype"]) == (512, "apache-2.0", "bfloat16")
    assert found["words"] == "0.0 M parameters, 512 tokens, apache-2.0"


def test_a_model_that_may_not_be_opened_is_refused_with_the_reason(studio: Studio, tmp_path: Path) -> None:
    folder = write_model(tmp_path / "own", auto_map={"AutoConfig": "own.Own"})
    words = words_of(studio.client.get("/api/v1/models", params={"name": str(folder)}))
    assert "own asks to run its own program" in words
    assert "asks to run its own program" in words_of(studio.ask("POST", "plan", {"base_model": str(folder)}))


def test_every_option_has_its_limits_and_its_default_for_the_model(studio: Studio, tmp_path: Path) -> None:
    def list_options(name: str, **params: Any) -> dict[str, Any]:
        asked = {"name": name, **params}
        found = studio.client.get("/api/v1/training/options", params=asked).json()["options"]
        return {option["name"]: option for option in found}

    tiny = list_options("tiny")
    assert set(tiny) == {name for name, option in OPTIONS.items() if option.tiny}
    assert (tiny["learning_rate"]["default"], tiny["max_length"]["most"]) == (6e-3, 2_048)
    real = list_options(str(write_model(tmp_path / "small", max_position_embeddings=128)), records=500)
    assert list(real) == list(OPTIONS)
    assert (real["max_length"]["most"], real["max_length"]["default"]) == (128, 128)
    assert real["max_length"]["wanted"] == "Give a whole number from 16 to 128."
    assert (real["learning_rate"]["default"], real["use_peft"]["default"]) == (2e-5, False)
    assert (real["lora_r"]["default"], real["dtype"]["default"]) == (16, "auto")


def test_the_draft_keeps_a_train_part_in_the_place_of_the_one_it_had(studio: Studio) -> None:
    kept = studio.ask("PUT", "train", {"max_steps": 20, "learning_rate": 1e-3}).json()
    assert kept["train"] == {"base_model": "tiny", "max_steps": 20, "learning_rate": 1e-3, "seed": 42}
    assert studio.workspace.draft(studio.table).train.max_steps == 20
    kept = studio.ask("PUT", "train", {"seed": 7, "max_steps": None}).json()
    assert kept["train"] == {"base_model": "tiny", "seed": 7}
    shown = studio.ask("GET", "train").json()
    assert (shown["train"], shown["type"]) == (kept["train"], "prompt-completion")
    assert shown["install"].startswith("pip install") and shown["device"]["dtype"] in ("float32", "bfloat16")


def test_a_plan_says_steps_tokens_losses_and_the_file_and_keeps_nothing(studio: Studio) -> None:
    before = studio.list_runs()
    plan = studio.plan(base_model=studio.model, num_train_epochs=2, max_length=64)
    assert (plan["records"], plan["held_back"], plan["steps"]) == (34, 2, 10)
    assert plan["lost"] == {"records": 34, "lost": 0, "cut": 0, "max_length": 64}
    assert plan["tokens"] > 34 and plan["tokens_reason"] == "" and plan["seconds"] is None
    assert plan["options"]["learning_rate"] == 2e-5
    assert plan["files"]["source"] == "faq.jsonl" and plan["files"]["sha256"] == "ab" * 32
    assert plan["files"]["parts"] == {"train": 36, "test": 4}
    assert studio.workspace.draft(studio.table).train.base_model == "tiny"
    assert studio.list_runs() == before


@pytest.mark.detail
def test_what_stops_a_launch_is_in_the_plan_and_stops_it(studio: Studio) -> None:
    draft = studio.workspace.draft(studio.table)
    long = PromptSpec(prompt=" ".join(map(str, range(300))) + "{question}", completion="{answer}")
    studio.workspace.save_draft(studio.table, draft.model_copy(update={"template": long}))
    try:
        plan, refused = studio.plan(max_length=16), words_of(studio.launch(max_length=16))
    finally:
        studio.workspace.save_draft(studio.table, draft)
    [stops] = plan["gate"]
    assert (stops["code"], stops["title"], stops["count"]) == ("nothing-trained", "Nothing is trained", 40)
    assert plan["lost"] == {"records": 0, "lost": 34, "cut": 0, "max_length": 16}
    assert "The check stops this fine-tune: Nothing is trained (40 records)." in refused


def test_a_launch_over_the_free_memory_must_be_insisted_on(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Device(name="cpu", kind="cpu", free=600_000_000, dtype="float32")
    monkeypatch.setattr(planning, "read_device", lambda: few)
    before = studio.list_runs()
    assert "an estimate: over 80%" in words_of(studio.launch())
    assert studio.plan()["problem"].startswith("This fine-tune takes about")
    assert studio.list_runs() == before
    wait_for_end(studio, studio.launch(anyway=True).json()["run"])


def test_a_launch_is_a_list_of_words_without_a_shell_and_without_secrets(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "tell-nobody")
    monkeypatch.setenv("HF_TOKEN", "tell-nobody-either")
    payloads = plant_payloads(Path(studio.model), tmp_path / "pwned")
    answer = studio.launch(base_model=studio.model, max_steps=3, max_length=64, seed=1)
    assert answer.status_code == 201, answer.text
    run = answer.json()["run"]
    started = wait_for_end(studio, run)
    assert started["argv"][1] == str(studio.workspace.runs / run) and len(started["argv"]) == 3
    assert "tell-nobody" not in json.dumps(started)
    assert studio.workspace.table_of(run) == studio.table
    spec = json.loads((studio.workspace.runs / run / "spec.json").read_text())
    assert (spec["base_model"], spec["train"]["max_steps"], spec["train"]["seed"]) == (studio.model, 3, 1)
    assert payloads and not list(tmp_path.rglob("pwned")) and not Path("pwned").exists()


def test_without_training_installed_nothing_starts_and_the_way_to_install_it_is_said(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "training_available", lambda: False)
    before = studio.list_runs()
    assert "pip install" in words_of(studio.launch())
    assert studio.list_runs() == before


@pytest.mark.detail
def test_a_model_of_the_hub_is_pinned_planned_and_fetched_at_the_launch(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {path.name: path.read_bytes() for path in write_model(tmp_path / "small").iterdir()}
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "HF_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    hub = HubServer({}, {}, {})
    hub.models, hub.repositories = {"org/small": files}, {"org/small": Repository()}
    with hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        found = studio.client.get("/api/v1/models", params={"name": "org/small"}).json()
        pinned = f"org/small@{COMMIT}"
        assert (found["choice"], found["ready"], found["revision"]) == (pinned, False, COMMIT)
        assert studio.plan(base_model=pinned)["steps"] == 15
        said = []
        while (answer := studio.launch(base_model=pinned, max_steps=2)).status_code == 202:
            said.append(answer.json()["doing"])
            time.sleep(0.1)
    assert answer.status_code == 201, answer.text
    assert said and studio.client.get("/api/v1/models", params={"name": pinned}).json()["ready"]
    run = answer.json()["run"]
    wait_for_end(studio, run)
    assert json.loads((studio.workspace.runs / run / "spec.json").read_text())["base_model"] == pinned
    words = words_of(studio.client.get("/api/v1/models", params={"name": "org/none"}))
    assert "org/none" in words


def list_hostile(folder: Path) -> Iterator[dict[str, Any]]:
    """Train parts of which none may be kept, planned or started."""
    for name, option in OPTIONS.items():
        yield from ({name: value} for value in BAD_VALUES if option.find_problem(value))
    yield from ({name: 1} for name in BAD_NAMES)
    yield from ({"base_model": name} for name in BAD_MODELS)
    model = str(write_model(folder / "small", max_position_embeddings=128))
    yield {"base_model": model, "max_length": 129}
    yield {"base_model": model, "lora_r": 8, "use_peft": False}
    yield {"max_length": 4_096}
    yield {"use_peft": True}
    yield {"packing": True}


def test_hostile_options_and_models_are_refused_in_words_and_start_nothing(
    studio: Studio, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draft, runs = studio.workspace.draft(studio.table), studio.list_runs()
    cases = list(list_hostile(tmp_path))
    for train in cases:
        for part, body in (("runs", {"train": train}), ("plan", train)):
            answer = studio.ask("POST", part, body)
            said = answer.json()
            assert answer.status_code == 400, (part, train, answer.text)
            assert said["error"] and said["hint"] and "Traceback" not in answer.text, (part, train)
    for raw in RAW_BODIES:
        for method, part in (("PUT", "train"), ("POST", "plan"), ("POST", "runs")):
            answer = studio.ask(method, part, content=raw, headers={"content-type": "application/json"})
            assert answer.status_code in (400, 422), (part, raw[:40], answer.text)
            assert answer.json()["error"] and answer.json()["hint"], raw[:40]
    studio.forget()
    assert (studio.workspace.draft(studio.table), studio.list_runs()) == (draft, runs)
    assert not list(tmp_path.rglob("pwned")) and not Path("pwned").exists()
    count = len(cases) + len(RAW_BODIES)
    with capsys.disabled():
        print(f"\n{count} hostile train parts, 0 kept, planned or started")
    assert count >= 80


def wait_for_end(studio: Studio, run: str) -> Any:
    """What the worker noted, once its run is over."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if studio.client.get(f"/api/v1/runs/{run}").json()["state"] == "succeeded":
            return json.loads((studio.workspace.runs / run / "started.json").read_text())
        time.sleep(0.05)
    raise AssertionError("the run does not end")
