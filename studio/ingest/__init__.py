"""Reading a source in the background: start, follow, stop, go on.

    start_ingest   →  the first page at once, the rest by a process of its own: python -m studio.ingest
    read_ingest    →  bytes, records, time left; it is asked of the disk, so that a reload loses nothing
    stop_ingest    →  what was read stays as a partial table; resume_ingest reads on to the end

The process outlives the server. Its folder `ingests/<id>/` is gone once the table of the same id is whole.
Knows nothing of formats or screens.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from studio.durable import remove_folder
from studio.errors import ReadError, WorkspaceError
from studio.ingest.state import IngestDir, IngestState, Request, read_request, read_state, write_request
from studio.pipeline import load_table
from studio.reader import Stopped, list_files, read_source
from studio.record import Repair
from studio.source import PACKED_SUFFIXES, Source
from studio.table import Table
from studio.worker import (
    NETWORK_VARIABLES,
    SYSTEM_VARIABLES,
    hold_lock,
    is_held,
    pass_environment,
    signal_worker,
    spawn_worker,
)
from studio.workspace import Workspace

__all__ = [
    "IngestState",
    "dismiss_ingest",
    "list_ingests",
    "read_ingest",
    "resume_ingest",
    "start_ingest",
    "stop_ingest",
    "wait_ingest",
]

WORKER = (sys.executable, "-m", "studio.ingest")
AT_ONCE_BYTES = 4 << 20  # a file that is read sooner than a process starts
_PACKED_WEIGHT = 10
LOOK_RECORDS = 50
LOOK_SECONDS = 0.25
PATIENCE = 3.0  # seconds in which a worker that is asked to stop does it by itself

_ENVIRONMENT = (*SYSTEM_VARIABLES, *NETWORK_VARIABLES)
_PACKAGES = str(Path(__file__).resolve().parents[2])


def start_ingest(
    source: Source, workspace: Workspace, *, table_id: str | None = None, repairs: Sequence[Repair] = ()
) -> IngestState:
    """Read a source into the table `table_id`, or a new one; returns as soon as its first page is there.

    A stored table of the same source is taken as it is when its files have not changed. A small file is read
    at once. A given `table_id` is read anew with `repairs`, and keeps what it holds until that is done.
    Raises StudioErrors for a source that cannot be opened or holds no record, as far as its head tells.
    """
    if table_id is None:
        known = workspace.find_table(source)
        if known is not None:
            return replace(_describe_whole(workspace, known), reused=True)
    if source.path is not None:
        source = replace(source, path=str(Path(source.path).absolute()))
    table_id = table_id or workspace.new_id()
    folder = workspace.table_folder(table_id)
    if _is_small(source):
        live = folder.exists()
        table = load_table(source, folder, workspace.settings, repairs=repairs, live=live)
        return _describe_table(table_id, table)
    if source.path is not None and not folder.exists():
        _look(source, folder, workspace)
    ingest = IngestDir(workspace.ingests / table_id)
    _let_leave(ingest)
    ingest.path.mkdir(mode=0o700, exist_ok=True)
    write_request(ingest, Request(source=source, settings=workspace.settings, repairs=tuple(repairs)))
    return _spawn(ingest)


def read_ingest(workspace: Workspace, table_id: str) -> IngestState:
    """Where a reading stands, or stood when it ended. Raises WorkspaceError for an unknown id."""
    state = _find_state(workspace, table_id)
    return _describe_whole(workspace, table_id) if state is None else state


def list_ingests(workspace: Workspace) -> list[IngestState]:
    """Every reading that goes on, or that ended without a whole table; the newest first."""
    found = (_find_state(workspace, name) for name in workspace.ingest_ids())
    return [state for state in found if state is not None]


def stop_ingest(workspace: Workspace, table_id: str) -> IngestState:
    """End a reading and keep what was read; returns when it has ended."""
    ingest = _existing(workspace, table_id)
    ingest.stop.touch()
    stopper = threading.Thread(target=_enforce_stop, args=(ingest,), daemon=True)
    stopper.start()
    stopper.join()
    return read_ingest(workspace, table_id)


def resume_ingest(workspace: Workspace, table_id: str) -> IngestState:
    """Read a source to its end whose reading was stopped, failed or was interrupted."""
    ingest = _existing(workspace, table_id)
    if read_state(ingest).state == "reading":
        return read_state(ingest)
    _let_leave(ingest)
    ingest.stop.unlink(missing_ok=True)
    return _spawn(ingest)


def dismiss_ingest(workspace: Workspace, table_id: str) -> None:
    """Forget a reading that has ended; the table that it left stays."""
    ingest = _existing(workspace, table_id)
    if read_state(ingest).state == "reading":
        raise WorkspaceError("This source is still being read.", "Stop it first.")
    remove_folder(ingest.path)


def wait_ingest(
    workspace: Workspace,
    table_id: str,
    *,
    on_state: Callable[[IngestState], None] = lambda state: None,
    pause: float = 0.1,
) -> IngestState:
    """The state once the reading has ended; `on_state` is called with each one until then."""
    while (state := read_ingest(workspace, table_id)).state == "reading":
        on_state(state)
        time.sleep(pause)
    return state


def _find_state(workspace: Workspace, table_id: str) -> IngestState | None:
    """The state that the folder of a reading holds; None when there is none, or it has gone meanwhile."""
    ingest = IngestDir(workspace.ingest_folder(table_id))
    try:
        state = read_state(ingest) if ingest.path.is_dir() else None
    except WorkspaceError:
        if ingest.path.is_dir():
            raise
        return None
    return state if ingest.path.is_dir() else None


def _spawn(ingest: IngestDir) -> IngestState:
    try:
        lock = hold_lock(ingest.lock)
    except BlockingIOError:  # someone else was quicker, with the same wish
        return read_state(ingest)
    ingest.state.unlink(missing_ok=True)
    prefixes = ("HF_", "SSL_") if read_request(ingest).source.hub else ()
    environment = pass_environment(os.environ, _ENVIRONMENT, prefixes)
    environment |= {"PYTHONPATH": _PACKAGES, "PYTHONUTF8": "1"}
    spawn_worker(ingest.path, WORKER, lock, log=ingest.log, environment=environment)
    return read_state(ingest)


def _let_leave(ingest: IngestDir) -> None:
    """Wait for a worker that has said its last word: it may be about to take its folder away."""
    end = time.monotonic() + PATIENCE
    while is_held(ingest.lock) and time.monotonic() < end:
        time.sleep(0.02)


def _enforce_stop(ingest: IngestDir) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if not ingest.path.is_dir() or read_state(ingest).state != "reading":
                return
            time.sleep(0.05)
        signal_worker(ingest.lock, number)
    time.sleep(0.1)


def _look(source: Source, folder: Path, workspace: Workspace) -> None:
    """Store the first page; nothing when its records do not come at once."""
    end = time.monotonic() + LOOK_SECONDS

    def refuse_delay(done: int, total: int | None, records: int) -> None:
        if time.monotonic() > end:
            raise Stopped

    try:
        read_source(source, folder, workspace.settings, look=LOOK_RECORDS, progress=refuse_delay)
    except ReadError:
        if time.monotonic() <= end:
            raise


def _is_small(source: Source) -> bool:
    if source.path is None:
        return False
    sizes = (_weigh(file) for file in list_files(source.path) if file.is_file())
    return sum(sizes) <= AT_ONCE_BYTES


def _weigh(file: Path) -> int:
    """The bytes of a file, or as many as it takes as long to read as."""
    packed = file.name.lower().endswith((*PACKED_SUFFIXES, ".xlsx"))
    return file.stat().st_size * (_PACKED_WEIGHT if packed else 1)


def _existing(workspace: Workspace, table_id: str) -> IngestDir:
    folder = workspace.ingest_folder(table_id)
    if not folder.is_dir():
        raise WorkspaceError("This source is not being read.", "It is done; reload the page.")
    return IngestDir(folder)


def _describe_whole(workspace: Workspace, table_id: str) -> IngestState:
    return _describe_table(table_id, workspace.table(table_id))


def _describe_table(table_id: str, table: Table) -> IngestState:
    return IngestState(
        id=table_id,
        name=table.name,
        state="done",
        bytes=table.bytes,
        total=table.bytes,
        records=len(table),
    )
