"""What a fine-tune takes of memory, as an estimate, and how much is free.

    full, 16 B a parameter (fp32 weights, gradients, AdamW's two moments); LoRA, the base in its number type
    and 16 B a parameter of the adapter; activations; logits, 12 B a place and token of the vocabulary; × 1.5

Knows numbers and this machine; no model.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.weights.describing import Description

STATE_BYTES = 16  # of a trained parameter: weight, gradient, two moments
LOGIT_BYTES = 12  # of a place and a token of the vocabulary: logits, their float copy, their gradient
ACTIVATIONS = (
    34  # numbers kept of a layer, in widths a token, after Korthikanti et al. 2022 (arXiv 2205.05198)
)
MARGIN = 1.5
FIXED_BYTES = 500 << 20  # torch and its kin
MOST = 0.8  # of what is free
_SIZES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Bytes, each an estimate; `total` with the margin and what the libraries take."""

    weights: int
    activations: int
    logits: int
    total: int

    def exceeds(self, free: int | None) -> bool:
        """Whether it is over MOST of what is free; of an unknown amount nothing is."""
        return free is not None and self.total > MOST * free

    def to_dict(self) -> dict[str, Any]:
        """The estimate as plain JSON values."""
        return asdict(self)


def estimate_memory(
    model: Description, *, batch: int, length: int, lora_r: int | None = None, dtype: str = "float32"
) -> Memory:
    """What a step with `batch` rows of `length` tokens takes; `lora_r` None is a full fine-tune."""
    size = _SIZES.get(dtype, 4)
    if lora_r is None:
        weights = STATE_BYTES * model.parameters
    else:
        # Two matrices of rank r beside each of the seven linear layers, of which three are about 4 wide.
        adapter = model.layers * 2 * lora_r * model.width * 11
        weights = size * model.parameters + STATE_BYTES * adapter
    places = batch * length
    scores = 5 * model.heads * length * size if model.heads else 0  # of the attention, a layer and token
    activations = places * model.layers * (ACTIVATIONS * model.width // 2 * size + scores)
    logits = places * model.vocabulary * LOGIT_BYTES
    total = FIXED_BYTES + int(MARGIN * (weights + activations + logits))
    return Memory(weights=weights, activations=activations, logits=logits, total=total)


def read_free_memory() -> int | None:
    """Bytes of main memory that a new process may take, the limit of a container kept; None when unknown."""
    found = [free for free in (_read_system(), _read_container()) if free is not None]
    return min(found, default=None)


def _read_system() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return None


def _read_container() -> int | None:
    folder = Path("/sys/fs/cgroup")
    try:
        most = int((folder / "memory.max").read_text(encoding="ascii"))
        return max(0, most - int((folder / "memory.current").read_text(encoding="ascii")))
    except (OSError, ValueError):  # no limit is written as "max"
        return None
