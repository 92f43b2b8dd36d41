"""The demo base model: GPT-NeoX, 4 layers of 128, with the tokenizer `tiny`.

Both are made from the train part and a seed, with no network. A model trained from scratch in a minute
learns style and domain, not facts; every screen calls it "trained from scratch (demo)".
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    PreTrainedTokenizerFast,
)

from studio.tokens.tiny import CONTEXT, train_tiny
from studio.train.data import Row

__all__ = ["CONTEXT", "hash_weights", "load_model", "make_model", "make_tokenizer", "save_model"]


def make_tokenizer(train: Sequence[Row], others: Sequence[Row]) -> Any:
    """A byte-level BPE of the train rows; `others` only keep their text from being a control token."""
    bpe, about = train_tiny([row.text for row in train], (row.text for row in others))
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe,
        eos_token=about.end_token,
        pad_token=about.pad_token,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )


def make_model(tokenizer: Any, seed: int) -> Any:
    """The untrained model; the same tokenizer and seed give the same weights."""
    torch.manual_seed(seed)
    config = GPTNeoXConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=512,
        max_position_embeddings=CONTEXT,
        rotary_pct=1.0,
        hidden_dropout=0.0,
        attention_dropout=0.0,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        tie_word_embeddings=False,
        dtype=torch.float32,
    )
    return GPTNeoXForCausalLM(config)


def hash_weights(model: Any) -> str:
    """SHA-256 over the names and bytes of all weights, in the order of their names."""
    digest = hashlib.sha256()
    for name, weight in sorted(model.state_dict().items()):
        digest.update(name.encode())
        # As bytes, since numpy has no bfloat16.
        digest.update(weight.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def save_model(model: Any, tokenizer: Any, folder: Path) -> None:
    """Weights as safetensors, configuration and tokenizer, as any Hugging Face tool reads them."""
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)


def load_model(folder: Path, dtype: torch.dtype = torch.float32) -> tuple[Any, Any]:
    """The model, in evaluation mode, and the tokenizer of a folder; nothing is fetched or executed."""
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    model = AutoModelForCausalLM.from_pretrained(folder, use_safetensors=True, dtype=dtype, **options)
    return model.eval(), AutoTokenizer.from_pretrained(folder, **options)
