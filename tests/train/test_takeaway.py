"""What is taken away is what was trained: opened elsewhere it answers as Compare has written down."""

import contextlib
import io
import json
import os
from pathlib import Path

import pytest

pytest.importorskip("torch")

from studio.card.model.using import example_prompt, write_use
from studio.run import RunDir, read_spec
from studio.run.folder import read_json
from studio.takeaway import describe_modelfile, list_bundles, open_bundle, save_bundle
from studio.train.flow import fine_tune
from studio.train.report import Report
from tests.ollama_reader import ask, read_modelfile
from tests.train.real_models import make_real_run, prepare_real, write_real
from tests.train.small_runs import make_lines, make_run

pytestmark = [pytest.mark.train, pytest.mark.detail]

PARTS = {"train": make_lines(24), "validation": make_lines(4, 24), "test": make_lines(3, 40)}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    run_dir, spec = make_run(tmp_path_factory.mktemp("tiny"), PARTS, max_steps=40, seed=1)
    fine_tune(run_dir, spec, Report(run_dir))
    return run_dir


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> RunDir:
    """A Llama with an adapter, that has learnt messages."""
    folder = tmp_path_factory.mktemp("adapted")
    base = prepare_real(write_real(folder / "llama", "llama"), folder / "prepared")
    lines = [
        {
            "messages": [
                {"role": "user", "content": line["prompt"]},
                {"role": "assistant", "content": line["completion"].strip()},
            ]
        }
        for line in make_lines(16)
    ]
    parts = {"train": lines[:12], "test": lines[12:]}
    run_dir, spec = make_real_run(folder / "run", base, parts, use_peft=True, max_steps=2)
    fine_tune(run_dir, spec, Report(run_dir))
    return run_dir


def run_lines(lines: list[str]) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec("\n".join(lines), {})
    return said.getvalue().removesuffix("\n")


def test_the_six_lines_answer_as_compare_has_written_down(tiny: RunDir, tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    save_bundle(open_bundle(tiny, "model"), folder)
    spec = read_spec(tiny).to_dict()
    lines = write_use({"spec": spec, "what": "model"}, str(folder))
    first = json.loads(tiny.tuned_completions.read_text().splitlines()[0])
    placed = [
        line.replace(repr(example_prompt(spec) or "Once upon a time"), repr(first["prompt"]))
        for line in lines
    ]
    assert placed != lines
    assert run_lines(placed) == first["completion"]


def test_nothing_that_is_taken_away_names_a_place_on_this_machine(
    tiny: RunDir, adapted: RunDir, tmp_path: Path
) -> None:
    looked = 0
    for run_dir in (tiny, adapted):
        for bundle in list_bundles(run_dir):
            folder = tmp_path / f"{run_dir.path.parent.name}-{bundle.what}"
            save_bundle(bundle, folder)
            for path in folder.iterdir():
                assert os.fsencode(run_dir.path.parent) not in path.read_bytes(), path.name
                assert b"/pytest-" not in path.read_bytes(), path.name
                looked += 1
    print(f"{looked} files looked through")
    assert looked > 12


def test_the_adapter_is_loaded_on_its_base_and_is_the_merged_model(adapted: RunDir, tmp_path: Path) -> None:
    import torch
    from peft import PeftModel

    from studio.train.tiny import load_model

    for bundle in list_bundles(adapted):
        save_bundle(bundle, tmp_path / bundle.what)
    base, tokenizer = load_model(adapted.base)
    ids = torch.tensor([tokenizer("### Question:\nWhich colour?")["input_ids"]])
    merged, _ = load_model(tmp_path / "model")
    with torch.inference_mode():
        beside = PeftModel.from_pretrained(base, tmp_path / "adapter").eval()(ids).logits
        assert torch.allclose(beside, merged(ids).logits, atol=1e-4)


def test_ollama_asks_messages_as_they_were_trained(adapted: RunDir) -> None:
    [template] = [
        value for command, value in read_modelfile(describe_modelfile(adapted).text) if command == "template"
    ]
    line = json.loads(adapted.tuned_completions.read_text().splitlines()[0])
    asked = ask(template, turns=[("user", make_lines(16)[12]["prompt"])])
    assert line["prompt"].removeprefix("<s>") == asked


def test_the_worker_has_written_the_card_and_the_template(tiny: RunDir) -> None:
    assert "## Use it" in tiny.card.read_text()
    assert "| step | training loss | validation loss |" in tiny.card.read_text()
    assert read_json(tiny, tiny.final / "template.json")["type"] == "prompt-completion"
