"""What a model goes on with after a prompt: tokens, chosen greedily or drawn with a seed.

Nothing of a model's own generation settings takes part: a repetition penalty in the base model's files would
make "greedy" another thing than it says. Drawing is the Gumbel-max trick (Maddison, Tarlow and Minka 2014):
the likeliest token after seeded noise was added, row by row, so that neither the batch nor a pause changes
what is drawn. Knows models and tokens; no rows, no files.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessor, StoppingCriteria

from studio.errors import RunError
from studio.run.decoding import Decoding
from studio.train.tiny import CONTEXT

Hear = Callable[[int], bool]

TURN_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "<|eom_id|>", "<|return|>")


def find_context(model: Any) -> int:
    """How many tokens of a row a model is given: what it takes, at most CONTEXT."""
    said = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return min(CONTEXT, said or CONTEXT)


def find_ends(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end an answer: the tokenizer's, what the model says, and the end of a chat's turn."""
    said = model.generation_config.eos_token_id
    known = [tokenizer.eos_token_id, *(said if isinstance(said, list) else [said])]
    if tokenizer.chat_template:
        vocabulary = tokenizer.get_vocab()
        known += [vocabulary.get(text) for text in TURN_ENDS if text in tokenizer.chat_template]
    return list(dict.fromkeys(token for token in known if token is not None))


def check_room(model: Any, decoding: Decoding) -> None:
    """Raise RunError when the answer alone may be as long as all that the model takes."""
    context = find_context(model)
    if decoding.max_new_tokens >= context:
        raise RunError(
            f"max_new_tokens is {decoding.max_new_tokens:,}, and the model takes {context:,} tokens, "
            "prompt and answer together.",
            f"Give fewer: {context // 2:,} leave as much for the prompt.",
        )


def keep_end(model: Any, prompt: Sequence[int], decoding: Decoding) -> list[int]:
    """The last tokens of a prompt, as many as leave room for the answer in the model's context."""
    return list(prompt)[-max(1, find_context(model) - decoding.max_new_tokens) :]


def generate_tokens(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[Sequence[int]],
    decoding: Decoding,
    *,
    places: Sequence[int],
    hear: Hear | None = None,
) -> list[list[int]]:
    """The new tokens after each prompt, in order, padding after the end token included.

    `places` tell rows apart where chance has a part: the same place and seed draw the same. `hear` is told
    each new token of the first prompt, and says whether to go on.
    """
    asked = [keep_end(model, prompt, decoding) for prompt in prompts]
    ends = find_ends(model, tokenizer)
    pad = ends[0] if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    width = max(1, *(len(ids) for ids in asked))
    device = next(model.parameters()).device
    with torch.inference_mode(), _own_settings_aside(model):
        whole = model.generate(
            input_ids=torch.tensor([[pad] * (width - len(one)) + one for one in asked], device=device),
            attention_mask=torch.tensor(
                [[0] * (width - len(one)) + [1] * len(one) for one in asked], device=device
            ),
            max_new_tokens=decoding.max_new_tokens,
            do_sample=False,
            num_beams=1,
            use_cache=True,
            pad_token_id=pad,
            eos_token_id=ends,
            logits_processor=[Draw(decoding, places)] if decoding.drawn else [],
            stopping_criteria=[_Listener(hear)] if hear else [],
        )
    return [list(new) for new in whole[:, width:].tolist()]


def cut_answer(new: Sequence[int], ends: Sequence[int]) -> tuple[list[int], bool]:
    """The tokens before the first end token, and whether there was one."""
    end = next((place for place, token in enumerate(new) if token in ends), None)
    return list(new[:end]), end is not None


class Draw(LogitsProcessor):  # type: ignore[misc]
    """Logits to which the noise is added that makes the likeliest token a draw from the chosen ones."""

    def __init__(self, decoding: Decoding, places: Sequence[int]) -> None:
        self._decoding = decoding
        self._chance = [torch.Generator().manual_seed(_mix(decoding.seed, place)) for place in places]

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The logits of the next token, (rows, vocabulary), as they are to be compared."""
        scores = cut_tail(scores.float() / self._decoding.temperature, self._decoding.top_p)
        noise = [torch.empty(scores.shape[1]).exponential_(generator=one) for one in self._chance]
        return scores - torch.stack(noise).log().to(scores.device)


def cut_tail(scores: Any, top_p: float) -> Any:
    """The logits with -inf for all but the likeliest tokens that make up `top_p`, always one at least
    (nucleus sampling, Holtzman et al. 2020).
    """
    if top_p >= 1:
        return scores
    ordered, places = scores.sort(descending=True)
    chances = ordered.softmax(-1)
    before = chances.cumsum(-1) - chances
    return scores.masked_fill((before >= top_p).scatter(1, places, before >= top_p), -torch.inf)


class _Listener(StoppingCriteria):  # type: ignore[misc]
    def __init__(self, hear: Hear) -> None:
        self._hear = hear

    def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
        goes_on = self._hear(int(input_ids[0, -1]))
        return torch.full((input_ids.shape[0],), not goes_on, device=input_ids.device)


@contextmanager
def _own_settings_aside(model: Any) -> Iterator[None]:
    own = model.generation_config
    model.generation_config = GenerationConfig()
    try:
        yield
    finally:
        model.generation_config = own


def _mix(seed: int, place: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed} {place}".encode()).digest()[:8]) >> 1
