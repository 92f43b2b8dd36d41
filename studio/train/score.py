"""The scores of a saved model on the test rows: losses over completions, and what it answers.

The same prompts, decoding and limits for every model that is compared. Knows a model and rows; knows no
trainer.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from studio.run.decoding import Decoding
from studio.tokens import Tokens
from studio.train.data import IGNORED, Row
from studio.train.decode import cut_answer, find_context, find_ends, generate_tokens
from studio.weights.memory import PLAIN_HEADS

Encode = Callable[[Sequence[Row]], list[Tokens]]

LOSS_TOKENS = 4_096
COMPLETION_ROWS = 48
FIRST_ROWS = 5
LOGITS = 1 << 26  # numbers that are held at once where all places go through the head
HEAD_LOGITS = 1 << 24  # where only the labelled ones do


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a model made of one row. `finished` says that it ended by its end token; None without a prompt."""

    row: int
    completion: str | None
    finished: bool | None


def measure_losses(model: Any, rows: Sequence[tuple[list[int], list[int]]]) -> list[tuple[float, int]]:
    """For each (ids, labels), in the given order: the summed nats of the labelled tokens, and their number.

    A row longer than the model's context, or CONTEXT, keeps its end. The first token of a row is never
    predicted.
    """
    # An adapter's layers stand inside of the model that it was put on.
    core = model.get_base_model() if hasattr(model, "peft_config") else model
    context, most = find_context(core), LOSS_TOKENS
    if core.config.model_type not in PLAIN_HEADS:
        most = max(context, min(most, LOGITS // core.config.get_text_config().vocab_size))
    was_training = model.training
    model.eval()
    losses: list[tuple[float, int]] = [(0.0, 0)] * len(rows)
    order = sorted(range(len(rows)), key=lambda place: len(rows[place][0]))
    with torch.inference_mode():
        for places in _cut_batches(order, [min(context, len(ids)) for ids, _ in rows], most):
            measured = _measure_batch(core, [rows[place] for place in places], context)
            for place, loss in zip(places, measured, strict=True):
                losses[place] = loss
    model.train(was_training)
    return losses


def score_rows(model: Any, encode: Encode, rows: Sequence[Row]) -> list[tuple[float, int]]:
    """Nats and tokens of what is learnt of each row, its end token included."""
    tokens = encode(rows)
    return measure_losses(model, [(one.ids, one.labels) for one in tokens])


def sum_losses(losses: Sequence[tuple[float, int]], rows: Sequence[Row]) -> dict[str, float | int]:
    """`loss` (nats per token), `perplexity`, `bits_per_byte` (of the completions' UTF-8 text), `tokens`."""
    nats, tokens = sum(loss for loss, _ in losses), sum(count for _, count in losses)
    size = sum(len(row.learnt.encode()) for row in rows)
    loss = nats / max(1, tokens)
    return {
        "loss": loss,
        "perplexity": math.exp(min(loss, 700.0)),
        "bits_per_byte": nats / math.log(2) / max(1, size),
        "tokens": tokens,
    }


def order_batches(rows: Sequence[Row], most: int = COMPLETION_ROWS) -> list[list[Row]]:
    """The first rows alone, so that a person sees them at once; then the rest, like lengths together."""
    rest = sorted(rows[FIRST_ROWS:], key=lambda row: (len(row.prompt), row.row))
    batches = [list(rows[:FIRST_ROWS])] if rows else []
    return batches + [rest[at : at + most] for at in range(0, len(rest), most)]


def complete_rows(model: Any, tokenizer: Any, rows: Sequence[Row], decoding: Decoding | int) -> list[Answer]:
    """The completion of each row's prompt, end token left out; a number is the most tokens of a greedy one.

    What is drawn depends on the row and the seed, not on the rows beside it.
    """
    if not any(row.prompt or row.asked for row in rows):
        return [Answer(row=row.row, completion=None, finished=None) for row in rows]
    chosen = Decoding(max_new_tokens=decoding) if isinstance(decoding, int) else decoding
    prompts = [ask_tokens(tokenizer, row) for row in rows]
    places = [row.row for row in rows]
    new = generate_tokens(model, tokenizer, prompts, chosen, places=places)
    ends = find_ends(model, tokenizer)
    return [_read_answer(tokenizer, ends, row, one) for row, one in zip(rows, new, strict=True)]


def ask_tokens(tokenizer: Any, row: Row) -> list[int]:
    """The tokens of a row that a model is asked with."""
    return list(row.asked or tokenizer(row.prompt)["input_ids"])


def _read_answer(tokenizer: Any, ends: Sequence[int], row: Row, new: list[int]) -> Answer:
    tokens, finished = cut_answer(new, ends)
    completion = tokenizer.decode(tokens, skip_special_tokens=False)
    return Answer(row=row.row, completion=completion, finished=finished)


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


def _measure_batch(
    model: Any, rows: Sequence[tuple[list[int], list[int]]], context: int
) -> list[tuple[float, int]]:
    width = min(context, max(len(ids) for ids, _ in rows))
    ids = torch.zeros((len(rows), width), dtype=torch.long)
    labels = torch.full((len(rows), width), IGNORED)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for place, (row_ids, row_labels) in enumerate(rows):
        length = min(context, len(row_ids))
        ids[place, :length] = torch.tensor(row_ids[-context:])
        labels[place, :length] = torch.tensor(row_labels[-context:])
        mask[place, :length] = 1
    device = next(model.parameters()).device
    targets = labels[:, 1:].to(device)
    trained = targets != IGNORED
    nats = torch.zeros(targets.shape, device=device)
    nats[trained] = _measure_places(model, ids.to(device), mask.to(device), trained, targets[trained])
    return list(zip(nats.double().sum(1).tolist(), trained.sum(1).tolist(), strict=True))


def _measure_places(model: Any, ids: Any, mask: Any, trained: Any, targets: Any) -> Any:
    """Nats of each labelled place; where the head is one matrix, only these go through it, some at a time."""
    given = {"input_ids": ids, "attention_mask": mask, "use_cache": False}
    if model.config.model_type not in PLAIN_HEADS:
        logits = model(**given).logits[:, :-1][trained]
        return functional.cross_entropy(logits.float(), targets, reduction="none")
    head = model.get_output_embeddings()
    hidden = model.base_model(**given).last_hidden_state[:, :-1][trained]
    most = max(1, HEAD_LOGITS // model.config.get_text_config().vocab_size)
    return torch.cat(
        [
            functional.cross_entropy(head(some).float(), wanted, reduction="none")
            for some, wanted in zip(hidden.split(most), targets.split(most), strict=True)
        ]
    )
