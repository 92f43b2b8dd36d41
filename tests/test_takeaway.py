"""What a finished run gives away: its model, whole, with its card; one that is not finished nothing."""

import shutil
import zipfile
from pathlib import Path

import pytest

from studio.errors import RunError
from studio.packing import measure
from studio.run import RunDir, hold_run
from studio.takeaway import describe_card, describe_takeaway, list_bundles, open_bundle, save_bundle
from tests.finished_runs import finish_run, write_weights
from tests.model_cards import LORA, MODEL

LLAMA = MODEL | {"model_type": "llama", "architecture": "LlamaForCausalLM"}
RUN = "1a2b3c4d5e6f"


@pytest.fixture
def run_dir(tmp_path: Path) -> RunDir:
    return finish_run(tmp_path / RUN, adapter=True, model=LLAMA, train=LORA)


def test_a_bundle_holds_what_a_model_is_opened_with_and_nothing_else(run_dir: RunDir) -> None:
    model, adapter = list_bundles(run_dir)
    assert list(model.files) == [
        *("README.md", "template.json", "Modelfile", "config.json", "tokenizer.json", "model.safetensors"),
    ]
    assert list(adapter.files) == [
        *("README.md", "template.json", "tokenizer.json", "adapter_config.json", "adapter_model.safetensors"),
    ]
    assert (model.name, adapter.name) == ("model-1a2b3c4d", "adapter-1a2b3c4d")
    assert b"library_name: peft" in bytes(adapter.files["README.md"])  # type: ignore[arg-type]
    assert b"a library has put" not in bytes(adapter.files["README.md"])  # type: ignore[arg-type]


def test_the_sizes_are_those_of_the_files(run_dir: RunDir, tmp_path: Path) -> None:
    for bundle in list_bundles(run_dir):
        told = bundle.to_dict()
        assert told["bytes"] == sum(file["bytes"] for file in told["files"])
        folder, archive = tmp_path / bundle.what, tmp_path / f"{bundle.what}.zip"
        assert save_bundle(bundle, folder)["path"] == str(folder)
        save_bundle(bundle, archive)
        assert {path.name: path.stat().st_size for path in folder.iterdir()} == {
            file["name"]: file["bytes"] for file in told["files"]
        }
        assert archive.stat().st_size == told["archive"]
        with zipfile.ZipFile(archive) as packed:
            assert packed.testzip() is None
            assert {name.partition("/")[0] for name in packed.namelist()} == {bundle.name}
            for name, content in bundle.files.items():
                assert len(packed.read(f"{bundle.name}/{name}")) == measure(content)


def test_nothing_is_written_over_and_nothing_is_left_half_written(run_dir: RunDir, tmp_path: Path) -> None:
    bundle = open_bundle(run_dir, "model")
    (tmp_path / "here").mkdir()
    with pytest.raises(RunError, match="here exists"):
        save_bundle(bundle, tmp_path / "here")
    (run_dir.final / "model.safetensors").unlink()
    for name in ("folder", "archive.zip"):
        with pytest.raises(RunError, match="cannot be written"):
            save_bundle(bundle, tmp_path / name)
    with pytest.raises(RunError, match="cannot be written"):
        save_bundle(open_bundle(run_dir, "adapter"), tmp_path / "no" / "such.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == [RUN, "here"]


def test_a_run_whose_model_is_gone_says_so_without_a_path(run_dir: RunDir) -> None:
    shutil.rmtree(run_dir.final)
    with pytest.raises(RunError, match="is gone: it has no final/ any more") as told:
        open_bundle(run_dir, "model")
    assert str(run_dir.path) not in str(told.value)


@pytest.mark.parametrize("state", ["queued", "running", "evaluating"])
def test_a_run_that_goes_on_gives_nothing(tmp_path: Path, state: str) -> None:
    run_dir = finish_run(tmp_path / RUN, state=state)  # type: ignore[arg-type]
    hold_run(run_dir)
    with pytest.raises(RunError, match=f"is still {state}"):
        open_bundle(run_dir, "model")


def test_a_run_that_failed_gives_nothing_and_says_why(tmp_path: Path) -> None:
    run_dir = finish_run(tmp_path / RUN, state="cancelled")
    for take in (list_bundles, describe_card, describe_takeaway):
        with pytest.raises(RunError, match="is cancelled"):
            take(run_dir)


@pytest.mark.parametrize("what", ["model", "adapter"])
@pytest.mark.parametrize("fault", ["cut", "gone", "linked", "empty"])
def test_weights_that_are_not_whole_are_refused(run_dir: RunDir, what: str, fault: str) -> None:
    folder = run_dir.final if what == "model" else run_dir.final / "adapter"
    path = folder / ("model.safetensors" if what == "model" else "adapter_model.safetensors")
    whole = path.read_bytes()
    path.unlink()
    if fault == "linked":
        path.symlink_to(write_weights(run_dir.path / "elsewhere.safetensors"))
    elif fault != "gone":
        path.write_bytes(whole[:-3] if fault == "cut" else b"")
    with pytest.raises(RunError, match="not whole"):
        open_bundle(run_dir, what)  # type: ignore[arg-type]


def test_what_a_run_does_not_give_is_said(tmp_path: Path) -> None:
    run_dir = finish_run(tmp_path / RUN)
    with pytest.raises(RunError, match="there is no adapter"):
        open_bundle(run_dir, "adapter")
    with pytest.raises(RunError, match="nothing that a run gives"):
        open_bundle(run_dir, "../etc")  # type: ignore[arg-type]


def test_the_card_has_the_intervals_of_the_comparison(run_dir: RunDir) -> None:
    card = describe_card(run_dir)
    assert "| token F1 ↑ | 0 | 1 | +1 [+1, +1] |" in card
    assert str(run_dir.path) not in card


def test_everything_is_told_at_once(run_dir: RunDir) -> None:
    told = describe_takeaway(run_dir)
    assert [bundle["what"] for bundle in told["bundles"]] == ["model", "adapter"]
    assert told["modelfile"]["text"].startswith("# A Llama model")
    assert told["ollama"][0] == "ollama create model-1a2b3c4d -f model-1a2b3c4d/Modelfile"
    assert told["gguf"]["commands"][-1].endswith("--outfile model-1a2b3c4d/model.gguf")
    assert len(told["use"]) == 6
    assert "name = 'model-1a2b3c4d'" in told["use"][1]


def test_tiny_has_a_card_and_files_and_words_instead_of_the_rest(tmp_path: Path) -> None:
    told = describe_takeaway(finish_run(tmp_path / RUN))
    assert [bundle["what"] for bundle in told["bundles"]] == ["model"]
    assert (told["modelfile"]["text"], told["ollama"], told["gguf"]["commands"]) == ("", [], [])
    assert "Not for tiny" in told["modelfile"]["words"][0]
