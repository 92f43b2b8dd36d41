"""What may be trained in this version, and the data frozen so that it cannot change under a run.

Reads the lines of the parts; knows nothing of processes.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.errors import RunError
from studio.job.asked import check_chat, check_options, spell_value
from studio.record import ExampleType
from studio.run import DataFile, RunDir
from studio.weights import Description

BASE_MODELS = ("tiny",)
LABELS = {"tiny": "trained from scratch (demo)"}
PARTS = ("train", "validation", "test")

_FIELDS = {"prompt-completion": ("prompt", "completion"), "text": ("text",), "messages": ("messages",)}


def label_base(base_model: str) -> str:
    """What a tuned model of this base is, for a person."""
    return LABELS.get(base_model, f"{base_model}, fine-tuned")


def check_request(
    data: Mapping[str, Path],
    example_type: ExampleType,
    base_model: str,
    train: Mapping[str, Any],
    model: Description | None = None,
) -> None:
    """RunError for what cannot be trained; nothing is read from the files. `model` is None for tiny."""
    if base_model not in BASE_MODELS and model is None:
        raise RunError(
            f"There is no base model {spell_value(base_model)} here.",
            "Set `train: {base_model: tiny}` in the recipe, or give a folder or a Hub id.",
        )
    check_chat(base_model, model, example_type)
    if "train" not in data:
        raise RunError("There is no train part to learn from.", "Give the split a train part.")
    for part in data:
        if part not in PARTS:
            raise RunError(f"There is no part named {part!r}.", f"Parts are: {', '.join(PARTS)}.")
    check_options(train, model, example_type)


def freeze_data(staged: RunDir, data: Mapping[str, Path], example_type: ExampleType) -> dict[str, DataFile]:
    """Copy every part into the run's folder; RunError naming the first line that cannot be trained on."""
    staged.path.mkdir(parents=True, mode=0o700, exist_ok=True)
    staged.data.mkdir()
    return {
        part: _freeze_part(staged, part, data[part], _FIELDS[example_type]) for part in PARTS if part in data
    }


def _freeze_part(staged: RunDir, part: str, source: Path, fields: tuple[str, ...]) -> DataFile:
    """Copy one file line by line, so that what is checked, counted and hashed is what is trained on."""
    target = staged.data / f"{part}.jsonl"
    digest, records = hashlib.sha256(), 0
    try:
        with source.open("rb") as lines, target.open("wb") as copy:
            for records, line in enumerate(lines, start=1):
                _check_line(source, records, line, fields)
                copy.write(line)
                digest.update(line)
    except OSError as error:
        raise RunError(
            f"The {part} file cannot be copied: {error.strerror}: {source}.", "Build the export again."
        ) from error
    if not records:
        raise RunError(f"The {part} file holds no record: {source}.", "Change the split and build it again.")
    return DataFile(file=f"data/{part}.jsonl", records=records, sha256=digest.hexdigest())


def _check_line(source: Path, number: int, line: bytes, fields: tuple[str, ...]) -> None:
    try:
        values = json.loads(line)
        whole = all(_is_trainable(values[name]) for name in fields)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise RunError(
            f"Line {number} of {source.name} has no text named {' and '.join(fields)}.",
            "Export the parts again with the template's own field names.",
        )


def _is_trainable(value: Any) -> bool:
    """Whether it is a text, or messages of a role and a content each."""
    if isinstance(value, list):
        return bool(value) and all(
            isinstance(message["role"], str) and isinstance(message["content"], str) for message in value
        )
    return isinstance(value, str)
