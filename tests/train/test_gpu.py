"""On a GPU: bfloat16, an adapter beside a base in bfloat16, and the speed beside a bare script of TRL."""

# ruff: noqa: E402 - without torch there is nothing to import below

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from datasets import Dataset
from transformers import LlamaConfig, LlamaForCausalLM
from trl import SFTConfig, SFTTrainer

from studio.job.start import Base as Prepared
from studio.run import RunDir, read_events, read_state
from studio.train.base import Base, open_base
from studio.train.data import Row
from studio.train.flow import fine_tune
from studio.train.report import Report
from studio.train.tiny import load_model, make_tokenizer
from studio.train.trainer import make_base_trainer, set_steps
from tests.train.real_models import make_real_run, prepare_real, write_real
from tests.train.small_runs import make_lines

pytestmark = [
    pytest.mark.train,
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here"),
]

BATCH, LENGTH, STEPS = 8, 512, 30


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("base")
    return prepare_real(write_real(folder / "llama", "llama"), folder / "tokenizer")


def run_on_gpu(folder: Path, prepared: Prepared, **options: Any) -> RunDir:
    parts = {"train": make_lines(12), "validation": make_lines(2, 60), "test": make_lines(2, 90)}
    run_dir, spec = make_real_run(folder, prepared, parts, max_steps=6, learning_rate=1e-2, **options)
    fine_tune(run_dir, spec, Report(run_dir))
    return run_dir


def test_all_weights_are_trained_with_bfloat16_and_kept_in_float32(
    prepared: Prepared, tmp_path: Path
) -> None:
    run_dir = run_on_gpu(tmp_path, prepared, use_peft=False)
    state = read_state(run_dir)
    assert state.state == "succeeded", state.reason
    assert state.hardware == f"{torch.cuda.get_device_name()}, bfloat16"
    assert state.metrics["tuned"]["loss"] < state.metrics["base"]["loss"]
    tuned, _ = load_model(run_dir.final)
    assert {weight.dtype for weight in tuned.parameters()} == {torch.float32}
    speeds = [event.details or {} for event in read_events(run_dir)[0] if event.event == "progress"]
    assert all(0 < speed["memory"] < 4 << 30 for speed in speeds)


def test_an_adapter_is_trained_beside_a_base_in_bfloat16(prepared: Prepared, tmp_path: Path) -> None:
    run_dir = run_on_gpu(tmp_path, prepared, use_peft=True, lora_r=4, packing=True)
    state = read_state(run_dir)
    assert state.state == "succeeded", state.reason
    assert state.metrics["tuned"]["loss"] < state.metrics["base"]["loss"]
    assert (run_dir.final / "adapter" / "adapter_model.safetensors").exists()


def test_float32_can_be_asked_for(prepared: Prepared, tmp_path: Path) -> None:
    parts = {"train": make_lines(4)}
    run_dir, spec = make_real_run(tmp_path, prepared, parts, use_peft=True, dtype="float32")
    assert open_base(run_dir, spec).dtype == torch.float32


def test_the_speed_beside_a_bare_script_of_trl(tmp_path: Path) -> None:
    """Prints tokens a second of both in one run; the losses are the same within bfloat16."""
    rows = [Row(row=0, prompt="Which is number 1?", completion=" 1 2 3 4 5 6 7 8 9 10")]
    tokenizer = make_tokenizer(rows, [])
    ids = [[(7 * place + number) % 250 for number in range(LENGTH)] for place in range(64)]
    speeds, losses = {}, {}
    for name in ("TRL", "studio", "TRL", "studio"):  # the first two only warm up
        torch.manual_seed(1)
        shape = {"hidden_size": 512, "num_hidden_layers": 8, "num_attention_heads": 8}
        model = LlamaForCausalLM(LlamaConfig(vocab_size=32_000, intermediate_size=1_376, **shape))
        make = make_bare if name == "TRL" else make_ours
        trainer = make(model, tokenizer, ids, tmp_path)
        began = time.perf_counter()
        losses[name] = trainer.train().training_loss
        torch.cuda.synchronize()
        speeds[name] = STEPS * BATCH * LENGTH / (time.perf_counter() - began)
    ratio = speeds["studio"] / speeds["TRL"]
    print(f"{torch.cuda.get_device_name()}: {speeds['studio']:,.0f} tokens/s, {ratio:.2f} of bare TRL")
    assert losses["studio"] == pytest.approx(losses["TRL"], rel=0.02)


def make_bare(model: Any, tokenizer: Any, ids: list[list[int]], folder: Path) -> SFTTrainer:
    """As a person's own script does: TRL's defaults, bfloat16 among them, but no gradient checkpointing."""
    return SFTTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(folder / "bare"),
            max_steps=STEPS,
            learning_rate=1e-3,
            lr_scheduler_type="cosine",
            warmup_steps=10,
            per_device_train_batch_size=BATCH,
            max_length=LENGTH,
            gradient_checkpointing=False,
            save_strategy="no",
            report_to=[],
        ),
        train_dataset=Dataset.from_dict({"input_ids": ids, "labels": ids}),
        processing_class=tokenizer,
    )


def make_ours(model: Any, tokenizer: Any, ids: list[list[int]], folder: Path) -> SFTTrainer:
    base = Base(
        model=model,
        tokenizer=tokenizer,
        encode=lambda rows: [SimpleNamespace(ids=one, labels=one) for one in ids],  # type: ignore[misc]
        real=True,
    )
    options = {
        "use_peft": False,
        "learning_rate": 1e-3,
        "per_device_train_batch_size": BATCH,
        "max_length": LENGTH,
    }
    trainer = make_base_trainer(base, [], (), options=options, folder=folder / "ours")
    set_steps(trainer.args, STEPS)
    trainer.args.save_strategy = "no"
    return trainer
