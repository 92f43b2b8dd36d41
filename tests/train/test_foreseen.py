"""What is said before a launch is what the run then does: steps, tokens, and the records that it loses."""

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch")

from studio.job import wait_job
from studio.job.foresight import foresee_run
from studio.job.launch import launch_table
from studio.pipeline import load_table
from studio.recipe import parse_recipe
from studio.run import read_events, read_log
from studio.settings import Settings
from studio.source import parse_source
from studio.workspace import Workspace
from tests.train.real_models import write_real

pytestmark = [pytest.mark.train, pytest.mark.detail]


@pytest.mark.parametrize("packing", [False, True])
def test_a_run_takes_the_steps_and_tokens_that_were_said_before(
    settings: Settings, write_jsonl: Callable[..., Path], tmp_path: Path, packing: bool
) -> None:
    model, workspace = write_real(tmp_path / "llama", "llama"), Workspace(settings)
    rows = [{"question": "why " * (n % 7), "answer": f"It is {n}. " * (1 + n % 5)} for n in range(46)]
    rows += [{"question": "why " * 200, "answer": "Lost."}, {"question": "How?", "answer": "Cut. " * 200}]
    folder = workspace.table_folder(workspace.new_id())
    table = load_table(parse_source(str(write_jsonl(rows))), folder, settings)
    recipe = parse_recipe(
        "source: {path: data.jsonl}\ntemplate: {style: question-answer}\n"
        "split: {method: sequential, train: 1.0}\n"
        f"train: {{base_model: {model}, packing: {str(packing).lower()}, max_length: 128,"
        " num_train_epochs: 2, per_device_train_batch_size: 3, gradient_accumulation_steps: 2,"
        " early_stopping_patience: 0}"
    )
    plan = foresee_run(recipe, table, workspace, wait=None)
    assert plan.outlook is not None and plan.tokens is not None and plan.held_back == 2
    assert (plan.outlook.lost, plan.outlook.cut) == (1, 1)
    run_dir = launch_table(recipe, table, workspace)
    state = wait_job(run_dir, 300)
    assert state.state == "succeeded", read_log(run_dir)
    events = read_events(run_dir)[0]
    last = [event for event in events if event.event == "progress"][-1]
    assert (state.steps, last.step) == (plan.steps, plan.steps)
    assert last.details["tokens"] == plan.tokens
