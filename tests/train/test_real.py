"""Real base models, really: three families, full and adapter, three example types, packed and not."""

# ruff: noqa: E402 - without torch there is nothing to import below

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import load_file

from studio.compare import open_comparison
from studio.errors import ModelError, RunError
from studio.job.request import check_request
from studio.job.start import Base
from studio.run import RunDir, read_events, read_state
from studio.tokens import IGNORED, open_tokenizer
from studio.train.base import as_example, open_base
from studio.train.data import read_parts
from studio.train.flow import fine_tune
from studio.train.report import Report, Stopped
from studio.train.tiny import hash_weights, load_model
from studio.train.trainer import BaseTrainer, make_base_trainer
from tests.model_folders import plant_payloads
from tests.train.real_models import FAMILIES, make_real_run, prepare_real, write_real
from tests.train.small_runs import make_lines

pytestmark = pytest.mark.train

Lines = list[dict[str, Any]]
ADAPTER = {"lora_r": 2, "lora_alpha": 4, "lora_dropout": 0.0}


def as_texts(lines: Lines) -> Lines:
    return [{"text": line["prompt"] + line["completion"]} for line in lines]


def as_messages(lines: Lines) -> Lines:
    """Two turns each, so that more than one answer is learnt."""
    roles = ("user", "assistant", "user", "assistant")
    return [
        {
            "messages": [
                {"role": role, "content": text}
                for role, text in zip(
                    roles, (line["prompt"], "Yes.", "So?", line["completion"].strip()), strict=True
                )
            ]
        }
        for line in lines
    ]


KINDS: Mapping[str, Callable[[Lines], Lines]] = {
    "prompt-completion": lambda lines: lines,
    "text": as_texts,
    "messages": as_messages,
}


@pytest.fixture(scope="session")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Base]:
    folder = tmp_path_factory.mktemp("bases")
    return {
        family: prepare_real(write_real(folder / family, family), folder / f"{family}-tokenizer")
        for family in FAMILIES
    }


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def run_real(folder: Path, base: Base, kind: str, **train: Any) -> RunDir:
    parts = {"train": make_lines(12), "validation": make_lines(2, 60), "test": make_lines(2, 90)}
    run_dir, spec = make_real_run(
        folder, base, {part: KINDS[kind](lines) for part, lines in parts.items()}, **train
    )
    fine_tune(run_dir, spec, Report(run_dir))
    return run_dir


@pytest.mark.parametrize("adapter", [False, pytest.param(True, marks=pytest.mark.detail)])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("kind", KINDS)
def test_the_labels_of_the_trainer_are_those_that_the_prompt_tab_shows(
    bases: dict[str, Base], tmp_path: Path, family: str, kind: str, adapter: bool
) -> None:
    lines = KINDS[kind](make_lines(6))
    run_dir, spec = make_real_run(tmp_path, bases[family], {"train": lines}, max_length=200)
    base, parts = open_base(run_dir, spec), read_parts(run_dir, spec, 1)
    with open_tokenizer(bases[family].tokenizer) as shown:
        expected = {
            tuple(one.ids): one.labels for one in shown.encode([as_example(row) for row in parts.train])
        }
    assert any(IGNORED in labels for labels in expected.values()) == (kind != "text")
    for packing in (False, True):
        options = {**spec.train, "packing": packing, "use_peft": adapter, **(ADAPTER if adapter else {})}
        trainer = make_base_trainer(base, parts.train, (), options=options, folder=tmp_path)
        seen = 0
        for batch in trainer.get_train_dataloader():
            for ids, labels in unpack(batch):
                # Nothing is learnt of a row's first token: nothing comes before it.
                assert labels[1:] == expected[tuple(ids)][1:]
                seen += 1
        assert seen == len(parts.train)
        if adapter:
            base = open_base(run_dir, spec)


def unpack(batch: Mapping[str, Any]) -> list[tuple[list[int], list[int]]]:
    """The rows of a batch without their padding; packed ones begin anew where a position is 0."""
    if "position_ids" not in batch:
        return [
            (ids[mask == 1].tolist(), labels[mask == 1].tolist())
            for ids, labels, mask in zip(
                batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True
            )
        ]
    [ids], [labels], [places] = batch["input_ids"], batch["labels"], batch["position_ids"]
    starts = [*(places == 0).nonzero().flatten().tolist(), len(ids)]
    return [(ids[start:stop].tolist(), labels[start:stop].tolist()) for start, stop in pairwise(starts)]


