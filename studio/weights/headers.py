"""The header of a safetensors file: names, types and shapes; no weight is read.

    8 bytes, the length of what follows: {"lm_head.weight": {"dtype": "BF16", "shape": [32000, 768],
    "data_offsets": [0, 49152000]}, …}, then the weights themselves.

After the format's own description (huggingface/safetensors, README, "Format").
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from studio.errors import ModelError

MOST_HEADER_BYTES = 100_000_000  # what the library itself reads at most
SIZES = {
    **dict.fromkeys(("F64", "I64", "U64"), 8),
    **dict.fromkeys(("F32", "I32", "U32"), 4),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 2),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "I8", "U8", "BOOL"), 1),
}
_HINT = "Fetch or copy it again; it may be cut off."


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """One weight: its name, how its numbers are kept (F32, BF16 …), and its shape."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


def read_header(path: Path) -> list[Weight]:
    """The weights of a file, by name. Raises ModelError for what is not a whole safetensors file."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(MOST_HEADER_BYTES, size - 8):
                raise ModelError(f"{path.name} is not a whole safetensors file.", _HINT)
            head = file.read(length)
    except OSError as error:
        raise ModelError(f"Cannot read {path.name}: {error.strerror}.", "Check the folder.") from error
    return list(_read_weights(path.name, head, size - 8 - length))


def _read_weights(name: str, head: bytes, size: int) -> Iterator[Weight]:
    try:
        values = json.loads(head)
        values.pop("__metadata__", None)
        weights = [(key, value, tuple(value["data_offsets"])) for key, value in sorted(values.items())]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelError(f"{name} is not a whole safetensors file.", _HINT) from error
    if max((stop for _, _, (_, stop) in weights), default=0) != size:
        raise ModelError(f"{name} is cut off: its weights are not all there.", _HINT)
    for key, value, (start, stop) in weights:
        yield _check_weight(name, key, value, stop - start)


def _check_weight(name: str, key: str, value: Mapping[str, Any], size: int) -> Weight:
    shape, dtype = tuple(value.get("shape") or ()), str(value.get("dtype"))
    whole = all(isinstance(side, int) and side >= 0 for side in shape)
    if not whole or (dtype in SIZES and prod(shape) * SIZES[dtype] != size):
        raise ModelError(f"{name} is not a whole safetensors file: {key[:80]} has the wrong size.", _HINT)
    return Weight(name=key, dtype=dtype, shape=shape)
