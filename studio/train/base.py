"""The model that a run begins with: tiny, made from the train part, or the base model that was put beside it.

Nothing but safetensors, JSON and text is in a run's `base/`, and it is looked at once more before it is
opened: no pickle is read and no program of a repository ever runs. Knows the run's folder and transformers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig

from studio.errors import ModelError, RunError
from studio.record import Example
from studio.run import RunDir, RunSpec
from studio.tokens import Tokens, open_tokenizer
from studio.train.data import Parts, Row, tokenize_rows
from studio.train.tiny import load_model, make_model, make_tokenizer, save_model
from studio.weights import check_folder

Encode = Callable[[Sequence[Row]], list[Tokens]]
AT_ONCE = 256
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """A model ready to be trained, its tokenizer, and how rows become tokens and labels.

    `real` is False for tiny. `dtype` is that of its weights.
    """

    model: Any
    tokenizer: Any
    encode: Encode
    real: bool
    dtype: torch.dtype = torch.float32


def make_tiny(run_dir: RunDir, parts: Parts, seed: int) -> Base:
    """The demo model, untrained; it is saved as the run's base."""
    tokenizer = make_tokenizer(parts.train, [*parts.validation, *parts.test])
    model = make_model(tokenizer, seed)
    save_model(model, tokenizer, run_dir.base)
    return Base(
        model=model, tokenizer=tokenizer, encode=lambda rows: tokenize_rows(tokenizer, rows), real=False
    )


def open_base(run_dir: RunDir, spec: RunSpec) -> Base:
    """The base model of a run, in the number type that its options ask for.

    Raises ModelError for one that may not be opened, RunError for a number type that this machine has not.
    """
    name = str(spec.model["name"])
    check_folder(run_dir.base, name)
    dtype = choose_dtype(str(spec.train.get("dtype") or "auto"))
    # The optimizer of a full fine-tune needs the finer numbers; an adapter has its own.
    kept = dtype if spec.train.get("use_peft") else torch.float32
    try:
        model, tokenizer = load_model(run_dir.base, kept)
    except (ValueError, KeyError, OSError, RuntimeError) as error:
        raise ModelError(
            f"transformers cannot open {name}: {str(error).strip().splitlines()[0][:300]}",
            "Choose another base model.",
        ) from error
    torch.manual_seed(int(spec.train.get("seed", 42)))
    return Base(model=model, tokenizer=tokenizer, encode=open_encoder(run_dir), real=True, dtype=kept)


def open_encoder(run_dir: RunDir) -> Encode:
    """Rows as the prompt tab has shown them, token by token, whatever their type."""
    opened = open_tokenizer(run_dir.tokenizer)

    def encode(rows: Sequence[Row]) -> list[Tokens]:
        examples = [as_example(row) for row in rows]
        # A chat template has a limited time for each answer.
        parts = (examples[at : at + AT_ONCE] for at in range(0, len(examples), AT_ONCE))
        return [tokens for part in parts for tokens in opened.encode(part)]

    return encode


def as_example(row: Row) -> Example:
    """The row as the prompt was shown: a text has no prompt, messages have neither."""
    if row.messages:
        return Example(type="messages", messages=row.messages)
    if row.plain:
        return Example(type="text", text=row.completion)
    return Example(type="prompt-completion", prompt=row.prompt, completion=row.completion)


def choose_dtype(asked: str) -> torch.dtype:
    """float32 on a CPU, bfloat16 on a GPU that has it, unless another is asked for."""
    capable = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    if asked == "bfloat16" and not capable:
        raise RunError("This machine has no GPU that computes in bfloat16.", "Set dtype to auto or float32.")
    return DTYPES["bfloat16" if asked == "auto" and capable else asked if asked in DTYPES else "float32"]


def compute_dtype(options: Mapping[str, Any]) -> torch.dtype:
    """The number type of a run's computing: tiny's is float32, that of a base model `choose_dtype`'s."""
    return choose_dtype(str(options.get("dtype") or "auto")) if "use_peft" in options else torch.float32


def make_adapter(options: dict[str, Any]) -> LoraConfig | None:
    """The adapter that is trained, None when all weights are."""
    if not options.get("use_peft"):
        return None
    targets = str(options.get("lora_target_modules") or "all-linear")
    return LoraConfig(
        r=options["lora_r"],
        lora_alpha=options["lora_alpha"],
        lora_dropout=options["lora_dropout"],
        target_modules=targets if targets == "all-linear" else targets.split(","),
        bias="none",
        task_type="CAUSAL_LM",
    )


def save_tuned(model: Any, tokenizer: Any, spec: RunSpec, folder: Path) -> Any:
    """Save what was trained and return it as one model: all weights, and in `adapter/` the adapter alone.

    The adapter names the base model as the recipe does, never a path inside of the run.
    """
    if not hasattr(model, "merge_and_unload"):
        save_model(model, tokenizer, folder)
        return model
    adapter = folder / "adapter"
    for config in model.peft_config.values():
        config.base_model_name_or_path = str(spec.model["name"])
        config.revision = spec.model["revision"] or None
    model.save_pretrained(adapter, safe_serialization=True, save_embedding_layers=False)
    tokenizer.save_pretrained(adapter)
    merged = model.merge_and_unload()
    save_model(merged, tokenizer, folder)
    return merged