@pytest.mark.detail
@pytest.mark.parametrize("packing", [False, True])
@pytest.mark.parametrize("adapter", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_learns_from_every_type_full_and_by_adapter(
    bases: dict[str, Base], tmp_path: Path, family: str, kind: str, adapter: bool, packing: bool
) -> None:
    options = {"use_peft": adapter, **(ADAPTER if adapter else {}), "packing": packing}
    run_dir = run_real(tmp_path, bases[family], kind, max_steps=6, learning_rate=1e-2, **options)
    state = read_state(run_dir)
    assert state.state == "succeeded", state.reason
    assert state.metrics["tuned"]["loss"] < state.metrics["base"]["loss"]
    asked = [event for event in read_events(run_dir)[0] if event.event == "samples"]
    assert bool(asked) == (kind != "text")


def test_a_full_fine_tune_is_saved_whole_and_compares_with_its_base(
    bases: dict[str, Base], tmp_path: Path
) -> None:
    run_dir = run_real(tmp_path, bases["neox"], "prompt-completion", num_train_epochs=3, learning_rate=1e-2)
    state = read_state(run_dir)
    assert (state.state, state.steps) == ("succeeded", 6)
    given, _ = load_model(bases["neox"].folder)
    tuned, _ = load_model(run_dir.final)
    assert state.metrics["base"]["weights_sha256"] == hash_weights(given)
    assert state.metrics["tuned"]["weights_sha256"] == hash_weights(tuned) != hash_weights(given)
    comparison = open_comparison(run_dir)
    assert comparison.label == f"{bases['neox'].folder}, fine-tuned"
    assert comparison.difference["loss"].high < 0
    assert json.loads((run_dir.final / "template.json").read_text())["template"] == {"prompt": "{question}"}
    assert "trained from scratch" not in run_dir.card.read_text()


def test_an_adapter_is_saved_alone_and_merged_and_its_base_stays(
    bases: dict[str, Base], tmp_path: Path
) -> None:
    before = (bases["qwen"].folder / "model.safetensors").read_bytes()
    run_dir = run_real(
        tmp_path,
        bases["qwen"],
        "messages",
        use_peft=True,
        lora_r=4,
        max_steps=4,
        learning_rate=1e-2,
        packing=True,
    )
    state = read_state(run_dir)
    assert state.state == "succeeded", state.reason
    assert (bases["qwen"].folder / "model.safetensors").read_bytes() == before
    adapter = load_file(run_dir.final / "adapter" / "adapter_model.safetensors")
    assert all("lora_" in name for name in adapter)
    config = json.loads((run_dir.final / "adapter" / "adapter_config.json").read_text())
    assert (config["base_model_name_or_path"], config["r"]) == ("qwen", 4)
    assert not list(run_dir.final.rglob("*.bin"))
    tuned, tokenizer = load_model(run_dir.final)
    assert tokenizer.chat_template
    assert hash_weights(tuned) == state.metrics["tuned"]["weights_sha256"]
    comparison = open_comparison(run_dir)
    assert comparison.pairs[0].prompt.rstrip("\n").endswith("<|im_start|>assistant")
    assert comparison.pairs[0].expected == make_lines(1, 90)[0]["completion"].strip()
    assert comparison.difference["loss"].value < 0


@pytest.mark.detail
def test_an_adapter_that_was_stopped_goes_on_to_the_same_weights(
    bases: dict[str, Base], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None
) -> None:
    options = {"use_peft": True, "lora_r": 4, "max_steps": 4, "learning_rate": 1e-2}
    whole = read_state(run_real(tmp_path / "whole", bases["llama"], "prompt-completion", **options))
    parts = {"train": make_lines(12), "validation": make_lines(2, 60), "test": make_lines(2, 90)}
    run_dir, spec = make_real_run(tmp_path / "later", bases["llama"], parts, **options)
    report = Report(run_dir)
    say = report.say

    def stop_after_the_first(event: str, **fields: Any) -> None:
        say(event, **fields)
        if event == "progress":
            run_dir.stop.touch()

    monkeypatch.setattr(report, "say", stop_after_the_first)
    with pytest.raises(Stopped):
        fine_tune(run_dir, spec, report)
    run_dir.stop.unlink()
    fine_tune(run_dir, spec, Report(run_dir))
    later = read_state(run_dir)
    assert later.metrics["tuned"]["weights_sha256"] == whole.metrics["tuned"]["weights_sha256"]


def test_nothing_planted_beside_a_base_model_runs(bases: dict[str, Base], tmp_path: Path) -> None:
    folder = tmp_path / "planted"
    folder.mkdir()
    for path in bases["llama"].folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    planted = plant_payloads(folder, tmp_path / "marker")
    base = Base(description=bases["llama"].description, folder=folder, tokenizer=bases["llama"].tokenizer)
    run_dir = run_real(tmp_path / "run", base, "text", max_steps=1)
    assert read_state(run_dir).state == "succeeded"
    assert planted >= 17 and not (tmp_path / "marker").exists()
    print(f"{planted} planted payloads, 0 executed")


def test_a_base_that_asks_for_a_program_after_the_launch_is_not_opened(
    bases: dict[str, Base], tmp_path: Path
) -> None:
    run_dir, spec = make_real_run(tmp_path, bases["llama"], {"train": make_lines(4)})
    config = run_dir.base / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "auto_map": {"AutoConfig": "own.Own"}}))
    with pytest.raises(ModelError, match="own program"):
        open_base(run_dir, spec)


