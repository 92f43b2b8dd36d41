"""A real base model from the Hub to the comparison: launched, trained in a worker of its own, read back."""

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch")

from studio.compare import open_comparison
from studio.job import wait_job
from studio.job.launch import launch_table
from studio.pipeline import load_table
from studio.recipe import parse_recipe
from studio.run import read_log, read_spec, read_state
from studio.settings import Settings
from studio.source import parse_source
from studio.train.tiny import hash_weights, load_model
from studio.workspace import Workspace
from tests.hub_server import COMMIT, HubServer
from tests.train.real_models import write_real

pytestmark = pytest.mark.train


def test_a_model_of_the_hub_is_fetched_once_and_trained_at_its_commit(
    settings: Settings, write_jsonl: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = write_real(tmp_path / "llama", "llama")
    (model / "pytorch_model.bin").write_bytes(b"never fetched")
    workspace = Workspace(settings)
    rows = [{"question": f"Which colour has box {n}?", "answer": f"Box {n} is red."} for n in range(24)]
    folder = workspace.table_folder(workspace.new_id())
    table = load_table(parse_source(str(write_jsonl(rows))), folder, settings)
    recipe = parse_recipe(
        "source: {path: data.jsonl}\ntemplate: {messages: [{role: user, content: '{question}'},"
        " {role: assistant, content: '{answer}'}]}\nsplit: {train: 0.8, test: 0.2}\n"
        "train: {base_model: org/llama, use_peft: true, max_steps: 2, learning_rate: 0.01}"
    )
    files = {path.name: path.read_bytes() for path in model.iterdir()}
    with HubServer({}, {}, {"org/llama": files}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        run_dir = launch_table(recipe, table, workspace)
        assert "pytorch_model.bin" not in hub.sent
    state = wait_job(run_dir, 120)
    assert state.state == "succeeded", read_log(run_dir)
    spec = read_spec(run_dir)
    assert (spec.model["name"], spec.model["revision"]) == ("org/llama", COMMIT)
    assert spec.base_model == spec.recipe["train"]["base_model"] == f"org/llama@{COMMIT}"
    assert (spec.train["lora_r"], spec.train["max_length"]) == (16, 256)
    assert f"org/llama@{COMMIT}" in run_dir.card.read_text()
    given, _ = load_model(model)
    assert read_state(run_dir).metrics["base"]["weights_sha256"] == hash_weights(given)
    assert open_comparison(run_dir).records == 5
