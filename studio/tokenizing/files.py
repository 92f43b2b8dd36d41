"""The files of a tokenizer: which they are, and how much of them is taken. Knows names and sizes only."""

import hashlib
import shutil
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

MOST_BYTES = 128 << 20
# Without one of these there is no tokenizer.
TELLING = (
    *("tokenizer.json", "tokenizer_config.json", "vocab.json", "vocab.txt", "tokenizer.model"),
    *("spiece.model", "sentencepiece.bpe.model"),
)

FILES = (
    *TELLING,
    *("special_tokens_map.json", "added_tokens.json", "merges.txt", "config.json"),
    *("chat_template.jinja", "chat_template.json"),
)


def list_files(folder: Path) -> list[Path]:
    """The tokenizer's files in a folder, by name; empty when it holds no tokenizer."""
    found = [folder / name for name in sorted(FILES) if (folder / name).is_file()]
    return found if any(path.name in TELLING for path in found) else []


def hash_files(files: Iterable[Path]) -> str:
    """SHA-256 of names and contents."""
    digest = hashlib.sha256()
    for path in files:
        state = path.stat()
        digest.update(f"{path.name}\0{_hash_file(path, state.st_mtime_ns, state.st_size)}\n".encode())
    return digest.hexdigest()


def copy_files(files: Iterable[Path], folder: Path) -> None:
    """Copies beside which nothing else stands."""
    for path in files:
        shutil.copyfile(path, folder / path.name)


# A page asks at every keystroke.
@lru_cache(maxsize=64)
def _hash_file(path: Path, changed: int, size: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
