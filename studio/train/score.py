"""The scores of a saved model on the test rows: losses over completions, and what it answers.

Greedy decoding, the same prompts and limits for the base and the tuned model. Knows a model and rows; knows
no trainer.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from studio.train.data import IGNORED, Row, tokenize_rows
from studio.train.tiny import CONTEXT

LOSS_TOKENS = 4_096
COMPLETION_ROWS = 48
FIRST_ROWS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model made of one row. `finished` says that it ended by its end token; None without a prompt."""

    row: int
    completion: str | None
    finished: bool | None


def measure_losses(model: Any, rows: Sequence[tuple[list[int], list[int]]]) -> list[tuple[float, int]]:
    """For each (ids, labels), in the given order: the summed nats of the labelled tokens, and their number.

    A row longer than CONTEXT keeps its end. The first token of a row is never predicted.
    """
    was_training = model.training
    model.eval()
    losses: list[tuple[float, int]] = [(0.0, 0)] * len(rows)
    order = sorted(range(len(rows)), key=lambda place: len(rows[place][0]))
    with torch.inference_mode():
        for places in _cut_batches(order, [min(CONTEXT, len(ids)) for ids, _ in rows], LOSS_TOKENS):
            measured = _measure_batch(model, [rows[place] for place in places])
            for place, loss in zip(places, measured, strict=True):
                losses[place] = loss
    model.train(was_training)
    return losses


def score_rows(model: Any, tokenizer: Any, rows: Sequence[Row]) -> list[tuple[float, int]]:
    """Nats and tokens of each row's completion, its end token included."""
    tokens = tokenize_rows(tokenizer, rows)
    return measure_losses(model, [(one.ids, one.labels) for one in tokens])


def sum_losses(losses: Sequence[tuple[float, int]], rows: Sequence[Row]) -> dict[str, float | int]:
    """`loss` (nats per token), `perplexity`, `bits_per_byte` (of the completions' UTF-8 text), `tokens`."""
    nats, tokens = sum(loss for loss, _ in losses), sum(count for _, count in losses)
    size = sum(len(row.completion.encode()) for row in rows)
    loss = nats / max(1, tokens)
    return {
        "loss": loss,
        "perplexity": math.exp(min(loss, 700.0)),
        "bits_per_byte": nats / math.log(2) / max(1, size),
        "tokens": tokens,
    }


def order_batches(rows: Sequence[Row]) -> list[list[Row]]:
    """The first rows alone, so that a person sees them at once; then the rest, like lengths together."""
    rest = sorted(rows[FIRST_ROWS:], key=lambda row: (len(row.prompt), row.row))
    batches = [list(rows[:FIRST_ROWS])] if rows else []
    return batches + [rest[at : at + COMPLETION_ROWS] for at in range(0, len(rest), COMPLETION_ROWS)]


def complete_rows(model: Any, tokenizer: Any, rows: Sequence[Row], max_new_tokens: int) -> list[Answer]:
    """The greedy completion of each row's prompt, at most `max_new_tokens` long, end token left out."""
    if not any(row.prompt for row in rows):
        return [Answer(row=row.row, completion=None, finished=None) for row in rows]
    prompts = [tokenizer(row.prompt)["input_ids"][-CONTEXT:] for row in rows]
    width = max(len(ids) for ids in prompts)
    pad, end = tokenizer.pad_token_id, tokenizer.eos_token_id
    ids = torch.tensor([[pad] * (width - len(one)) + one for one in prompts])
    mask = torch.tensor([[0] * (width - len(one)) + [1] * len(one) for one in prompts])
    with torch.inference_mode():
        whole = model.generate(
            input_ids=ids,
            attention_mask=mask,
            max_new_tokens=max_new_tokens,
            do_sample=False,
            num_beams=1,
            use_cache=True,
            pad_token_id=pad,
            eos_token_id=end,
        )
    return [
        _read_answer(tokenizer, row, new) for row, new in zip(rows, whole[:, width:].tolist(), strict=True)
    ]


def _read_answer(tokenizer: Any, row: Row, new: list[int]) -> Answer:
    finished = tokenizer.eos_token_id in new
    kept = new[: new.index(tokenizer.eos_token_id)] if finished else new
    return Answer(
        row=row.row, completion=tokenizer.decode(kept, skip_special_tokens=False), finished=finished
    )


def _cut_batches(order: Sequence[int], lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Places in rising length, cut so that a padded batch holds at most `most` tokens."""
    batch: list[int] = []
    for place in order:
        if batch and (len(batch) + 1) * lengths[place] > most:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch


def _measure_batch(model: Any, rows: Sequence[tuple[list[int], list[int]]]) -> list[tuple[float, int]]:
    width = min(CONTEXT, max(len(ids) for ids, _ in rows))
    ids = torch.zeros((len(rows), width), dtype=torch.long)
    labels = torch.full((len(rows), width), IGNORED)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for place, (row_ids, row_labels) in enumerate(rows):
        length = min(CONTEXT, len(row_ids))
        ids[place, :length] = torch.tensor(row_ids[-CONTEXT:])
        labels[place, :length] = torch.tensor(row_labels[-CONTEXT:])
        mask[place, :length] = 1
    device = next(model.parameters()).device
    hidden = model.base_model(input_ids=ids.to(device), attention_mask=mask.to(device), use_cache=False)
    targets = labels[:, 1:].to(device)
    trained = targets != IGNORED
    # Only the labelled places go through the head: the logits are the largest thing here.
    logits = model.get_output_embeddings()(hidden.last_hidden_state[:, :-1][trained])
    nats = torch.zeros(targets.shape, device=device)
    nats[trained] = functional.cross_entropy(logits.float(), targets[trained], reduction="none")
    return list(zip(nats.double().sum(1).tolist(), trained.sum(1).tolist(), strict=True))
