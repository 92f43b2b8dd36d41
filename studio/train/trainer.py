"""TRL's SFTTrainer for the demo model and for real ones, with every default that matters said aloud.

TRL and transformers would otherwise use bfloat16 and gradient checkpointing even on a CPU, save every 500
steps, cut rows at 1 024 tokens and hide a loss that is not a number. Knows the model and the rows; knows no
test part and no run directory.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import set_peft_model_state_dict
from safetensors.torch import load_file
from torch.nn import functional
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader
from transformers import PrinterCallback
from trl import SFTConfig, SFTTrainer

from studio.tokens import Tokens
from studio.train.base import Base, compute_dtype, make_adapter
from studio.train.batches import TokenBatches
from studio.train.data import IGNORED, Row
from studio.train.optimizer import MuonAdamW
from studio.train.score import HEAD_LOGITS, measure_losses
from studio.train.tiny import load_model
from studio.weights.memory import KEPT_LOGITS, PLAIN_HEADS

BATCH_TOKENS = 1_000
LEARNING_RATE = 6e-3
WARMUP_STEPS = 10
EVALUATIONS = 10
ADAPTER_WEIGHTS = "adapter_model.safetensors"


class BaseTrainer(SFTTrainer):  # type: ignore[misc]
    """SFTTrainer with a validation loss measured as the test loss is, and checkpoints read back whole."""

    def evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float]:
        """Nats per token over the validation rows; TRL would average over batches, whatever their lengths."""
        rows = [(row["input_ids"], row["labels"]) for row in self.eval_dataset]
        losses = measure_losses(self.model, rows)
        metrics = {"eval_loss": sum(loss for loss, _ in losses) / sum(tokens for _, tokens in losses)}
        self.log(metrics)
        self.control: Any = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The same loss as TRL's, which on a CPU takes a third of a step for what is not learnt from.

        There TRL sends every place through the head, for the entropy and the accuracy of each. On a GPU,
        which computes them at once, and where the head is no plain matrix it is TRL's own.
        """
        # An adapter's layers stand inside of the model that it was put on.
        core = model.get_base_model() if hasattr(model, "peft_config") else model
        labels = inputs["labels"][:, 1:]
        trained = labels != IGNORED
        if labels.is_cuda or core.config.model_type not in PLAIN_HEADS:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        given = {name: value for name, value in inputs.items() if name != "labels"} | {"use_cache": False}
        hidden = core.base_model(**given).last_hidden_state[:, :-1]
        total = _sum_nats(core, hidden[trained], labels[trained])
        return total / torch.as_tensor(num_items_in_batch or trained.sum()).clamp(min=1)

    def read_weights(self, folder: Path) -> None:
        """Put the weights of a checkpoint into the model: all of them, or those of its adapter.

        transformers 5.23 reads a checkpoint without its own renaming of weights: the head (`embed_out` on
        disk, `lm_head` in memory) would silently stay as it was.
        """
        if hasattr(self.model, "peft_config"):
            set_peft_model_state_dict(self.model, load_file(folder / ADAPTER_WEIGHTS))
            return
        kept, _ = load_model(folder, next(self.model.parameters()).dtype)
        self.model.load_state_dict(kept.state_dict(), strict=True)

    def _load_best_model(self) -> None:
        self.read_weights(Path(self.state.best_model_checkpoint))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        self.read_weights(Path(resume_from_checkpoint))


