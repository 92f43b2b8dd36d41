"""The memory that is said before a launch against what a fine-tune takes: five shapes of random base models.

    python benchmarks/finetune.py memory

Each is saved as a folder, planned, and then measured as a person would: by a calibration, which trains on it
for a few steps in a process of its own. An estimate may not be under what was measured, nor over twice that.
"""

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import transformers

from studio.job.calibration import start_calibration
from studio.job.plan import plan_run
from studio.pipeline import load_table
from studio.recipe import Recipe
from studio.settings import Settings
from studio.source import parse_source
from studio.table import Table
from studio.task import wait_task
from studio.train.data import Row
from studio.train.tiny import make_tokenizer
from studio.workspace import Workspace

RECORDS = 16
LENGTH = 128


def make_tiny(folder: Path) -> None:
    """The demo model needs no folder."""


def save_neox(folder: Path) -> None:
    """The shape of Pythia 70M: 70 M parameters, of which two thirds are the vocabulary."""
    _save(
        transformers.GPTNeoXForCausalLM,
        transformers.GPTNeoXConfig(
            vocab_size=50_304,
            hidden_size=512,
            num_hidden_layers=6,
            num_attention_heads=8,
            intermediate_size=2_048,
            max_position_embeddings=2_048,
        ),
        folder,
    )


def save_llama(folder: Path) -> None:
    """The shape of SmolLM2 135M: deep and narrow."""
    _save(
        transformers.LlamaForCausalLM,
        transformers.LlamaConfig(
            vocab_size=49_152,
            hidden_size=576,
            num_hidden_layers=30,
            num_attention_heads=9,
            num_key_value_heads=3,
            intermediate_size=1_536,
            max_position_embeddings=2_048,
            tie_word_embeddings=True,
        ),
        folder,
    )


def save_qwen(folder: Path) -> None:
    """Qwen2.5 0.5B with a quarter of its layers: a very large vocabulary."""
    _save(
        transformers.Qwen2ForCausalLM,
        transformers.Qwen2Config(
            vocab_size=151_936,
            hidden_size=896,
            num_hidden_layers=6,
            num_attention_heads=14,
            num_key_value_heads=2,
            intermediate_size=4_864,
            max_position_embeddings=2_048,
            tie_word_embeddings=True,
        ),
        folder,
    )


SHAPES: Mapping[str, tuple[Callable[[Path], None], dict[str, Any]]] = {
    "tiny, full": (make_tiny, {}),
    "NeoX 70 M, full": (save_neox, {"use_peft": False, "per_device_train_batch_size": 2}),
    "NeoX 70 M, LoRA, packed": (
        save_neox,
        {"use_peft": True, "per_device_train_batch_size": 2, "packing": True},
    ),
    "Llama 135 M, LoRA": (save_llama, {"use_peft": True, "per_device_train_batch_size": 2}),
    "Qwen 226 M, LoRA": (save_qwen, {"use_peft": True, "per_device_train_batch_size": 2}),
}


def report_memory() -> None:
    """Print of each shape the estimate, the measured, and their ratio."""
    with tempfile.TemporaryDirectory(prefix="studio-benchmark-") as name:
        scratch = Path(name)
        workspace = Workspace(Settings(workspace=scratch / "workspace"))
        table = make_table(workspace, scratch)
        for shape, (save, options) in SHAPES.items():
            folder = scratch / save.__name__
            save(folder)
            model = str(folder) if folder.exists() else "tiny"
            estimated, measured = measure_shape(make_recipe(table, model, options), table, workspace)
            ratio = estimated / measured
            fits = "" if 1 <= ratio <= 2 else "   OFF"
            print(f"{shape:26} estimated {_spell(estimated)}, measured {_spell(measured)}: {ratio:.2f}{fits}")


def measure_shape(recipe: Recipe, table: Table, workspace: Workspace) -> tuple[int, int]:
    """Bytes: those that the plan says, and those that the calibration has taken at most."""
    estimated = plan_run(recipe, table, workspace).memory.total
    begun = start_calibration(recipe, table, workspace, anyway=True)
    state = wait_task(workspace.calibrations / begun.id)
    if state.state != "done":
        raise SystemExit(f"{state.message} {state.hint}")
    return estimated, int(state.answer["memory"])


def make_table(workspace: Workspace, scratch: Path) -> Table:
    """Records that are all longer than LENGTH tokens."""
    lines = [
        {"question": f"Which is number {place}?", "answer": " ".join(str(place * n) for n in range(400))}
        for place in range(RECORDS)
    ]
    path = scratch / "records.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return load_table(parse_source(str(path)), workspace.table_folder(workspace.new_id()), workspace.settings)


def make_recipe(table: Table, model: str, options: Mapping[str, Any]) -> Recipe:
    """All records are learnt from, at LENGTH tokens."""
    return Recipe.model_validate(
        {
            "source": {"path": table.source.path},
            "template": {"style": "question-answer"},
            "split": {"train": 0.9, "test": 0.1},
            "train": {"base_model": model, "max_length": LENGTH, **options},
        }
    )


def _save(kind: Any, config: Any, folder: Path) -> None:
    if folder.exists():
        return
    kind(config).save_pretrained(folder)
    rows = [Row(row=0, prompt="Which is number 1?", completion=" 1 2 3 4 5 6 7 8 9 10")]
    make_tokenizer(rows, []).save_pretrained(folder)


def _spell(count: int) -> str:
    return f"{count / 1e9:5.2f} GB"


if __name__ == "__main__":
    report_memory()
