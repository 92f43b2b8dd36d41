"""Configurations of trainers: their text, what they refuse, and that they are what the specifications say."""

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml

from studio.errors import ExportError
from studio.formats import FILES, FORMATS, resolve_names
from studio.trainers import TRAINERS, check_config, describe_configs

READ = [(name, kind) for name, trainer in TRAINERS.items() for kind in trainer.formats]


def make_manifest(
    kind: str = "prompt-completion",
    file: str = "jsonl",
    names: dict[str, str] | None = None,
    parts: tuple[str, ...] = ("train", "validation", "test"),
    train: dict[str, Any] | None = None,
    source: str = "lamini_docs.jsonl",
) -> dict[str, Any]:
    described = {part: {"file": f"{part}{FILES[file].suffix}", "records": 10, "bytes": 900} for part in parts}
    return {
        "manifest": 1,
        "recipe": {"version": 1, "train": {"base_model": "tiny", "seed": 42} | (train or {})},
        "source": {"name": source},
        "export": {"format": kind, "names": resolve_names(kind, names or {}), "file": file},
        "parts": described,
    }


def describe(name: str, **asked: Any) -> str:
    (text,) = describe_configs([name], make_manifest(**asked)).values()
    return text


@pytest.mark.parametrize(("name", "kind"), READ)
def test_every_trainer_has_a_text_for_every_format_that_it_says_it_reads(name: str, kind: str) -> None:
    for file in TRAINERS[name].files:
        (made,) = describe_configs([name], make_manifest(kind, file)).items()
        assert made[0] == TRAINERS[name].file
        assert f"train.{file}" in made[1] or file == "dataset"
        assert describe_configs([name], make_manifest(kind, file)) == dict([made])
        if made[0].endswith(".py"):
            compile(made[1], made[0], "exec")


def test_every_format_and_file_that_a_trainer_reads_is_one_that_is_written() -> None:
    for trainer in TRAINERS.values():
        assert set(trainer.formats) <= set(FORMATS)
        assert set(trainer.files) <= set(FILES)


def test_all_configurations_come_in_the_order_asked_and_each_once() -> None:
    made = describe_configs(["unsloth", "trl", "unsloth"], make_manifest())
    assert list(made) == ["train_unsloth.py", "train_trl.py"]
    assert describe_configs([], make_manifest()) == {}


