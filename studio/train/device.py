"""What the worker computes on: a GPU where there is one, else processors, and the memory that it holds there.

Knows torch and this machine; nothing of models or runs.
"""

import gc
import os
import platform
import resource
import sys
from pathlib import Path

import torch

from studio.train.pulse import measure_memory


def use_threads() -> None:
    """Leave one core to the rest of the machine: two threads on a busy pair of cores are slower than one."""
    # Not every system tells which cores this process may use.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(max(1, cores - 1))


def find_device() -> str:
    """Where models compute: `cuda` where there is a GPU, else `cpu`."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def release_memory() -> None:
    """Give back what models held that nobody refers to any more; a trainer goes in circles."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def describe_hardware(dtype: torch.dtype) -> str:
    """The GPU, or the processor with the threads that are used of it, and the number type of the computing.

    NVIDIA H100 80GB HBM3, bfloat16     AMD EPYC 9B14, 1 thread, float32
    """
    numbers = str(dtype).removeprefix("torch.")
    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name()}, {numbers}"
    threads = torch.get_num_threads()
    return f"{_name_processor()}, {threads} thread{'' if threads == 1 else 's'}, {numbers}"


def held_memory() -> int:
    """Bytes that the worker holds now; on a GPU what was allocated there at most."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    return measure_memory()[0] or most_memory()


def most_memory() -> int:
    """Bytes that the worker has held at most; on a GPU those allocated there."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10


def _name_processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine() or "CPU"
