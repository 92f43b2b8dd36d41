"""Which files of a model's folder are opened, and why a folder is refused.

Opened are safetensors and a few JSON and text files. A pickle can run a program when it is opened, and so can
what `auto_map` names: neither ever is. Knows names and JSON; nothing of what a model is.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.errors import ModelError

CONFIG = "config.json"
SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
README = "README.md"
# Beside the weights; those of the tokenizer are what every tokenizer is read from.
TEXTS = (
    *(CONFIG, "generation_config.json", INDEX),
    *("tokenizer.json", "tokenizer_config.json", "vocab.json", "vocab.txt", "tokenizer.model"),
    *("spiece.model", "sentencepiece.bpe.model"),
    *("special_tokens_map.json", "added_tokens.json", "merges.txt"),
    *("chat_template.jinja", "chat_template.json"),
)
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".npy", ".npz", ".h5", ".msgpack", ".joblib")
_SHARD = re.compile(r"[\w.-]{1,200}\.safetensors")
_MOST_JSON_BYTES = 64 << 20
_SAFE = "Choose a model whose weights are in model.safetensors, or save it with save_pretrained."


def list_weights(names: Iterable[str], read_text: Callable[[str], str], what: str) -> list[str]:
    """The safetensors files among the names of a model's files, in order.

    `read_text` gives the text of a file. Raises ModelError, which says what there is instead, when there are
    none, or when one of them is missing.
    """
    there = set(names)
    if INDEX in there and SINGLE not in there:
        shards = _list_shards(read_text(INDEX), what)
        missing = next((shard for shard in shards if shard not in there), None)
        if missing is not None:
            raise ModelError(f"{what} lacks {missing}, a part of its weights.", "Fetch or copy it again.")
        return shards
    if SINGLE in there:
        return [SINGLE]
    raise _explain_none(there, what)


def list_unopened(names: Iterable[str]) -> list[str]:
    """The files that could run a program, which are left alone."""
    return sorted(name for name in names if name.endswith((*_PICKLES, ".py")))


def list_names(folder: Path) -> list[str]:
    """The names of the files in a folder. Raises ModelError when it cannot be read."""
    try:
        return sorted(path.name for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise ModelError(f"Cannot read {folder}: {error.strerror}.", "Check the path.") from error


def check_folder(folder: Path, what: str) -> tuple[dict[str, Any], list[str]]:
    """The config of a model and its weights' files. Raises ModelError for a folder that may not be opened."""
    names = list_names(folder)
    if CONFIG not in names:
        raise _explain_no_config(names, what)
    config = read_json(folder / CONFIG, what)
    refuse_programs(config, CONFIG, what)
    for name in ("tokenizer_config.json", "generation_config.json"):
        if name in names:
            refuse_programs(read_json(folder / name, what), name, what)
    return config, list_weights(names, lambda name: (folder / name).read_text(encoding="utf-8"), what)


def refuse_programs(values: Mapping[str, Any], file: str, what: str) -> None:
    """Raise ModelError when a model's JSON asks to run a program of its own, at any depth."""
    for key, value in _walk(values):
        if key == "auto_map" and value:
            raise ModelError(
                f"{what} asks to run its own program ({file}: auto_map), and no program of others ever runs.",
                "Choose a model that transformers knows by itself, without remote code.",
            )
        if key.endswith("attn_implementation") and isinstance(value, str) and re.search(r"[/:@]", value):
            raise ModelError(
                f"{what} asks for a program from elsewhere ({file}: {key}), and none ever runs.",
                "Take that line out of the file, or choose another model.",
            )
        if key == "quantization_config" and value:
            raise ModelError(
                f"{what} is quantized, which cannot be fine-tuned here.",
                "Choose the model that it was made from.",
            )


def read_json(path: Path, what: str) -> dict[str, Any]:
    """The object in a file. Raises ModelError when it holds none."""
    try:
        if path.stat().st_size > _MOST_JSON_BYTES:
            raise ValueError
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path.name} of {what} is no JSON.", "Fetch or copy it again.") from error
    if not isinstance(values, dict):
        raise ModelError(f"{path.name} of {what} is no JSON object.", "Fetch or copy it again.")
    return values


def link_model(folder: Path, target: Path) -> None:
    """Make `target` a folder with what may be opened of a model, and nothing else.

    Small files are copied, so that they cannot change; weights are linked. Raises ModelError as
    `check_folder` does.
    """
    _, weights = check_folder(folder, folder.name)
    target.mkdir(parents=True, mode=0o700)
    for name in TEXTS:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, target / name)
    for name in weights:
        (target / name).symlink_to((folder / name).resolve(strict=True))


def _list_shards(index: str, what: str) -> list[str]:
    try:
        shards = sorted(set(json.loads(index)["weight_map"].values()))
        whole = bool(shards) and all(_SHARD.fullmatch(shard) for shard in shards)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        whole = False
    if not whole:
        raise ModelError(f"{INDEX} of {what} names no files beside it.", _SAFE)
    return shards


def _explain_none(there: set[str], what: str) -> ModelError:
    pickles = sorted(name for name in there if name.endswith(_PICKLES))
    if pickles:
        return ModelError(
            f"{what} holds its weights only as {pickles[0][:80]}, which can run a program when it is opened: "
            "it never is.",
            _SAFE,
        )
    if any(name.endswith(".gguf") for name in there):
        return ModelError(f"{what} holds GGUF, which cannot be fine-tuned.", _SAFE)
    return ModelError(f"{what} holds no weights.", _SAFE)


def _explain_no_config(names: list[str], what: str) -> ModelError:
    if "adapter_config.json" in names:
        return ModelError(
            f"{what} is an adapter, not a whole model.", "Merge it into its base model first, or choose that."
        )
    return ModelError(
        f"{what} holds no model: there is no config.json.",
        "Give the folder that save_pretrained has written, or the id of a language model.",
    )


def _walk(values: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    if depth > 20:
        return
    if isinstance(values, Mapping):
        for key, value in values.items():
            yield str(key), value
            yield from _walk(value, depth + 1)
    elif isinstance(values, list):
        for value in values:
            yield from _walk(value, depth + 1)
