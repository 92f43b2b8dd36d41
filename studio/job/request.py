"""What may be trained in this version, and the data frozen so that it cannot change under a run.

Reads the lines of the parts; knows nothing of processes.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.errors import RunError
from studio.record import ExampleType
from studio.run import DataFile, RunDir

BASE_MODELS = ("tiny",)
LABELS = {"tiny": "trained from scratch (demo)"}
PARTS = ("train", "validation", "test")

# Name, type, least and greatest value of the SFTConfig options that a recipe may set in this version.
TRAIN_OPTIONS: dict[str, tuple[type[int] | type[float], float, float]] = {
    "max_steps": (int, 1, 1_000_000),
    "seed": (int, 0, 2**32 - 1),
    "learning_rate": (float, 1e-7, 1.0),
    "per_device_train_batch_size": (int, 1, 1_024),
    "max_length": (int, 16, 2_048),
    "warmup_steps": (int, 0, 1_000_000),
}

_FIELDS = {"prompt-completion": ("prompt", "completion"), "text": ("text",)}


def check_request(
    data: Mapping[str, Path], example_type: ExampleType, base_model: str, train: Mapping[str, Any]
) -> None:
    """RunError for what cannot be trained in this version; nothing is read from the files."""
    if base_model not in BASE_MODELS:
        raise RunError(
            f"There is no base model {_spell(base_model)} here: only tiny is available in this version.",
            "Set `train: {base_model: tiny}` in the recipe.",
        )
    if example_type not in _FIELDS:
        raise RunError(
            f"The tiny model cannot learn from examples of type {example_type}: it has no chat template.",
            "Choose a style with a prompt and a completion, or the text style.",
        )
    if "train" not in data:
        raise RunError("There is no train part to learn from.", "Give the split a train part.")
    for part in data:
        if part not in PARTS:
            raise RunError(f"There is no part named {part!r}.", f"Parts are: {', '.join(PARTS)}.")
    for name, value in train.items():
        _check_option(name, value)


def freeze_data(staged: RunDir, data: Mapping[str, Path], example_type: ExampleType) -> dict[str, DataFile]:
    """Copy every part into the run's folder; RunError naming the first line that cannot be trained on."""
    staged.path.mkdir(parents=True, mode=0o700)
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
        whole = all(isinstance(values[name], str) for name in fields)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise RunError(
            f"Line {number} of {source.name} has no text named {' and '.join(fields)}.",
            "Export the parts again with the template's own field names.",
        )


def _check_option(name: str, value: Any) -> None:
    if name not in TRAIN_OPTIONS:
        raise RunError(
            f"There is no train option {_spell(name)}.", f"Options are: {', '.join(TRAIN_OPTIONS)}."
        )
    kind, least, most = TRAIN_OPTIONS[name]
    number = isinstance(value, int) or (kind is float and isinstance(value, float))
    if isinstance(value, bool) or not number or not least <= value <= most:
        kind_name = "a whole number" if kind is int else "a number"
        raise RunError(f"{name} is {_spell(value)}.", f"Give {kind_name} from {least:g} to {most:g}.")


def _spell(value: Any) -> str:
    """A value as a message shows it, however long."""
    try:
        return f"{value!r:.60}"
    except ValueError:  # Python spells no number of more than 4 300 digits
        return "a number of thousands of digits"
