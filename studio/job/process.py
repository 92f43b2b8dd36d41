"""The worker's process: started detached with the run's lock in its hands, stopped by signal when it must be.

Knows which process holds a run; knows nothing of what the process does.
"""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from studio.run import RunDir

_ENVIRONMENT = (
    *("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "OMP_NUM_THREADS"),
    *("HF_HOME", "HF_ENDPOINT", "HF_HUB_OFFLINE", "CUDA_VISIBLE_DEVICES", "CUDA_HOME"),
)
_FIXED_ENVIRONMENT = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def spawn_worker(run_dir: RunDir, command: Sequence[str], lock: int) -> None:
    """Start the worker with the lock in its hands: there is no moment at which a living run looks dead."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        with run_dir.log.open("ab") as log:
            worker = subprocess.Popen(  # noqa: S603
                [*command, str(run_dir.path.absolute()), str(lock)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment | _FIXED_ENVIRONMENT,
                cwd=run_dir.path,
                start_new_session=True,
                pass_fds=(lock,),
            )
        identity = {"pid": worker.pid, "started": _process_start(worker.pid)}
        os.pwrite(lock, json.dumps(identity).encode(), 0)
    finally:
        os.close(lock)
    # Someone has to take the exit status, or the dead worker stays in the process table.
    threading.Thread(target=worker.wait, daemon=True).start()


def signal_worker(run_dir: RunDir, number: signal.Signals) -> None:
    """Signal the worker's process group, if the process of that number is still the one that was started."""
    try:
        identity = json.loads(run_dir.lock.read_text())
        pid = int(identity["pid"])
        if identity["started"] and identity["started"] == _process_start(pid):
            os.killpg(pid, number)
    except (OSError, ValueError, KeyError, TypeError):
        return


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
