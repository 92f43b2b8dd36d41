"""A real base model, from a folder or the Hub: the labels of the run are those that the prompt tab showed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from studio.job import wait_job
from studio.job.launch import launch_table
from studio.pipeline import load_table, plan_splits, preview_example
from studio.recipe import Recipe, parse_recipe
from studio.run import RunDir, read_log, read_spec
from studio.settings import Settings
from studio.source import parse_source
from studio.table import Table
from studio.tokenizing import prepare_tokenizer
from studio.tokens import open_tokenizer
from studio.train.base import open_base
from studio.train.data import read_parts
from studio.train.trainer import make_base_trainer
from studio.workspace import Workspace
from tests.hub_server import HubServer
from tests.train.real_models import write_real
from tests.train.test_real import unpack

pytestmark = [pytest.mark.train, pytest.mark.detail]

TEMPLATES = {
    "prompt-completion": "{style: question-answer}",
    "text": "{text: '{question} {answer}'}",
    "messages": "{messages: [{role: user, content: '{question}'}, {role: assistant, content: '{answer}'}]}",
}


@contextmanager
def offer_model(route: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """What a recipe writes of the model: the folder itself, or its id on a Hub of this machine."""
    if route == "folder":
        yield str(folder)
        return
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    with HubServer({}, {}, {"org/model": files}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_HOME", str(folder.parent / "hf"))
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        yield "org/model"


def show_labels(
    workspace: Workspace, recipe: Recipe, table: Table, model: str
) -> dict[tuple[int, ...], list[int]]:
    """The labels of every train record by its tokens, as the prompt tab shows them."""
    rows = plan_splits(recipe, table).parts["train"]
    with open_tokenizer(prepare_tokenizer(workspace, recipe, table, model)) as shown:
        tokens = shown.encode([preview_example(recipe, table, int(row)) for row in rows])
    return {tuple(one.ids): one.labels for one in tokens}


def see_labels(run_dir: RunDir) -> dict[tuple[int, ...], list[int]]:
    """The labels that the run's trainer has in its batches, by their tokens."""
    spec = read_spec(run_dir)
    base, parts = open_base(run_dir, spec), read_parts(run_dir, spec, 42)
    rows = [*parts.train, *parts.validation]
    trainer = make_base_trainer(base, rows, (), options=dict(spec.train), folder=run_dir.path / "seen")
    batches = trainer.get_train_dataloader()
    return {tuple(ids): labels for batch in batches for ids, labels in unpack(batch)}


@pytest.mark.parametrize(
    ("route", "family", "kind", "options"),
    [
        ("folder", "neox", "text", {"use_peft": "true", "lora_r": 2, "packing": "true"}),
        ("folder", "qwen", "messages", {"use_peft": "false", "assistant_only_loss": "true"}),
        ("folder", "llama", "prompt-completion", {"use_peft": "false", "packing": "true"}),
        ("hub", "qwen", "prompt-completion", {"use_peft": "true", "lora_r": 2}),
        ("hub", "neox", "messages", {"use_peft": "false", "packing": "true"}),
        ("hub", "llama", "text", {"use_peft": "true", "lora_r": 2}),
    ],
)
def test_the_labels_of_a_launched_run_are_those_that_were_shown(
    settings: Settings,
    write_jsonl: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    route: str,
    family: str,
    kind: str,
    options: dict[str, Any],
) -> None:
    workspace = Workspace(settings)
    rows = [{"question": f"Which colour has box {n}?", "answer": f"Box {n} is red."} for n in range(12)]
    folder = workspace.table_folder(workspace.new_id())
    table = load_table(parse_source(str(write_jsonl(rows))), folder, settings)
    given = "".join(f", {name}: {value}" for name, value in options.items())
    with offer_model(route, write_real(tmp_path / "model", family), monkeypatch) as model:
        recipe = parse_recipe(
            f"source: {{path: data.jsonl}}\ntemplate: {TEMPLATES[kind]}\nsplit: {{train: 0.75, test: 0.25}}\n"
            f"train: {{base_model: {model}, max_steps: 1{given}}}"
        )
        shown = show_labels(workspace, recipe, table, model)
        run_dir = launch_table(recipe, table, workspace, anyway=True)
    state = wait_job(run_dir, 120)
    assert state.state == "succeeded", read_log(run_dir)
    seen = see_labels(run_dir)
    assert seen.keys() == shown.keys()
    for ids, labels in seen.items():
        # Nothing is learnt of a row's first token: nothing comes before it.
        assert labels[1:] == shown[ids][1:]