@pytest.mark.parametrize(
    ("name", "asked", "message", "hint"),
    [
        ("mlx", {}, "no configuration for 'mlx'", "trl, axolotl, llama-factory, unsloth, torchtune"),
        ("trl", {"kind": "alpaca"}, "TRL does not read the format alpaca", "prompt-completion"),
        ("trl", {"kind": "records"}, "TRL does not read the format records", "text"),
        ("axolotl", {"file": "csv"}, "Axolotl would learn the marks that guard a CSV", "jsonl"),
        ("axolotl", {"file": "jsonl.gz"}, "Axolotl does not read files of type jsonl.gz", "jsonl, json"),
        ("llama-factory", {"file": "dataset"}, "does not read files of type dataset", "parquet"),
        ("torchtune", {"parts": ("test",)}, "no part train", "Ask for a part train"),
        (
            "axolotl",
            {"kind": "alpaca", "names": {"output": "answer"}},
            "under the names instruction, input, output alone",
            "Keep",
        ),
        (
            "torchtune",
            {"kind": "openai", "names": {"role": "who"}},
            "under the names role, content alone",
            "Keep",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 14 else "",
)
def test_what_a_trainer_cannot_do_with_is_said(
    name: str, asked: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(ExportError) as raised:
        describe(name, **asked)
    assert message in raised.value.message
    assert hint in raised.value.hint


def test_what_is_refused_can_be_asked_before_an_export() -> None:
    check_config("trl", "text", "jsonl")
    with pytest.raises(ExportError, match="TRL does not read the format alpaca"):
        check_config("trl", "alpaca", "jsonl")


def test_the_recipes_settings_and_model_stand_in_the_configurations() -> None:
    train = {
        "base_model": "org/model",
        "max_steps": 7,
        "learning_rate": 1e-5,
        "per_device_train_batch_size": 3,
        "max_length": 99,
        "warmup_steps": 5,
        "seed": 1,
    }
    script = describe("trl", train=train)
    assert 'MODEL = "org/model"' in script
    assert "max_steps=7," in script
    assert "num_train_epochs" not in script
    config = yaml.safe_load(describe("axolotl", train=train))
    assert [config["base_model"], config["max_steps"], config["learning_rate"]] == ["org/model", 7, 1e-5]
    assert [config["micro_batch_size"], config["sequence_len"], config["warmup_steps"]] == [3, 99, 5]
    config = yaml.safe_load(describe("torchtune", train=train))
    assert [config["max_steps_per_epoch"], config["optimizer"]["lr"], config["seed"]] == [7, 1e-5, 1]


def test_a_model_that_only_the_studio_has_is_not_named() -> None:
    for name in TRAINERS:
        assert "tiny" not in describe(name, kind="messages")


HOSTILE = "a'); import os; os.system('x') #\n\"\"\": {b"


def test_hostile_names_are_text_in_every_configuration() -> None:
    asked = {
        "names": {"prompt": HOSTILE, "completion": "é: - x"},
        "source": f"../{HOSTILE}.jsonl",
        "train": {"base_model": HOSTILE},
    }
    for name in ("trl", "unsloth"):
        script = describe(name, **asked)
        code = compile(script, name, "exec")
        assert HOSTILE in code.co_consts or any(HOSTILE in c for c in code.co_consts if isinstance(c, tuple))
        assert "\nimport os" not in script
    config = yaml.safe_load(describe("axolotl", **asked))
    assert config["base_model"] == config["datasets"][0]["type"]["field_instruction"] == HOSTILE
    entries = json.loads(describe("llama-factory", **asked))
    assert all(entry.replace("_", "").isalnum() for entry in entries)
    assert entries[next(iter(entries))]["columns"] == {"prompt": HOSTILE, "response": "é: - x"}


# src/axolotl/utils/schemas/datasets.py, SFTDataset: the keys of a dataset that are used here.
AXOLOTL_DATASET = {
    "path": str,
    "ds_type": str,
    "split": str,
    "type": (str, dict),
    "field": str,
    "field_messages": str,
    "message_property_mappings": dict,
    "roles_to_train": list,
    "train_on_eos": str,
}
AXOLOTL_TYPES = ("completion", "chat_template", "alpaca")
# The same, UserDefinedPrompterType.
AXOLOTL_FIELDS = {"field_instruction", "field_input", "field_output", "field_system"}


@pytest.mark.parametrize("kind", TRAINERS["axolotl"].formats)
def test_axolotls_configuration_obeys_its_schema(kind: str) -> None:
    config = yaml.safe_load(describe("axolotl", kind=kind))
    assert config["train_on_inputs"] is False
    for dataset in (*config["datasets"], *config["test_datasets"]):
        for key, value in dataset.items():
            assert isinstance(value, AXOLOTL_DATASET[key])
        if isinstance(dataset["type"], dict):
            assert set(dataset["type"]) == AXOLOTL_FIELDS | {"format", "no_input_format"}
            assert dataset["type"]["format"] == dataset["type"]["no_input_format"] == "{instruction}"
        else:
            assert dataset["type"] in AXOLOTL_TYPES
        assert dataset.get("train_on_eos", "turn") in ("all", "turn", "last")
    assert [dataset["path"] for dataset in config["test_datasets"]] == ["validation.jsonl"]
    assert "test.jsonl" not in str(config)


# data/README.md of LLaMA-Factory.
LLAMA_FACTORY_COLUMNS = {
    "alpaca": {"prompt", "query", "response", "history", "system", "tools"},
    "sharegpt": {"messages", "system", "tools"},
}
LLAMA_FACTORY_TAGS = {
    "role_tag",
    "content_tag",
    "user_tag",
    "assistant_tag",
    "observation_tag",
    "function_tag",
}


@pytest.mark.parametrize("kind", TRAINERS["llama-factory"].formats)
def test_llama_factorys_entries_obey_its_readme(kind: str) -> None:
    entries = json.loads(describe("llama-factory", kind=kind))
    assert list(entries) == ["lamini_docs_train", "lamini_docs_validation", "lamini_docs_test"]
    for entry in entries.values():
        assert set(entry) <= {"file_name", "formatting", "columns", "tags"}
        formatting = entry.get("formatting", "alpaca")
        assert set(entry["columns"]) <= LLAMA_FACTORY_COLUMNS[formatting]
        assert set(entry.get("tags", ())) <= LLAMA_FACTORY_TAGS | {"system_tag"}
        assert entry["file_name"].rsplit(".")[-1] in ("json", "jsonl", "csv", "parquet", "arrow", "txt")
        if "tags" in entry:
            assert [entry["tags"]["role_tag"], entry["tags"]["content_tag"]] == list(FORMATS[kind].turns)


# The parameters of the builders in torchtune.datasets, beside those that go to `load_dataset`.
TORCHTUNE = {
    "text_completion_dataset": {"source", "column", "packed"},
    "instruct_dataset": {"source", "column_map", "train_on_input", "packed"},
    "chat_dataset": {"source", "conversation_column", "conversation_style", "train_on_input", "packed"},
    "alpaca_dataset": {"source", "column_map", "train_on_input", "packed"},
}


@pytest.mark.parametrize("kind", TRAINERS["torchtune"].formats)
def test_torchtunes_datasets_obey_the_signatures_of_their_builders(kind: str) -> None:
    config = yaml.safe_load(describe("torchtune", kind=kind))
    assert {"model", "tokenizer", "checkpointer", "dataset", "optimizer", "loss", "epochs"} <= set(config)
    dataset = config["dataset"]
    home, _, builder = dataset["_component_"].rpartition(".")
    assert home == "torchtune.datasets"
    assert set(dataset) - {"_component_", "data_files", "split"} == TORCHTUNE[builder]
    assert [dataset["source"], dataset["data_files"], dataset["split"]] == ["json", "train.jsonl", "train"]
    assert not dataset.get("train_on_input")
    assert dataset.get("conversation_style", "openai") in ("openai", "sharegpt")
    assert "test.jsonl" not in str(config)


class FakeTokenizer:
    """A token a character, and 0 for the end token."""

    eos_token = "\0"

    def __call__(self, text: str) -> dict[str, list[int]]:
        return {"input_ids": [ord(letter) for letter in text]}


def run_unsloth(monkeypatch: pytest.MonkeyPatch, folder: Path, **asked: Any) -> Any:
    """What the Unsloth script gives to SFTTrainer, with fakes in the place of what needs a GPU."""
    given: dict[str, Any] = {}
    model = SimpleNamespace(
        from_pretrained=lambda **_: (None, FakeTokenizer()), get_peft_model=lambda *_, **__: None
    )
    trainer = SimpleNamespace(train=lambda: None, save_model=lambda: None)
    fakes = {
        "unsloth": {"FastLanguageModel": model},
        "trl": {"SFTConfig": dict, "SFTTrainer": lambda **said: given.update(said) or trainer},
    }
    for name, values in fakes.items():
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        vars(sys.modules[name]).update(values)
    monkeypatch.setenv("HF_HOME", str(folder / "hf"))
    monkeypatch.setattr(sys, "argv", ["train_unsloth.py"])
    script = folder / "train_unsloth.py"
    script.write_text(describe("unsloth", parts=("train",), **asked))
    exec(compile(script.read_text(), str(script), "exec"), {"__file__": str(script), "__name__": "__main__"})
    return given


def test_unsloths_labels_are_the_completion_and_its_end_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{"question": "2020-01-01", "answer": "2020-01-02"}, {"question": "x" * 40, "answer": "lost"}]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    names = {"prompt": "question", "completion": "answer"}
    given = run_unsloth(monkeypatch, tmp_path, names=names, train={"max_length": 30, "max_steps": 2})
    (row,) = given["train_dataset"]
    assert bytes(row["input_ids"]) == b"2020-01-012020-01-02\0"
    assert row["labels"] == [-100] * 10 + list(b"2020-01-02\0")
    assert given["args"]["max_steps"] == 2


def test_unsloths_texts_end_with_the_end_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "train.jsonl").write_text('{"body": "one"}\n')
    given = run_unsloth(monkeypatch, tmp_path, kind="text", names={"text": "body"})
    assert given["train_dataset"][:] == {"text": ["one\0"]}
    assert given["args"]["dataset_text_field"] == "text"
