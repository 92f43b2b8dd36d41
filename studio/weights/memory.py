"""What a fine-tune takes of memory, as an estimate, and how much is free.

    weights       full: 16 B a parameter (fp32, its gradient, AdamW's two moments), and a fifth for a moment;
                  LoRA: the base in its number type, and as much as that a parameter of the adapter
    activations   numbers that every token leaves in every layer until the way back, in widths of the model
    logits        of the places that are learnt from, their softmax and its gradient

The factors are measured (benchmarks/finetune.py memory), not proven. Knows numbers and this machine.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.weights.describing import Description

STATE_BYTES = 16  # of a trained parameter: weight, gradient, two moments
STATE_MARGIN = 1.2  # an update of the largest matrix takes it once more or twice
LOGIT_BYTES = 12  # of a place and a token of the vocabulary: logits, their softmax, its gradient
KEPT_LOGITS = 1 << 25  # numbers; of more the run keeps none, and computes them anew on the way back
FUSED_LOGIT_BYTES = 34  # where TRL computes the loss on a CPU, of FUSED_VOCABULARY tokens at a time
FUSED_VOCABULARY = 32_768
PLAIN_HEADS = frozenset({"gpt_neox", "llama", "qwen2", "qwen3", "mistral", "gpt2"})
"""Models whose logits are one matrix of the last hidden state, with no cap or scale after it."""
ACTIVATIONS = 50  # widths a token and layer
CURVED_ACTIVATIONS = 80  # where the activation is written out: gelu_new
ADAPTER_ACTIVATIONS = 38  # besides, of the seven linear layers beside which an adapter stands
_CURVED = frozenset({"gpt2", "phi", "gptj", "gpt_neo", "codegen", "gpt_bigcode"})
MARGIN = 1.1
FIXED_BYTES = 780 << 20  # torch and its kin, and what a whole run of the smallest model takes besides
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
    """What a run with `batch` rows of `length` tokens takes at most; `lora_r` None is a full fine-tune.

    `dtype` is the number type of the computing.
    """
    size, places = _SIZES.get(dtype, 4), batch * length
    widths = CURVED_ACTIVATIONS if model.model_type in _CURVED else ACTIVATIONS
    if lora_r is None:
        weights = int(STATE_MARGIN * STATE_BYTES * model.parameters)
    else:
        # Two matrices of rank r beside each of the seven linear layers, of which three are about 4 wide.
        adapter = model.layers * 2 * lora_r * model.width * 11
        weights = size * model.parameters + int(STATE_MARGIN * STATE_BYTES * adapter)
        widths += ADAPTER_ACTIVATIONS
    activations = places * model.layers * model.width * widths * size
    logits = _estimate_logits(model, places)
    training = weights + int(MARGIN * (activations + logits))
    scoring = int(MARGIN * 2 * size * model.parameters)  # the base and the tuned model, side by side
    total = FIXED_BYTES + max(training, scoring)
    return Memory(weights=weights, activations=activations, logits=logits, total=total)


def _estimate_logits(model: Description, places: int) -> int:
    if model.kind == "tiny" or model.model_type in PLAIN_HEADS:
        return LOGIT_BYTES * min(places * model.vocabulary, KEPT_LOGITS)
    return FUSED_LOGIT_BYTES * places * min(model.vocabulary, FUSED_VOCABULARY)


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
