"""What is known before a launch: options by the model's size, steps, memory, and when it is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from studio.cli import app
from studio.cli.train import change_train
from studio.errors import ModelError, RunError, StudioError
from studio.job import foresight as foreseeing
from studio.job import plan as planning
from studio.job.device import Device, read_answer
from studio.job.foresight import foresee_run
from studio.job.plan import plan_run, refuse_plan
from studio.pipeline import load_table
from studio.recipe import Recipe, dump_recipe, parse_recipe
from studio.settings import Settings
from studio.source import parse_source
from studio.table import Table
from studio.task import TaskState
from studio.training import OPTIONS
from studio.workspace import Workspace
from tests.model_folders import write_model


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture
def table(workspace: Workspace, write_jsonl: Callable[..., Path]) -> Table:
    rows = [{"question": f"What is {n}?", "answer": f"{n}"} for n in range(100)]
    folder = workspace.table_folder(workspace.new_id())
    return load_table(parse_source(str(write_jsonl(rows))), folder, workspace.settings)


def recipe_of(model: str, **train: Any) -> Recipe:
    options = "".join(f", {name}: {value}" for name, value in train.items())
    return parse_recipe(
        "source: {path: data.jsonl}\ntemplate: {style: question-answer}\nsplit: {train: 0.8, test: 0.2}\n"
        f"train: {{base_model: {model}{options}}}"
    )


def cpu(free: int | None) -> Device:
    return Device(name="cpu", kind="cpu", free=free, dtype="float32")


def test_what_a_recipe_leaves_open_is_chosen_by_the_size_and_said(
    workspace: Workspace, table: Table, tmp_path: Path
) -> None:
    plan = plan_run(recipe_of(str(write_model(tmp_path / "small"))), table, workspace)
    assert (plan.records, plan.held_back, plan.model.parameters) == (76, 4, 12_800)
    assert plan.options["use_peft"] is False
    assert (plan.options["learning_rate"], plan.options["max_length"]) == (2e-5, 512)
    # 76 records, 8 a step, 3 rounds
    assert plan.steps == 30
    assert plan.problem == "" and plan.to_dict()["steps"] == 30
    for name, value in plan.options.items():
        assert OPTIONS[name].find_problem(value) == "", name


def test_what_was_asked_for_stays(workspace: Workspace, table: Table, tmp_path: Path) -> None:
    model = str(write_model(tmp_path / "small"))
    plan = plan_run(recipe_of(model, lora_r=4, max_steps=7, max_length=64), table, workspace)
    assert plan.steps == 7
    assert {name: plan.options[name] for name in ("use_peft", "lora_r", "lora_alpha", "max_length")} == {
        "use_peft": True,
        "lora_r": 4,
        "lora_alpha": 32,
        "max_length": 64,
    }
    with pytest.raises(RunError, match="use_peft is false"):
        plan_run(recipe_of(model, lora_r=4, use_peft="false"), table, workspace)


def test_a_context_shorter_than_usual_shortens_the_rows(
    workspace: Workspace, table: Table, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "small", max_position_embeddings=128)
    assert plan_run(recipe_of(str(model)), table, workspace).options["max_length"] == 128


def test_tiny_is_given_nothing_but_what_was_asked_for(workspace: Workspace, table: Table) -> None:
    plan = plan_run(recipe_of("tiny"), table, workspace)
    assert (plan.options, plan.steps) == ({"seed": 42}, None)


def test_a_launch_over_what_is_free_is_refused_with_figures(
    workspace: Workspace, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "read_device", lambda: cpu(600_000_000))
    plan = plan_run(recipe_of(str(write_model(tmp_path / "small"))), table, workspace)
    with pytest.raises(RunError, match=r"about 0\.\d GB of memory, an estimate: over 80%"):
        refuse_plan(plan)
    monkeypatch.setattr(planning, "read_device", lambda: cpu(None))
    refuse_plan(plan_run(recipe_of(str(tmp_path / "small")), table, workspace))


def test_the_driver_of_a_gpu_says_its_name_its_free_memory_and_what_auto_means() -> None:
    found = read_answer("NVIDIA H100 80GB HBM3, 80995, 9.0\n")
    assert (found.name, found.free, found.dtype) == ("NVIDIA H100 80GB HBM3", 80995 << 20, "bfloat16")
    assert read_answer("Tesla V100-SXM2-16GB, 16000, 7.0").dtype == "float32"


def test_bfloat16_is_refused_where_nothing_computes_in_it(
    workspace: Workspace, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = recipe_of(str(write_model(tmp_path / "small")), dtype="bfloat16")
    monkeypatch.setattr(planning, "read_device", lambda: cpu(None))
    with pytest.raises(RunError, match="dtype is bfloat16, and cpu does not compute in it"):
        plan_run(recipe, table, workspace)
    gpu = Device(name="H100", kind="gpu", free=80 << 30, dtype="bfloat16")
    monkeypatch.setattr(planning, "read_device", lambda: gpu)
    assert plan_run(recipe, table, workspace).device == gpu


def test_the_check_adds_what_is_lost_what_stops_and_how_many_tokens_are_read(
    workspace: Workspace, table: Table, tmp_path: Path
) -> None:
    model = str(write_model(tmp_path / "small"))
    plan = foresee_run(recipe_of(model, max_length=64), table, workspace, wait=None)
    assert plan.outlook is not None and plan.tokens is not None
    assert (plan.outlook.records, plan.outlook.lost, plan.outlook.cut, plan.records) == (76, 0, 0, 76)
    assert plan.tokens == 3 * plan.outlook.tokens and plan.tokens_reason == ""
    assert plan.to_dict()["gate"] == []
    # 76 records, 8 a step: 19 steps are two rounds
    twice = foresee_run(recipe_of(model, max_length=64, max_steps=19), table, workspace, wait=None)
    assert twice.tokens == 2 * plan.outlook.tokens
    short = foresee_run(recipe_of(model, max_length=16), table, workspace, wait=None)
    assert short.outlook is not None and short.outlook.lost + short.outlook.cut == 76
    assert short.to_dict()["lost"]["max_length"] == 16


def test_a_calibration_gives_the_time_and_of_tiny_the_steps(
    workspace: Workspace, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = foresee_run(recipe_of("tiny"), table, workspace, wait=None)
    assert (plan.steps, plan.tokens, plan.seconds) == (None, None, None)
    assert plan.tokens_reason == "Known once the time is measured."
    measured = {"steps": 80, "seconds": 41.5, "seconds_per_step": 0.5, "tokens_per_step": 900.0}
    done = TaskState(id="c", state="done", answer=measured | {"memory": 700_000_000})
    asked: list[Recipe] = []
    monkeypatch.setattr(foreseeing, "find_calibration", lambda recipe, *_: asked.append(recipe) or done)
    plan = foresee_run(recipe_of("tiny"), table, workspace, wait=None)
    assert (plan.steps, plan.tokens, plan.seconds, plan.measured) == (80, 72_000, 41.5, 700_000_000)
    # 40 of its own steps instead of 80, at the same pace, which no learning rate changes
    plan = foresee_run(recipe_of("tiny", max_steps=40, learning_rate=0.01), table, workspace, wait=None)
    assert (plan.steps, plan.tokens, plan.seconds) == (40, 36_000, 21.5)
    assert asked[0].train == asked[1].train


def test_what_will_be_frozen_is_named(workspace: Workspace, table: Table) -> None:
    files = plan_run(recipe_of("tiny"), table, workspace).files
    assert (files.source, files.sha256) == (table.name, table.sha256)
    assert (files.records, files.template, files.parts) == (100, "question-answer", {"train": 80, "test": 20})


def test_the_command_says_the_plan_and_starts_nothing(
    settings: Settings, write_jsonl: Callable[..., Path], tmp_path: Path
) -> None:
    write_jsonl([{"question": f"What is {n}?", "answer": f"{n}"} for n in range(100)])
    path = tmp_path / "recipe.yaml"
    path.write_text(dump_recipe(recipe_of("tiny")))
    changed = ["--set", "learning_rate=1e-4", "--set", "max_steps=7"]
    command = ["train", str(path), "--plan", "--workspace", str(settings.workspace), *changed]
    lines = CliRunner().invoke(app, command).output.splitlines()
    assert lines[:2] == [
        "tiny: 1.3 M parameters, 2,048 tokens, made here, from the train part",
        "76 records to learn from; 4 more choose the best checkpoint; 7 steps",
    ]
    assert lines[2].startswith("of data.jsonl, sha256 ") and lines[2].endswith(": train 80, test 20")
    assert lines[3] == "Known once the time is measured."
    assert "learning_rate: 0.0001" in lines
    assert list((settings.workspace / "checks").glob("[!.]*")) == []
    assert list((settings.workspace / "runs").iterdir()) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("learning_rate", "has no value"),
        ("learning_rate=fast", "learning_rate is 'fast'. Give a number from 1e-07 to 1."),
        ("max_steps=1e3", "max_steps is '1e3'"),
        ("optim=sgd", "There is no train option 'optim'"),
        ("base_model=$(id)", "names no base model"),
    ],
)
def test_another_value_is_refused_in_words(change: str, words: str) -> None:
    with pytest.raises(StudioError) as caught:
        change_train(recipe_of("tiny"), [change])
    assert words in f"{caught.value.message} {caught.value.hint}"


def test_another_value_may_leave_an_option_open() -> None:
    changed = change_train(recipe_of("tiny", max_steps=7), ["max_steps=", "seed=3"]).train
    assert (changed.max_steps, changed.seed) == (None, 3)


def test_a_model_that_may_not_be_opened_has_no_plan(
    workspace: Workspace, table: Table, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "small", auto_map={"AutoConfig": "own.Own"})
    with pytest.raises(ModelError, match="own program"):
        plan_run(recipe_of(str(model)), table, workspace)


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_has_limits_and_words_and_is_refused_beyond_them(name: str) -> None:
    option = OPTIONS[name]
    assert option.help.endswith(".") and len(option.help) < 120
    for value in (None, [], {}, "1; rm -rf /", float("nan"), float("inf"), -1, 10**5000, "$(id)", "\0"):
        assert option.find_problem(value), value
