"""The TRL script that comes with an export, really run: on the data files as they are, for two steps."""

import copy
import json
import runpy
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from studio.trainers import describe_configs
from tests.test_trainers import make_manifest
from tests.train.small_runs import make_lines

pytestmark = pytest.mark.train
IGNORED = -100


@pytest.fixture
def base_model(tmp_path: Path, tokenizer: Any) -> Path:
    """A folder with an untrained model whose tokenizer ends turns as ChatML does."""
    from studio.train.tiny import make_model, save_model

    own = copy.deepcopy(tokenizer)
    own.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    save_model(make_model(own, 0), own, tmp_path / "model")
    return tmp_path / "model"


def run_script(folder: Path, monkeypatch: pytest.MonkeyPatch, manifest: dict[str, Any]) -> Any:
    """The trainer of the script after it has run."""
    (text,) = describe_configs(["trl"], manifest).values()
    script = folder / "train_trl.py"
    script.write_text(text)
    monkeypatch.setattr(sys, "argv", [str(script)])
    monkeypatch.setenv("HF_HOME", str(folder / "hf"))
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(folder / "cache"))
    return runpy.run_path(str(script), run_name="__main__")["trainer"]


def write_part(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_the_script_learns_completions_and_their_end_from_the_files_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base_model: Path
) -> None:
    rows = [{"question": line["prompt"], "answer": line["completion"]} for line in make_lines(6)]
    write_part(tmp_path / "train.jsonl", rows)
    write_part(tmp_path / "validation.jsonl", rows[:2])
    manifest = make_manifest(
        names={"prompt": "question", "completion": "answer"},
        parts=("train", "validation"),
        train={"base_model": str(base_model), "max_steps": 2, "per_device_train_batch_size": 2},
    )
    trainer = run_script(tmp_path, monkeypatch, manifest)
    assert trainer.state.global_step == 2
    assert [log for log in trainer.state.log_history if "eval_loss" in log]
    assert (tmp_path / "trl-output" / "model.safetensors").exists()
    tokenizer = trainer.processing_class
    for row, tokens in zip(rows, trainer.train_dataset, strict=True):
        learnt = [token for token in tokens["labels"] if token != IGNORED]
        assert tokenizer.decode(learnt) == row["answer"] + tokenizer.eos_token
        assert learnt == tokens["input_ids"][-len(learnt) :]
        assert tokenizer.decode(tokens["input_ids"]) == row["question"] + row["answer"] + tokenizer.eos_token


def test_the_script_learns_the_assistants_turns_of_a_sharegpt_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base_model: Path
) -> None:
    template = resources.files("trl") / "chat_templates" / "qwen2_5.jinja"
    settings = json.loads((base_model / "tokenizer_config.json").read_text())
    settings |= {"eos_token": "<|im_end|>", "chat_template": template.read_text()}
    (base_model / "tokenizer_config.json").write_text(json.dumps(settings))
    turns = [{"from": "human", "value": "Which colour?"}, {"from": "gpt", "value": "Red."}]
    write_part(tmp_path / "train.jsonl", [{"conversations": turns}] * 4)
    manifest = make_manifest(
        kind="sharegpt", parts=("train",), train={"base_model": str(base_model), "max_steps": 1}
    )
    trainer = run_script(tmp_path, monkeypatch, manifest)
    tokens, tokenizer = trainer.train_dataset[0], trainer.processing_class
    learnt = [token for token in tokens["labels"] if token != IGNORED]
    assert tokenizer.decode(learnt).strip() == "Red.<|im_end|>"
    assert "<|im_start|>user\nWhich colour?" in tokenizer.decode(tokens["input_ids"])
