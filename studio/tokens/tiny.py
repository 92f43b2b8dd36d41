"""The tokenizer of the demo model: a byte-level BPE of at most 2 048 tokens, made from the train part.

The same texts in the same order give the same bytes. Knows texts only.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from studio.tokens.about import About

VOCABULARY = 2_048
CONTEXT = 2_048
NAME = "tiny"

_LONGEST = 256
# Merging takes time with the square of a word: one of a million letters, minutes.
_RUN = re.compile(rf"\S{{{_LONGEST}}}|\s{{{_LONGEST}}}")


def train_tiny(train: Sequence[str], others: Iterable[str]) -> tuple[Any, About]:
    """A `tokenizers.Tokenizer` made from the train texts, and what is known of it.

    `others` only keep their text from being a control token.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    texts = [*train, *others]
    end, pad = (name_unused(texts, word) for word in ("endoftext", "pad"))
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    # Adds nothing; transformers would put it there, and the files would differ.
    bpe.post_processor = processors.TemplateProcessing(single="$A", pair="$A $B:1", special_tokens=[])
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[end, pad],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bpe.train_from_iterator(_cut_runs(train), trainer)
    about = About(
        name=NAME,
        source="tiny",
        vocabulary=bpe.get_vocab_size(),
        end_token=end,
        pad_token=pad,
        context=CONTEXT,
    )
    return bpe, about


def _cut_runs(texts: Iterable[str]) -> Iterator[str]:
    """The texts, in order; one with a long run of letters or of white space is cut in it."""
    for text in texts:
        start = 0
        for run in _RUN.finditer(text):
            yield text[start : run.end()]
            start = run.end()
        yield text[start:]


def name_unused(texts: Iterable[str], word: str) -> str:
    """`<|word|>`, or the first numbered one that no text holds: text must never become a control token."""
    name, number = f"<|{word}|>", 1
    while any(name in text for text in texts):
        number += 1
        name = f"<|{word}-{number}|>"
    return name
