"""What a model's folder says of it without torch, and which folders are refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.errors import ModelError
from studio.weights import (
    choose_defaults,
    describe_folder,
    estimate_memory,
    link_model,
    read_free_memory,
)
from studio.weights.describing import Description, read_licence
from tests.model_folders import PICKLES, PROGRAMS, plant_payloads, write_model, write_weights
from tests.tokenizer_folders import CHATML

Change = Callable[[Path], Any]


def change_json(name: str, **values: Any) -> Change:
    """A change that sets keys of a JSON file of the folder."""

    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))

    return change


def without_weights(name: str = "") -> Change:
    """A change that leaves only weights of this name."""

    def change(folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        if name:
            (folder / name).write_bytes(b"x")

    return change


def test_a_folder_says_what_it_is(tmp_path: Path) -> None:
    described = describe_folder(write_model(tmp_path / "small", chat=CHATML))
    assert described == Description(
        name="small",
        kind="folder",
        architecture="LlamaForCausalLM",
        model_type="llama",
        parameters=2 * 400 * 16,
        bytes=2 * 400 * 16 * 2,
        dtype="bfloat16",
        context=512,
        vocabulary=400,
        width=16,
        layers=2,
        heads=2,
        chat=True,
        licence="apache-2.0",
    )
    assert described.words == "0.0 M parameters, 512 tokens, apache-2.0"


def test_weights_in_several_files_are_one_model(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "small")
    (folder / "model.safetensors").unlink()
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    for name, shard in shards.items():
        write_weights(folder / shard, {name: (100,)}, "F32")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    described = describe_folder(folder)
    assert (described.parameters, described.dtype) == (200, "float32")
    (folder / shards["b"]).unlink()
    with pytest.raises(ModelError, match="lacks model-00002"):
        describe_folder(folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            change_json("config.json", auto_map={"AutoModelForCausalLM": "own.Own"}),
            "own program .config.json",
        ),
        (change_json("config.json", text_config={"auto_map": {"AutoConfig": "own.Own"}}), "own program"),
        (change_json("tokenizer_config.json", auto_map={"AutoTokenizer": ["own.Own", None]}), "own program"),
        (change_json("config.json", attn_implementation="org/kernels"), "program from elsewhere"),
        (change_json("config.json", quantization_config={"quant_method": "gptq"}), "is quantized"),
        (change_json("config.json", architectures=["BertForMaskedLM"]), "BertForMaskedLM"),
        (change_json("config.json", architectures=None), "of no named kind"),
        (lambda folder: (folder / "config.json").write_text("{"), "config.json of small is no JSON"),
        (lambda folder: (folder / "config.json").write_text("[" * 90_000), "config.json of small is no JSON"),
        (lambda folder: (folder / "config.json").unlink(), "there is no config.json"),
        (
            lambda folder: (folder / "config.json").rename(folder / "adapter_config.json"),
            "is an adapter, not a whole model",
        ),
        *((without_weights(name), f"only as {name}") for name in PICKLES),
        (without_weights("model.gguf"), "holds GGUF"),
        (without_weights(), "holds no weights"),
        (without_weights("model.safetensors"), "is not a whole safetensors file"),
    ],
)
def test_what_may_not_be_opened_is_refused_with_the_reason(
    tmp_path: Path, change: Change, words: str
) -> None:
    folder = write_model(tmp_path / "small")
    change(folder)
    with pytest.raises(ModelError, match=words):
        describe_folder(folder)


def test_an_index_cannot_name_files_elsewhere(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "small")
    (folder / "model.safetensors").rename(tmp_path / "model.safetensors")
    for place in ("../model.safetensors", "/etc/x.safetensors", 7, "model.bin"):
        (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": place}}))
        with pytest.raises(ModelError, match="names no files beside it"):
            describe_folder(folder)


@pytest.mark.parametrize("length", [0, 1, 8, 9, 60, 200, 25_000])
def test_a_file_of_weights_that_is_cut_off_is_seen_in_its_head(tmp_path: Path, length: int) -> None:
    path = write_model(tmp_path / "small") / "model.safetensors"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ModelError, match="safetensors"):
        describe_folder(path.parent)


def test_a_head_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    path = write_model(tmp_path / "small") / "model.safetensors"
    head = b'{"a": {"dtype": "F32", "shape": [9], "data_offsets": [0, 4]}}'
    for said in (head, b'{"a": 1}', b"[]", head.replace(b"[9]", b'["9"]')):
        path.write_bytes(len(said).to_bytes(8, "little") + said + bytes(4))
        with pytest.raises(ModelError, match="not a whole"):
            describe_folder(path.parent)
    path.write_bytes((1 << 60).to_bytes(8, "little") + head)
    with pytest.raises(ModelError, match="not a whole"):
        describe_folder(path.parent)


def test_nothing_that_could_run_stands_beside_what_is_opened(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "small")
    planted = plant_payloads(folder, tmp_path / "marker")
    described = describe_folder(folder)
    assert described.unopened == tuple(sorted((*PICKLES, *PROGRAMS)))
    assert len(described.unopened) == planted
    link_model(folder, tmp_path / "linked")
    assert {path.name for path in (tmp_path / "linked").iterdir()} == {
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    ("readme", "licence"),
    [
        ("---\nlicense: mit\n---\n", "mit"),
        ("---\r\nlicense: [mit, apache-2.0]\r\n---\r\n", "mit, apache-2.0"),
        ("---\nlicense: other\nlicense_name: own-terms\n---\n", "own-terms"),
        ("# no head\nlicense: mit\n", None),
        ("---\nlicense: !!python/object/apply:os.system [true]\n---\n", None),
        ("---\n- a\n---\n", None),
        ("", None),
    ],
)
def test_the_licence_is_what_the_readme_says(readme: str, licence: str | None) -> None:
    assert read_licence(readme) == licence


def test_a_larger_model_batch_or_length_takes_more_memory_and_an_adapter_less() -> None:
    model = Description(
        name="small", kind="folder", parameters=10**9, vocabulary=50_000, width=2048, layers=16, heads=16
    )
    small = estimate_memory(model, batch=1, length=128)
    assert small.weights == 1.2 * 16 * 10**9
    assert estimate_memory(model, batch=2, length=128).total > small.total
    assert estimate_memory(model, batch=1, length=256).total > small.total
    adapter = estimate_memory(model, batch=1, length=128, lora_r=16, dtype="bfloat16")
    assert adapter.total < small.total / 3
    assert adapter.total > 2 * 2 * 10**9  # the base and the tuned model are scored side by side
    assert small.exceeds(small.total) and not small.exceeds(2 * small.total) and not small.exceeds(None)
    assert (read_free_memory() or 1) > 0


def test_defaults_fit_the_size() -> None:
    small, large = (
        Description(name="m", kind="folder", parameters=count) for count in (7 * 10**7, 7 * 10**9)
    )
    assert choose_defaults(small, 500)["use_peft"] is False
    assert choose_defaults(small, 500)["learning_rate"] == 2e-5
    chosen = choose_defaults(large, 20_000)
    assert (chosen["use_peft"], chosen["lora_r"], chosen["learning_rate"]) == (True, 16, 2e-4)
    assert chosen["per_device_train_batch_size"] * chosen["gradient_accumulation_steps"] == 16
    assert chosen["num_train_epochs"] == 2
    assert choose_defaults(large, 500, use_peft=False)["learning_rate"] == 1e-5
