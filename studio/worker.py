"""A worker: a detached process that holds the lock of its folder as long as it lives.

The lock is an flock, so that the kernel tells the living from the dead, whoever asks and however it died.
Knows nothing of what the process does.
"""

import fcntl
import json
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

SYSTEM_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "XDG_CACHE_HOME")
"""What every worker may be given of the environment."""

NETWORK_VARIABLES = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
)
"""What one that asks the network is given besides."""


def hold_lock(lock: Path) -> int:
    """Take the lock and return its descriptor. Raises BlockingIOError when a living process holds it."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor


def is_held(lock: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def spawn_worker(
    folder: Path, command: Sequence[str], lock: int, *, log: Path, environment: Mapping[str, str]
) -> None:
    """Start the worker with the lock in its hands: there is no moment at which a living one looks dead.

    The command is followed by the folder and the lock's descriptor; what it prints goes to `log`.
    """
    try:
        with log.open("ab") as file:
            worker = subprocess.Popen(  # noqa: S603
                [*command, str(folder.absolute()), str(lock)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
                pass_fds=(lock,),
            )
        identity = {"pid": worker.pid, "started": _process_start(worker.pid)}
        os.ftruncate(lock, 0)
        os.pwrite(lock, json.dumps(identity).encode(), 0)
    finally:
        os.close(lock)
    # Someone has to take the exit status, or the dead worker stays in the process table.
    threading.Thread(target=worker.wait, daemon=True).start()


def signal_worker(lock: Path, number: signal.Signals) -> None:
    """Signal the worker's process group, if the process of that number is still the one that was started."""
    try:
        identity = json.loads(lock.read_text())
        pid = int(identity["pid"])
        if identity["started"] and identity["started"] == _process_start(pid):
            os.killpg(pid, number)
    except (OSError, ValueError, KeyError, TypeError):
        return


def pass_environment(
    current: Mapping[str, str], names: Sequence[str], prefixes: tuple[str, ...] = ()
) -> dict[str, str]:
    """The variables of these names, and those that begin with a prefix; a worker is given no others."""
    return {
        name: value
        for name, value in current.items()
        if name in names or (prefixes and name.upper().startswith(prefixes))
    }


def _process_start(pid: int) -> str:
    """When a process started, as the system spells it; empty when there is none."""
    try:
        # Field 22 of proc(5); the command's name before it may hold spaces and brackets.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        answer = subprocess.run(  # noqa: S603
            ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
        return answer.stdout.strip()
