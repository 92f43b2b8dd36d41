"""Small tokenizers as a person has them on disk: a folder with tokenizer.json and tokenizer_config.json.

Written with the `tokenizers` package alone, so that they are there without the [train] extra.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

WORDS = (
    "### Question: which colour has box number one? ### Answer: the box is red, and very small.",
    "Below is an instruction that describes a task. Write a response that completes the request.",
    "user assistant system You are a helpful assistant. Übergröße 漢字 🎈 don't 1234 <b>bold</b> {{7*7}}",
)
SPECIALS = ("<s>", "</s>", "<|im_start|>", "<|im_end|>")

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
    "{% if message['role'] == 'assistant' %}{% generation %}{{ message['content'] + '<|im_end|>' }}"
    "{% endgeneration %}{{ '\n' }}{% else %}{{ message['content'] + '<|im_end|>\n' }}{% endif %}{% endfor %}"
)
END_OUTSIDE = CHATML.replace(
    "{{ message['content'] + '<|im_end|>' }}{% endgeneration %}",
    "{{ message['content'] }}{% endgeneration %}{{ '<|im_end|>' }}",
)
UNMARKED = CHATML.replace("{% generation %}", "").replace("{% endgeneration %}", "")


def make_backend(*, start: bool = False, texts: Sequence[str] = WORDS) -> Tokenizer:
    """A byte-level BPE with SPECIALS; with `start` it puts <s> before every text."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=[AddedToken(text, special=True, normalized=False) for text in SPECIALS],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    backend.train_from_iterator(texts, trainer)
    if start:
        backend.post_processor = processors.TemplateProcessing(
            single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", backend.token_to_id("<s>"))]
        )
    return backend


def write_folder(folder: Path, backend: Tokenizer, chat: str | None = None, **config: Any) -> Path:
    """The tokenizer as `save_pretrained` leaves it; `config` replaces keys of tokenizer_config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    backend.save(str(folder / "tokenizer.json"))
    said: Mapping[str, Any] = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<s>",
        "eos_token": "</s>",
        "pad_token": "</s>",
        "model_max_length": 1024,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps({**said, **config}))
    if chat is not None:
        (folder / "chat_template.jinja").write_text(chat)
    return folder
