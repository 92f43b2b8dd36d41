"""Whether files are still the ones that were read: their size, time, head and tail, without reading them all.

The full SHA-256 is what a recipe keeps; this is what is cheap enough to ask each time.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from studio.errors import SourceError, StudioError
from studio.reader.listing import list_files
from studio.table import Table

_END_BYTES = 64 << 10


def fingerprint_files(files: Sequence[Path]) -> str:
    """A hex digest over the size, the time of change, the first and the last 64 KB of each file, in order."""
    digest = hashlib.sha256()
    for path in files:
        if not path.is_file():  # a pipe would wait for its writer; opening it is refused in words elsewhere
            continue
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            digest.update(f"{path.name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode())
            digest.update(file.read(_END_BYTES))
            file.seek(max(0, status.st_size - _END_BYTES))
            digest.update(file.read(_END_BYTES))
    return digest.hexdigest()


def is_unchanged(table: Table) -> bool:
    """Whether the files of the table's source are all there and as they were read."""
    if table.source.path is None or not table.fingerprint:
        return False
    try:
        return fingerprint_files(list_files(table.source.path)) == table.fingerprint
    except (OSError, StudioError):
        return False


def refuse_edited(table: Table) -> None:
    """Raise SourceError when the source's files are there, and are not what was read."""
    path = table.source.path
    if path is None or not table.fingerprint or not Path(path).exists() or is_unchanged(table):
        return
    raise SourceError(
        f"{table.name} has changed since it was read.",
        "Load it again; what was stored is kept, but would no longer be what the recipe names.",
    )