def test_a_number_type_that_this_machine_has_not_is_refused(bases: dict[str, Base], tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    run_dir, spec = make_real_run(tmp_path, bases["llama"], {"train": make_lines(4)}, dtype="bfloat16")
    with pytest.raises(RunError, match="bfloat16"):
        open_base(run_dir, spec)


def test_messages_are_learnt_where_the_assistant_speaks_or_not_at_all(bases: dict[str, Base]) -> None:
    data = {"train": Path("x")}
    known = bases["llama"].description
    for options, model, words in (
        ({"assistant_only_loss": False}, known, "only what the assistant says"),
        ({}, replace(known, chat=False), "no chat template"),
    ):
        with pytest.raises(RunError, match=words):
            check_request(data, "messages", "llama", options, model)
    check_request(data, "messages", "llama", {"assistant_only_loss": True}, bases["llama"].description)


@pytest.mark.parametrize("packing", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
def test_the_loss_and_its_gradient_are_those_of_trl(
    bases: dict[str, Base], tmp_path: Path, family: str, packing: bool
) -> None:
    adapter = {"use_peft": family == "qwen", "lora_dropout": 0.0}
    run_dir, spec = make_real_run(tmp_path, bases[family], {"train": make_lines(4)}, **adapter)
    base, parts = open_base(run_dir, spec), read_parts(run_dir, spec, 1)
    options = {**spec.train, "packing": packing, "max_length": 200}
    trainer = make_base_trainer(base, parts.train, (), options=options, folder=tmp_path)
    [batch] = trainer.get_train_dataloader()
    trainer.model.train()
    losses, gradients = [], []
    for compute in (trainer.compute_loss, super(BaseTrainer, trainer).compute_loss):
        trainer.model.zero_grad()
        loss = compute(trainer.model, dict(batch), num_items_in_batch=torch.tensor(50))
        loss.backward()
        losses.append(loss.item())
        weights = [weight for weight in trainer.model.parameters() if weight.requires_grad]
        gradients.append([weight.grad.clone() for weight in weights])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    for ours, theirs in zip(*gradients, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-4)


def test_packed_rows_do_not_see_one_another(bases: dict[str, Base], tmp_path: Path) -> None:
    run_dir, spec = make_real_run(tmp_path, bases["llama"], {"train": make_lines(4)})
    base, parts = open_base(run_dir, spec), read_parts(run_dir, spec, 1)
    options = {**spec.train, "packing": True, "max_length": 200, "per_device_train_batch_size": 4}
    trainer = make_base_trainer(base, parts.train, (), options=options, folder=tmp_path)
    [batch] = trainer.get_train_dataloader()
    trainer.model.eval()
    with torch.no_grad():
        packed = trainer.model(input_ids=batch["input_ids"], position_ids=batch["position_ids"]).logits[0]
        alone = [trainer.model(input_ids=torch.tensor([ids])).logits[0] for ids, _ in unpack(batch)]
    assert len(alone) > 1
    assert torch.allclose(packed, torch.cat(alone), atol=1e-5)


def test_a_run_says_what_it_learns_from(bases: dict[str, Base], tmp_path: Path) -> None:
    run_dir, spec = make_real_run(tmp_path, bases["llama"], {"train": make_lines(20)}, max_steps=1)
    fine_tune(run_dir, spec, Report(run_dir))
    data = next(event for event in read_events(run_dir)[0] if event.event == "data")
    assert data.details is not None
    assert (data.details["train"], data.details["held_back"]) == (19, 1)
    assert data.details["truncation"]["cut"] >= 0
    assert read_state(run_dir).metrics["reason"] == "no test part"
