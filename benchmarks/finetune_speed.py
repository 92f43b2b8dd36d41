"""Fine-tuning against a bare TRL script and a bare loop: the same tiny model, data and steps, one thread.

    python benchmarks/finetune.py speed

All three see the same tokens and labels, in the same batches of 8 records, with AdamW at the same rate; bare
TRL keeps its defaults but for those that a CPU cannot do bfloat16, gradient
checkpointing). Prints tokens a second, their ratio to bare TRL, and the loss on the training records
afterwards. Seconds are the processor's: a busy machine is not measured.
"""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import torch
import transformers
from trl import SFTConfig, SFTTrainer

from studio.run import RunDir
from studio.tokens import Tokens
from studio.train.base import Base
from studio.train.data import Row, tokenize_rows
from studio.train.fit import fit_model
from studio.train.report import Report
from studio.train.score import measure_losses
from studio.train.tiny import make_model, make_tokenizer

BATCH, LENGTH, RATE, SEED = 8, 512, 1e-3, 42


def report_speed(steps: int = 60, records: int = 400) -> None:
    """Print tokens a second of each way, the ratio to bare TRL, and the loss afterwards."""
    torch.set_num_threads(1)
    datasets.disable_progress_bars()
    transformers.utils.logging.set_verbosity_error()
    rows = make_rows(records)
    tokenizer = make_tokenizer(rows, [])
    tokens = tokenize_rows(tokenizer, rows)
    before = make_model(tokenizer, SEED)
    print(f"{len(rows)} records, {sum(one.length for one in tokens):,} tokens, {steps} steps of {BATCH}")
    print(f"loss before: {measure(before, tokens):.4f}")
    trained: dict[str, tuple[float, float]] = {}
    ways: dict[str, Callable[..., tuple[Any, float]]] = {
        "bare loop": train_bare,
        "bare TRL": train_trl,
        "studio": train_studio,
    }
    for name, train in ways.items():
        model, seconds = train(tokenizer, rows, tokens, steps)
        rate = count_tokens(tokens, steps) / seconds
        trained[name] = rate, measure(model, tokens)
    for name, (rate, loss) in trained.items():
        ratio = rate / trained["bare TRL"][0]
        print(f"{name:10} {rate:9,.0f} tokens/s   {ratio:.2f} of bare TRL   loss {loss:.4f}")


def make_rows(count: int) -> list[Row]:
    """Our own sample, over and over with a number, so that no two are alike."""
    path = Path(__file__).resolve().parent.parent / "assets" / "sample.jsonl"
    read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Row(
            row=place,
            prompt=f"### Question:\n{place}. {read[place % len(read)]['question']}\n\n### Answer:",
            completion=f"\n{read[place % len(read)]['answer']}",
        )
        for place in range(count)
    ]


def count_tokens(tokens: list[Tokens], steps: int) -> float:
    """About as many as so many steps see, whatever their order."""
    return steps * BATCH * sum(min(LENGTH, one.length) for one in tokens) / len(tokens)


def measure(model: Any, tokens: list[Tokens]) -> float:
    """Nats a token over all records."""
    losses = measure_losses(model, [(one.ids[:LENGTH], one.labels[:LENGTH]) for one in tokens])
    return sum(loss for loss, _ in losses) / sum(count for _, count in losses)


def train_studio(tokenizer: Any, rows: list[Row], tokens: list[Tokens], steps: int) -> tuple[Any, float]:
    """As a run of a base model is trained, reports to disk included."""
    model = make_model(tokenizer, SEED)
    base = Base(
        model=model, tokenizer=tokenizer, encode=lambda some: tokenize_rows(tokenizer, some), real=True
    )
    options = {
        "use_peft": False,
        "learning_rate": RATE,
        "max_steps": steps,
        "warmup_steps": 10,
        "per_device_train_batch_size": BATCH,
        "max_length": LENGTH,
        "seed": SEED,
    }
    with tempfile.TemporaryDirectory() as folder:
        run_dir = RunDir(Path(folder))
        began = time.process_time()
        tuned, _ = fit_model(
            model,
            tokenizer,
            rows,
            [],
            options=options,
            prompted=True,
            folder=run_dir.checkpoints,
            report=Report(run_dir),
            base=base,
        )
        return tuned, time.process_time() - began


def train_trl(tokenizer: Any, rows: list[Row], tokens: list[Tokens], steps: int) -> tuple[Any, float]:
    """As a person's own script of TRL does."""
    model = make_model(tokenizer, SEED)
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        trainer = SFTTrainer(
            model=model,
            args=SFTConfig(
                output_dir=folder,
                max_steps=steps,
                warmup_steps=10,
                learning_rate=RATE,
                lr_scheduler_type="cosine",
                per_device_train_batch_size=BATCH,
                max_length=LENGTH,
                seed=SEED,
                data_seed=SEED,
                bf16=False,
                use_cpu=True,
                gradient_checkpointing=False,
                report_to=[],
                disable_tqdm=True,
            ),
            train_dataset=datasets.Dataset.from_list(
                [{"prompt": row.prompt, "completion": row.completion} for row in rows]
            ),
            processing_class=tokenizer,
        )
        trainer.train()
        return model, time.process_time() - began


def train_bare(tokenizer: Any, rows: list[Row], tokens: list[Tokens], steps: int) -> tuple[Any, float]:
    """The loop of a textbook, with the same rate at each step."""
    model = make_model(tokenizer, SEED).train()
    began = time.process_time()
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    schedule = transformers.get_cosine_schedule_with_warmup(optimizer, 10, steps)
    order = torch.Generator().manual_seed(SEED)
    places: list[int] = []
    for _ in range(steps):
        if len(places) < BATCH:
            places = torch.randperm(len(tokens), generator=order).tolist()
        batch, places = places[:BATCH], places[BATCH:]
        inputs = pad_batch([tokens[place] for place in batch], tokenizer.pad_token_id)
        model(**inputs).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return model, time.process_time() - began


def pad_batch(rows: list[Tokens], pad: int) -> dict[str, Any]:
    width = min(LENGTH, max(one.length for one in rows))
    ids = [(one.ids + [pad] * width)[:width] for one in rows]
    labels = [(one.labels + [-100] * width)[:width] for one in rows]
    mask = [([1] * one.length + [0] * width)[:width] for one in rows]
    return {
        "input_ids": torch.tensor(ids),
        "labels": torch.tensor(labels),
        "attention_mask": torch.tensor(mask),
    }
