"""What is known of a prepared tokenizer, and how its folder is written and read.

tokenizers/<key>/  tokenizer.json   as the `tokenizers` package reads it
                   about.json       {"name": "tiny", "source": "tiny", "end_token": "<|endoftext|>", …}
                   chat.json        the chat template and the special tokens it may name; not for all
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from studio.errors import TokenizerError

TOKENIZER_FILE = "tokenizer.json"
ABOUT_FILE = "about.json"
CHAT_FILE = "chat.json"

TokenizerSource = Literal["tiny", "folder", "hub"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTemplate:
    """A tokenizer's own chat template, as it is trained with, and the special tokens that it may name.

    `marks_answers` says that it marks with {% generation %} what the assistant says.
    """

    template: str
    special_tokens: Mapping[str, Any] = field(default_factory=dict)
    marks_answers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is known of a tokenizer. `revision` is the commit of one from the Hub, empty for the others.

    A token that it does not have is None. `context` is how many tokens its model takes, None when nothing
    says it; `vocabulary` counts tokens. `chat` says that it has a chat template, `marks_answers` that this
    one marks what is trained. `fingerprint` is equal only where the tokens are. `plain_specials` says that
    control tokens in a text are read as text.
    """

    name: str
    source: TokenizerSource
    vocabulary: int
    revision: str = ""
    end_token: str | None = None
    start_token: str | None = None
    pad_token: str | None = None
    context: int | None = None
    chat: bool = False
    marks_answers: bool = False
    plain_specials: bool = False
    fingerprint: str = ""

    @property
    def words(self) -> str:
        """Where it comes from, for a person."""
        if self.source == "tiny":
            return "made from the train part"
        return f"from the Hub, {self.revision[:7]}" if self.source == "hub" else "a local folder"


def write_prepared(folder: Path, tokenizer: str, about: About, chat: ChatTemplate | None) -> None:
    """Write the files of a prepared tokenizer into a folder that is there; `tokenizer` is its JSON."""
    (folder / TOKENIZER_FILE).write_text(tokenizer, encoding="utf-8")
    if chat is not None:
        (folder / CHAT_FILE).write_text(json.dumps(asdict(chat), ensure_ascii=False), encoding="utf-8")
    values = asdict(about) | {"fingerprint": _take_fingerprint(tokenizer, about, chat)}
    (folder / ABOUT_FILE).write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


def read_about(folder: Path) -> About:
    """What is known of the tokenizer in a folder. Raises TokenizerError when none was made ready there."""
    try:
        return About(**json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise TokenizerError(
            f"There is no tokenizer in {folder.name}.",
            "Choose the tokenizer again, so that it is made ready.",
        ) from error


def read_chat(folder: Path) -> ChatTemplate | None:
    """The chat template in a folder; None when its tokenizer has none."""
    path = folder / CHAT_FILE
    return ChatTemplate(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None


def _take_fingerprint(tokenizer: str, about: About, chat: ChatTemplate | None) -> str:
    rest = [about.end_token, about.start_token, about.plain_specials, chat and asdict(chat)]
    told = json.dumps(rest, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{tokenizer}\n{told}".encode()).hexdigest()
