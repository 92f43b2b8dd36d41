"""The worker's heartbeat: a file touched as long as the training goes on, and the memory that is left.

    {"resident": 1203400704, "free": 5120001024, "quiet": 0}

A thread beats, and stops when the work itself gives no sign: a process that hangs must not look alive.
"""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from studio.run import RunDir

BEAT = 1.0  # seconds between two beats
LEAST_PAUSE = 120.0  # seconds without a sign of the work after which it may be said to hang
_CGROUP = Path("/sys/fs/cgroup")


class Pulse:
    """Beats from `start` on. Work marks that it goes on; it hangs after 20 times its longest pause so far."""

    def __init__(self, run_dir: RunDir, least_pause: float = LEAST_PAUSE) -> None:
        self._run_dir = run_dir
        self._least = least_pause
        self._longest = 0.0
        self._marked = time.monotonic()
        self._quiet = 0.0

    def start(self) -> None:
        """Beat once, and from now on in a thread."""
        self._beat()
        threading.Thread(target=self._beat_forever, daemon=True).start()

    def mark(self) -> None:
        """Say that the work goes on."""
        now = time.monotonic()
        self._longest, self._marked = max(self._longest, now - self._marked), now

    @contextmanager
    def quiet(self, seconds: float) -> Iterator[None]:
        """Work that may block even the thread for so long, as an import or a save does."""
        self.allow(seconds)
        try:
            yield
        finally:
            self.allow(0.0)

    def allow(self, seconds: float) -> None:
        """From now on the thread may be blocked for so long; 0 ends that."""
        self._quiet, self._marked = seconds, time.monotonic()
        self._beat()

    @property
    def goes_on(self) -> bool:
        """Whether the work has given a sign of late."""
        pause = time.monotonic() - self._marked
        return pause <= max(self._least, 20 * self._longest, self._quiet)

    def _beat_forever(self) -> None:
        while True:
            time.sleep(BEAT)
            if self.goes_on:
                self._beat()

    def _beat(self) -> None:
        resident, free = measure_memory()
        said = {"resident": resident, "free": free, "quiet": self._quiet}
        try:
            self._run_dir.heartbeat.write_text(json.dumps(said))
        except OSError:  # on a full disk the time alone has to do
            self._touch()

    def _touch(self) -> None:
        try:
            os.utime(self._run_dir.heartbeat)
        except OSError:
            return


def measure_memory() -> tuple[int | None, int | None]:
    """Bytes that this process holds, and that it could still get; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        free = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, ValueError, KeyError, IndexError):
        return None, None
    return pages * os.sysconf("SC_PAGE_SIZE"), min(free, _left_in_group(free))


def _left_in_group(free: int) -> int:
    """What a container's limit leaves; `free` where there is none. Cached files count as free."""
    try:
        limit = int((_CGROUP / "memory.max").read_text())
        used = int((_CGROUP / "memory.current").read_text())
        lines = (line.split() for line in (_CGROUP / "memory.stat").read_text().splitlines())
        cached = next(int(value) for name, value in lines if name == "inactive_file")
    except (OSError, ValueError, StopIteration):
        return free
    return max(0, limit - used + cached)
