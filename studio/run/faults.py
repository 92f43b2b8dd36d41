"""Why a run has failed: a kind, and words for the person, from an error or from what a dead worker left.

Kinds: data, memory, disk, loss, died, bug. Knows no library that could have failed.
"""

import errno
import json
import os
import shutil
from collections.abc import Mapping
from typing import Any

from studio.errors import StudioError
from studio.run.folder import RunDir
from studio.run.log import clean_log, read_log

DIED = "the worker died"
WORDS = {
    "memory": "The memory is used up. Use a smaller batch or a smaller max_length.",
    "disk": "The disk is full. Free some space and resume the run.",
}
# As torch, the C++ library under it, CUDA, safetensors and the system say it.
_SIGNS = {
    "memory": (
        *("memoryerror", "bad_alloc", "outofmemory", "out of memory", "not enough memory"),
        *("cannot allocate memory", "can't allocate memory", "defaultcpuallocator"),
    ),
    "disk": (
        *("os error 28", "os error 122", "no space left", "disk quota exceeded"),
        *("iostream error", "pytorchstreamwriter failed", "unexpected pos"),  # torch.save names no reason
    ),
}
_LAST_LINES = 5
_LITTLE = 0.05  # of what a worker held: with less than that free, it is the system that ended it


def name_failure(error: BaseException) -> tuple[str, str]:
    """The kind of a failure, and one line for the person, with no token in it."""
    if isinstance(error, StudioError):
        return "data", clean_log(f"{error.message} {error.hint}")
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    kind = "disk" if full else _find_sign(f"{type(error).__name__}: {error}")
    if kind:
        return kind, WORDS[kind]
    text = clean_log(str(error)).strip()
    if isinstance(error, FloatingPointError):
        return "loss", text
    first = text.splitlines()[0] if text else "no message"
    return "bug", f"{type(error).__name__}: {first}. The log holds the traceback."


def name_death(run_dir: RunDir) -> tuple[str, str]:
    """The same for a worker that is gone without a word, with its last log lines."""
    tail = read_log(run_dir, _LAST_LINES)
    kind, words = _explain_death(run_dir, tail)
    last = f"Its last log lines:\n{tail}" if tail else "It left no log."
    return kind, f"{words} {last}"


def read_heartbeat(run_dir: RunDir) -> dict[str, Any]:
    """What the worker said at its last beat: `resident` and `free` bytes, `quiet` seconds; or nothing."""
    try:
        said = json.loads(run_dir.heartbeat.read_bytes())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _explain_death(run_dir: RunDir, tail: str) -> tuple[str, str]:
    if kind := _find_sign(tail):
        return kind, f"{DIED}. {WORDS[kind]}"
    beat = read_heartbeat(run_dir)
    if _was_short_of_memory(beat):
        held, free = (_spell_bytes(beat[name]) for name in ("resident", "free"))
        return "memory", f"{DIED}, most likely for want of memory: it held {held}, {free} were free. " + (
            WORDS["memory"].partition(". ")[2]
        )
    if _is_full(run_dir):
        return "disk", f"{DIED}. {WORDS['disk']}"
    return "died", f"{DIED}."


def _find_sign(text: str) -> str:
    low = text.lower()
    return next((kind for kind, signs in _SIGNS.items() if any(sign in low for sign in signs)), "")


def _was_short_of_memory(beat: Mapping[str, Any]) -> bool:
    held, free = beat.get("resident"), beat.get("free")
    return isinstance(held, int) and isinstance(free, int) and free < _LITTLE * held


def _is_full(run_dir: RunDir) -> bool:
    try:
        return shutil.disk_usage(run_dir.path).free < os.statvfs(run_dir.path).f_frsize
    except OSError:
        return False


def _spell_bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
