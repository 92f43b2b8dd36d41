"""Tokens, loss mask and lengths of rendered examples: exactly what TRL's SFTTrainer makes of them.

    tokenizer   Tokenizer, open_tokenizer: a prepared tokenizer, read with the light `tokenizers` package
    example     Tokens: one example as the model sees it
    about       what is known of a tokenizer, and the files of its folder
    tiny        the tokenizer of the demo model, made from texts
    chosen      which rows of its parts a demo run learns from, and so its tokenizer is made from
    chat        a chat template, rendered in a process of its own

The fine-tune encodes with the same code, so that a preview and a training cannot differ. Knows nothing of
tables, templates or workspaces; a tokenizer is a folder that another process has made ready.
"""

from studio.tokens.about import ABOUT_FILE, CHAT_FILE, TOKENIZER_FILE, About, ChatTemplate
from studio.tokens.example import IGNORED, Fate, Tokens
from studio.tokens.tokenizer import Tokenizer, open_tokenizer

__all__ = [
    "ABOUT_FILE",
    "CHAT_FILE",
    "IGNORED",
    "TOKENIZER_FILE",
    "About",
    "ChatTemplate",
    "Fate",
    "Tokenizer",
    "Tokens",
    "open_tokenizer",
]
