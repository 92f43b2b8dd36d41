"""A model of the Hub at one commit: its small files, the heads of its weights, and the weights themselves.

Part of the child process. Nothing is fetched of a model that may not be opened, and no file that could run a
program of any.
"""

import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studio.errors import ModelError, TokenizerError
from studio.tokenizing.refusals import explain
from studio.weights import check_folder
from studio.weights.describing import describe_model
from studio.weights.files import CONFIG, README, TEXTS, list_weights, read_json, refuse_programs
from studio.weights.headers import Weight

_MOST_TEXT_BYTES = 128 << 20
_PAUSE = 2.0  # seconds between two words about a download
_MB = 1_000_000


def answer(asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is told to the parent, a problem in words at the end."""
    name = asked["name"]
    try:
        yield {"say": f"asking the Hub for {name}"}
        yield from _answer(asked, Path(asked["folder"]) / "given")
    except ModelError as error:
        yield {"problem": error.message, "hint": error.hint}
    except Exception as error:
        problem = explain(error, name)
        known = isinstance(error, TokenizerError)
        words = problem.message if known else problem.message.replace("The tokenizer ", "The model ")
        yield {"problem": words, "hint": problem.hint.replace("tokenizer", "model")}


def _answer(asked: Mapping[str, Any], given: Path) -> Iterator[dict[str, Any]]:
    from huggingface_hub import HfApi

    info = HfApi().model_info(asked["name"], revision=asked["revision"] or None, files_metadata=True)
    name, commit = str(info.id), str(info.sha)
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
    for file in (file for file in (CONFIG, README, *TEXTS[1:]) if file in sizes):
        yield {"say": f"fetching {file}"}
        _fetch_text(name, commit, file, sizes[file], given)
        if file.endswith(".json"):
            refuse_programs(read_json(given / file, name), file, name)
    if CONFIG not in sizes:
        check_folder(given, name)  # says what is there instead
    weights = list_weights(sizes, lambda file: _read_text(given, file), name)
    yield {"say": f"reading the heads of {len(weights)} files"}
    tokenizer = given / "tokenizer_config.json"
    described = describe_model(
        name,
        read_json(given / CONFIG, name),
        [weight for file in weights for weight in _read_head(name, commit, file)],
        read_json(tokenizer, name) if tokenizer.is_file() else {},
        lambda file: _read_text(given, file),
        list(sizes),
        kind="hub",
        revision=commit,
    )
    found = {file: sizes[file] for file in weights}
    if asked["ask"] == "fetch":
        yield from _fetch_weights(name, commit, found, given)
    yield {"made": {"description": described.to_dict(), "weights": found}}


def _fetch_text(name: str, commit: str, file: str, size: int, given: Path) -> None:
    from huggingface_hub import hf_hub_download

    if size > _MOST_TEXT_BYTES:
        raise ModelError(f"{file} of {name} is larger than {_MOST_TEXT_BYTES >> 20} MB.", "Choose another.")
    shutil.copyfile(hf_hub_download(name, file, revision=commit), given / file)


def _read_text(given: Path, file: str) -> str:
    path = given / file
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _read_head(name: str, commit: str, file: str) -> list[Weight]:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import SafetensorsParsingError

    try:
        tensors = HfApi().parse_safetensors_file_metadata(name, file, revision=commit).tensors
    except (SafetensorsParsingError, ValueError) as error:
        raise ModelError(
            f"{file} of {name} is not a whole safetensors file.", "Choose another model."
        ) from error
    return [Weight(name=key, dtype=one.dtype, shape=tuple(one.shape)) for key, one in tensors.items()]


def _fetch_weights(
    name: str, commit: str, weights: Mapping[str, int], given: Path
) -> Iterator[dict[str, Any]]:
    from huggingface_hub import constants

    cache = Path(constants.HF_HUB_CACHE)
    cache.mkdir(parents=True, exist_ok=True)
    if sum(weights.values()) > shutil.disk_usage(cache).free:
        raise ModelError(
            f"{name} takes {sum(weights.values()) / 1e9:.1f} GB, and {cache} has not so much room.",
            "Free some space, or set HF_HOME to a larger disk.",
        )
    for file, size in weights.items():
        yield from _fetch_file(name, commit, file, size, given, cache)
    check_folder(given, name)


def _fetch_file(
    name: str, commit: str, file: str, size: int, given: Path, cache: Path
) -> Iterator[dict[str, Any]]:
    """One file, with a word now and then about how much of it is there."""
    from huggingface_hub import hf_hub_download

    ended: list[Any] = []

    def fetch() -> None:
        try:
            ended.append(hf_hub_download(name, file, revision=commit))
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    while not ended:
        there = sum(path.stat().st_size for path in cache.glob("models--*/blobs/*.incomplete"))
        yield {"say": f"fetching {file}, {min(there, size) // _MB:,} of {size // _MB:,} MB"}
        thread.join(_PAUSE)
    if isinstance(ended[0], BaseException):
        raise ended[0]
    path = Path(ended[0]).resolve()
    if path.stat().st_size != size:
        raise ModelError(f"{file} of {name} did not arrive whole.", "Try again.")
    (given / file).symlink_to(path)