def _sum_nats(model: Any, hidden: Any, targets: Any) -> Any:
    """The loss of places, summed; of many and a large vocabulary some at a time, computed anew going back."""
    head, vocabulary = model.get_output_embeddings(), model.config.get_text_config().vocab_size

    def sum_some(some: Any, wanted: Any) -> Any:
        return functional.cross_entropy(head(some).float(), wanted, reduction="sum")

    if len(targets) * vocabulary <= KEPT_LOGITS:
        return sum_some(hidden, targets)
    most = max(1, HEAD_LOGITS // vocabulary)
    pairs = zip(hidden.split(most), targets.split(most), strict=True)
    return sum(checkpoint(sum_some, some, wanted, use_reentrant=False) for some, wanted in pairs)


class TinyTrainer(BaseTrainer):
    """With our optimizer and batches."""

    by_tokens = True

    def get_train_dataloader(self) -> Any:
        """Batches of about BATCH_TOKENS tokens; of the asked number of rows where the recipe says it."""
        if not self.by_tokens:
            return super().get_train_dataloader()
        lengths = [len(ids) for ids in self.train_dataset["input_ids"]]
        batches = TokenBatches(lengths, BATCH_TOKENS, self.args.seed)
        rows = self._remove_unused_columns(self.train_dataset, description="training")
        return self.accelerator.prepare(
            DataLoader(rows, batch_sampler=batches, collate_fn=self.data_collator)
        )

    def create_optimizer(self, model: Any = None) -> Any:
        """MuonAdamW at the configured rate."""
        self.optimizer: Any = self.optimizer or MuonAdamW(model or self.model, self.args.learning_rate)
        return self.optimizer


def make_trainer(
    model: Any,
    tokenizer: Any,
    train: Sequence[Row],
    validation: Sequence[Row],
    *,
    options: dict[str, Any],
    prompted: bool,
    folder: Path,
) -> TinyTrainer:
    """A trainer that is ready but for its number of steps (`set_steps`); it prints nothing."""
    trainer = TinyTrainer(
        model=model,
        args=configure_training(options, validated=bool(validation), prompted=prompted, folder=folder),
        train_dataset=make_dataset(train, prompted),
        eval_dataset=make_dataset(validation, prompted) if validation else None,
        processing_class=tokenizer,
    )
    trainer.by_tokens = "per_device_train_batch_size" not in options
    trainer.remove_callback(PrinterCallback)
    return trainer


def make_base_trainer(
    base: Base, train: Sequence[Row], validation: Sequence[Row], *, options: dict[str, Any], folder: Path
) -> BaseTrainer:
    """The same for a base model: full, or an adapter, of rows that are given as tokens and labels."""
    trainer = BaseTrainer(
        model=base.model,
        args=configure_training(options, validated=bool(validation), prompted=False, folder=folder),
        train_dataset=encode_dataset(base.encode(train)),
        eval_dataset=encode_dataset(base.encode(validation)) if validation else None,
        processing_class=base.tokenizer,
        peft_config=make_adapter(options),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def encode_dataset(tokens: Sequence[Tokens]) -> Dataset:
    """Tokens and labels as they were shown: TRL cuts and packs them, and takes the labels as they are."""
    return Dataset.from_dict(
        {"input_ids": [one.ids for one in tokens], "labels": [one.labels for one in tokens]}
    )


def make_dataset(rows: Sequence[Row], prompted: bool) -> Dataset:
    """The rows in TRL's own dataset formats."""
    if not prompted:
        return Dataset.from_dict({"text": [row.completion for row in rows]})
    columns = {"prompt": [row.prompt for row in rows], "completion": [row.completion for row in rows]}
    return Dataset.from_dict(columns)


def configure_training(
    options: dict[str, Any], *, validated: bool, prompted: bool, folder: Path
) -> SFTConfig:
    """The configuration of a run; `set_steps` completes it."""
    seed = options.get("seed", 42)
    batch = options.get("per_device_train_batch_size", 1)
    return SFTConfig(
        output_dir=str(folder),
        seed=seed,
        data_seed=seed,
        max_steps=1,
        learning_rate=options.get("learning_rate", LEARNING_RATE),
        lr_scheduler_type=options.get("lr_scheduler_type", "cosine"),
        weight_decay=options.get("weight_decay", 0.0),
        optim="adamw_torch",
        adam_beta1=0.9,
        adam_beta2=0.999,
        adam_epsilon=1e-8,
        neftune_noise_alpha=None,
        label_smoothing_factor=0.0,
        max_grad_norm=1.0,
        per_device_train_batch_size=batch,
        per_device_eval_batch_size=batch,
        gradient_accumulation_steps=options.get("gradient_accumulation_steps", 1),
        average_tokens_across_devices=False,
        max_length=options["max_length"],
        packing=options.get("packing", False),
        packing_strategy="bfd",
        truncation_mode="keep_start",
        dataset_kwargs=None,
        eval_packing=False,
        padding_free=False,
        shuffle_dataset=False,
        completion_only_loss=prompted,
        assistant_only_loss=False,
        loss_type="nll",
        bf16=compute_dtype(options) == torch.bfloat16,
        fp16=False,
        tf32=None,
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=False,
        activation_offloading=False,
        torch_compile=False,
        use_liger_kernel=False,
        auto_find_batch_size=False,
        dataset_num_proc=None,
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
        eval_strategy="steps" if validated else "no",
        eval_on_start=validated,
        load_best_model_at_end=validated,
        metric_for_best_model="eval_loss" if validated else None,
        greater_is_better=False if validated else None,
        save_strategy="steps",
        save_total_limit=None,  # studio/train/checkpoints.py clears away
        save_only_model=False,
        enable_jit_checkpoint=False,
        train_sampling_strategy="random",
        logging_strategy="steps",
        logging_first_step=True,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        log_level="warning",
        report_to=[],
        push_to_hub=False,
        trust_remote_code=False,
        # Packed rows have no padding, and no mask that tells it.
        include_num_input_tokens_seen="all" if options.get("packing") else "non_padding",
    )


def set_steps(
    args: SFTConfig, steps: int, warmup: float | None = None, evaluations: int = EVALUATIONS
) -> None:
    """Fix the number of steps, and with it the warm-up, and when to log, to evaluate and to save."""
    args.max_steps = steps
    args.warmup_steps = min(WARMUP_STEPS, steps // 4) if warmup is None else warmup
    args.logging_steps = max(1, steps // 100)
    args.eval_steps = args.save_steps = max(1, math.ceil(steps / evaluations))
