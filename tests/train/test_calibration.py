"""The calibration: what a run would take, measured on a piece of its own training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from studio.errors import RunError, WorkspaceError
from studio.job import calibration
from studio.job.calibration import find_calibration, read_calibration, start_calibration, stop_calibration
from studio.job.plan import plan_run
from studio.pipeline import load_table
from studio.recipe import Recipe, parse_recipe
from studio.run import RunDir, read_spec
from studio.settings import Settings
from studio.source import parse_source
from studio.table import Table
from studio.task import TaskState, wait_task
from studio.train import calibrating, fit
from studio.worker import hold_lock
from studio.workspace import Workspace
from tests.train.real_models import write_real

pytestmark = pytest.mark.train

NAMES = ("seconds_per_step", "tokens_per_second", "tokens_per_step", "steps", "seconds", "memory")


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture
def table(workspace: Workspace, write_jsonl: Callable[..., Path]) -> Table:
    rows = [{"question": f"Which colour has box {n}?", "answer": f"Box {n} is red."} for n in range(400)]
    folder = workspace.table_folder(workspace.new_id())
    return load_table(parse_source(str(write_jsonl(rows))), folder, workspace.settings)


def recipe_of(base_model: str, **train: Any) -> Recipe:
    options = "".join(f", {name}: {value}" for name, value in train.items())
    return parse_recipe(
        "source: {path: data.jsonl}\ntemplate: {style: question-answer}\nsplit: {train: 0.9, test: 0.1}\n"
        f"train: {{base_model: {base_model}{options}}}"
    )


@pytest.fixture
def measure_here(monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """The answer of a calibration that is done in the test's own process."""
    answers: list[dict[str, Any]] = []

    def do(folder: Path, module: str, request: dict[str, Any], secrets: dict[str, str]) -> TaskState:
        assert module == "studio.train.calibrating"
        answers.append(calibrating.calibrate(folder, request, lambda done, total: None))
        return TaskState(id=folder.name, state="done")

    monkeypatch.setattr(calibration, "start_task", do)
    monkeypatch.setattr(calibrating, "SECONDS", 0.1)

    def measure(recipe: Recipe, table: Table, workspace: Workspace) -> dict[str, Any]:
        start_calibration(recipe, table, workspace)
        return answers[-1]

    return measure


def test_the_steps_and_seconds_of_tiny_are_measured(
    workspace: Workspace, table: Table, measure_here: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit, "BUDGET_SECONDS", 1e9)
    answer = measure_here(recipe_of("tiny"), table, workspace)
    assert tuple(answer) == NAMES
    # With all the time there is the epochs are the limit: of 342 rows, of which 256 were measured.
    assert answer["steps"] % 10 == 0
    assert 342 / 256 * fit.MOST_EPOCHS <= answer["steps"] <= 342 * fit.MOST_EPOCHS
    assert answer["seconds"] >= answer["steps"] * answer["seconds_per_step"]
    assert 300 < answer["tokens_per_step"] <= 1_000
    assert answer["memory"] > 100_000_000


def test_a_base_model_is_measured_with_the_options_of_its_run(
    workspace: Workspace, table: Table, measure_here: Callable[..., Any], tmp_path: Path
) -> None:
    model = write_real(tmp_path / "llama", "llama")
    recipe = recipe_of(str(model), use_peft="true", lora_r=2, gradient_accumulation_steps=3)
    answer = measure_here(recipe, table, workspace)
    plan = plan_run(recipe, table, workspace)
    assert answer["steps"] == plan.steps
    [folder] = workspace.calibrations.iterdir()
    spec = read_spec(RunDir(folder / "run"))
    assert (spec.train, spec.data["train"].records) == (plan.options, calibration.ROWS)
    rows = plan.options["per_device_train_batch_size"] * 3
    assert 10 * rows < answer["tokens_per_step"] < plan.options["max_length"] * rows
    assert sorted(path.name for path in folder.iterdir()) == ["run"]


def test_too_little_memory_is_said_in_words(
    workspace: Workspace, table: Table, measure_here: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(calibrating, "_train", fail)
    with pytest.raises(RunError, match="memory does not do"):
        measure_here(recipe_of("tiny"), table, workspace)


def test_nothing_is_measured_beside_a_fine_tune(workspace: Workspace, table: Table) -> None:
    (workspace.runs / ".devices").mkdir()
    for device in calibration.find_devices({}):
        hold_lock(workspace.runs / ".devices" / device)
    with pytest.raises(RunError, match="A fine-tune is at work"):
        start_calibration(recipe_of("tiny"), table, workspace)


def test_one_that_is_not_there_is_an_error(workspace: Workspace, table: Table) -> None:
    assert find_calibration(recipe_of("tiny"), table, workspace) is None
    with pytest.raises(WorkspaceError):
        read_calibration(workspace, "0" * 32)


@pytest.mark.detail
def test_a_process_of_its_own_measures_and_the_answer_is_found_again(
    workspace: Workspace, table: Table
) -> None:
    recipe = recipe_of("tiny", max_steps=50)
    begun = start_calibration(recipe, table, workspace)
    assert start_calibration(recipe, table, workspace).id == begun.id
    state = wait_task(workspace.calibrations / begun.id)
    assert (state.state, state.answer["steps"]) == ("done", 50), state
    estimated = plan_run(recipe, table, workspace).memory.total
    assert state.answer["memory"] < estimated < 2 * state.answer["memory"]
    assert read_calibration(workspace, begun.id) == find_calibration(recipe, table, workspace) == state
    assert find_calibration(recipe_of("tiny", max_steps=51), table, workspace) is None
    assert stop_calibration(workspace, begun.id) == state
