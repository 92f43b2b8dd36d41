"""What this machine computes with, known without torch: a GPU by its driver, or else the processor.

    Device(name="NVIDIA H100 80GB HBM3", kind="gpu", free=83_000_000_000, dtype="bfloat16")

The driver's own program is asked (nvidia-smi), at most every few seconds.
"""

import os
import shutil
import subprocess
import time
from dataclasses import asdict, dataclass
from typing import Any, Literal

from studio.run.queue import find_devices
from studio.weights import read_free_memory

BFLOAT16_SINCE = 8.0  # compute capability: Ampere
_ASKED = ("--query-gpu=name,memory.free,compute_cap", "--format=csv,noheader,nounits")
_PATIENCE = 5.0  # seconds that the driver may take
_KEPT = 5.0  # seconds that its answer is kept

_asked: dict[str, tuple[float, "Device | None"]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """`free` are the bytes of its memory that a new process may take, None when unknown; `dtype` is what
    `auto` means there.
    """

    name: str
    kind: Literal["cpu", "gpu"]
    free: int | None
    dtype: str

    def to_dict(self) -> dict[str, Any]:
        """The device as plain JSON values."""
        return asdict(self)


def read_device() -> Device:
    """The device that a run begun now would get, if it were alone."""
    first = find_devices(os.environ)[0]
    gpu = None if first == "cpu" else _ask_soon(first)
    return gpu or Device(name="cpu", kind="cpu", free=read_free_memory(), dtype="float32")


def _ask_soon(device: str) -> Device | None:
    now = time.monotonic()
    if device not in _asked or now - _asked[device][0] > _KEPT:
        _asked[device] = now, _ask_driver(device)
    return _asked[device][1]


def _ask_driver(device: str) -> Device | None:
    """The GPU as its driver describes it; None when it does not."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return Device(name=f"GPU {device}", kind="gpu", free=None, dtype="float32")
    try:
        done = subprocess.run(  # noqa: S603 -- the driver's own program; the device is its name there
            [program, f"--id={device}", *_ASKED],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=True,
        )
        return read_answer(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return Device(name=f"GPU {device}", kind="gpu", free=None, dtype="float32")


def read_answer(line: str) -> Device:
    """The device of one line `name, free MiB, compute capability`; ValueError or IndexError for another."""
    name, free, capability = (word.strip() for word in line.strip().splitlines()[0].rsplit(",", 2))
    able = float(capability) >= BFLOAT16_SINCE
    return Device(name=name, kind="gpu", free=int(free) << 20, dtype="bfloat16" if able else "float32")
